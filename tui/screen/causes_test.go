package screen

import (
	"testing"

	"retriage/triage"
)

func TestACauseOfSeveralStatusesNamesThem(t *testing.T) {
	items := orders(3)
	items[0].fail = fails(400, "VALIDATION_ERROR", "/name", "Too short")
	items[1].fail = fails(422, "VALIDATION_ERROR", "/age", "Too old")
	items[2].fail = fails(400, "VALIDATION_ERROR", "/name", "Too short")
	b := newBench(t, items...)
	b.face.Grouping = triage.ByCode
	b.open(NewCauses(false))
	b.shows("400, 422 VALIDATION_ERROR", "Validation")
}

func TestACauseShowsTheRepairThatFitsALaterItem(t *testing.T) {
	items := orders(3)
	for k := range items {
		items[k].fail = fails(400, "VALIDATION_ERROR", "/email", "Invalid email format")
		items[k].body = `{"email":"nobody"}`
	}
	items[2].body = `{"email":" Ana@Example.com "}`
	b := newBench(t, items...).open(NewCauses(false))
	b.shows("suggested fix: ")
}
