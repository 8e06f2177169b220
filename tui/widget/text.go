package widget

import (
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"retriage/model"
	"retriage/themes"
)

// ellipsis ends a text that was cut.
const ellipsis = "…"

// Width is the number of terminal cells of a styled or plain text. It counts
// code points as wcwidth does, which is what a terminal without grapheme
// clustering (mode 2027) draws.
func Width(s string) int { return ansi.StringWidthWc(s) }

// Clip cuts a safe text to at most that many cells; a cut is shown by "…".
// Styles in s are kept.
func Clip(s string, cells int) string {
	if cells <= 0 {
		return ""
	}
	if Width(s) <= cells {
		return s
	}
	return ansi.TruncateWc(s, cells, ellipsis)
}

// Show is Clip for foreign text.
func Show(u model.Untrusted, cells int) string {
	if cells <= 0 {
		return ""
	}
	// A cell can take several bytes: four of a CJK pair, more with marks.
	return Clip(u.Safe(max(32, 12*cells)), cells)
}

// Pad gives s exactly that many cells: cut, or filled up on the right.
func Pad(s string, cells int) string {
	s = Clip(s, cells)
	return s + blank(cells-Width(s))
}

// PadLeft is Pad with the text at the right, for numbers.
func PadLeft(s string, cells int) string {
	s = Clip(s, cells)
	return blank(cells-Width(s)) + s
}

func blank(n int) string { return strings.Repeat(" ", max(0, n)) }

// Sides puts one text at the left and one at the right of a line of exactly
// that width. When both do not fit, the left one is cut; when there is no
// sensible room for it, the right one is.
func Sides(left, right string, width int) string {
	const least = 8
	r := Width(right)
	if r == 0 {
		return Pad(left, width)
	}
	if room := width - r - 1; room >= min(least, Width(left)) {
		return Pad(left, room) + " " + right
	}
	return Pad(left+" "+right, width)
}

// Column is one cell of a row: Width cells wide, or, when Width is negative,
// as wide as what the others leave. At most one column should be negative.
type Column struct {
	Text  string // safe
	Width int
	Right bool // put the text at the right end
	Style lipgloss.Style
}

// Columns puts cells next to each other with one blank between them: a line of
// exactly that width. Columns that find no room any more are left out.
func Columns(width int, cols ...Column) string {
	fixed, open := max(0, len(cols)-1), 0
	for _, c := range cols {
		if c.Width < 0 {
			open++
		} else {
			fixed += c.Width
		}
	}
	var b strings.Builder
	used := 0
	for k, c := range cols {
		if k > 0 && used < width {
			b.WriteByte(' ')
			used++
		}
		w := c.Width
		if w < 0 {
			w = max(0, (width-fixed)/open)
		}
		if w = min(w, width-used); w <= 0 {
			continue
		}
		text := Pad(c.Text, w)
		if c.Right {
			text = PadLeft(c.Text, w)
		}
		b.WriteString(c.Style.Render(text))
		used += w
	}
	return b.String() + blank(width-used)
}

// Rule is a line across.
func Rule(width int, th themes.Theme) string {
	return th.Rule.Render(strings.Repeat("─", max(0, width)))
}

// Wrap breaks a safe text into lines of at most that many cells, at blanks
// where there are any. It gives at most limit lines; the last shows the cut.
func Wrap(s string, cells, limit int) []string {
	if cells <= 0 || limit <= 0 || s == "" {
		return nil
	}
	const hyphen = "\u2011" // one that no line is broken at: a flag stays whole
	whole := !strings.Contains(s, hyphen)
	if whole {
		s = strings.ReplaceAll(s, "-", hyphen)
	}
	wrapped := ansi.WrapWc(s, cells, " ")
	if whole {
		wrapped = strings.ReplaceAll(wrapped, hyphen, "-")
	}
	lines := strings.Split(wrapped, "\n")
	if len(lines) > limit {
		rest := strings.Join(lines[limit-1:], " ")
		lines = append(lines[:limit-1:limit-1], ansi.TruncateWc(rest, cells, ellipsis))
	}
	for i := range lines {
		lines[i] = Clip(strings.TrimRight(lines[i], " "), cells)
	}
	return lines
}

// toASCII lists every sign of ours that is not ASCII with one of the same width
// that is.
var toASCII = strings.NewReplacer(
	"…", "~", "─", "-", "│", "|", "┬", "+", "┴", "+", "├", "+", "┤", "+", "┼", "+", "╭", "+", "╮", "+", "╰", "+", "╯", "+",
	"▸", ">", "▾", "v", "●", "o", "○", "o", "·", ".", "←", "<", "→", ">", "↑", "^", "↓", "v", "✓", "v", "∅", "0", "¬", "n",
	"‽", "r", "‹", "<", "›", ">", "█", "#", "▓", "%", "▒", "?", "░", ".", "▌", "|", "▪", "o", "■", "x", "□", ".", "•", "*",
	"▁", "_", "▂", "_", "▃", ".", "▄", "-", "▅", "=", "▆", "=", "▇", "+", "↵", "$", "⟨", "<", "⟩", ">", "—", "-", "–", "-",
	"≤", "<", "≥", ">", "±", "~", "×", "x", "’", "'", "“", `"`, "”", `"`,
)

// ToASCII replaces the signs of ours in a finished frame by ASCII ones of the
// same width, so that no screen needs two forms. Foreign text keeps its letters.
func ToASCII(frame string) string { return toASCII.Replace(frame) }
