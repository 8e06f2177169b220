package screen

import (
	"fmt"
	"strconv"
	"strings"

	"charm.land/lipgloss/v2"

	"retriage/model"
	"retriage/themes"
	"retriage/triage"
	"retriage/tui/widget"
)

// View implements Screen.
func (o *overview) View(sc *Scene) Picture {
	lines := o.head(sc)
	counts := sc.S.Counts()
	switch {
	case counts.Total == 0 && sc.Reading:
		lines = append(lines, "", "   "+sc.Theme.Text.Render("Reading. Items show up here as they come."))
	case counts.Total == 0:
		lines = append(lines, "", "   "+sc.Theme.Text.Render("There are no items in this batch. Nothing to do."))
	case counts.Open() == 0:
		lines = append(lines, "", "   "+sc.Theme.Text.Render(fmt.Sprintf("%s of %s ok. Nothing to retry.",
			model.Number(counts.Done()), model.Number(counts.Total))))
	default:
		lines = append(lines, o.categories(sc, sc.Height-len(lines))...)
		lines = append(lines, o.causes(sc, sc.Height-len(lines)-3)...)
	}
	lines = append(lines, anomalies(sc, sc.Height-len(lines)-3)...)
	if next := o.next(sc); next != "" && sc.Height > len(lines)+1 {
		for len(lines) < sc.Height-2 {
			lines = append(lines, "")
		}
		lines = append(lines, next)
	}
	return Picture{Lines: lines, Left: selectedWords(sc, 0), Right: sc.Theme.Faint.Render(journalWords(sc))}
}

func journalWords(sc *Scene) string {
	if sc.ReadOnly != "" {
		return ""
	}
	return "journal on"
}

// head is what and where, how much of it, and one bar for all of it.
func (o *overview) head(sc *Scene) []string {
	th := sc.Theme
	where := ""
	if t := target(sc.Profile); t != "" && sc.Width >= 70 {
		where = "   " + th.Faint.Render(widget.Clip(t, sc.Width/2))
	}
	sums, total := states(sc.S.Counts(), th)
	words := []string{th.Strong.Render(model.Plural(total, "item"))}
	var bar []widget.Part
	for _, s := range sums {
		words = append(words, s.style.Bold(s.bold).Render(model.Number(s.n)+" "+s.word))
		bar = append(bar, widget.Part{N: s.n, Style: s.style, Sign: s.sign})
	}
	if open := sc.S.Counts().Open(); open > 0 && open < total {
		words = append(words, th.Faint.Render("("+model.Percent(open, total)+" open)"))
	}
	right := ""
	if at := sc.S.Started(); !at.IsZero() {
		right = th.Faint.Render("opened " + widget.Ago(at, sc.Now))
		if sc.Width >= Wide {
			right = th.Faint.Render("opened " + widget.Clock(at, sc.Now) + ", " + widget.Ago(at, sc.Now))
		}
	}
	if sc.Reading {
		right = th.Wait.Render(strings.TrimSpace("still reading " + sc.HowFar))
	}
	lines := []string{header(sc, crumbs(sc, "")+where, mode(sc))}
	if line := strings.Join(words, "   "); widget.Width(line)+widget.Width(right)+4 <= sc.Width {
		lines = append(lines, header(sc, line, right))
	} else {
		lines = append(lines, indented(1, spread(words, sc.Width-2))...)
	}
	return append(lines, " "+widget.Bar(sc.Width-2, total, bar, th)+" ")
}

// target is where requests go, as the header says it.
func target(p model.Profile) string {
	if p.BaseURL == "" {
		return ""
	}
	url := p.BaseURL + p.BatchPath
	if _, rest, ok := strings.Cut(url, "://"); ok {
		url = rest
	}
	return "POST " + model.Foreign(url).Safe(model.SafeShort)
}

type stateSum struct {
	n     int
	word  string
	sign  string
	style lipgloss.Style
	bold  bool
}

