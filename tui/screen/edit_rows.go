package screen

import (
	"encoding/json"
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"

	"retriage/model"
	"retriage/triage"
)

// The bounds of what a field of the form takes: a text area shows no more lines,
// and a longer value would be cut by it without a word.
const (
	maxFieldBytes = 20_000
	maxFieldLines = 90
	areaLines     = 4
)

// editRow is one value of an item in the form.
type editRow struct {
	field  triage.FormField
	start  string // the text that the form opened with
	text   string // the draft
	was    string // the text that it was first sent with
	locked string // why it cannot be changed here, "" = it can

	retyped bool // it was typed in, and is of the type that was asked for now
	dropped bool // the draft leaves the field out
	gone    bool // it was left out when the form opened

	line *lineField // of a field of one line, else nil
	area *huh.Text  // of a field of several lines, else nil
}

// changed says whether the draft is not what the form opened with.
func (r *editRow) changed() bool {
	return r.dropped != r.gone || !r.dropped && (r.retyped || r.text != r.start)
}

// edited says whether the draft, saved or not, is not what was first sent.
func (r *editRow) edited() bool {
	if r.dropped {
		return r.field.First != ""
	}
	return r.retyped || r.text != r.was || r.field.First == "" && !r.field.Absent
}

// raw is the value that the draft stands for, or why it stands for none.
func (r *editRow) raw() (string, error) {
	switch {
	case r.dropped:
		return "", nil
	case !r.changed():
		return r.field.Raw, nil
	}
	return r.field.Parse(r.text)
}

// empty says what an empty field is.
func (r *editRow) empty() string {
	switch {
	case r.field.Absent:
		return "not there"
	case r.field.Part == model.Body && r.field.Kind == triage.NullField:
		return "null"
	}
	return "empty"
}

// put makes the field hold a text.
func (r *editRow) put(text string) {
	if r.locked != "" {
		return
	}
	r.dropped, r.retyped = false, false
	if r.text == text {
		return
	}
	r.text = text
	switch {
	case r.line != nil:
		r.line.set(text)
	case r.area != nil:
		r.area.Value(&r.text)
	}
}

// first makes the field what it was when the item was first sent.
func (r *editRow) first() {
	if r.locked != "" {
		return
	}
	r.put(r.was)
	r.dropped = r.field.First == "" && !r.field.Absent
}

// drop leaves the field out of the draft, or brings it back; why says that it
// cannot.
func (r *editRow) drop() (why string) {
	switch {
	case r.locked != "":
		return "It is locked: " + r.locked + "."
	case r.field.Part == model.URL:
		return "The address cannot be dropped."
	case r.field.Absent:
		return "There is nothing to drop: the field is not there."
	case r.field.Part == model.Body && r.field.Pointer == "":
		return "The body as a whole cannot be dropped."
	}
	r.dropped = !r.dropped
	return ""
}

// give hands a key or a paste to the field.
func (r *editRow) give(msg tea.Msg) {
	before := r.text
	defer func() { r.retyped = r.retyped || r.field.Asks && r.text != before }()
	switch {
	case r.line != nil:
		r.line.give(msg)
		r.text = r.line.value()
	case r.area != nil:
		if next, ok := nextField(r.area, msg); ok {
			r.area = next
		}
	}
}

func nextField(t *huh.Text, msg tea.Msg) (*huh.Text, bool) {
	m, _ := t.Update(msg)
	next, ok := m.(*huh.Text)
	return next, ok
}

// focus gives the field the focus, or takes it away.
func (r *editRow) focus(on bool) {
	switch {
	case r.area == nil:
	case on:
		r.area.Focus()
	default:
		r.area.Blur()
	}
}

// newRow makes the row of a field. A value with characters that cannot be seen
// is edited as JSON in ASCII, so that it is neither shown raw nor lost; where
// that cannot be, and where it is too long, the row is locked.
func newRow(f triage.FormField) *editRow {
	r := &editRow{field: f, start: f.Text(), gone: f.Gone, dropped: f.Gone}
	r.was, _ = f.WasText()
	lines := strings.Count(r.start, "\n")
	switch {
	case f.Secret:
		r.start, r.was, r.locked = "•••", "•••", "a credential: never shown"
	case f.Names:
		r.locked = "identifies the item"
	case len(r.start) > maxFieldBytes || lines > maxFieldLines:
		r.locked = "too long for a form: " + model.Size(int64(len(r.start)))
	case visible(r.start):
	case f.Part == model.Body:
		r.start = "=" + asciiJSON(f.Raw)
	default:
		r.locked = "holds characters that cannot be shown"
	}
	switch {
	case f.First == f.Raw && f.First != "":
		r.was = r.start
	case f.Part == model.Body && !visible(r.was):
		r.was = "=" + asciiJSON(f.First)
	}
	r.text = r.start
	return r
}

// build makes the field of a row. What the field would not give back as it was
// put in is locked: an edit never changes what nobody touched.
func (r *editRow) build(th huh.Theme) {
	if r.locked != "" {
		return
	}
	if r.field.Part == model.Body && (r.field.Long || strings.Contains(r.start, "\n")) {
		check := func(string) error { _, err := r.raw(); return err }
		r.area = huh.NewText().Value(&r.text).Lines(areaLines).CharLimit(0).ShowLineNumbers(false).
			ExternalEditor(false).Validate(check)
		r.area.WithTheme(th)
		r.area.Init()
		r.area.Blur()
	} else {
		r.line = newLine(r.start)
		r.text = r.line.value()
	}
	if r.text != r.start {
		r.text, r.line, r.area, r.locked = r.start, nil, nil, "cannot be edited here without changing it"
	}
}

// visible says whether every character of a text can be seen as it is, line ends
// aside.
func visible(text string) bool {
	for line := range strings.SplitSeq(text, "\n") {
		if model.Foreign(line).Safe(len(line)+1) != line {
			return false
		}
	}
	return true
}

// asciiJSON writes a JSON string with everything outside ASCII escaped.
func asciiJSON(raw string) string {
	var text string
	if err := json.Unmarshal([]byte(raw), &text); err != nil {
		return raw
	}
	b, err := model.Foreign(text).MarshalJSON()
	if err != nil {
		return raw
	}
	return string(b)
}
