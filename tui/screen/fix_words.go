package screen

import (
	"strings"
	"unicode/utf8"

	"retriage/model"
	"retriage/triage"
	"retriage/tui/widget"
)

// beforeAfter is a change in two texts of at most that many cells which show
// where it differs: of long values the part around the first difference, of a
// text that was only cut its length; blanks at both ends are marked.
func beforeAfter(c model.Change, cells int) (before, after string) {
	old, now := shownValue(c, c.Old), shownValue(c, c.New)
	a, b := textOf(c, c.Old), textOf(c, c.New)
	if len(b) < len(a) && len(b) > cells && strings.HasPrefix(a, b) {
		n, m := utf8.RuneCountInString(a), utf8.RuneCountInString(b)
		return widget.Clip(model.Plural(n, "character"), cells), widget.Clip(model.Number(n)+" → "+model.Plural(m, "character"), cells)
	}
	if widget.Width(old) <= cells && widget.Width(now) <= cells {
		return old, now
	}
	x, y := []rune(old), []rune(now)
	same := 0
	for same < len(x) && same < len(y) && x[same] == y[same] {
		same++
	}
	const lead = 6 // of what is the same stays in sight
	if from := same - lead; from > 0 && same >= cells-2 {
		return "…" + widget.Clip(string(x[from:]), cells-1), "…" + widget.Clip(string(y[from:]), cells-1)
	}
	if strings.HasSuffix(old, `·"`) {
		return bothEnds(x, cells), bothEnds(y, cells)
	}
	return widget.Clip(old, cells), widget.Clip(now, cells)
}

// bothEnds cuts a text in its middle.
func bothEnds(text []rune, cells int) string {
	const tail = 7
	if widget.Width(string(text)) <= cells || cells < 2*tail || len(text) < tail {
		return widget.Clip(string(text), cells)
	}
	end := string(text[len(text)-tail:])
	return widget.Clip(string(text), cells-widget.Width(end)) + end
}

// maxValue is how many bytes of a value are looked at for a line.
const maxValue = 8192

// shownValue is a value as a line shows it: raw, so that its type is seen.
func shownValue(c model.Change, v model.Untrusted) string {
	if v.IsZero() {
		return "absent"
	}
	value, text := triage.TextOf(c, v)
	shown := edges(value.Safe(maxValue))
	if text {
		return `"` + shown + `"`
	}
	return shown
}

// textOf is the text of a JSON string, and any other value as it is; safe.
func textOf(c model.Change, v model.Untrusted) string {
	value, _ := triage.TextOf(c, v)
	return value.Safe(maxValue)
}
