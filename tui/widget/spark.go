package widget

import (
	"strings"

	"retriage/themes"
)

var sparks = []rune("▁▂▃▄▅▆▇█")

// Spark draws the newest values (the last ones) as small columns, one cell each,
// scaled to the largest of them: a line of exactly that width. What is missing
// at the left is drawn as nothing at all.
func Spark(values []int, width int, th themes.Theme) string {
	width = max(0, width)
	if len(values) > width {
		values = values[len(values)-width:]
	}
	top := 1
	for _, v := range values {
		top = max(top, v)
	}
	var b strings.Builder
	for _, v := range values {
		b.WriteRune(sparks[max(0, v)*(len(sparks)-1)/top])
	}
	pad := blank(width - len(values))
	if b.Len() == 0 {
		return pad
	}
	return pad + th.OK.Render(b.String())
}
