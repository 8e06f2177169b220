package tui

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"retriage/model"
	"retriage/triage"
	"retriage/tui/keys"
)

// settle runs a command and everything that comes of it to its end, without a
// program around it. What waits for a timer is let go at once, what belongs to
// the terminal is dropped.
func settle(m *Model, cmd tea.Cmd) {
	for range 10_000 {
		if cmd == nil {
			return
		}
		msg := cmd()
		cmd = nil
		switch msg := msg.(type) {
		case nil, tea.QuitMsg:
		case tea.BatchMsg:
			for _, c := range msg {
				settle(m, c)
			}
		case answerMsg, committedMsg, overMsg, saidMsg, guardMsg:
			_, cmd = m.Update(msg)
		}
	}
}

// open makes a model of a size, without a program.
func openModel(w *world, width, height int) *Model {
	m := New(w.cfg)
	settle(m, m.refresh())
	send(m, tea.WindowSizeMsg{Width: width, Height: height})
	return m
}

func send(m *Model, msg tea.Msg) {
	_, cmd := m.Update(msg)
	settle(m, cmd)
}

func press(name string) tea.KeyPressMsg {
	return tea.KeyPressMsg(keyOf(name))
}

// push presses a key and lets the paste guard's window pass.
func push(m *Model, name string) {
	typing := m.typing()
	_, cmd := m.Update(press(name))
	if typing {
		settle(m, cmd) // else it is the guard's timer alone
	}
	send(m, guardMsg(m.guard.gen))
}

func TestQuestionTakesNoKeyAtFirst(t *testing.T) {
	w := newWorld(t, batch(t, 1204, 1204, orders))
	edit := &model.EditEvent{How: "form", Items: []model.ItemEdit{{Index: 7, Changes: []model.Change{
		{Part: model.Body, Pointer: "/price", Old: model.Foreign("-7"), New: model.Foreign("7")}}}}}
	if err := w.cfg.Desk.Commit(t.Context(), model.Event{Type: model.EvEdit, Edit: edit}); err != nil {
		t.Fatal(err)
	}
	w.clock.stop()
	m := openModel(w, 80, 24)
	push(m, "0")
	w.clock.pass(time.Second)
	push(m, "D")
	if m.dialog == nil {
		t.Fatal("D asked nothing")
	}
	w.clock.pass(100 * time.Millisecond)
	push(m, "y")
	if m.dialog == nil {
		t.Fatal("a y on its way before the question answered it")
	}
	w.clock.pass(200 * time.Millisecond)
	push(m, "y")
	if m.dialog != nil || m.said != "Dropped 1 edit; ctrl+r brings them back." {
		t.Fatalf("y said %q", m.said)
	}
}

func TestStaleAnswerIsDropped(t *testing.T) {
	w := newWorld(t, batch(t, 1204, 1204, orders))
	m := openModel(w, 120, 40)
	push(m, "0")
	_, first := m.Update(press("]"))
	send(m, guardMsg(m.guard.gen))
	before := m.frame()
	settle(m, first) // whatever was asked before the newer question
	for y, line := range m.frame() {
		if line != before[y] {
			t.Fatalf("line %d changed by an old answer:\n%s\n%s", y, before[y], line)
		}
	}
}

// every key name that the table knows, and some that it does not.
func allKeys(tab keys.Table) []string {
	seen := map[string]bool{"q": true, "ctrl+c": true, "ctrl+z": true}
	var out []string
	for _, sec := range tab {
		for _, b := range sec.Rows {
			for _, k := range b.Keys {
				if _, named := keyNames[k]; (named || len([]rune(k)) == 1 || len(k) == 6) && !seen[k] {
					seen[k] = true
					out = append(out, k)
				}
			}
		}
	}
	out = append(out, "z", "Z", "ß", "名", "tab")
	for range 8 { // the way out of fields, so that a storm does not end in one
		out = append(out, "esc", "0")
	}
	return out
}

