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

// grouped makes n orders of which from..to are one group.
func grouped(n, from, to int) []order {
	orders := unavailable(n)
	for i := from; i <= to; i++ {
		orders[i].Group = "g"
	}
	return orders
}

// wholeIn wants every request to hold all of the group's items or none.
func (w *world) wholeIn(from, to int) (requests int) {
	w.t.Helper()
	for k, r := range w.server.requests() {
		n := 0
		for i := from; i <= to; i++ {
			if slices.Contains(r.items, fmt.Sprintf("%03d", i)) {
				n++
			}
		}
		if n > 0 {
			requests++
		}
		if n > 0 && n != to-from+1 {
			w.t.Errorf("request %d holds %d of the group: %v", k+1, n, r.items)
		}
	}
	return requests
}

func TestGroupsTravelWhole(t *testing.T) {
	in := func(id string) bool { return id >= "004" && id <= "008" }
	for _, row := range []struct {
		name   string
		chunk  int
		script func(int, model.Request) fate
		ok     int // items that came through, of 40
	}{
		{"steps and small chunks", 3, nil, 40},
		{"poison elsewhere", 100, poison(model.BadBatch, 400, "030"), 39},
		{"poison in the group", 100, poison(model.BadBatch, 400, "005"), 35},
		{"turned away once", 100, func(n int, _ model.Request) fate {
			if n < 4 {
				return fate{apply: func(id string) bool { return !in(id) }, no: refuse(in, 503, "CIRCUIT_OPEN")}
			}
			return fate{}
		}, 40},
		{"one fails, the others are rolled back", 100, func(int, model.Request) fate {
			return fate{apply: func(id string) bool { return !in(id) }, no: func(id string) *model.Failure {
				switch {
				case id == "006":
					return &model.Failure{Status: 422, Code: model.Foreign("VALIDATION_ERROR"), RetryAfter: -1}
				case in(id):
					safe := model.Safe
					return &model.Failure{Reason: model.RolledBack, Cause: model.TextID("006"), RetryAfter: -1, Class: &safe}
				}
				return nil
			}}
		}, 35},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, grouped(40, 4, 8), func(w *world) {
					w.config.Profile.Settings.Chunk, w.config.Profile.Settings.StopAt = row.chunk, 1
					w.config.Profile.Settings.StopMin = 0
					w.config.Profile.ItemPath = ""
				})
				w.server.script = row.script
				w.mustRun()
				w.want(model.OK, row.ok)
				w.once()
				if w.wholeIn(4, 8) == 0 {
					t.Error("the group was not sent")
				}
			})
		})
	}
}

func TestAGroupThatNoRequestCanHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, grouped(10, 2, 6), func(w *world) { w.config.Profile.MaxItems = 4 })
		w.mustRun()
		w.want(model.OK, 5)
		w.want(model.Failed, 5)
		h := w.session.History(3)
		if text := h[len(h)-1].Text; !strings.Contains(text, "at most 4 items") || w.session.Row(3).Sends != 0 {
			t.Errorf("history says %q", text)
		}
	})
}

func TestALostGroupIsLookedUpWhole(t *testing.T) {
	for _, row := range []struct {
		name    string
		apply   func(string) bool
		ok      int
		unknown int
		sent    int // requests with the group
	}{
		{"all there", all, 7, 0, 1},
		{"none there", none, 12, 0, 2},
		{"half there", func(id string) bool { return id < "004" }, 7, 5, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, grouped(12, 2, 6), func(w *world) {
					w.config.Profile.Settings.Steps, w.config.Profile.Settings.StopAt = []int{2, 5}, 1
					w.config.Profile.Settings.StopMin = 0
				})
				w.server.script = func(n int, r model.Request) fate {
					if n == 2 {
						return fate{apply: row.apply, reply: unknown(model.LostReply)}
					}
					return fate{}
				}
				w.mustRun()
				w.want(model.OK, row.ok)
				w.want(model.Unknown, row.unknown)
				w.once()
				if n := w.wholeIn(2, 6); n != row.sent {
					t.Errorf("the group went %d times", n)
				}
			})
		})
	}
}

