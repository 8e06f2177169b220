package screen

import (
	"fmt"
	"slices"

	"retriage/model"
	"retriage/tui/dialog"
	"retriage/tui/keys"
)

// doSelect is what changes the selection.
func (l *list) doSelect(sc *Scene, p keys.Press) ([]Effect, bool) {
	sel, top := &sc.Face.Selection, undoTop(sc.S)
	switch p.Action {
	case keys.Select:
		if l.anchor >= 0 {
			l.endRange(sc)
			return nil, true
		}
		if sel.Flip([]int{l.item}, top); sel.Has(l.item) {
			l.shown++
		} else {
			l.shown--
		}
		l.win = l.win.Move(1)
		return l.look(sc), true
	case keys.SelectRange:
		return l.doRange(sc, p), true
	case keys.SelectAll:
		l.endRange(sc)
		want := l.shown < len(l.rows.items)
		sel.Flip(pick(l.rows.items, func(i int) bool { return sel.Has(i) != want }), top)
	case keys.SelectInvert:
		l.endRange(sc)
		sel.Flip(slices.Clone(l.rows.items), top)
	case keys.SelectCause:
		l.endRange(sc)
		return l.selectCause(sc), true
	default:
		return nil, false
	}
	l.count(sc)
	return nil, true
}

func (l *list) doRange(sc *Scene, p keys.Press) []Effect {
	switch {
	case l.anchor < 0:
		l.anchor = l.win.Cursor
	case p.Key == "v":
		l.endRange(sc)
		return nil
	}
	switch p.Key {
	case "shift+down":
		l.win = l.win.Move(1)
	case "shift+up":
		l.win = l.win.Move(-1)
	}
	return l.look(sc)
}

// selectCause selects every open item with the cause of the one under the
// cursor, shown or not.
func (l *list) selectCause(sc *Scene) []Effect {
	g, ok := sc.S.GroupOf(l.item, sc.Face.Grouping)
	if !ok {
		return []Effect{Say{"This item has no cause: it is done."}}
	}
	sel := &sc.Face.Selection
	members := sc.S.Members(g)
	sel.Flip(pick(members, func(i int) bool { return !sel.Has(i) }), undoTop(sc.S))
	l.count(sc)
	return []Effect{Say{fmt.Sprintf("Selected the %s of this cause.", model.Plural(len(members), "item"))}}
}

// pick gives the items that f holds for.
func pick(items []int, f func(int) bool) []int {
	var out []int
	for _, i := range items {
		if f(i) {
			out = append(out, i)
		}
	}
	return out
}

// rangeRows are the rows from the anchor to the cursor.
func (l *list) rangeRows() (from, to int) {
	if l.anchor < 0 {
		return 0, 0
	}
	return min(l.anchor, l.win.Cursor), max(l.anchor, l.win.Cursor) + 1
}

func (l *list) rangeLen() int {
	from, to := l.rangeRows()
	return to - from
}

// endRange ends a range and adds it to the selection.
func (l *list) endRange(sc *Scene) {
	from, to := l.rangeRows()
	l.anchor = -1
	if to = min(to, len(l.rows.items)); from >= to {
		return
	}
	sel := &sc.Face.Selection
	sel.Flip(pick(l.rows.items[from:to], func(i int) bool { return !sel.Has(i) }), undoTop(sc.S))
	l.count(sc)
}

// chosen is what an action takes: the selection, else the item under the cursor.
// A selection of which nothing is shown here was made for something else: a key
// takes what the operator looks at.
func (l *list) chosen(sc *Scene) []int {
	sel := &sc.Face.Selection
	switch {
	case sel.Len() > 0 && (l.shown > 0 || len(l.rows.items) == 0):
		return sel.Items()
	case len(l.rows.items) == 0:
		return nil
	}
	return []int{l.item}
}

// chosenLen is how many items that is, with those of a range that would join.
func (l *list) chosenLen(sc *Scene) int {
	joins := l.joins(sc)
	switch selected := sc.Face.Selection.Len(); {
	case joins > 0 || l.shown > 0 || len(l.rows.items) == 0:
		return selected + joins
	default:
		return 1
	}
}

// joins is how many rows of the range are not selected yet.
func (l *list) joins(sc *Scene) (n int) {
	from, to := l.rangeRows()
	for _, i := range l.rows.items[min(from, len(l.rows.items)):min(to, len(l.rows.items))] {
		if !sc.Face.Selection.Has(i) {
			n++
		}
	}
	return n
}

