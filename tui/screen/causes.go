package screen

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"retriage/model"
	"retriage/triage"
	"retriage/tui/keys"
	"retriage/tui/widget"
)

// Causes is the scope of the screen of error groups.
const Causes keys.Scope = "causes"

func causesKeys() []keys.Binding {
	change := func(st keys.State) string {
		if st.ReadOnly != "" {
			return st.ReadOnly
		}
		return noRow(st)
	}
	return []keys.Binding{
		{Keys: []string{"enter", "l", "right"}, Action: keys.Open, Text: "open the items of this cause", Foot: "items", Group: "MOVE", Off: noRow},
		{Keys: []string{"space"}, Action: keys.SelectCause, Text: "select all items of this cause, or none", Group: "SELECT", Off: noRow,
			FootOf: func(st keys.State) string { return "select " + model.Number(st.Group) }},
		{Keys: []string{"b", "e"}, Action: keys.Fix, Text: "bulk fix: one rule for all items of this cause", Foot: "bulk fix", Group: "CHANGE here", Off: change},
		{Keys: []string{"c"}, Action: keys.Causes, Text: "next grouping", Foot: "grouping", Group: "FIND"},
		{Keys: []string{"esc"}, Action: keys.Escape, Text: "back", Group: "LEAVE"},
	}
}

// causes is the failures by cause, the largest first.
type causes struct {
	win    widget.Window
	over   bool       // a list of the same tab is under this screen
	away   bool       // the items of a cause are open over this screen
	tab    triage.Tab // that was open before
	groups []triage.Group
	facts  map[int]causeFacts
	ready  bool
}

// causeFacts is what takes a look at the items of a cause.
type causeFacts struct {
	status      string // of all its items; "" = none has one
	first, last string
	some        []string
	fix         string // a repair that is ready for one of its first items, "" = none
}

type causesAnswer struct {
	groups []triage.Group
	facts  map[int]causeFacts
}

const (
	causesWork  = "causes"
	causesKnown = 60 // causes whose items are looked at
	someItems   = 8
)

// NewCauses is the causes in the face's tab. over says that the list of that tab
// is under it.
func NewCauses(over bool) Screen { return &causes{over: over} }

// Scopes implements Screen.
func (c *causes) Scopes() []keys.Scope { return []keys.Scope{Causes, Rows, Batch} }

// Facts implements Screen.
func (c *causes) Facts(sc *Scene, st *keys.State) {
	batchFacts(sc, st)
	st.Finding = !c.ready
	st.Rows = len(c.groups)
	if g, ok := c.at(); ok {
		st.Group = g.Count
	}
}

func (c *causes) at() (triage.Group, bool) {
	if c.win.Cursor >= len(c.groups) {
		return triage.Group{}, false
	}
	return c.groups[c.win.Cursor], true
}

// Refresh implements Screen.
func (c *causes) Refresh(sc *Scene) []Effect {
	if c.away { // back from the items of one cause
		c.away = false
		sc.Face.Tab, sc.Face.Cause = c.tab, nil
	}
	sc.Face.sync(sc)
	tab, by := sc.Face.Tab, sc.Face.Grouping
	return []Effect{Work{Name: causesWork, Do: func(ctx context.Context, e Engine) any {
		a := causesAnswer{facts: map[int]causeFacts{}}
		e.Desk.Look(func(s *triage.Session) { a.groups = s.Groups(tab, by) })
		for k, g := range a.groups[:min(len(a.groups), causesKnown)] {
			if ctx.Err() != nil {
				return a
			}
			a.facts[k] = lookAt(e, g)
		}
		return a
	}}}
}

// lookAt finds out what there is to say about a cause. It reads its first items,
// until a repair fits one of them.
func lookAt(e Engine, g triage.Group) causeFacts {
	var f causeFacts
	var tried []int
	e.Desk.Look(func(s *triage.Session) {
		if items := s.Members(g); len(items) > 0 {
			tried = items[:min(len(items), someItems)]
			f = factsOf(s, items)
		}
	})
	if g.Tab == triage.CheckTab || g.Tab == triage.UnknownTab {
		return f
	}
	for _, i := range tried {
		if f.fix = fixFor(e, i); f.fix != "" {
			break
		}
	}
	return f
}

