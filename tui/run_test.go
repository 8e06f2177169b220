package tui

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"retriage/model"
	"retriage/triage"
	"retriage/triage/run"
)

// busy is a Runner whose run goes on until it is told to end.
type busy struct {
	idle
	mu    sync.Mutex
	calls []string
	gen   uint64
	phase run.Phase
	end   chan struct{}
}

func newBusy() *busy { return &busy{phase: run.Idle, end: make(chan struct{})} }

func (b *busy) called(what string, phase run.Phase) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls = append(b.calls, what)
	b.phase = phase
	b.gen++
}

func (b *busy) has(what string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.calls {
		if c == what {
			return true
		}
	}
	return false
}

func (b *busy) Resume(ctx context.Context) error {
	b.called("resume", run.Running)
	select {
	case <-ctx.Done():
	case <-b.end:
	}
	b.called("over", run.Ended)
	return nil
}

func (b *busy) Pause()    { b.called("pause", run.Paused) }
func (b *busy) Continue() { b.called("continue", run.Running) }
func (b *busy) Cancel()   { b.called("cancel", run.Draining) }
func (b *busy) Abort()    { b.called("abort", run.Ended); close(b.end) }

func (b *busy) Snapshot() run.Snapshot {
	b.mu.Lock()
	defer b.mu.Unlock()
	return run.Snapshot{Generation: b.gen, Phase: b.phase, PlanID: "7f3c",
		InFlight: 1, Progress: []triage.Progress{{Tab: triage.AllTab, Total: 41, OK: 20, Failed: 2, Left: 19}}}
}

// unfinished is a world whose journal ends in the middle of a run.
func unfinished(t *testing.T) (*world, *busy) {
	t.Helper()
	w := newWorld(t, batch(t, 1204, 1204, orders))
	var items []int
	for i := 7; i < 48; i++ {
		items = append(items, i)
	}
	p := &model.Plan{ID: "7f3c", Items: items, Target: "POST https://api.example.com/v2/orders:batch", Settings: model.Defaults()}
	if err := w.cfg.Desk.Commit(t.Context(), model.Event{Type: model.EvPlan, At: noon, Plan: p}); err != nil {
		t.Fatal(err)
	}
	b := newBusy()
	w.cfg.Runner = b
	return w, b
}

func TestUnfinishedRunIsAskedAboutFirst(t *testing.T) {
	w, b := unfinished(t)
	tm := at(t, w, 80, 24)
	tm.sees("The run 7f3c was not finished.")
	tm.sees("0 of 41 answered")
	w.clock.pass(time.Second)
	tm.key("x") // neither of the three
	tm.key("q")
	tm.sees("The run was left as it is.")
	tm.key("R")
	tm.sees("The run 7f3c was not finished.")
	if b.has("resume") {
		t.Error("a run was resumed without being asked to")
	}
}

func TestWhatIsSaidOfARunHoldsNoLongerThanIt(t *testing.T) {
	w, b := unfinished(t)
	tm := at(t, w, 80, 24)
	tm.sees("was not finished")
	w.clock.pass(time.Second)
	tm.key("c")
	tm.wait("the run goes on", func(string) bool { return b.has("resume") })
	w.clock.pass(3 * time.Second)
	tm.key("p")
	tm.sees("Pausing: what is in flight is awaited.")
	close(b.end)
	tm.lost("Pausing")
}

func TestATinyTerminalSaysWhetherTheRunGoesOn(t *testing.T) {
	for phase, want := range map[run.Phase]string{
		run.Running: "The run goes on: 24 of 48", run.Paused: "The run is paused: 24 of 48", run.Draining: "The run is stopping: 24 of 48",
	} {
		m := changeModel(t, 30, 5)
		s := halfway()
		s.Phase = phase
		live(m, s)
		if text := strings.Join(strings.Fields(strings.Join(m.small(), " ")), " "); !strings.Contains(text, want) {
			t.Errorf("%s: %q", phase, text)
		}
	}
}

func TestCtrlCStopsARunAndTwiceLeaves(t *testing.T) {
	w, b := unfinished(t)
	tm := at(t, w, 80, 24)
	tm.sees("was not finished")
	w.clock.pass(time.Second)
	tm.key("c")
	tm.wait("the run goes on", func(string) bool { return b.has("resume") })
	w.clock.pass(3 * time.Second)
	tm.key("ctrl+c")
	tm.wait("what is in flight is awaited", func(string) bool { return b.has("cancel") })
	tm.key("ctrl+c")
	tm.ended()
	if !b.has("abort") || !b.has("over") {
		t.Errorf("calls %v", b.calls)
	}
}

func TestQuitAsksWhileARunGoesOn(t *testing.T) {
	w, b := unfinished(t)
	tm := at(t, w, 80, 24)
	tm.sees("was not finished")
	w.clock.pass(time.Second)
	tm.key("c")
	tm.wait("the run goes on", func(string) bool { return b.has("resume") })
	tm.sees("RUN 7f3c")
	tm.key("q") // from the run to the first screen
	tm.sees("TOP CAUSES")
	tm.key("q")
	tm.sees("Stop the run and leave?")
	if b.has("cancel") {
		t.Error("q alone stopped the run")
	}
}

func TestCtrlZWaitsForWhatIsInFlight(t *testing.T) {
	w, b := unfinished(t)
	tm := at(t, w, 80, 24)
	tm.sees("was not finished")
	w.clock.pass(time.Second)
	tm.key("c")
	tm.sees("RUN 7f3c")
	tm.key("ctrl+z")
	tm.sees("To the shell as soon as nothing is in flight")
	tm.wait("the run is held", func(string) bool { return b.has("pause") })
	w.clock.pass(time.Second)
	tm.key("ctrl+c", "ctrl+c")
	tm.ended()
}

func TestWhatStandsInAFormIsKeptWhenTheProgramIsLeft(t *testing.T) {
	w := newWorld(t, batch(t, 1204, 1204, orders))
	tm := at(t, w, 80, 24)
	tm.sees("TOP CAUSES")
	tm.key("1")
	tm.sees("row 1 of")
	tm.key("e")
	tm.sees("EDIT 00412")
	tm.key("tab", "Z")
	tm.sees("1 field changed")
	tm.key("ctrl+c", "ctrl+c")
	tm.ended()
	if err := tm.m.keep(t.Context()); err != nil {
		t.Fatal(err)
	}
	all := w.log.all()
	last := all[len(all)-1]
	if last.Draft == nil || len(last.Draft.Fields) != 1 || last.Draft.Item != 411 {
		t.Fatalf("the last event is %+v", last)
	}
	n := len(all)
	if err := tm.m.keep(t.Context()); err != nil || len(w.log.all()) != n {
		t.Errorf("it was written twice, or %v", err)
	}
}

func TestAStoppedRunCanBePlannedAnew(t *testing.T) {
	w, b := unfinished(t)
	if err := w.cfg.Desk.Commit(t.Context(), model.Event{Type: model.EvControl, At: noon, Control: triage.Halted}); err != nil {
		t.Fatal(err)
	}
	tm := at(t, w, 80, 24)
	tm.sees("The run 7f3c was not finished.")
	w.clock.pass(time.Second)
	tm.key("R")
	tm.sees("of the stopped run, which lets go of the 41 items it holds")
	if b.has("resume") {
		t.Error("a plan alone resumed the run")
	}
}