// TestKeyStorm presses random keys at random sizes: every frame fills its screen
// to the cell, nothing panics, nothing is sent to production by chance, and read
// only means read only.
func TestKeyStorm(t *testing.T) {
	for _, c := range []struct {
		name     string
		readOnly bool
		burst    bool // all keys at one moment
		set      func(*Config)
	}{
		{name: "dark"},
		{name: "ascii", set: func(c *Config) { c.ASCII = true }},
		{name: "mono", set: func(c *Config) { c.Theme = "mono" }},
		{name: "burst", burst: true},
		{name: "read only", readOnly: true},
		{name: "no target", set: func(c *Config) { c.Runner, c.NoTarget = nil, "no target is set" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, batch(t, 1204, 1204, orders))
			w.clock.step = 50 * time.Millisecond
			sent := &counting{}
			w.cfg.Runner = sent
			if c.readOnly {
				w.cfg.ReadOnly = "opened read only"
			}
			if c.set != nil {
				c.set(&w.cfg)
			}
			events := len(w.log.all())
			storm(t, w, c.burst)
			if sent.runs.Load() > 0 {
				t.Errorf("%d runs were started by chance", sent.runs.Load())
			}
			if wrote := len(w.log.all()) - events; c.readOnly && (wrote > 0 || sent.reads.Load() > 0) {
				t.Errorf("read only: %d events were written, %d verifications started", wrote, sent.reads.Load())
			}
		})
	}
}

func storm(t *testing.T, w *world, burst bool) {
	t.Helper()
	rng := rand.New(rand.NewPCG(7, uint64(len(t.Name()))))
	m := openModel(w, 80, 24)
	names := allKeys(m.table)
	if burst {
		w.clock.stop()
	}
	for n := range 800 {
		if n%9 == 0 {
			send(m, tea.WindowSizeMsg{Width: 30 + rng.IntN(110), Height: 6 + rng.IntN(40)})
		}
		k := names[rng.IntN(len(names))]
		if burst && n%20 != 0 {
			_, cmd := m.Update(press(k))
			_ = cmd // the guard's timer
		} else {
			push(m, k)
		}
		exact(t, m)
	}
	if !burst && m.guard.dropped > 0 {
		t.Errorf("keys of a person were taken for a paste: %d", m.guard.dropped)
	}
}

// TestKeysAheadOfTheRows types faster than rows are found: nothing is refused,
// and nothing acts on the rows of before.
func TestKeysAheadOfTheRows(t *testing.T) {
	w := newWorld(t, batch(t, 1204, 1204, orders))
	m := openModel(w, 80, 24)
	var second int
	w.cfg.Desk.Look(func(s *triage.Session) { second = s.Items(triage.AllTab)[1] })
	var later []tea.Cmd
	for _, name := range []string{"0", "j", "space"} {
		_, cmd := m.Update(press(name))
		later = append(later, cmd)
		_, cmd = m.Update(guardMsg(m.guard.gen))
		later = append(later, cmd)
	}
	if len(m.held) != 2 || m.face.Selection.Len() != 0 {
		t.Fatalf("%d keys wait, %d items selected before there are rows", len(m.held), m.face.Selection.Len())
	}
	for _, cmd := range later[1:] {
		settle(m, cmd)
	}
	if len(m.held) != 0 || !m.face.Selection.Has(second) || m.face.Selection.Len() != 1 {
		t.Errorf("%d keys wait, selected: %v", len(m.held), m.face.Selection.Items())
	}
}

// TestPasteOutsideAField pastes into a terminal that does not say so: nothing of
// it runs as a command. A key held down is no paste.
func TestPasteOutsideAField(t *testing.T) {
	w := newWorld(t, batch(t, 1204, 1204, orders))
	m := openModel(w, 80, 24)
	w.clock.stop()
	for _, k := range append(strings.Split("sqlite3 -c 'quit'", ""), "enter", "r", "m", "space", "-", "r", "f", "space", "q", "enter") {
		m.Update(press(k))
	}
	if want := "Pasted text was ignored: 27 keys at once"; !strings.Contains(m.said, want) || len(m.stack) != 1 {
		t.Fatalf("%d screens, said %q, want %q", len(m.stack), m.said, want)
	}
	w.clock.pass(time.Second)
	for range 6 {
		m.Update(press("j"))
	}
	send(m, guardMsg(m.guard.gen))
	w.clock.pass(time.Second)
	push(m, "enter")
	if len(m.stack) != 2 || m.face.Tab != triage.UnknownTab {
		t.Errorf("%d screens, tab %v after six times j and enter", len(m.stack), m.face.Tab)
	}
}
