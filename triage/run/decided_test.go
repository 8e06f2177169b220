package run_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"retriage/model"
	"retriage/triage"
	"retriage/triage/run"
)

// failing makes orders of one method that failed with a status.
func failing(method string, status int, ids ...string) (orders []order) {
	for _, id := range ids {
		orders = append(orders, order{ID: id, Status: status, Method: method})
	}
	return orders
}

func TestWhatMayDoubleIsSentOnlyByDecision(t *testing.T) {
	for _, decided := range []bool{false, true} {
		t.Run(fmt.Sprint("decided ", decided), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, failing("POST", 500, "a", "b", "c"), func(w *world) { w.config.Profile.ItemURL = "" })
				w.server.script = func(n int, r model.Request) fate {
					return fate{apply: all, no: refuse(func(id string) bool { return id == "c" }, 500, "")}
				}
				d := w.session.Draft(triage.PlanOptions{MayDouble: decided}, func(int) bool { return true })
				if !decided {
					if d.Count() != 0 {
						t.Errorf("%d items are sent", d.Count())
					}
					return
				}
				p, err := w.runner.Plan(d, false)
				if err != nil {
					t.Fatal(err)
				}
				if err := w.runner.Run(context.Background(), p); err != nil {
					t.Fatal(err)
				}
				w.want(model.OK, 2)
				w.want(model.Failed, 1) // it may have been applied again, and one decision is one send
				w.once()
				if n := w.session.Totals(); n.Risked != 3 || n.Doubled != 0 {
					t.Errorf("%d sent by decision, %d doubled", n.Risked, n.Doubled)
				}
			})
		})
	}
}

func TestWhatChangesNothingIsSentAgainWithoutALookUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, failing("GET", 503, "a", "b", "c"))
		w.server.script = func(n int, r model.Request) fate {
			switch {
			case n == 1:
				return fate{reply: unknown(model.LostReply)}
			case n < 4:
				return fate{no: refuse(all, 503, "")}
			}
			return fate{}
		}
		d := w.session.Draft(triage.PlanOptions{Reads: true, Facts: func(i int) triage.Facts { f, _ := w.runner.Facts(i); return f }},
			func(int) bool { return true })
		if len(d.Lookups) > 0 {
			t.Errorf("%v are looked up", d.Lookups)
		}
		p, err := w.runner.Plan(d, true)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.runner.Run(context.Background(), p); err != nil {
			t.Fatal(err)
		}
		w.want(model.Confirmed, 3)
		if len(w.server.reads) > 0 {
			t.Errorf("%d reads of what changes nothing", len(w.server.reads))
		}
	})
}

func TestAReadThatWasCutOffIsSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, failing("GET", 429, "a"), func(w *world) { w.config.Profile.Settings.Settle = 1 })
		w.journal.cut = 3 // the outcome of the first send is lost
		_ = w.run()
		events := w.journal.list()
		w.journal.cut = 0
		w.sit(events)
		w.server.script = nil
		if err := w.runner.Resume(context.Background()); err != nil {
			t.Fatal(err)
		}
		w.want(model.OK, 1)
	})
}

func TestGoneCountsOnlyOnceAReadHasFoundSomething(t *testing.T) {
	for _, row := range []struct {
		name   string
		status int
		works  bool // the address does
		want   model.State
	}{
		{"failed, and the address is wrong", 409, false, model.Failed},
		{"failed, and the address is right", 409, true, model.Confirmed},
		{"done, and the address is wrong", 204, false, model.Unverifiable},
		{"done, and the address is right", 204, true, model.Confirmed},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, append(failing("DELETE", row.status, "a"), order{ID: "proof", Status: 201}))
				if row.works {
					w.server.bodies["proof"] = `{"id":"proof","price":1}`
				}
				if err := w.runner.Verify(context.Background(), run.VerifyOptions{Items: []int{0}}); err != nil {
					t.Fatal(err)
				}
				if got := w.session.State(0); got != row.want {
					t.Errorf("it is %s, want %s", got, row.want)
				}
				if v := w.session.Row(0).Verdict; !row.works && (v == nil || !strings.Contains(v.Note, "found nothing yet")) {
					t.Errorf("verdict %+v", v)
				}
			})
		})
	}
}

func TestWhatWasDoneInPartIsNotSentAgainAsItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, failing("POST", 429, "a", "b"))
		w.server.script = func(_ int, r model.Request) fate {
			reply := model.Reply{Kind: model.Answered, Status: 200, RetryAfter: -1}
			for _, it := range r.Items {
				reply.Outcomes = append(reply.Outcomes, model.Outcome{Index: it.Index, Answer: model.Answer{
					ID: it.ID, State: model.Failed, Partly: it.ID.Wire() == "a", Failure: &model.Failure{Status: 429, RetryAfter: -1},
				}})
			}
			return fate{apply: none, reply: &reply}
		}
		w.config.Profile.Settings.MaxWait = 1
		_ = w.run()
		if n := w.session.Row(0).Sends; n != 1 {
			t.Errorf("what was done in part was sent %d times", n)
		}
		w.sit(w.journal.list())
		d := w.session.Draft(triage.PlanOptions{Reads: true}, func(int) bool { return true })
		if len(d.LeftOut) != 1 || !triage.MayOverrule(d.LeftOut[0].Why) || d.LeftOut[0].Items[0] != 0 {
			t.Errorf("left out %+v", d.LeftOut)
		}
		if d = w.session.Draft(triage.PlanOptions{Reads: true, MayDouble: true}, func(int) bool { return true }); len(d.MayDouble) != 1 {
			t.Errorf("by decision %+v", d)
		}
	})
}
