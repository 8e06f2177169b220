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

// keyOf gives the keys that an item was sent with, in order.
func (s *server) keyOf(id string) (keys []string) {
	for _, r := range s.requests() {
		if k := slices.Index(r.items, id); k >= 0 {
			keys = append(keys, r.keys[k])
		}
	}
	return keys
}

func TestKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		orders := unavailable(6)
		orders[3].Key = "original-3"
		orders[4].Key = "original-4"
		w := newWorld(t, orders, func(w *world) {
			w.config.Profile.KeyScope, w.config.Profile.KeyField = model.ItemKey, "key"
			w.config.Profile.Settings.Steps = nil
		})
		w.server.script = func(n int, r model.Request) fate {
			if n == 1 {
				return fate{apply: none, no: refuse(func(id string) bool { return id == "001" }, 503, "CIRCUIT_OPEN"), reply: nil}
			}
			if n == 2 {
				return fate{apply: none, no: refuse(all, 422, "VALIDATION_ERROR")}
			}
			return fate{}
		}
		w.edit(4, "2")
		w.mustRun()
		if ks := w.server.keyOf("001"); len(ks) != 2 || ks[0] != ks[1] || ks[0] == "" {
			t.Errorf("the same payload went with the keys %q", ks)
		}
		if ks := w.server.keyOf("003"); len(ks) != 1 || ks[0] != "original-3" {
			t.Errorf("an untouched item went with %q", ks)
		}
		if ks := w.server.keyOf("004"); len(ks) != 1 || !strings.HasPrefix(ks[0], "key-") {
			t.Errorf("an edited item went with %q", ks)
		}
		w.edit(1, "7")
		w.mustRun()
		if ks := w.server.keyOf("001"); len(ks) != 3 || ks[2] == ks[0] {
			t.Errorf("after an edit it went with %q", ks)
		}
		keyed := map[string]bool{}
		for _, ev := range w.journal.list() {
			for _, k := range ev.Keys {
				keyed[k.Key] = true
			}
			if ev.Intent == nil {
				continue
			}
			for _, i := range ev.Intent.Items {
				if key, _ := w.session.Key(i); len(keyed) == 0 || key == "" {
					t.Errorf("item %d was sent before its key was on disk", i)
				}
			}
		}
	})
}

func TestEditDuringARunGetsItsOwnKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, unavailable(30), func(w *world) { w.config.Profile.KeyScope = model.ItemKey })
		w.server.delay = time.Minute
		done := w.start()
		after(time.Second)
		before, _ := w.session.Key(20)
		w.edit(20, "9")
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if ks := w.server.keyOf("020"); len(ks) != 1 || ks[0] == before {
			t.Errorf("it went with %q, and its old payload had %q", ks, before)
		}
		w.want(model.OK, 30)
	})
}

func TestNoKeysWithoutAScope(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, unavailable(3))
		w.mustRun()
		for _, ev := range w.journal.list() {
			if ev.Keys != nil {
				t.Error("a key was made")
			}
		}
	})
}

// chain makes n orders, each of which failed because the one before it did.
func chain(n int) []order {
	orders := unavailable(n)
	for i := 1; i < n; i++ {
		orders[i].Status, orders[i].Code, orders[i].Cause = 424, "FAILED_DEPENDENCY", orders[i-1].ID
	}
	slices.Reverse(orders)
	return orders
}

func TestCausesGoFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, chain(12))
		w.mustRun()
		w.want(model.OK, 12)
		var order []string
		for _, r := range w.server.requests() {
			order = append(order, r.items...)
		}
		if !slices.IsSorted(order) {
			t.Errorf("sent in the order %v", order)
		}
	})
}

func TestDependentsOfAFailedCauseAreNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, chain(12), func(w *world) { w.config.Profile.Settings.StopAt = 1 })
		w.server.script = func(int, model.Request) fate {
			bad := func(id string) bool { return id == "004" }
			return fate{apply: func(id string) bool { return !bad(id) }, no: refuse(bad, 422, "VALIDATION_ERROR")}
		}
		w.mustRun()
		w.want(model.OK, 4)
		w.want(model.Failed, 8)
		for i := range 12 {
			row, h := w.session.Row(i), w.session.History(i)
			id := row.ID.Wire()
			if id > "004" && (row.Sends != 0 || !strings.Contains(h[len(h)-1].Text, "depends on ")) {
				t.Errorf("item %s: %d sends, history %v", id, row.Sends, h)
			}
		}
	})
}

func TestRolledBackItemsGoAfterTheCauseHasEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, unavailable(20), func(w *world) { w.config.Profile.Settings.Steps = nil })
		w.server.script = func(n int, r model.Request) fate {
			if n > 1 {
				return fate{}
			}
			return fate{apply: none, no: func(id string) *model.Failure {
				if id == "007" {
					return &model.Failure{Status: 422, Code: model.Foreign("VALIDATION_ERROR"), RetryAfter: -1}
				}
				return &model.Failure{Status: 424, Reason: model.RolledBack, Cause: model.TextID("007"), RetryAfter: -1}
			}}
		}
		w.mustRun()
		w.want(model.OK, 19)
		w.want(model.Failed, 1)
	})
}

func TestUnknownItemsThatDifferStayUnknown(t *testing.T) {
	for _, row := range []struct {
		name    string
		reading model.Reading
	}{
		{"other content", model.Reading{Status: 200, Body: []byte(`{"id":"000","price":5}`), RetryAfter: -1}},
		{"not readable", model.Reading{Status: 403, Fault: model.Refused, RetryAfter: -1}},
		{"a web page for not found", model.Reading{Status: 404, Fault: model.NotABatch, RetryAfter: -1}},
		{"no read", model.Reading{NoRead: true, RetryAfter: -1}},
		{"server in trouble", model.Reading{Status: 500, Fault: model.ServerError, RetryAfter: -1}},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, unavailable(1))
				w.server.script = func(int, model.Request) fate { return fate{reply: unknown(model.LostReply)} }
				w.server.read = func(int, string) *model.Reading { return &row.reading }
				w.mustRun()
				w.want(model.Unknown, 1)
				if n := len(w.server.requests()); n != 1 {
					t.Errorf("%d requests", n)
				}
			})
		})
	}
}

func TestLookupComparesWithWhatWasSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		orders := unavailable(1)
		orders[0].Status, orders[0].Code = 504, "UPSTREAM_TIMEOUT"
		w := newWorld(t, orders)
		w.server.effect(0, "000", `{"id":"000","price":1}`)
		w.edit(0, "2")
		w.mustRun()
		if n := len(w.server.requests()); n != 0 {
			t.Errorf("%d requests", n)
		}
		w.want(model.Edited, 1)
		if v := w.session.Row(0).Verdict; v == nil || v.State != model.Differs || v.Note == "" {
			t.Errorf("verdict %+v", v)
		}
	})
}

func TestLookupsThatAreThrottledAreMadeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, unavailable(26))
		w.server.script = func(n int, r model.Request) fate {
			if n == 3 {
				return fate{apply: all, reply: unknown(model.LostReply)}
			}
			return fate{}
		}
		var free time.Time
		w.server.read = func(n int, id string) *model.Reading {
			if n == 10 {
				free = time.Now().Add(40 * time.Second)
				return &model.Reading{Status: 429, Fault: model.Throttled, RetryAfter: 40 * time.Second}
			}
			if n > 14 && time.Now().Before(free) {
				t.Errorf("read %d came %v too early", n, time.Until(free))
			}
			return nil
		}
		w.mustRun()
		w.want(model.Confirmed, 20)
		w.once()
	})
}

func verified(n int) []order {
	orders := unavailable(n)
	for i := range orders {
		orders[i].Status = 200
	}
	return orders
}