// fixFor is the repair that is ready for an item, "" = none.
func fixFor(e Engine, i int) string {
	it, now, edited, err := e.Desk.Payload(i)
	if err != nil || edited || !now.Known {
		return ""
	}
	var failure model.Failure
	e.Desk.Look(func(s *triage.Session) { failure, _ = s.Failure(i) })
	for _, sg := range triage.Suggest(it, failure) {
		if !sg.Fix.Marked {
			return sg.Fix.Title
		}
	}
	return ""
}

// statusesOf is the statuses of items, in the order that they come.
func statusesOf(s *triage.Session, items []int) string {
	const most = 3
	var all []string
	for _, i := range items {
		st := statusText(s.Row(i).Status)
		if st == "" || slices.Contains(all, st) {
			continue
		}
		if len(all) == most {
			return strings.Join(all, ", ") + " …"
		}
		all = append(all, st)
	}
	return strings.Join(all, ", ")
}

func factsOf(s *triage.Session, items []int) causeFacts {
	f := causeFacts{status: statusesOf(s, items), first: idOf(s, items[0]), last: idOf(s, items[len(items)-1])}
	for _, i := range items[:min(len(items), someItems)] {
		f.some = append(f.some, idOf(s, i))
	}
	return f
}

// Apply implements Screen.
func (c *causes) Apply(sc *Scene, name string, answer any) []Effect {
	a, ok := answer.(causesAnswer)
	if !ok {
		return applyShared(name, answer)
	}
	c.groups, c.facts, c.ready = a.groups, a.facts, true
	c.win = c.win.Fit(c.rows(sc), len(c.groups))
	return nil
}

// Do implements Screen.
func (c *causes) Do(sc *Scene, p keys.Press) []Effect {
	if win, ok := moved(c.win.Fit(c.rows(sc), len(c.groups)), p.Action); ok {
		c.win = win
		return nil
	}
	g, _ := c.at()
	switch p.Action {
	case keys.Open:
		c.away, c.tab = true, sc.Face.Tab
		sc.Face.Tab, sc.Face.Cause = g.Tab, &g
		return []Effect{Push{&list{anchor: -1, under: true}}}
	case keys.SelectCause:
		return selectGroup(sc, g)
	case keys.Fix:
		return openFix(sc, sc.S.Members(g))
	case keys.Causes:
		sc.Face.Grouping = sc.Face.Grouping.Next()
		return c.Refresh(sc)
	case keys.Escape:
		return []Effect{Pop{}}
	case keys.TabNext, keys.TabPrev, keys.TabAt:
		if why := sc.Face.goTab(sc, p); why != "" {
			return []Effect{Say{why}}
		}
		return c.Refresh(sc)
	case keys.FilterToggle:
		sc.Face.QueryOff = !sc.Face.QueryOff
		return c.toList()
	case keys.Filter:
		l := &list{anchor: -1}
		l.Do(sc, p)
		return []Effect{Replace{l}}
	}
	return doBatch(sc, p, place{item: -1, chosen: func() []int {
		if items := sc.Face.Selection.Items(); len(items) > 0 {
			return items
		}
		return sc.S.Members(g)
	}, shown: func() []int { return sc.S.Members(g) }})
}

func (c *causes) toList() []Effect {
	if c.over {
		return []Effect{Pop{}}
	}
	return []Effect{Replace{NewList()}}
}

// selectGroup selects all items of a cause, or none of them when all are.
func selectGroup(sc *Scene, g triage.Group) []Effect {
	sel, members := &sc.Face.Selection, sc.S.Members(g)
	more := pick(members, func(i int) bool { return !sel.Has(i) })
	if len(more) == 0 {
		sel.Flip(members, undoTop(sc.S))
		return nil
	}
	sel.Flip(more, undoTop(sc.S))
	return nil
}

