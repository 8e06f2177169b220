package screen

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/lipgloss/v2"

	"retriage/model"
	"retriage/themes"
	"retriage/triage"
	"retriage/tui/widget"
)

// space is how a list divides the screen.
type space struct {
	head        int  // lines above the column heads
	rows        int  // lines of items
	width       int  // cells of a row
	detail      int  // lines of the detail, 0 = hidden
	detailWidth int  // cells of a line of it
	right       bool // the detail stands at the right
}

// space divides: the detail at the right of a wide screen, below on a narrow
// one, nowhere on one that is low.
func (l *list) space(sc *Scene) space {
	const (
		heads  = 1
		low    = 12 // body lines that a detail below needs
		margin = 2
	)
	s := space{head: 3, width: sc.Width}
	if l.field != nil || sc.Face.Query != "" || sc.Face.Cause != nil {
		s.head++
	}
	body := max(0, sc.Height-s.head)
	s.rows = max(0, body-heads)
	switch {
	case l.zoom:
		s.rows, s.detail, s.detailWidth = 0, body, sc.Width-margin
	case sc.Face.NoDetail:
	case sc.Width >= Wide:
		s.right = true
		s.width = sc.Width * 55 / 100
		s.detail, s.detailWidth = body, sc.Width-s.width-1-margin
	case body >= low:
		s.detail = body * 2 / 5
		s.rows, s.detailWidth = body-heads-1-s.detail, sc.Width-margin
	}
	return s
}

// View implements Screen.
func (l *list) View(sc *Scene) Picture {
	sp := l.space(sc)
	lines := []string{
		header(sc, crumbs(sc, sc.Face.Tab.Title()), mode(sc)),
		tabsLine(sc),
		widget.Rule(sc.Width, sc.Theme),
	}
	if sp.head > len(lines) {
		lines = append(lines, l.filterLine(sc))
	}
	switch {
	case l.zoom:
		lines = append(lines, indent(l.detail.view(sp.detail))...)
	case sp.right:
		lines = append(lines, beside(l.table(sc, sp), indent(l.detail.view(sp.detail)), sp, sc.Theme)...)
	default:
		lines = append(lines, l.table(sc, sp)...)
		if sp.detail > 0 {
			lines = append(lines, widget.Rule(sc.Width, sc.Theme))
			lines = append(lines, indent(l.detail.view(sp.detail))...)
		}
	}
	pic := Picture{Lines: lines, Left: l.statusLeft(sc), Right: sc.Theme.Faint.Render(l.position())}
	if l.wrong != "" {
		pic.Right = ""
	}
	return pic
}

func indent(lines []string) []string {
	for i, line := range lines {
		lines[i] = " " + line
	}
	return lines
}

// beside puts the detail at the right of the table.
func beside(left, right []string, sp space, th themes.Theme) []string {
	bar := th.Rule.Render("│")
	out := make([]string, max(len(left), sp.detail))
	for i := range out {
		l, r := "", ""
		if i < len(left) {
			l = left[i]
		}
		if i < len(right) {
			r = right[i]
		}
		out[i] = widget.Pad(l, sp.width) + bar + r
	}
	return out
}

func (l *list) position() string {
	if len(l.rows.items) == 0 {
		return ""
	}
	return fmt.Sprintf("row %s of %s", model.Number(l.win.Cursor+1), model.Number(len(l.rows.items)))
}

func (l *list) statusLeft(sc *Scene) string {
	if l.wrong != "" {
		return sc.Theme.Fail.Render(l.wrong) // in full, under the line
	}
	if l.anchor >= 0 {
		text := "range of " + model.Number(l.rangeLen())
		if all := l.chosenLen(sc); all > l.rangeLen() {
			text += ", " + model.Number(all) + " with the selection"
		}
		return sc.Theme.Accent.Render(text) + sc.Theme.Faint.Render("   v keeps it, esc drops it")
	}
	return selectedWords(sc, sc.Face.Selection.Len()-l.shown)
}

