package dialect

// Limits of what is read: per item, and per reply to a send.
const (
	maxDepth  = 256
	maxItem   = 16 << 20
	maxTokens = 1_000_000
)

// fault is why a scan stopped.
type fault uint8

const (
	sound  fault = iota
	short        // the bytes end before the value does
	broken       // these bytes are no JSON (no XML)
	deep         // nested deeper than maxDepth
	dtd          // XML: a document type
	entity       // XML: an entity that is none of the five
)

// words says what is wrong, for the fault of a text that is whole.
func (f fault) words() string {
	switch f {
	case dtd:
		return "a document type (DOCTYPE) is not read"
	case entity:
		return "an entity stands here that is none of XML's own five"
	}
	return "this cannot stand here"
}

// Byte classes of JSON (RFC 8259): what may stand in a string as it is, what
// is white space, what belongs to a number.
const (
	plain = 1 << iota
	blank
	digit
)

var classes = func() (t [256]uint8) {
	for c := 0x20; c < 256; c++ {
		t[c] |= plain
	}
	t['"'] &^= plain
	t['\\'] &^= plain
	for _, c := range " \t\r\n" {
		t[c] |= blank
	}
	for c := '0'; c <= '9'; c++ {
		t[c] |= digit
	}
	return t
}()

// scan walks over JSON in memory and checks it fully on the way. It allocates
// nothing. When a method says false, fault tells why and at tells where.
type scan struct {
	b     []byte
	at    int
	whole bool // nothing can follow b: a number may end where b ends
	fault fault
}

func (s *scan) fail(f fault) bool { s.fault = f; return false }

// space skips white space and says whether a byte follows.
func (s *scan) space() bool {
	b, i := s.b, s.at
	for i < len(b) && classes[b[i]]&blank != 0 {
		i++
	}
	s.at = i
	if i == len(b) {
		return s.fail(short)
	}
	return true
}

// value passes one value; at must be at its first byte.
func (s *scan) value(depth int) bool {
	if s.at == len(s.b) {
		return s.fail(short)
	}
	switch c := s.b[s.at]; c {
	case '"':
		return s.str()
	case '{':
		return s.object(depth + 1)
	case '[':
		return s.array(depth + 1)
	case 't':
		return s.word("true")
	case 'f':
		return s.word("false")
	case 'n':
		return s.word("null")
	default:
		return s.number()
	}
}

// str passes a string.
func (s *scan) str() bool {
	b, i := s.b, s.at+1
	for {
		for i < len(b) && classes[b[i]]&plain != 0 {
			i++
		}
		s.at = i
		switch {
		case i == len(b):
			return s.fail(short)
		case b[i] == '"':
			s.at = i + 1
			return true
		case b[i] != '\\':
			return s.fail(broken)
		}
		if !s.escape() {
			return false
		}
		i = s.at
	}
}

// escape passes a backslash and what belongs to it.
func (s *scan) escape() bool {
	if s.at+1 == len(s.b) {
		return s.fail(short)
	}
	switch s.b[s.at+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.at += 2
		return true
	case 'u':
		for i := s.at + 2; i < s.at+6; i++ {
			if i == len(s.b) {
				return s.fail(short)
			}
			if !isHex(s.b[i]) {
				return s.fail(broken)
			}
		}
		s.at += 6
		return true
	}
	return s.fail(broken)
}

func isHex(c byte) bool {
	return classes[c]&digit != 0 || c|0x20 >= 'a' && c|0x20 <= 'f'
}

// word passes a literal.
func (s *scan) word(w string) bool {
	for i := range len(w) {
		if s.at+i == len(s.b) {
			return s.fail(short)
		}
		if s.b[s.at+i] != w[i] {
			return s.fail(broken)
		}
	}
	s.at += len(w)
	return true
}

// number passes a number. At the very end of the bytes it is short, unless they
// are whole: more digits may follow.
func (s *scan) number() bool {
	s.follows('-')
	if !s.follows('0') && !s.digits() {
		return false
	}
	if s.follows('.') && !s.digits() {
		return false
	}
	if s.follows('e') || s.follows('E') {
		if !s.follows('+') {
			s.follows('-')
		}
		if !s.digits() {
			return false
		}
	}
	if s.at == len(s.b) && !s.whole {
		return s.fail(short)
	}
	return true
}

// follows passes a byte if it is the next one.
func (s *scan) follows(c byte) bool {
	if s.at == len(s.b) || s.b[s.at] != c {
		return false
	}
	s.at++
	return true
}

func (s *scan) digits() bool {
	from := s.at
	for s.at < len(s.b) && classes[s.b[s.at]]&digit != 0 {
		s.at++
	}
	switch {
	case s.at > from:
		return true
	case s.at == len(s.b):
		return s.fail(short)
	}
	return s.fail(broken)
}

// object passes an object; depth counts it already.
func (s *scan) object(depth int) bool {
	if depth > maxDepth {
		return s.fail(deep)
	}
	if empty, ok := s.open('}'); empty || !ok {
		return ok
	}
	for {
		if _, ok := s.key(); !ok || !s.value(depth) {
			return false
		}
		if last, ok := s.next('}'); last || !ok {
			return ok
		}
	}
}

// array passes an array; depth counts it already.
func (s *scan) array(depth int) bool {
	if depth > maxDepth {
		return s.fail(deep)
	}
	if empty, ok := s.open(']'); empty || !ok {
		return ok
	}
	for {
		if !s.value(depth) {
			return false
		}
		if last, ok := s.next(']'); last || !ok {
			return ok
		}
	}
}

// open passes an opening bracket, and the closing one when nothing is between.
func (s *scan) open(closing byte) (empty, ok bool) {
	s.at++
	if !s.space() {
		return false, false
	}
	if s.b[s.at] == closing {
		s.at++
		return true, true
	}
	return false, true
}

// next passes a comma, or the closing bracket, which makes it the last.
func (s *scan) next(closing byte) (last, ok bool) {
	if !s.space() {
		return false, false
	}
	switch s.b[s.at] {
	case closing:
		s.at++
		return true, true
	case ',':
		s.at++
		return false, s.space()
	}
	return false, s.fail(broken)
}

// key passes a member's name and its colon and gives the name with its quotes.
// at is at the value's first byte then.
func (s *scan) key() (name []byte, ok bool) {
	from := s.at
	if s.b[from] != '"' {
		return nil, s.fail(broken)
	}
	if !s.str() {
		return nil, false
	}
	name = s.b[from:s.at]
	if !s.space() {
		return nil, false
	}
	if s.b[s.at] != ':' {
		return nil, s.fail(broken)
	}
	s.at++
	return name, s.space()
}