// rows is how many causes fit.
func (c *causes) rows(sc *Scene) int { return max(1, sc.Height-len(c.head(sc))) }

// head is what stands above the causes. A low screen keeps its lines for them.
func (c *causes) head(sc *Scene) []string {
	th := sc.Theme
	lines := []string{header(sc, crumbs(sc, sc.Face.Tab.Title()+" ▸ Causes"), mode(sc)), tabsLine(sc)}
	if sc.Height >= low {
		lines = append(lines, widget.Rule(sc.Width, th),
			header(sc, th.Strong.Render(model.Plural(len(c.groups), "cause"))+th.Faint.Render("   grouped by "+sc.Face.Grouping.String()), ""), "")
	}
	wide := sc.Width >= Wide
	head := widget.PadLeft("ITEMS", 9) + "  CAUSE"
	if wide {
		head = widget.Pad(head, causeRoom(sc)+11) + "  " + widget.Pad("CATEGORY", categoryRoom) + "FIRST … LAST"
	}
	return append(lines, th.Faint.Render(widget.Clip(head, sc.Width)))
}

// View implements Screen.
func (c *causes) View(sc *Scene) Picture {
	th := sc.Theme
	lines := c.head(sc)
	const more = 2 // lines under the cause at the cursor
	rows := c.rows(sc)
	detail := rows > 3*more
	if detail {
		rows -= more
	}
	win := c.win.Fit(rows, len(c.groups))
	from, to := win.Rows()
	for k := from; k < to; k++ {
		row := c.row(sc, k, sc.Width >= Wide)
		if !detail {
			row = row[:1]
		}
		lines = append(lines, row...)
	}
	left := selectedWords(sc, 0)
	right := ""
	if len(c.groups) > 0 {
		right = th.Faint.Render("cause " + strconv.Itoa(c.win.Cursor+1) + " of " + model.Number(len(c.groups)))
	}
	return Picture{Lines: lines, Left: left, Right: right}
}

// categoryRoom is how many cells the longest name of a category takes, with a gap.
const categoryRoom = 20

// causeRoom is how many cells of a wide screen the words of a cause get.
func causeRoom(sc *Scene) int { return sc.Width * 52 / 100 }

// row is a cause, and under the one at the cursor some of its items.
func (c *causes) row(sc *Scene, k int, wide bool) []string {
	th, g, f := sc.Theme, c.groups[k], c.facts[k]
	on := k == c.win.Cursor
	mark, name := " ", th.Text
	if on {
		mark, name = th.Accent.Render("▸"), th.Strong
	}
	line := " " + mark + th.Strong.Render(widget.PadLeft(model.Number(g.Count), 7)) + "  "
	if !wide {
		kind := ""
		if sc.Face.Grouping != triage.ByCause { // a code or a field may fail in several categories
			kind = "   " + g.Tab.Title()
		}
		line += name.Render(widget.Clip(causeText(g, f.status), sc.Width-12-widget.Width(kind))) + th.Faint.Render(kind)
	} else {
		line += name.Render(widget.Pad(causeText(g, f.status), causeRoom(sc))) + "  " +
			th.Faint.Render(widget.Pad(g.Tab.Title(), categoryRoom))
		if f.first != f.last {
			line += th.Faint.Render(widget.Clip(f.first+" … "+f.last, sc.Width-widget.Width(line)-1))
		} else {
			line += th.Faint.Render(f.first)
		}
	}
	if !on {
		return []string{line}
	}
	lines := []string{th.Lit(th.Cursor, widget.Pad(line, sc.Width))}
	if len(f.some) > 0 {
		text := strings.Join(f.some, "  ")
		if more := g.Count - len(f.some); more > 0 {
			text += "   and " + model.Number(more) + " more"
		}
		lines = append(lines, "           "+th.Faint.Render(widget.Clip(text, sc.Width-12)))
	}
	if f.fix != "" {
		lines = append(lines, "           "+th.OK.Render(widget.Clip("suggested fix: "+f.fix, sc.Width-12)))
	}
	return lines
}
