package screen

import (
	"fmt"
	"strings"
	"testing"

	"retriage/model"
)

// mails are items whose address is wrong: n that trimming repairs, then m that
// it does not.
func mails(n, m int) []benchItem {
	var items []benchItem
	for k := range n + m {
		mail := fmt.Sprintf(" User%d@Example.COM ", k)
		if k >= n {
			mail = "nobody at home"
		}
		items = append(items, benchItem{
			id: fmt.Sprintf("%05d", 412+k), body: fmt.Sprintf(`{"email":%q,"price":1.10}`, mail), state: model.Failed,
			fail: fails(422, "INVALID_EMAIL", "/email", "is not a valid e-mail address"),
		})
	}
	return items
}

func upTo(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func TestBulkFixIsOneStep(t *testing.T) {
	b := newBench(t, mails(36, 2)...).open(NewFix(upTo(38)))
	b.shows("BULK FIX   38 items", "nothing is sent from here", "Trim and lower-case the e-mail address", "fits 36 of 38",
		"38 items:  36 change   2 stay the same", "Apply changes 36 items on this machine. u undoes all 36 at once.")
	b.press("a")
	if len(b.events) != 1 || b.events[0].Type != model.EvRule || b.events[0].Edit.How != "email-trim" || len(b.events[0].Edit.Items) != 36 {
		t.Fatalf("events %+v", b.events)
	}
	if len(b.stack) != 0 || !strings.HasPrefix(b.said, "36 items changed on this machine.") {
		t.Errorf("not closed, or said %q", b.said)
	}
	if got := body(t, b, 3); got != `{"email":"user3@example.com","price":1.10}` {
		t.Errorf("body %s", got)
	}
	if err := b.desk.Commit(t.Context(), model.Event{Type: model.EvUndo, Ref: 1}); err != nil {
		t.Fatal(err)
	}
	if got := body(t, b, 3); !strings.Contains(got, " User3@Example.COM ") {
		t.Errorf("undo left %s", got)
	}
}

func TestProblemsComeFirstAndWhatStaysLast(t *testing.T) {
	items := mails(4, 2)
	items[3].unknown = true
	b := newBench(t, items...).open(NewFix(upTo(6)))
	lines := b.picture().Lines
	at := func(id string) int {
		for k, l := range lines {
			if strings.Contains(l, id) {
				return k
			}
		}
		t.Fatalf("no %s on the screen", id)
		return 0
	}
	if at("00415") > at("00412") || at("00412") > at("00416") {
		t.Errorf("not the problem, the changes, the rest:\n%s", strings.Join(lines, "\n"))
	}
	b.shows("1 wants a look", "stays as it is: its request is not known", "stays as it is: this fix does not fit")
	b.press("f")
	if s := b.screen(); strings.Contains(s, "00412") || !strings.Contains(s, "row 1 of 1") {
		t.Errorf("not only the problems:\n%s", s)
	}
	b.press("f", "j", "d")
	b.shows("FIX 00412", `-   "email": " User0@Example.COM "`, `+   "email": "user0@example.com"`)
}

func TestNoProblemsToShow(t *testing.T) {
	b := newBench(t, mails(2, 1)...).open(NewFix(upTo(3)))
	if b.press("f"); !strings.HasPrefix(b.said, "No item here wants a look") {
		t.Errorf("said %q", b.said)
	}
}

func TestWhatWasFixedIsDoneAlready(t *testing.T) {
	b := newBench(t, mails(3, 0)...).open(NewFix([]int{1}))
	b.press("a")
	b.open(NewFix(upTo(3))).shows("fits 2 of 3", "1 stays the same, 1 of them done already", "done already")
}

func TestItemsThatNeedNoEditSaySo(t *testing.T) {
	items := orders(2)
	for k := range items {
		items[k].fail = fails(429, "RATE_LIMITED", "", "too many requests")
	}
	b := newBench(t, items...).open(NewFix(upTo(2)))
	b.shows("These items need no edit: R sends them. Nothing was changed.")
}

func TestDoubtfulDatesAreSaid(t *testing.T) {
	items := orders(2)
	for k, day := range []string{"25/12/2026", "03/04/2026"} {
		items[k].body = `{"due_date":"` + day + `"}`
		items[k].fail = fails(422, "INVALID_DATE", "/due_date", "is not a valid ISO 8601 date")
	}
	b := newBench(t, items...)
	b.width = 120
	b.open(NewFix(upTo(2))).shows("month first; day and month could be swapped", "1 wants a look", "2026-03-04", "2026-12-25")
	b.width = 80
	b.refresh()
	b.shows("00413: month first; day and month could be swapped.")
}

func TestBeforeAndAfterShowTheDifference(t *testing.T) {
	long := strings.Repeat("x", 60)
	for name, c := range map[string]struct{ old, now, before, after string }{
		"short":                     {`"A@x"`, `"a@x"`, `"A@x"`, `"a@x"`},
		"blanks at ends":            {`" a "`, `"a"`, `"·a·"`, `"a"`},
		"a far one":                 {`"` + long + `cat"`, `"` + long + `dog"`, `…xxxxxxcat"`, `…xxxxxxdog"`},
		"a blank behind a long one": {`"Some.Long.Name@example.com "`, `"some.long.name@example.com"`, `"Some.Long.Name@…e.com·"`, `"some.long.name@…le.com"`},
		"a cut":                     {`"` + strings.Repeat("y", 859) + `"`, `"` + strings.Repeat("y", 500) + `"`, "859 characters", "859 → 500 characters"},
		"another type":              {`"42"`, `42`, `"42"`, `42`},
		"it was not there":          {``, `"a"`, "absent", `"a"`},
	} {
		before, after := beforeAfter(model.Change{Part: model.Body, Old: model.Foreign(c.old), New: model.Foreign(c.now)}, 24)
		if before != c.before || after != c.after {
			t.Errorf("%s: %q, %q, want %q, %q", name, before, after, c.before, c.after)
		}
	}
}

func TestMadeUpValuesAreAskedFor(t *testing.T) {
	b := newBench(t, mails(0, 3)...).open(NewFix(upTo(3)))
	b.shows("(made up)")
	b.press("a")
	if b.dialog == nil || len(b.events) != 0 {
		t.Fatal("made-up values were put in without a question")
	}
	b.press("n")
	if len(b.events) != 0 {
		t.Fatal("no is not no")
	}
	b.press("a", "y")
	if len(b.events) != 1 || b.events[0].Edit.How != "email-placeholder" {
		t.Errorf("events %+v", b.events)
	}
}

func TestThousandsOfItemsTellTheirProgress(t *testing.T) {
	b := newBench(t, mails(900, 100)...)
	f := NewFix(upTo(1000))
	b.stack = append(b.stack, f)
	var effects []Effect
	b.scene(func(sc *Scene) { effects = f.Refresh(sc) })
	rounds := 0
	for len(effects) > 0 {
		w := effects[0].(Work)
		answer := w.Do(t.Context(), Engine{Desk: b.desk})
		b.scene(func(sc *Scene) { effects = f.Apply(sc, w.Name, answer) })
		if rounds++; rounds == 2 {
			b.shows("Looking at the items: 400 of 1,000")
			if b.press("a"); !strings.Contains(b.said, "still looking") {
				t.Errorf("said %q", b.said)
			}
		}
	}
	b.shows("fits 900 of 1,000", "u undoes all 900 at once")
}

func TestNothingFits(t *testing.T) {
	items := orders(2)
	items[0].fail, items[1].fail = fails(403, "FORBIDDEN", "", "no"), fails(403, "FORBIDDEN", "", "no")
	b := newBench(t, items...).open(NewFix(upTo(2)))
	b.shows("No fix of ours fits these items. Nothing was changed.")
	if b.press("a"); !strings.Contains(b.said, "no fix of ours fits") {
		t.Errorf("said %q", b.said)
	}
}

func TestNothingCanBeFixedWithoutTheRequest(t *testing.T) {
	items := orders(2)
	items[0].unknown, items[1].unknown = true, true
	b := newBench(t, items...).open(NewFix(upTo(2)))
	b.shows("What was sent is not in this file", "--request FILE")
}

func TestFixFitsEverySize(t *testing.T) {
	b := newBench(t, mails(30, 5)...).open(NewFix(upTo(35)))
	for b.width = 40; b.width <= 130; b.width += 3 {
		for _, b.height = range []int{7, 9, 21, 37} {
			b.refresh()
			b.press("G").picture()
			b.press("g").picture()
		}
	}
}

func TestTheFixesOfASelectionAreAppliedOneAfterTheOther(t *testing.T) {
	items := append(mails(3, 0), benchItem{
		id: "00500", body: `{"qty":"42"}`, state: model.Failed, fail: fails(422, "TYPE_MISMATCH", "/qty", "must be integer, got string"),
	})
	b := newBench(t, items...).open(NewFix(upTo(4)))
	b.shows("Trim and lower-case the e-mail address", "fits 3 of 4")
	if b.press("u"); b.said != "off: nothing was applied here yet" {
		t.Errorf("said %q", b.said)
	}
	b.press("a")
	if len(b.stack) != 1 || len(b.events) != 1 {
		t.Fatalf("the other fix cannot be applied: %d screens, %d events", len(b.stack), len(b.events))
	}
	b.shows("▸", "Change the value to the type that the server asks for", "fits 1 of 4", "Apply changes 1 item")
	b.press("u")
	b.shows("fits 3 of 4", "Apply changes 3 items")
	b.press("ctrl+r")
	b.shows("fits 1 of 4", "Apply changes 1 item")
	b.press("u")
	b.shows("fits 3 of 4", "Apply changes 3 items")
	b.press("a", "a")
	if len(b.stack) != 0 {
		t.Errorf("nothing is left to fix, and the screen is open:\n%s", b.screen())
	}
	if got := body(t, b, 3); got != `{"qty":42}` {
		t.Errorf("body %s", got)
	}
}

// A fresh key is made once: until it was sent, one more would repair nothing.
func TestAFreshKeyIsMadeOnce(t *testing.T) {
	items := mails(0, 2)
	for k := range items {
		items[k].body, items[k].fail = `{"idempotency_key":"old","price":1}`, fails(409, "IDEMPOTENCY_KEY_REUSED", "", "the key was used for another payload")
	}
	b := newBench(t, items...).open(NewFix(upTo(2)))
	b.shows("fits 2 of 2")
	b.press("a")
	made := body(t, b, 0)
	if strings.Contains(made, "old") {
		t.Fatalf("no key was made: %s", made)
	}
	b.open(NewFix(upTo(2))).press("a")
	if got := body(t, b, 0); got != made || len(b.events) != 1 {
		t.Errorf("%d events, then %s", len(b.events), got)
	}
}
