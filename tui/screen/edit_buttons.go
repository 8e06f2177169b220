package screen

import (
	"retriage/model"
	"retriage/tui/widget"
)

// buttons is what can be done without a control key.
func (e *Edit) buttons(sc *Scene) []string {
	lines, _ := e.buttonLines(sc)
	return lines
}

// buttonLine is the line of the buttons that has the focus, else the first.
func (e *Edit) buttonLine(sc *Scene) int {
	_, at := e.buttonLines(sc)
	return at
}

func (e *Edit) buttonLines(sc *Scene) (lines []string, at int) {
	on := e.at().spot
	line := ""
	for _, p := range e.stops() {
		words := e.buttonWords(p.spot)
		if words == "" {
			continue
		}
		style := sc.Theme.Text
		if p.spot == on {
			style = sc.Theme.TabOn
		}
		b := style.Render("[ " + words + " ]")
		switch {
		case line == "":
			line = "   " + b
		case widget.Width(line)+widget.Width(b)+2 > sc.Width:
			lines, line = append(lines, line), "   "+b
		default:
			line += "  " + b
		}
		if p.spot == on {
			at = len(lines)
		}
	}
	return append(lines, line), at
}

func (e *Edit) buttonWords(s spot) string {
	switch s {
	case saveSpot:
		return "Save"
	case nextSpot:
		return "Save, next of " + model.Number(len(e.group))
	case revertSpot:
		return "Revert item"
	case putSpot:
		return widget.Clip(e.puts[e.put%len(e.puts)].Fix.Title, 52)
	}
	return ""
}
