package dialect

import (
	"bytes"
	urlpath "path"
	"slices"

	"retriage/model"
)

// csvMedium is CSV (RFC 4180): a header, and an item in each record. An item
// reads as an object of texts, one for each column.
type csvMedium struct{}

// csvList passes the records of one input.
type csvList struct {
	sec     *section
	names   [][]byte // of the columns
	quoted  [][]byte // the same as JSON
	comma   byte
	out     []byte // the element's JSON
	members []member
}

func (csvMedium) walk(w *window, q query, visit visitor) (outline, error) {
	if err := w.begin(); err != nil {
		return outline{}, err
	}
	if c := w.buf[w.at]; c == '{' || c == '[' || c == '<' {
		return outline{}, &NotBatchError{Why: "it is no CSV"}
	}
	c := &csvList{}
	record, end, err := w.record()
	if err != nil {
		return outline{}, err
	}
	head := bytes.Clone(record)
	if err := c.header(head); err != nil {
		return outline{}, err
	}
	o := outline{found: true, frame: &frame{head: bytes.Clone(w.buf[w.at : w.at+end]), tail: nil}}
	if !bytes.HasSuffix(o.frame.head, []byte{'\n'}) {
		o.frame.head = append(o.frame.head, '\n')
	}
	o.frame.tail = lineEnd(o.frame.head)
	w.at += end
	c.sec = q.begin(section{from: w.offset(), head: head})
	return o, q.list(w, c, visit)
}

// learn knows without a look that records begin where lines do, if not all.
func (c *csvList) learn(*window) bool { return true }

func (c *csvList) fork() lister {
	return &csvList{sec: c.sec, names: c.names, quoted: c.quoted, comma: c.comma}
}

func (c *csvList) guess(b []byte) int { return nextLine(b) }

// lineEnd is how the lines of a text end.
func lineEnd(head []byte) []byte {
	if bytes.HasSuffix(head, []byte("\r\n")) {
		return []byte("\r\n")
	}
	return []byte("\n")
}

// record gives the next record that is not blank, without its line end; end is
// how many bytes of the window it and its line end take.
func (w *window) record() (record []byte, end int, err error) {
	for {
		rest := w.buf[w.at:]
		n := model.CSVRecordEnd(rest)
		if n < 0 || n == len(rest) {
			if !w.ended {
				if err := w.more(); err != nil {
					return nil, 0, err
				}
				continue
			}
			if n < 0 {
				return nil, 0, w.cut()
			}
			return bytes.TrimRight(rest, "\r"), n, nil
		}
		return bytes.TrimRight(rest[:n], "\r"), n + 1, nil
	}
}

// header reads the names of the columns.
func (c *csvList) header(head []byte) error {
	row, err := model.ReadCSVRow(head, head)
	if err != nil {
		return &NotBatchError{Why: err.Error()}
	}
	c.comma = row.Comma
	for i, name := range row.Names {
		if slices.Index(row.Names, name) < i {
			return &NotBatchError{Why: "two of its columns are called " + model.Foreign(name).Safe(40)}
		}
		c.names, c.quoted = append(c.names, []byte(name)), append(c.quoted, quoted(name))
	}
	return nil
}

// next passes one record with its line end.
func (c *csvList) next(w *window, visit visitor) (last bool, err error) {
	for {
		if w.at == len(w.buf) && w.ended {
			return true, nil
		}
		record, end, err := w.record()
		if err != nil {
			return false, err
		}
		if len(bytes.TrimSpace(record)) == 0 {
			if w.at += end; end == 0 {
				return true, nil
			}
			continue
		}
		e, ok := c.element(record)
		if !ok {
			return false, w.syntax(w.offset(), "the row has not as many cells as there are columns, or its quotes are not sound")
		}
		e.sec = c.sec
		off := w.offset()
		w.at += end
		return false, w.visited(off, len(record), e, visit)
	}
}

// element shows a record as an object of texts.
func (c *csvList) element(record []byte) (element, bool) {
	c.out, c.members = append(c.out[:0], '{'), c.members[:0]
	at := 0
	for i, name := range c.names {
		n := model.CSVCellEnd(record[min(at, len(record)):], c.comma)
		if n < 0 || at > len(record) {
			return element{}, false
		}
		cell := record[at : at+n]
		at += n + 1
		if i > 0 {
			c.out = append(c.out, ',')
		}
		c.out = append(append(c.out, c.quoted[i]...), ':')
		from := len(c.out)
		c.out = appendText(c.out, cell)
		c.members = append(c.members, member{name: name, from: from, to: len(c.out), src: from})
	}
	c.out = append(c.out, '}')
	return element{raw: c.out, members: c.members}, at == len(record)+1
}

