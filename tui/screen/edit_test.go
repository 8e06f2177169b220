package screen

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"retriage/model"
	"retriage/triage"
	"retriage/tui/keys"
)

const orderBody = `{"sku":"A-1042","price":-1,"qty":3,"customer":{"email":" Ana@Example.COM ","名":"名前が長い商品"},"note":null,"paid":false}`

func orders(n int) []benchItem {
	var items []benchItem
	for k := range n {
		items = append(items, benchItem{
			id: fmt.Sprintf("%05d", 412+k), body: orderBody, state: model.Failed, headers: map[string]string{"If-Match": `"v1"`, "Authorization": "Bearer tok-123"},
			fail: fails(422, "INVALID_PRICE", "/price", "must be greater than 0"),
		})
	}
	return items
}

func body(t *testing.T, b *bench, i int) string {
	t.Helper()
	_, p, _, err := b.desk.Payload(i)
	if err != nil {
		t.Fatal(err)
	}
	return string(p.Body)
}

func TestEditorChangesOneField(t *testing.T) {
	b := newBench(t, orders(3)...).open(NewEdit(0, []int{0, 1, 2}))
	b.shows("EDIT 00412", "nothing is sent from here", "422 INVALID_PRICE at /price: must be greater than 0", "← must be greater than 0", "no field changed")
	b.press("backspace", "backspace", `"19.90"`)
	b.shows("19.90", "was -1", "ok: number", "1 field changed", "Idempotency key")
	b.press("ctrl+s")
	if want := strings.Replace(orderBody, `"price":-1`, `"price":19.90`, 1); body(t, b, 0) != want {
		t.Errorf("body is %s", body(t, b, 0))
	}
	if len(b.events) != 1 || b.events[0].Type != model.EvEdit || len(b.events[0].Edit.Items) != 1 || len(b.events[0].Edit.Items[0].Changes) != 1 {
		t.Errorf("events: %+v", b.events)
	}
	if len(b.stack) != 0 || !strings.Contains(b.said, "Saved 1 field of 00412. Nothing was sent.") {
		t.Errorf("not closed, or said %q", b.said)
	}
}

func TestEditorTellsWhileTypingAndBlocksSaving(t *testing.T) {
	b := newBench(t, orders(1)...).open(NewEdit(0, nil))
	b.press(`"x"`)
	b.shows("price needs a number")
	b.press("tab", "tab", "ctrl+s")
	if len(b.events) != 0 || !strings.HasPrefix(b.said, "Not saved: price needs") {
		t.Errorf("saved, or said %q", b.said)
	}
	b.press("backspace", "backspace", "backspace", `"7"`, "ctrl+s")
	if got := body(t, b, 0); !strings.Contains(got, `"price":7,`) {
		t.Errorf("the field in the way did not get the focus: %s", got)
	}
}

func TestFastKeysLandInTheirFields(t *testing.T) {
	for range 40 {
		b := newBench(t, orders(1)...).open(NewEdit(0, nil))
		// The order of the form: price, the one that failed, then the body's own.
		b.press("ctrl+r", "backspace", "backspace", `"5"`, "tab", `"-X"`, "enter", "backspace", `"9"`, "shift+tab", `"Y"`, "down", "down", "end", `"z"`, "ctrl+s")
		got := body(t, b, 0)
		for _, want := range []string{`"price":5`, `"sku":"A-1042-XY"`, `"qty":9`, `COM z"`} {
			if !strings.Contains(got, want) {
				t.Fatalf("%s is not in %s", want, got)
			}
		}
	}
}

func TestDraftIsKept(t *testing.T) {
	b := newBench(t, orders(2)...).open(NewEdit(0, nil))
	b.press(`"000"`, "esc")
	if len(b.stack) != 0 || len(b.events) != 1 || b.events[0].Type != model.EvDraft {
		t.Fatalf("esc did not only close and keep the draft: %+v", b.events)
	}
	if got := body(t, b, 0); got != orderBody {
		t.Errorf("a draft changed the item: %s", got)
	}
	b.open(NewList()).shows("draft, not saved", "1 with a draft")
	b.open(NewPlan(b.profile, nil)).shows("1 item with a draft: what was typed and not saved is not sent")
	b.face = NewFace() // another sitting
	b.open(NewEdit(0, nil))
	b.shows("-1000", "draft: 1 field changed, not saved")
	b.press("esc")
	if len(b.events) != 1 {
		t.Error("a draft that was only looked at was written again")
	}
	b.open(NewEdit(0, nil)).press("ctrl+r")
	b.shows("no field changed")
	b.press("esc")
	b.open(NewEdit(0, nil)).shows("no field changed")
	b.press(`"7"`, "esc").open(NewEdit(0, nil)).press("ctrl+s")
	b.desk.Look(func(s *triage.Session) {
		if s.FormDraft(0) != nil {
			t.Error("a draft that was saved is still there")
		}
	})
}

