package triage

import "strings"

// joinedValue recognises a value with joints at the start of s and gives its mask and
// its length, or 0. It looks at a bounded number of bytes, except for a number,
// which it consumes.
func joinedValue(s string) (mask string, n int) {
	if n := uuidLen(s); n > 0 {
		return "<uuid>", n
	}
	if !isDigit(s[0]) {
		if n := ip6Len(s); n > 0 {
			return "<ip>", n
		}
		return "", 0
	}
	if n := dateLen(s); n > 0 {
		return "<date>", n
	}
	if n := ip4Len(s); n > 0 {
		return "<ip>", n
	}
	if n := ip6Len(s); n > 0 {
		return "<ip>", n
	}
	if n := numberLen(s); n > 0 {
		return "<n>", n
	}
	return "", 0
}

// valueEnds says whether a value may end at s[n].
func valueEnds(s string, n int) bool { return n == len(s) || !isWord(s[n]) }

// hasForm matches s against a form in which 0 stands for a digit, x for a hex
// digit, and everything else for itself.
func hasForm(s, form string) bool {
	if len(s) < len(form) {
		return false
	}
	for i := range len(form) {
		switch c := s[i]; form[i] {
		case '0':
			if !isDigit(c) {
				return false
			}
		case 'x':
			if charClass[c]&hexByte == 0 {
				return false
			}
		default:
			if c != form[i] {
				return false
			}
		}
	}
	return true
}

const uuidForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"

func uuidLen(s string) int {
	if hasForm(s, uuidForm) && valueEnds(s, len(uuidForm)) {
		return len(uuidForm)
	}
	return 0
}

var dateForms = [...]string{"0000-00-00", "0000/00/00", "00/00/0000", "00.00.0000", "00-00-0000"}

// dateLen is the length of a date, of a date and a time, or of a time of day.
func dateLen(s string) int {
	for _, form := range dateForms {
		if !hasForm(s, form) {
			continue
		}
		n := len(form)
		if n+1 < len(s) && (s[n] == 'T' || s[n] == 't') {
			if t := timeLen(s[n+1:]); t > 0 {
				return n + 1 + t
			}
		}
		if valueEnds(s, n) {
			return n
		}
	}
	return timeLen(s)
}

// timeLen is the length of a time of day with what may follow it: seconds,
// their fraction, a zone.
func timeLen(s string) int {
	if !hasForm(s, "00:00") {
		return 0
	}
	n := len("00:00")
	if hasForm(s[n:], ":00") {
		n += len(":00")
		if n+1 < len(s) && (s[n] == '.' || s[n] == ',') && isDigit(s[n+1]) {
			n++
			n += digitsLen(s[n:])
		}
	}
	switch {
	case n < len(s) && (s[n] == 'Z' || s[n] == 'z'):
		n++
	case hasForm(s[n:], "+00:00"), hasForm(s[n:], "-00:00"):
		n += len("+00:00")
	case hasForm(s[n:], "+0000"), hasForm(s[n:], "-0000"):
		n += len("+0000")
	}
	if !valueEnds(s, n) || n < len(s) && s[n] == ':' {
		return 0
	}
	return n
}

func digitsLen(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

// ip4Len is the length of a dotted quad with its port or prefix length.
func ip4Len(s string) int {
	n := 0
	for part := range 4 {
		if part > 0 {
			if n >= len(s) || s[n] != '.' {
				return 0
			}
			n++
		}
		d := digitsLen(s[n:])
		if d == 0 || d > 3 {
			return 0
		}
		n += d
	}
	if n+1 < len(s) && (s[n] == ':' || s[n] == '/') && isDigit(s[n+1]) {
		n++
		n += digitsLen(s[n:])
	}
	if !valueEnds(s, n) || n+1 < len(s) && s[n] == '.' && isDigit(s[n+1]) {
		return 0
	}
	return n
}

// ip6Len is the length of an IPv6 address: hex groups of at most four, with at
// least two colons and a digit among them.
func ip6Len(s string) int {
	n, colons, group, digits := 0, 0, 0, 0
	for ; n < len(s) && n < 46; n++ {
		switch c := s[n]; {
		case c == ':':
			colons++
			group = 0
		case charClass[c]&hexByte != 0:
			if group++; group > 4 {
				return 0
			}
			if isDigit(c) {
				digits++
			}
		default:
			if isWord(c) || c == '.' {
				return 0
			}
			return ip6End(s[:n], colons, digits)
		}
	}
	return ip6End(s[:n], colons, digits)
}

func ip6End(s string, colons, digits int) int {
	short := strings.Contains(s, "::")
	if digits == 0 || s[len(s)-1] == ':' || colons > 7 || colons < 2 || (!short && colons != 7) {
		return 0
	}
	return len(s)
}

// numberLen is the length of a number: digits with . and , between them, and an
// exponent. Of one that runs into a word (1.2.3rc) it is what stands before the
// last joint, so that no byte is looked at again and again.
func numberLen(s string) int {
	n, joint := digitsLen(s), 0
	for n+1 < len(s) && (s[n] == '.' || s[n] == ',') && isDigit(s[n+1]) {
		joint = n
		n++
		n += digitsLen(s[n:])
	}
	if e := exponentLen(s[n:]); e > 0 && valueEnds(s, n+e) {
		n += e
	}
	if !valueEnds(s, n) {
		return joint
	}
	return n
}

func exponentLen(s string) int {
	if len(s) < 2 || s[0] != 'e' && s[0] != 'E' {
		return 0
	}
	n := 1
	if s[1] == '+' || s[1] == '-' {
		n = 2
	}
	if d := digitsLen(s[n:]); d > 0 {
		return n + d
	}
	return 0
}

// closers gives for an opening quote what closes it.
var closers = [...][2]string{
	{`"`, `"`}, {"'", "'"}, {"`", "`"}, {"`", "'"}, {"“", "”"}, {"„", "“"}, {"«", "»"}, {"‘", "’"},
}

// isQuote says whether a quote stands at s[i] that may open a value: an
// apostrophe inside a word may not.
func isQuote(s string, i int) bool {
	switch s[i] {
	case '"', '`':
		return true
	case '\'':
		return i == 0 || !isWord(s[i-1])
	case 0xe2, 0xc2: // the first byte of the typographic quotes
		for _, q := range closers[4:] {
			if strings.HasPrefix(s[i:], q[0]) {
				return true
			}
		}
	}
	return false
}

// quotedLen is the length of the quoted value at s[i], quotes included, or 0
// when nothing closes it nearby.
func quotedLen(s string, i int) int {
	s = s[i:min(len(s), i+quoteBytes)]
	for _, q := range closers {
		if !strings.HasPrefix(s, q[0]) {
			continue
		}
		for from := len(q[0]); ; {
			end := strings.Index(s[from:], q[1])
			if end < 0 {
				break
			}
			end += from
			from = end + len(q[1])
			switch {
			case s[end-1] == '\\' && q[1] == `"`:
				continue
			case q[1] == "'" && from < len(s) && isWord(s[from]):
				continue // an apostrophe inside the value
			}
			return from
		}
	}
	return 0
}
