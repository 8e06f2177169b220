package screen

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"retriage/model"
)

// mixed is a batch of every kind: limit and server can go as they are, the rest
// wants something first.
func mixed() []benchItem {
	var items []benchItem
	add := func(n int, state model.State, f *model.Failure) {
		for range n {
			items = append(items, benchItem{id: fmt.Sprintf("%05d", len(items)+7), body: `{"price":1}`, state: state, fail: f})
		}
	}
	limit := fails(429, "RATE_LIMITED", "", "Too many requests")
	limit.RetryAfter = 8 * time.Second
	add(20, model.OK, nil)
	add(41, model.Failed, limit)
	add(50, model.Failed, fails(422, "INVALID_PRICE", "/price", "must be greater than 0"))
	add(3, model.Unknown, fails(0, "", "", "no answer came"))
	add(2, model.Failed, fails(403, "FORBIDDEN", "", "not allowed"))
	return items
}

func sent(b *bench) bool { return slices.Contains(b.runner.calls, "run") }

func TestPlanTellsWhatItWouldDo(t *testing.T) {
	b := newBench(t, mixed()...)
	b.width, b.height = 100, 37
	b.open(NewPlan(b.profile, nil))
	b.shows("RETRY PLAN", "NOTHING HAS BEEN SENT", "PROD", "41 of 96 open to POST api.example.com/v2/orders:batch, as user ops-bot",
		"41 Rate limit", "LEAVE OUT  55", "50 not edited; the same payload would fail again", "3 unknown: verify first",
		"2 needs access first", "STEPS      1, then 5, then 20, then 15. Pauses and asks if more than 20% of a step fail.",
		"4 requests of at most 100 items", "at most 10/s, 4 at once", "up to 5 each", "an idempotency key on every item",
		"breaker opens at 5 of the last 10 requests failed", "about 10 s, plus waits the server asks for", "PROD: type 41, then Enter, to send")
}

func TestAPlanPromisesNoLookUpWhereThereIsNoRead(t *testing.T) {
	b := newBench(t, mixed()...)
	b.width, b.height = 100, 37
	b.profile.KeyScope, b.profile.ItemURL = model.NoKey, ""
	b.open(NewPlan(b.profile, nil))
	b.shows("no idempotency key, no read: what gets no answer stays unknown, not sent again", "READ BACK  not possible")
	if strings.Contains(b.screen(), "is looked up") {
		t.Error("a look-up is promised")
	}
}

func TestEnterNeverSends(t *testing.T) {
	b := newBench(t, mixed()...).open(NewPlan(newBench(t).profile, nil))
	for range 12 {
		b.press("enter")
		if sent(b) {
			t.Fatal("Enter has sent")
		}
	}
	b.profile.Prod = false
	b.open(NewPlan(b.profile, nil))
	if b.press("enter", "enter", "enter"); sent(b) {
		t.Fatal("Enter has sent")
	}
}

func TestCountIsTypedExactly(t *testing.T) {
	for name, c := range map[string]struct {
		keys []string
		runs bool
	}{
		"the count":            {[]string{"y", `"41"`, "enter"}, true},
		"digits open it":       {[]string{`"41"`, "enter"}, true},
		"one less":             {[]string{`"40"`, "enter"}, false},
		"one digit more":       {[]string{`"411"`, "enter"}, false},
		"nothing":              {[]string{"y", "enter"}, false},
		"esc":                  {[]string{`"41"`, "esc"}, false},
		"yes is no count":      {[]string{"y", "y", "enter"}, false},
		"right at second time": {[]string{`"40"`, "enter", `"41"`, "enter"}, true},
	} {
		b := newBench(t, mixed()...).open(NewPlan(newBench(t).profile, nil))
		b.press(c.keys...)
		if sent(b) != c.runs {
			t.Errorf("%s: sent = %v, said %q", name, sent(b), b.said)
		}
		if c.runs && len(b.runner.plan.Items) != 41 {
			t.Errorf("%s: plan of %d items", name, len(b.runner.plan.Items))
		}
	}
}