// states lists how many items are in each state; they add up to total.
func states(c triage.Counts, th themes.Theme) (sums []stateSum, total int) {
	add := func(word string, st lipgloss.Style, bold bool, of ...model.State) {
		if n := c.Of(of...); n > 0 {
			sums = append(sums, stateSum{n, word, of[0].Glyph(true), st, bold})
		}
	}
	add("confirmed", th.OK, false, model.Confirmed)
	add("ok", th.OK, false, model.OK)
	add("unverifiable", th.OK, false, model.Unverifiable)
	add("in flight", th.Wait, false, model.InFlight)
	add("queued", th.Wait, false, model.Queued)
	add("waiting", th.Wait, false, model.Waiting)
	add("ready", th.Text, false, model.Ready)
	add("edited", th.Accent, false, model.Edited)
	add("left out", th.Faint, false, model.LeftOut)
	add("failed", th.Fail, true, model.Failed)
	add("unanswered", th.Wait, false, model.Unanswered)
	add("not as sent", th.Wait, false, model.Differs, model.NotFound, model.Unreadable)
	add("unknown", th.Unknown, true, model.Unknown)
	return sums, c.Total
}

// overviewCols are the widths of the table of categories.
type overviewCols struct{ name, items, bar int }

func (o *overview) cols(width int) overviewCols {
	c := overviewCols{name: 19, items: 7}
	switch {
	case width >= Wide:
		c.bar = min(40, width*3/10)
	case width >= 70:
		c.bar = 8
	case width < 60:
		c.name = 12
	}
	return c
}

// categories is the table of categories. Where there is no room for all of it the
// heads go first, then rows far from the cursor; what is unknown stays.
func (o *overview) categories(sc *Scene, room int) []string {
	th, c := sc.Theme, o.cols(sc.Width)
	head := "   " + widget.Pad("CATEGORY", c.name) + widget.PadLeft("ITEMS", c.items) + "  "
	if c.bar > 0 {
		head += widget.Pad(share(c.bar), c.bar) + "  "
	}
	lines := []string{"", th.Faint.Render(head + "  LEFT TO DO")}
	if sc.Height < low || room < len(o.tabs)+len(lines) {
		lines = lines[1:]
	}
	if room < len(o.tabs)+len(lines) {
		lines = nil
	}
	open := sc.S.Counts().Open()
	for _, k := range o.shown(room - len(lines)) {
		t, on := o.tabs[k], k == o.win.Cursor
		number := " "
		if k < 9 {
			number = strconv.Itoa(k + 1)
		}
		name := th.Text
		mark := " "
		if on {
			name, mark = th.Strong, th.Accent.Render("▸")
		}
		line := " " + mark + th.Faint.Render(number) + " " + name.Render(widget.Pad(tabName(t.Tab, c.name), c.name-1)) +
			th.Strong.Render(widget.PadLeft(model.Number(t.Count), c.items)) + "  "
		if c.bar > 0 {
			line += widget.Bar(c.bar, open, []widget.Part{{N: t.Count, Style: shareStyle(t.Tab, th)}}, th) + "  "
		}
		room := sc.Width - widget.Width(line) - 3
		line += easeStyle(t.Tab, th).Render("●") + " " + th.Text.Render(short(o.verb(sc, t), room))
		if on {
			line = th.Lit(th.Cursor, widget.Pad(line, sc.Width))
		}
		lines = append(lines, line)
	}
	return lines
}

// shown is the categories that fit into so many rows: those around the cursor,
// and the last one when it is Unknown.
func (o *overview) shown(room int) []int {
	n := len(o.tabs)
	last := n - 1
	keep := n > room && room > 1 && o.tabs[last].Tab == triage.UnknownTab && o.win.Cursor < last
	if keep {
		n, room = n-1, room-1
	}
	var rows []int
	from, to := o.win.Fit(max(1, room), n).Rows()
	for k := from; k < to; k++ {
		rows = append(rows, k)
	}
	if keep {
		rows = append(rows, last)
	}
	return rows
}

