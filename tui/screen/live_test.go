package screen

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"retriage/model"
	"retriage/triage"
	"retriage/triage/run"
)

// running is the run of the drawing: 26 of 48, held by the server.
func running() run.Snapshot {
	line := func(s int, id string, st model.State, status int, text string, try int) run.Line {
		return run.Line{At: noon.Add(time.Duration(-s) * time.Second), ID: model.TextID(id), State: st, Status: status, Text: text, Try: try, Tries: 5}
	}
	return run.Snapshot{
		Generation: 7, Phase: run.Held, PlanID: "7f3c",
		Progress: []triage.Progress{
			{Tab: triage.AllTab, Total: 48, OK: 22, Failed: 2, Waiting: 2, InFlight: 3, Left: 19},
			{Tab: triage.TabOf(model.RateLimited), Total: 41, OK: 20, Waiting: 2, InFlight: 3, Left: 16},
			{Tab: triage.TabOf(model.Backend), Total: 7, OK: 2, Failed: 2, Left: 3},
		},
		Steps: []run.StepState{{Size: 1, Done: true}, {Size: 5, Done: true}, {Size: 20}, {Size: 22}}, Step: 2,
		Rate: 4, Cap: 10, InFlight: 3, Hold: run.Hold{Until: noon.Add(6 * time.Second), Why: "429, Retry-After 8 s"},
		Breaker: run.Breaker{State: "closed", Last: []bool{false, false, true, false, false, false, true, false, false, false}, Size: 10, Opens: 5},
		Started: noon.Add(-12 * time.Second), Left: 10 * time.Second, Speed: []int{0, 1, 2, 4, 5, 4, 3, 1, 0, 0},
		Lines: []run.Line{
			line(0, "00031", model.Waiting, 429, "waits 8 s as the server asked", 0),
			line(1, "00902", model.Failed, 409, "no longer Backend: moved to Conflict", 2),
			line(2, "00880", model.OK, 201, "ok", 2),
			{At: noon.Add(-3 * time.Second), Item: -1, Text: "Step 2 is through."},
		},
	}
}

func liveBench(t *testing.T, change func(*run.Snapshot)) *bench {
	t.Helper()
	b := newBench(t, mixed()...)
	b.width, b.height, b.runOn, b.snap = 110, 33, true, running()
	if change != nil {
		change(&b.snap)
	}
	return b.open(NewLive())
}

func TestRunShowsEveryNumberOfIt(t *testing.T) {
	b := liveBench(t, nil)
	b.shows("RUN 7f3c   step 3 of 4", "1 ✓", "PROD  WAITING", "+ ok 22", "x failed 2", "… waiting 2", "▸ in flight 3", "? unknown 0", "left 19", "= 48")
}

func TestRunInWords(t *testing.T) {
	b := liveBench(t, nil)
	b.shows("24 of 48 answered   about 10 s left", "Rate limit", "20 of 41   ok 20  failed 0  waiting 2", "Backend", "4 of 7   ok 2  failed 2  waiting 0",
		"4 items/s; at most 10 requests/s, 3 in flight", "held until 03:12:45 (in 6 s): 429, Retry-After 8 s",
		"closed   last 10: ++x+++x+++   2 failed, opens at 5 of 10", "items/s, last 30 s",
		"03:12:39  … 00031  429 waits 8 s as the server asked", "try 2 of 5", "Step 2 is through.",
		"Journal written before each send. Safe to close: retriage resume", "12 s gone")
}

func TestRunAddsUp(t *testing.T) {
	for k, p := range running().Progress {
		if sum := p.OK + p.Failed + p.Waiting + p.InFlight + p.Unknown + p.Left; sum != p.Total {
			t.Errorf("the test's own numbers: part %d adds up to %d of %d", k, sum, p.Total)
		}
	}
}

