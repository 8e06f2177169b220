package triage

import (
	"github.com/tidwall/gjson"

	"retriage/model"
)

// Shown is a payload as it is looked at: the row of a CSV body as a JSON object
// of texts, one for each column. Everything else is what it is. It is for
// reading alone; what is sent keeps its bytes.
func Shown(p model.Payload) model.Payload {
	if p.Medium != model.CSV || len(p.Body) == 0 {
		return p
	}
	row, err := model.ReadCSVBody(p.Body)
	if err != nil {
		return p
	}
	out := []byte{'{'}
	for i, name := range row.Names {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, quoteJSON(name)+":"+quoteJSON(model.CSVText(row.Cells[i]))...)
	}
	out = append(out, '}')
	p.Body, p.Medium = out, model.JSON
	return p
}

// setCSV sets one cell; "" empties it. The other cells keep their bytes.
func setCSV(body []byte, pointer, raw string) ([]byte, error) {
	row, err := model.ReadCSVBody(body)
	if err != nil {
		return nil, refused("", "%s", err.Error())
	}
	parts, err := pointerParts(pointer)
	if err != nil {
		return nil, err
	}
	if len(parts) != 1 || row.Column(parts[0]) < 0 {
		return nil, refused(pointer, "there is no such column")
	}
	if raw != "" && !gjson.Valid(raw) {
		return nil, refused(pointer, "the value is no JSON; a text stands in quotes")
	}
	value := gjson.Parse(raw)
	if value.Type == gjson.JSON {
		return nil, refused(pointer, "a cell holds one value, no list and no object")
	}
	text := value.Raw
	if value.Type == gjson.String || value.Type == gjson.Null {
		text = value.Str
	}
	at := row.Column(parts[0])
	row.Cells[at] = model.CSVCell(text, row.Comma, row.Cells[at])
	return row.Body(), nil
}

// looseRow makes a row and what was read comparable: CSV knows texts alone, and
// an empty cell says as little as a field that is not there.
func looseRow(sent model.Payload, got []byte) (row, read []byte) {
	row, read = []byte{'{'}, []byte{'{'}
	have := gjson.ParseBytes(got)
	for _, member := range []string{"data", "item", "result", "resource", "record"} {
		if inner := have.Get(member); inner.IsObject() && len(have.Map()) == 1 {
			have = inner
		}
	}
	add := func(to []byte, name, value string) []byte {
		if len(to) > 1 {
			to = append(to, ',')
		}
		return append(to, quoteJSON(name)+":"+value...)
	}
	there := have.Map()
	gjson.ParseBytes(sent.Body).ForEach(func(name, cell gjson.Result) bool {
		value, known := there[name.Str]
		if cell.Str == "" && (!known || value.Type == gjson.Null || value.String() == "") {
			return true
		}
		row = add(row, name.Str, quoteJSON(cell.Str))
		switch {
		case !known:
		case value.IsObject() || value.IsArray():
			read = add(read, name.Str, value.Raw)
		default:
			text := value.String()
			if value.Type == gjson.Number && sameNumber(value.Raw, cell.Str) {
				text = cell.Str
			}
			read = add(read, name.Str, quoteJSON(text))
		}
		return true
	})
	return append(row, '}'), append(read, '}')
}
