package screen

import (
	"fmt"
	"slices"

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

	// drafts holds what was typed into forms that were closed without saving:
	// by item, the text of each changed field.
	drafts map[int]map[string]string

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
func (f *Face) goTab(s *triage.Session, p keys.Press) (why string) {
	tabs := s.Tabs()
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
	return []Effect{Commit{[]model.Event{{Type: model.EvUndo, Ref: seq}}, "Undone: " + what + "."}}
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
	return []Effect{Commit{[]model.Event{{Type: model.EvRedo, Ref: seq}}, "Done again: " + what + "."}}
}

// sync looks up what undo and redo would do, once for every change of the
// session instead of once for every key.
func (f *Face) sync(s *triage.Session) {
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
func (f *Face) undoFacts() (noUndo, noRedo string) {
	noUndo, noRedo = f.noUndo, f.noRedo
	if f.Selection.CanUndo(f.top) {
		noUndo = ""
	}
	if f.Selection.CanRedo(f.top) {
		noRedo = ""
	}
	return noUndo, noRedo
}
