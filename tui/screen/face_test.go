package screen

import (
	"strings"
	"testing"

	"retriage/model"
	"retriage/triage"
	"retriage/triage/run"
)

// stopped is a run that was stopped before its end, and is not closed.
func stopped(t *testing.T) *bench {
	t.Helper()
	b := liveBench(t, func(s *run.Snapshot) {
		s.Phase, s.Ended, s.Hold = run.Ended, noon, run.Hold{}
		s.Progress[0] = triage.Progress{Tab: triage.AllTab, Total: 48, OK: 24, Failed: 2, Unknown: 3, Left: 19}
	})
	p := &model.Plan{ID: "7f3c", Items: upTo(48), Settings: model.Defaults()}
	if err := b.desk.Commit(t.Context(), model.Event{Type: model.EvPlan, At: noon, Plan: p}); err != nil {
		t.Fatal(err)
	}
	b.runOn = false
	return b
}

func TestStoppedRunCanGoOn(t *testing.T) {
	b := stopped(t)
	b.shows("left 19, not sent", "Stopped: 19 were not sent, 3 got no answer and are unknown.", "c goes on", "26 of 48 answered")
	b.press("c")
	if len(b.runner.calls) != 1 || b.runner.calls[0] != "resume" {
		t.Errorf("calls %v", b.runner.calls)
	}
}

func TestResumeCommandIsWholeOrNotThere(t *testing.T) {
	b := liveBench(t, nil)
	for b.width = 40; b.width < 130; b.width++ {
		if left := b.picture().Left; left != "" && !strings.HasSuffix(left, "retriage resume") {
			t.Errorf("at %d: %q", b.width, left)
		}
	}
}

func TestPausedRunKeepsItsLog(t *testing.T) {
	b := liveBench(t, func(s *run.Snapshot) {
		s.Phase, s.Pause = run.Paused, run.Pause{Kind: "operator", Text: "Paused. Nothing is sent; what was in flight is awaited."}
	})
	b.width, b.height = 80, 21
	b.shows("p goes on", "00031", "00902", "00880", "Step 2 is through.")
	if st := b.state(); !st.Held {
		t.Error("the footer does not know that the operator holds the run")
	}
}

func TestTabNumbersStayWhileARunGoesOn(t *testing.T) {
	b := newBench(t, mixed()...)
	b.open(NewList())
	before := b.face.tabs
	var was []triage.TabCount
	b.scene(func(sc *Scene) { was = before(sc.S) })
	b.runOn = true
	readBack(t, b, model.ItemVerdict{Index: 0, State: model.Differs, Status: 200, Was: model.OK})
	ev := &model.RefileEvent{Items: upTo(60), To: model.Conflict}
	if err := b.desk.Commit(t.Context(), model.Event{Type: model.EvRefile, Refile: ev}); err == nil {
		b.refresh()
	}
	b.scene(func(sc *Scene) {
		for k, tab := range sc.Face.tabs(sc.S)[:len(was)] {
			if tab.Tab != was[k].Tab {
				t.Errorf("tab %d was %s and is %s", k, was[k].Tab, tab.Tab)
			}
		}
	})
	b.runOn = false
	b.refresh()
	b.scene(func(sc *Scene) {
		for k, tab := range sc.S.Tabs() {
			if got := sc.Face.tabs(sc.S)[k].Tab; got != tab.Tab {
				t.Errorf("after the run tab %d is %s, want %s", k, got, tab.Tab)
			}
		}
	})
}

func TestUnknownFieldOfAFilter(t *testing.T) {
	for text, wrong := range map[string]bool{
		"bogus:xx": true, "!bogus:xx": true, "status:5xx": false, "price: must": false, "http://x": false, `"bogus:xx"`: false, "a b": false,
	} {
		if _, err := parseQuery(text); (err != nil) != wrong {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestBackFromACauseLeadsToTheCauses(t *testing.T) {
	b := newBench(t, mixed()...)
	b.open(NewOverview())
	b.open(NewCauses(false))
	b.press("enter")
	if _, ok := b.top().(*list); !ok || b.face.Cause == nil {
		t.Fatalf("enter opens %T", b.top())
	}
	b.perform([]Effect{Pop{}})
	if _, ok := b.top().(*causes); !ok || b.face.Cause != nil || b.face.Tab != triage.AllTab {
		t.Errorf("back leads to %T, cause %v, tab %s", b.top(), b.face.Cause, b.face.Tab)
	}
}

func TestUndoNamesTheItem(t *testing.T) {
	b := newBench(t, orders(3)...)
	edit := &model.EditEvent{How: "form", Items: []model.ItemEdit{{Index: 0, Changes: []model.Change{
		{Part: model.Body, Pointer: "/price", Old: model.Foreign("-1"), New: model.Foreign("1")}}}}}
	if err := b.desk.Commit(t.Context(), model.Event{Type: model.EvEdit, At: noon, Edit: edit}); err != nil {
		t.Fatal(err)
	}
	b.open(NewList())
	b.shows("edited: 1 (was -1)")
	b.press("u")
	if !strings.HasPrefix(b.said, "Undone: edit of ") || strings.Contains(b.said, "1 item") {
		t.Errorf("said %q", b.said)
	}
}

func TestStepAsksAndLosesNothing(t *testing.T) {
	b := liveBench(t, func(s *run.Snapshot) {
		s.Phase, s.Pause = run.Paused, run.Pause{Kind: "step", Text: "Step 3: 5 of 20 failed, more than 20%."}
	})
	for _, size := range [][2]int{{40, 7}, {80, 21}, {120, 37}} {
		b.width, b.height = size[0], size[1]
		if size[1] > 7 {
			b.shows("Step 3: 5 of 20 failed", "Go on with the next step?", "c go on", "s stop")
		}
		var kept []string
		for _, h := range Table().Hints(b.top().Scopes(), b.state()) {
			if h.Rank < 2 {
				kept = append(kept, h.Key+" "+h.Text)
			}
		}
		if got := strings.Join(kept, ", "); got != "c go on, s stop" {
			t.Errorf("the footer keeps %q", got)
		}
	}
	b.press("c")
	if len(b.runner.calls) != 1 || b.runner.calls[0] != "continue" {
		t.Errorf("calls %v", b.runner.calls)
	}
}

func TestReadBackGivesNoVerdictBeforeItsEnd(t *testing.T) {
	b := newBench(t, mixed()...)
	readBack(t, b, model.ItemVerdict{Index: 0, State: model.Confirmed, Status: 200, Was: model.OK})
	b.open(NewVerify(nil))
	b.shows("Of the 1 read back, nothing differs")
	b.runOn = true
	b.snap = run.Snapshot{Phase: run.Verifying, Left: -1, Reads: run.ReadProgress{Total: 116, Done: 30, Confirmed: 30}}
	if text := b.screen(); strings.Contains(text, "othing differs") || strings.Contains(text, "Folded: 1 confirmed") {
		t.Errorf("a verdict while reading goes on:\n%s", text)
	}
}