// filterLine is the filter and what it leaves.
func (l *list) filterLine(sc *Scene) string {
	th, f := sc.Theme, sc.Face
	right := ""
	if l.rows.ready {
		right = th.Text.Render(fmt.Sprintf("%s of %s shown ", model.Number(len(l.rows.items)), model.Number(l.rows.total)))
	}
	if l.wrong != "" {
		right = th.Fail.Render("not a filter yet ")
	}
	if l.field != nil {
		room := sc.Width - widget.Width(right) - 5
		return widget.Sides(" "+th.Accent.Render("/ ")+l.field.View(max(room, 8), th), right, sc.Width)
	}
	left, query := "", model.Foreign(f.Query).Safe(model.SafeShort)
	if f.Cause != nil {
		left = th.Accent.Render(widget.Clip("cause "+causeText(*f.Cause, ""), sc.Width/2)) + "   "
	}
	switch {
	case query == "":
	case f.QueryOff:
		left += th.Faint.Render("/ " + query + "   switched off")
	default:
		left += th.Accent.Render("/ ") + th.Strong.Render(query)
	}
	left += "   " + right
	right = ""
	if sc.Width >= 70 {
		right = th.Faint.Render(`\ off/on   esc clear `)
	}
	return widget.Sides(" "+left, right, sc.Width)
}

// columns of the table of items.
type listCols struct{ id, tab, field int }

func (l *list) cols(sp space, tab triage.Tab) listCols {
	c := listCols{id: min(max(l.rows.id, 5), max(8, sp.width/4))}
	if tab == triage.AllTab && sp.width >= 55 {
		c.tab = 5
	}
	if l.rows.field > 0 && sp.width >= 50 {
		c.field = min(max(l.rows.field, 5), sp.width/5)
	}
	return c
}

func (l *list) table(sc *Scene, sp space) []string {
	th, c := sc.Theme, l.cols(sp, sc.Face.Tab)
	head := "     " + widget.Pad("ITEM", c.id) + "  "
	if c.tab > 0 {
		head += widget.Pad("KIND", c.tab) + "  "
	}
	if c.field > 0 {
		head += widget.Pad("FIELD", c.field) + "  "
	}
	lines := []string{th.Faint.Render(widget.Pad(head+"PROBLEM", sp.width))}
	if len(l.rows.items) == 0 {
		return append(lines, "", "     "+th.Faint.Render(l.nothing(sc)))
	}
	win := l.win.Fit(sp.rows, len(l.rows.items))
	from, to := win.Rows()
	rangeFrom, rangeTo := l.rangeRows()
	for k := from; k < to; k++ {
		i := l.rows.items[k]
		line := l.row(sc, sp, c, i, k == l.win.Cursor, sc.Face.Selection.Has(i) || k >= rangeFrom && k < rangeTo)
		lines = append(lines, line)
	}
	return lines
}

func (l *list) nothing(sc *Scene) string {
	switch {
	case !l.rows.ready:
		return ""
	case sc.Face.filtered():
		return "Nothing here fits the filter; esc clears it."
	}
	return "Nothing is left here."
}

func (l *list) row(sc *Scene, sp space, c listCols, i int, on, chosen bool) string {
	th, r := sc.Theme, sc.S.Row(i)
	mark, dot, name := " ", " ", th.Text
	if on {
		mark, name = th.Accent.Render("▸"), th.Strong
	}
	if chosen {
		dot = th.Chosen.Render("●")
	}
	id := r.ID.Safe()
	if r.ID.IsZero() {
		id = idOf(sc.S, i)
	}
	line := " " + mark + dot + stateStyle(r.State, th).Render(r.State.Glyph(th.ASCII)) + " " + name.Render(widget.Pad(id, c.id)) + "  "
	if c.tab > 0 {
		line += th.Faint.Render(widget.Pad(tabOf(r).Short(), c.tab)) + "  "
	}
	if c.field > 0 {
		line += th.Faint.Render(widget.Pad(widget.Show(fieldOf(sc, r), c.field), c.field)) + "  "
	}
	text, style := problem(sc, r, c.field > 0)
	if sc.S.FormDraft(i) != nil {
		text = "draft, not saved · " + text
	}
	room := sp.width - widget.Width(line)
	line += style.Render(widget.Clip(text, room))
	if on {
		line = th.Lit(th.Cursor, widget.Pad(line, sp.width))
	}
	return line
}

