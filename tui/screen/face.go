package screen

import (
	"retriage/model"
	"retriage/triage"
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

// undoFacts says why undo and redo are off.
func undoFacts(sc *Scene) (noUndo, noRedo string) {
	top := undoTop(sc.S)
	if _, why, ok := sc.S.Undoable(); !ok && !sc.Face.Selection.CanUndo(top) {
		noUndo = why
	}
	if _, why, ok := sc.S.Redoable(); !ok && !sc.Face.Selection.CanRedo(top) {
		noRedo = why
	}
	return noUndo, noRedo
}
