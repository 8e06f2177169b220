package screen

import (
	"strings"
	"testing"

	"retriage/model"
	"retriage/triage"
)

// What may have been applied is looked up before it is edited: a read that finds
// it as it was sent would settle nothing about the edit.
func TestWhatIsUnknownCannotBeEdited(t *testing.T) {
	items := orders(3)
	for _, k := range []int{0, 1} {
		items[k].state, items[k].fail = model.Unknown, fails(0, "", "", "no answer came")
	}
	b := newBench(t, items...)
	b.face.Tab = triage.UnknownTab
	b.open(NewList())
	for _, keys := range [][]string{{"e"}, {"b"}, {"a", "e"}, {"b"}} {
		b.press(keys...)
		if len(b.stack) != 1 || !strings.Contains(b.said, "it may have been applied; V looks it up first") {
			t.Fatalf("%v: %d screens, said %q", keys, len(b.stack), b.said)
		}
	}
	b.press("-", "u")
	if len(b.events) != 2 {
		t.Errorf("it cannot be left out: %d events", len(b.events))
	}
	b.open(NewFix([]int{0, 1})).shows("need no edit: R looks first what was applied")
	b.open(NewEdit(2, []int{2, 0, 1})).press("ctrl+n")
	if !strings.Contains(b.said, "That was the last one of 3") {
		t.Errorf("went on to what is unknown: %q", b.said)
	}
}

// Once the look-up has come to a verdict it is an item like others.
func TestWhatWasLookedUpCanBeEdited(t *testing.T) {
	items := orders(1)
	items[0].state, items[0].fail = model.Unknown, fails(0, "", "", "no answer came")
	b := newBench(t, items...)
	ev := model.Event{Type: model.EvVerify, Verify: &model.VerifyEvent{Items: []model.ItemVerdict{
		{Index: 0, State: model.NotFound, Status: 404, Was: model.Unknown}}}}
	if err := b.desk.Commit(t.Context(), ev); err != nil {
		t.Fatal(err)
	}
	b.open(NewList()).press("e")
	b.shows("EDIT 00412")
}
