package triage

import (
	"math/rand/v2"
	"testing"
	"time"

	"retriage/model"
)

// scripted is a session with somebody who writes its events.
func scripted(t *testing.T, n int) (*Session, *script) {
	t.Helper()
	s := sessionOf(t, n)
	return s, &script{s: s, rng: rand.New(rand.NewPCG(1, 1)), at: time.Unix(0, 0)}
}

func (sc *script) edit(t *testing.T, i int, pointer, old, now string) {
	t.Helper()
	change := model.Change{Part: model.Body, Pointer: pointer, Old: model.Foreign(old), New: model.Foreign(now)}
	sc.put(t, model.Event{Type: model.EvEdit, Edit: &model.EditEvent{How: "form", Items: []model.ItemEdit{{Index: i, Changes: []model.Change{change}}}}})
}

func TestAnEditThatWasTakenBackByHandIsNone(t *testing.T) {
	type edit struct{ pointer, old, now string }
	for _, row := range []struct {
		name  string
		edits []edit
		want  model.State
	}{
		{"there and back", []edit{{"/n", "1", "2"}, {"/n", "2", "1"}}, model.Failed},
		{"round a corner", []edit{{"/n", "1", "2"}, {"/n", "2", "3"}, {"/n", "3", "1"}}, model.Failed},
		{"one of two", []edit{{"/n", "1", "2"}, {"/email", `"A@x"`, `"b@x"`}, {"/n", "2", "1"}}, model.Edited},
		{"put in and dropped", []edit{{"/new", "", "2"}, {"/new", "2", ""}}, model.Failed},
		{"dropped and put in: it stands at the end then", []edit{{"/n", "1", ""}, {"/n", "", "1"}}, model.Edited},
		{"a list that has moved", []edit{{"/a/0", "1", ""}, {"/a/0", "2", "1"}}, model.Edited},
	} {
		t.Run(row.name, func(t *testing.T) {
			s, sc := scripted(t, 11)
			i := s.Items(TabOf(model.Validation))[0]
			for _, e := range row.edits {
				sc.edit(t, i, e.pointer, e.old, e.now)
			}
			if got := s.State(i); got != row.want {
				t.Errorf("%s, want %s", got, row.want)
			}
			seq, _, _ := s.Undoable()
			sc.put(t, model.Event{Type: model.EvUndo, Ref: seq})
			if got := s.State(i); got != model.Edited {
				t.Errorf("with the last edit undone: %s", got)
			}
		})
	}
}

func TestARequestThatNeverLeftWasNotSent(t *testing.T) {
	s, sc := scripted(t, 11)
	i := s.Items(TabOf(model.Validation))[0]
	sc.edit(t, i, "/n", "1", "2")
	sc.put(t, model.Event{Type: model.EvPlan, Plan: &model.Plan{ID: "p", Items: []int{i}}})
	send := func(att int64, out model.Result) {
		sc.put(t, model.Event{Type: model.EvIntent, Intent: &model.Intent{Attempt: att, Items: []int{i}}})
		out.Attempt = att
		sc.put(t, model.Event{Type: model.EvOutcome, Outcome: &out})
	}
	wants := func(what string, requests, sent, items int) {
		t.Helper()
		got, ps := s.Totals(), s.Plans()[0]
		if got.Requests != requests || got.Sent != sent || got.Items != items || ps.Requests != requests || ps.Sends != sent || s.Row(i).Sends != sent {
			t.Errorf("%s: %+v, plan %d and %d, item %d", what, got, ps.Requests, ps.Sends, s.Row(i).Sends)
		}
	}
	send(1, model.Result{Kind: model.Rejected, Fault: model.Unreachable, Items: []model.ItemResult{{Index: i, State: model.Waiting}}})
	wants("refused the connection", 0, 0, 0)
	if !s.SentAt(i).IsZero() {
		t.Error("it is said to have been sent")
	}
	send(2, model.Result{Kind: model.Rejected, Status: 429, Fault: model.Throttled, Items: []model.ItemResult{{Index: i, State: model.Waiting}}})
	wants("429", 1, 1, 1)
	send(3, model.Result{Kind: model.Answered, Status: 207, Items: []model.ItemResult{{Index: i, State: model.Waiting, Category: model.RateLimited}}})
	wants("answered", 2, 2, 1)
	send(4, model.Result{Kind: model.Rejected, Fault: model.Unreachable, Items: []model.ItemResult{{Index: i, State: model.Failed}}})
	wants("given up", 2, 2, 1)
}

func TestAnEditThatNeverLeftIsStillToBeSent(t *testing.T) {
	s, sc := scripted(t, 11)
	i := s.Items(TabOf(model.Validation))[0]
	sc.edit(t, i, "/n", "1", "2")
	sc.put(t, model.Event{Type: model.EvPlan, Plan: &model.Plan{ID: "p", Items: []int{i}}})
	sc.put(t, model.Event{Type: model.EvIntent, Intent: &model.Intent{Attempt: 1, Items: []int{i}}})
	sc.put(t, model.Event{Type: model.EvOutcome, Outcome: &model.Result{Attempt: 1, Kind: model.Rejected, Fault: model.Unreachable,
		Items: []model.ItemResult{{Index: i, State: model.Failed}}}})
	sc.put(t, model.Event{Type: model.EvEnd, End: &model.EndEvent{Plan: "p"}})
	if s.State(i) != model.Edited {
		t.Errorf("%s although the edit never left", s.State(i))
	}
	if _, _, ok := s.Undoable(); !ok {
		t.Error("an edit that never left cannot be undone")
	}
}
