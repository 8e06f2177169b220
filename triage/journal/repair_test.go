package journal

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"retriage/model"
)

func TestRepairMovesWhatIsWhole(t *testing.T) {
	good := journalOf(t, append(story(), note("x"))...)
	starts := lineStarts(good)
	rows := []struct {
		name    string
		journal []byte
		want    string // numbers of the events; [from-to] is a mark for lost ones
	}{
		{"one flipped byte", flip(good, starts[2]+30), "1 2 [3-3] 4 5 6 7"},
		{"a flipped line feed", flip(good, starts[3]-1), "1 2 [3-4] 5 6 7"},
		{"a record gone", append(bytes.Clone(good[:starts[1]]), good[starts[3]:]...), "1 [2-3] 4 5 6 7"},
		{"two places", flip(flip(good, starts[1]+9), starts[4]+9), "1 [2-2] 3 4 [5-5] 6 7"},
		{"the end", append(bytes.Clone(good), "a\nb\n"...), "1 2 3 4 5 6 7 [8-8]"},
		{"the middle and a torn end", flip(good[:len(good)-5], starts[2]+9), "1 2 [3-3] 4 5 6 [7-7]"},
		{"garbage in between", append(append(bytes.Clone(good[:starts[1]]), "garbage\n"...), good[starts[1]:]...), "1 2 3 4 5 6 7"},
		{"a record twice", append(bytes.Clone(good[:starts[2]]), good[starts[1]:]...), "1 2 3 4 5 6 7"},
		{"the last line feed", flip(good, len(good)-1), "1 2 3 4 5 6 [7-7]"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			s := testStore(t)
			put(t, s, testID, row.journal)
			_, _, err := s.Open(testID)
			wantError[*CorruptError](t, err)
			r, visible, err := s.OpenReadOnly(testID)
			if err != nil {
				t.Fatal(err)
			}
			wantError[*CorruptError](t, r.Problem())
			if err := r.Close(); err != nil {
				t.Error(err)
			}
			done, err := s.Repair(testID)
			if err != nil {
				t.Fatal(err)
			}
			if old := readAll(t, done.Old); !bytes.Equal(old, row.journal) {
				t.Error("the old journal was not kept as it was")
			}
			l, events := mustOpen(t, s, testID)
			if got := outline(events); got != row.want {
				t.Errorf("got %s, want %s", got, row.want)
			}
			if done.Kept != len(visible) || done.Kept+done.Gaps != len(events) {
				t.Errorf("%+v of %d events, %d were visible", done, len(events), len(visible))
			}
			mustAppend(t, l, note("on"))
			mustClose(t, l)
			l, _ = mustOpen(t, s, testID)
			mustClose(t, l)
			if again, err := s.Repair(testID); err != nil || again.Old != "" {
				t.Errorf("a second repair: %+v, %v", again, err)
			}
		})
	}
}

func outline(events []model.Event) string {
	text := ""
	for _, ev := range events {
		if from, to, ok := Lost(ev); ok {
			text += fmt.Sprintf(" [%d-%d]", from, to)
		} else {
			text += fmt.Sprintf(" %d", ev.Seq)
		}
	}
	return text[1:]
}

func TestAMendedGapCanBeDamagedAgain(t *testing.T) {
	s := testStore(t)
	good := journalOf(t, append(story(), note("x"), note("y"))...)
	path := put(t, s, testID, flip(good, lineStarts(good)[3]+9))
	if _, err := s.Repair(testID); err != nil {
		t.Fatal(err)
	}
	mended := readAll(t, path)
	put(t, s, testID, flip(mended, lineStarts(mended)[2]+9))
	if _, err := s.Repair(testID); err != nil {
		t.Fatal(err)
	}
	l, events := mustOpen(t, s, testID)
	mustClose(t, l)
	if got := outline(events); got != "1 2 [3-3] [4-4] 5 6 7 8" {
		t.Error(got)
	}
}

func TestALostHeadIsNotRepaired(t *testing.T) {
	s := testStore(t)
	bad := flip(journalOf(t, story()...), 30)
	path := put(t, s, testID, bad)
	if _, err := s.Repair(testID); !errors.Is(err, ErrNoHead) {
		t.Errorf("repair: %v", err)
	}
	if !bytes.Equal(readAll(t, path), bad) || len(matches(t, filepath.Dir(path), badBase+"-*")) != 0 {
		t.Error("something was changed")
	}
}

