package triage

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"retriage/model"
)

// FormField is one value of an item as a form edits it, and what is known of it.
type FormField struct {
	Field
	Part   model.Part
	Bad    bool // the failure is about it
	Absent bool // the failure names it, and it is not there
	Secret bool // a header that carries a credential: its value is shown nowhere

	// Asks says that the failure asks for a value of the kind Want, which this one
	// is not: what is typed here is read and checked as that.
	Asks bool
	Want FieldKind

	First string // the raw value as it was first sent, "" = it was not there; see SinceFirst
	Gone  bool   // it was there at first, and an edit has dropped it; Raw is then First
	Names bool   // its value names the item; see NamesItem
	Drop  bool   // for Edits: leave it out, whatever its text is
}

// Form lists what can be edited of a payload. body is its fields in their order,
// those that the failure is about first: the field that it names, else what is
// under it, else fields of that name, else those that a fix would change. A
// named field that is not there is among them, so that it can be added. outer is
// the URL, if there is one, and the headers by name.
func Form(p model.Payload, f model.Failure, fixes []Suggestion) (body, outer []FormField) {
	for _, field := range Fields(p) {
		body = append(body, FormField{Field: field, Part: model.Body})
	}
	body = markBad(body, p, f, fixes)
	askFor(body, p, f)
	slices.SortStableFunc(body, func(a, b FormField) int {
		switch {
		case a.Bad == b.Bad:
			return 0
		case a.Bad:
			return -1
		}
		return 1
	})
	if !p.URL.IsZero() {
		outer = append(outer, plainField(model.URL, "", "url", p.URL.Wire()))
	}
	for _, name := range slices.Sorted(maps.Keys(p.Headers)) {
		outer = append(outer, plainField(model.Header, name, name, p.Headers[name]))
	}
	return body, outer
}

func plainField(part model.Part, pointer, label, value string) FormField {
	return FormField{
		Field: Field{Pointer: pointer, Label: model.Foreign(label).Safe(model.SafeShort), Raw: quoteJSON(value), Long: len(value) > longField},
		Part:  part, Secret: part == model.Header && SecretHeader(pointer),
	}
}

// markBad marks the fields that a failure is about; the first test that finds
// any decides.
func markBad(body []FormField, p model.Payload, f model.Failure, fixes []Suggestion) []FormField {
	at := f.Field.Wire()
	if at != "" && at[0] != '/' {
		at = "/" + at
	}
	name := at[strings.LastIndexByte(at, '/')+1:]
	tests := []func(Field) bool{
		func(x Field) bool { return at != "" && x.Pointer == at },
		func(x Field) bool { return at != "" && strings.HasPrefix(x.Pointer, at+"/") },
		func(x Field) bool { return at != "" && strings.EqualFold(fieldName(x), name) },
		func(x Field) bool { return at == "" && fixedBy(x.Pointer, fixes) },
	}
	for _, is := range tests {
		found := false
		for i := range body {
			body[i].Bad = is(body[i].Field)
			found = found || body[i].Bad
		}
		if found {
			return body
		}
	}
	if absent(p, f.Field.Wire()) {
		body = append(body, absentField(at, name))
	}
	return body
}

// askFor tells the fields that a failure is about which type it asks for. A type
// is not asked for where the value has it already, and only of JSON, since the
// other media have nothing but text.
func askFor(body []FormField, p model.Payload, f model.Failure) {
	want, ok := wantedType(strings.ToLower(firstBytes(f.Message.Wire(), patternBytes)))
	if !ok || p.Medium != model.JSON {
		return
	}
	for i := range body {
		x := &body[i]
		has := x.Kind == want || x.Kind == IntegerField && want == NumberField
		if scalar := x.Kind != ObjectField && x.Kind != ArrayField; x.Bad && scalar && !has {
			x.Asks, x.Want = true, want
		}
	}
}

// absent says whether a pointer names a field of a JSON body that is not there.
func absent(p model.Payload, pointer string) bool {
	if p.Medium != model.JSON || len(p.Body) == 0 || !strings.HasPrefix(pointer, "/") {
		return false
	}
	_, there := Get(p, pointer)
	return !there
}

func absentField(pointer, name string) FormField {
	label := strings.NewReplacer("~1", "/", "~0", "~").Replace(name)
	return FormField{
		Field: Field{Pointer: pointer, Label: model.Foreign(label).Safe(model.SafeShort), Kind: NullField},
		Part:  model.Body, Bad: true, Absent: true,
	}
}

