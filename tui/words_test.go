package tui

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
)

func TestACopyWithoutAnItemSaysSo(t *testing.T) {
	tm := at(t, newWorld(t, batch(t, 1204, 1204, orders)), 80, 24)
	tm.sees("TOP CAUSES")
	tm.key("y")
	tm.key("y")
	tm.sees("Nothing was copied: no item is under the cursor.")
}

func TestAFilterThatFitsNothingShowsNoItem(t *testing.T) {
	tm := at(t, newWorld(t, batch(t, 1204, 1204, orders)), 80, 24)
	tm.key("0")
	tm.sees("row 1 of 117")
	tm.sees("rule       code")
	tm.key("/")
	tm.typed("zzzz")
	tm.key("enter")
	tm.sees("Nothing here fits the filter")
	tm.lost("rule       code")
}

func TestAWrongFilterIsExplainedInFull(t *testing.T) {
	tm := at(t, newWorld(t, batch(t, 1204, 1204, orders)), 80, 24)
	tm.key("0")
	tm.sees("row 1 of 117")
	tm.key("/")
	tm.typed("status:abc")
	tm.sees("a status is a number such as 429, or a class such as 5xx")
}

func TestTheFirstKeyTakesThePlaceOfAnOfferedText(t *testing.T) {
	tm := at(t, newWorld(t, batch(t, 1204, 1204, orders)), 80, 24)
	tm.key("1")
	tm.sees("row 1 of 50")
	tm.key("f")
	tm.sees("under which cause?")
	tm.sees("idempotency_conflict backend timeout other") // all of them, on two lines
	tm.typed("conflict")
	tm.key("enter")
	tm.sees("1 item moved to Conflict")
	tm.key("u")
	tm.sees("Undone")
}

func TestTheBoxForTheCountSaysThatEnterSends(t *testing.T) {
	w := newWorld(t, batch(t, 1204, 1204, orders))
	w.cfg.Runner = idle{}
	tm := at(t, w, 80, 24)
	tm.sees("TOP CAUSES")
	tm.key("R")
	tm.sees("NOTHING HAS BEEN SENT")
	tm.key("y")
	tm.sees("then enter, to send 48 items")
	tm.sees("to api.example.com. esc goes back; nothing is sent.")
	tm.sees("enter send 48")
	tm.lost("enter keep")
}

func TestAPlanThatDoesNotFitScrolls(t *testing.T) {
	w := newWorld(t, batch(t, 1204, 1204, orders))
	w.cfg.Runner = idle{}
	tm := at(t, w, 80, 18)
	tm.sees("journal on")
	tm.key("R")
	tm.sees("below; j shows them")
	tm.lost("TIME ")
	tm.key("G")
	tm.sees("TIME ")
	tm.sees("above; k shows them")
}

func TestAQuestionCoversNothing(t *testing.T) {
	w := newWorld(t, batch(t, 1204, 1204, orders))
	tm := at(t, w, 80, 24)
	tm.key("0")
	tm.sees("row 1 of 117")
	tm.key("G")
	tm.sees("row 117 of 117")
	tm.sees("▸")
	tm.key("m")
	tm.sees("Note on")
	tm.sees("▸")
}

func TestTwoEscapesInOneRead(t *testing.T) {
	m := openModel(newWorld(t, batch(t, 1204, 1204, orders)), 80, 24)
	for _, k := range []string{"0", "space", "v"} {
		push(m, k)
	}
	m.Update(tea.KeyPressMsg{Code: tea.KeyEscape, Mod: tea.ModAlt})
	send(m, guardMsg(m.guard.gen))
	if frame := strings.Join(m.frame(), "\n"); !strings.Contains(frame, "1 no longer selected") {
		t.Errorf("the second step was not taken:\n%s", frame)
	}
}
