package triage

import (
	"encoding/json"
	"slices"
	"strconv"

	"github.com/tidwall/gjson"

	"retriage/model"
)

// member is one member of an object or one element of an array, by its offsets
// in the body.
type member struct {
	name       string // decoded; an element has none
	start      int    // of the key, or of an element's value
	keyEnd     int    // behind the key's closing quote
	value, end int    // the value's bytes
}

// jsonSpan is a value of a body that is known to be valid JSON.
type jsonSpan struct {
	start, end int
	object     bool
	array      bool
}

func spanAt(body []byte, start, end int) jsonSpan {
	return jsonSpan{start, end, body[start] == '{', body[start] == '['}
}

// checkJSON refuses what must not be edited: gjson and splicing take the form
// of a body for granted.
func checkJSON(body []byte, pointer string) error {
	if !json.Valid(body) {
		return refused(pointer, "the body is not valid JSON, so it cannot be edited field by field; edit it as raw text")
	}
	if jsonDepth(body) > maxDepth {
		return refused(pointer, "the body is nested deeper than %d levels", maxDepth)
	}
	return nil
}

// jsonDepth is how deep valid JSON is nested.
func jsonDepth(body []byte) int {
	depth, deepest, quoted := 0, 0, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
			deepest = max(deepest, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return deepest
}

// rootNode is the one value of the body, without the space around it.
func rootNode(body []byte) jsonSpan {
	start, end := 0, len(body)
	for isSpace(body[start]) {
		start++
	}
	for isSpace(body[end-1]) {
		end--
	}
	return spanAt(body, start, end)
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// members lists what an object or an array holds.
func members(body []byte, n jsonSpan) []member {
	var out []member
	raw := string(body[n.start:n.end])
	gjson.Result{Type: gjson.JSON, Raw: raw, Index: n.start}.ForEach(func(key, value gjson.Result) bool {
		m := member{start: value.Index, value: value.Index, end: value.Index + len(value.Raw)}
		if n.object {
			m.name, m.start, m.keyEnd = decodeString(key.Raw), key.Index, key.Index+len(key.Raw)
		}
		out = append(out, m)
		return true
	})
	return out
}

// decodeString decodes a JSON string as encoding/json does, which is the one
// reading of escapes in this program.
func decodeString(raw string) string {
	var s string
	if err := json.Unmarshal([]byte(raw), &s); err != nil {
		return raw
	}
	return s
}

// jsonPlace is where a pointer leads in a body: the value that is there, or the gap
// in its container where it would go.
type jsonPlace struct {
	holder  jsonSpan
	members []member
	at      int    // index into members, len(members) = not there yet
	name    string // of a member that is not there yet
	whole   bool   // the pointer is ""
}

func (pl jsonPlace) found() bool { return pl.whole || pl.at < len(pl.members) }

// value is the value at the place.
func (pl jsonPlace) value(body []byte) jsonSpan {
	if pl.whole {
		return pl.holder
	}
	m := pl.members[pl.at]
	return spanAt(body, m.value, m.end)
}

// findJSON follows a pointer through a checked body.
func findJSON(body []byte, pointer string) (jsonPlace, error) {
	parts, err := pointerParts(pointer)
	if err != nil {
		return jsonPlace{}, err
	}
	pl := jsonPlace{holder: rootNode(body), whole: true}
	for i, part := range parts {
		if !pl.found() {
			return jsonPlace{}, refused(pointer, "there is no such field")
		}
		if pl, err = stepJSON(body, pl.value(body), part, pointer); err != nil {
			return jsonPlace{}, err
		}
		if !pl.found() && i < len(parts)-1 {
			return jsonPlace{}, refused(pointer, "there is no such field")
		}
	}
	return pl, nil
}

// stepJSON goes from a value to one of its members.
func stepJSON(body []byte, n jsonSpan, part, pointer string) (jsonPlace, error) {
	switch {
	case n.object:
		all := members(body, n)
		pl := jsonPlace{holder: n, members: all, at: len(all), name: part}
		for i, m := range all {
			if m.name != part {
				continue
			}
			if pl.found() {
				return jsonPlace{}, refused(pointer, "the name %q stands there twice, and which one the server takes is not known; edit the raw text",
					model.Foreign(part).Safe(model.SafeShort))
			}
			pl.at = i
		}
		return pl, nil
	case n.array:
		all := members(body, n)
		at, err := arrayIndex(part, len(all), pointer)
		return jsonPlace{holder: n, members: all, at: at}, err
	}
	return jsonPlace{}, refused(pointer, "there is a plain value on the way, which has no fields")
}

// arrayIndex reads an index (RFC 6901, 4): digits without a leading zero, or "-"
// for behind the last. An index beyond that is refused: filling the gap would
// make up elements, as many as the number says.
func arrayIndex(part string, length int, pointer string) (int, error) {
	if part == "-" {
		return length, nil
	}
	at, err := strconv.Atoi(part)
	if err != nil || strconv.Itoa(at) != part || at < 0 {
		return 0, refused(pointer, "a list is counted in numbers from 0")
	}
	if at > length {
		return 0, refused(pointer, "the list has %s", model.Plural(length, "item"))
	}
	return at, nil
}

func getJSON(body []byte, pointer string) (string, bool) {
	if len(body) == 0 || checkJSON(body, pointer) != nil {
		return "", false
	}
	pl, err := findJSON(body, pointer)
	if err != nil || !pl.found() {
		return "", false
	}
	n := pl.value(body)
	return string(body[n.start:n.end]), true
}

// setJSON is body with the value at pointer set to raw, or removed.
func setJSON(body []byte, pointer, raw string) ([]byte, error) {
	if raw != "" && (!json.Valid([]byte(raw)) || jsonDepth([]byte(raw)) > maxDepth) {
		return nil, refused(pointer, "the new value is not valid JSON")
	}
	if pointer == "" {
		if raw == "" {
			return nil, refused(pointer, "the whole body cannot be removed; leave the item out instead")
		}
		return []byte(raw), nil
	}
	if len(body) == 0 {
		return nil, refused(pointer, "this request has no body")
	}
	if err := checkJSON(body, pointer); err != nil {
		return nil, err
	}
	pl, err := findJSON(body, pointer)
	if err != nil {
		return nil, err
	}
	switch {
	case !pl.found() && raw == "":
		return nil, refused(pointer, "there is no such field")
	case !pl.found():
		return pl.insert(body, raw), nil
	case raw == "":
		return pl.remove(body), nil
	}
	n := pl.value(body)
	return splice(body, n.start, n.end, raw), nil
}

// splice is body with the bytes from start to end replaced.
func splice(body []byte, start, end int, with string) []byte {
	return slices.Concat(body[:start], []byte(with), body[end:])
}

// insert adds the last member, spaced as the one before it.
func (pl jsonPlace) insert(body []byte, raw string) []byte {
	key, colon := "", ""
	if pl.holder.object {
		key, colon = quoteJSON(pl.name), ":"
	}
	if len(pl.members) == 0 {
		return splice(body, pl.holder.start+1, pl.holder.start+1, key+colon+raw)
	}
	last := pl.members[len(pl.members)-1]
	if pl.holder.object {
		colon = string(body[last.keyEnd:last.value])
	}
	gap := last.start
	for isSpace(body[gap-1]) {
		gap--
	}
	return splice(body, last.end, last.end, ","+string(body[gap:last.start])+key+colon+raw)
}

// remove takes a member out, with the comma that it needed.
func (pl jsonPlace) remove(body []byte) []byte {
	m := pl.members[pl.at]
	switch {
	case pl.at > 0:
		return splice(body, pl.members[pl.at-1].end, m.end, "")
	case len(pl.members) > 1:
		return splice(body, m.start, pl.members[1].start, "")
	}
	return splice(body, m.start, m.end, "")
}