func share(cells int) string {
	if cells < len("SHARE OF OPEN") {
		return "SHARE"
	}
	return "SHARE OF OPEN"
}

// short is as much of a text of several clauses as fits.
func short(text string, cells int) string {
	for widget.Width(text) > cells {
		cut := strings.LastIndexAny(text, ";:")
		if cut < 0 {
			return widget.Clip(text, cells)
		}
		text = text[:cut]
	}
	return text
}

func tabName(t triage.Tab, room int) string {
	if widget.Width(t.Title()) < room {
		return t.Title()
	}
	return t.Short()
}

func easeStyle(t triage.Tab, th themes.Theme) lipgloss.Style {
	switch triage.EaseOf(t) {
	case triage.AsIs:
		return th.OK
	case triage.Danger:
		return th.Fail
	}
	return th.Wait
}

func shareStyle(t triage.Tab, th themes.Theme) lipgloss.Style {
	if triage.EaseOf(t) == triage.AsIs {
		return th.Wait
	}
	return th.Fail
}

// adviceOn is what a tab wants; where all of its items are looked up first, that
// and not what its category mostly wants.
func adviceOn(t triage.TabCount, sum *tabSum) string {
	if sum != nil && sum.doubt == t.Count && triage.EaseOf(t.Tab) == triage.AsIs {
		return triage.Advice(triage.TabOf(model.Timeout))
	}
	return triage.Advice(t.Tab)
}

// verb is what is left to do for a tab.
func (o *overview) verb(sc *Scene, t triage.TabCount) string {
	sum := o.digest.sum[t.Tab]
	text := adviceOn(t, sum)
	switch {
	case t.Count == 0:
		return "nothing is left here"
	case sum == nil:
		return text
	case sum.left == t.Count:
		return "left out by you"
	case sum.moving > 0:
		return model.Number(sum.moving) + " held by the run"
	case sum.edited == t.Count && sc.ReadOnly != "":
		return "edited and not sent"
	case sum.handed > 0:
		return model.Number(sum.handed) + " handed in; the answer is awaited"
	case sum.unsent+sum.again > 0:
		return restWords(sum.unsent, sum.again)
	case sum.edited == t.Count:
		return "edited; R sends them"
	case sum.edited > 0:
		return fmt.Sprintf("%s; %s of %s edited", text, model.Number(sum.edited), model.Number(t.Count))
	case sum.wait > 0:
		return fmt.Sprintf("%s; the server asked for %s", text, model.Duration(sum.wait))
	}
	return text
}

// restWords tells what a stopped run still holds of a tab, in the words of the
// run's own screen.
func restWords(unsent, again int) string {
	const next = "; R goes on, or plans anew"
	switch {
	case again == 0:
		return model.Number(unsent) + " not sent by the stopped run" + next
	case unsent == 0:
		return model.Number(again) + " for another try, the run was stopped" + next
	}
	return model.Number(unsent) + " not sent, " + model.Number(again) + " for another try" + next
}

// causes is the largest causes, as many as there is room for.
func (o *overview) causes(sc *Scene, room int) []string {
	th := sc.Theme
	n := min(room-2, len(o.digest.facts))
	if n < 1 {
		return nil
	}
	left := "   TOP CAUSES   " + strconv.Itoa(o.digest.nCause) + " in all"
	lines := []string{"", widget.Sides(th.Faint.Render(left), th.Faint.Render("c  all causes "), sc.Width)}
	for k, g := range o.digest.causes[:n] {
		text := "  " + th.Strong.Render(widget.PadLeft(model.Number(g.Count), 6)) + "  "
		room := sc.Width - 12
		if sc.Width >= Wide {
			room = sc.Width * 39 / 100 // the longest name of a repair fits beside it
		}
		text += th.Text.Render(widget.Pad(causeText(g, o.digest.facts[k].status), room))
		if sc.Width >= Wide {
			text += "  " + th.Faint.Render(widget.Pad(g.Tab.Short(), 5))
			if fix := o.digest.facts[k].fix; fix != "" {
				text += "  " + th.OK.Render(widget.Clip(fix, sc.Width-widget.Width(text)-3))
			}
		}
		lines = append(lines, text)
	}
	return lines
}

