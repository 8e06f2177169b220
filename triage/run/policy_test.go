package run_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"retriage/model"
	"retriage/triage/run"
)

func TestBreakerOpensProbesAndCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, unavailable(400), func(w *world) {
			w.config.Profile.Settings.Chunk = 10
			w.config.Profile.Settings.StopAt = 1
		})
		up := time.Now().Add(70 * time.Second)
		w.server.script = func(n int, r model.Request) fate {
			if n > 5 && time.Now().Before(up) {
				return fate{reply: rejected(model.Unreachable, 0, -1)}
			}
			return fate{}
		}
		done := w.start()
		after(20 * time.Second)
		s := w.runner.Snapshot()
		if s.Phase != run.Held || s.Breaker.State != "open" || len(s.Breaker.Last) != 10 || s.Breaker.Opens != 5 {
			t.Errorf("phase %s, breaker %+v", s.Phase, s.Breaker)
		}
		n := len(w.server.requests())
		if n > 15 {
			t.Errorf("%d requests before it opened", n)
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		for k, r := range w.server.requests()[n:] {
			if r.at.After(up) {
				break
			}
			if len(r.items) != 1 {
				t.Errorf("probe %d has %d items", k, len(r.items))
			}
		}
		w.want(model.OK, 400)
		w.once()
		if opens := w.session.Totals().BreakerOpens; opens < 1 {
			t.Errorf("%d opens", opens)
		}
	})
}

func TestAServerThatIsAwayStopsTheRun(t *testing.T) {
	for _, row := range []struct {
		name       string
		from, most int // requests
	}{{"from the start", 1, 5}, {"after a while", 4, 20}} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, unavailable(400), func(w *world) { w.config.Profile.Settings.Chunk = 20 })
				w.server.script = func(n int, _ model.Request) fate {
					if n < row.from {
						return fate{}
					}
					return fate{reply: rejected(model.Unreachable, 0, -1)}
				}
				wantStop(t, w.run(), "unreachable")
				if n := len(w.server.requests()); n > row.most {
					t.Errorf("%d requests to a server that is away", n)
				}
				if c := w.counts(); c.Of(model.Failed, model.OK, model.Queued, model.Waiting) != 400 {
					t.Errorf("%v", c)
				}
				if c := w.session.Category(300); c != model.Backend {
					t.Errorf("the rest is filed under %s", c)
				}
			})
		})
	}
}

func TestProbeNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, unavailable(400), func(w *world) { w.config.Profile.Settings.BreakerOpen = 5 * time.Hour })
		down := true
		w.server.script = func(n int, _ model.Request) fate {
			if down && n > 1 {
				return fate{reply: rejected(model.Unreachable, 0, -1)}
			}
			return fate{}
		}
		done := w.start()
		after(time.Hour)
		w.server.mu.Lock()
		down = false
		w.server.mu.Unlock()
		begun := time.Now()
		w.runner.ProbeNow()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begun); took > time.Minute {
			t.Errorf("it took %v", took)
		}
		w.want(model.OK, 400)
	})
}

func TestCanaryStops(t *testing.T) {
	bad := func(id string) bool { return id >= "001" }
	script := func(n int, r model.Request) fate {
		f := fate{no: refuse(bad, 422, "VALIDATION_ERROR")}
		f.apply = func(id string) bool { return !bad(id) }
		return f
	}
	t.Run("headless", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, unavailable(300))
			w.server.script = script
			wantStop(t, w.run(), "step")
			if n := len(w.server.requests()); n != 2 {
				t.Errorf("%d requests", n)
			}
			w.want(model.OK, 1)
			if s := w.runner.Snapshot(); s.Steps[1].Failed != 5 || s.Step != 1 {
				t.Errorf("steps %+v at %d", s.Steps, s.Step)
			}
		})
	})
	t.Run("asked and let pass", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, unavailable(30), func(w *world) { w.config.AskOnStop = true })
			w.server.script = script
			done := w.start()
			after(time.Hour)
			if s := w.runner.Snapshot(); s.Pause.Kind != "step" {
				t.Fatalf("pause %+v", s.Pause)
			}
			w.runner.Continue()
			after(time.Hour)
			w.runner.Continue()
			if err := <-done; err != nil {
				t.Fatal(err)
			}
			w.want(model.OK, 1)
			w.want(model.Failed, 29)
		})
	})
	t.Run("a small step with one success goes on", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, unavailable(5), func(w *world) { w.config.Profile.Settings.Steps = []int{4} })
			w.server.script = func(n int, r model.Request) fate {
				return fate{no: refuse(func(id string) bool { return id < "003" }, 422, "VALIDATION_ERROR"), apply: none}
			}
			w.mustRun()
		})
	})
}

