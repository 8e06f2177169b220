package model

import (
	"bytes"
	"fmt"
	"strings"
)

// CSVRow is one record of a CSV file with the names of its columns (RFC 4180).
// It remembers each cell as it was written, so that a row whose cells are not
// changed is the same bytes again.
type CSVRow struct {
	Names []string // of the columns
	Cells [][]byte // as written, quotes included; as many as Names
	Comma byte     // stands between two cells
	head  []byte   // the header as it was written, without its line end
}

// CSVCells cuts a record, without its line end, into its cells as written. ok is
// false when a quote is never closed, or text follows one.
func CSVCells(record []byte, comma byte) (cells [][]byte, ok bool) {
	for from := 0; ; {
		end := CSVCellEnd(record[from:], comma)
		if end < 0 {
			return nil, false
		}
		cells = append(cells, record[from:from+end:from+end])
		if from += end; from >= len(record) {
			return cells, true
		}
		from++
		if from == len(record) {
			return append(cells, record[from:]), true
		}
	}
}

// CSVCellEnd is the length of the cell that a record begins with, negative when
// its quotes are not sound.
func CSVCellEnd(b []byte, comma byte) int {
	if len(b) == 0 || b[0] != '"' {
		if i := bytes.IndexByte(b, comma); i >= 0 {
			return i
		}
		return len(b)
	}
	for at := 1; at < len(b); at++ {
		if b[at] != '"' {
			continue
		}
		if at+1 == len(b) || b[at+1] == comma {
			return at + 1
		}
		if at++; b[at] != '"' {
			return -1
		}
	}
	return -1
}

// CSVText is a cell as the text that it stands for.
func CSVText(cell []byte) string {
	if len(cell) < 2 || cell[0] != '"' {
		return string(cell)
	}
	return strings.ReplaceAll(string(cell[1:len(cell)-1]), `""`, `"`)
}

// CSVCell writes a text as a cell, in quotes where it needs them or where like,
// the cell that it takes the place of, has them.
func CSVCell(text string, comma byte, like []byte) []byte {
	quoted := len(like) > 0 && like[0] == '"'
	if !quoted && !strings.ContainsAny(text, "\"\r\n"+string(rune(comma))) && strings.TrimSpace(text) == text {
		return []byte(text)
	}
	return []byte(`"` + strings.ReplaceAll(text, `"`, `""`) + `"`)
}

// CSVComma tells by a header what stands between its cells: the one of , ; tab |
// ^ and ` that is there most often outside of quotes.
func CSVComma(header []byte) byte {
	counts := map[byte]int{}
	inside := false
	for _, c := range header {
		if c == '"' {
			inside = !inside
		}
		if !inside {
			counts[c]++
		}
	}
	best := byte(',')
	for _, c := range []byte(",;\t|^`") {
		if counts[c] > counts[best] {
			best = c
		}
	}
	return best
}

// ReadCSVRow reads a record under its header, both without line end.
func ReadCSVRow(header, record []byte) (CSVRow, error) {
	r := CSVRow{Comma: CSVComma(header), head: header}
	names, ok := CSVCells(header, r.Comma)
	if !ok {
		return r, fmt.Errorf("the header has a quote that is not closed")
	}
	for _, cell := range names {
		r.Names = append(r.Names, CSVText(cell))
	}
	if r.Cells, ok = CSVCells(record, r.Comma); !ok {
		return r, fmt.Errorf("a cell has a quote that is not closed")
	}
	if len(r.Cells) != len(r.Names) {
		return r, fmt.Errorf("the row has %s, the header %s", Plural(len(r.Cells), "cell"), Plural(len(r.Names), "column"))
	}
	return r, nil
}

// ReadCSVBody reads the body of a payload: a header, a line end, and one record.
func ReadCSVBody(body []byte) (CSVRow, error) {
	end := CSVRecordEnd(body)
	if end < 0 || end == len(body) {
		return CSVRow{}, fmt.Errorf("it is no header with a row under it")
	}
	return ReadCSVRow(bytes.TrimRight(body[:end], "\r"), bytes.TrimRight(body[end+1:], "\r\n"))
}

// CSVRecordEnd is where the first record ends: the offset of its line feed, the
// length where the bytes end first, negative when they end inside of quotes.
func CSVRecordEnd(b []byte) int {
	inside := false
	for at := 0; at < len(b); {
		if !inside {
			i := bytes.IndexAny(b[at:], "\"\n")
			if i < 0 {
				return len(b)
			}
			if at += i; b[at] == '\n' {
				return at
			}
			inside = true
			at++
			continue
		}
		i := bytes.IndexByte(b[at:], '"')
		if i < 0 {
			return -1
		}
		at += i + 1
		inside = false // a doubled quote opens it again at once
	}
	if inside {
		return -1
	}
	return len(b)
}

// Column is the place of a column, negative when there is none.
func (r CSVRow) Column(name string) int {
	for i, n := range r.Names {
		if n == name {
			return i
		}
	}
	return -1
}

// Record writes the cells again.
func (r CSVRow) Record() []byte { return bytes.Join(r.Cells, []byte{r.Comma}) }

// Body writes header and row as the body of a payload.
func (r CSVRow) Body() []byte {
	return append(append(bytes.Clone(r.head), '\n'), r.Record()...)
}

// Without leaves out columns.
func (r CSVRow) Without(drop func(name string) bool) CSVRow {
	out := CSVRow{Comma: r.Comma}
	heads, _ := CSVCells(r.head, r.Comma)
	var kept [][]byte
	for i, name := range r.Names {
		if !drop(name) {
			out.Names, out.Cells = append(out.Names, name), append(out.Cells, r.Cells[i])
			kept = append(kept, heads[i])
		}
	}
	out.head = bytes.Join(kept, []byte{r.Comma})
	return out
}