// causeText names a cause: status, field and the shape of the message.
func causeText(g triage.Group, status string) string {
	if g.Tab == triage.CheckTab {
		return "read back: " + g.State.Words()
	}
	words := []string{}
	if status != "" {
		words = append(words, status)
	}
	if f := g.Field.Safe(60); f != "" {
		words = append(words, f)
	}
	switch shape := g.Shape.Safe(model.SafeShort); {
	case shape != "":
		words = append(words, shape)
	case !g.Code.IsZero():
		words = append(words, g.Code.Safe(60))
	case len(words) == 0:
		words = append(words, "no code, no message")
	}
	if g.Collateral {
		return "follows another item: " + strings.Join(words, " ")
	}
	return strings.Join(words, " ")
}

// anomalies are the contradictions in the input.
func anomalies(sc *Scene, room int) []string {
	all := sc.S.Batch().Anomalies()
	if len(all) == 0 || room < 2 {
		return nil
	}
	lines := []string{""}
	for _, a := range all[:min(len(all), room-1)] {
		lines = append(lines, "   "+sc.Theme.Wait.Render("! ")+sc.Theme.Text.Render(widget.Clip(a.Text, sc.Width-6)))
	}
	return lines
}

// next is the line that says what to press.
func (o *overview) next(sc *Scene) string {
	th := sc.Theme
	var steps []string
	add := func(key, text string) {
		steps = append(steps, th.Key.Render(key)+" "+th.Faint.Render(text))
	}
	if n := sc.S.Counts().Of(model.Unknown); n > 0 && sc.NoTarget == "" {
		add("V", "verify the "+model.Number(n)+" unknown")
	}
	if n := o.digest.asIs + o.digest.edited; n > 0 && sc.ReadOnly == "" && sc.NoTarget == "" {
		text := "plan a retry of the " + model.Number(n) + plural(n, " that needs", " that need") + " no edit"
		if o.digest.edited > 0 {
			text = fmt.Sprintf("plan a retry of %s, %s edited", model.Number(n), model.Number(o.digest.edited))
		}
		add("R", text)
	}
	for k, t := range o.tabs {
		if t.Count > 0 && triage.EaseOf(t.Tab) == triage.Hand && k < 9 {
			add(strconv.Itoa(k+1), "open "+t.Tab.Title())
			break
		}
	}
	line := "   " + th.Faint.Render("NEXT") + "  "
	used := false
	for _, s := range steps {
		if widget.Width(line)+widget.Width(s) > sc.Width-1 {
			break
		}
		line += s + "     "
		used = true
	}
	if !used {
		return ""
	}
	return strings.TrimRight(line, " ")
}

// selectedWords is the left of the status line.
func selectedWords(sc *Scene, hidden int) string {
	th, n := sc.Theme, sc.Face.Selection.Len()
	style := th.Faint
	if n > 0 {
		style = th.Strong
	}
	words := style.Render(model.Number(n) + " selected")
	if hidden > 0 {
		words += " " + th.Wait.Render("("+model.Number(hidden)+" hidden here)")
	}
	c := sc.S.Counts()
	for _, s := range []struct {
		n    int
		word string
	}{{c.Of(model.Edited), "edited"}, {c.Of(model.LeftOut), "left out"}, {len(sc.S.DraftItems()), "with a draft"}} {
		if s.n > 0 {
			words += "   " + th.Text.Render(model.Number(s.n)+" "+s.word)
		}
	}
	return words
}