func TestVerifyReadsEverythingThatFits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		orders := verified(40)
		orders[0].Status, orders[0].Code = 422, "VALIDATION_ERROR"
		orders[1].Status = 503
		w := newWorld(t, orders, func(w *world) { w.config.Profile.Settings.ReadRate = 20 })
		for i := 2; i < 38; i++ {
			id := fmt.Sprintf("%03d", i)
			w.server.effect(0, id, fmt.Sprintf(`{"id":%q,"price":1}`, id))
		}
		w.server.effect(0, "038", `{"id":"038","price":99}`)
		p := w.plan(triage.PlanOptions{})
		p.Verify = true
		begun := time.Now()
		if err := w.runner.Run(context.Background(), p); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begun); took < 39*50*time.Millisecond {
			t.Errorf("40 reads at 20/s took %v", took)
		}
		got := w.runner.Snapshot().Reads
		want := run.ReadProgress{Total: 40, Done: 40, Confirmed: 37, Differs: 1, NotFound: 1, AsExpected: 1}
		if got != want {
			t.Errorf("reads %+v, want %+v", got, want)
		}
		w.want(model.Confirmed, 37)
		w.want(model.Differs, 1)
		w.want(model.NotFound, 1)
		w.want(model.Failed, 1)
	})
}

func TestVerifySamplesWhatDoesNotFit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		orders := verified(5000)
		orders[17].Status = 503
		w := newWorld(t, orders, func(w *world) { w.config.Profile.Settings.ReadRate = 10 })
		w.mustRun()
		if err := w.runner.Verify(context.Background(), run.VerifyOptions{}); err != nil {
			t.Fatal(err)
		}
		got := w.runner.Snapshot().Reads
		if got.Total != 1200 || !strings.Contains(got.Sampled, "1,199 of the other 4,999 at random") {
			t.Errorf("%+v", got)
		}
		if w.session.State(17) != model.Confirmed {
			t.Error("what was sent was not read")
		}
		w.want(model.NotFound, 1199)
		if err := w.runner.Verify(context.Background(), run.VerifyOptions{All: true}); err != nil {
			t.Fatal(err)
		}
		if got := w.runner.Snapshot().Reads; got.Total != 5000 || got.Sampled != "" {
			t.Errorf("%+v", got)
		}
	})
}

func TestVerifyCanBePausedAndCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, verified(100), func(w *world) { w.config.Profile.Settings.ReadRate = 1 })
		done := make(chan error, 1)
		go func() { done <- w.runner.Verify(context.Background(), run.VerifyOptions{}) }()
		after(10500 * time.Millisecond)
		w.runner.Pause()
		after(time.Hour)
		w.server.mu.Lock()
		n := len(w.server.reads)
		w.server.mu.Unlock()
		if n < 10 || n > 12 {
			t.Errorf("%d reads", n)
		}
		w.runner.Continue()
		after(20 * time.Second)
		w.runner.Cancel()
		if err := <-done; err == nil {
			t.Error("no error")
		}
		got := w.runner.Snapshot().Reads
		if got.Done < 25 || got.Done > 35 {
			t.Errorf("%+v", got)
		}
		w.want(model.NotFound, got.NotFound)
	})
}

func TestVerifyHonoursRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, verified(40), func(w *world) { w.config.Profile.Settings.ReadRate = 10 })
		var free time.Time
		w.server.read = func(n int, id string) *model.Reading {
			switch {
			case n == 10:
				free = time.Now().Add(2 * time.Minute)
				return &model.Reading{Status: 429, Fault: model.Throttled, RetryAfter: 2 * time.Minute}
			case n > 10 && time.Now().Before(free):
				t.Errorf("read %d came %v too early", n, time.Until(free))
			case id == "033":
				return &model.Reading{Status: 500, Fault: model.ServerError, RetryAfter: -1}
			}
			return nil
		}
		if err := w.runner.Verify(context.Background(), run.VerifyOptions{}); err != nil {
			t.Fatal(err)
		}
		w.want(model.NotFound, 39)
		w.want(model.Unreadable, 1)
	})
}

func TestVerifyStopsWhenTheDiskFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, verified(400), func(w *world) { w.journal.cut = 3; w.config.Profile.Settings.ReadRate = 50 })
		if err := w.runner.Verify(context.Background(), run.VerifyOptions{}); !errors.Is(err, run.ErrJournal) {
			t.Fatal(err)
		}
		w.server.mu.Lock()
		defer w.server.mu.Unlock()
		if n := len(w.server.reads); n > 250 {
			t.Errorf("%d reads", n)
		}
		w.counts()
	})
}

func TestEditBetweenPreparingAndSendingIsNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, unavailable(12), func(w *world) {
			w.config.Profile.Settings.Steps = nil
			w.config.Profile.Settings.Chunk, w.config.Profile.Settings.Concurrency = 6, 1
		})
		w.server.delay = time.Minute
		done := w.start()
		after(time.Second) // the second chunk is prepared and waits for its place
		w.edit(8, "9")
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if body := w.server.bodies["008"]; body != `{"id":"008","price":9}` {
			t.Errorf("sent %s", body)
		}
		w.want(model.OK, 12)
		w.once()
	})
}

func TestUnverifiable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, verified(10), func(w *world) { w.config.Profile.ItemURL = "" })
		if err := w.runner.Verify(context.Background(), run.VerifyOptions{}); err != nil {
			t.Fatal(err)
		}
		w.want(model.Unverifiable, 10)
	})
}

// Where nothing can be read, nothing is waited for, and what the server said no to
// is not counted as "cannot be verified".
func TestWithoutAReadNothingIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, append(unavailable(8), verified(10)...), func(w *world) {
			w.config.Profile.ItemURL = ""
			w.server.script = func(int, model.Request) fate {
				return fate{apply: none, no: func(string) *model.Failure {
					return &model.Failure{Status: 504, Code: model.Foreign("TIMEOUT"), RetryAfter: -1}
				}}
			}
		})
		var stopped *run.StoppedError
		if err := w.run(); !errors.As(err, &stopped) {
			t.Fatal(err)
		}
		start := time.Now()
		if err := w.runner.Verify(context.Background(), run.VerifyOptions{}); err != nil {
			t.Fatal(err)
		}
		if d := time.Since(start); d > 2*time.Second {
			t.Errorf("it took %v", d)
		}
		w.want(model.Failed, 8)
		w.want(model.Unverifiable, 10)
		if r := w.runner.Snapshot().Reads; r.Total != 10 || r.Done != 10 || r.Unverifiable != 10 {
			t.Errorf("%+v", r)
		}
	})
}

func TestSnapshotTellsAndNeverChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, unavailable(300), func(w *world) {
			w.config.Profile.Settings.Chunk = 10
			w.config.Profile.Settings.Rate = 1
		})
		if s := w.runner.Snapshot(); s.Phase != run.Idle || s.Left >= 0 {
			t.Errorf("before: %+v", s)
		}
		done := w.start()
		after(10 * time.Second)
		s := w.runner.Snapshot()
		sum := 0
		for _, n := range s.Speed {
			sum += n
		}
		if p := s.Progress[0]; p.OK != sum || p.Total != 300 || p.OK+p.Left+p.InFlight != 300 {
			t.Errorf("%+v, speed %v", p, s.Speed)
		}
		if s.Phase != run.Running || s.Rate < 5 || s.Left < 20*time.Second || s.Left > 60*time.Second {
			t.Errorf("phase %s, rate %v, left %v", s.Phase, s.Rate, s.Left)
		}
		lines, gen := len(s.Lines), s.Generation
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		last := w.runner.Snapshot()
		if len(s.Lines) != lines || last.Generation <= gen || len(last.Lines) != 200 || last.Left != 0 {
			t.Errorf("%d lines, then %d; generation %d, then %d", len(s.Lines), len(last.Lines), gen, last.Generation)
		}
		if last.Lines[0].At.Before(last.Lines[199].At) {
			t.Error("the oldest line stands first")
		}
	})
}
