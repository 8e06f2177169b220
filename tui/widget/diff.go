package widget

import (
	"strings"

	"retriage/themes"
	"retriage/triage"
)

// Diff draws a difference: "+" only after, "-" only before. The sign tells it,
// colour only helps. A line that is too long goes on under itself, indented and
// without a sign, so that no character is lost.
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
		for k, part := range fold(l.Text, width-2) {
			lead := string(l.Sign) + " "
			if k > 0 {
				lead = "  "
			}
			out = append(out, style.Render(Clip(lead+part, width)))
		}
	}
	return out
}

// fold breaks a safe text into lines of at most that many cells, anywhere, and
// keeps every character; all lines but the first are indented as the first is,
// and by four more.
func fold(text string, cells int) []string {
	if Width(text) <= cells || cells < 4 {
		return []string{text}
	}
	indent := min(len(text)-len(strings.TrimLeft(text, " "))+4, cells/2)
	var out []string
	var line strings.Builder
	used := 0
	for _, r := range text {
		w := Width(string(r))
		if used+w > cells {
			out = append(out, line.String())
			line.Reset()
			line.WriteString(blank(indent))
			used = indent
		}
		line.WriteRune(r)
		used += w
	}
	return append(out, line.String())
}
