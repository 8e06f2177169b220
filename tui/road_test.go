package tui

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"retriage/model"
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
	return append(out, "z", "Z", "ß", "名", "tab")
}

// TestKeyStorm presses random keys at random sizes: every frame fills its screen
// to the cell, nothing panics, and read only means read only.
func TestKeyStorm(t *testing.T) {
	for _, readOnly := range []bool{false, true} {
		for seed := range uint64(6) {
			t.Run(fmt.Sprintf("read only %v seed %d", readOnly, seed), func(t *testing.T) { storm(t, seed, readOnly) })
		}
	}
}

func storm(t *testing.T, seed uint64, readOnly bool) {
	rng := rand.New(rand.NewPCG(seed, 1))
	w := newWorld(t, batch(t, 1204, 1204, orders))
	w.clock.step = 50 * time.Millisecond
	sent := &counting{}
	w.cfg.Runner = sent
	w.cfg.ASCII = seed == 3
	if readOnly {
		w.cfg.ReadOnly = "opened read only"
	}
	m := openModel(w, 80, 24)
	if seed%2 == 1 {
		send(m, tea.ColorProfileMsg{Profile: colorprofile.ASCII})
	}
	names := allKeys(m.table)
	events := len(w.log.all())
	for n := range 500 {
		if n%9 == 0 {
			send(m, tea.WindowSizeMsg{Width: 30 + rng.IntN(110), Height: 6 + rng.IntN(40)})
		}
		push(m, names[rng.IntN(len(names))])
		exact(t, m)
	}
	if readOnly && (len(w.log.all()) != events || sent.n.Load() > 0) {
		t.Errorf("read only: %d events were written, %d runs started", len(w.log.all())-events, sent.n.Load())
	}
}
