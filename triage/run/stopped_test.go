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

// stopped runs n items until the first step is answered, and stops it then: one
// item is ok, and the others were never sent.
func stopped(t *testing.T, n int, change ...func(*world)) *world {
	t.Helper()
	w := newWorld(t, unavailable(n), change...)
	w.server.script = func(nth int, _ model.Request) fate {
		if nth == 1 {
			w.runner.Cancel()
		}
		return fate{}
	}
	if err := w.run(); !errors.Is(err, run.ErrCancelled) {
		t.Fatalf("run: %v", err)
	}
	w.server.script = nil
	return w
}

func (w *world) left() triage.Progress {
	w.t.Helper()
	all := w.session.Progress(w.session.Plans()[0])[0]
	if sum := all.OK + all.Failed + all.Waiting + all.InFlight + all.Unknown + all.Left + all.Gone; sum != all.Total {
		w.t.Fatalf("the parts of %+v add up to %d", all, sum)
	}
	return all
}

func TestWhatAStoppedRunHasNotSentCanBeEdited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := stopped(t, 12)
		w.want(model.Queued, 11)
		if w.session.Held(5) {
			t.Error("an item that was not sent cannot be changed")
		}
		w.edit(5, "7")
		w.want(model.Queued, 10)
		w.want(model.Edited, 1)
		if p := w.left(); p.Left != 10 || p.OK != 1 || p.Gone != 1 {
			t.Errorf("progress %+v", p)
		}
		if err := w.runner.Resume(context.Background()); err != nil {
			t.Fatal(err)
		}
		w.want(model.OK, 11)
		w.want(model.Edited, 1)
		w.mustRun()
		w.want(model.OK, 12)
		w.once()
		if body := w.server.bodies["005"]; body != `{"id":"005","price":7}` {
			t.Errorf("sent %s", body)
		}
	})
}

// TestWhatLeftARunIsNeitherAnsweredNorFailed goes on with a run whose items were
// changed meanwhile, and reads all of it back: what left it is no work of it.
func TestWhatLeftARunIsNeitherAnsweredNorFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, unavailable(12), func(w *world) { w.config.Profile.Settings.Steps = nil })
		w.server.script = func(int, model.Request) fate {
			w.runner.Cancel()
			return fate{no: func(id string) *model.Failure {
				if id < "004" {
					return &model.Failure{Status: 503, Code: model.Foreign("CIRCUIT_OPEN"), RetryAfter: -1}
				}
				return nil
			}}
		}
		p := w.plan(triage.PlanOptions{})
		p.Verify = true
		if err := w.runner.Run(context.Background(), p); !errors.Is(err, run.ErrCancelled) {
			t.Fatal(err)
		}
		w.server.script = nil
		w.want(model.Waiting, 4)
		w.edit(0, "7") // it was answered 503 before
		ev := model.Event{Type: model.EvLeave, Leave: &model.LeaveEvent{Items: []int{1, 2}, Out: true}}
		if err := w.desk.Commit(context.Background(), ev); err != nil {
			t.Fatal(err)
		}
		if p := w.left(); p.Gone != 3 || p.Waiting != 1 || p.OK != 8 || p.Failed != 0 {
			t.Errorf("stopped: %+v", p)
		}
		w.sit(w.journal.list())
		if err := w.runner.Resume(context.Background()); err != nil {
			t.Fatal(err)
		}
		if p := w.left(); p.Gone != 3 || p.OK != 9 || p.Failed != 0 || p.Finished() != 9 {
			t.Errorf("gone on with: %+v", p)
		}
		w.want(model.Edited, 1)
		w.want(model.LeftOut, 2)
		if p := w.runner.Snapshot().Progress[0]; p != w.left() {
			t.Errorf("the snapshot says %+v", p)
		}
		w.once()
	})
}

