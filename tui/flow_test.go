package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/colorprofile"

	"retriage/model"
	"retriage/triage"
)

func at(t testing.TB, w *world, width, height int) *term {
	t.Helper()
	return start(t, w.cfg, termOptions{width: width, height: height, profile: colorprofile.TrueColor})
}

func TestOverviewSaysHowBadWhatKindWhatNext(t *testing.T) {
	w := newWorld(t, batch(t, 1204, 1204, orders))
	w.cfg.Runner = idle{}
	tm := at(t, w, 80, 24)
	tm.sees("TOP CAUSES")
	for _, want := range []string{"1,204 items", "1,087 ok", "114 failed", "3 unknown", "Rate limit", "NEXT", "R plan a retry of the 48"} {
		tm.sees(want)
	}
}

func TestOpenFilterSelectLeaveOutUndo(t *testing.T) {
	w := newWorld(t, batch(t, 1204, 1204, orders))
	tm := at(t, w, 120, 40)
	tm.sees("TOP CAUSES")
	tm.key("0")
	tm.sees("row 1 of 117")
	tm.sees("Too many requests")
	tm.key("/")
	tm.typed("field:/price")
	tm.sees("38 of 117 shown")
	tm.key("enter")
	tm.sees("esc clear")
	tm.key("space", "space")
	tm.sees("2 selected")
	tm.key("-")
	tm.sees("2 items left out")
	tm.key("u")
	tm.sees("Undone: leaving out 2 items")
	tm.key("u")
	tm.sees("Undone: a selection step")
	tm.key("j")
	tm.sees("1 selected")
	tm.key("a")
	tm.sees("38 selected")
	tm.key("esc") // the selection first
	tm.sees("38 no longer selected")
	tm.key("esc") // then the filter
	tm.sees("of 117")
	tm.lost("of 117 shown")
	tm.key("esc") // then nothing: esc never leaves
	tm.sees("Nothing to step back from")
}

func TestHiddenSelectionIsCounted(t *testing.T) {
	w := newWorld(t, batch(t, 1204, 1204, orders))
	tm := at(t, w, 120, 40)
	tm.sees("TOP CAUSES")
	tm.key("0")
	tm.sees("row 1 of 117")
	tm.key("a")
	tm.sees("117 selected")
	tm.key("2")
	tm.sees("(76 hidden here)")
}

func TestCausesOpenFiltered(t *testing.T) {
	w := newWorld(t, batch(t, 1204, 1204, orders))
	tm := at(t, w, 120, 40)
	tm.sees("TOP CAUSES")
	tm.key("c")
	tm.sees("grouped by code + field + message shape")
	tm.sees("cause 1 of 8")
	tm.key("c")
	tm.sees("grouped by code")
	tm.key("c", "c")
	tm.sees("grouped by code + field")
	tm.key("j")
	tm.sees("cause 2 of 8")
	tm.key("space")
	tm.sees("38 selected")
	tm.key("enter")
	tm.sees("cause /price must be greater than")
	tm.sees("38 of 38 shown")
}

func TestKeyThatIsOffSaysWhy(t *testing.T) {
	w := newWorld(t, batch(t, 1204, 1204, orders))
	w.cfg.ReadOnly = "opened read only"
	tm := at(t, w, 80, 24)
	tm.sees("READ ONLY")
	tm.key("R")
	tm.sees("R is off: opened read only.")
	tm.key("0")
	tm.sees("row 1 of 117")
	tm.key("e")
	tm.sees("e is off: opened read only.")
	tm.key("-")
	tm.sees("- is off: opened read only.")
	tm.key("u")
	tm.sees("u is off: opened read only.")
}

func TestHelpSearchesAndRuns(t *testing.T) {
	w := newWorld(t, batch(t, 1204, 1204, orders))
	tm := at(t, w, 80, 24)
	tm.sees("TOP CAUSES")
	tm.key("?")
	tm.sees("type to search")
	tm.typed("message shape")
	tm.sees("causes: failures with one message shape")
	tm.lost("next row")
	tm.key("enter")
	tm.sees("grouped by")
}

