package screen

import (
	"strconv"
	"strings"

	"retriage/model"
	"retriage/triage"
	"retriage/tui/widget"
)

// tabsLine is the row of tabs. It takes short names when the long ones do not
// fit, and scrolls when those do not fit either.
func tabsLine(sc *Scene) string {
	tabs := sc.Face.tabs(sc.S)
	if line, ok := fitTabs(sc, tabs, triage.Tab.Title, " "); ok {
		return line
	}
	if line, ok := fitTabs(sc, tabs, triage.Tab.Short, " "); ok {
		return line
	}
	if line, ok := fitTabs(sc, tabs, triage.Tab.Short, ""); ok {
		return line
	}
	return scrollTabs(sc, tabs)
}

// tabCell is one tab; gap stands before it where it is not lit.
func tabCell(sc *Scene, k int, t triage.TabCount, name, gap string) string {
	th := sc.Theme
	number := ""
	if k < 10 {
		number = strconv.Itoa(k) + " "
	}
	count := model.Number(t.Count)
	if t.Tab == sc.Face.Tab {
		return th.TabOn.Render(" " + number + name + " " + count + " ")
	}
	return gap + th.Tab.Render(number+name+" ") + th.Text.Render(count) + " "
}

func fitTabs(sc *Scene, tabs []triage.TabCount, name func(triage.Tab) string, gap string) (string, bool) {
	line, found := "", false
	if gap == "" {
		line = " "
	}
	for k, t := range tabs {
		line += tabCell(sc, k, t, name(t.Tab), gap)
		found = found || t.Tab == sc.Face.Tab
	}
	if !found {
		line += tabCell(sc, len(tabs), triage.TabCount{Tab: sc.Face.Tab}, name(sc.Face.Tab), gap)
	}
	return line, widget.Width(line) <= sc.Width
}

// scrollTabs shows the tabs around the open one, with ‹ › where there are more.
func scrollTabs(sc *Scene, tabs []triage.TabCount) string {
	on := 0
	cells := make([]string, len(tabs))
	for k, t := range tabs {
		cells[k] = tabCell(sc, k, t, t.Tab.Short(), "")
		if t.Tab == sc.Face.Tab {
			on = k
		}
	}
	from, to, used := on, on+1, widget.Width(cells[on])
	room := sc.Width - 2
	for grew := true; grew; {
		grew = false
		if to < len(cells) && used+widget.Width(cells[to]) <= room {
			used += widget.Width(cells[to])
			to++
			grew = true
		}
		if from > 0 && used+widget.Width(cells[from-1]) <= room {
			from--
			used += widget.Width(cells[from])
			grew = true
		}
	}
	left, right := " ", " "
	if from > 0 {
		left = sc.Theme.Accent.Render("‹")
	}
	if to < len(cells) {
		right = sc.Theme.Accent.Render("›")
	}
	return widget.Pad(left+strings.Join(cells[from:to], ""), sc.Width-1) + right
}
