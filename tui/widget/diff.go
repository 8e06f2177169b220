package widget

import (
	"retriage/themes"
	"retriage/triage"
)

// Diff draws a difference, one line each with its sign: "+" only after, "-"
// only before. The sign tells it, colour only helps.
func Diff(lines []triage.DiffLine, width int, th themes.Theme) []string {
	out := make([]string, 0, len(lines))
	for _, l := range lines {
		style := th.Text
		switch l.Sign {
		case '+':
			style = th.Added
		case '-':
			style = th.Removed
		}
		out = append(out, style.Render(Clip(string(l.Sign)+" "+l.Text, width)))
	}
	return out
}