// doItems is what changes or compares items.
func (l *list) doItems(sc *Scene, p keys.Press) ([]Effect, bool) {
	switch p.Action {
	case keys.Edit, keys.Fix, keys.LeaveOut, keys.DropEdits:
	case keys.Diff:
		return []Effect{Push{newDiff(l.item)}}, true
	default:
		return nil, false
	}
	l.endRange(sc)
	all := l.chosen(sc)
	items := pick(all, func(i int) bool { return !sc.S.Held(i) && !sc.S.State(i).Done() })
	switch {
	case len(items) == 0 && slices.ContainsFunc(all, sc.S.Held):
		return []Effect{Say{"Nothing was changed: " + heldWords(sc) + "."}}, true
	case len(items) == 0:
		return []Effect{Say{"It is done: nothing was changed."}}, true
	case p.Action == keys.LeaveOut:
		return leaveOut(sc, items), true
	case p.Action == keys.DropEdits:
		return dropEdits(sc, p, items), true
	case allInDoubt(sc, items):
		return []Effect{Say{"Nothing was changed: " + doubtWords + "."}}, true
	}
	return l.change(sc, p, items), true
}

// change opens the place where items are edited: the form for one, the fixes for
// many.
func (l *list) change(sc *Scene, p keys.Press, items []int) []Effect {
	switch {
	case p.Action == keys.Edit && len(items) == 1:
		return openEdit(sc, items[0])
	case p.Action == keys.Fix && l.shown == 0:
		if g, ok := sc.S.GroupOf(l.item, sc.Face.Grouping); ok {
			return openFix(sc, sc.S.Members(g))
		}
	}
	return openFix(sc, items)
}

// leaveOut sets items aside, or takes them back in when all of them are.
func leaveOut(sc *Scene, items []int) []Effect {
	in := pick(items, func(i int) bool { return sc.S.State(i) != model.LeftOut })
	ev, said := model.LeaveEvent{Items: in, Out: true}, "left out"
	if len(in) == 0 {
		ev, said = model.LeaveEvent{Items: items}, "taken back in"
	}
	text := fmt.Sprintf("%s %s; u takes that back.", model.Plural(len(ev.Items), "item"), said) + letGoWords(sc, ev.Items)
	return []Effect{Commit{[]model.Event{{Type: model.EvLeave, Leave: &ev}}, text}}
}

// doubtWords says why an item that is unknown cannot be edited.
const doubtWords = "it is unknown, so it may have been applied; V looks it up first"

// allInDoubt says whether there is none among items that may be edited. One that
// is joins a fix for many only to be told apart there.
func allInDoubt(sc *Scene, items []int) bool {
	return !slices.ContainsFunc(items, func(i int) bool { return !sc.S.InDoubt(i) })
}

// heldWords says why items that are held cannot be changed now.
func heldWords(sc *Scene) string {
	if ps := sc.S.Running(); ps != nil && ps.Plan.ByHand() {
		return "its request was handed in, and the answer is awaited"
	}
	return "a run is at work on it; R shows the run"
}

// letGoWords says which of the items that are about to be changed leave a run
// that was stopped; "" = none.
func letGoWords(sc *Scene, items []int) string {
	n := len(pick(items, sc.S.Rests))
	if n == 0 {
		return ""
	}
	return " " + model.Plural(n, "item") + " left the stopped run."
}

// dropEdits takes back every edit that is about nothing but items.
func dropEdits(sc *Scene, p keys.Press, items []int) []Effect {
	whole, shared := sc.S.EditsOf(items)
	switch {
	case len(whole) == 0 && shared > 0:
		return []Effect{Say{"These edits are part of a fix over more items; select all of them, or u."}}
	case len(whole) == 0:
		return []Effect{Say{"There are no edits here to drop."}}
	case !p.Yes:
		title := fmt.Sprintf("Drop %s of %s?", model.Plural(len(whole), "edit"), model.Plural(len(items), "item"))
		return []Effect{Ask{dialog.Ask(keys.DropEdits, title, "What was sent first is there again. ctrl+r brings the edits back.")}}
	}
	var evs []model.Event
	for _, seq := range whole {
		evs = append(evs, model.Event{Type: model.EvUndo, Ref: seq})
	}
	return []Effect{Commit{evs, "Dropped " + model.Plural(len(whole), "edit") + "; ctrl+r brings them back." + letGoWords(sc, items)}}
}
