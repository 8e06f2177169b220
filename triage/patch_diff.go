package triage

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"retriage/model"
)

// Diff lists the changes that make before mean what after means: method, URL,
// headers by name, then the body's leaves in its order. Apply(before,
// Diff(before, after)) keeps the spacing, the escapes and the order of keys of
// before; two numbers are the same only if their digits are. Where names stand
// twice, or a body cannot be read, the change is the whole value around it.
func Diff(before, after model.Payload) []model.Change {
	var out []model.Change
	if before.Method != after.Method {
		out = append(out, model.Change{Part: model.Method, Old: model.Foreign(before.Method), New: model.Foreign(after.Method)})
	}
	if before.URL != after.URL {
		out = append(out, model.Change{Part: model.URL, Old: before.URL, New: after.URL})
	}
	out = append(out, diffHeaders(before.Headers, after.Headers)...)
	if bytes.Equal(before.Body, after.Body) {
		return out
	}
	if before.Medium == model.XML {
		return append(out, diffXML(before.Body, after.Body)...)
	}
	return append(out, diffJSON(Shown(before).Body, Shown(after).Body)...)
}

func diffHeaders(before, after map[string]string) []model.Change {
	old, now := make(map[string]string), make(map[string]string)
	written := make(map[string]string)
	for name, v := range after {
		now[strings.ToLower(name)], written[strings.ToLower(name)] = v, name
	}
	for name, v := range before {
		old[strings.ToLower(name)], written[strings.ToLower(name)] = v, name
	}
	var out []model.Change
	for _, low := range slices.Sorted(maps.Keys(written)) {
		if old[low] != now[low] {
			out = append(out, model.Change{Part: model.Header, Pointer: written[low],
				Old: model.Foreign(old[low]), New: model.Foreign(now[low])})
		}
	}
	return out
}

func bodyChange(pointer, from, to string) model.Change {
	return model.Change{Part: model.Body, Pointer: pointer, Old: model.Foreign(from), New: model.Foreign(to)}
}

func diffJSON(before, after []byte) []model.Change {
	readable := len(before) > 0 && checkJSON(before, "") == nil && checkJSON(after, "") == nil
	if !readable {
		return []model.Change{bodyChange("", string(before), string(bytes.TrimSpace(after)))}
	}
	d := jsonDiff{before: before, after: after}
	d.values("", rootNode(before), rootNode(after))
	return d.out
}

// jsonDiff walks two bodies at once.
type jsonDiff struct {
	before, after []byte
	out           []model.Change
}

func (d *jsonDiff) change(pointer string, from, to jsonSpan) {
	d.out = append(d.out, bodyChange(pointer, from.raw(d.before), to.raw(d.after)))
}

// raw is the text of a span; the zero span is what is not there.
func (n jsonSpan) raw(body []byte) string { return string(body[n.start:n.end]) }

func (d *jsonDiff) values(pointer string, from, to jsonSpan) {
	a, b := from.raw(d.before), to.raw(d.after)
	switch {
	case a == b:
	case from.object && to.object:
		d.objects(pointer, from, to)
	case from.array && to.array:
		d.arrays(pointer, from, to)
	case a[0] == '"' && b[0] == '"' && sameString(a, b):
	default:
		d.change(pointer, from, to)
	}
}

// sameString says whether two JSON strings spell the same text. An escape that
// stands for no character is never the same as another one.
func sameString(a, b string) bool {
	s := decodeString(a)
	return s == decodeString(b) && !strings.Contains(s, "\uFFFD")
}

func (d *jsonDiff) objects(pointer string, from, to jsonSpan) {
	old, now := members(d.before, from), members(d.after, to)
	at := make(map[string]int, len(now))
	for i, m := range now {
		at[m.name] = i
	}
	if len(at) != len(now) || namedTwice(old) {
		d.change(pointer, from, to)
		return
	}
	had := make(map[string]bool, len(old))
	for _, m := range old {
		had[m.name] = true
		was := spanAt(d.before, m.value, m.end)
		if i, ok := at[m.name]; ok {
			d.values(pointerTo(pointer, m.name), was, spanAt(d.after, now[i].value, now[i].end))
		} else {
			d.change(pointerTo(pointer, m.name), was, jsonSpan{})
		}
	}
	for _, m := range now {
		if !had[m.name] {
			d.change(pointerTo(pointer, m.name), jsonSpan{}, spanAt(d.after, m.value, m.end))
		}
	}
}

func namedTwice(all []member) bool {
	seen := make(map[string]bool, len(all))
	for _, m := range all {
		if seen[m.name] {
			return true
		}
		seen[m.name] = true
	}
	return false
}