// poison refuses whole every batch that holds one of the ids.
func poison(fault model.Fault, status int, ids ...string) func(int, model.Request) fate {
	return func(n int, r model.Request) fate {
		for _, it := range r.Items {
			for _, id := range ids {
				if it.ID.Wire() == id && r.Mode == model.InBatch {
					return fate{reply: rejected(fault, status, -1)}
				}
			}
		}
		return fate{}
	}
}

func TestBisectFindsThePoison(t *testing.T) {
	for _, row := range []struct {
		name   string
		fault  model.Fault
		status int
		most   int
	}{{"400", model.BadBatch, 400, 22}, {"413", model.TooBig, 413, 22}} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, unavailable(126))
				w.server.script = poison(row.fault, row.status, "077")
				w.mustRun()
				w.want(model.OK, 125)
				w.want(model.Failed, 1)
				w.once()
				if n := len(w.server.requests()); n > row.most {
					t.Errorf("%d requests", n)
				}
				if got := w.session.Row(77); got.Status != row.status || got.Class != model.AfterEdit {
					t.Errorf("the poison is %+v", got)
				}
			})
		})
	}
}

func TestIndividualEndpointTakesTheRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, unavailable(126), func(w *world) { w.config.Profile.ItemPath = "/items" })
		w.server.script = poison(model.BadBatch, 400, "077", "078", "090")
		w.mustRun()
		w.want(model.OK, 126)
		w.once()
		var last time.Time
		alone := 0
		for _, r := range w.server.requests() {
			if r.mode != model.Alone {
				continue
			}
			if alone++; r.at.Sub(last) < 100*time.Millisecond {
				t.Errorf("%v after the one before", r.at.Sub(last))
			}
			last = r.at
		}
		if alone != 3 {
			t.Errorf("%d sent alone", alone)
		}
	})
}

func TestAnAPIWithoutABatchTakesItemByItem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, unavailable(30), func(w *world) {
			w.config.Profile.BatchPath, w.config.Profile.ItemPath = "", "/items/{id}"
		})
		begun := time.Now()
		w.mustRun()
		w.want(model.OK, 30)
		for _, r := range w.server.requests() {
			if r.mode != model.Alone || len(r.items) != 1 {
				t.Errorf("%s with %d items", r.mode, len(r.items))
			}
		}
		if took := time.Since(begun); took > 2*time.Second {
			t.Errorf("it took %v: the gap of the fallback is not for this", took)
		}
	})
}

func TestTooLargeChunksAreSplitBeforeSending(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, unavailable(100))
		w.server.maxBytes = 200
		w.mustRun()
		w.want(model.OK, 100)
		w.server.maxBytes = 10
		w.sit(nil)
		w.mustRun()
		w.want(model.Failed, 100)
		if row := w.session.Row(4); row.Category != model.PayloadTooLarge {
			t.Errorf("filed under %s", row.Category)
		}
	})
}

func TestTriesAreUsedUp(t *testing.T) {
	for _, row := range []struct {
		name   string
		status int
		code   string
		state  model.State
		sends  int
		reads  bool
	}{
		{"safe", 503, "CIRCUIT_OPEN", model.Failed, 5, true},
		{"may have been applied", 500, "INTERNAL", model.Failed, 5, true},
		{"may have been applied, no read", 500, "INTERNAL", model.Failed, 1, false},
		{"after edit", 422, "VALIDATION_ERROR", model.Failed, 1, true},
		{"never", 403, "FORBIDDEN", model.Failed, 1, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, append(unavailable(3), order{ID: "proof", Status: 200}), func(w *world) {
					w.config.Profile.Settings.Steps = nil
					if !row.reads {
						w.config.Profile.ItemURL = ""
					}
				})
				w.server.script = func(int, model.Request) fate {
					return fate{apply: none, no: refuse(all, row.status, row.code)}
				}
				w.server.effect(0, "proof", `{}`)
				w.mustRun()
				w.want(row.state, 3)
				for i := range 3 {
					r := w.session.Row(i)
					if r.Sends != row.sends || r.Class == model.AfterVerify && row.reads {
						t.Errorf("item %d: %d sends, class %s", i, r.Sends, r.Class)
					}
				}
			})
		})
	}
}

