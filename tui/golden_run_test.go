package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"retriage/model"
	"retriage/triage"
	"retriage/triage/run"
	"retriage/tui/screen"
)

// changeFrames are the screens that change items, send them and read them back.
var changeFrames = []struct {
	name string
	keys []string
	do   func(t *testing.T, m *Model)
}{
	{name: "edit", keys: []string{"1", "e"}},
	{name: "edit typed", keys: []string{"1", "e", "backspace", "9", "x", "tab", "end", "Y"}},
	{name: "edit several lines of buttons", keys: []string{"0", "/", "m", "a", "i", "l", "enter", "e", "shift+tab"}},
	{name: "fix", keys: []string{"0", "/", "m", "a", "i", "l", "enter", "a", "b"}},
	{name: "fix of nothing", keys: []string{"2", "a", "b"}},
	{name: "plan", keys: []string{"R"}},
	{name: "plan as is", keys: []string{"R", "i", "s", "v", "<"}},
	{name: "plan count", keys: []string{"R", "4", "8"}},
	{name: "plan left out", keys: []string{"R", "l"}},
	{name: "verify plan", keys: []string{"V"}},
	{name: "verify", do: func(t *testing.T, m *Model) { readBack(t, m); push(m, "V") }},
	{name: "run", do: func(_ *testing.T, m *Model) { live(m, halfway()) }},
	{name: "run stopped", do: func(_ *testing.T, m *Model) {
		s := halfway()
		s.Phase, s.Hold = run.Paused, run.Hold{}
		s.Pause = run.Pause{Kind: "sign_in", Text: "The server does not accept the sign-in: 401 Unauthorized. Nothing more was sent."}
		live(m, s)
	}},
	{name: "run breaker", do: func(_ *testing.T, m *Model) {
		s := halfway()
		s.Hold = run.Hold{}
		s.Breaker.State, s.Breaker.Until = "open", noon.Add(30*time.Second)
		s.Breaker.Last = []bool{true, true, false, true, true, true, false, true, true, true}
		live(m, s)
	}},
	{name: "run reads back", do: func(_ *testing.T, m *Model) {
		s := halfway()
		s.Phase, s.Hold = run.Verifying, run.Hold{}
		s.Reads = run.ReadProgress{Total: 1204, Done: 300, Confirmed: 290, Differs: 3, NotFound: 2, Unknown: 1, AsExpected: 4}
		live(m, s)
	}},
	{name: "report", do: func(t *testing.T, m *Model) { readBack(t, m); settle(m, m.push(screen.NewReport())) }},
}

// live shows a run as it stands.
func live(m *Model, s run.Snapshot) {
	m.work.on, m.work.snap = true, s
	settle(m, m.push(screen.NewLive()))
}

// readBack puts some verdicts into the session.
func readBack(t *testing.T, m *Model) {
	t.Helper()
	v := &model.VerifyEvent{Items: []model.ItemVerdict{
		{Index: 0, State: model.Confirmed, Status: 200, Was: model.OK},
		{Index: 1, State: model.Confirmed, Status: 200, Was: model.OK},
		{Index: 2, State: model.Differs, Status: 200, Was: model.OK, Fields: []model.FieldDelta{
			{Pointer: "/qty", Sent: model.Foreign("5"), Got: model.Foreign("3")}}},
		{Index: 900, State: model.NotFound, Status: 404, Was: model.Unknown},
		{Index: 901, State: model.Confirmed, Status: 200, Was: model.Unknown},
	}}
	if err := m.cfg.Desk.Commit(t.Context(), model.Event{Type: model.EvVerify, At: noon, Verify: v}); err != nil {
		t.Fatal(err)
	}
	settle(m, m.refresh())
}

// halfway is a run in the middle of its third step, held by the server.
func halfway() run.Snapshot {
	line := func(ago int, id string, st model.State, status int, text string, try int) run.Line {
		return run.Line{At: noon.Add(time.Duration(-ago) * time.Second), ID: model.TextID(id), State: st, Status: status, Text: text, Try: try, Tries: 5}
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

func changeModel(t *testing.T, width, height int) *Model {
	t.Helper()
	m := goldenModel(t, func(c *Config) {
		c.RunID = "9f3c"
		c.Now = func() time.Time { return noon }
		c.Profile.KeyScope, c.Profile.User = model.ItemKey, "ops-bot"
	})
	send(m, tea.WindowSizeMsg{Width: width, Height: height})
	return m
}

func TestGoldenChange(t *testing.T) {
	for _, size := range [][2]int{{40, 12}, {80, 24}, {120, 40}} {
		for _, f := range changeFrames {
			t.Run(fmt.Sprintf("%s %dx%d", f.name, size[0], size[1]), func(t *testing.T) {
				m := changeModel(t, size[0], size[1])
				for _, k := range f.keys {
					push(m, k)
				}
				if f.do != nil {
					f.do(t, m)
				}
				exact(t, m)
				golden.RequireEqual(t, ansi.Strip(strings.Join(m.frame(), "\n"))+"\n")
			})
		}
	}
}

// TestGoldenChangeMono has the styles in it: bold and reverse, and no colour.
func TestGoldenChangeMono(t *testing.T) {
	for _, f := range changeFrames {
		t.Run(f.name, func(t *testing.T) {
			m := changeModel(t, 80, 24)
			send(m, tea.ColorProfileMsg{Profile: colorprofile.ASCII})
			for _, k := range f.keys {
				push(m, k)
			}
			if f.do != nil {
				f.do(t, m)
			}
			frame := strings.Join(m.frame(), "\n") + "\n"
			if strings.Contains(frame, "\x1b[3") || strings.Contains(frame, "\x1b[4") && !strings.Contains(frame, "\x1b[4m") {
				t.Error("there is colour in it")
			}
			golden.RequireEqual(t, frame)
		})
	}
}

// TestChangeScreensInASCII draws every sign of ours in ASCII, at the same width.
func TestChangeScreensInASCII(t *testing.T) {
	for _, f := range changeFrames {
		m := changeModel(t, 100, 30)
		m.cfg.ASCII = true
		send(m, tea.ColorProfileMsg{Profile: colorprofile.ASCII})
		for _, k := range f.keys {
			push(m, k)
		}
		if f.do != nil {
			f.do(t, m)
		}
		for k, line := range strings.Split(ansi.Strip(m.View().Content), "\n") {
			if strings.ContainsFunc(line, func(r rune) bool { return r > 0x7e }) || len(line) != 100 {
				t.Errorf("%s: line %d: %q", f.name, k, line)
			}
		}
	}
}
