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

// start begins a run of everything; its error comes on the channel.
func (w *world) start() <-chan error {
	p := w.plan(triage.PlanOptions{})
	done := make(chan error, 1)
	go func() { done <- w.runner.Run(context.Background(), p) }()
	return done
}

// after lets a time pass and everything that happens at its end.
func after(d time.Duration) { time.Sleep(d); synctest.Wait() }

func TestPauseHoldsAndContinueGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, unavailable(500))
		w.server.delay = time.Second
		done := w.start()
		after(3500 * time.Millisecond)
		w.runner.Pause()
		after(time.Second)
		n := len(w.server.requests())
		if s := w.runner.Snapshot(); s.Phase != run.Paused || s.Pause.Kind != "operator" || s.InFlight != 0 {
			t.Errorf("phase %s, pause %q, %d in flight", s.Phase, s.Pause.Kind, s.InFlight)
		}
		after(5 * time.Hour)
		if m := len(w.server.requests()); m != n {
			t.Errorf("%d requests while it was paused", m-n)
		}
		w.runner.Continue()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		w.want(model.OK, 500)
		w.once()
	})
}

func TestCancelAwaitsWhatIsInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, unavailable(500))
		w.server.delay = time.Second
		done := w.start()
		after(3500 * time.Millisecond)
		w.runner.Cancel()
		synctest.Wait()
		if s := w.runner.Snapshot(); s.Phase != run.Draining || s.InFlight != 4 {
			t.Errorf("phase %s with %d in flight", s.Phase, s.InFlight)
		}
		if err := <-done; !errors.Is(err, run.ErrCancelled) {
			t.Fatal(err)
		}
		w.want(model.OK, 426)
		w.want(model.Queued, 74)
		if s := w.runner.Snapshot(); s.Phase != run.Ended || s.Progress[0].Left != 74 || s.Progress[0].Finished() != 426 {
			t.Errorf("phase %s, %+v", s.Phase, s.Progress[0])
		}
		w.sit(w.journal.list())
		if ps := w.session.Running(); ps == nil || !ps.Halted {
			t.Fatal("the plan cannot be resumed")
		}
		if err := w.runner.Resume(context.Background()); err != nil {
			t.Fatal(err)
		}
		if ps := w.session.Plans(); len(ps) != 1 || ps[0].Why != "done" {
			t.Errorf("%d plans", len(ps))
		}
		w.want(model.OK, 500)
		w.once()
	})
}

func TestAbortMakesWhatIsInFlightUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, unavailable(26))
		w.server.delay = time.Minute
		done := w.start()
		after(90 * time.Second)
		w.runner.Abort()
		begun := time.Now()
		if err := <-done; !errors.Is(err, run.ErrCancelled) {
			t.Fatal(err)
		}
		if took := time.Since(begun); took > 2*time.Second {
			t.Errorf("it took %v", took)
		}
		w.want(model.OK, 1)
		w.want(model.Unknown, 5)
		w.want(model.Queued, 20)
		// The next plan looks them up, once they have settled, and finds them.
		p := w.plan(triage.PlanOptions{Unknown: true})
		if err := w.runner.Run(context.Background(), p); err != nil {
			t.Fatal(err)
		}
		w.want(model.OK, 21)
		w.want(model.Confirmed, 5)
		w.once()
	})
}

func TestRateAndConcurrencyHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, unavailable(400), func(w *world) {
			w.config.Profile.Settings.Rate = 2
			w.config.Profile.Settings.Chunk = 5
			w.config.Profile.Settings.Concurrency = 3
		})
		w.server.delay = 5 * time.Second
		done := w.start()
		after(time.Minute)
		w.runner.SetRate(100)
		turned := time.Now()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		log := w.server.requests()
		for k := 1; k < len(log); k++ {
			gap := log[k].at.Sub(log[k-1].at)
			if log[k].at.Before(turned) && gap < 500*time.Millisecond || gap < 10*time.Millisecond {
				t.Errorf("request %d came %v after the one before", k, gap)
			}
		}
		if w.server.most > 3 {
			t.Errorf("%d requests at once", w.server.most)
		}
		if got := w.runner.Snapshot().Cap; got != 100 {
			t.Errorf("cap %v", got)
		}
		w.want(model.OK, 400)
	})
}

