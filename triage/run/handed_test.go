package run_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"retriage/model"
	"retriage/triage"
	"retriage/triage/run"
)

// layout lists the ids of each request that the open items are put into.
func (w *world) layout() (requests [][]string, left map[string]int) {
	w.t.Helper()
	l := w.runner.Layout(w.session.Draft(triage.PlanOptions{AsIs: true}, func(int) bool { return true }).Items)
	left = map[string]int{}
	for _, part := range l.LeftOut {
		left[part.Why] += part.Count
	}
	for _, r := range l.Requests {
		var ids []string
		for _, it := range r.Items {
			ids = append(ids, it.ID.Wire())
		}
		requests = append(requests, ids)
	}
	return requests, left
}

func sizes(requests [][]string) (n []int) {
	for _, r := range requests {
		n = append(n, len(r))
	}
	return n
}

func TestWhatIsHandedInIsPutIntoRequestsAsItWouldBeSent(t *testing.T) {
	for _, row := range []struct {
		name   string
		orders []order
		items  int // that a request takes, 0 = any number
		bytes  int // the same
		broken string
		sizes  []int
		left   map[string]int
	}{
		{name: "one request", orders: unavailable(7), sizes: []int{7}},
		{name: "by number", orders: unavailable(7), items: 3, sizes: []int{3, 3, 1}},
		{name: "by size", orders: unavailable(6), bytes: 70, sizes: []int{3, 3}},
		{name: "an item that is too large", orders: unavailable(2), bytes: 10, left: map[string]int{
			"22 bytes, and the target takes at most 10": 2,
		}},
		{name: "an item that is broken", orders: unavailable(5), broken: "003", sizes: []int{4}, left: map[string]int{
			"prepare: a member stands there twice": 1,
		}},
		{name: "a group", orders: grouped(10, 2, 6), items: 6, sizes: []int{2, 6, 2}},
		{name: "a group that no request holds", orders: grouped(10, 2, 6), items: 4, sizes: []int{4, 1}, left: map[string]int{
			"it is one of a group of 5 that travels whole, and the target takes at most 4 items in one request": 5,
		}},
		{name: "a chain", orders: needing(5), sizes: []int{5}},
		{name: "a chain after others", orders: append(named("x", 3), needing(3)...), items: 4, sizes: []int{3, 3}},
		{name: "a chain that no request holds", orders: needing(5), items: 3, sizes: []int{3}, left: map[string]int{
			"it depends on 002, which does not go into the same request": 1,
			"depends on 003, which did not come through":                 1,
		}},
		{name: "a chain whose first is broken", orders: needing(3), broken: "000", left: map[string]int{
			"prepare: a member stands there twice":    1,
			"it depends on 000, which cannot be sent": 1,
			"it depends on 001, which cannot be sent": 1,
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld(t, row.orders, func(w *world) {
				w.config.Profile.MaxItems, w.config.Profile.Settings.Chunk = row.items, 1<<30
			})
			w.server.maxBytes, w.server.broken = row.bytes, row.broken
			requests, left := w.layout()
			if got := sizes(requests); !slices.Equal(got, row.sizes) {
				t.Errorf("requests of %v items, want %v: %v", got, row.sizes, requests)
			}
			if fmt.Sprint(left) != fmt.Sprint(row.left) && len(left)+len(row.left) > 0 {
				t.Errorf("left out %v, want %v", left, row.left)
			}
			if len(w.server.requests())+len(w.journal.list()) > 0 {
				t.Error("something was sent or written")
			}
		})
	}
}

// named makes n orders that may be sent as they are, with names of their own.
func named(prefix string, n int) []order {
	orders := unavailable(n)
	for i := range orders {
		orders[i].ID = prefix + orders[i].ID
	}
	return orders
}

// needing makes n orders of which each needs the one before it.
func needing(n int) []order {
	orders := unavailable(n)
	for i := 1; i < n; i++ {
		orders[i].Needs = []string{orders[i-1].ID}
	}
	return orders
}

func TestWhatNeedsOthersGoesWithThemOrAfterThem(t *testing.T) {
	for _, row := range []struct {
		name   string
		items  int
		fails  string
		ok     int
		alone  bool // the target takes one item at a time
		unsent []int
	}{
		{name: "in one request", ok: 6},
		{name: "in several", items: 2, ok: 6},
		{name: "one by one", alone: true, ok: 6},
		{name: "one fails", items: 2, fails: "002", ok: 2, unsent: []int{4, 5}},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, needing(6), func(w *world) {
					w.config.Profile.MaxItems, w.config.Profile.Settings.Steps = row.items, nil
					if row.alone {
						w.config.Profile.BatchPath, w.config.Profile.ItemPath = "", "/items"
					}
				})
				w.server.script = func(int, model.Request) fate {
					return fate{no: refuse(func(id string) bool { return row.fails != "" && id >= row.fails }, 422, "VALIDATION_ERROR"),
						apply: func(id string) bool { return row.fails == "" || id < row.fails }}
				}
				w.mustRun()
				w.want(model.OK, row.ok)
				w.once()
				done := map[string]bool{}
				for _, r := range w.server.requests() {
					for k, id := range r.items {
						var n int
						if _, err := fmt.Sscan(strings.TrimLeft(id, "0")+" ", &n); err != nil {
							n = 0
						}
						if before := fmt.Sprintf("%03d", n-1); n > 0 && !done[before] && !slices.Contains(r.items[:k], before) {
							t.Errorf("%s was sent before %s was done: %v", id, before, r.items)
						}
					}
					for _, id := range r.items {
						done[id] = true
					}
				}
				for _, i := range row.unsent {
					if w.session.Row(i).Sends > 0 {
						t.Errorf("item %d was sent", i)
					}
				}
			})
		})
	}
}

