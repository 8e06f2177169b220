package screen

import (
	"testing"

	"retriage/model"
	"retriage/tui/keys"
)

func TestALowOverviewKeepsTheUnknownAndTheCursor(t *testing.T) {
	items := orders(6)
	for k, f := range []*model.Failure{
		fails(403, "PERMISSION_DENIED", "", "no"), fails(429, "RATE_LIMITED", "", "slow down"), fails(409, "CONFLICT", "", "taken"),
		fails(504, "TIMEOUT", "", "timed out"), fails(503, "UPSTREAM_ERROR", "", "away"),
	} {
		items[k].fail = f
	}
	items[5].fail, items[5].state = nil, model.Unknown
	b := newBench(t, items...).open(NewOverview())
	for b.height = 7; b.height < 14; b.height++ {
		b.refresh()
		b.shows("Unknown", "▸1")
	}
	b.height = 7
	b.scene(func(sc *Scene) { b.top().Do(sc, keys.Press{Action: keys.Last}) })
	b.shows("▸6")
}

func TestTheOverviewSaysWhatIsLookedUpFirst(t *testing.T) {
	after := model.AfterVerify
	f := fails(500, "INTERNAL", "", "broken")
	f.Class = &after
	b := newBench(t, benchItem{id: "1", body: "{}", state: model.Failed, fail: f})
	b.width, b.height = 120, 30
	b.open(NewOverview()).shows("looked up first, then retried")
}
