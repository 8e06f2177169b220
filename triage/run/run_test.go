package run_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"retriage/model"
	"retriage/triage"
	"retriage/triage/run"
)

func TestAllGoesThrough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, unavailable(250))
		w.mustRun()
		w.want(model.OK, 250)
		w.once()
		var sizes []int
		for _, s := range w.server.requests() {
			sizes = append(sizes, len(s.items))
		}
		// Steps of 1, 5, 20, then the rest in chunks of 100.
		want := []int{1, 5, 20, 100, 100, 24}
		if len(sizes) != len(want) {
			t.Fatalf("request sizes %v, want %v", sizes, want)
		}
		for k := range want {
			if sizes[k] != want[k] {
				t.Fatalf("request sizes %v, want %v", sizes, want)
			}
		}
		s := w.runner.Snapshot()
		if s.Phase != run.Ended || s.Progress[0].OK != 250 || s.Requests != 6 {
			t.Errorf("snapshot %+v", s.Progress)
		}
	})
}

func TestRetryAfterIsNeverUndercut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, unavailable(300))
		var free time.Time
		w.server.script = func(n int, r model.Request) fate {
			if time.Now().Before(free) {
				t.Errorf("request %d came %v too early", n, time.Until(free))
			}
			if n%3 == 0 && n < 30 {
				free = time.Now().Add(w.server.delay + 90*time.Second)
				return fate{reply: rejected(model.Throttled, 429, 90*time.Second)}
			}
			return fate{}
		}
		w.config.Profile.Settings.Concurrency = 1
		w.sit(nil)
		w.mustRun()
		w.want(model.OK, 300)
		w.once()
	})
}

func TestJournalFailureStopsTheRun(t *testing.T) {
	for cut := 1; cut < 10; cut++ {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, unavailable(60), func(w *world) { w.journal.cut = cut })
			err := w.run()
			if !errors.Is(err, run.ErrJournal) || !errors.Is(err, errDisk) {
				t.Fatalf("cut %d: %v", cut, err)
			}
			before := len(w.server.requests())
			time.Sleep(time.Hour)
			synctest.Wait()
			if after := len(w.server.requests()); after != before {
				t.Errorf("cut %d: %d requests after the disk failed", cut, after-before)
			}
			intents := 0
			for _, ev := range w.journal.list() {
				if ev.Intent != nil {
					intents++
				}
			}
			if before > intents {
				t.Errorf("cut %d: %d requests for %d intents", cut, before, intents)
			}
		})
	}
}

func TestContextEndsTheRunAndLeavesThePlanOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, unavailable(60))
		w.server.delay = time.Second
		ctx, cancel := context.WithTimeout(context.Background(), 2500*time.Millisecond)
		defer cancel()
		if err := w.runner.Run(ctx, w.plan(triage.PlanOptions{})); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		w.want(model.Unknown, 20)
		if w.session.Running() == nil {
			t.Fatal("the plan is closed")
		}
		w.server.delay = 0
		if err := w.runner.Resume(context.Background()); err != nil {
			t.Fatal(err)
		}
		w.want(model.OK, 40)
		w.want(model.Confirmed, 20)
		w.once()
	})
}