func TestDraftKeepsGroupsWhole(t *testing.T) {
	orders := grouped(6, 1, 3)
	orders[2].Status, orders[2].Code = 422, "VALIDATION_ERROR"
	w := newWorld(t, orders)
	d := w.session.Draft(triage.PlanOptions{Reads: true}, func(int) bool { return true })
	if !slices.Equal(d.Items, []int{0, 4, 5}) {
		t.Errorf("items %v", d.Items)
	}
	left := 0
	for _, l := range d.LeftOut {
		left += l.Count
	}
	if left != 3 {
		t.Errorf("left out %+v", d.LeftOut)
	}
	w.edit(2, "7")
	if d := w.session.Draft(triage.PlanOptions{Reads: true}, func(int) bool { return true }); d.Count() != 6 {
		t.Errorf("items %v", d.Items)
	}
	if d := w.session.Draft(triage.PlanOptions{Reads: true, Items: []int{1, 5}}, func(int) bool { return true }); !slices.Equal(d.Items, []int{5}) {
		t.Errorf("of a selection: %v", d.Items)
	}
}

func TestReferencesGoWithWhatTheyNameOrNotAtAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		orders := unavailable(40)
		orders[35].Refs = []string{"003"}
		orders[36].Refs = []string{"done"}
		w := newWorld(t, append(orders, order{ID: "done", Status: 200}))
		w.mustRun()
		w.want(model.OK, 40)
		for _, r := range w.server.requests() {
			if slices.Contains(r.items, "035") != slices.Contains(r.items, "003") {
				t.Errorf("a reference without what it names: %v", r.items)
			}
		}
		row := w.session.Row(36)
		h := w.session.History(36)
		if row.State != model.Failed || row.Sends != 0 || !strings.Contains(h[len(h)-1].Text, "refers to done") {
			t.Errorf("%s after %d sends: %v", row.State, row.Sends, h)
		}
	})
}

func TestRetryAfterSurvivesTheLookup(t *testing.T) {
	for _, hangUp := range []bool{false, true} {
		t.Run(fmt.Sprint("hung up ", hangUp), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, append(unavailable(1), order{ID: "proof", Status: 200}), func(w *world) {
					w.config.Profile.Settings.Settle = time.Second
				})
				w.server.effect(0, "proof", `{}`)
				w.server.script = func(n int, _ model.Request) fate {
					if n > 1 {
						return fate{}
					}
					return fate{apply: none, no: func(string) *model.Failure {
						return &model.Failure{Status: 504, Code: model.Foreign("TIMEOUT"), RetryAfter: 8 * time.Second}
					}}
				}
				ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
				if hangUp {
					ctx, cancel = context.WithTimeout(context.Background(), 3*time.Second)
				}
				defer cancel()
				err := w.runner.Run(ctx, w.plan(triage.PlanOptions{}))
				if hangUp {
					w.sit(w.journal.list())
					err = w.runner.Resume(context.Background())
				}
				if err != nil {
					t.Fatal(err)
				}
				log := w.server.requests()
				if len(log) != 2 || log[1].at.Sub(log[0].at) < 8*time.Second {
					t.Errorf("sent %v", log)
				}
				w.want(model.OK, 2)
			})
		})
	}
}

func TestA503WithoutATimeIsLookedUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, unavailable(20))
		w.server.script = func(n int, _ model.Request) fate {
			if n < 4 {
				return fate{apply: all, no: refuse(all, 503, "SERVICE_UNAVAILABLE")}
			}
			return fate{}
		}
		w.mustRun()
		w.once()
		w.want(model.OK, 0)
		w.want(model.Confirmed, 20)
	})
}

func TestWithoutAReadKeysCarryOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		orders := unavailable(8)
		orders[2].Status, orders[2].Code, orders[2].Key = 500, "INTERNAL", "own-2"
		orders[3].Status, orders[3].Code = 500, "INTERNAL" // went without a key
		w := newWorld(t, orders, func(w *world) {
			w.config.Profile.ItemURL, w.config.Profile.KeyScope, w.config.Profile.KeyField = "", model.ItemKey, "key"
			w.config.Profile.Settings.Steps = nil
		})
		w.server.script = func(n int, _ model.Request) fate {
			switch n {
			case 1:
				return fate{apply: none, no: refuse(func(id string) bool { return id != "007" }, 500, "INTERNAL")}
			case 2:
				return fate{apply: none, reply: unknown(model.LostReply)}
			}
			return fate{}
		}
		if err := w.runner.Run(context.Background(), w.plan(triage.PlanOptions{Keys: true})); err != nil {
			t.Fatal(err)
		}
		w.want(model.OK, 7)
		for _, id := range []string{"000", "002"} {
			if ks := w.server.keyOf(id); len(ks) != 3 || ks[0] == "" || ks[0] != ks[1] || ks[1] != ks[2] {
				t.Errorf("item %s went with the keys %q", id, ks)
			}
		}
		if ks := w.server.keyOf("002"); ks[0] != "own-2" {
			t.Errorf("sent with %q", ks)
		}
		if n := w.session.Row(3).Sends; n != 0 {
			t.Errorf("what may have been applied without a key was sent %d times", n)
		}
		if n := w.session.Totals().Doubled; n != 0 {
			t.Errorf("%d doubled", n)
		}
	})
}

func TestNotFoundCountsOnlyOnceAReadHasFoundSomething(t *testing.T) {
	lose := func(n int, _ model.Request) fate {
		if n == 2 {
			return fate{apply: all, reply: unknown(model.LostReply)}
		}
		return fate{}
	}
	t.Run("the address is wrong", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, append(unavailable(30), order{ID: "ok", Status: 200}))
			w.server.script = lose
			w.server.read = func(int, string) *model.Reading { return &model.Reading{Status: 404, RetryAfter: -1} }
			w.mustRun()
			w.once()
			w.want(model.OK, 26)
			w.want(model.Unknown, 5)
			if v := w.session.Row(1).Verdict; v == nil || !strings.Contains(v.Note, "has found nothing yet") {
				t.Errorf("verdict %+v", v)
			}
			if err := w.runner.Verify(context.Background(), run.VerifyOptions{}); err != nil {
				t.Fatal(err)
			}
			w.want(model.Unknown, 5)
		})
	})
	t.Run("others come through meanwhile", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, unavailable(30))
			w.server.script = func(n int, _ model.Request) fate {
				if n == 1 {
					return fate{apply: none, reply: unknown(model.LostReply)}
				}
				return fate{}
			}
			w.mustRun()
			w.once()
			w.want(model.OK, 30)
		})
	})
}

func TestReadingBackIsResumed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, unavailable(40), func(w *world) { w.config.Profile.Settings.ReadRate = 1 })
		p := w.plan(triage.PlanOptions{})
		p.Verify = true
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := w.runner.Run(ctx, p); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		read := w.counts().Of(model.Confirmed)
		if read == 0 || read == 40 {
			t.Fatalf("%d read back", read)
		}
		w.sit(w.journal.list())
		if err := w.runner.Resume(context.Background()); err != nil {
			t.Fatal(err)
		}
		w.want(model.Confirmed, 40)
		if got := w.runner.Snapshot().Reads.Total; got != 40-read {
			t.Errorf("%d read again, %d were read before", got, read)
		}
		if w.session.Running() != nil {
			t.Error("the plan is still open")
		}
	})
}

func TestWhatAPlanNeverSentIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, unavailable(100))
		w.server.script = func(int, model.Request) fate { return fate{apply: none, no: refuse(all, 422, "VALIDATION_ERROR")} }
		wantStop(t, w.run(), "step")
		p := w.runner.Snapshot().Progress[0]
		if p.Failed != 1 || p.Left != 99 || p.Finished() != 1 || p.Total != 100 {
			t.Errorf("%+v", p)
		}
		w.want(model.Failed, 100)
	})
}
