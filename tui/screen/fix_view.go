package screen

import (
	"strconv"

	"retriage/model"
	"retriage/tui/keys"
	"retriage/tui/widget"
)

// FixView is the scope of the fixes for many items.
const FixView keys.Scope = "bulk fix"

func fixKeys() []keys.Binding {
	none := func(st keys.State) string {
		if st.Fixes < 2 {
			return "there is no other fix"
		}
		return ""
	}
	return []keys.Binding{
		{Keys: []string{"a"}, Action: keys.FixApply, Text: "apply the fix to all items that it fits, here only", Group: "CHANGE here",
			FootOf: func(st keys.State) string { return "apply to " + model.Number(st.Chosen) }},
		{Keys: []string{"]", "tab"}, Action: keys.FixNext, Text: "next fix", Foot: "other fix", Group: "FIND", Off: none},
		{Keys: []string{"[", "shift+tab"}, Action: keys.FixPrev, Text: "previous fix", Group: "FIND", Off: none},
		{Keys: []string{"1", "2", "3", "4", "5", "6", "7", "8", "9"}, Show: "1-9", Action: keys.FixAt, Text: "the fix of that number", Group: "FIND"},
		{Keys: []string{"f"}, Action: keys.FixProblems, Text: "only the items that stay as they are, or all", Foot: "only problems", Group: "FIND"},
		{Keys: []string{"d", "enter"}, Action: keys.FixDiff, Text: "everything that changes in this item", Foot: "full diff", Group: "FIND", Off: noRow},
		{Keys: []string{"esc"}, Action: keys.Escape, Text: "close, change nothing", Foot: "cancel", Group: "LEAVE"},
	}
}

// head is what stands above the preview.
func (f *Fix) head(sc *Scene) []string {
	th := sc.Theme
	title := th.Strong.Render("BULK FIX") + "   " + th.Text.Render(model.Plural(len(f.items), "item")) + "   " + th.Faint.Render("nothing is sent from here")
	lines := []string{header(sc, title, mode(sc))}
	if f.seen < len(f.items) {
		return append(lines, "", "   "+th.Text.Render("Looking at the items: "+model.Number(f.seen)+" of "+model.Number(len(f.items))),
			"   "+widget.Bar(min(60, sc.Width-6), len(f.items), []widget.Part{{N: f.seen, Style: th.OK}}, th))
	}
	if len(f.fits) == 0 {
		return append(lines, "", "   "+th.Text.Render(widget.Clip("No fix of ours fits these items. Nothing was changed.", sc.Width-4)),
			"   "+th.Faint.Render(widget.Clip("e on one item opens its form; esc goes back.", sc.Width-4)))
	}
	tight := sc.Height < low
	if !tight {
		lines = append(lines, "")
	}
	for k := range f.fits {
		if !tight || k == f.pick {
			lines = append(lines, f.fixLine(sc, k))
		}
	}
	change := len(f.picked().edits)
	stay := len(f.items) - change
	stayed := th.Faint.Render(model.Number(stay) + " " + plural(stay, "stays", "stay") + " the same")
	if stay > 0 {
		stayed = th.Wait.Render(model.Number(stay) + " " + plural(stay, "stays", "stay") + " the same")
	}
	sum := " " + th.Strong.Render(model.Plural(len(f.items), "item")+":") + "  " +
		th.OK.Render(model.Number(change)+" "+plural(change, "changes", "change")) + "   " + stayed
	if tight {
		return append(lines, sum)
	}
	return append(lines, "", sum, widget.Rule(sc.Width, th))
}

