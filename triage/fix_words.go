package triage

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"retriage/model"
)

// latin lists the letters of the Latin script, in lower case and as one code
// point (NFC), under what stands for them in ASCII.
var latin = map[string]string{
	"a": "àáâãäåāăąǎǟȁȃạảấầẩẫậắằẳẵặ", "ae": "æǣǽ", "c": "çćĉċč", "d": "ďđðḍ", "dz": "ǆǳ", "e": "èéêëēĕėęěǝȅȇẹẻẽếềểễệ",
	"g": "ĝğġģǧǵ", "h": "ĥħḥ", "i": "ìíîïĩīĭįıǐȉȋỉị", "ij": "ĳ", "j": "ĵ", "k": "ķĸǩ", "l": "ĺļľŀłḷ", "lj": "ǉ", "m": "ṃ",
	"n": "ñńņňŉŋṇ", "nj": "ǌ", "o": "òóôõöøōŏőơǒǫȍȏȯọỏốồổỗộớờởỡợǿ", "oe": "œ", "r": "ŕŗřȑȓṛ", "s": "śŝşšșſṣ", "ss": "ß",
	"t": "ţťŧțṭ", "th": "þ", "u": "ùúûüũūŭůűųưǔȕȗụủứừửữự", "w": "ŵẁẃẅ", "y": "ýÿŷȳỳỵỷỹ", "z": "źżžẓ",
}

// toLatin turns each of those letters into ASCII.
var toLatin = func() map[rune]string {
	out := make(map[rune]string)
	for ascii, letters := range latin {
		for _, c := range letters {
			out[c] = ascii
		}
	}
	return out
}()

// slug is s in lower-case ASCII letters and digits with dots between its words.
// Letters of the Latin script lose their marks (Siobhán is siobhan); those of
// other scripts are left out.
func slug(s string) string {
	var b strings.Builder
	for _, c := range strings.ToLower(firstBytes(s, 120)) {
		ascii, ok := toLatin[c]
		switch {
		case ok:
			b.WriteString(ascii)
		case unicode.Is(unicode.Mn, c): // a mark that stands by itself (NFD)
		case c < utf8.RuneSelf && isWord(byte(c)):
			b.WriteRune(c)
		default:
			b.WriteByte(' ')
		}
	}
	return strings.Join(strings.Fields(firstBytes(b.String(), 60)), ".")
}

// dayFirst says whether a message asks for dates with the day first.
func dayFirst(message string) bool { return strings.Contains(message, "dd/mm") }

var slashDate = regexp.MustCompile(`^\s*(\d{1,2})\s*/\s*(\d{1,2})\s*/\s*(\d{4})\b`)

// Doubt says what a fix had to assume about a value, in a clause without a full
// stop, "" = nothing: 03/04/2026 is two dates.
func Doubt(c model.Change) string {
	if c.Part != model.Body {
		return ""
	}
	m := slashDate.FindStringSubmatch(decodeString(c.Old.Wire()))
	if m == nil {
		return ""
	}
	a, errA := strconv.Atoi(m[1])
	b, errB := strconv.Atoi(m[2])
	if errA != nil || errB != nil || a > 12 || b > 12 || a == b {
		return ""
	}
	order := ""
	switch now := decodeString(c.New.Wire()); {
	case strings.HasPrefix(now, fmt.Sprintf("%s-%02d-%02d", m[3], a, b)):
		order = "month first"
	case strings.HasPrefix(now, fmt.Sprintf("%s-%02d-%02d", m[3], b, a)):
		order = "day first"
	default:
		return ""
	}
	return order + "; day and month could be swapped"
}