func TestADraftKeepsAValueThatWasTypedAnew(t *testing.T) {
	b := newBench(t, aged()).open(NewEdit(0, nil))
	b.press("backspace", `"2"`, "esc")
	b.open(NewEdit(0, nil)).shows("ok: whole number", "draft: 1 field changed")
	b.press("ctrl+s")
	if got := body(t, b, 0); got != `{"name":"Ada","age":62,"paid":false}` {
		t.Errorf("body %s", got)
	}
}

func TestSaveAndNextGoesThroughTheGroup(t *testing.T) {
	b := newBench(t, orders(3)...).open(NewEdit(0, []int{0, 1, 2}))
	b.shows("Save, next of 3")
	b.press("backspace", "backspace", `"1"`, "ctrl+n")
	b.shows("EDIT 00413")
	b.press("backspace", "backspace", `"2"`, "ctrl+n")
	b.shows("EDIT 00414")
	b.press("backspace", "backspace", `"3"`, "ctrl+n")
	if len(b.stack) != 0 || b.said != "Saved. That was the last one of 3." {
		t.Errorf("open, or said %q", b.said)
	}
	b.desk.Look(func(s *triage.Session) {
		if left := s.DraftItems(); len(left) != 0 {
			t.Errorf("drafts left: %v", left)
		}
	})
	for i, want := range []string{`"price":1,`, `"price":2,`, `"price":3,`} {
		if got := body(t, b, i); !strings.Contains(got, want) {
			t.Errorf("item %d: %s", i, got)
		}
	}
}

func TestFailedWriteKeepsTheForm(t *testing.T) {
	b := newBench(t, orders(1)...).open(NewEdit(0, nil))
	b.log.fails = errors.New("disk full")
	b.press(`"0"`, "ctrl+s")
	b.shows("-10", "1 field changed")
	b.log.fails = nil
	b.press("ctrl+s")
	if len(b.stack) != 0 || !strings.Contains(body(t, b, 0), "-10,") {
		t.Error("the second try did not save")
	}
}

func TestEditorFoldsURLAndHeaders(t *testing.T) {
	b := newBench(t, orders(1)...).open(NewEdit(0, nil))
	b.shows("+ url and 2 headers")
	for range 7 {
		b.press("tab")
	}
	b.press("enter")
	b.shows("/v2/orders", "If-Match", "locked: a credential")
	if strings.Contains(b.screen(), "tok-123") {
		t.Error("a credential is on the screen")
	}
	b.press("tab", "tab", "backspace", "backspace", `"2"`, `"""`, "ctrl+s")
	ev := b.events[0].Edit.Items[0].Changes[0]
	if ev.Part != model.Header || ev.Pointer != "If-Match" || ev.New.Wire() != `"v2"` {
		t.Errorf("change: %+v", ev)
	}
}

func TestUntouchedFieldsAreNeverChanged(t *testing.T) {
	hostile := `{"esc":"\u001b[2J\u202etxt","tab":"a\tb","lines":"a\nb\nc","wide":"👩‍🚀","raw":"` + "\u202e" + `","big":"` + strings.Repeat("x", 30_000) +
		`","num":1.10,"exp":1e400,"price":-1}`
	items := orders(1)
	items[0].body = hostile
	b := newBench(t, items...).open(NewEdit(0, nil))
	for range 14 {
		b.press("tab")
	}
	if n := len(b.top().(*Edit).changedRows()); n != 0 {
		t.Errorf("%d rows changed by walking over them", n)
	}
	if s := b.screen(); strings.ContainsAny(s, "\x1b\u202e") {
		t.Error("a control character is on the screen")
	}
	b.shows("locked: too long for a form")
	b.press("ctrl+s")
	if !strings.Contains(b.said, "Nothing to save") {
		t.Errorf("said %q", b.said)
	}
}

func TestSuggestionFillsTheForm(t *testing.T) {
	items := orders(1)
	items[0].fail = fails(422, "INVALID_EMAIL", "/customer/email", "is not a valid e-mail address")
	b := newBench(t, items...).open(NewEdit(0, nil))
	b.shows("Trim and lower-case the e-mail address")
	b.press("ctrl+f")
	b.shows("ana@example.com")
	if len(b.events) != 0 {
		t.Error("the suggestion was saved by itself")
	}
	b.press("ctrl+s")
	if !strings.Contains(body(t, b, 0), `"email":"ana@example.com"`) {
		t.Errorf("body %s", body(t, b, 0))
	}
}

func TestMissingFieldCanBeAdded(t *testing.T) {
	items := orders(1)
	items[0].fail = fails(422, "REQUIRED", "/currency", "is required")
	b := newBench(t, items...).open(NewEdit(0, nil))
	b.shows("currency", "not there", "← is required")
	b.press(`"EUR"`, "ctrl+s")
	if !strings.Contains(body(t, b, 0), `"currency":"EUR"`) {
		t.Errorf("body %s", body(t, b, 0))
	}
}