func TestLostReplyEndsNotFoundWhenTriesAreUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, append(unavailable(1), order{ID: "proof", Status: 200}), func(w *world) { w.config.Profile.Settings.Tries = 2 })
		w.server.effect(0, "proof", `{}`)
		w.server.script = func(int, model.Request) fate { return fate{apply: none, reply: unknown(model.LostReply)} }
		begun := time.Now()
		w.mustRun()
		w.want(model.NotFound, 1)
		if n := w.session.Row(0).Sends; n != 2 {
			t.Errorf("%d sends", n)
		}
		if took := time.Since(begun); took < 2*time.Minute {
			t.Errorf("looked up after %v: too early", took)
		}
	})
}

func TestThrottledItemsCostNoTries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, unavailable(26))
		w.server.script = func(n int, r model.Request) fate {
			if n < 20 {
				return fate{apply: none, no: func(string) *model.Failure {
					return &model.Failure{Status: 429, Code: model.Foreign("RATE_LIMITED"), RetryAfter: 7 * time.Second}
				}}
			}
			return fate{}
		}
		w.mustRun()
		w.want(model.OK, 26)
		log := w.server.requests()
		for k := 1; k < 20; k++ {
			if gap := log[k].at.Sub(log[k-1].at); gap < 7*time.Second {
				t.Errorf("request %d came after %v", k+1, gap)
			}
		}
		if n := w.session.Tries(0); n != 1 {
			t.Errorf("%d tries", n)
		}
	})
}

func TestTooLongAWaitIsParked(t *testing.T) {
	t.Run("one item", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, unavailable(10))
			w.server.script = func(int, model.Request) fate {
				one := func(id string) bool { return id == "004" }
				return fate{apply: func(id string) bool { return !one(id) }, no: func(id string) *model.Failure {
					if !one(id) {
						return nil
					}
					return &model.Failure{Status: 429, RetryAfter: 10 * time.Minute}
				}}
			}
			w.mustRun()
			w.want(model.OK, 9)
			w.want(model.Failed, 1)
			h := w.session.History(4)
			if text := h[len(h)-1].Text; !strings.Contains(text, "asks to wait until 2000-01-01T00:1") {
				t.Errorf("history says %q", text)
			}
		})
	})
	t.Run("the whole run", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, unavailable(10))
			w.server.script = func(n int, r model.Request) fate {
				if n == 2 {
					return fate{reply: rejected(model.Throttled, 429, time.Hour)}
				}
				return fate{}
			}
			wantStop(t, w.run(), "parked")
			if n := len(w.server.requests()); n != 2 {
				t.Errorf("%d requests", n)
			}
			w.want(model.OK, 1)
			w.want(model.Failed, 9)
			for i := 1; i < 10; i++ {
				if c := w.session.Class(i); c != model.Safe {
					t.Errorf("item %d is %s", i, c)
				}
			}
		})
	})
}

func TestItemsMissingFromAReplyAreLookedUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, unavailable(26))
		w.server.script = func(n int, r model.Request) fate {
			if n != 3 {
				return fate{}
			}
			reply := w.server.act(fate{}, r)
			reply.Outcomes = reply.Outcomes[5:]
			reply.Extra = []model.ID{model.TextID("stranger")}
			return fate{apply: none, reply: &reply}
		}
		w.mustRun()
		w.want(model.OK, 21)
		w.want(model.Confirmed, 5)
		w.once()
		found := false
		for _, l := range w.runner.Snapshot().Lines {
			found = found || l.ID == model.TextID("stranger")
		}
		if !found {
			t.Error("the stranger is not told")
		}
	})
}
