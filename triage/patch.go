package triage

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"retriage/model"
)

// maxDepth is how deep a body may be nested to be looked at or edited.
const maxDepth = 256

// PatchError says why a change cannot be made. Nothing was changed.
type PatchError struct {
	Pointer model.Untrusted // where: a JSON Pointer, or a header's name
	Why     string          // safe, and a sentence without its subject: "there is no such field"
}

func (e *PatchError) Error() string {
	where := e.Pointer.Safe(model.SafeShort)
	if where == "" {
		where = "the body"
	}
	return where + ": " + e.Why
}

func refused(pointer, format string, args ...any) *PatchError {
	return &PatchError{model.Foreign(pointer), fmt.Sprintf(format, args...)}
}

// Apply makes the changes, one after the other, and gives the new payload; p and
// its bytes stay as they are. What a change does not name keeps its bytes:
// digits of numbers, order of keys, escapes, spacing.
//
// In a JSON body a pointer is a JSON Pointer (RFC 6901). A new member goes to
// the end of its object; a new element goes to the index that is the array's
// length, or to "-". New "" removes. In an XML body a pointer starts below the
// root element: /address/city is an element, /@id or /address/@type an
// attribute, /item/1 the second of several item elements; the values are JSON
// strings. In a CSV body a pointer is the name of a column, and "" empties its
// cell. A change that would make anything else than exactly this is a
// *PatchError, and then nothing at all is changed.
func Apply(p model.Payload, changes []model.Change) (model.Payload, error) {
	for _, c := range changes {
		var err error
		if p, err = applyOne(p, c); err != nil {
			return model.Payload{}, err
		}
	}
	return p, nil
}

func applyOne(p model.Payload, c model.Change) (model.Payload, error) {
	text := c.New.Wire()
	switch c.Part {
	case model.URL:
		p.URL = c.New
	case model.Method:
		if !isToken(text) {
			return p, refused("method", "a method is a word of letters, like PUT")
		}
		p.Method = text
	case model.Header:
		return setHeader(p, c.Pointer, text)
	case model.Body:
		var err error
		p.Body, err = setBody(p, c.Pointer, strings.TrimSpace(text))
		return p, err
	default:
		return p, refused(c.Pointer, "a change is about the body, the url, the method or a header")
	}
	return p, nil
}

// isToken says whether s is empty or a token of HTTP (RFC 9110, 5.6.2).
func isToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`"(),/:;<=>?@[\]{}`, c) >= 0 {
			return false
		}
	}
	return true
}

func setHeader(p model.Payload, name, value string) (model.Payload, error) {
	if name == "" || !isToken(name) {
		return p, refused(name, "this is no name for a header")
	}
	if strings.ContainsAny(value, "\r\n\x00") {
		return p, refused(name, "a header holds one line")
	}
	p.Headers = maps.Clone(p.Headers)
	if p.Headers == nil {
		p.Headers = make(map[string]string)
	}
	as := name
	for have := range p.Headers {
		if strings.EqualFold(have, name) {
			as = have
		}
	}
	if value == "" {
		delete(p.Headers, as)
	} else {
		p.Headers[as] = value
	}
	return p, nil
}

func setBody(p model.Payload, pointer, raw string) ([]byte, error) {
	if !p.Known {
		return nil, refused(pointer, "the request of this item is not known; open it with its request file")
	}
	if p.Medium == model.XML {
		return setXML(p.Body, pointer, raw)
	}
	if p.Medium == model.CSV {
		return setCSV(p.Body, pointer, raw)
	}
	return setJSON(p.Body, pointer, raw)
}

// Get gives the value at a pointer of the body: the raw JSON value, or for XML
// the text as a JSON string. ok is false when there is none, or none that can be
// named without doubt.
func Get(p model.Payload, pointer string) (raw string, ok bool) {
	if p.Medium == model.XML {
		return getXML(p.Body, pointer)
	}
	p = Shown(p)
	return getJSON(p.Body, pointer)
}

// ChangeTo makes the change that sets a part of p to newRaw, with what it
// replaces; newRaw "" removes. It refuses, with a *PatchError, what Apply would
// refuse.
func ChangeTo(p model.Payload, part model.Part, pointer, newRaw string) (model.Change, error) {
	c := model.Change{Part: part, Pointer: pointer, New: model.Foreign(newRaw)}
	switch part {
	case model.URL:
		c.Old = p.URL
	case model.Method:
		c.Old = model.Foreign(p.Method)
	case model.Header:
		for have, value := range p.Headers {
			if strings.EqualFold(have, pointer) {
				c.Pointer, c.Old = have, model.Foreign(value)
			}
		}
	case model.Body:
		old, _ := Get(p, pointer)
		c.Old = model.Foreign(old)
	}
	if _, err := applyOne(p, c); err != nil {
		return model.Change{}, err
	}
	return c, nil
}

// pointerParts takes a JSON Pointer apart (RFC 6901, 3 and 4); "" names the whole.
func pointerParts(pointer string) ([]string, error) {
	if pointer == "" {
		return nil, nil
	}
	if pointer[0] != '/' {
		return nil, refused(pointer, "a pointer starts with /, like /address/city")
	}
	parts := strings.Split(pointer[1:], "/")
	if len(parts) > maxDepth {
		return nil, refused(pointer, "it is deeper than %d levels", maxDepth)
	}
	for i, part := range parts {
		if strings.Contains(strings.NewReplacer("~0", "", "~1", "").Replace(part), "~") {
			return nil, refused(pointer, "~ is written ~0, and / inside a name ~1")
		}
		parts[i] = strings.ReplaceAll(strings.ReplaceAll(part, "~1", "/"), "~0", "~")
	}
	return parts, nil
}

// pointerTo extends a JSON Pointer by one name.
func pointerTo(pointer, name string) string {
	return pointer + "/" + strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}

// quoteJSON is s as a JSON string that keeps <, > and & as they are.
func quoteJSON(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return `""`
	}
	return strings.TrimSuffix(b.String(), "\n")
}