func fixedBy(pointer string, fixes []Suggestion) bool {
	return slices.ContainsFunc(fixes, func(s Suggestion) bool {
		return slices.ContainsFunc(s.Changes, func(c model.Change) bool { return c.Part == model.Body && c.Pointer == pointer })
	})
}

// Text is the value as it is edited: see Field.Text; outside the body it is the
// value itself.
func (f FormField) Text() string {
	if f.Part != model.Body {
		return decodeString(f.Raw)
	}
	return f.Field.Text()
}

// Parse turns typed text into the value for ChangeTo, like Field.Parse. A field
// that held a whole number takes any number: that the server was sent -1 does
// not mean that it takes no 19.90. Where the failure asks for a type, plain text
// is a value of that, and JSON after = one of any. The error is a sentence
// without a full stop.
func (f FormField) Parse(text string) (raw string, err error) {
	switch {
	case f.Part == model.Body && f.Asks && !strings.HasPrefix(text, "="):
		if raw, ok := rawOf(f.Want, text); ok {
			return raw, nil
		}
		return "", &FieldError{f.Label, fieldNeeds[f.Want] + "; " + asText(text) + " sends text"}
	case f.Part == model.Body && f.Kind == IntegerField:
		f.Kind = NumberField
		var wrong *FieldError
		if raw, err = f.Field.Parse(text); errors.As(err, &wrong) && wrong.Needs == fieldNeeds[NumberField] {
			err = &FieldError{f.Label, "a number, like 12"}
		}
		return raw, err
	case f.Part == model.Body:
		return f.Field.Parse(text)
	case strings.ContainsAny(text, "\r\n"):
		return "", &FieldError{f.Label, "one line"}
	case f.Part == model.URL && strings.TrimSpace(text) == "":
		return "", &FieldError{f.Label, "an address"}
	}
	return text, nil
}

// asText is how a text is typed where another type is asked for.
func asText(text string) string {
	if len(text) > 20 || model.Foreign(quoteJSON(text)).Safe(model.SafeShort) != `"`+text+`"` {
		return `="..."`
	}
	return `="` + text + `"`
}

// After gives the text that stands in the field once a change is made, so that a
// suggested fix can be put into a form. ok is false for a change of another
// field.
func (f FormField) After(c model.Change) (text string, ok bool) {
	if c.Part != f.Part || c.Pointer != f.Pointer {
		return "", false
	}
	if f.Part != model.Body {
		return c.New.Wire(), true
	}
	raw := c.New.Wire()
	after := Field{Pointer: f.Pointer, Label: f.Label, Kind: rawKind(raw), Raw: raw}
	if text = after.Text(); after.Kind != f.Kind {
		text = "=" + raw
	}
	return text, true
}

// Edits gives the changes that make the typed texts out of a payload, and leaves
// out what changes nothing. Fields with Drop are removed after all others are
// set, the last one first, so that the places in a list stay right. at is the
// place in fields of the one that is wrong, -1 when err is about no single one.
func Edits(p model.Payload, fields []FormField, texts []string) (changes []model.Change, at int, err error) {
	var drops []model.Change
	for i, f := range fields {
		raw := ""
		if !f.Drop {
			if raw, err = f.Parse(texts[i]); err != nil {
				return nil, i, err
			}
		}
		c, err := ChangeTo(p, f.Part, f.Pointer, raw)
		switch {
		case err != nil:
			return nil, i, err
		case c.Old == c.New:
		case f.Drop:
			drops = append(drops, c)
		default:
			changes = append(changes, c)
		}
	}
	slices.SortStableFunc(drops, lastFirst)
	changes = append(changes, drops...)
	if _, err := Apply(p, changes); err != nil {
		return nil, -1, err
	}
	return changes, -1, nil
}

// WantWords is the type that the failure asks for, "" when it asks for none.
func (f FormField) WantWords() string {
	if !f.Asks {
		return ""
	}
	return kindWords[f.Want]
}

// KindOf is the type of the raw value that a text stands for in the field, in
// words: "number", "text".
func (f FormField) KindOf(raw string) string {
	if f.Part != model.Body {
		return "text"
	}
	return kindWords[rawKind(raw)]
}

var kindWords = map[FieldKind]string{
	TextField: "text", NumberField: "number", IntegerField: "whole number", BooleanField: "true or false",
	NullField: "null", ObjectField: "object", ArrayField: "list",
}
