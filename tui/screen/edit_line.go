package screen

import (
	"strings"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"retriage/themes"
	"retriage/tui/widget"
)

// lineField is a text of one line under edit. The editing is that of bubbles;
// the window that is drawn is our own, since its place must be right for a text
// that was longer than the field from the start, and must show that it is one.
type lineField struct {
	in  textinput.Model
	top int // the first character that is drawn
}

func newLine(text string) *lineField {
	in := textinput.New()
	in.Prompt, in.CharLimit = "", 0
	in.KeyMap.Paste = key.NewBinding(key.WithDisabled())
	in.SetValue(text)
	in.CursorEnd()
	return &lineField{in: in}
}

// give hands a key or a paste to the field.
func (l *lineField) give(msg tea.Msg) {
	l.in.Focus()
	l.in, _ = l.in.Update(msg)
}

func (l *lineField) value() string { return l.in.Value() }

func (l *lineField) set(text string) {
	l.in.SetValue(text)
	l.in.CursorEnd()
}

// view draws the part of the text around the cursor in at most width cells; ‹
// and › say that there is more.
func (l *lineField) view(width int, th themes.Theme) string {
	text, at := []rune(edges(l.in.Value())), l.in.Position()
	from, to := l.window(text, at, max(3, width))
	cursor, rest := " ", ""
	if at < len(text) {
		end := at + 1
		for end < to && widget.Width(string(text[end])) == 0 {
			end++ // marks belong to their letter
		}
		cursor, rest = string(text[at:end]), string(text[end:to])
	}
	var b strings.Builder
	if from > 0 {
		b.WriteString(th.Faint.Render("‹"))
	}
	b.WriteString(th.Strong.Render(string(text[from:at])))
	b.WriteString(th.Strong.Reverse(true).Render(cursor))
	if rest != "" {
		b.WriteString(th.Strong.Render(rest))
	}
	if to < len(text) {
		b.WriteString(th.Faint.Render("›"))
	}
	return b.String()
}

// window is the range of characters that fits into width cells with the cursor,
// which is one cell wide behind the text, and with the signs for more.
func (l *lineField) window(text []rune, at, width int) (from, to int) {
	cells := func(a, b int) int { return widget.Width(string(text[a:b])) }
	if cells(0, len(text)) < width {
		l.top = 0
		return 0, len(text)
	}
	l.top = max(0, min(l.top, at))
	for l.top < at && needed(text, l.top, at) > width {
		l.top++
	}
	// Room that was gained at the end is given back at the start.
	for l.top > 0 && at == len(text) && needed(text, l.top-1, at) <= width {
		l.top--
	}
	room := width
	if l.top > 0 {
		room--
	}
	if cells(l.top, len(text)) <= room && at < len(text) {
		return l.top, len(text)
	}
	to = at
	room-- // the sign for more, or the cursor behind the text
	for to < len(text) && cells(l.top, to+1) <= room {
		to++
	}
	return l.top, max(to, min(at+1, len(text)))
}

// needed is the width of a text from top to its cursor and with it, and with the
// signs for more.
func needed(text []rune, top, at int) int {
	n := 1 + widget.Width(string(text[top:at]))
	if top > 0 {
		n++
	}
	if at < len(text) {
		n += widget.Width(string(text[at])) - 1
	}
	if at+1 < len(text) {
		n++
	}
	return n
}
