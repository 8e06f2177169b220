package dialect

import (
	"bytes"
	"strings"
	"unsafe"

	"github.com/tidwall/gjson"
)

// member is one member of an object: its name and where its value stands.
type member struct {
	name     []byte // without quotes, unescaped
	from, to int    // of the value, in the element's bytes
	src      int    // where it begins in the item as it stands in the input
}

// element is one item as JSON in memory: its bytes and its own members. An item
// of another medium is turned into such JSON first, so that paths read alike.
type element struct {
	raw     []byte
	members []member
	sec     *section // the list that it stands in, nil = none
	op      string   // the one member that it was wrapped in, "" = none
	kin     *kin     // nil = what is inside is not kept
	lends   bool     // see text
}

// text is some bytes of the element as a string, without a copy where the element
// lends them: whoever asks for that must keep nothing of what comes of it.
func (e *element) text(b []byte) string {
	if e.lends && len(b) > 0 {
		return unsafe.String(&b[0], len(b))
	}
	return string(b)
}

func (e *element) lendNoMore() { e.lends = false }

// kin keeps what was found out about the members of an element: several paths
// lead into the same, and very many items say the same.
type kin struct {
	n     int
	names [4]string
	els   [4]element
	said  map[string]decision // by the bytes of a status
	words map[string]string   // see keep
	room  *room               // for what is told of the element, nil = it is made
}

// maxWord is how long a word is that is kept once, and how many there are.
const maxWord = 64

// keep gives a copy of a text, the same one for a word that comes again.
func (e *element) keep(s string) string {
	k := e.kin
	if k == nil {
		return strings.Clone(s)
	}
	if len(s) > maxWord {
		return k.room.keep(s)
	}
	if word, ok := k.words[s]; ok {
		return word
	}
	s = strings.Clone(s)
	if k.words == nil {
		k.words = map[string]string{}
	}
	if len(k.words) < maxWord {
		k.words[s] = s
	}
	return s
}

// inner shows a member's value as an element, an empty one if it is no object.
func (e *element) inner(name string, value []byte) *element {
	k := e.kin
	if k == nil {
		k = new(kin)
	}
	for i := range k.n {
		if k.names[i] == name {
			return &k.els[i]
		}
	}
	k.n = min(k.n, len(k.els)-1) // the last one makes room
	in := &k.els[k.n]
	s := scan{b: value, whole: true}
	if value[0] != '{' {
		*in = element{members: in.members[:0]}
	} else if one, ok := s.element(in.members); ok {
		*in = one
	} else {
		*in = element{members: in.members[:0]}
	}
	k.names[k.n] = name
	k.n++
	return in
}

// element passes one value of any kind and notes its members in dst, which it
// uses again.
func (s *scan) element(dst []member) (element, bool) { return s.elementOf(dst, nil, nil) }

// elementOf is element for some members alone; the others are passed with less
// care. h may be nil.
func (s *scan) elementOf(dst []member, want wanted, h *habit) (element, bool) {
	from := s.at
	if s.b[from] != '{' {
		ok := s.value(1)
		return element{raw: s.b[from:s.at]}, ok
	}
	e := element{members: dst[:0]}
	empty, ok := s.open('}')
	last := empty
	for k := 0; !last && ok; k++ {
		var name []byte
		var look bool
		if name, look, ok = h.name(s, k, want); !ok {
			break
		}
		at := s.at
		if ok = s.pass(2, look); !ok {
			break
		}
		if look {
			e.members = append(e.members, member{name, at - from, s.at - from, at - from})
		}
		last, ok = s.next('}')
	}
	e.raw = s.b[from:s.at]
	return e, ok
}

// plainName is a quoted name without quotes and escapes.
func plainName(quoted []byte) []byte {
	inner := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return inner
	}
	return []byte(gjson.ParseBytes(quoted).Str)
}

// parseElement reads an element that is whole in memory.
func parseElement(b []byte) (element, fault) {
	s := scan{b: b, whole: true}
	if !s.space() {
		return element{}, s.fault
	}
	e, ok := s.element(nil)
	if !ok {
		return element{}, s.fault
	}
	if s.space() {
		return element{}, broken
	}
	return e, sound
}

// get gives the bytes of a member's value, nil when there is none.
func (e *element) get(name string) []byte {
	for i := range e.members {
		if m := &e.members[i]; string(m.name) == name {
			return e.raw[m.from:m.to]
		}
	}
	return nil
}

// span gives the place of a member's value inside the element.
func (e *element) span(name string) (from, to int, ok bool) {
	for _, m := range e.members {
		if string(m.name) == name {
			return m.src, m.src + m.to - m.from, true
		}
	}
	return 0, 0, false
}
