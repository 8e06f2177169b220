package screen

import (
	"fmt"
	"slices"
	"strings"

	"retriage/model"
	"retriage/triage"
	"retriage/tui/keys"
)

// Face is what the screens over one batch share and no journal keeps: what is
// selected, what is filtered, which tab is open.
type Face struct {
	Selection Selection
	Tab       triage.Tab
	Grouping  triage.Grouping
	Query     string        // the filter as it was typed, "" = none
	QueryOff  bool          // the filter is switched off, its text kept
	Cause     *triage.Group // only the items of this cause, nil = all
	NoDetail  bool          // the detail pane is hidden

	order []triage.Tab // the tabs after All, as they are numbered

	top            int64 // the newest undoable event when sync last looked
	noUndo, noRedo string
}

// NewFace is the face of a batch that was just opened.
func NewFace() *Face { return &Face{Tab: triage.AllTab} }

// filtered says whether the list shows less than its tab.
func (f *Face) filtered() bool { return f.Cause != nil || f.Query != "" && !f.QueryOff }

// showTab opens a tab without a cause that was picked in another one.
func (f *Face) showTab(t triage.Tab) {
	if f.Tab != t {
		f.Tab, f.Cause = t, nil
	}
}

// goTab opens the tab that a key names; why says that there is none.
func (f *Face) goTab(sc *Scene, p keys.Press) (why string) {
	tabs := f.tabs(sc.S)
	at := slices.IndexFunc(tabs, func(t triage.TabCount) bool { return t.Tab == f.Tab })
	switch p.Action {
	case keys.TabNext:
		at = (at + 1) % len(tabs)
	case keys.TabPrev:
		at = (max(at, 0) + len(tabs) - 1) % len(tabs)
	default:
		at = int(p.Key[0] - '0')
		if at >= len(tabs) {
			return fmt.Sprintf("There is no tab %d.", at)
		}
	}
	f.showTab(tabs[at].Tab)
	return ""
}

// number gives the tabs their numbers: the largest first. While a run goes on the
// numbers stay, since a key that meant one tab must not mean another a moment
// later.
func (f *Face) number(sc *Scene) {
	if sc.RunOn && f.order != nil {
		return
	}
	f.order = []triage.Tab{}
	for _, t := range sc.S.Tabs()[1:] {
		f.order = append(f.order, t.Tab)
	}
}

// tabs are the tabs by number, All first, with what is in them now. A tab that
// is new stands last; one that is empty by now keeps its place.
func (f *Face) tabs(s *triage.Session) []triage.TabCount {
	now := s.Tabs()
	if f.order == nil {
		return now
	}
	out := append(make([]triage.TabCount, 0, len(now)), now[0])
	for _, t := range f.order {
		c := triage.TabCount{Tab: t}
		if at := slices.IndexFunc(now, func(n triage.TabCount) bool { return n.Tab == t }); at >= 0 {
			c = now[at]
		}
		out = append(out, c)
	}
	for _, t := range now[1:] {
		if !slices.Contains(f.order, t.Tab) {
			out = append(out, t)
		}
	}
	return out
}

// DropDone takes out of the selection what needs nothing more: after a run it
// holds what is still open, so that R plans that.
func (f *Face) DropDone(sc *Scene) {
	f.Selection.Flip(pick(f.Selection.Items(), func(i int) bool { return sc.S.State(i).Done() }), undoTop(sc.S))
}

// undoTop is the newest undoable event of the session, 0 for none.
func undoTop(s *triage.Session) int64 {
	seq, _, ok := s.Undoable()
	if !ok {
		return 0
	}
	return seq
}

// undo takes the newest step back: of the selection, or of the journal.
func undo(sc *Scene) []Effect {
	sel := &sc.Face.Selection
	seq, what, ok := sc.S.Undoable()
	switch {
	case sel.CanUndo(undoTop(sc.S)):
		sel.Undo()
		return []Effect{Say{"Undone: a selection step."}}
	case !ok:
		return []Effect{Say{sentence(what)}}
	}
	return []Effect{Commit{[]model.Event{{Type: model.EvUndo, Ref: seq}}, "Undone: " + named(sc.S, seq, what) + "." + letGoWords(sc, sc.S.ChangedBy(seq))}}
}

// named is a change in words, with the item's id where it is about one.
func named(s *triage.Session, seq int64, what string) string {
	items := s.ChangedBy(seq)
	if len(items) != 1 {
		return what
	}
	if head, ok := strings.CutSuffix(what, "1 item"); ok {
		return head + idOf(s, items[0])
	}
	return what + " " + idOf(s, items[0])
}

// redo does the newest undone step again.
func redo(sc *Scene) []Effect {
	sel := &sc.Face.Selection
	seq, what, ok := sc.S.Redoable()
	switch {
	case sel.CanRedo(undoTop(sc.S)):
		sel.Redo()
		return []Effect{Say{"Done again: a selection step."}}
	case !ok:
		return []Effect{Say{sentence(what)}}
	}
	return []Effect{Commit{[]model.Event{{Type: model.EvRedo, Ref: seq}}, "Done again: " + named(sc.S, seq, what) + "."}}
}

// sync looks up what undo and redo would do, once for every change of the
// session instead of once for every key.
func (f *Face) sync(sc *Scene) {
	f.number(sc)
	s := sc.S
	seq, why, ok := s.Undoable()
	f.top, f.noUndo = seq, why
	if ok {
		f.noUndo = ""
	}
	if _, f.noRedo, ok = s.Redoable(); ok {
		f.noRedo = ""
	}
}

// undoFacts says why undo and redo are off.
func (f *Face) undoFacts(readOnly string) (noUndo, noRedo string) {
	noUndo, noRedo = f.noUndo, f.noRedo
	if readOnly != "" {
		noUndo, noRedo = readOnly, readOnly // a selection step can be taken back all the same
	}
	if f.Selection.CanUndo(f.top) {
		noUndo = ""
	}
	if f.Selection.CanRedo(f.top) {
		noRedo = ""
	}
	return noUndo, noRedo
}