// TestAServerThatIsNotThereAnswersNothing: neither sends nor look-ups come
// through, so nothing is answered, and the run still holds all of it.
func TestAServerThatIsNotThereAnswersNothing(t *testing.T) {
	for name, ask := range map[string]bool{"headless": false, "with an operator": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { serverAway(t, ask) })
		})
	}
}

// timedOut makes n orders that may have been applied, and are looked up first.
func timedOut(n int) []order {
	orders := unavailable(n)
	for i := range orders {
		orders[i].Status, orders[i].Code = 504, "UPSTREAM_TIMEOUT"
	}
	return orders
}

func serverAway(t *testing.T, ask bool) {
	w := newWorld(t, append(unavailable(6)[:3], timedOut(6)[3:]...), func(w *world) { w.config.AskOnStop = ask })
	w.server.script = func(int, model.Request) fate {
		return fate{apply: none, reply: rejected(model.Unreachable, 0, -1)}
	}
	gone := model.Reading{Fault: model.Unreachable, RetryAfter: -1}
	w.server.read = func(int, string) *model.Reading { return &gone }
	done := w.start()
	after(3 * time.Minute)
	if ask {
		if s := w.runner.Snapshot(); s.Stop != "unreachable" {
			t.Errorf("phase %s, stop %q", s.Phase, s.Stop)
		}
		w.runner.Cancel()
	}
	if err := <-done; err == nil {
		t.Fatal("the run went to its end")
	}
	if p := w.left(); p.Left != 6 || p.Finished() != 0 || p.Waiting != 0 {
		t.Errorf("progress %+v", p)
	}
	w.want(model.Queued, 6)
	w.server.script, w.server.read = nil, nil
	w.server.effect(0, "005", `{"id":"005","price":1}`)
	if err := w.runner.Resume(context.Background()); err != nil {
		t.Fatal(err)
	}
	if p := w.left(); p.OK != 6 {
		t.Errorf("gone on with: %+v", p)
	}
	w.once()
}

// TestLookUpsAloneStopARunWhoseServerIsNotThere: a plan of nothing but look-ups
// sends nothing that could find out.
func TestLookUpsAloneStopARunWhoseServerIsNotThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, timedOut(3))
		gone := model.Reading{Fault: model.Unreachable, RetryAfter: -1}
		w.server.read = func(int, string) *model.Reading { return &gone }
		var stop *run.StoppedError
		if err := w.run(); !errors.As(err, &stop) || stop.Kind != "unreachable" {
			t.Fatalf("run: %v", err)
		}
		if p := w.left(); p.Left != 3 || p.Finished() != 0 {
			t.Errorf("progress %+v", p)
		}
	})
}

// TestALookUpThatCannotBeMadeIsNoAnswer: the server is there, its reads are not.
func TestALookUpThatCannotBeMadeIsNoAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, append(unavailable(1), timedOut(3)[1:]...))
		broken := model.Reading{Fault: model.ServerError, Status: 500, RetryAfter: -1}
		w.server.read = func(int, string) *model.Reading { return &broken }
		w.mustRun()
		if p := w.left(); p.OK != 1 || p.Left != 2 || p.Failed != 0 {
			t.Errorf("progress %+v", p)
		}
	})
}

// TestWhatARefusedCallHeldWasNotAnswered: the call was refused as a whole, since
// nothing is at its address.
func TestWhatARefusedCallHeldWasNotAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, unavailable(14))
		w.server.script = func(int, model.Request) fate {
			return fate{apply: none, reply: rejected(model.Refused, 404, -1)}
		}
		var stop *run.StoppedError
		if err := w.run(); !errors.As(err, &stop) || stop.Kind != "refused" {
			t.Fatalf("run: %v", err)
		}
		if p := w.left(); p.Finished() != 0 || p.Left != 14 {
			t.Errorf("progress %+v", p)
		}
		w.want(model.Failed, 14)
	})
}