// fixLine is one of the fixes that fit.
func (f *Fix) fixLine(sc *Scene, k int) string {
	th, fi := sc.Theme, f.fits[k]
	mark, style := " ", th.Text
	if fi.fix.Marked {
		style = th.Wait
	}
	if k == f.pick {
		mark, style = th.Accent.Render("▸"), style.Bold(true)
	}
	count := th.Text.Render("fits " + model.Number(len(fi.edits)) + " of " + model.Number(len(f.items)))
	left := " " + mark + th.Faint.Render(strconv.Itoa(k+1)) + " " + style.Render(widget.Clip(fi.fix.Title, sc.Width-widget.Width(count)-8))
	line := widget.Pad(left, min(sc.Width-widget.Width(count)-2, 74)) + "  " + count
	if k == f.pick {
		line = th.Lit(th.Cursor, widget.Pad(line, sc.Width))
	}
	return line
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// View implements Screen.
func (f *Fix) View(sc *Scene) Picture {
	th := sc.Theme
	lines := f.head(sc)
	pic := Picture{}
	if len(f.rows) > 0 || f.picked() != nil && f.seen == len(f.items) {
		lines = append(lines, th.Faint.Render(f.columns(sc, " ", "ITEM", "FIELD", "BEFORE", "AFTER", "CHECK")))
		from, to := f.win.Rows()
		for k := from; k < to; k++ {
			lines = append(lines, f.row(sc, k))
		}
		pic.Right = th.Faint.Render("row " + model.Number(min(len(f.rows), f.win.Cursor+1)) + " of " + model.Number(len(f.rows)))
	}
	if fi := f.picked(); fi != nil && f.seen == len(f.items) {
		n := len(fi.edits)
		pic.Left = th.Text.Render("Apply changes "+model.Plural(n, "item")+" on this machine.") + th.Faint.Render(" u undoes "+plural(n, "it", "all "+model.Number(n)+" at once")+".")
	}
	pic.Lines = lines
	return pic
}

func (f *Fix) columns(sc *Scene, sign, item, field, before, after, check string) string {
	w := sc.Width
	plain := sc.Theme.Text.UnsetForeground()
	cols := []widget.Column{{Text: " ", Width: 1, Style: plain}, {Text: sign, Width: 1, Style: plain}, {Text: item, Width: f.idWidth(w), Style: plain}}
	room := w - 4 - f.idWidth(w)
	switch {
	case w >= Wide:
		cols = append(cols, widget.Column{Text: field, Width: room / 5, Style: plain}, widget.Column{Text: before, Width: room * 3 / 10, Style: plain},
			widget.Column{Text: after, Width: room * 3 / 10, Style: plain}, widget.Column{Text: check, Width: -1, Style: plain})
	case w >= 70:
		cols = append(cols, widget.Column{Text: field, Width: room / 4, Style: plain}, widget.Column{Text: before, Width: room * 3 / 8, Style: plain},
			widget.Column{Text: after, Width: -1, Style: plain})
	default:
		cols = append(cols, widget.Column{Text: before, Width: room / 2, Style: plain}, widget.Column{Text: after, Width: -1, Style: plain})
	}
	return widget.Columns(w, cols...)
}

func (f *Fix) row(sc *Scene, k int) string {
	th, r := sc.Theme, f.rows[k]
	on := k == f.win.Cursor
	id := th.Text.Render(f.ids[r.item])
	if on {
		id = th.Strong.Render(f.ids[r.item])
	}
	var line string
	if len(r.changes) == 0 {
		line = widget.Pad(" "+pointerIf(sc, on)+th.Wait.Render("=")+" "+widget.Pad(id, f.idWidth(sc.Width))+" "+th.Faint.Render("stays as it is: "+r.why), sc.Width)
	} else {
		c := r.changes[0]
		check := th.OK.Render("changes")
		if n := len(r.changes); n > 1 {
			check = th.OK.Render("changes") + th.Faint.Render(", and "+model.Number(n-1)+" more")
		}
		if f.picked().fix.Marked {
			check = th.Wait.Render("made up")
		}
		where := c.Pointer
		if c.Part == model.Header {
			where = "header " + where
		}
		line = f.columns(sc, pointerIf(sc, on), id, th.Faint.Render(widget.Show(model.Foreign(where), sc.Width/4)),
			th.Removed.Render("- "+widget.Show(c.Old, sc.Width/2)), th.Added.Render("+ "+widget.Show(c.New, sc.Width/2)), check)
	}
	if on {
		line = th.Lit(th.Cursor, line)
	}
	return line
}

func pointerIf(sc *Scene, on bool) string {
	if on {
		return sc.Theme.Accent.Render("▸")
	}
	return " "
}

// idWidth is what the longest id that is shown takes, within reason.
func (f *Fix) idWidth(width int) int {
	w := 6
	from, to := f.win.Rows()
	for _, r := range f.rows[min(from, len(f.rows)):min(to, len(f.rows))] {
		w = max(w, widget.Width(f.ids[r.item]))
	}
	return min(w, width/5)
}
