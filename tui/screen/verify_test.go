package screen

import (
	"slices"
	"strings"
	"testing"

	"retriage/model"
	"retriage/triage/run"
)

// readBack puts verdicts into the session.
func readBack(t *testing.T, b *bench, verdicts ...model.ItemVerdict) {
	t.Helper()
	if err := b.desk.Commit(t.Context(), model.Event{Type: model.EvVerify, Verify: &model.VerifyEvent{Items: verdicts}}); err != nil {
		t.Fatal(err)
	}
}

// verdicts are one of each kind; items 111 to 113 of mixed were unknown.
func verdicts() []model.ItemVerdict {
	return []model.ItemVerdict{
		{Index: 0, State: model.Confirmed, Status: 200, Was: model.OK}, {Index: 1, State: model.Confirmed, Status: 200, Was: model.OK},
		{Index: 2, State: model.Differs, Status: 200, Was: model.OK, Fields: []model.FieldDelta{{Pointer: "/qty", Sent: model.Foreign("5"), Got: model.Foreign("3\x1b[2J")}}},
		{Index: 3, State: model.NotFound, Status: 404, Was: model.OK},
		{Index: 111, State: model.NotFound, Status: 404, Was: model.Unknown},
		{Index: 112, State: model.Confirmed, Status: 200, Was: model.Unknown},
		{Index: 70, State: model.NotFound, Status: 404, Was: model.Failed},
	}
}

func TestVerifyTellsHowMuchItReads(t *testing.T) {
	b := newBench(t, mixed()...).open(NewVerify(nil))
	b.shows("VERIFY", "reads only", "116 items to read back, about 10 s at 20/s. y starts.",
		"First the 3 unknown: they may have been applied.")
	if len(b.runner.calls) != 0 {
		t.Fatal("opening the screen has read")
	}
	b.press("enter", "space", "R")
	if slices.Contains(b.runner.calls, "verify") {
		t.Fatal("another key than y has read")
	}
	b = newBench(t, mixed()...).open(NewVerify([]int{111, 112, 113}))
	b.shows("3 items to read back")
	b.press("y")
	if !slices.Contains(b.runner.calls, "verify") || len(b.runner.opt.Items) != 3 {
		t.Errorf("calls %v with %+v", b.runner.calls, b.runner.opt)
	}
}

func TestLongVerificationIsASample(t *testing.T) {
	b := newBench(t, mixed()...)
	b.profile.Settings.ReadRate = 0.5
	b.open(NewVerify(nil)).shows("63 items to read back", "a random sample of the rest. a reads all 116")
	b.press("a").shows("116 items to read back")
	b.press("y")
	if !b.runner.opt.All || b.runner.opt.Items != nil {
		t.Errorf("options %+v", b.runner.opt)
	}
}

func TestVerdictsSayWhatToDo(t *testing.T) {
	b := newBench(t, mixed()...)
	b.width, b.height = 110, 30
	readBack(t, b, verdicts()...)
	b.open(NewVerify(nil))
	b.shows("✓ confirmed 3", "! differs 1", "¬ not found 2", "failed, and not there 1", "= 7", "Unknown is now: 1 applied, 1 safe to retry",
		"#3", "qty 3␛[2J; we sent 5", "differs: 1 field", "not found, although the server said ok",
		"was not applied: safe to retry", "was applied: do not retry", "Folded: 2 of the 3 confirmed, 1 failed and not there; l opens", "failed, and not there 1")
	if strings.Contains(b.screen(), "#1 ") {
		t.Error("a confirmed row is not folded")
	}
	b.press("l").shows("#1 ")
	b.press("enter")
	if len(b.stack) != 2 {
		t.Errorf("enter opens %T", b.top())
	}
}

func TestVerifyShowsItsProgress(t *testing.T) {
	b := newBench(t, mixed()...).open(NewVerify(nil))
	b.runOn = true
	b.snap = run.Snapshot{Phase: run.Verifying, Left: -1, Reads: run.ReadProgress{Total: 116, Done: 30, Confirmed: 27, Differs: 2, Unknown: 1, Sampled: "a sample"}}
	b.refresh()
	b.shows("30 of 116", "estimating", "✓ confirmed 27", "! differs 2", "? unknown 1", "= 30", "VERIFYING", "a sample")
	b.press("p", "s")
	if !slices.Contains(b.runner.calls, "pause") || !slices.Contains(b.runner.calls, "cancel") {
		t.Errorf("calls %v", b.runner.calls)
	}
}

func TestNothingCanBeRead(t *testing.T) {
	b := newBench(t, mixed()...)
	b.profile.ItemURL = ""
	b.open(NewVerify(nil)).shows("This API offers no read of single items: all of them will be unverifiable.")
}

func TestVerifyFitsEverySize(t *testing.T) {
	b := newBench(t, mixed()...)
	readBack(t, b, verdicts()...)
	b.open(NewVerify(nil))
	for b.width = 40; b.width <= 130; b.width += 3 {
		for _, b.height = range []int{7, 9, 21, 37} {
			b.refresh()
			b.press("G").picture()
		}
	}
}
