package triage

import (
	"encoding/json"
	"strconv"
	"strings"

	"retriage/model"
)

// The bounds of a form: more fields than this, or deeper ones, are edited as
// raw text.
const (
	maxFields     = 200
	maxFieldDepth = 32
	longField     = 60 // bytes
)

// FieldKind is what kind of value a field holds now.
type FieldKind uint8

// The kinds. An object or a list is a field only when it is empty or too deep.
const (
	TextField FieldKind = iota
	NumberField
	IntegerField
	BooleanField
	NullField
	ObjectField
	ArrayField
)

// Field is one value of a body as a form shows it.
type Field struct {
	Pointer string // as in model.Change; exact, so never for a screen
	Label   string // safe: address.city, tags[0]
	Kind    FieldKind
	Raw     string // the raw JSON value; for XML the text as a JSON string
	Long    bool   // over 60 bytes or of several lines: wants an area, not a line
}

// Fields lists the leaves of a body in its order, at most 200 of them. A body
// that cannot be edited field by field (no JSON, names that stand twice, an XML
// element with mixed content) gives no field for that part.
func Fields(p model.Payload) []Field {
	if len(p.Body) == 0 {
		return nil
	}
	var f fieldList
	p = Shown(p)
	if p.Medium == model.XML {
		if root, err := parseXML(p.Body); err == nil {
			f.element("", "", root)
		}
		return f.out
	}
	if checkJSON(p.Body, "") == nil {
		f.value(p.Body, "", "", rootNode(p.Body), 0)
	}
	return f.out
}

type fieldList struct{ out []Field }

func (f *fieldList) add(pointer, label, raw string) {
	if len(f.out) == maxFields {
		return
	}
	if label == "" {
		label = "body"
	}
	f.out = append(f.out, Field{
		Pointer: pointer, Label: model.Foreign(label).Safe(model.SafeShort), Kind: rawKind(raw), Raw: raw,
		Long: len(raw) > longField || strings.Contains(raw, `\n`),
	})
}

func (f *fieldList) value(body []byte, pointer, label string, n jsonSpan, depth int) {
	all := []member(nil)
	if (n.object || n.array) && depth < maxFieldDepth {
		all = members(body, n)
	}
	if len(all) == 0 {
		f.add(pointer, label, n.raw(body))
		return
	}
	if n.object && namedTwice(all) {
		return
	}
	for i, m := range all {
		if len(f.out) == maxFields {
			return
		}
		name, shown := m.name, joinLabel(label, m.name)
		if n.array {
			name = strconv.Itoa(i)
			shown = label + "[" + name + "]"
		}
		f.value(body, pointerTo(pointer, name), shown, spanAt(body, m.value, m.end), depth+1)
	}
}

func joinLabel(label, name string) string {
	if label == "" {
		return name
	}
	return label + "." + name
}

func (f *fieldList) element(pointer, label string, n *xmlNode) {
	for _, a := range n.attrs {
		if a.name != "xmlns" && !strings.HasPrefix(a.name, "xmlns:") {
			f.add(pointerTo(pointer, "@"+a.name), joinLabel(label, "@"+a.name), quoteJSON(a.text))
		}
	}
	if n.leaf() {
		if !n.extra && pointer != "" {
			f.add(pointer, label, quoteJSON(n.text))
		}
		return
	}
	if strings.TrimSpace(n.text) != "" {
		return
	}
	pointers := childPointers(pointer, n)
	for i, c := range n.children {
		shown := joinLabel(label, strings.ReplaceAll(strings.TrimPrefix(pointers[i], pointer+"/"), "/", "."))
		f.element(pointers[i], shown, c)
	}
}

// Text is the value as it is edited: a string without its quotes, anything else
// as JSON. Text that would not read back as a string gets the = of Parse.
func (f Field) Text() string {
	switch {
	case f.Kind == NullField:
		return ""
	case f.Kind != TextField:
		return f.Raw
	}
	text := decodeString(f.Raw)
	if strings.HasPrefix(text, "=") {
		return "=" + f.Raw
	}
	return text
}

// FieldError says, in a sentence, why typed text is no value for a field.
type FieldError struct {
	Label string // safe
	Needs string // "a whole number"
}

func (e *FieldError) Error() string { return e.Label + " needs " + e.Needs }

// Parse turns what a user typed into the raw JSON value of the field's kind.
// Text that was not changed gives Raw as it is. Text that begins with = is JSON
// of any kind, for the field whose type itself is wrong: =42 puts the number 42
// into a string field, ="42" the reverse, =null empties a field. In an empty
// (null) field plain text becomes a string, and no text leaves it null. The
// error is a *FieldError.
func (f Field) Parse(text string) (raw string, err error) {
	if text == f.Text() {
		return f.Raw, nil
	}
	if rest, ok := strings.CutPrefix(text, "="); ok {
		rest = strings.TrimSpace(rest)
		if !json.Valid([]byte(rest)) {
			return "", &FieldError{f.Label, `JSON after =, like =42 or ="text"`}
		}
		return rest, nil
	}
	raw, ok := rawOf(f.Kind, text)
	if !ok {
		return "", &FieldError{f.Label, fieldNeeds[f.Kind]}
	}
	return raw, nil
}

// rawOf is the raw JSON value of a kind that a text stands for.
func rawOf(kind FieldKind, text string) (raw string, ok bool) {
	raw = strings.TrimSpace(text)
	switch kind {
	case TextField, NullField:
		return quoteJSON(text), true
	case BooleanField:
		raw = yesOrNo[strings.ToLower(raw)]
	}
	is := rawKind(raw)
	return raw, (is == kind || is == IntegerField && kind == NumberField) && json.Valid([]byte(raw))
}

// yesOrNo is how a boolean may be typed.
var yesOrNo = map[string]string{"true": "true", "yes": "true", "y": "true", "false": "false", "no": "false", "n": "false"}

// fieldNeeds is what text of another kind is told.
var fieldNeeds = [...]string{
	NumberField: "a number, like 12.50", IntegerField: "a whole number", BooleanField: "true or false",
	ObjectField: `an object, like {"name": "value"}`, ArrayField: `a list, like ["a", "b"]`,
}
