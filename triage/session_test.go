package triage

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"testing"
	"time"

	"retriage/model"
)

// plainDecoder is a dialect for tests: an item's bytes are its JSON body.
type plainDecoder struct{}

func (plainDecoder) DecodeItem(_, request model.Piece) (model.Item, error) {
	return model.Item{Payload: model.Payload{Body: request.Bytes, Known: request.Bytes != nil}}, nil
}

// sourceOf is a batch's source from a text.
func sourceOf(text string) io.ReaderAt { return stringReader(text) }

type stringReader string

func (s stringReader) ReadAt(b []byte, off int64) (int, error) {
	if off >= int64(len(s)) {
		return 0, io.EOF
	}
	n := copy(b, s[off:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// kinds are failures of every sort, and what becomes of them.
var kinds = []struct {
	code   string
	status int
	state  model.State
}{
	{"", 201, model.OK}, {"VALIDATION_ERROR", 400, model.Failed}, {"PERMISSION_DENIED", 403, model.Failed},
	{"RATE_LIMITED", 429, model.Failed}, {"CONFLICT", 409, model.Failed}, {"UPSTREAM_ERROR", 503, model.Failed},
	{"INTERNAL", 500, model.Failed}, {"TIMEOUT", 504, model.Failed}, {"", 0, model.Unanswered}, {"", 0, model.Unknown},
	{"TYPE_MISMATCH", 400, model.Failed},
}

func sessionOf(t testing.TB, n int) *Session {
	t.Helper()
	body := `{"email":"A@x","n":1}`
	b := model.NewBatch([]io.ReaderAt{sourceOf(body)}, plainDecoder{})
	for i := range n {
		k := kinds[i%len(kinds)]
		rec := model.Record{
			ID: model.TextID(fmt.Sprintf("item-%03d", i)), State: k.state,
			Request: model.Span{Len: len(body)},
		}
		if k.state != model.OK {
			rec.Failure = &model.Failure{Status: k.status, Code: model.Foreign(k.code), Message: model.Foreign(fmt.Sprintf("no %d", i)), RetryAfter: -1}
			if k.state == model.Unanswered {
				rec.Failure.Reason = model.NotAnswered
			}
		}
		b.Append(rec)
	}
	b.Finish(model.NoSummary, nil)
	c, err := NewClassifier(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return NewSession(b, c)
}

// check asserts what must hold in every session.
func check(t *testing.T, s *Session) {
	t.Helper()
	c := s.Counts()
	if c.Sum() != s.Len() || c.Total != s.Len() {
		t.Fatalf("states add up to %d, %d items were requested", c.Sum(), s.Len())
	}
	var by [16]int
	for i := range s.Len() {
		by[s.State(i)]++
	}
	if by != c.By {
		t.Fatalf("counted %v, the items say %v", c.By, by)
	}
	tabs := s.Tabs()
	sum := 0
	for _, tc := range tabs[1:] {
		if got := len(s.Items(tc.Tab)); got != tc.Count {
			t.Fatalf("tab %s says %d, it has %d items", tc.Tab, tc.Count, got)
		}
		grouped := 0
		for _, g := range s.Groups(tc.Tab, ByCause) {
			if got := len(s.Members(g)); got != g.Count {
				t.Fatalf("a group of %s says %d, it has %d members", tc.Tab, g.Count, got)
			}
			grouped += g.Count
		}
		if grouped != tc.Count {
			t.Fatalf("groups of %s add up to %d of %d", tc.Tab, grouped, tc.Count)
		}
		sum += tc.Count
	}
	if sum != tabs[0].Count || sum != len(s.Items(AllTab)) {
		t.Fatalf("tabs add up to %d, All says %d", sum, tabs[0].Count)
	}
}

// script makes legal events from dice.
type script struct {
	s    *Session
	rng  *rand.Rand
	seq  int64
	at   time.Time
	evs  []model.Event
	plan int
}

func (sc *script) put(t *testing.T, ev model.Event) {
	t.Helper()
	sc.seq++
	sc.at = sc.at.Add(time.Second)
	ev.Seq, ev.At = sc.seq, sc.at
	if err := sc.s.Apply(ev); err != nil {
		t.Fatal(err)
	}
	sc.evs = append(sc.evs, ev)
	check(t, sc.s)
}

func (sc *script) some(from []int) []int {
	var out []int
	for _, i := range from {
		if sc.rng.IntN(3) > 0 {
			out = append(out, i)
		}
	}
	return out
}

func (sc *script) local(t *testing.T) {
	open := sc.some(sc.s.Items(AllTab))
	switch sc.rng.IntN(5) {
	case 0:
		var items []model.ItemEdit
		for _, i := range open {
			items = append(items, model.ItemEdit{Index: i, Changes: []model.Change{{Part: model.Body, Pointer: "/email", Old: model.Foreign(`"A@x"`), New: model.Foreign(`"a@x"`)}}})
		}
		sc.put(t, model.Event{Type: model.EvRule, Edit: &model.EditEvent{How: "email-trim", Items: items}})
	case 1:
		sc.put(t, model.Event{Type: model.EvLeave, Leave: &model.LeaveEvent{Items: open, Out: sc.rng.IntN(2) == 0}})
	case 2:
		sc.put(t, model.Event{Type: model.EvRefile, Refile: &model.RefileEvent{Items: open, To: model.Conflict}})
	case 3:
		if seq, _, ok := sc.s.Undoable(); ok {
			sc.put(t, model.Event{Type: model.EvUndo, Ref: seq})
		}
	case 4:
		if seq, _, ok := sc.s.Redoable(); ok {
			sc.put(t, model.Event{Type: model.EvRedo, Ref: seq})
		}
	}
}

// rest stops the run, does something meanwhile, and lets it go on. Whatever that
// is, what is held is counted as left or waiting.
func (sc *script) rest(t *testing.T) {
	sc.put(t, model.Event{Type: model.EvControl, Control: Halted})
	for range 3 {
		sc.local(t)
	}
	states := []model.State{model.Confirmed, model.NotFound, model.Unreadable, model.Differs}
	for _, i := range sc.some(sc.s.Items(AllTab)) {
		sc.put(t, model.Event{Type: model.EvVerify, Verify: &model.VerifyEvent{Items: []model.ItemVerdict{{Index: i, State: states[sc.rng.IntN(4)], Status: 200}}}})
		sc.put(t, model.Event{Type: model.EvDraft, Draft: &model.DraftEvent{Item: i, Fields: []model.DraftField{{Pointer: "/n", Text: model.Foreign("7")}}}})
	}
	ps := sc.s.Running()
	all := sc.s.Progress(ps)[0]
	if sum := all.OK + all.Failed + all.Waiting + all.InFlight + all.Unknown + all.Left + all.Gone; sum != all.Total || sc.s.Resting() > all.Left+all.Waiting {
		t.Fatalf("the parts of %+v add up to %d, and %d rest", all, sum, sc.s.Resting())
	}
	if sc.s.Resting() > 0 && sc.s.Unfinished() != ps {
		t.Fatal("a plan that holds items is finished")
	}
	sc.put(t, model.Event{Type: model.EvControl, Control: Resumed})
}

func (sc *script) retry(t *testing.T) {
	d := sc.s.Draft(PlanOptions{Reads: true, Unknown: sc.rng.IntN(2) == 0}, func(int) bool { return true })
	if d.Count() == 0 {
		return
	}
	sc.plan++
	id := fmt.Sprint("p", sc.plan)
	sc.put(t, model.Event{Type: model.EvPlan, Plan: &model.Plan{ID: id, Items: d.Items, Lookups: d.Lookups}})
	left := slices.Clone(d.Items)
	for _, i := range d.Lookups {
		states := []model.State{model.Confirmed, model.Queued, model.Unknown}
		sc.put(t, model.Event{Type: model.EvVerify, Verify: &model.VerifyEvent{Items: []model.ItemVerdict{{Index: i, State: states[sc.rng.IntN(3)]}}}})
	}
	left = slices.DeleteFunc(left, func(i int) bool { return sc.s.State(i) != model.Queued })
	for len(left) > 0 {
		n := min(1+sc.rng.IntN(5), len(left))
		chunk := left[:n]
		left = left[n:]
		att := sc.s.NextAttempt()
		sc.put(t, model.Event{Type: model.EvIntent, Intent: &model.Intent{Attempt: att, Plan: id, Items: chunk}})
		if sc.rng.IntN(20) == 0 {
			break // killed: the intent stays open
		}
		out := &model.Result{Attempt: att, Kind: model.Answered, Status: 207}
		if sc.rng.IntN(5) == 0 { // it never left
			out.Kind, out.Status = model.Rejected, 0
		}
		for _, i := range chunk {
			states := []model.State{model.OK, model.OK, model.Failed, model.Unknown, model.Waiting}
			out.Items = append(out.Items, model.ItemResult{Index: i, State: states[sc.rng.IntN(5)], Category: model.Validation, Code: model.Foreign("VALIDATION_ERROR")})
		}
		sc.put(t, model.Event{Type: model.EvOutcome, Outcome: out})
		if sc.rng.IntN(4) == 0 {
			sc.rest(t)
		}
		left = slices.DeleteFunc(left, func(i int) bool { return sc.s.State(i) != model.Queued })
	}
	sc.put(t, model.Event{Type: model.EvEnd, End: &model.EndEvent{Plan: id, Why: "done"}})
}

// TestCountsAlwaysAddUp is the promise that every screen stands on: whatever
// happens, in whatever order, each item has one state and all tallies agree; and
// the fold of any prefix of a journal is such a session too.
func TestCountsAlwaysAddUp(t *testing.T) {
	for seed := range uint64(30) {
		s := sessionOf(t, 60)
		check(t, s)
		sc := &script{s: s, rng: rand.New(rand.NewPCG(seed, 1)), at: time.Date(2026, 8, 22, 3, 0, 0, 0, time.UTC)}
		for range 12 {
			if sc.rng.IntN(3) == 0 {
				sc.retry(t)
			} else {
				sc.local(t)
			}
		}
		again := sessionOf(t, 60)
		for _, ev := range sc.evs {
			if err := again.Apply(ev); err != nil {
				t.Fatal(err)
			}
			check(t, again)
		}
		if a, b := fmt.Sprint(s.Counts(), s.Tabs(), s.Totals(), s.DraftItems()), fmt.Sprint(again.Counts(), again.Tabs(), again.Totals(), again.DraftItems()); a != b {
			t.Fatalf("seed %d: replay gives\n%s\nthe session was\n%s", seed, b, a)
		}
	}
}

func TestUndoGivesBackWhatWasThere(t *testing.T) {
	s := sessionOf(t, 22)
	sc := &script{s: s, rng: rand.New(rand.NewPCG(1, 1)), at: time.Unix(0, 0)}
	before := fmt.Sprint(s.Counts(), s.Tabs())
	open := s.Items(TabOf(model.Validation))
	edit := func(i int) model.ItemEdit {
		return model.ItemEdit{Index: i, Changes: []model.Change{{Part: model.Body, Pointer: "/n", Old: model.Foreign("1"), New: model.Foreign("2")}}}
	}
	sc.put(t, model.Event{Type: model.EvEdit, Edit: &model.EditEvent{How: "form", Items: []model.ItemEdit{edit(open[0])}}})
	sc.put(t, model.Event{Type: model.EvLeave, Leave: &model.LeaveEvent{Items: open, Out: true}})
	sc.put(t, model.Event{Type: model.EvRefile, Refile: &model.RefileEvent{Items: open, To: model.Other}})
	if got := len(s.Changes(open[0])); got != 1 {
		t.Fatalf("%d changes, want 1", got)
	}
	for range 3 {
		seq, _, ok := s.Undoable()
		if !ok {
			t.Fatal("nothing to undo")
		}
		sc.put(t, model.Event{Type: model.EvUndo, Ref: seq})
	}
	if got := fmt.Sprint(s.Counts(), s.Tabs()); got != before {
		t.Errorf("after three undos\n%s\nbefore\n%s", got, before)
	}
	if _, why, ok := s.Undoable(); ok || why != "nothing to undo" {
		t.Errorf("a fourth undo: %v, %q", ok, why)
	}
	for range 3 {
		seq, _, _ := s.Redoable()
		sc.put(t, model.Event{Type: model.EvRedo, Ref: seq})
	}
	if s.State(open[0]) != model.LeftOut || s.Category(open[0]) != model.Other || len(s.Changes(open[0])) != 1 {
		t.Errorf("after three redos: %s in %s", s.State(open[0]), s.Category(open[0]))
	}
}

func TestAnEditThatWasSentIsNotUndone(t *testing.T) {
	s := sessionOf(t, 11)
	sc := &script{s: s, rng: rand.New(rand.NewPCG(1, 1)), at: time.Unix(0, 0)}
	i := s.Items(TabOf(model.Validation))[0]
	sc.put(t, model.Event{Type: model.EvEdit, Edit: &model.EditEvent{How: "form", Items: []model.ItemEdit{{Index: i, Changes: []model.Change{{Part: model.Body, Pointer: "/n", Old: model.Foreign("1"), New: model.Foreign("2")}}}}}})
	if s.State(i) != model.Edited || s.Class(i) != model.Safe {
		t.Fatalf("%s, %s", s.State(i), s.Class(i))
	}
	sc.put(t, model.Event{Type: model.EvPlan, Plan: &model.Plan{ID: "p", Items: []int{i}}})
	sc.put(t, model.Event{Type: model.EvIntent, Intent: &model.Intent{Attempt: 1, Items: []int{i}}})
	sc.put(t, model.Event{Type: model.EvOutcome, Outcome: &model.Result{Attempt: 1, Kind: model.Answered, Items: []model.ItemResult{{Index: i, State: model.Failed, Category: model.Conflict, Spent: true}}}})
	sc.put(t, model.Event{Type: model.EvEnd, End: &model.EndEvent{Plan: "p"}})
	if _, why, ok := s.Undoable(); ok {
		t.Error("an edit that was sent can be undone")
	} else if why == "" {
		t.Error("no reason given")
	}
	if s.State(i) != model.Failed || s.Category(i) != model.Conflict || len(s.Totals().Moves) != 1 {
		t.Errorf("%s in %s, moves %v", s.State(i), s.Category(i), s.Totals().Moves)
	}
}

func TestDraftSaysWhyItLeavesOut(t *testing.T) {
	s := sessionOf(t, 11)
	d := s.Draft(PlanOptions{Reads: true}, func(i int) bool { return true })
	why := map[string]int{}
	left := 0
	for _, p := range d.LeftOut {
		why[p.Why] = p.Count
		left += p.Count
	}
	if d.Count()+left != len(s.Items(AllTab)) {
		t.Errorf("%d sent and %d left out of %d", d.Count(), left, len(s.Items(AllTab)))
	}
	if why[whyNotEdited] != 3 || why[whyNoAccess] != 1 || why[whyUnknown] != 1 {
		t.Errorf("left out: %v", why)
	}
	if len(d.Lookups) == 0 {
		t.Error("nothing is looked up, though a 500, a 504 and an unanswered item may have been applied")
	}
	if d := s.Draft(PlanOptions{}, func(i int) bool { return true }); len(d.Lookups) != 0 {
		t.Error("without a read, items that may have been applied are sent")
	}
	if d := s.Draft(PlanOptions{Reads: true}, func(i int) bool { return false }); d.Count() != 0 {
		t.Error("items are sent whose request is not known")
	}
}

func TestQueries(t *testing.T) {
	s := sessionOf(t, 22)
	for _, row := range []struct {
		query string
		want  int
	}{
		{"", 20}, {"category:validation", 2}, {"category:validation,type_mismatch", 4}, {"status:429", 2},
		{"status:5xx", 6}, {"code:VALIDATION_ERROR", 2}, {"code:*_error", 4}, {"!status:5xx", 14}, {"item-001", 1},
		{"id:item-001,item-002", 2}, {`"re:^no 1$"`, 1}, {"state:ok", 2}, {"state:unknown", 2}, {`"no 1"`, 10}, {"nothing", 0},
	} {
		q, err := ParseQuery(row.query)
		if err != nil {
			t.Fatal(err)
		}
		got := s.Select(q)
		if len(got) != row.want {
			t.Errorf("%q selects %d items, want %d: %v", row.query, len(got), row.want, got)
		}
	}
	for _, bad := range []string{"category:nope", "state:missing", "status:abc", "re:("} {
		if _, err := ParseQuery(bad); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

// TestMain sees to it that nothing was ever written to what all untouched items
// share.
func TestMain(m *testing.M) {
	code := m.Run()
	if !reflect.DeepEqual(untouched, touched{}) {
		println("an untouched item was written to")
		code = 1
	}
	os.Exit(code)
}