func TestWhenTheCountIsAsked(t *testing.T) {
	few := func(b *bench) []int { return upTo(3) }
	for name, c := range map[string]struct {
		set   func(*model.Profile)
		items []int
		typed string // "" = y is enough
	}{
		"small, keys, no prod": {func(p *model.Profile) { p.Prod = false }, few(nil), ""},
		"prod under ten":       {func(*model.Profile) {}, few(nil), "send 3"},
		"no key":               {func(p *model.Profile) { p.Prod, p.KeyScope = false, model.NoKey }, few(nil), "send 3"},
		"over a hundred":       {func(p *model.Profile) { p.Prod = false }, nil, "150"},
	} {
		items := make([]benchItem, 150)
		for k := range items {
			items[k] = benchItem{id: fmt.Sprint(k), body: "{}", state: model.Failed, fail: fails(503, "", "", "later")}
		}
		items[0].fail.Status = 429
		for k := range items {
			items[k].fail = fails(429, "", "", "slow down")
		}
		b := newBench(t, items...)
		c.set(&b.profile)
		b.open(NewPlan(b.profile, c.items))
		b.press("y")
		if (b.dialog != nil) != (c.typed != "") {
			t.Errorf("%s: asked = %v", name, b.dialog != nil)
		}
		if c.typed == "" {
			if !sent(b) {
				t.Errorf("%s: y did not send, said %q", name, b.said)
			}
			continue
		}
		if !strings.Contains(b.dialog.Dialog.Title, "type "+c.typed+",") {
			t.Errorf("%s: asks %q", name, b.dialog.Dialog.Title)
		}
		if b.press(`"3"`, "enter"); sent(b) {
			t.Errorf("%s: a stray digit has sent", name)
		}
		if b.press("y", `"`+c.typed+`"`, "enter"); !sent(b) {
			t.Errorf("%s: %q did not send", name, c.typed)
		}
	}
}

func TestPlanCanBeChanged(t *testing.T) {
	b := newBench(t, mixed()...)
	b.width, b.height = 100, 37
	b.open(NewPlan(b.profile, nil))
	b.press("i").shows("93 of 96 open")
	b.press("i").shows("41 of 96 open")
	b.press("s").shows("STEPS      all at once", "1 request of")
	b.press("s", "<").shows("at most 5/s")
	b.press("v").shows("no; V does it later")
	b.press(`"41"`, "enter")
	if p := b.runner.plan; p.Settings.Rate != 5 || p.Verify || len(p.Settings.Steps) != 3 {
		t.Errorf("plan: %+v", p)
	}
	if _, live := b.top().(*Live); !live {
		t.Errorf("the plan did not lead to the run but to %T", b.top())
	}
}

func TestLeftOutIsListed(t *testing.T) {
	b := newBench(t, mixed()...).open(NewPlan(newBench(t).profile, nil))
	b.press("l")
	b.shows("LEFT OUT OF THE PLAN", "50 items: not edited; the same payload would fail again", "00068   Validation   must be greater than 0")
	b.press("esc").shows("RETRY PLAN")
	b.press("esc")
	if len(b.stack) != 0 || b.said != "Nothing was sent." || sent(b) {
		t.Errorf("said %q", b.said)
	}
}

func TestEmptyPlanAndNoRequest(t *testing.T) {
	items := mixed()[61:111]
	b := newBench(t, items...).open(NewPlan(newBench(t).profile, nil))
	b.shows("0 of 50 open", "There is nothing to send.")
	if b.press("y"); !strings.Contains(b.said, "the plan is empty") {
		t.Errorf("said %q", b.said)
	}
	items = mixed()[20:30]
	for k := range items {
		items[k].unknown = true
	}
	b = newBench(t, items...).open(NewPlan(b.profile, nil))
	b.shows("10 request not known; open it again with --request FILE")
}

func TestRefusedPlanSaysSo(t *testing.T) {
	b := newBench(t, mixed()...).open(NewPlan(newBench(t).profile, nil))
	b.runner.err = errors.New("boom of the test")
	b.press(`"41"`, "enter")
	if !strings.Contains(b.said, "boom") {
		t.Errorf("said %q", b.said)
	}
}

func TestPlanFitsEverySize(t *testing.T) {
	b := newBench(t, mixed()...).open(NewPlan(newBench(t).profile, nil))
	for b.width = 40; b.width <= 130; b.width += 3 {
		for _, b.height = range []int{7, 9, 21, 37} {
			b.refresh()
			b.picture()
		}
	}
}

func TestWhatMayDoubleIsTakenInByAWord(t *testing.T) {
	items := []benchItem{
		{id: "1", body: "{}", state: model.Failed, fail: fails(500, "", "", "broken")},
		{id: "2", body: "{}", state: model.Failed, fail: fails(429, "", "", "slow down")},
		{id: "3", body: "{}", state: model.Unknown, fail: fails(0, "", "", "no answer came")},
	}
	b := newBench(t, items...)
	b.profile.ItemURL, b.profile.KeyScope = "", model.NoKey
	b.width, b.height = 100, 37
	b.open(NewPlan(b.profile, nil)).shows("1 of 3 open", "1 may have been applied, and this API offers no read")
	if b.press("d", `"yes"`, "enter"); !strings.Contains(b.said, "stay left out") {
		t.Errorf("said %q", b.said)
	}
	b.shows("1 of 3 open")
	b.press("d", `"may double"`, "enter")
	b.shows("3 of 3 open", "2 items may be done twice, and not looked up: your decision", "2 items may be done twice: type send 3")
	if b.press("y", `"send 3"`, "enter"); !sent(b) || len(b.runner.plan.MayDouble) != 2 {
		t.Errorf("plan %+v, said %q", b.runner.plan, b.said)
	}
	b.open(NewPlan(b.profile, nil)).press("d", `"may double"`, "enter").press("d").shows("1 of 3 open")
}
