package triage

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	"github.com/aymanbagabas/go-udiff"
	"github.com/tidwall/pretty"

	"retriage/model"
)

// DiffLine is one line of a difference.
type DiffLine struct {
	Sign byte   // ' ' the same in both, '-' only before, '+' only after
	Text string // safe, without a line end
}

// The bounds of a difference on a screen.
const (
	diffContext   = 3
	diffLineBytes = 4096    // of a piece of diffWrapBytes, escapes written out
	diffWrapBytes = 160     // longer lines are compared in pieces, so that what differs is in sight; all but the first are indented
	diffBodyBytes = 4 << 20 // a larger body is said to differ, and no more
	prettyDepth   = 200     // a deeper body is not laid out
	prettyBytes   = 64 << 20
)

// skippedLines stands for what is the same in both and left out.
const skippedLines = "…"

// DiffLines compares two payloads line by line: the request line, the headers,
// then the body, JSON laid out one field a line. It keeps three lines of the
// same around what differs and gives nothing when nothing does. Values of
// headers that carry credentials are masked.
func DiffLines(before, after model.Payload) []DiffLine {
	if len(before.Body) > diffBodyBytes || len(after.Body) > diffBodyBytes {
		if bytes.Equal(before.Body, after.Body) {
			return nil
		}
		return []DiffLine{{' ', "the bodies differ and are too large to compare on a screen"}}
	}
	old, now := payloadText(before), payloadText(after)
	unified, err := udiff.ToUnifiedDiff("", "", old, udiff.Lines(old, now), diffContext)
	if err != nil {
		return []DiffLine{{' ', "the bodies differ and cannot be compared line by line"}}
	}
	var out []DiffLine
	for i, hunk := range unified.Hunks {
		if i > 0 || hunk.FromLine > 1 {
			out = append(out, DiffLine{' ', skippedLines})
		}
		for _, line := range hunk.Lines {
			sign := byte(' ')
			switch line.Kind {
			case udiff.Delete:
				sign = '-'
			case udiff.Insert:
				sign = '+'
			}
			text := strings.TrimRight(line.Content, "\r\n")
			out = append(out, DiffLine{sign, model.Foreign(text).Safe(diffLineBytes)})
		}
	}
	return out
}

// payloadText lays a payload out for comparing.
func payloadText(p model.Payload) string {
	var b strings.Builder
	if p.Method != "" || !p.URL.IsZero() {
		b.WriteString(strings.TrimSpace(p.Method+" "+p.URL.Wire()) + "\n")
	}
	for _, name := range slices.Sorted(maps.Keys(p.Headers)) {
		b.WriteString(name + ": " + maskHeader(name, p.Headers[name]) + "\n")
	}
	for line := range strings.Lines(bodyText(p)) {
		writeLine(&b, strings.TrimRight(line, "\r\n"))
	}
	return b.String()
}

// secretHeaders are headers whose value is a credential (RFC 9110, 11.6; RFC
// 6265), and names that services give to keys.
var secretHeaders = []string{"authorization", "cookie", "token", "api-key", "apikey", "secret", "password"}

// maskHeader is a header's value as it may be shown.
func maskHeader(name, value string) string {
	low := strings.ToLower(name)
	if value != "" && slices.ContainsFunc(secretHeaders, func(s string) bool { return strings.Contains(low, s) }) {
		return "•••"
	}
	return value
}

// writeLine writes a line of a body, a long one in pieces of which all but the
// first are indented a step further.
func writeLine(b *strings.Builder, line string) {
	indent := len(line) - len(strings.TrimLeft(line, " "))
	lead := strings.Repeat(" ", min(diffWrapBytes/4, indent+4))
	room := diffWrapBytes
	for len(line) > room {
		piece := firstBytes(line, room)
		if piece == "" {
			piece = line[:room]
		}
		b.WriteString(piece + "\n" + lead)
		line, room = line[len(piece):], diffWrapBytes-len(lead)
	}
	b.WriteString(line + "\n")
}

func bodyText(p model.Payload) string {
	p = Shown(p)
	switch {
	case len(p.Body) == 0:
		return ""
	case p.Medium == model.XML:
		return xmlBreaks.Replace(string(p.Body))
	case checkJSON(p.Body, "") != nil:
		return string(p.Body)
	}
	// Each line is indented by its depth, so depth multiplies the size.
	if depth := jsonDepth(p.Body); depth > prettyDepth || depth*len(p.Body) > prettyBytes {
		return string(p.Body)
	}
	return string(pretty.PrettyOptions(p.Body, &pretty.Options{Width: 80, Indent: "  "}))
}

// xmlBreaks gives each element its own line when a body has none.
var xmlBreaks = strings.NewReplacer("><", ">\n<")

// ChangeLine is a change in one safe line: /email "A @x" -> "a@x". The arrow and
// the words are ASCII.
func ChangeLine(c model.Change) string {
	where := c.Pointer
	if c.Part != model.Body {
		where = strings.TrimSpace(string(c.Part) + " " + c.Pointer)
	} else if where == "" {
		where = "body"
	}
	old, now := c.Old.Wire(), c.New.Wire()
	if c.Part == model.Header {
		old, now = maskHeader(c.Pointer, old), maskHeader(c.Pointer, now)
	}
	old, now = fromDifference(old, now)
	before, after := model.Foreign(old).Safe(model.SafeShort), model.Foreign(now).Safe(model.SafeShort)
	where = model.Foreign(where).Safe(model.SafeShort)
	switch {
	case c.New.IsZero():
		return where + "  " + before + " removed"
	case c.Old.IsZero():
		return where + "  " + after + " added"
	}
	return where + "  " + before + " -> " + after
}

// fromDifference leaves out the beginning that two long values share, so that a
// line which is cut shows what differs.
func fromDifference(a, b string) (string, string) {
	const context = 40
	if len(a) <= model.SafeShort && len(b) <= model.SafeShort {
		return a, b
	}
	same := 0
	for same < len(a) && same < len(b) && a[same] == b[same] {
		same++
	}
	if same <= 2*context || same == len(a) && same == len(b) {
		return a, b
	}
	cut := len(firstBytes(a, same-context))
	return skippedLines + a[cut:], skippedLines + b[cut:]
}
