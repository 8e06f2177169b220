package run_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"retriage/model"
	"retriage/triage"
	"retriage/triage/run"
)

// storm scripts a server that is in trouble for a while: about half of its
// replies are lost, late, refused or mixed.
func storm(seed uint64, calls int) func(int, model.Request) fate {
	rng := rand.New(rand.NewPCG(seed, 7))
	return func(n int, r model.Request) fate {
		if n > calls {
			return fate{}
		}
		some := func(id string) bool { return (id[len(id)-1]+byte(n))%2 == 0 }
		switch rng.IntN(14) {
		case 0:
			return fate{apply: all, reply: unknown(model.LostReply)}
		case 1:
			return fate{apply: all, later: 20 * time.Second, reply: unknown(model.TimedOut)}
		case 2:
			return fate{apply: none, reply: unknown(model.LostReply)}
		case 3:
			return fate{apply: some, reply: unknown(model.ServerError)}
		case 4:
			return fate{apply: none, reply: rejected(model.Throttled, 429, 2*time.Second)}
		case 5:
			return fate{apply: none, reply: rejected(model.Unreachable, 0, -1)}
		case 6:
			return fate{apply: all, no: refuse(some, 500, "INTERNAL")}
		case 7:
			return fate{apply: func(id string) bool { return !some(id) }, no: refuse(some, 503, "CIRCUIT_OPEN")}
		}
		return fate{}
	}
}

// refuse answers the items that which names with a failure.
func refuse(which func(string) bool, status int, code string) func(string) *model.Failure {
	return func(id string) *model.Failure {
		if !which(id) {
			return nil
		}
		return &model.Failure{Status: status, Code: model.Foreign(code), RetryAfter: -1}
	}
}

// mixed makes n orders of every kind that a plan takes in.
func mixed(n int) []order {
	orders := unavailable(n)
	for i := range orders {
		switch i % 12 {
		case 3:
			orders[i].Missing = true
		case 5:
			orders[i].Status, orders[i].Code = 504, "UPSTREAM_TIMEOUT"
		case 7:
			orders[i].Status, orders[i].Code, orders[i].Cause = 424, "FAILED_DEPENDENCY", orders[i-1].ID
		}
	}
	return orders
}

// TestKilledAnywhere cuts the journal after each of its events, once before and
// once after that event is on disk, and resumes. On a server without any
// idempotency nothing may be lost, and nothing applied twice.
func TestKilledAnywhere(t *testing.T) {
	for seed := range uint64(2) {
		cut, late := 1, seed == 1
		for killed := true; killed; cut++ {
			synctest.Test(t, func(t *testing.T) { killed = killAt(t, seed, cut, 0, late) })
			if t.Failed() {
				t.Fatalf("seed %d, cut %d, late %v", seed, cut, late)
			}
		}
		if cut < 15 {
			t.Fatalf("seed %d: the run had only %d events", seed, cut)
		}
	}
}

// TestKilledAgainAndAgain kills each resumption too, after a few events more.
func TestKilledAgainAndAgain(t *testing.T) {
	for seed := range uint64(6) {
		synctest.Test(t, func(t *testing.T) { killAt(t, seed, 3+int(seed), 4+int(seed), seed%2 == 0) })
	}
}

// killAt runs until the journal has cut events, resumes as often as it takes
// (each time for again events more, unless that is 0), and says whether the cut
// was reached at all.
func killAt(t *testing.T, seed uint64, cut, again int, late bool) (killed bool) {
	w := newWorld(t, mixed(60), func(w *world) {
		w.journal.cut, w.journal.late = cut, late
		w.config.Profile.Settings.StopAt = 1
		w.config.Profile.Settings.StopMin = 0
	})
	w.server.script = storm(seed, 40)
	// Two of the unanswered ones had been applied all along.
	w.server.effect(0, "003", `{"id":"003","price":1}`)
	w.server.effect(0, "005", `{"id":"005","price":1}`)
	err := w.run()
	for killed = errors.Is(err, run.ErrJournal); errors.Is(err, run.ErrJournal); {
		time.Sleep(time.Duration(seed) * time.Second)
		events := w.journal.list()
		if w.journal.cut = 0; again > 0 {
			w.journal.cut = len(events) + again
		}
		w.sit(events)
		if err = w.runner.Resume(context.Background()); err == nil && len(w.session.Plans()) == 0 {
			err = w.run() // killed before the plan was on disk
		}
	}
	if err != nil {
		t.Errorf("run: %v", err)
	}
	check(t, w)
	return killed
}

// check holds the promises against what the server has seen.
func check(t *testing.T, w *world) {
	t.Helper()
	c := w.counts()
	w.once()
	effects := w.server.effects()
	for i := range w.batch.Len() {
		id, row := fmt.Sprintf("%03d", i), w.session.Row(i)
		switch {
		case row.State.Done() && effects[id] != 1:
			t.Errorf("item %s is %s and was applied %d times", id, row.State.Words(), effects[id])
		case (row.State == model.Failed || row.State == model.NotFound) && effects[id] != 0:
			t.Errorf("item %s is %s and was applied", id, row.State.Words())
		case row.State.Moving() || row.State == model.Unknown:
			t.Errorf("item %s is left %s", id, row.State.Words())
		}
	}
	if c.Done() < w.batch.Len()/2 {
		t.Errorf("only %d of %d came through", c.Done(), w.batch.Len())
	}
	if n := len(w.session.InFlight()); n > 0 {
		t.Errorf("%d intents have no outcome", n)
	}
}

func TestReplayGivesTheSameSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, mixed(60))
		w.server.script = storm(3, 30)
		if err := w.run(); err != nil {
			t.Log(err)
		}
		before := w.session
		w.sit(w.journal.list())
		for i := range w.batch.Len() {
			if a, b := before.Row(i), w.session.Row(i); a.State != b.State || a.Category != b.Category || a.Sends != b.Sends {
				t.Errorf("item %d: %+v, replayed %+v", i, a, b)
			}
		}
		if a, b := before.Counts(), w.session.Counts(); a != b {
			t.Errorf("%v, replayed %v", a, b)
		}
	})
}

func TestWithoutLookingUpItWouldDouble(t *testing.T) {
	// The rig itself must notice: a server that says "not there" of what is there
	// makes the same run apply items twice.
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, unavailable(30))
		w.server.script = func(n int, r model.Request) fate {
			if n <= 3 {
				return fate{apply: all, reply: unknown(model.LostReply)}
			}
			return fate{}
		}
		w.server.read = func(_ int, id string) *model.Reading {
			if id > "025" {
				return nil // what proves that reads find something
			}
			return &model.Reading{Status: 404, RetryAfter: -1}
		}
		_ = w.runner.Run(context.Background(), w.plan(triage.PlanOptions{}))
		for _, n := range w.server.effects() {
			if n > 1 {
				return
			}
		}
		t.Error("the rig counts no doubles")
	})
}
