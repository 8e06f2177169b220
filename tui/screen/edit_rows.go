package screen

import (
	"encoding/json"
	"strings"

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
	start  string    // the text that the form opened with
	text   string    // the draft
	locked string    // why it cannot be changed here, "" = it can
	widget huh.Field // nil for a locked row
	area   bool      // several lines
}

func (r *editRow) key() string { return string(r.field.Part) + " " + r.field.Pointer }

// changed says whether the draft is not what the form opened with.
func (r *editRow) changed() bool { return r.text != r.start }

// raw is the value that the draft stands for, or why it stands for none.
func (r *editRow) raw() (string, error) {
	if !r.changed() {
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

// set puts a text into the draft and into the field that shows it.
func (r *editRow) set(text string) {
	if r.locked != "" || r.text == text {
		return
	}
	r.text = text
	switch f := r.widget.(type) {
	case *huh.Input:
		f.Value(&r.text)
	case *huh.Text:
		f.Value(&r.text)
	}
}

// newRow makes the row of a field. A value with characters that cannot be seen
// is edited as JSON in ASCII, so that it is neither shown raw nor lost; where
// that cannot be, and where it is too long, the row is locked.
func newRow(f triage.FormField) *editRow {
	r := &editRow{field: f, start: f.Text()}
	lines := strings.Count(r.start, "\n")
	switch {
	case f.Secret:
		r.start, r.locked = "•••", "a credential: never shown"
	case len(r.start) > maxFieldBytes || lines > maxFieldLines:
		r.locked = "too long for a form: " + model.Size(int64(len(r.start)))
	case visible(r.start):
	case f.Part == model.Body:
		r.start = "=" + asciiJSON(f.Raw)
	default:
		r.locked = "holds characters that cannot be shown"
	}
	r.area = r.locked == "" && f.Part == model.Body && (f.Long || lines > 0)
	r.text = r.start
	return r
}

// build makes the huh field of a row. What the field would not give back as it
// was put in is locked: an edit never changes what nobody touched.
func (r *editRow) build(th huh.Theme) {
	if r.locked != "" {
		return
	}
	check := func(string) error { _, err := r.raw(); return err }
	if r.area {
		r.widget = huh.NewText().Value(&r.text).Lines(areaLines).CharLimit(0).ShowLineNumbers(false).
			ExternalEditor(false).Validate(check).WithTheme(th)
	} else {
		r.widget = huh.NewInput().Value(&r.text).Prompt("").Placeholder(r.empty()).Validate(check).WithTheme(th)
	}
	r.widget.Init()
	if r.widget.Blur(); r.text != r.start {
		r.text, r.widget, r.locked = r.start, nil, "cannot be edited here without changing it"
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
