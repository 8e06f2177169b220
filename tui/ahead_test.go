package tui

import (
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"retriage/model"
	"retriage/triage"
)

// burst presses keys one straight after the other, before any work of theirs has
// an answer, and then lets all of it be answered.
func burst(m *Model, msgs ...tea.Msg) {
	var later []tea.Cmd
	for _, msg := range msgs {
		_, cmd := m.Update(msg)
		_, over := m.Update(guardMsg(m.guard.gen))
		later = append(later, cmd, over)
	}
	for _, cmd := range later {
		settle(m, cmd)
	}
}

// typed are the messages of text that is typed.
func typed(text string) (msgs []tea.Msg) {
	for _, r := range text {
		msgs = append(msgs, tea.KeyPressMsg{Code: r, Text: string(r)})
	}
	return msgs
}

// pricesOf opens the list of the items whose price is refused.
func pricesOf(t *testing.T, w *world) (m *Model, items []int) {
	t.Helper()
	m = openModel(w, 80, 24)
	push(m, "0")
	push(m, "/")
	for _, k := range typed("field:/price") {
		send(m, k)
	}
	push(m, "enter")
	push(m, "g")
	q, err := triage.ParseQuery("field:/price")
	if err != nil {
		t.Fatal(err)
	}
	w.cfg.Desk.Look(func(s *triage.Session) { items = s.Select(q) })
	return m, items
}

func bodyOf(t *testing.T, w *world, i int) string {
	t.Helper()
	_, p, _, err := w.cfg.Desk.Payload(i)
	if err != nil {
		t.Fatal(err)
	}
	return string(p.Body)
}

// TestKeysAheadOfAForm types, all at once, what opens a form, what goes into its
// field, what saves it, and what goes into the field of the next.
func TestKeysAheadOfAForm(t *testing.T) {
	w := newWorld(t, batch(t, 1204, 1204, orders))
	m, items := pricesOf(t, w)
	keys := slices.Concat([]tea.Msg{press("e"), press("ctrl+u")}, typed("71"), []tea.Msg{press("ctrl+n"), press("ctrl+u")}, typed("8"),
		[]tea.Msg{tea.PasteMsg{Content: "2"}, press("ctrl+s")})
	burst(m, keys...)
	for k, want := range []string{`"price":71,`, `"price":82,`} {
		if got := bodyOf(t, w, items[k]); !strings.Contains(got, want) {
			t.Errorf("item %d: %s is not in %s", items[k], want, got)
		}
	}
	if len(m.held) != 0 || m.typing() {
		t.Errorf("%d keys wait, typing: %v, said %q", len(m.held), m.typing(), m.said)
	}
}

// TestEscapeClosesAFormThatIsBeingOpened: a slow disk does not hold anybody.
func TestEscapeClosesAFormThatIsBeingOpened(t *testing.T) {
	w := newWorld(t, batch(t, 1204, 1204, orders))
	m, _ := pricesOf(t, w)
	before := len(m.stack)
	m.Update(press("e"))
	m.Update(guardMsg(m.guard.gen))
	if len(m.stack) != before+1 {
		t.Fatal("e opened nothing")
	}
	m.Update(press("esc"))
	if len(m.stack) != before || len(m.held) != 0 {
		t.Errorf("%d screens, %d keys wait", len(m.stack), len(m.held))
	}
}

// TestKeysAheadOfNoForm: what was typed for a form runs as no command when there
// is none, and that is told.
func TestKeysAheadOfNoForm(t *testing.T) {
	w := newWorld(t, batch(t, 1204, 1204, orders))
	m, items := pricesOf(t, w)
	last := items[len(items)-1]
	push(m, "G")
	push(m, "e")
	events := len(w.log.all())
	burst(m, slices.Concat([]tea.Msg{press("ctrl+u"), press("5"), press("ctrl+n")}, typed("a-"))...)
	if got := bodyOf(t, w, last); !strings.Contains(got, `"price":5,`) {
		t.Fatalf("the last one was not saved: %s", got)
	}
	w.cfg.Desk.Look(func(s *triage.Session) {
		if m.face.Selection.Len() != 0 || s.State(last) == model.LeftOut {
			t.Errorf("%d selected, the item is %v", m.face.Selection.Len(), s.State(last))
		}
	})
	if n := len(w.log.all()) - events; n != 1 || !strings.Contains(m.said, "2 keys typed ahead of the form") {
		t.Errorf("%d events, said %q", n, m.said)
	}
}