// TestALostRecordMayHaveSent: a repair must not let an item be sent again of
// which a lost record may have told that it was sent.
func TestALostRecordMayHaveSent(t *testing.T) {
	plan := func(items ...int) model.Event {
		return model.Event{Type: model.EvPlan, Plan: &model.Plan{ID: "p", Items: items}}
	}
	intent := func(items ...int) model.Event {
		return model.Event{Type: model.EvIntent, Intent: &model.Intent{Attempt: 1, Items: items}}
	}
	outcome := func(item int, state model.State) model.Event {
		return model.Event{Type: model.EvOutcome, Outcome: &model.Result{Items: []model.ItemResult{{Index: item, State: state}}}}
	}
	verify := func(item int, state model.State) model.Event {
		return model.Event{Type: model.EvVerify, Verify: &model.VerifyEvent{Items: []model.ItemVerdict{{Index: item, State: state}}}}
	}
	end := model.Event{Type: model.EvEnd, End: &model.EndEvent{Why: "done"}}
	lost := note("lost")
	rows := []struct {
		name   string
		events []model.Event
		want   string
	}{
		{"no plan", []model.Event{lost, note("x")}, "[]"},
		{"nothing sent yet", []model.Event{plan(3, 4), lost, note("x")}, "[3 4]"},
		{"sent before, no outcome", []model.Event{plan(3), intent(3), lost, note("x")}, "[3]"},
		{"settled before", []model.Event{plan(3, 4, 5), outcome(3, model.OK), outcome(4, model.Failed), lost, note("x")}, "[5]"},
		{"between two tries", []model.Event{plan(3), outcome(3, model.Waiting), lost, note("x")}, "[3]"},
		{"found missing, to be sent", []model.Event{plan(3), verify(3, model.Queued), lost, note("x")}, "[3]"},
		{"told of afterwards", []model.Event{plan(3, 4, 5, 6), lost, outcome(3, model.OK), intent(4), verify(5, model.Confirmed)}, "[6]"},
		{"ended", []model.Event{plan(3), end, lost, note("x")}, "[]"},
		{"a second plan", []model.Event{plan(3), end, plan(4), lost, note("x")}, "[4]"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			s := testStore(t)
			events := append([]model.Event{opening()}, row.events...)
			good := journalOf(t, events...)
			for i, ev := range events {
				if ev.Note == lost.Note {
					good = flip(good, lineStarts(good)[i]+20)
				}
			}
			put(t, s, testID, good)
			if _, err := s.Repair(testID); err != nil {
				t.Fatal(err)
			}
			l, events := mustOpen(t, s, testID)
			mustClose(t, l)
			unknown := []int{}
			for _, ev := range events {
				if _, _, ok := Lost(ev); ok && ev.Verify != nil {
					for _, v := range ev.Verify.Items {
						if v.State != model.Unknown {
							t.Errorf("item %d is %s", v.Index, v.State)
						}
						unknown = append(unknown, v.Index)
					}
				}
			}
			if got := fmt.Sprint(unknown); got != row.want {
				t.Errorf("unknown are %s, want %s", got, row.want)
			}
		})
	}
}

func TestAnUndoOfWhatIsLostIsLeftOut(t *testing.T) {
	edit := model.Event{Type: model.EvEdit, Edit: &model.EditEvent{How: "json"}}
	undo := func(n int64) model.Event { return model.Event{Type: model.EvUndo, Ref: n} }
	redo := func(n int64) model.Event { return model.Event{Type: model.EvRedo, Ref: n} }
	events := []model.Event{opening(), edit, edit, undo(3), undo(2), redo(2), redo(3)}
	for lost, want := range map[int]string{
		2: "1 2 [3-4] 5 6 [7-7]", // the second edit: its undo and redo go
		1: "1 [2-2] 3 4 [5-6] 7", // the first edit
		3: "1 2 3 [4-4] 5 6 [7-7]",
	} {
		s := testStore(t)
		good := journalOf(t, events...)
		put(t, s, testID, flip(good, lineStarts(good)[lost]+20))
		if _, err := s.Repair(testID); err != nil {
			t.Fatal(err)
		}
		l, got := mustOpen(t, s, testID)
		mustClose(t, l)
		if outline(got) != want {
			t.Errorf("record %d lost: %s, want %s", lost+1, outline(got), want)
		}
	}
}
