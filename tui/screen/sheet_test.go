package screen

import (
	"context"
	"strings"
	"testing"

	"retriage/model"
	"retriage/triage"
)

func TestAPageKeepsEveryCharacterAndTellsOfMore(t *testing.T) {
	long := strings.Repeat("0123456789", 30)
	b := newBench(t, orders(1)...)
	b.height = 9
	b.open(newSheet("PAGE", func(context.Context, Engine) []triage.DiffLine {
		return []triage.DiffLine{{Sign: '-', Text: long}, {Sign: '+', Text: long + "x"}}
	}))
	b.shows("1-7 of 10 lines  ↓ 3 more")
	var all strings.Builder
	for range 2 {
		for _, l := range b.picture().Lines[2:] {
			all.WriteString(strings.Trim(l, " +-"))
		}
		b.press("G")
	}
	if !strings.Contains(all.String(), long) || strings.Contains(all.String(), "…") {
		t.Errorf("characters are lost: %s", all.String())
	}
	b.shows("of 10 lines")
	if strings.Contains(b.screen(), "more") {
		t.Error("the end of the page says that there is more")
	}
}

func TestAComparisonSaysWhatItsSignsMean(t *testing.T) {
	b := newBench(t, orders(1)...).open(NewEdit(0, nil))
	b.press("ctrl+u", `"5"`, "ctrl+s")
	b.open(newDiff(0)).shows(`-   "price": -1`, `+   "price": 5`, "- as it was first sent   + as it would be sent")
}

func TestReadBackHasItsOwnSigns(t *testing.T) {
	differs := model.ItemVerdict{Index: 0, State: model.Differs, Status: 200, Was: model.OK,
		Fields: []model.FieldDelta{{Pointer: "/qty", Sent: model.Foreign("5"), Got: model.Foreign("3")}}}
	b := newBench(t, orders(1)...)
	readBack(t, b, differs)
	b.open(newDiff(0)).shows("- /qty  5", "+ /qty  3", "- we sent   + the server has")
	if s := b.screen(); strings.Contains(s, "would be sent   ") || strings.Contains(s, "first sent   +") {
		t.Errorf("the signs of an edit are explained:\n%s", s)
	}
	b.press("esc")
	b.open(NewEdit(0, nil)).press("ctrl+u", `"5"`, "ctrl+s")
	b.open(newDiff(0)).shows("has something else   - we sent   + the server has", "above: - as it was first sent   + as it would be sent")
}
