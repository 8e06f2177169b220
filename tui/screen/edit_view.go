package screen

import (
	"strings"

	"charm.land/huh/v2"
	"charm.land/lipgloss/v2"

	"retriage/model"
	"retriage/themes"
	"retriage/tui/widget"
)

// huhStyles dresses huh's fields: no frames, the text strong, the cursor in the
// accent.
func huhStyles(th themes.Theme) *huh.Styles {
	cursor := lipgloss.NewStyle()
	if !th.Mono {
		cursor = cursor.Foreground(th.Accent.GetForeground()).Background(th.Accent.GetForeground())
	}
	f := huh.FieldStyles{TextInput: huh.TextInputStyles{Cursor: cursor, Text: th.Strong, Placeholder: th.Faint}}
	return &huh.Styles{Focused: f, Blurred: f}
}

// editCols are the columns of the form.
type editCols struct{ label, field, note int }

func (e *Edit) cols(width int) editCols {
	c := editCols{label: 5}
	for _, r := range e.rows {
		c.label = max(c.label, widget.Width(r.field.Label))
	}
	if e.unfold {
		for _, r := range e.outer {
			c.label = max(c.label, widget.Width(r.field.Label))
		}
	}
	c.label = min(c.label, max(8, width/5))
	room := width - c.label - 7
	if width < 70 {
		c.field = max(10, room)
		return c
	}
	c.field = min(44, room/2)
	c.note = room - c.field - 2
	return c
}

// resize gives every field its width; huh's own way to a size, a message from
// the terminal, never reaches it.
func (e *Edit) resize(width int) {
	w := e.cols(width).field
	if w == e.width {
		return
	}
	e.width = w
	for _, rows := range [][]*editRow{e.rows, e.outer} {
		for _, r := range rows {
			switch {
			case r.widget != nil && r.area:
				r.widget.WithWidth(w - 1)
			case r.widget != nil:
				r.widget.WithWidth(w)
			}
		}
	}
}

// View implements Screen.
func (e *Edit) View(sc *Scene) Picture {
	th := sc.Theme
	title := th.Strong.Render("EDIT "+widget.Clip(e.name(), max(8, sc.Width/3))) + "   " + th.Faint.Render("nothing is sent from here")
	lines := []string{header(sc, title, mode(sc))}
	switch {
	case !e.loaded:
		lines = append(lines, "", "   "+th.Faint.Render("reading the item …"))
	case e.problem != "":
		lines = append(lines, "", "   "+th.Wait.Render(widget.Clip("There is no form: "+e.problem+".", sc.Width-4)),
			"   "+th.Faint.Render("Nothing was changed. esc goes back."))
	default:
		lines = append(lines, e.form(sc, len(lines))...)
	}
	for k := range lines {
		lines[k] = widget.Clip(lines[k], sc.Width)
	}
	return Picture{Lines: lines, Left: e.status(sc)}
}

// low is the height under which the form leaves out what is not needed.
const low = 14

// form is the failure, the fields in a window around the focus, and the buttons.
func (e *Edit) form(sc *Scene, above int) []string {
	th := sc.Theme
	head, foot := e.head(sc), e.buttons(sc)
	if sc.Height < low {
		head, foot = head[:1], foot[e.buttonLine(sc):][:1]
	} else {
		if key := e.keyLine(sc); key != "" {
			foot = append([]string{key, ""}, foot...)
		}
		head = append(head, widget.Rule(sc.Width, th))
		foot = append([]string{""}, foot...)
	}
	rows, focus := e.fieldLines(sc)
	room := max(1, sc.Height-above-len(head)-len(foot))
	top := max(0, min(focus-room/2, len(rows)-room))
	rows = rows[top:min(len(rows), top+room)]
	return append(append(head, rows...), foot...)
}

// head is what the server said.
func (e *Edit) head(sc *Scene) []string {
	var lines []string
	for _, l := range widget.Wrap(failureWords(e.fail), sc.Width-2, 2) {
		lines = append(lines, " "+sc.Theme.Text.Render(l))
	}
	return lines
}

// fieldLines draws every field, and tells which line has the focus.
func (e *Edit) fieldLines(sc *Scene) (lines []string, focus int) {
	at := e.at()
	draw := func(r *editRow) {
		if at.row == r {
			focus = len(lines)
		}
		lines = append(lines, e.rowLines(sc, r, at.row == r)...)
	}
	for _, r := range e.rows {
		draw(r)
	}
	if len(e.rows) == 0 {
		lines = append(lines, "   "+sc.Theme.Faint.Render(widget.Clip("The body has no fields that a form can show.", sc.Width-4)))
	}
	if len(e.outer) > 0 {
		if at.spot == foldSpot {
			focus = len(lines)
		}
		lines = append(lines, e.foldLine(sc, at.spot == foldSpot))
	}
	if e.unfold {
		for _, r := range e.outer {
			draw(r)
		}
	}
	return lines, focus
}

