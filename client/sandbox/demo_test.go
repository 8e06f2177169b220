package sandbox

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
)

// demoServer gives the server of a demo with a clock that stands still until
// it is moved, and the answer to the first call.
func demoServer(t *testing.T, d Demo) (s *Server, now *time.Time, first answer) {
	t.Helper()
	clock := time.Unix(1_800_000_000, 0)
	d.Options.Now = func() time.Time { return clock }
	s = open(t, d.Options)
	w := call(t, s, "POST", "/batch", string(d.Request))
	equal(t, "status", w.Code, 207)
	return s, &clock, decode(t, w)
}

func TestDemoFailsAsItsScriptSays(t *testing.T) {
	want := map[string]int{
		codeValidation: 38, codePermission: 11, codeRate: 14, codeConflict: 6, codeExists: 3, codeDependency: 9,
		codeType: 8, codeSize: 4, codeIdempotency: 4, codeUpstream: 7, codeTimeout: 6,
	}
	for _, seed := range []uint64{0, 7, 1 << 60} {
		d := NewDemo(seed)
		s, _, a := demoServer(t, d)
		equal(t, "summary", a.Summary, struct{ Total, Succeeded, Failed int }{400, 290, 110})
		got, shapes := map[string]int{}, map[string]int{}
		for _, r := range a.Responses {
			var id, code string
			unmarshal(t, r.ID, &id)
			if r.Error != nil {
				code = r.Error.Code
				got[code]++
				shapes[code+" "+strings.SplitN(r.Error.Message, `"`, 2)[0]]++
			}
			if d.Codes[id] != code {
				t.Errorf("seed %d: %s fails with %q, the script says %q", seed, id, code, d.Codes[id])
			}
		}
		for code, n := range want {
			equal(t, code, got[code], n)
		}
		if len(shapes) > 14 {
			t.Errorf("%d message shapes: %v", len(shapes), shapes)
		}
		for _, id := range d.Landed {
			equal(t, id+" has landed", call(t, s, "GET", "/items/"+id, "").Code, 200)
		}
		equal(t, "effects", len(s.Effects().Items), 293)
	}
}

func TestDemoIsTheSameForASeed(t *testing.T) {
	a, b, c := NewDemo(5), NewDemo(5), NewDemo(6)
	equal(t, "request", bytes.Equal(a.Request, b.Request), true)
	x, err := json.Marshal(a.Options.ItemFaults)
	must(t, err)
	y, err := json.Marshal(b.Options.ItemFaults)
	must(t, err)
	equal(t, "faults", string(x), string(y))
	equal(t, "other seed", bytes.Equal(a.Request, c.Request), false)
	wide := slices.ContainsFunc([]rune(string(a.Request)), func(r rune) bool { return r >= 0x4e00 && r < 0xa000 })
	equal(t, "has CJK names", wide, true)
}

// repair does what the suggested fixes do.
func repair(t *testing.T, raw []byte, code string, newKey bool) []byte {
	t.Helper()
	var f map[string]any
	unmarshal(t, raw, &f)
	if s, ok := f["email"].(string); ok {
		raw = with(raw, "email", quote(strings.ToLower(strings.TrimSpace(s))))
	}
	if day, err := time.Parse("01/02/2006", text(f, "date")); err == nil {
		raw = with(raw, "date", quote(day.Format(time.DateOnly)))
	}
	if s, ok := f["age"].(string); ok {
		raw = with(raw, "age", []byte(s))
	}
	if _, ok := f["active"].(string); ok {
		raw = with(raw, "active", []byte("true"))
	}
	if code == codeSize {
		raw = with(raw, "bio", quote(text(f, "bio")[:500]))
	}
	if newKey {
		raw = with(raw, "idempotency_key", quote("fresh-"+text(f, "id")))
	}
	return raw
}

// A run that applies the suggested fixes and sends again, in the order of the
// batch, reaches everything but what the script calls hopeless.
func TestDemoCanBeRepaired(t *testing.T) {
	d := NewDemo(1)
	s, now, first := demoServer(t, d)
	items, _ := elements(lookup(d.Request, "items"))
	var todo []string
	for i, r := range first.Responses {
		if r.Error == nil {
			continue
		}
		var id string
		unmarshal(t, r.ID, &id)
		todo = append(todo, string(repair(t, items[i], r.Error.Code, slices.Contains(d.NewKey, id))))
	}
	body := `{"items":[` + strings.Join(todo, ",") + `]}`
	var last answer
	for i, want := range []int{207, 429, 0, 503, 207} { // calls 2 to 6
		*now = now.Add(10 * time.Second)
		got := 0
		aborted(func() {
			w := call(t, s, "POST", "/batch", body)
			got, last = w.Code, decode(t, w)
		})
		if got != want {
			t.Errorf("call %d: got %d, want %d", i+2, got, want)
		}
	}
	left := map[string]string{}
	for _, r := range last.Responses {
		if r.Error != nil {
			var id string
			unmarshal(t, r.ID, &id)
			left[id] = r.Error.Code
		}
	}
	for _, h := range d.Hopeless {
		equal(t, h.ID+" is hopeless", left[h.ID], h.Code)
		delete(left, h.ID)
	}
	for _, id := range d.Placeholder {
		equal(t, id+" needs a placeholder", left[id], codeValidation)
		delete(left, id)
	}
	if len(left) > 0 {
		t.Errorf("left over: %v", left)
	}
	equal(t, "hopeless", len(d.Hopeless), 23)
	if dd := s.Effects().Doubled(); dd != nil {
		t.Errorf("applied twice: %v", dd)
	}
	for child, parent := range d.Parents {
		if child <= parent {
			t.Errorf("%s stands before its parent %s", child, parent)
		}
	}
}