func TestRunIsSteered(t *testing.T) {
	stopped := func(kind string) func(*run.Snapshot) {
		return func(s *run.Snapshot) { s.Phase, s.Pause = run.Paused, run.Pause{Kind: kind, Text: "It stands still."} }
	}
	for name, c := range map[string]struct {
		change func(*run.Snapshot)
		key    string
		call   string // "" = the key is off
		rate   float64
	}{
		"pause":              {nil, "p", "pause", 0},
		"and go on":          {stopped("operator"), "p", "continue", 0},
		"slower":             {nil, "<", "rate", 5},
		"faster":             {nil, ">", "rate", 20},
		"stop":               {nil, "s", "cancel", 0},
		"step: go on":        {stopped("step"), "c", "continue", 0},
		"step: p is off":     {stopped("step"), "p", "", 0},
		"not paused: c":      {nil, "c", "", 0},
		"token":              {stopped("sign_in"), "t", "refresh", 0},
		"token not refused":  {nil, "t", "", 0},
		"breaker: try one":   {func(s *run.Snapshot) { s.Breaker.State = "open" }, "n", "probe", 0},
		"breaker is closed":  {nil, "n", "", 0},
		"report while it is": {nil, "enter", "", 0},
	} {
		b := liveBench(t, c.change)
		b.press(c.key)
		if c.call == "" {
			if len(b.runner.calls) != 0 || !strings.HasPrefix(b.said, "off: ") {
				t.Errorf("%s: calls %v, said %q", name, b.runner.calls, b.said)
			}
			continue
		}
		if !slices.Contains(b.runner.calls, c.call) || b.runner.rate != c.rate {
			t.Errorf("%s: calls %v, rate %v", name, b.runner.calls, b.runner.rate)
		}
	}
}

func TestStandstillSaysWhatGoesOn(t *testing.T) {
	for kind, want := range map[string]string{
		"sign_in": "t reads it again", "step": "Go on with the next step?   c go on   s stop", "operator": "p goes on", "journal": "s stops",
	} {
		b := liveBench(t, func(s *run.Snapshot) { s.Phase, s.Pause = run.Paused, run.Pause{Kind: kind, Text: "It stands still."} })
		b.shows("It stands still.", want, "PAUSED")
	}
}

func TestFailedOnly(t *testing.T) {
	b := liveBench(t, nil)
	b.press("f")
	if s := b.screen(); strings.Contains(s, "00880") || !strings.Contains(s, "00902") || !strings.Contains(s, "Step 2 is through.") {
		t.Errorf("not only what failed:\n%s", s)
	}
}

func TestBrowsingLeavesTheRunAlone(t *testing.T) {
	b := liveBench(t, nil)
	b.press("b")
	if len(b.stack) != 0 || len(b.runner.calls) != 0 {
		t.Errorf("calls %v", b.runner.calls)
	}
}

func TestRunEnds(t *testing.T) {
	b := liveBench(t, func(s *run.Snapshot) { s.Phase, s.Ended, s.Requests = run.Ended, noon, 14 })
	b.runOn = false
	b.shows("ENDED", "14 requests", "The run has ended.")
	b.press("p")
	if b.said != "off: no run is going on" {
		t.Errorf("said %q", b.said)
	}
	b.press("enter")
	if _, ok := b.top().(*Report); !ok {
		t.Errorf("enter leads to %T", b.top())
	}
}

func TestLiveFitsEverySize(t *testing.T) {
	for _, change := range []func(*run.Snapshot){
		nil,
		func(s *run.Snapshot) { *s = run.Snapshot{Phase: run.Idle, Left: -1} },
		func(s *run.Snapshot) {
			s.Phase, s.Pause = run.Paused, run.Pause{Kind: "step", Text: strings.Repeat("a long reason ", 20)}
			s.Reads = run.ReadProgress{Total: 1000, Done: 10, Confirmed: 10}
			for k := range 12 {
				s.Progress = append(s.Progress, triage.Progress{Tab: triage.Tab(fmt.Sprint(k)), Total: 1})
			}
		},
	} {
		b := liveBench(t, change)
		for b.width = 40; b.width <= 130; b.width += 3 {
			for _, b.height = range []int{7, 9, 21, 37} {
				b.picture()
			}
		}
	}
}
