package screen

import (
	"strings"
	"testing"

	"retriage/model"
)

func TestReportComesOutEven(t *testing.T) {
	b := newBench(t, mixed()...)
	b.width, b.height = 110, 33
	readBack(t, b, verdicts()...)
	b.open(NewReport())
	b.shows("REPORT", "ENDED", "96 failed at the start", "0  ok after retry", "none was sent again", "1  were applied already     unknown before; 1 of them confirmed", "95  still open",
		"96  = all of them; 0 known outcomes sent again", "Nothing was sent.", "3 confirmed in all: 2 from the start, 0 after retry, 1 applied already", "differs: 1 field", "Folded: 2 of the 3 confirmed, 1 failed and not there",
		"NEXT  V verify the 1 unknown     1 open Validation (50)", "exit code will be 8: some outcomes are unknown")
}

func TestReportOfNothingFailed(t *testing.T) {
	b := newBench(t, benchItem{id: "1", state: model.OK, body: "{}"}).open(NewReport())
	b.shows("Nothing failed at the start", "q back: nothing is left to do", "exit code will be 0")
}

func TestReportLeadsOn(t *testing.T) {
	b := newBench(t, mixed()...).open(NewReport())
	b.press("R")
	if _, ok := b.top().(*Plan); !ok {
		t.Errorf("R leads to %T", b.top())
	}
	b.press("esc", "V")
	if _, ok := b.top().(*Verify); !ok {
		t.Errorf("V leads to %T", b.top())
	}
	b.press("esc")
	var out []Effect
	b.scene(func(sc *Scene) { out = b.top().Do(sc, pressed("yy")) })
	if c, ok := out[0].(Copy); !ok || !strings.Contains(c.Text, "Exit code") {
		t.Errorf("yy copies %+v", out)
	}
}

func TestReportFitsEverySize(t *testing.T) {
	b := newBench(t, mixed()...)
	readBack(t, b, verdicts()...)
	b.open(NewReport())
	for b.width = 40; b.width <= 130; b.width += 3 {
		for _, b.height = range []int{7, 9, 21, 37} {
			b.refresh()
			b.press("G").picture()
		}
	}
}

// R is named only when a plan would send something: a category that may mostly go
// as it is can be left out as a whole.
func TestReportNamesRWhenSomethingIsReady(t *testing.T) {
	items := []benchItem{{id: "1", body: "{}", state: model.Failed, fail: fails(429, "RATE_LIMITED", "", "Too many requests")}}
	b := newBench(t, items...).open(NewReport())
	b.shows("R plan a retry of what is ready")
	ev := model.Event{Type: model.EvLeave, Leave: &model.LeaveEvent{Items: []int{0}, Out: true}}
	if err := b.desk.Commit(t.Context(), ev); err != nil {
		t.Fatal(err)
	}
	if b.open(NewReport()); strings.Contains(b.screen(), "of what is ready") {
		t.Error("R is named although nothing is ready")
	}
}