// appendText appends a cell as a JSON string.
func appendText(out, cell []byte) []byte {
	for _, b := range cell {
		if b == '"' || b == '\\' || b < 0x20 || b >= 0x7f {
			return append(out, quoted(model.CSVText(cell))...)
		}
	}
	out = append(out, '"')
	out = append(out, cell...)
	return append(out, '"')
}

func (csvMedium) element(item []byte, sec *section) (element, fault) {
	c := &csvList{}
	head := item
	if sec != nil && sec.head != nil {
		head = sec.head
	} else if row, err := model.ReadCSVBody(item); err == nil { // the body of a payload
		head, item = bytes.TrimRight(item[:model.CSVRecordEnd(item)], "\r"), row.Record()
	}
	if c.header(head) != nil {
		return element{}, broken
	}
	e, ok := c.element(bytes.TrimRight(item, "\r\n"))
	if !ok {
		return element{}, broken
	}
	e.sec = sec
	return e, sound
}

// payload gives a record with its header, without the columns that the answer
// has put to it.
func (csvMedium) payload(d *Dialect, item []byte, sec *section) model.Payload {
	p := model.Payload{Medium: model.CSV}
	row, err := model.ReadCSVRow(sec.head, item)
	if err != nil {
		return p
	}
	p.Body, p.Known = row.Without(d.dropsColumn).Body(), true
	return p
}

func (d *Dialect) dropsColumn(name string) bool {
	return slices.ContainsFunc(d.spec.Request.DropColumns, func(pattern string) bool {
		ok, err := urlpath.Match(pattern, name)
		return err == nil && ok
	})
}

// write gives the record of an item.
func (csvMedium) write(_ *Dialect, it model.SendItem, _ string, _ func(model.ID) bool) ([]byte, error) {
	row, err := model.ReadCSVBody(it.Payload.Body)
	if err != nil {
		return nil, err
	}
	return row.Record(), nil
}

// underHeader brings the rows of a batch under one header: that of the request
// that was read, or else that of the first of them.
func (csvMedium) underHeader(f *frame, items []model.SendItem) (*frame, []model.SendItem, error) {
	if len(items) == 0 {
		return f, items, nil
	}
	first, err := model.ReadCSVBody(items[0].Payload.Body)
	if err != nil {
		return f, items, err
	}
	if len(f.head) == 0 {
		body := items[0].Payload.Body
		head := append(bytes.TrimRight(body[:model.CSVRecordEnd(body)], "\r"), '\n')
		f = &frame{head: bytes.Clone(head), tail: []byte("\n")}
	}
	head := bytes.TrimRight(f.head, "\r\n")
	want, err := model.ReadCSVRow(head, head)
	if err != nil {
		return f, items, err
	}
	items = slices.Clone(items)
	for i := range items {
		row := first
		if i > 0 {
			if row, err = model.ReadCSVBody(items[i].Payload.Body); err != nil {
				return f, items, err
			}
		}
		if slices.Equal(row.Names, want.Names) && row.Comma == want.Comma {
			continue
		}
		if items[i].Payload.Body, err = reordered(row, want, head); err != nil {
			return f, items, err
		}
	}
	return f, items, nil
}

// reordered puts the cells of a row in the order of another header.
func reordered(row, want model.CSVRow, head []byte) ([]byte, error) {
	cells := make([][]byte, len(want.Names))
	for i, name := range want.Names {
		at := row.Column(name)
		if at < 0 {
			return nil, &ColumnError{Column: model.Foreign(name)}
		}
		if cells[i] = row.Cells[at]; row.Comma != want.Comma {
			cells[i] = model.CSVCell(model.CSVText(cells[i]), want.Comma, cells[i])
		}
	}
	return slices.Concat(head, []byte{'\n'}, bytes.Join(cells, []byte{want.Comma})), nil
}

// problem says what is wrong with a whole reply.
func (csvMedium) problem(reply []byte) string {
	b := bytes.TrimSpace(bytes.TrimPrefix(reply, byteOrderMark))
	switch {
	case len(b) == 0:
		return "The reply is empty."
	case b[0] == '{' || b[0] == '[' || b[0] == '<':
		return "The reply is no CSV."
	}
	return ""
}
