package screen

import (
	"slices"
	"testing"
)

func TestSelectionStepsAndEventsUndoInOneOrder(t *testing.T) {
	var s Selection
	s.Flip([]int{3}, 0)          // before any event
	s.Flip([]int{70, 700}, 5)    // after event 5
	for _, c := range []struct { // what undo takes back next, by the newest undoable event
		top  int64
		want bool
	}{{9, false}, {5, true}, {0, true}} {
		if got := s.CanUndo(c.top); got != c.want {
			t.Errorf("newest event %d: undo the selection = %v", c.top, got)
		}
	}
	if n := s.Undo(); n != 2 || !slices.Equal(s.Items(), []int{3}) {
		t.Errorf("undid %d, left %v", n, s.Items())
	}
	if s.CanUndo(5) {
		t.Error("the first step is older than event 5")
	}
	if !s.CanUndo(0) || s.Undo() != 1 || s.Len() != 0 {
		t.Error("the first step is not undone")
	}
	if !s.CanRedo(0) || s.Redo() != 1 || s.CanRedo(0) || !s.CanRedo(5) || s.Redo() != 2 {
		t.Error("redo does not follow the order of undo")
	}
	if !slices.Equal(s.Items(), []int{3, 70, 700}) || s.Len() != 3 {
		t.Errorf("selected %v", s.Items())
	}
}

func TestSelectionCountsAndForgets(t *testing.T) {
	var s Selection
	for i := range 300 {
		s.Flip([]int{i * 13}, 0)
	}
	if s.Len() != 300 || !s.Has(13*299) || s.Has(1) || s.Has(1<<30) {
		t.Errorf("%d selected", s.Len())
	}
	s.Flip([]int{0, 13}, 0)
	if s.Len() != 298 || s.Has(0) {
		t.Error("a second flip does not take back")
	}
	undone := 0
	for s.CanUndo(0) {
		s.Undo()
		undone++
	}
	if undone != maxSteps {
		t.Errorf("%d steps could be undone, want %d", undone, maxSteps)
	}
}