func TestServerLimitLowersThePace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, unavailable(60))
		w.server.script = func(n int, r model.Request) fate {
			reply := w.server.act(fate{}, r)
			reply.Limit = 0.1
			return fate{apply: none, reply: &reply}
		}
		w.mustRun()
		log := w.server.requests()
		for k := 1; k < len(log); k++ {
			if gap := log[k].at.Sub(log[k-1].at); gap < 10*time.Second {
				t.Errorf("request %d came %v after the one before", k, gap)
			}
		}
	})
}

func TestSignIn(t *testing.T) {
	refuse := func(n int, r model.Request) fate {
		if n == 3 {
			return fate{reply: rejected(model.SignIn, 401, -1)}
		}
		return fate{}
	}
	t.Run("asks and goes on", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, unavailable(60), func(w *world) { w.config.AskOnStop = true })
			w.server.script = refuse
			done := w.start()
			after(time.Hour)
			if s := w.runner.Snapshot(); s.Pause.Kind != "sign_in" || s.Stop != "sign_in" || s.Progress[0].Left != 54 {
				t.Errorf("pause %+v, stop %q, left %d", s.Pause, s.Stop, s.Progress[0].Left)
			}
			if err := w.runner.Refresh(context.Background()); err != nil {
				t.Fatal(err)
			}
			if err := <-done; err != nil {
				t.Fatal(err)
			}
			if s := w.runner.Snapshot(); s.Stop != "" {
				t.Errorf("stopped by %q after it went on", s.Stop)
			}
			w.want(model.OK, 60)
			for i := range 60 {
				if n := w.session.Tries(i); n != 1 {
					t.Errorf("item %d used %d tries", i, n)
				}
			}
		})
	})
	t.Run("stops where nobody can be asked", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, unavailable(60))
			w.server.script = refuse
			wantStop(t, w.run(), "sign_in")
			w.want(model.OK, 6)
			w.want(model.Queued, 54)
			w.mustRun() // another plan takes over what the first one had left
			if ps := w.session.Plans(); len(ps) != 2 || ps[0].Why != "given up for another plan" {
				t.Errorf("%d plans", len(ps))
			}
			w.want(model.OK, 60)
			w.once()
		})
	})
}

func wantStop(t *testing.T, err error, kind string) {
	t.Helper()
	var stop *run.StoppedError
	if !errors.As(err, &stop) || stop.Kind != kind || stop.Why == "" {
		t.Fatalf("error %v, want a stop of kind %s", err, kind)
	}
}

func TestStopsWithNothingBurnt(t *testing.T) {
	for _, row := range []struct {
		fault model.Fault
		kind  string
	}{{model.BadTLS, "tls"}, {model.Refused, "refused"}, {model.Redirected, "redirected"}} {
		t.Run(row.kind, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, unavailable(60))
				w.server.script = func(n int, r model.Request) fate {
					if n < 3 {
						return fate{}
					}
					return fate{reply: rejected(row.fault, 0, -1)}
				}
				wantStop(t, w.run(), row.kind)
				if n := len(w.server.requests()); n != 3 {
					t.Errorf("%d requests", n)
				}
				w.want(model.OK, 6)
				w.want(model.Failed, 54)
				if c := w.session.Category(50); c != model.Backend {
					t.Errorf("the rest is filed under %s", c)
				}
				if s := w.runner.Snapshot(); s.Err == "" || s.Phase != run.Ended {
					t.Errorf("snapshot says %q in phase %s", s.Err, s.Phase)
				}
			})
		})
	}
}

func TestOneRunAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, unavailable(10))
		w.server.delay = time.Minute
		p := w.plan(triage.PlanOptions{})
		done := w.start()
		after(time.Second)
		if err := w.runner.Run(context.Background(), p); !errors.Is(err, run.ErrBusy) {
			t.Error(err)
		}
		w.runner.Abort()
		<-done
		if _, err := w.runner.Plan(triage.Draft{}, false); !errors.Is(err, run.ErrEmpty) {
			t.Error(err)
		}
	})
}
