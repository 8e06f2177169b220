package themes

import (
	"strings"

	"charm.land/lipgloss/v2"
)

// Theme is how each meaning of text is drawn. A Theme is a value: changing a
// copy changes nobody else's screen.
type Theme struct {
	Name  string
	Dark  bool // made for a dark background
	Mono  bool // no colours at all: bold and reverse only
	ASCII bool // signs and bars in ASCII only

	Text     lipgloss.Style // what there is to read
	Strong   lipgloss.Style // what the eye needs first
	Faint    lipgloss.Style // what it may skip
	Rule     lipgloss.Style // lines between parts of a screen
	Fail     lipgloss.Style // the server said no
	Wait     lipgloss.Style // held back, or wants a decision
	OK       lipgloss.Style // the server said yes
	Unknown  lipgloss.Style // sent, and no trustworthy answer
	Accent   lipgloss.Style // selected or typed
	Cursor   lipgloss.Style // the row under the cursor, whole
	Chosen   lipgloss.Style // the mark of a selected row
	Tab      lipgloss.Style // a tab
	TabOn    lipgloss.Style // the tab that is open
	Prod     lipgloss.Style // the word PROD
	Key      lipgloss.Style // a key in the row of keys
	Field    lipgloss.Style // a field's name in JSON or XML
	Bad      lipgloss.Style // the line of the field that failed, whole
	Added    lipgloss.Style // a line that an edit adds
	Removed  lipgloss.Style // a line that an edit takes away
	BarEmpty lipgloss.Style // the part of a bar that is not reached
}

// Lit draws a whole line in a style that was made for lines (Cursor, Bad): it
// keeps the colours of the pieces in line and puts the style under all of them.
// The line must already have the width it is to have.
func (Theme) Lit(under lipgloss.Style, line string) string {
	const piece = "x"
	opening, _, _ := strings.Cut(under.Render(piece), piece)
	if opening == "" {
		return line
	}
	const reset = "\x1b[m"
	return opening + strings.ReplaceAll(line, reset, reset+opening) + reset
}

// Plain gives the theme with ASCII signs and bars.
func (t Theme) Plain() Theme {
	t.ASCII = true
	return t
}
