package tui

import (
	"context"
	"errors"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
)

// TestNothingChangesWhileReading opens the face on an input that is still read:
// it is looked at, and not changed, until the reading has ended.
func TestNothingChangesWhileReading(t *testing.T) {
	w := newWorld(t, batch(t, 1204, 1204, orders))
	stopped := false
	w.cfg.Open = func(context.Context) (Opened, error) { return Opened{}, nil }
	w.cfg.StopReading = func() { stopped = true }
	m := openModel(w, 80, 24)
	push(m, "0")
	push(m, "R")
	if !strings.Contains(m.said, "still being read") || len(m.stack) != 2 {
		t.Errorf("R while reading: %q, %d screens", m.said, len(m.stack))
	}
	push(m, "space")
	if m.face.Selection.Len() != 1 {
		t.Error("nothing can be selected while reading")
	}
	push(m, "ctrl+c")
	if !stopped || !strings.Contains(m.said, "what was read is kept") {
		t.Errorf("ctrl+c while reading: %q", m.said)
	}
	m.Update(openedMsg{Opened{Runner: newBusy(), Profile: w.cfg.Profile, RunID: "abc", Said: "All is read."}, nil})
	if m.said != "All is read." || m.cfg.ReadOnly != "" || m.cfg.Runner == nil || m.face.Selection.Len() != 1 {
		t.Errorf("after reading: %q, read only %q", m.said, m.cfg.ReadOnly)
	}
	exact(t, m)
}

// TestAnInputThatIsNoneEndsTheFace gives the error of the reading back.
func TestAnInputThatIsNoneEndsTheFace(t *testing.T) {
	w := newWorld(t, batch(t, 0, 0, nil))
	broken := errors.New("it is no batch")
	w.cfg.Open = func(context.Context) (Opened, error) { return Opened{}, broken }
	m := openModel(w, 80, 24)
	_, cmd := m.Update(openedMsg{err: broken})
	if _, quits := cmd().(tea.QuitMsg); !quits || !errors.Is(m.failed, broken) {
		t.Errorf("failed %v", m.failed)
	}
}
