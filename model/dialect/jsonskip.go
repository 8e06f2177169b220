package dialect

// Byte classes of what a skip has to look at.
const (
	opens = 1 << iota
	closes
	quotes
	control // outside of strings nothing but white space
)

var marks = func() (t [256]uint8) {
	t['{'], t['['] = opens, opens
	t['}'], t[']'] = closes, closes
	t['"'] = quotes
	for c := range 0x20 {
		t[c] = control
	}
	for _, c := range " \t\r\n" {
		t[c] = 0
	}
	return t
}()

// skip passes an array or an object without checking all of it: where its strings
// and its brackets end, and that it holds no control characters. What is broken
// inside is noticed when the item is read back.
func (s *scan) skip(depth int) bool {
	b, i := s.b, s.at
	var kinds [maxDepth + 1]byte
	level := 0
	for i < len(b) {
		c := b[i]
		mark := marks[c]
		if mark == 0 {
			i++
			continue
		}
		switch mark {
		case quotes:
			s.at = i
			if !s.str() {
				return false
			}
			i = s.at
			continue
		case opens:
			if level+depth >= maxDepth {
				s.at = i
				return s.fail(deep)
			}
			kinds[level] = c + 2 // the closing one: ] is [ + 2, } is { + 2
			level++
		case closes:
			level--
			if kinds[level] != c {
				s.at = i
				return s.fail(broken)
			}
			if level == 0 {
				s.at = i + 1
				return true
			}
		default:
			s.at = i
			return s.fail(broken)
		}
		i++
	}
	s.at = i
	return s.fail(short)
}

// pass passes a value of a member: with care, or only to its end.
func (s *scan) pass(depth int, careful bool) bool {
	if !careful && s.at < len(s.b) && marks[s.b[s.at]] == opens {
		return s.skip(depth)
	}
	return s.value(depth)
}