func TestADraftLeavesOutWhatNeedsSomethingThatIsNotDone(t *testing.T) {
	orders := append(needing(3), order{ID: "done", Status: 200}, order{ID: "late", Status: 503, Code: "CIRCUIT_OPEN", Needs: []string{"done"}},
		order{ID: "lost", Status: 503, Code: "CIRCUIT_OPEN", Needs: []string{"nowhere"}})
	orders[0].Status, orders[0].Code = 422, "VALIDATION_ERROR"
	w := newWorld(t, orders)
	d := w.session.Draft(triage.PlanOptions{Reads: true}, func(int) bool { return true })
	if !slices.Equal(d.Items, []int{4}) {
		t.Errorf("items %v", d.Items)
	}
	why := map[string]int{}
	for _, l := range d.LeftOut {
		why[l.Why] = l.Count
	}
	for _, id := range []string{"000", "001", "nowhere"} {
		if why["depends on "+id+", which is not done and not sent with it"] != 1 {
			t.Errorf("left out %v", why)
		}
	}
	w.edit(0, "7")
	if d := w.session.Draft(triage.PlanOptions{Reads: true}, func(int) bool { return true }); !slices.Equal(d.Items, []int{0, 1, 2, 4}) {
		t.Errorf("items %v", d.Items)
	}
}

// hand writes the plan of what somebody hands in.
func (w *world) hand() {
	w.t.Helper()
	p, err := w.runner.HandedPlan(w.runner.Layout(w.session.Draft(triage.PlanOptions{}, func(int) bool { return true }).Items))
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.desk.Commit(context.Background(), model.Event{Type: model.EvPlan, Plan: &p}); err != nil {
		w.t.Fatal(err)
	}
}

func TestAnAnswerIsOneAttempt(t *testing.T) {
	w := newWorld(t, unavailable(6), func(w *world) { w.config.Profile.MaxItems, w.config.Profile.ItemURL = 4, "" })
	w.hand()
	if err := w.runner.Resume(context.Background()); !errors.Is(err, run.ErrHandedIn) {
		t.Errorf("what is handed in by somebody was resumed: %v", err)
	}
	asked := 0
	err := w.runner.TakeAnswers(context.Background(), func(k int, items []model.SendItem) (model.Reply, error) {
		asked++
		reply := model.Reply{Kind: model.Answered, Status: 200, RetryAfter: -1}
		for _, it := range items {
			a := model.Answer{ID: it.ID, State: model.OK}
			switch it.ID.Wire() {
			case "001":
				a.State, a.Failure = model.Failed, &model.Failure{Status: 429, RetryAfter: 2 * time.Second}
			case "002":
				a.State, a.Failure = model.Failed, &model.Failure{Status: 503, Code: model.Foreign("CIRCUIT_OPEN"), RetryAfter: -1}
			case "003":
				continue
			case "004":
				a.State, a.Failure = model.Failed, &model.Failure{Status: 500, RetryAfter: -1}
			}
			reply.Outcomes = append(reply.Outcomes, model.Outcome{Index: it.Index, Answer: a})
		}
		return reply, nil
	})
	if err != nil || asked != 2 {
		t.Fatalf("%v after %d answers", err, asked)
	}
	w.want(model.OK, 2)
	w.want(model.Failed, 3)
	w.want(model.Unknown, 1)
	if got := w.session.Category(1); got != model.RateLimited {
		t.Errorf("what was turned away is filed under %s", got)
	}
	if n := w.session.Totals(); n.Sent != 6 || n.Requests != 2 || w.session.Running() != nil {
		t.Errorf("%d items sent in %d requests", n.Sent, n.Requests)
	}
}

func TestAnAnswerThatCannotBeReadChangesNothing(t *testing.T) {
	w := newWorld(t, unavailable(6), func(w *world) { w.config.Profile.MaxItems = 4 })
	w.hand()
	before := len(w.journal.list())
	err := w.runner.TakeAnswers(context.Background(), func(k int, _ []model.SendItem) (model.Reply, error) {
		if k == 0 {
			return model.Reply{Kind: model.Answered}, nil
		}
		return model.Reply{}, errDisk
	})
	if !errors.Is(err, errDisk) || len(w.journal.list()) != before || w.session.Running() == nil {
		t.Errorf("%v, and %d new events", err, len(w.journal.list())-before)
	}
}
