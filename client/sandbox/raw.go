package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"unicode/utf8"
)

// Payloads are cut and joined as bytes here, because a decoded and encoded
// item would lose its spacing, its key order and the text of its numbers.

// Bounds on what is looked at. A number beyond them can be stored by no
// backend, and costs the schema check a megabyte of zeros.
const (
	maxDepth    = 64
	maxNumber   = 400 // bytes of one number
	maxExponent = 3   // digits of an exponent
)

var (
	errNotJSON   = errors.New("the body is not valid JSON")
	errNotUTF8   = errors.New("the body is not valid UTF-8")
	errTooDeep   = errors.New("the body is nested too deeply")
	errBigNumber = errors.New("a number is too long")
)

// checkJSON says what is wrong with b as a JSON document, or nil. It looks at
// the depth first, so that a hostile document costs no stack.
func checkJSON(b []byte) error {
	depth, number := shape(b)
	switch {
	case depth > maxDepth:
		return errTooDeep
	case !utf8.Valid(b): // RFC 8259, 8.1
		return errNotUTF8
	case !json.Valid(b):
		return errNotJSON
	case number:
		return errBigNumber
	}
	return nil
}

// shape gives the deepest nesting in b and whether a number in it is beyond
// the bounds. It accepts any bytes.
func shape(b []byte) (deepest int, bigNumber bool) {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			i = skipString(b, i) - 1
		case c == '{' || c == '[':
			depth++
			deepest = max(deepest, depth)
		case c == '}' || c == ']':
			depth--
		case c == '-' || (c >= '0' && c <= '9'):
			end := skipNumber(b, i)
			bigNumber = bigNumber || tooBig(b[i:end])
			i = end - 1
		}
	}
	return deepest, bigNumber
}

func tooBig(number []byte) bool {
	if len(number) > maxNumber {
		return true
	}
	e := bytes.IndexAny(number, "eE")
	if e < 0 {
		return false
	}
	return len(bytes.TrimLeft(number[e+1:], "+-0")) > maxExponent
}

func skipNumber(b []byte, i int) int {
	for i++; i < len(b); i++ {
		if c := b[i]; (c < '0' || c > '9') && c != '.' && c != 'e' && c != 'E' && c != '+' && c != '-' {
			break
		}
	}
	return i
}

// skipString gives the index after the string that starts at b[i], or len(b).
func skipString(b []byte, i int) int {
	for i++; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(b)
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\t' || b[i] == '\n' || b[i] == '\r') {
		i++
	}
	return i
}

// skipValue gives the index after the JSON value that starts at b[i].
func skipValue(b []byte, i int) int {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			i = skipString(b, i)
		case '{', '[':
			depth++
			i++
		case '}', ']':
			depth--
			i++
		case ',', ':', ' ', '\t', '\n', '\r':
			i++
			continue
		default: // a number or a word
			for i++; i < len(b) && !bytes.ContainsRune([]byte(",:{}[]\" \t\n\r"), rune(b[i])); {
				i++
			}
		}
		if depth <= 0 {
			return i
		}
	}
	return i
}

// member is one name and value of an object, as indexes into its bytes.
type member struct {
	name              string
	start, value, end int
}

// members gives the members of the object in b, which must have passed
// checkJSON, in their order. It gives nil if b is no object.
func members(b []byte) []member {
	i := skipSpace(b, 0)
	if i >= len(b) || b[i] != '{' {
		return nil
	}
	out := []member{}
	for i = skipSpace(b, i+1); i < len(b) && b[i] == '"'; i = skipSpace(b, i+1) {
		m := member{start: i}
		end := skipString(b, i)
		if name := b[i+1 : end-1]; bytes.IndexByte(name, '\\') < 0 {
			m.name = string(name)
		} else {
			_ = json.Unmarshal(b[i:end], &m.name) // checkJSON saw it
		}
		m.value = skipSpace(b, skipSpace(b, end)+1)
		m.end = skipValue(b, m.value)
		out = append(out, m)
		i = skipSpace(b, m.end)
		if i >= len(b) || b[i] != ',' {
			break
		}
	}
	return out
}

// elements gives the values of the array in b, which must have passed
// checkJSON. ok is false if b is no array.
func elements(b []byte) (out [][]byte, ok bool) {
	i := skipSpace(b, 0)
	if i >= len(b) || b[i] != '[' {
		return nil, false
	}
	for i = skipSpace(b, i+1); i < len(b) && b[i] != ']'; i = skipSpace(b, i+1) {
		end := skipValue(b, i)
		out = append(out, b[i:end])
		i = skipSpace(b, end)
		if i >= len(b) || b[i] != ',' {
			break
		}
	}
	return out, true
}

// lookup gives the value of the first member called name, or nil.
func lookup(b []byte, name string) []byte { return valueOf(b, members(b), name) }

// valueOf is lookup among members that were cut before.
func valueOf(b []byte, ms []member, name string) []byte {
	for _, m := range ms {
		if m.name == name {
			return b[m.value:m.end]
		}
	}
	return nil
}

// without gives the object in b with the member called name cut out, together
// with one comma; every other byte stays.
func without(b []byte, name string) []byte {
	ms := members(b)
	for i, m := range ms {
		if m.name != name {
			continue
		}
		from, to := m.start, m.end
		if i+1 < len(ms) {
			to = ms[i+1].start
		} else if i > 0 {
			from = skipSpace(b, ms[i-1].end) // the comma
		}
		return append(append(make([]byte, 0, len(b)), b[:from]...), b[to:]...)
	}
	return b
}

// with gives the object in b with the member called name set to value: in its
// place if there is one, else at the end.
func with(b []byte, name string, value []byte) []byte {
	ms := members(b)
	for _, m := range ms {
		if m.name == name {
			return bytes.Join([][]byte{b[:m.value], b[m.end:]}, value)
		}
	}
	end := bytes.LastIndexByte(b, '}')
	add := append(append(quote(name), ':'), value...)
	if len(ms) > 0 {
		end = ms[len(ms)-1].end
		add = append([]byte{','}, add...)
	}
	return bytes.Join([][]byte{b[:end], b[end:]}, add)
}

// duplicate gives the first name that stands twice in the object, or "".
func duplicate(ms []member) string {
	seen := make(map[string]bool, len(ms))
	for _, m := range ms {
		if seen[m.name] {
			return m.name
		}
		seen[m.name] = true
	}
	return ""
}

// quote gives s as a JSON string; unlike json.Marshal it leaves < > & alone.
func quote(s string) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string always encodes
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