// stateStyle is how the sign of a state is drawn.
func stateStyle(st model.State, th themes.Theme) lipgloss.Style {
	switch st {
	case model.Failed, model.NotFound:
		return th.Fail
	case model.Unknown:
		return th.Unknown
	case model.OK, model.Confirmed, model.Unverifiable:
		return th.OK
	case model.Edited:
		return th.Accent
	case model.Waiting, model.Unanswered, model.Differs, model.Unreadable:
		return th.Wait
	case model.InFlight, model.Queued:
		return th.OK
	}
	return th.Faint
}

// fieldOf is the field that a row is about: the one that failed, or the first of
// those that were edited.
func fieldOf(sc *Scene, r triage.Row) model.Untrusted {
	if r.State != model.Edited {
		return r.Field
	}
	c, _, ok := netEdit(sc, r)
	if !ok {
		return model.Untrusted{}
	}
	return model.Foreign(c.Pointer)
}

// netEdit is the change that a row tells of, and how many more there are: that of
// the field that failed, if it was edited.
func netEdit(sc *Scene, r triage.Row) (c model.Change, more int, ok bool) {
	net := triage.NetChanges(sc.S.Changes(r.Index))
	if len(net) == 0 {
		return c, 0, false
	}
	at := slices.IndexFunc(net, func(c model.Change) bool { return c.Part == model.Body && c.Pointer == r.Pointer() })
	return net[max(at, 0)], len(net) - 1, true
}

// problem says what is wrong with an item, or what was done about it; named says
// that the field stands beside it.
func problem(sc *Scene, r triage.Row, named bool) (string, lipgloss.Style) {
	th := sc.Theme
	switch r.State {
	case model.LeftOut:
		return "left out by you", th.Faint
	case model.Edited:
		return editWords(sc, r, named), th.Text
	case model.Waiting:
		if sc.S.Rests(r.Index) {
			return "for another try, once the stopped run goes on", th.Wait
		}
		if !r.NotBefore.IsZero() {
			return "waits until " + widget.Clock(r.NotBefore, sc.Now), th.Wait
		}
	case model.Unknown:
		return "sent, no trustworthy answer: may have been applied", th.Text
	case model.Differs, model.NotFound, model.Unreadable:
		return readBackWords(r), th.Text
	}
	switch r.Reason {
	case model.NotAttempted, model.RolledBack:
		text := strings.ReplaceAll(string(r.Reason), "_", " ")
		if !r.Cause.IsZero() {
			text += " because of " + r.Cause.Safe()
		}
		return text, th.Text
	case model.NotAnswered:
		return "not in the response", th.Text
	}
	if msg := r.Message.Safe(model.SafeShort); msg != "" {
		return msg, th.Text
	}
	return strings.TrimSpace(statusText(r.Status) + " " + r.Code.Safe(60)), th.Text
}

func editWords(sc *Scene, r triage.Row, named bool) string {
	c, more, ok := netEdit(sc, r)
	if !ok {
		return "edited back to what was sent first"
	}
	field := ""
	if !named {
		field = model.Foreign(c.Pointer).Safe(30) + " "
	}
	text := fmt.Sprintf("edited: %s%s (was %s)", field, orAbsent(c.New), orAbsent(c.Old))
	if more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

func orAbsent(u model.Untrusted) string {
	if u.IsZero() {
		return "absent"
	}
	return u.Safe(40)
}

func readBackWords(r triage.Row) string {
	if r.Verdict == nil || len(r.Verdict.Fields) == 0 {
		return r.Base.Words()
	}
	f := r.Verdict.Fields[0]
	return fmt.Sprintf("%s: %s is %s, we sent %s", r.Base.Words(), model.Foreign(f.Pointer).Safe(40), orAbsent(f.Got), orAbsent(f.Sent))
}