func TestEditorSaysWhyThereIsNoForm(t *testing.T) {
	items := orders(1)
	items[0].unknown = true
	b := newBench(t, items...).open(NewEdit(0, nil))
	if len(b.stack) != 0 || !strings.Contains(b.said, "its request is not known") || !strings.Contains(b.said, "--request FILE") {
		t.Errorf("%d screens, said %q", len(b.stack), b.said)
	}
}

func TestEditorFitsEverySize(t *testing.T) {
	b := newBench(t, orders(3)...).open(NewEdit(0, []int{0, 1, 2}))
	b.press(`"5"`)
	for b.width = 40; b.width <= 130; b.width++ {
		for _, b.height = range []int{7, 9, 21, 37} {
			b.refresh()
			b.picture()
		}
	}
}

func TestFieldOfSeveralLines(t *testing.T) {
	items := orders(1)
	items[0].body = `{"price":-1,"note":"one\ntwo"}`
	b := newBench(t, items...).open(NewEdit(0, nil))
	b.press("tab")
	b.shows("one", "two")
	b.press(`"!"`, "ctrl+j", `"three"`, "up", "up", "end", `"?"`, "enter", "shift+tab", `"."`, "ctrl+s")
	if got := body(t, b, 0); got != `{"price":-1,"note":"one?.\ntwo!\nthree"}` {
		t.Errorf("body %s", got)
	}
}

func TestNothingOutsideIsAskedByAKey(t *testing.T) {
	t.Setenv("EDITOR", "/nonexistent/editor-of-the-test")
	items := orders(1)
	items[0].body = `{"price":-1,"note":"one\ntwo"}`
	b := newBench(t, items...).open(NewEdit(0, nil))
	b.press("tab", "ctrl+e", "ctrl+v")
	if !strings.Contains(b.said, "Paste with your terminal's own key") || len(b.top().(*Edit).changedRows()) != 0 {
		t.Errorf("said %q", b.said)
	}
}

// aged is an item whose age is text and must be a whole number.
func aged() benchItem {
	return benchItem{id: "00412", body: `{"name":"Ada","age":"62","paid":false}`, state: model.Failed,
		fail: fails(422, "TYPE_MISMATCH", "/age", "must be integer, got string")}
}

func TestAWrongTypeIsRepairedByTypingTheValueAnew(t *testing.T) {
	b := newBench(t, aged()).open(NewEdit(0, nil))
	b.shows("← whole number wanted; type it anew", "no field changed")
	b.press(`"x"`)
	b.shows("age needs a whole number; =\"62x\" sends text")
	b.press("ctrl+s")
	if len(b.events) != 0 || !strings.HasPrefix(b.said, "Not saved: age needs a whole number") {
		t.Errorf("saved, or said %q", b.said)
	}
	b.press("backspace").shows("ok: whole number", "1 field changed")
	b.press("ctrl+s")
	if got := body(t, b, 0); got != `{"name":"Ada","age":62,"paid":false}` {
		t.Errorf("body %s", got)
	}
}

func TestAWrongTypeThatNobodyTouchedStaysAsItIs(t *testing.T) {
	b := newBench(t, aged()).open(NewEdit(0, nil))
	b.press("tab", `" L"`, "ctrl+s")
	if got := body(t, b, 0); got != `{"name":"Ada L","age":"62","paid":false}` {
		t.Errorf("body %s", got)
	}
}

func TestTheFixFitsTheDraftAgainOnceItIsPutBack(t *testing.T) {
	b := newBench(t, aged()).open(NewEdit(0, nil))
	b.press("ctrl+u", `"=1"`, "ctrl+s")
	b.open(NewEdit(0, nil))
	if b.state().Off[keys.EditPut] == "" {
		t.Fatal("a fix fits a value that is right")
	}
	b.press("ctrl+r").shows("← must be integer, got string")
	b.press("ctrl+f", "ctrl+s")
	if got := body(t, b, 0); got != `{"name":"Ada","age":62,"paid":false}` {
		t.Errorf("body %s", got)
	}
}

func TestAFieldThatIsPutBackIsWrongAgain(t *testing.T) {
	b := newBench(t, aged()).open(NewEdit(0, nil))
	b.press("backspace", "ctrl+s").open(NewEdit(0, nil))
	b.press("ctrl+r")
	b.shows("x age", "← must be integer, got string", "1 field changed")
	b.press("ctrl+s")
	if c := b.states(); c.Of(model.Failed) != 1 || c.Of(model.Edited) != 0 {
		t.Errorf("states %v", c.By)
	}
}

// With every value as it was first there is no other body, so no other key.
func TestTheKeyStaysWhenAllIsAsItWasFirst(t *testing.T) {
	b := newBench(t, orders(1)...).open(NewEdit(0, nil))
	b.press(`"9"`)
	b.shows("Idempotency key   new, because the body changed")
	b.press("ctrl+s").open(NewEdit(0, nil)).press("ctrl+r")
	b.shows("1 field changed")
	if strings.Contains(b.screen(), "Idempotency key") {
		t.Error("a new key is told for the body that was sent first")
	}
}
