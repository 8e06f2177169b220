package screen

import (
	"errors"
	"slices"

	tea "charm.land/bubbletea/v2"

	"retriage/model"
	"retriage/triage"
	"retriage/tui/dialog"
	"retriage/tui/keys"
	"retriage/tui/widget"
)

// list is the open items of a tab, with the detail of the one under the cursor.
// What a key costs does not depend on how many items there are: the rows come
// from work in the background, and only those on the screen are looked at.
type list struct {
	win    widget.Window
	rows   rowSet
	item   int // under the cursor; it stays there when rows change
	anchor int // row where a range began, negative = no range
	shown  int // selected items among rows

	field  *dialog.Field // open filter line, nil = closed
	before string        // the filter as it was when the line was opened
	wrong  string        // what is wrong with the filter

	detail detailPane
	zoom   bool
	under  bool // the causes are under this screen
}

// NewList is the list of the face's tab.
func NewList() Screen { return &list{anchor: -1} }

// Scopes implements Screen.
func (l *list) Scopes() []keys.Scope {
	if l.field != nil {
		return []keys.Scope{FilterField}
	}
	return []keys.Scope{List, Rows, Batch}
}

// Facts implements Screen.
func (l *list) Facts(sc *Scene, st *keys.State) {
	batchFacts(sc, st)
	st.Finding = !l.rows.ready || l.rows.tab != sc.Face.Tab || l.rows.cause != sc.Face.Cause
	st.Rows = len(l.rows.items)
	st.Chosen = l.chosenLen(sc)
	if st.Rows == 0 {
		return
	}
	st.LeftOut = sc.S.State(l.item) == model.LeftOut
}

// Refresh implements Screen.
func (l *list) Refresh(sc *Scene) []Effect {
	sc.Face.sync(sc)
	l.win = l.win.Fit(l.space(sc).rows, len(l.rows.items))
	return append([]Effect{l.ask(sc)}, l.look(sc)...)
}

// Apply implements Screen.
func (l *list) Apply(sc *Scene, name string, answer any) []Effect {
	switch a := answer.(type) {
	case rowSet:
		return l.take(sc, a)
	case detailLines:
		if len(l.rows.items) > 0 && a.item == l.item {
			l.detail.take(a)
		}
		return nil
	}
	return applyShared(name, answer)
}

// take shows new rows and keeps the cursor on its item, or near where it was.
func (l *list) take(sc *Scene, r rowSet) []Effect {
	same := r.cause == l.rows.cause && r.tab == l.rows.tab
	l.rows = r
	l.anchor = -1
	l.win = l.win.Fit(l.space(sc).rows, len(r.items))
	if at, ok := slices.BinarySearch(r.items, l.item); ok || same {
		l.win = l.win.To(at)
	} else {
		l.win = l.win.To(0)
	}
	l.count(sc)
	return l.look(sc)
}

// count recounts the selected items that are shown.
func (l *list) count(sc *Scene) {
	l.shown = 0
	for _, i := range l.rows.items {
		if sc.Face.Selection.Has(i) {
			l.shown++
		}
	}
}

// look follows the cursor: the detail is of the item under it.
func (l *list) look(sc *Scene) []Effect {
	if len(l.rows.items) == 0 {
		l.detail = detailPane{}
		return nil
	}
	l.item = l.rows.items[l.win.Cursor]
	sp := l.space(sc)
	if sp.detail == 0 {
		return nil
	}
	return []Effect{l.detail.ask(sc, l.item, sp.detailWidth)}
}

// Do implements Screen.
func (l *list) Do(sc *Scene, p keys.Press) []Effect {
	if win, ok := moved(l.win, p.Action); ok {
		l.win = win
		return l.look(sc)
	}
	if effects, ok := l.doSelect(sc, p); ok {
		return effects
	}
	if effects, ok := l.doView(sc, p); ok {
		return effects
	}
	if effects, ok := l.doItems(sc, p); ok {
		return effects
	}
	item := -1
	if len(l.rows.items) > 0 {
		item = l.item
	}
	l.endRange(sc)
	effects := doBatch(sc, p, place{item: item, chosen: func() []int { return l.chosen(sc) }, shown: func() []int { return l.rows.items }})
	l.count(sc)
	return effects
}