func (e *Edit) foldLine(sc *Scene, on bool) string {
	sign, what := "+", []string{}
	if e.unfold {
		sign = "-"
	}
	headers := 0
	for _, r := range e.outer {
		if r.field.Part == model.URL {
			what = append(what, "url")
		} else {
			headers++
		}
	}
	if headers > 0 {
		what = append(what, model.Plural(headers, "header"))
	}
	text := " " + e.pointer(sc, on) + " " + sc.Theme.Faint.Render(sign+" "+strings.Join(what, " and ")) +
		sc.Theme.Faint.Render("   enter shows them")
	if e.unfold {
		text = " " + e.pointer(sc, on) + " " + sc.Theme.Faint.Render(sign+" "+strings.Join(what, " and "))
	}
	return e.lit(sc, text, on)
}

func (e *Edit) pointer(sc *Scene, on bool) string {
	if on {
		return sc.Theme.Accent.Render("▸")
	}
	return " "
}

func (e *Edit) lit(sc *Scene, line string, on bool) string {
	if !on {
		return line
	}
	return sc.Theme.Lit(sc.Theme.Cursor, widget.Pad(line, sc.Width))
}

// rowLines draws one field: its name, its value, and what there is to say.
func (e *Edit) rowLines(sc *Scene, r *editRow, on bool) []string {
	th, c := sc.Theme, e.cols(sc.Width)
	name := th.Faint
	switch {
	case r.field.Bad:
		name = th.Fail
	case on || r.changed():
		name = th.Text
	}
	value := []string{e.plainValue(sc, r, c.field)}
	if on && r.widget != nil {
		value = strings.Split(r.widget.View(), "\n")
	}
	note := e.note(sc, r, on)
	var lines []string
	for k, v := range value {
		line := " " + e.pointer(sc, on && k == 0) + e.sign(sc, r, k) + " " + blankOr(k > 0, name.Render(widget.Pad(r.field.Label, c.label)), c.label) +
			" " + widget.Pad(v, c.field)
		if k == 0 && c.note > 0 {
			line += "  " + widget.Clip(note, c.note)
		}
		lines = append(lines, e.lit(sc, line, on))
	}
	if c.note == 0 && note != "" && (on || r.field.Bad || r.changed()) {
		lines = append(lines, "    "+widget.Clip(note, sc.Width-5))
	}
	return lines
}

func blankOr(blank bool, s string, width int) string {
	if blank {
		return strings.Repeat(" ", width)
	}
	return s
}

// sign marks a field that failed or was changed.
func (e *Edit) sign(sc *Scene, r *editRow, line int) string {
	switch {
	case line > 0:
		return " "
	case r.changed():
		return sc.Theme.Accent.Render("*")
	case r.field.Bad:
		return sc.Theme.Fail.Render("x")
	}
	return " "
}

// plainValue is a field without the focus, on one line.
func (e *Edit) plainValue(sc *Scene, r *editRow, width int) string {
	th := sc.Theme
	style := th.Text
	switch {
	case r.locked != "":
		style = th.Faint
	case r.changed():
		style = th.Strong
	}
	if r.text == "" {
		return th.Faint.Render(widget.Clip(r.empty(), width))
	}
	return style.Render(widget.Show(model.Foreign(edges(r.text)), width))
}

// note is what there is to say about a field: what the server said, what it was,
// and whether what is typed fits.
func (e *Edit) note(sc *Scene, r *editRow, on bool) string {
	th := sc.Theme
	switch {
	case r.locked != "":
		return th.Faint.Render("locked: " + r.locked)
	case !r.changed() && r.field.Bad:
		return th.Fail.Render("← " + widget.Clip(badWords(e.fail), 60))
	case !r.changed() && on:
		return th.Faint.Render(r.field.KindOf(r.field.Raw))
	case !r.changed():
		return ""
	}
	raw, err := r.raw()
	if err != nil {
		return th.Fail.Render(err.Error())
	}
	return th.OK.Render("ok: "+r.field.KindOf(raw)) + th.Faint.Render("   was "+wasWords(r))
}

// keyLine says what becomes of the idempotency key.
func (e *Edit) keyLine(sc *Scene) string {
	if sc.Profile.KeyScope == "" || sc.Profile.KeyScope == model.NoKey || len(e.changedRows()) == 0 {
		return ""
	}
	text := "Idempotency key   new, because the body changed"
	return "   " + sc.Theme.Faint.Render(widget.Clip(text, sc.Width-4))
}

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

func (e *Edit) status(sc *Scene) string {
	n := len(e.changedRows())
	if n == 0 {
		return sc.Theme.Faint.Render("no field changed")
	}
	return sc.Theme.Strong.Render(model.Plural(n, "field")+" changed") + sc.Theme.Faint.Render("   draft kept if you leave")
}
