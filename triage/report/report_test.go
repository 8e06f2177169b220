package report

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"retriage/model"
	"retriage/triage"
)

type noDecoder struct{}

func (noDecoder) DecodeItem(_, _ model.Piece) (model.Item, error) { return model.Item{}, nil }

// sessionOf has one item of each kind that a report tells apart.
func sessionOf(t *testing.T) *triage.Session {
	t.Helper()
	b := model.NewBatch([]io.ReaderAt{strings.NewReader("")}, noDecoder{})
	bad := func(id, code, msg string, status int) model.Record {
		return model.Record{ID: model.TextID(id), State: model.Failed, Failure: &model.Failure{
			Status: status, Code: model.Foreign(code), Message: model.Foreign(msg), RetryAfter: -1}}
	}
	b.Append(
		model.Record{ID: model.TextID("fine"), State: model.OK},
		bad("mail", "VALIDATION_ERROR", "Invalid email format", 400),
		bad("slow", "RATE_LIMITED", "Too many requests", 429),
		bad("late", "TIMEOUT", "processing timed out", 504),
		bad("evil\x1b]0;pwn\a", "X|Y", "<script>alert(1)</script> \x1b[2J | `x`", 403),
	)
	b.Finish(model.Summary{Total: 5, Succeeded: 2, Failed: 3}, []model.ID{model.TextID("stranger")},
		model.Anomaly{Kind: "summary", Text: "the summary says 2 succeeded, 1 item did"})
	c, err := triage.NewClassifier(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := triage.NewSession(b, c)
	at := time.Date(2026, 8, 22, 1, 0, 0, 0, time.UTC)
	until := at.Add(8 * time.Second)
	for n, ev := range []model.Event{
		{Type: model.EvPlan, Plan: &model.Plan{ID: "p", Items: []int{2, 3}, Lookups: []int{3}}},
		{Type: model.EvVerify, Verify: &model.VerifyEvent{Items: []model.ItemVerdict{{Index: 3, State: model.Confirmed, Status: 200}}}},
		{Type: model.EvIntent, Intent: &model.Intent{Attempt: 1, Plan: "p", Items: []int{2}}},
		{Type: model.EvWait, Wait: &model.WaitEvent{State: "throttled", Until: &until, Why: "429"}},
		{Type: model.EvOutcome, Outcome: &model.Result{Attempt: 1, Kind: model.Answered, Status: 207, Items: []model.ItemResult{{Index: 2, State: model.OK, Status: 201}}}},
		{Type: model.EvEnd, End: &model.EndEvent{Plan: "p", Why: "done"}},
		{Type: model.EvVerify, Verify: &model.VerifyEvent{Items: []model.ItemVerdict{
			{Index: 2, State: model.Confirmed, Status: 200}, {Index: 0, ID: model.TextID("fine"), State: model.Differs, Status: 200, Fields: []model.FieldDelta{{Pointer: "/qty"}}}}}},
		{Type: model.EvNote, Who: "ana", Note: &model.NoteEvent{Item: 1, Text: "ask \x1b[2J Ben"}},
	} {
		ev.Seq, ev.At = int64(n+1), at.Add(time.Duration(n)*time.Second)
		if err := s.Apply(ev); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func reportOf(t *testing.T) Report {
	t.Helper()
	return Of(sessionOf(t), About{Run: "7f3c0000", Inputs: []string{"x.json"}, Dialect: "generic-207", Profile: model.Profile{Settings: model.Defaults()}})
}

func TestTheSumComesOutEven(t *testing.T) {
	r := reportOf(t)
	sum := 0
	for _, n := range r.States {
		sum += n
	}
	if sum != 5 || r.Total != 5 {
		t.Errorf("states add up to %d of %d", sum, r.Total)
	}
	for _, c := range r.Causes {
		if c.Code == "VALIDATION_ERROR" && c.Status != 400 {
			t.Errorf("the status of a cause is %d, want 400", c.Status)
		}
	}
	open := 0
	for _, p := range r.Open {
		open += p.Count
	}
	if open != 3 {
		t.Errorf("%d open: %v", open, r.Open)
	}
	x := r.Retry
	if x.OKAfter+x.Applied+x.StillOpen != r.AtStart || r.AtStart != 4 {
		t.Errorf("%+v of %d at the start", x, r.AtStart)
	}
	if x.OKAfter != 1 || x.Applied != 1 || x.StillOpen != 2 || x.Confirmed != 2 || x.Requests != 1 || x.Waits != 1 || x.SentTwice != 0 || !x.Alert {
		t.Errorf("%+v", x)
	}
	if r.Exit != ExitFailed {
		t.Errorf("exit code %d", r.Exit)
	}
}

func TestEveryFormIsSafeToPrint(t *testing.T) {
	r := reportOf(t)
	for name, form := range map[string]func(io.Writer) error{
		"summary": r.Summary, "json": r.JSON, "markdown": r.Markdown,
		"lines": func(w io.Writer) error { _, err := io.WriteString(w, strings.Join(r.Lines(), "\n")); return err },
	} {
		var b bytes.Buffer
		if err := form(&b); err != nil {
			t.Fatal(err)
		}
		for _, c := range b.Bytes() {
			if c < 0x20 && c != '\n' || c == 0x7f {
				t.Errorf("%s holds byte %#x:\n%s", name, c, b.Bytes())
				break
			}
		}
		if name == "markdown" && strings.Contains(b.String(), "<script>") {
			t.Error("markdown lets markup through")
		}
		if name == "json" && !json.Valid(b.Bytes()) {
			t.Error("not JSON")
		}
	}
}

func TestSummarySaysWhatIsOdd(t *testing.T) {
	var b bytes.Buffer
	if err := reportOf(t).Summary(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"5 items: 2 confirmed, 3 open", "the summary says 2 succeeded", "1 id answered that nobody asked for: stranger", "Permission"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("summary lacks %q:\n%s", want, b.String())
		}
	}
}

func TestExitCodes(t *testing.T) {
	count := func(states ...model.State) triage.Counts {
		c := triage.Counts{Total: len(states)}
		for _, s := range states {
			c.By[s]++
		}
		return c
	}
	for _, row := range []struct {
		name string
		c    triage.Counts
		end  End
		want int
	}{
		{"nothing", count(), End{}, 0},
		{"ok and confirmed", count(model.OK, model.Confirmed), End{}, 0},
		{"no read offered", count(model.Unverifiable), End{}, 0},
		{"failed", count(model.OK, model.Failed), End{}, 1},
		{"differs", count(model.Differs), End{}, 1},
		{"left out", count(model.LeftOut), End{}, 1},
		{"never sent", count(model.Ready), End{}, 0},
		{"unknown beats failed", count(model.Failed, model.Unknown), End{}, 8},
		{"a refused sign-in", count(model.Failed), End{Stop: "sign_in"}, 4},
		{"a refused sign-in while reading back", count(model.OK), End{Stop: "sign_in"}, 4},
		{"a server that is away", count(model.Failed), End{Stop: "unreachable"}, 5},
		{"a limit", count(model.Failed), End{Stop: "step"}, 6},
		{"a limit, and then nothing was left", count(model.OK), End{Stop: "step"}, 0},
		{"unknown beats a refused sign-in", count(model.Unknown), End{Stop: "sign_in"}, 8},
		{"only looked at", count(model.Failed, model.Unknown), End{Lenient: "only looked at"}, 0},
		{"a full disk", count(model.Failed), End{Lenient: "only looked at", Stop: "journal"}, 11},
	} {
		got := ExitCode(row.c, row.end)
		if got != row.want {
			t.Errorf("%s: %d, want %d", row.name, got, row.want)
		}
		if ExitWords(got, row.end) == "" {
			t.Errorf("%s: code %d is not in words", row.name, got)
		}
	}
}

func TestEffortTellsItemsFromSends(t *testing.T) {
	for _, row := range []struct {
		sum  Retry
		want string
	}{
		{Retry{Requests: 4, Sent: 79, ItemsSent: 79}, "79 items sent in 4 requests · "},
		{Retry{Requests: 7, Sent: 100, ItemsSent: 79}, "79 items sent, 100 sends in all, in 7 requests · "},
	} {
		if got := (Report{Retry: row.sum}).Effort(); !strings.HasPrefix(got, row.want) {
			t.Errorf("%q, want %q", got, row.want)
		}
	}
}