// doView is what changes only what is seen.
func (l *list) doView(sc *Scene, p keys.Press) ([]Effect, bool) {
	switch p.Action {
	case keys.TabNext, keys.TabPrev, keys.TabAt:
		if why := sc.Face.goTab(sc, p); why != "" {
			return []Effect{Say{why}}, true
		}
		l.win = l.win.To(0)
		return l.Refresh(sc), true
	case keys.Filter:
		l.before = sc.Face.Query
		sc.Face.QueryOff = false
		l.field = dialog.NewField(sc.Face.Query)
	case keys.FilterToggle:
		sc.Face.QueryOff = !sc.Face.QueryOff
		return l.Refresh(sc), true
	case keys.Accept:
		l.field = nil
	case keys.Cancel:
		l.field = nil
		return l.setQuery(sc, l.before), true
	case keys.Escape:
		return l.escape(sc), true
	case keys.CauseNext, keys.CausePrev, keys.Causes:
		return l.doCauses(sc, p.Action), true
	case keys.DetailDown:
		l.detail.scroll(1, l.space(sc).detail)
	case keys.DetailUp:
		l.detail.scroll(-1, l.space(sc).detail)
	case keys.DetailToggle:
		sc.Face.NoDetail = !sc.Face.NoDetail
		return l.Refresh(sc), true
	case keys.DetailZoom:
		l.zoom = !l.zoom
		return l.Refresh(sc), true
	default:
		return nil, false
	}
	l.win = l.win.Fit(l.space(sc).rows, len(l.rows.items))
	return nil, true
}

// doCauses goes from cause to cause, or to the screen of them.
func (l *list) doCauses(sc *Scene, a keys.Action) []Effect {
	switch {
	case a == keys.CauseNext:
		return l.cause(sc, 1)
	case a == keys.CausePrev:
		return l.cause(sc, -1)
	case l.under:
		return []Effect{Pop{}}
	}
	return []Effect{Push{NewCauses(true)}}
}

// escape goes one step back: zoom, range, selection, filter, and then no more.
func (l *list) escape(sc *Scene) []Effect {
	f := sc.Face
	switch {
	case l.zoom:
		l.zoom = false
	case l.anchor >= 0:
		l.anchor = -1
		return []Effect{Say{"The range was dropped."}}
	case f.Selection.Len() > 0:
		n := f.Selection.Len()
		f.Selection.Flip(f.Selection.Items(), undoTop(sc.S))
		l.count(sc)
		return []Effect{Say{model.Number(n) + " no longer selected; u takes that back."}}
	case f.Cause != nil:
		f.Cause = nil
	case f.Query != "":
		return l.setQuery(sc, "")
	default:
		return []Effect{Say{"Nothing to step back from here; q goes back."}}
	}
	return l.Refresh(sc)
}

// cause moves to the next row, or with d -1 to the first of the one before,
// whose cause is another.
func (l *list) cause(sc *Scene, d int) []Effect {
	items, at := l.rows.items, l.win.Cursor
	for i := at + d; i >= 0 && i < len(items); i += d {
		if !sc.S.SameCause(items[i], items[at]) {
			l.win = l.win.To(i)
			return l.look(sc)
		}
	}
	return []Effect{Say{"No other cause that way."}}
}

// Type takes text into the filter line and filters at once.
func (l *list) Type(sc *Scene, k tea.KeyPressMsg) []Effect {
	if l.field == nil || !l.field.Type(k) {
		return nil
	}
	return l.setQuery(sc, l.field.Value())
}

// Paste is Type for pasted text.
func (l *list) Paste(sc *Scene, text string) []Effect {
	if l.field == nil || !l.field.Paste(text) {
		return nil
	}
	return l.setQuery(sc, l.field.Value())
}

// setQuery filters by text. While it is wrong the rows stay as they were.
func (l *list) setQuery(sc *Scene, text string) []Effect {
	sc.Face.Query = text
	l.wrong = ""
	var bad *triage.QueryError
	if _, err := parseQuery(text); errors.As(err, &bad) {
		l.wrong = bad.Why
		if !bad.Term.IsZero() {
			l.wrong = bad.Term.Safe(30) + ": " + bad.Why
		}
		return nil
	}
	return l.Refresh(sc)
}
