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

// all is the room for a value that has nothing said beside it.
func (c editCols) all() int {
	if c.note == 0 {
		return c.field
	}
	return c.field + 2 + c.note
}

// beside is the room for a value with a note at its right.
func (c editCols) beside(note string) int {
	if c.note == 0 || note == "" {
		return c.all()
	}
	return max(8, c.all()-2-widget.Width(note))
}

// notes is the room for a note beside a value: its column, and what a short
// value leaves free.
func (c editCols) notes(value string) int {
	if c.note == 0 {
		return 1
	}
	return max(c.note, c.all()-2-max(8, min(c.field, widget.Width(model.Foreign(value).Safe(200))+1)))
}

// resize gives every area its width; huh's own way to a size, a message from
// the terminal, never reaches it.
func (e *Edit) resize(width int) {
	w := e.cols(width).all()
	if w == e.width {
		return
	}
	e.width = w
	for _, rows := range [][]*editRow{e.rows, e.outer} {
		for _, r := range rows {
			if r.area != nil {
				r.area.WithWidth(w - 1)
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

// rowLines draws one field: its name, its value, and what there is to say, which
// goes under a value of several lines.
func (e *Edit) rowLines(sc *Scene, r *editRow, on bool) []string {
	c := e.cols(sc.Width)
	name := nameStyle(sc.Theme, r, on)
	note := widget.Clip(e.note(sc, r, on), c.notes(r.text))
	open := on && r.area != nil && !r.dropped
	value := e.value(sc, r, on, c.beside(note))
	var lines []string
	for k, v := range value {
		line := " " + e.pointer(sc, on && k == 0) + e.sign(sc, r, k) + " " + blankOr(k > 0, name.Render(widget.Pad(r.field.Label, c.label)), c.label) + " "
		switch {
		case open:
			line += widget.Pad(v, c.all())
		case c.note > 0 && note != "":
			line += widget.Pad(v, min(c.beside(note), max(c.field, widget.Width(v)))) + "  " + note
		default:
			line += widget.Pad(v, c.all())
		}
		lines = append(lines, e.lit(sc, line, on))
	}
	if open || c.note == 0 && (on || r.field.Bad || r.changed()) {
		lines = append(lines, noteUnder(c, e.note(sc, r, on), sc.Width)...)
	}
	return lines
}

// nameStyle is how the name of a field is drawn.
func nameStyle(th themes.Theme, r *editRow, on bool) lipgloss.Style {
	switch {
	case r.field.Bad:
		return th.Fail
	case on || r.changed():
		return th.Text
	}
	return th.Faint
}

// noteUnder is a note on a line of its own, under the value where there is room.
func noteUnder(c editCols, note string, width int) []string {
	switch {
	case note == "":
		return nil
	case c.note > 0:
		return []string{strings.Repeat(" ", c.label+5) + widget.Clip(note, c.all())}
	}
	return []string{"    " + widget.Clip(note, width-5)}
}

// value is what stands in the field: under edit when it has the focus.
func (e *Edit) value(sc *Scene, r *editRow, on bool, width int) []string {
	switch {
	case !on || r.dropped || r.line == nil && r.area == nil:
		return []string{e.plainValue(sc, r, width)}
	case r.area != nil:
		return strings.Split(r.area.View(), "\n")
	case r.text == "":
		return []string{sc.Theme.Strong.Reverse(true).Render(" ") + sc.Theme.Faint.Render(widget.Clip(r.empty(), width-1))}
	}
	return []string{r.line.view(width, sc.Theme)}
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
	case r.field.Bad && !r.edited():
		return sc.Theme.Fail.Render("x")
	case r.changed():
		return sc.Theme.Accent.Render("*")
	case r.edited() && r.locked == "":
		return sc.Theme.Text.Render("*")
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
	if r.dropped {
		return th.Wait.Render(widget.Clip("dropped (was "+wasWords(r, max(8, width-14))+")", width))
	}
	if r.text == "" {
		return th.Faint.Render(widget.Clip(r.empty(), width))
	}
	return style.Render(widget.Show(model.Foreign(edges(r.text)), width))
}

// note is what there is to say about a field: what the server said, what it was
// when it was first sent, and whether what is typed fits.
func (e *Edit) note(sc *Scene, r *editRow, on bool) string {
	th := sc.Theme
	was := ""
	if r.edited() {
		was = "   was " + wasWords(r, 16)
	}
	switch {
	case r.locked != "":
		return th.Faint.Render("locked: " + r.locked)
	case r.dropped && on:
		return th.Faint.Render("ctrl+x brings it back")
	case r.dropped:
		return ""
	case on && r.emptied():
		return th.Faint.Render(r.dropHint())
	case !r.changed() || r.field.Bad && !r.edited():
		return e.standing(th, r, on, was)
	}
	raw, err := r.raw()
	if err != nil {
		return th.Fail.Render(err.Error())
	}
	return th.OK.Render("ok: "+r.field.KindOf(raw)) + th.Faint.Render(was)
}

// standing is what there is to say about a field that is as it was saved.
func (e *Edit) standing(th themes.Theme, r *editRow, on bool, was string) string {
	switch {
	case r.edited():
		return th.Faint.Render("edited" + was)
	case r.field.Bad && on && r.field.Asks:
		return th.Fail.Render("← "+r.field.WantWords()+" wanted") + th.Faint.Render("; type it anew")
	case r.field.Bad:
		return th.Fail.Render("← " + widget.Clip(badWords(e.fail), 60))
	case on:
		return th.Faint.Render(r.field.KindOf(r.field.Raw))
	}
	return ""
}

// keyLine says what becomes of the idempotency key.
func (e *Edit) keyLine(sc *Scene) string {
	if sc.Profile.KeyScope == "" || sc.Profile.KeyScope == model.NoKey || len(e.changedRows()) == 0 || e.editedBefore() == 0 {
		return "" // nothing was changed, or all is again as it was first
	}
	text := "Idempotency key   new, because the body changed"
	return "   " + sc.Theme.Faint.Render(widget.Clip(text, sc.Width-4))
}

func (e *Edit) status(sc *Scene) string {
	n := len(e.changedRows())
	switch fields := model.Plural(n, "field") + " changed"; {
	case n == 0 && e.editedBefore() > 0:
		return sc.Theme.Faint.Render("no field changed now; " + model.Plural(e.editedBefore(), "field") + " edited before")
	case n == 0:
		return sc.Theme.Faint.Render("no field changed")
	case e.kept:
		return sc.Theme.Strong.Render("draft: "+fields+", not saved") + sc.Theme.Faint.Render("   ctrl+s saves it")
	default:
		return sc.Theme.Strong.Render(fields) + sc.Theme.Faint.Render("   draft kept if you leave")
	}
}
