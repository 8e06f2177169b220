package screen

import (
	"strconv"
	"strings"

	"retriage/model"
	"retriage/triage"
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
		{Keys: []string{"f"}, Action: keys.FixProblems, Text: "only the items that want a look, or all", Foot: "only problems", Group: "FIND"},
		{Keys: []string{"u"}, Action: keys.Undo, Text: "undo the fix that was applied last", Foot: "undo", Group: "CHANGE here"},
		{Keys: []string{"ctrl+r"}, Action: keys.Redo, Text: "redo", Group: "CHANGE here"},
		{Keys: []string{"d", "enter"}, Action: keys.FixDiff, Text: "everything that changes in this item", Foot: "full diff", Group: "FIND", Off: noRow},
		{Keys: []string{"esc"}, Action: keys.Escape, Text: "close, change nothing more", Foot: "back", Keep: true, Group: "LEAVE"},
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
		what, next := f.noneWords()
		return append(lines, "", "   "+th.Text.Render(widget.Clip(what, sc.Width-4)), "   "+th.Faint.Render(widget.Clip(next, sc.Width-4)))
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
	if n := len(f.picked().done); n > 0 {
		stayed += th.Faint.Render(", " + model.Number(n) + " of them done already")
	}
	if n := f.problemRows(); n > 0 {
		stayed += "   " + th.Wait.Render(model.Number(n)+" "+plural(n, "wants", "want")+" a look")
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
	if k := f.win.Cursor; sc.Width < Wide && k < len(f.rows) && len(f.rows[k].changes) > 0 {
		if d := triage.Doubt(f.rows[k].changes[0]); d != "" {
			pic.Left = th.Wait.Render(f.ids[f.rows[k].item] + ": " + d + ".")
		}
	}
	pic.Lines = lines
	return pic
}

func (f *Fix) columns(sc *Scene, sign, item, field, before, after, check string) string {
	w := sc.Width
	plain := sc.Theme.Text.UnsetForeground()
	cols := []widget.Column{{Text: " ", Width: 1, Style: plain}, {Text: sign, Width: 1, Style: plain}, {Text: item, Width: f.idWidth(w), Style: plain}}
	room := w - 4 - f.idWidth(w)
	v := f.valueTaken(w) + 2
	switch {
	case w >= Wide:
		cols = append(cols, widget.Column{Text: field, Width: room / 6, Style: plain}, widget.Column{Text: before, Width: v, Style: plain},
			widget.Column{Text: after, Width: v, Style: plain}, widget.Column{Text: check, Width: -1, Style: plain})
	case w >= 70:
		cols = append(cols, widget.Column{Text: field, Width: room / 6, Style: plain}, widget.Column{Text: before, Width: v, Style: plain},
			widget.Column{Text: after, Width: v, Style: plain}, widget.Column{Text: check, Width: -1, Style: plain})
	default:
		cols = append(cols, widget.Column{Text: before, Width: v, Style: plain}, widget.Column{Text: after, Width: -1, Style: plain})
	}
	return widget.Columns(w, cols...)
}

// valueWidth is the room for a value before or after.
func (f *Fix) valueWidth(width int) int {
	room := width - 4 - f.idWidth(width)
	switch {
	case width >= Wide:
		return max(1, room*3/10-2)
	case width >= 70:
		return max(1, room/3-2)
	}
	return max(1, room/2-2)
}

// valueTaken is what the values that are shown take of that room, so that what
// they leave goes to the last column.
func (f *Fix) valueTaken(width int) int {
	room := f.valueWidth(width)
	w := min(room, 8)
	from, to := f.win.Rows()
	for _, r := range f.rows[min(from, len(f.rows)):min(to, len(f.rows))] {
		if len(r.changes) > 0 && w < room {
			before, after := beforeAfter(r.changes[0], room)
			w = max(w, widget.Width(before), widget.Width(after))
		}
	}
	return w
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
		style := th.Faint
		if r.problem {
			style = th.Wait
		}
		line = widget.Pad(" "+pointerIf(sc, on)+style.Render("=")+" "+widget.Pad(id, f.idWidth(sc.Width))+" "+style.Render(stayWords(r.why)), sc.Width)
	} else {
		c := r.changes[0]
		where := c.Pointer
		if c.Part == model.Header {
			where = "header " + where
		}
		before, after := beforeAfter(c, f.valueTaken(sc.Width))
		line = f.columns(sc, pointerIf(sc, on), id, th.Faint.Render(widget.Show(model.Foreign(where), sc.Width/4)),
			th.Removed.Render("- "+before), th.Added.Render("+ "+after), f.check(sc, r))
	}
	if on {
		line = th.Lit(th.Cursor, line)
	}
	return line
}

// check is what there is to know about a change before it is made.
func (f *Fix) check(sc *Scene, r fixRow) string {
	th := sc.Theme
	check := th.OK.Render("changes")
	if d := triage.Doubt(r.changes[0]); d != "" {
		check = th.Wait.Render(d)
	} else if f.picked().fix.Marked {
		check = th.Wait.Render("made up")
	}
	if n := len(r.changes); n > 1 {
		check += th.Faint.Render(", and " + model.Number(n-1) + " more")
	}
	return check
}

func stayWords(why string) string {
	if why == "done already" || strings.HasPrefix(why, "needs no edit") {
		return why
	}
	return "stays as it is: " + why
}

// problemRows counts the items that want a look before the fix is applied.
func (f *Fix) problemRows() (n int) {
	fi := f.picked()
	for _, i := range f.items {
		if c, fits := fi.edits[i]; fits && triage.Doubt(c[0]) != "" || !fits && f.noFit[i] != "" {
			n++
		}
	}
	return n
}

// noneWords says why there is no fix, and what to do.
func (f *Fix) noneWords() (what, next string) {
	sends, looks := 0, 0
	for _, why := range f.asIs {
		if strings.HasSuffix(why, "R sends it") {
			sends++
		} else {
			looks++
		}
	}
	n, blind := len(f.items), 0
	for _, why := range f.noFit {
		if why == notKnown {
			blind++
		}
	}
	switch {
	case n > 0 && blind == n:
		return "What was sent is not in this file, so nothing can be fixed. Nothing was changed.", "Open it again with --request FILE; esc goes back."
	case n > 0 && sends == n:
		return plural(n, "This item", "These items") + " " + plural(n, "needs", "need") + " no edit: R sends " + plural(n, "it", "them") + ". Nothing was changed.", "esc goes back; R there plans the retry."
	case n > 0 && sends+looks == n:
		return plural(n, "This item", "These items") + " " + plural(n, "needs", "need") + " no edit: R looks first what was applied.", "Nothing was changed. esc goes back; R there plans the retry."
	case sends+looks > 0:
		return "No fix of ours fits these items; " + model.Number(sends+looks) + " " + plural(sends+looks, "needs", "need") + " no edit: R sends " + plural(sends+looks, "it", "them") + ".",
			"Nothing was changed. e on one item opens its form; esc goes back."
	}
	return "No fix of ours fits these items. Nothing was changed.", "e on one item opens its form; esc goes back."
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
