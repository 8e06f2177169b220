package screen

import (
	"slices"
	"testing"

	"retriage/model"
	"retriage/triage"
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

func TestARangeIsCountedWithTheSelectionItJoins(t *testing.T) {
	b := newBench(t, orders(6)...).open(NewList())
	b.press("space", "j", "j", "v", "j")
	if got := b.state().Chosen; got != 3 {
		t.Errorf("the footer says that %d items are taken, want 3", got)
	}
	b.shows("range of 2, 3 with the selection")
	b.press("k", "k", "k")
	if got := b.state().Chosen; got != 4 {
		t.Errorf("with the range over what is selected: %d items, want 4", got)
	}
	b.press("j", "j", "j", "-")
	if got := len(b.events[0].Leave.Items); got != 3 {
		t.Errorf("%d items were left out, want 3", got)
	}
}

func TestASelectionThatIsNotShownHereIsNotWhatAKeyTakes(t *testing.T) {
	b := newBench(t, mixed()...).open(NewList())
	b.face.Selection.Flip([]int{0}, 0)
	tabs := b.face.tabs
	var other triage.Tab
	b.scene(func(sc *Scene) {
		for _, tab := range tabs(sc.S)[1:] {
			if tab.Tab != triage.TabOf(sc.S.Category(0)) && tab.Tab != triage.UnknownTab {
				other = tab.Tab
			}
		}
	})
	b.face.showTab(other)
	b.open(NewList())
	b.press("-")
	if len(b.events) != 1 || len(b.events[0].Leave.Items) != 1 || b.events[0].Leave.Items[0] == 0 {
		t.Errorf("events %+v", b.events)
	}
}

func TestWhatIsDoneLeavesTheSelection(t *testing.T) {
	items := orders(3)
	items[1].state, items[1].fail = model.OK, nil
	b := newBench(t, items...)
	b.face.Selection.Flip([]int{0, 1, 2}, 0)
	b.scene(b.face.DropDone)
	if got := b.face.Selection.Items(); len(got) != 2 || b.face.Selection.Has(1) {
		t.Errorf("selected %v", got)
	}
}