func TestNoteAndCopy(t *testing.T) {
	w := newWorld(t, batch(t, 1204, 1204, orders))
	tm := at(t, w, 80, 24)
	tm.sees("TOP CAUSES")
	tm.key("0")
	tm.sees("row 1 of 117")
	tm.key("m")
	tm.sees("Note on 00008")
	tm.typed("ask Ben, he quit")
	tm.key("enter")
	tm.sees("The note is kept")
	tm.key("y", "i")
	tm.sees("Copied 1 id.")
	tm.key("y", "y")
	tm.sees("Copied the body of 00008")
	tm.key("y", "x")
	tm.sees("Nothing was copied.")
	notes := 0
	for _, ev := range w.log.all() {
		if ev.Type == model.EvNote && ev.Note.Text == "ask Ben, he quit" && ev.Who == "ana" && !ev.At.IsZero() {
			notes++
		}
	}
	if notes != 1 {
		t.Errorf("%d notes in the journal, want 1", notes)
	}
	raw := func() string { tm.mu.Lock(); defer tm.mu.Unlock(); return tm.raw.String() }()
	if !strings.Contains(raw, "\x1b]52;c;") {
		t.Error("nothing was put on the clipboard")
	}
}

func TestDropEditsAsksWithAnotherKey(t *testing.T) {
	w := newWorld(t, batch(t, 1204, 1204, orders))
	edit := &model.EditEvent{How: "form", Items: []model.ItemEdit{{Index: 7, Changes: []model.Change{
		{Part: model.Body, Pointer: "/price", Old: model.Foreign("-7"), New: model.Foreign("7")}}}}}
	if err := w.cfg.Desk.Commit(t.Context(), model.Event{Type: model.EvEdit, Edit: edit}); err != nil {
		t.Fatal(err)
	}
	tm := at(t, w, 80, 24)
	tm.sees("1 edited")
	tm.key("0")
	tm.sees("edited: 7 (was -7)")
	tm.key("D")
	tm.sees("Drop 1 edit of 1 item?")
	w.clock.pass(time.Second)
	tm.key("D") // the key that asked is not the key that confirms
	tm.sees("Nothing was changed.")
	tm.key("D")
	tm.sees("Drop 1 edit of 1 item?")
	w.clock.pass(time.Second)
	tm.key("y")
	tm.sees("Dropped 1 edit")
	tm.lost("edited: 7")
}

func TestKeysDuringACommitWait(t *testing.T) {
	w := newWorld(t, batch(t, 1204, 1204, orders))
	tm := at(t, w, 120, 40)
	tm.sees("TOP CAUSES")
	tm.key("0")
	tm.sees("row 1 of 117")
	for range 20 {
		tm.key("-", "u")
	}
	tm.key("j", "-")
	tm.sees("row 2 of 117")
	tm.wait("21 times left out", func(string) bool {
		n := 0
		for _, ev := range w.log.all() {
			if ev.Type == model.EvLeave {
				n++
			}
		}
		return n == 21
	})
	var state model.State
	w.cfg.Desk.Look(func(s *triage.Session) { state = s.State(8) })
	if state != model.LeftOut {
		t.Errorf("the item under the cursor is %v, want left out", state)
	}
}

func TestBracketedPasteOutsideAField(t *testing.T) {
	w := newWorld(t, batch(t, 1204, 1204, orders))
	tm := at(t, w, 80, 24)
	tm.sees("TOP CAUSES")
	tm.pastes("qqq\nR\n")
	tm.sees("there is no field to take it")
	tm.key("/")
	tm.pastes("price")
	tm.sees("38 of 117 shown")
}

func TestTwiceCtrlCLeaves(t *testing.T) {
	w := newWorld(t, batch(t, 1204, 1204, orders))
	tm := at(t, w, 80, 24)
	tm.sees("TOP CAUSES")
	tm.key("ctrl+c")
	tm.sees("ctrl+c again leaves")
	tm.key("ctrl+c")
	tm.ended()
}

func TestQLeavesFromTheFirstScreenOnly(t *testing.T) {
	w := newWorld(t, batch(t, 1204, 1204, orders))
	tm := at(t, w, 80, 24)
	tm.sees("TOP CAUSES")
	tm.key("0")
	tm.sees("row 1 of 117")
	tm.key("q")
	tm.sees("TOP CAUSES")
	tm.key("h")
	tm.sees("h is off: this is the first screen")
	tm.key("q")
	tm.ended()
}

func TestResizeDownAndUp(t *testing.T) {
	w := newWorld(t, batch(t, 1204, 1204, orders))
	tm := at(t, w, 80, 24)
	tm.sees("TOP CAUSES")
	tm.resize(38, 9)
	tm.sees("38x9: needs 40x10.")
	tm.resize(120, 40)
	tm.sees("c  all causes")
}
