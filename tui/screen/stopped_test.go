package screen

import (
	"strings"
	"testing"

	"retriage/model"
	"retriage/triage"
	"retriage/triage/run"
	"retriage/tui/keys"
)

// resting is a bench whose run over all of n items was stopped before it sent
// any.
func resting(t *testing.T, n int) *bench {
	t.Helper()
	b := newBench(t, orders(n)...)
	var items []int
	for i := range n {
		items = append(items, i)
	}
	p := &model.Plan{ID: "7f3c", Items: items, Settings: model.Defaults()}
	if err := b.desk.Commit(t.Context(), model.Event{Type: model.EvPlan, Plan: p}, model.Event{Type: model.EvControl, Control: triage.Halted}); err != nil {
		t.Fatal(err)
	}
	b.desk.Look(func(s *triage.Session) { b.snap = run.Snapshot{Phase: run.Ended, Progress: s.Progress(s.Running())} })
	return b
}

func (b *bench) states() (c triage.Counts) {
	b.desk.Look(func(s *triage.Session) { c = s.Counts() })
	return c
}

func TestNothingIsSaidToBeOnItsWayWhenNoRunIsAtWork(t *testing.T) {
	b := resting(t, 3).open(NewOverview())
	b.shows("3 queued", "3 not sent by the stopped run")
	for _, lie := range []string{"being sent", "held by the run"} {
		if strings.Contains(b.screen(), lie) {
			t.Errorf("%q is on the screen:\n%s", lie, b.screen())
		}
	}
	b.open(NewReport())
	b.shows("STOPPED")
	b.open(NewLive())
	b.shows("STOPPED", "Stopped: 3 were not sent.", "c goes on", "(e b -)", "R plans anew")
}

func TestWhatAStoppedRunHoldsCanBeLeftOutEditedAndPlanned(t *testing.T) {
	b := resting(t, 3).open(NewOverview()).open(NewList())
	b.press("-")
	if want := "1 item left out; u takes that back. 1 item left the stopped run."; b.said != want {
		t.Errorf("said %q, want %q", b.said, want)
	}
	b.press("j", "e")
	b.shows("EDIT 00413")
	b.press("ctrl+u", `"5"`, "ctrl+s")
	if want := "Saved 1 field of 00413. Nothing was sent. 1 item left the stopped run."; b.said != want {
		t.Errorf("said %q, want %q", b.said, want)
	}
	if c := b.states(); c.Of(model.Queued) != 1 || c.Of(model.Edited) != 1 || c.Of(model.LeftOut) != 1 {
		t.Errorf("states %v", c.By)
	}
	b.press("R")
	if b.dialog == nil {
		t.Fatal("R does not ask what becomes of the stopped run")
	}
	text := strings.Join(b.dialog.Dialog.Lines, "\n")
	for _, want := range []string{"0 of 3 answered", ", 1 not sent.", "2 items were changed since and taken out of this run: R plans anew, c does not send them."} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %q", want, text)
		}
	}
	b.dialog = nil
	b.open(NewPlan(b.profile, nil))
	b.shows("1 of 3 open", "of them 1 edited", "INSTEAD", "of the stopped run, which lets go of the 1 item it holds")
}

func TestARunStoppedWhileReadingBackSaysWhatWasNotRead(t *testing.T) {
	b := resting(t, 2)
	b.snap.Progress = []triage.Progress{{Tab: triage.AllTab, Total: 2, OK: 2}}
	b.snap.Reads = run.ReadProgress{Total: 400, Done: 146, Confirmed: 146}
	b.open(NewLive()).shows("Stopped while reading back: 254 of 400 were not read.", "c goes on")
	if strings.Contains(b.screen(), "0 were not sent") {
		t.Errorf("all was sent:\n%s", b.screen())
	}
}

// TestARunAddsUpWithWhatLeftIt shows one run, of which an item was changed, on
// every screen that counts.
func TestARunAddsUpWithWhatLeftIt(t *testing.T) {
	b := resting(t, 3)
	leave := model.Event{Type: model.EvLeave, Leave: &model.LeaveEvent{Items: []int{0}, Out: true}}
	if err := b.desk.Commit(t.Context(), leave); err != nil {
		t.Fatal(err)
	}
	b.desk.Look(func(s *triage.Session) { b.snap.Progress = s.Progress(s.Running()) })
	b.open(NewLive()).shows("0 of 3 answered", "left 2, not sent", "- taken out 1", "= 3", "Stopped: 2 were not sent.",
		"1 item was changed since and taken out of this run: R plans anew.")
	b.open(NewOverview()).shows("2 not sent by the stopped run")
}

func TestAFixTakesItsItemsOutOfAStoppedRun(t *testing.T) {
	b := resting(t, 2)
	b.open(NewFix([]int{0, 1}))
	if strings.Contains(b.screen(), "held by a run") {
		t.Errorf("no run is at work:\n%s", b.screen())
	}
}

func TestWhatWasHandedInIsNeitherChangedNorSent(t *testing.T) {
	b := newBench(t, orders(2)...)
	p := &model.Plan{ID: "7f3c", Items: []int{0, 1}, Target: model.HandedIn, Settings: model.Defaults()}
	if err := b.desk.Commit(t.Context(), model.Event{Type: model.EvPlan, Plan: p}); err != nil {
		t.Fatal(err)
	}
	b.open(NewOverview()).shows("2 handed in; the answer is awaited")
	b.open(NewList())
	for _, key := range []string{"-", "e"} {
		if b.press(key); !strings.Contains(b.said, "its request was handed in, and the answer is awaited.") {
			t.Errorf("%s: said %q", key, b.said)
		}
	}
	b.scene(func(sc *Scene) {
		for _, a := range []keys.Action{keys.ResumeGo, keys.ResumePlan} {
			say, ok := resume(sc, a)[0].(Say)
			if !ok || !strings.HasPrefix(say.Text, "Nothing was sent: the request was handed in.") {
				t.Errorf("%s gives %+v", a, resume(sc, a))
			}
		}
	})
}