func TestAStoppedRunOfWhichNothingIsHeldIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := stopped(t, 3)
		if w.session.Unfinished() == nil {
			t.Error("a stopped run is over although two items wait for it")
		}
		w.edit(1, "7")
		w.edit(2, "7")
		if w.session.Unfinished() != nil {
			t.Error("a run that has nothing left to send is not over")
		}
		w.mustRun()
		w.want(model.OK, 3)
		w.once()
	})
}

func TestUndoingAnEditTakesItsItemOutOfAStoppedRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		orders := unavailable(3)
		w := newWorld(t, orders)
		w.edit(2, "7")
		w.server.script = func(int, model.Request) fate { w.runner.Cancel(); return fate{} }
		if err := w.run(); !errors.Is(err, run.ErrCancelled) {
			t.Fatal(err)
		}
		w.server.script = nil
		seq, _, ok := w.session.Undoable()
		if !ok {
			t.Fatal("an edit that was not sent cannot be undone")
		}
		if err := w.desk.Commit(context.Background(), model.Event{Type: model.EvUndo, Ref: seq}); err != nil {
			t.Fatal(err)
		}
		w.want(model.Failed, 1)
		if err := w.runner.Resume(context.Background()); err != nil {
			t.Fatal(err)
		}
		w.want(model.OK, 2)
		w.want(model.Failed, 1)
	})
}

func TestReadingBackKeepsWhatAStoppedRunWillSend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := stopped(t, 12)
		if err := w.runner.Verify(context.Background(), run.VerifyOptions{}); err != nil {
			t.Fatal(err)
		}
		w.want(model.Queued, 11)
		if p := w.left(); p.Left != 11 || p.Failed != 0 {
			t.Errorf("what was never sent is counted as answered: %+v", p)
		}
		if err := w.runner.Resume(context.Background()); err != nil {
			t.Fatal(err)
		}
		w.want(model.OK, 11)
		w.want(model.Confirmed, 1)
		w.once()
	})
}

// killed is a journal that ends while a request is in flight, opened again.
func killed(t *testing.T, applied bool) *world {
	t.Helper()
	w := newWorld(t, unavailable(12), func(w *world) { w.config.Profile.Settings.Steps = []int{5} })
	w.server.script = func(int, model.Request) fate {
		w.journal.mu.Lock()
		defer w.journal.mu.Unlock()
		w.journal.broken = errDisk
		if applied {
			return fate{apply: all, reply: unknown(model.LostReply)}
		}
		return fate{apply: none, reply: unknown(model.LostReply)}
	}
	if err := w.run(); !errors.Is(err, run.ErrJournal) {
		t.Fatal(err)
	}
	w.server.script = nil
	w.sit(w.journal.list())
	return w
}

func TestNothingIsInFlightOnceAKilledRunIsOpenedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := killed(t, true)
		w.want(model.InFlight, 5)
		if err := run.Recover(context.Background(), w.desk, time.Now); err != nil {
			t.Fatal(err)
		}
		w.want(model.Unknown, 5)
		w.want(model.Queued, 7)
		n := len(w.journal.list())
		if err := run.Recover(context.Background(), w.desk, time.Now); err != nil || len(w.journal.list()) != n {
			t.Errorf("a second time: %v, %d events more", err, len(w.journal.list())-n)
		}
		w.sit(w.journal.list())
		w.want(model.Unknown, 5)
		if err := w.runner.Verify(context.Background(), run.VerifyOptions{}); err != nil {
			t.Fatal(err)
		}
		w.want(model.Confirmed, 5)
		w.want(model.Queued, 7)
		if err := w.runner.Resume(context.Background()); err != nil {
			t.Fatal(err)
		}
		w.want(model.OK, 7)
		w.once()
	})
}

