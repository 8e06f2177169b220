package triage

import "strings"

// signatureBytes is how much of a message decides its group: what differs only
// beyond it is the same error with a longer dump behind it.
const signatureBytes = 2048

// quoteBytes is how far a quoted value may reach before its opening quote is
// taken for an apostrophe.
const quoteBytes = 200

// Signature is message with everything masked that varies from item to item, so
// that equal errors read the same: <n> a number, <hex>, <uuid>, <email>, <url>,
// <ip>, <date> a date or a time, <str> a quoted value, <id> a long mixed word.
// Words are left alone. Only the first 2 KiB count. A message without anything
// to mask is returned as it is, without allocation.
//
// In a message that is a JSON document the quotes carry its text, so there they
// mask nothing.
func Signature(message string) string {
	message = firstBytes(message, signatureBytes)
	var buf [512]byte
	masked := appendSignature(buf[:0], message)
	if string(masked) == message {
		return message
	}
	return string(masked)
}

// appendSignature appends the signature of message to dst in one pass.
func appendSignature(dst []byte, message string) []byte {
	message = firstBytes(message, signatureBytes)
	quotes := !isDocument(message)
	for i := 0; i < len(message); {
		c := message[i]
		switch {
		case quotes && isQuote(message, i):
			if n := quotedLen(message, i); n > 0 {
				dst = append(dst, "<str>"...)
				i += n
				continue
			}
		case charClass[c]&wordByte != 0:
			n, classes := runLen(message[i:])
			if classes&(digitByte|linkByte) == 0 {
				dst = append(dst, message[i:i+n]...) // plain words: most of every message
			} else {
				dst = maskRun(dst, message[i:i+n])
			}
			i += n
			continue
		case (c == '-' || c == '+') && i+1 < len(message) && isDigit(message[i+1]):
			i++ // the sign belongs to the number that follows
			continue
		}
		dst = append(dst, c)
		i++
	}
	return dst
}

// isDocument says whether a message is itself JSON rather than a sentence.
func isDocument(s string) bool {
	for len(s) > 0 && s[0] <= ' ' {
		s = s[1:]
	}
	return strings.HasPrefix(s, "{") || strings.HasPrefix(s, "[{")
}

// The classes of a byte. A run is what a value may consist of; it starts with a
// wordByte, and a dot or a colon at its end is punctuation.
const (
	wordByte = 1 << iota // letters, digits, and every byte of a longer UTF-8 character
	joinByte             // may stand inside a run
	hexByte
	digitByte
	linkByte // only in an address: of mail, or of the web
)

var charClass = func() (t [256]uint8) {
	for c := range t {
		switch {
		case c >= '0' && c <= '9':
			t[c] = wordByte | joinByte | hexByte | digitByte
		case c >= 'a' && c <= 'f', c >= 'A' && c <= 'F':
			t[c] = wordByte | joinByte | hexByte
		case c >= 'g' && c <= 'z', c >= 'G' && c <= 'Z', c >= 0x80:
			t[c] = wordByte | joinByte
		case c == '@' || c == ':':
			t[c] = joinByte | linkByte
		case strings.IndexByte("_-./%+#,=&?~$", byte(c)) >= 0:
			t[c] = joinByte
		}
	}
	return t
}()

func isDigit(c byte) bool { return charClass[c]&digitByte != 0 }
func isWord(c byte) bool  { return charClass[c]&wordByte != 0 }

// runLen is the length of the run that s starts with, and the classes of bytes
// that it may hold.
func runLen(s string) (n int, classes uint8) {
	for n < len(s) && charClass[s[n]]&joinByte != 0 {
		classes |= charClass[s[n]]
		n++
	}
	for n > 1 && !isWord(s[n-1]) && s[n-1] != '/' && s[n-1] != '_' {
		n--
	}
	return n, classes
}

// maskRun appends one run: as a whole if it is a value by its form, and
// otherwise part by part.
func maskRun(dst []byte, run string) []byte {
	if strings.Contains(run, "://") && !isDigit(run[0]) {
		return append(dst, "<url>"...)
	}
	if at := strings.IndexByte(run, '@'); at > 0 && isMail(run, at) {
		return append(dst, "<email>"...)
	}
	for i := 0; i < len(run); {
		if !isWord(run[i]) {
			dst = append(dst, run[i])
			i++
			continue
		}
		mask, n := joinedValue(run[i:])
		if n == 0 {
			n = partLen(run[i:])
			dst = maskPart(dst, run[i:i+n])
		} else {
			dst = append(dst, mask...)
		}
		i += n
	}
	return dst
}

// isMail says whether run is one e-mail address with its @ at the index at.
func isMail(run string, at int) bool {
	domain := run[at+1:]
	return len(domain) > 0 && isWord(domain[0]) && strings.IndexByte(domain, '@') < 0 &&
		!strings.ContainsAny(run, "/=:,")
}

// partLen is the length of the word that s starts with: joined by _ and - only.
func partLen(s string) int {
	n := 1
	for n < len(s) && isWord(s[n]) {
		n++
	}
	return n
}

// maskPart appends one word without joints: hex, a long mixed id, or a word
// whose digits are masked (SKU19 and SKU20 are the same word).
func maskPart(dst []byte, w string) []byte {
	digits, hexes, turns := census(w)
	switch {
	case digits == 0:
		return append(dst, w...)
	case hexes == len(w)-1 && len(w) > 2 && w[0] == '0' && w[1]|0x20 == 'x', hexes == len(w) && len(w) >= 8:
		return append(dst, "<hex>"...)
	case len(w) >= 12 && turns >= 2:
		return append(dst, "<id>"...)
	}
	for i := range len(w) {
		if !isDigit(w[i]) {
			dst = append(dst, w[i])
		} else if i == 0 || !isDigit(w[i-1]) {
			dst = append(dst, "<n>"...)
		}
	}
	return dst
}

// census counts the digits, the hex digits and the groups of digits of a word.
func census(w string) (digits, hexes, turns int) {
	for i := range len(w) {
		class := charClass[w[i]]
		if class&hexByte != 0 {
			hexes++
		}
		if class&digitByte == 0 {
			continue
		}
		digits++
		if i == 0 || !isDigit(w[i-1]) {
			turns++
		}
	}
	return digits, hexes, turns
}
