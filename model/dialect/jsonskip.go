package dialect

import (
	"encoding/binary"
	"math/bits"
)

// Most bytes of a response are in members that a dialect does not look at. They
// are passed 64 at a time and without a branch for each byte: eight bytes are
// compared in one word, and what a block holds becomes four masks with a bit for
// each byte. That is the first stage of "Parsing Gigabytes of JSON per Second"
// (Langdale and Lemire, VLDB Journal 28, 2019) with words in the place of
// vectors, twice as fast as a loop over a table.

const blockBytes = 64

const (
	ones  = 0x0101010101010101
	highs = 0x80 * ones
	// Eight times the bytes that are looked for, in lower case.
	quotes  = '"' * ones
	slashes = '\\' * ones
	opening = '{' * ones
	closing = '}' * ones
)

// same has the high bit of each byte of x that is the one in c. low is x without
// its high bits, or what of it is to be compared.
func same(x, low, c uint64) uint64 { return ^(((low ^ c) + 0x7f*ones) | x) & highs }

// gather brings the high bits of eight bytes together in the upper eight bits, that
// of the last byte uppermost.
func gather(m uint64) uint64 { return (m >> 7) * 0x0102040810204080 & (0xff << 56) }

// marks are what stands in a block, a bit for each byte.
type marks struct{ quotes, slashes, opens, closes uint64 }

// marksOf finds the bytes that say where strings, objects and arrays end. A
// bracket and a brace differ in one bit, and need not be told apart.
func marksOf(b *[blockBytes]byte) (m marks) {
	slash := uint64(0)
	for i := 0; i < blockBytes; i += 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		low := x &^ highs
		either := low | 0x20*ones
		m.quotes = m.quotes>>8 | gather(same(x, low, quotes))
		m.opens = m.opens>>8 | gather(same(x, either, opening))
		m.closes = m.closes>>8 | gather(same(x, either, closing))
		slash |= same(x, low, slashes)
	}
	if slash != 0 {
		for i := 0; i < blockBytes; i += 8 {
			x := binary.LittleEndian.Uint64(b[i:])
			m.slashes = m.slashes>>8 | gather(same(x, x&^highs, slashes))
		}
	}
	return m
}

// inStrings is what goes over from one block to the next.
type inStrings struct {
	open    uint64 // all ones when the block begins inside of a string
	escaped uint64 // 1 when its first byte stands behind a backslash
}

// outside takes what is in strings out of the brackets.
func (s *inStrings) outside(m *marks) {
	if m.slashes|s.escaped != 0 {
		m.quotes &^= s.escapes(m.slashes)
	}
	in := m.quotes // from each quote up to the next: a sum of bits without carry
	in ^= in << 1
	in ^= in << 2
	in ^= in << 4
	in ^= in << 8
	in ^= in << 16
	in ^= in << 32
	in ^= s.open
	s.open = uint64(int64(in) >> (blockBytes - 1))
	m.opens &^= in
	m.closes &^= in
}

// escapes are the bytes that stand behind a backslash that counts.
func (s *inStrings) escapes(slashes uint64) (escaped uint64) {
	escaped, s.escaped = s.escaped, 0
	for slashes &^= escaped; slashes != 0; {
		next := uint64(2) << bits.TrailingZeros64(slashes)
		if next == 0 {
			s.escaped = 1
		}
		escaped |= next
		slashes &= slashes - 1
		slashes &^= next
	}
	return escaped
}

// skip passes an array or an object by its strings and brackets alone. What is
// broken inside is noticed when the item is read back.
func (s *scan) skip(depth int) bool {
	var in inStrings
	var rest [blockBytes]byte
	level := 0
	for i := s.at; i < len(s.b); i += blockBytes {
		b := s.b[i:]
		if len(b) < blockBytes {
			rest = [blockBytes]byte{}
			copy(rest[:], b)
			b = rest[:]
		}
		m := marksOf((*[blockBytes]byte)(b))
		in.outside(&m)
		opens, closes := bits.OnesCount64(m.opens), bits.OnesCount64(m.closes)
		if level > closes && level+depth+opens < maxDepth {
			level += opens - closes
			continue
		}
		for at := m.opens | m.closes; at != 0; at &= at - 1 {
			if m.opens&-at&at == 0 {
				level--
			} else if level++; level+depth > maxDepth {
				s.at = i + bits.TrailingZeros64(at)
				return s.fail(deep)
			}
			if level == 0 {
				s.at = i + bits.TrailingZeros64(at) + 1
				return true
			}
		}
	}
	s.at = len(s.b)
	return s.fail(short)
}

// pass passes a value of a member: with care, or only to its end.
func (s *scan) pass(depth int, careful bool) bool {
	if !careful && s.at < len(s.b) && (s.b[s.at] == '{' || s.b[s.at] == '[') {
		return s.skip(depth)
	}
	return s.value(depth)
}
