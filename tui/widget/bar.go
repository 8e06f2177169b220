package widget

import (
	"strings"

	"charm.land/lipgloss/v2"

	"retriage/themes"
)

// Part is one stretch of a bar.
type Part struct {
	N     int
	Style lipgloss.Style
	// Sign fills the stretch where there is no colour to tell it by; "" = a
	// solid block. It is one cell wide, and ASCII.
	Sign string
	// Fill is what the stretch is filled with where there is colour; "" = a
	// solid block.
	Fill string
}

// Bar draws parts of a total as one line of exactly that width. Whatever is not
// zero has at least one cell, the rest included: a bar is full only when nothing
// is left. A total smaller than the parts counts as their sum.
func Bar(width, total int, parts []Part, th themes.Theme) string {
	sum := 0
	sizes := make([]int, 0, len(parts)+1)
	for _, p := range parts {
		sum += max(0, p.N)
		sizes = append(sizes, max(0, p.N))
	}
	sizes = append(sizes, max(0, total-sum))
	cells := share(max(0, width), sizes)
	var b strings.Builder
	for k, p := range parts {
		if cells[k] > 0 {
			b.WriteString(p.Style.Render(strings.Repeat(p.cell(th), cells[k])))
		}
	}
	if rest := cells[len(parts)]; rest > 0 {
		b.WriteString(th.BarEmpty.Render(strings.Repeat(emptyCell(th), rest)))
	}
	return b.String()
}

func (p Part) cell(th themes.Theme) string {
	switch {
	case (th.Mono || th.ASCII) && p.Sign != "":
		return p.Sign
	case th.ASCII:
		return "#"
	case p.Fill != "" && !th.Mono:
		return p.Fill
	}
	return "█"
}

func emptyCell(th themes.Theme) string {
	switch {
	case th.ASCII:
		return "."
	case th.Mono || th.Name == "basic":
		return "░"
	}
	return "█"
}

// share gives each size its cells of width: in proportion, at least one for
// whatever is not zero, all of them together exactly width. When there are more
// non-zero sizes than cells, the last ones get none. All sizes zero: the last
// one gets everything.
func share(width int, sizes []int) []int {
	cells := make([]int, len(sizes))
	total, used := 0, 0
	for _, n := range sizes {
		total += n
	}
	if total == 0 {
		cells[len(cells)-1] = width
		return cells
	}
	rest := make([]int, len(sizes)) // what rounding down has cost, in 1/total cells
	for k, n := range sizes {
		cells[k] = n * width / total
		rest[k] = n * width % total
		if n > 0 && cells[k] == 0 {
			cells[k], rest[k] = 1, -1
		}
		used += cells[k]
	}
	for ; used > width; used-- {
		cells[largest(cells, true)]--
	}
	for ; used < width; used++ {
		k := largest(rest, false)
		cells[k]++
		rest[k] = -1
	}
	return cells
}

// largest is the place of the largest value: of equal ones the last, or else
// the first.
func largest(values []int, last bool) int {
	at := 0
	for k, v := range values {
		if v > values[at] || last && v == values[at] {
			at = k
		}
	}
	return at
}
