package screen

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"charm.land/huh/v2"

	"retriage/model"
	"retriage/triage"
	"retriage/tui/widget"
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
	part   model.Part
	field  triage.Field // of the body; of a header or the URL only its Label counts
	start  string       // the text that the form opened with
	text   string       // the draft
	bad    bool         // the server named it
	locked string       // why it cannot be changed here, "" = it can
	widget huh.Field    // nil for a locked row
	area   bool         // several lines
}

func (r *editRow) key() string { return string(r.part) + " " + r.field.Pointer }

// changed says whether the draft is not what the form opened with.
func (r *editRow) changed() bool { return r.text != r.start }

// raw is the value that the draft stands for, or why it stands for none.
func (r *editRow) raw() (string, error) {
	switch {
	case r.part == model.Body && strings.HasPrefix(r.start, "=") && !r.changed():
		return r.field.Raw, nil
	case r.part == model.Body:
		return r.number().Parse(r.text)
	case strings.ContainsAny(r.text, "\r\n"):
		return "", errors.New(r.field.Label + " needs one line")
	case r.part == model.URL && strings.TrimSpace(r.text) == "":
		return "", errors.New(r.field.Label + " needs an address")
	}
	return r.text, nil
}

// number is the field without the claim that its number is a whole one: that
// the server was sent -1 does not mean that it takes no 19.90.
func (r *editRow) number() triage.Field {
	f := r.field
	if f.Kind == triage.IntegerField {
		f.Kind = triage.NumberField
	}
	return f
}

// empty says what an empty field is.
func (r *editRow) empty() string {
	switch {
	case r.part != model.Body || r.field.Kind != triage.NullField:
		return "empty"
	case r.field.Raw == "":
		return "not there"
	}
	return "null"
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

// build makes the huh field of a row. What the field would not give back as it
// was put in is locked: an edit never changes what nobody touched.
func (r *editRow) build(th huh.Theme) {
	r.text = r.start
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

// bodyRow is the row of a field of the body. A value with characters that cannot
// be seen is edited as JSON in ASCII, so that it is neither shown raw nor lost.
func bodyRow(f triage.Field) *editRow {
	r := &editRow{part: model.Body, field: f, start: f.Text()}
	lines := strings.Count(r.start, "\n")
	switch {
	case len(r.start) > maxFieldBytes || lines > maxFieldLines:
		r.locked = "too long for a form: " + widget.Size(int64(len(r.start)))
	case !visible(r.start):
		r.start = "=" + asciiJSON(f.Raw)
	}
	r.area = r.locked == "" && (f.Long || lines > 0)
	return r
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

// formRows lists what can be edited of a payload: the failing fields first, then
// the body in its order; outer is the URL and the headers.
func formRows(p model.Payload, fail model.Failure, named []string) (rows, outer []*editRow) {
	for _, f := range triage.Fields(p) {
		rows = append(rows, bodyRow(f))
	}
	mark(rows, fail, named)
	if ptr := fail.Field.Wire(); strings.HasPrefix(ptr, "/") && p.Medium == model.JSON && len(p.Body) > 0 && noneBad(rows) {
		if _, there := triage.Get(p, ptr); !there {
			missing := triage.Field{Pointer: ptr, Label: label(ptr), Kind: triage.NullField, Raw: ""}
			rows = append(rows, &editRow{part: model.Body, field: missing, bad: true})
		}
	}
	slices.SortStableFunc(rows, func(a, b *editRow) int {
		switch {
		case a.bad == b.bad:
			return 0
		case a.bad:
			return -1
		}
		return 1
	})
	if !p.URL.IsZero() {
		outer = append(outer, plainRow(model.URL, "", "url", p.URL.Wire()))
	}
	for _, name := range sortedNames(p.Headers) {
		outer = append(outer, plainRow(model.Header, name, model.Foreign(name).Safe(model.SafeShort), p.Headers[name]))
	}
	return rows, outer
}

func plainRow(part model.Part, pointer, label, value string) *editRow {
	r := &editRow{part: part, start: value, field: triage.Field{Pointer: pointer, Label: label}}
	switch {
	case part == model.Header && triage.SecretHeader(pointer):
		r.start, r.locked = "•••", "a credential: never shown"
	case !visible(value):
		r.locked = "holds characters that cannot be shown"
	}
	return r
}

func sortedNames(headers map[string]string) []string {
	names := make([]string, 0, len(headers))
	for n := range headers {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// label is the last name of a pointer, safe.
func label(pointer string) string {
	name := pointer[strings.LastIndexByte(pointer, '/')+1:]
	return model.Foreign(strings.NewReplacer("~1", "/", "~0", "~").Replace(name)).Safe(model.SafeShort)
}

func noneBad(rows []*editRow) bool {
	return !slices.ContainsFunc(rows, func(r *editRow) bool { return r.bad })
}

// mark marks the rows that the failure is about: by pointer, else by what is
// under it, else by the last name, else those that a fix would change.
func mark(rows []*editRow, fail model.Failure, named []string) {
	at := fail.Field.Wire()
	if at != "" && at[0] != '/' {
		at = "/" + at
	}
	tests := []func(r *editRow) bool{
		func(r *editRow) bool { return at != "" && r.field.Pointer == at },
		func(r *editRow) bool { return at != "" && strings.HasPrefix(r.field.Pointer, at+"/") },
		func(r *editRow) bool {
			return at != "" && strings.EqualFold(label(r.field.Pointer), label(at))
		},
		func(r *editRow) bool { return at == "" && slices.Contains(named, r.field.Pointer) },
	}
	for _, is := range tests {
		for _, r := range rows {
			r.bad = is(r)
		}
		if !noneBad(rows) {
			return
		}
	}
}