// arrays compares two lists. When elements are only gone from one place, those
// are removed, the last one first so that the indexes before it stay right;
// otherwise they are compared one by one from the start.
func (d *jsonDiff) arrays(pointer string, from, to jsonSpan) {
	old, now := members(d.before, from), members(d.after, to)
	gone := len(old) - len(now)
	first := 0
	if gone > 0 {
		for first < len(now) && d.same(old[first], now[first]) {
			first++
		}
		if !d.sameTail(old[first+gone:], now[first:]) {
			first = len(now)
		}
	}
	for i := range min(len(old), len(now)) {
		if gone > 0 && i >= first {
			break
		}
		d.values(pointerTo(pointer, strconv.Itoa(i)), spanAt(d.before, old[i].value, old[i].end),
			spanAt(d.after, now[i].value, now[i].end))
	}
	for i := first + gone - 1; i >= first && gone > 0; i-- {
		d.change(pointerTo(pointer, strconv.Itoa(i)), spanAt(d.before, old[i].value, old[i].end), jsonSpan{})
	}
	for i := len(old); i < len(now); i++ {
		d.change(pointerTo(pointer, strconv.Itoa(i)), jsonSpan{}, spanAt(d.after, now[i].value, now[i].end))
	}
}

func (d *jsonDiff) same(a, b member) bool {
	return bytes.Equal(d.before[a.value:a.end], d.after[b.value:b.end])
}

func (d *jsonDiff) sameTail(old, now []member) bool {
	return slices.EqualFunc(old, now, d.same)
}

// diffXML compares texts and attributes when both bodies are built alike, and
// takes the whole body otherwise.
func diffXML(before, after []byte) []model.Change {
	whole := []model.Change{bodyChange("", quoteJSON(string(before)), quoteJSON(string(after)))}
	old, err := parseXML(before)
	if err != nil {
		return whole
	}
	now, err := parseXML(after)
	if err != nil {
		return whole
	}
	out, ok := diffElements("", old, now)
	if !ok {
		return whole
	}
	return out
}

func diffElements(pointer string, old, now *xmlNode) (out []model.Change, ok bool) {
	if old.name != now.name || len(old.children) != len(now.children) || old.extra || now.extra {
		return nil, false
	}
	attrs, ok := diffAttrs(pointer, old, now)
	if !ok {
		return nil, false
	}
	out = append(out, attrs...)
	if old.leaf() {
		if old.text != now.text {
			out = append(out, bodyChange(pointer, quoteJSON(old.text), quoteJSON(now.text)))
		}
		return out, pointer != "" || old.text == now.text
	}
	if strings.TrimSpace(old.text) != strings.TrimSpace(now.text) {
		return nil, false
	}
	pointers := childPointers(pointer, old)
	for i, c := range old.children {
		more, ok := diffElements(pointers[i], c, now.children[i])
		if !ok {
			return nil, false
		}
		out = append(out, more...)
	}
	return out, true
}

func diffAttrs(pointer string, old, now *xmlNode) (out []model.Change, ok bool) {
	if len(old.attrs) != len(now.attrs) {
		return nil, false
	}
	for i, a := range old.attrs {
		b := now.attrs[i]
		if a.name != b.name {
			return nil, false
		}
		if a.text != b.text {
			out = append(out, bodyChange(pointerTo(pointer, "@"+a.name), quoteJSON(a.text), quoteJSON(b.text)))
		}
	}
	return out, true
}

// childPointers gives each child its pointer: its name, and its place among
// those of the same name when there are several.
func childPointers(pointer string, n *xmlNode) []string {
	out := make([]string, len(n.children))
	count := make(map[string]int)
	for _, c := range n.children {
		count[c.name]++
	}
	seen := make(map[string]int)
	for i, c := range n.children {
		out[i] = pointerTo(pointer, c.name)
		if count[c.name] > 1 {
			out[i] = pointerTo(out[i], strconv.Itoa(seen[c.name]))
		}
		seen[c.name]++
	}
	return out
}

// rawKind is the JSON type of a raw value.
func rawKind(raw string) FieldKind {
	switch {
	case raw == "" || raw == "null":
		return NullField
	case raw[0] == '"':
		return TextField
	case raw[0] == '{':
		return ObjectField
	case raw[0] == '[':
		return ArrayField
	case raw == "true" || raw == "false":
		return BooleanField
	case strings.ContainsAny(raw, ".eE"):
		return NumberField
	}
	return IntegerField
}

// isJSONNumber says whether text is a number as JSON writes it.
func isJSONNumber(text string) bool {
	return text != "" && (text[0] == '-' || isDigit(text[0])) && json.Valid([]byte(text)) && !isSpace(text[len(text)-1])
}