func TestALookUpFromBeforeTheSendIsNoVerdictOnIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		orders := unavailable(3)
		for i := range orders {
			orders[i].Status, orders[i].Code = 504, "UPSTREAM_TIMEOUT"
		}
		w := newWorld(t, orders, func(w *world) { w.config.Profile.Settings.Steps = nil })
		w.server.read = func(n int, id string) *model.Reading {
			if n == 1 { // something is there, so that "not there" means something
				return &model.Reading{Status: 200, Body: []byte(`{"id":"000","price":1}`), RetryAfter: -1}
			}
			return nil
		}
		w.server.script = func(int, model.Request) fate {
			w.runner.Abort()
			return fate{apply: all, reply: unknown(model.LostReply)}
		}
		if err := w.run(); !errors.Is(err, run.ErrCancelled) {
			t.Fatal(err)
		}
		if w.counts().Of(model.Unknown) == 0 {
			t.Error("nothing is unknown")
		}
		for i := range 3 {
			if row := w.session.Row(i); row.State == model.Unknown && row.Verdict != nil {
				t.Errorf("item %d was not read since it was sent, and has the verdict %+v", i, row.Verdict)
			}
		}
	})
}

// TestStoppedAnywhere stops a run on a bad day after each of its requests, changes
// some of what it holds, reads some of it back, and goes on or plans anew. On a
// server without any idempotency nothing may be applied twice, and nothing that
// was changed goes as it was confirmed before.
func TestStoppedAnywhere(t *testing.T) {
	for at := 1; at <= 24; at++ {
		synctest.Test(t, func(t *testing.T) { stopAt(t, at) })
		if t.Failed() {
			t.Fatalf("stopped at request %d", at)
		}
	}
}

func stopAt(t *testing.T, at int) {
	w := newWorld(t, mixed(60), func(w *world) { w.config.Profile.Settings.StopAt = 1 })
	bad := storm(uint64(at), 40)
	w.server.script = func(n int, r model.Request) fate {
		if n%at == 0 {
			w.runner.Cancel()
		}
		return bad(n, r)
	}
	w.server.effect(0, "003", `{"id":"003","price":1}`)
	err := w.run()
	for round := 0; round < 60 && errors.Is(err, run.ErrCancelled); round++ {
		if round == 2 {
			w.server.script = bad
		}
		if round%2 == 0 {
			if err := w.runner.Verify(context.Background(), run.VerifyOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		for i := round; i < 60; i += 7 {
			if w.session.Rests(i) {
				w.edit(i, "7")
				if w.session.Rests(i) {
					t.Errorf("item %d was changed and is held", i)
				}
			}
		}
		w.left()
		w.sit(w.journal.list()) // as the next sitting finds it
		if round%3 == 2 {
			err = w.run()
			continue
		}
		err = w.runner.Resume(context.Background())
	}
	if err != nil {
		t.Fatalf("run: %v", err)
	}
	w.server.script = bad
	if d := w.session.Draft(triage.PlanOptions{Reads: true}, func(int) bool { return true }); d.Count() > 0 {
		w.mustRun()
	}
	w.once()
	for i := range 60 {
		if w.session.State(i).Moving() {
			t.Errorf("item %d is left %s", i, w.session.State(i).Words())
		}
	}
}

func TestReadingBackWaitsUntilWhatWasSentHasSettled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		orders := append(unavailable(4), verified(6)[4:]...)
		w := newWorld(t, orders, func(w *world) { w.config.Profile.Settings.Steps = nil })
		w.server.effect(0, "004", `{"id":"004","price":1}`)
		w.server.script = func(int, model.Request) fate {
			w.runner.Abort()
			return fate{apply: all, later: 20 * time.Second, reply: unknown(model.TimedOut)}
		}
		if err := w.run(); !errors.Is(err, run.ErrCancelled) {
			t.Fatal(err)
		}
		w.want(model.Unknown, 4)
		done := make(chan error, 1)
		go func() { done <- w.runner.Verify(context.Background(), run.VerifyOptions{}) }()
		after(10 * time.Second)
		w.want(model.Confirmed, 1)
		w.want(model.Unknown, 4)
		if hold := w.runner.Snapshot().Hold; hold.Why != "what was sent last may still be at work" {
			t.Errorf("hold %+v", hold)
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		w.want(model.Confirmed, 5)
		w.want(model.Unknown, 0)
		w.once()
	})
}
