package model

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// SafeLong and SafeShort are the byte budgets that reports and table cells
// give to one piece of foreign text.
const (
	SafeLong  = 2000
	SafeShort = 200
)

// maxMarks is how many combining marks one base character keeps: more of them
// climb over the neighbouring lines of a terminal.
const maxMarks = 4

// Untrusted is text that a server or a file gave us. Printing it in any way,
// by fmt verbs and JSON included, goes through Safe: escape sequences, bidi
// overrides and invisible characters come out as visible text. The exact bytes
// are to be had from Wire alone, for comparing and for sending.
//
// Neither ansi.Strip nor Bubble Tea's renderer protects a terminal: both let
// sequences through that follow a cut-off UTF-8 byte.
type Untrusted struct{ s string }

// Foreign marks s as text from outside.
func Foreign(s string) Untrusted { return Untrusted{s} }

// Wire gives the exact text, for comparing, matching and sending. It must never
// reach a screen, a log or a report.
func (u Untrusted) Wire() string { return u.s }

// IsZero says whether the text is empty.
func (u Untrusted) IsZero() bool { return u.s == "" }

// String is Safe with SafeLong, so that a careless print is a safe one.
func (u Untrusted) String() string { return u.Safe(SafeLong) }

// Format makes every fmt verb print the safe text.
func (u Untrusted) Format(f fmt.State, verb rune) {
	if verb == 'q' {
		fmt.Fprintf(f, "%q", u.Safe(SafeLong))
		return
	}
	fmt.Fprint(f, u.Safe(SafeLong))
}

// MarshalJSON writes the exact text in ASCII: what JSON would leave raw is
// escaped, so a journal can be looked at with cat.
func (u Untrusted) MarshalJSON() ([]byte, error) {
	plain, err := json.Marshal(u.s)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, len(plain))
	for _, r := range string(plain) {
		switch {
		case r < utf8.RuneSelf && r != 0x7f:
			out = append(out, byte(r))
		case r > 0xffff:
			hi, lo := (r-0x10000)>>10+0xd800, (r-0x10000)&0x3ff+0xdc00
			out = fmt.Appendf(out, `\u%04x\u%04x`, hi, lo)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return out, nil
}

// UnmarshalJSON takes a JSON string.
func (u *Untrusted) UnmarshalJSON(b []byte) error { return json.Unmarshal(b, &u.s) }

// Safe gives the text with every character visible and harmless, cut after
// about max bytes (max <= 0 means SafeLong): a line end is ↵, a tab a space, a
// control character its picture, an invalid byte \xHH, and anything invisible,
// bidirectional or unassigned is spelled out as ⟨U+XXXX⟩.
func (u Untrusted) Safe(max int) string {
	if max <= 0 {
		max = SafeLong
	}
	if plainASCII(u.s) && len(u.s) <= max {
		return u.s
	}
	var b strings.Builder
	marks := 0
	for i, w := 0, 0; i < len(u.s); i += w {
		if b.Len() >= max {
			fmt.Fprintf(&b, "…(+%d bytes)", len(u.s)-i)
			break
		}
		var r rune
		r, w = utf8.DecodeRuneInString(u.s[i:])
		if r == utf8.RuneError && w == 1 {
			fmt.Fprintf(&b, `\x%02X`, u.s[i])
			marks = 0
			continue
		}
		if unicode.Is(unicode.M, r) && !hidden(r) {
			if marks++; marks > maxMarks {
				continue
			}
			b.WriteRune(r)
			continue
		}
		marks = 0
		writeVisible(&b, r)
	}
	return b.String()
}

func plainASCII(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

func writeVisible(b *strings.Builder, r rune) {
	switch {
	case r == '\n':
		b.WriteRune('↵')
	case r == '\t':
		b.WriteByte(' ')
	case r < 0x20:
		b.WriteRune(0x2400 + r)
	case r == 0x7f:
		b.WriteRune('␡')
	case hidden(r) || !unicode.IsPrint(r):
		fmt.Fprintf(b, "⟨U+%04X⟩", r)
	default:
		b.WriteRune(r)
	}
}

// hidden tells the characters that unicode.IsPrint lets pass although a reader
// cannot see them: variation selectors, fillers and other characters that
// Unicode calls default-ignorable.
func hidden(r rune) bool {
	return unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) ||
		unicode.Is(unicode.Variation_Selector, r)
}

// Block is Safe for text of several lines: line ends stay, and each line is
// made safe by itself. It keeps at most lines lines of at most width bytes.
func (u Untrusted) Block(lines, width int) []string {
	var out []string
	for line := range strings.Lines(u.s) {
		if len(out) == lines {
			return append(out, "…")
		}
		out = append(out, Foreign(strings.TrimRight(line, "\r\n")).Safe(width))
	}
	return out
}
