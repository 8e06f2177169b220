package dialect

import (
	"fmt"
	"strings"
	"testing"

	"retriage/model"
)

// TestWhatFitsNoItemIsListed keeps answers that nobody asked for, and what they
// say.
func TestWhatFitsNoItemIsListed(t *testing.T) {
	r := mustRead(t, `{"responses":[{"id":1,"status":200},{"id":"z","status":500,"error":{"code":"boom","message":"m"}},{"status":422,"error":{"code":"bad"}},{"status":201}]}`, `{"items":[{"id":1},{"id":2}]}`)
	all, n := r.Batch().Unmatched()
	var got []string
	for _, u := range all {
		got = append(got, strings.TrimSpace(fmt.Sprint(u.Position, " ", u.ID.Wire(), " ", u.State, " ", u.Status, " ", u.Code.Wire(), " ", u.Message.Wire(), u.Text.Wire())))
	}
	equal(t, "count", n, 3)
	equal(t, "unmatched", strings.Join(got, "; "), `1 z failed 500 boom m; 2  failed 422 bad; 3  ok 0  {"status":201}`)

	many := strings.Repeat(`{"status":500},`, 150) + `{"status":500}`
	r = mustRead(t, `{"responses":[`+many+`]}`, `{"items":[{"id":1}]}`)
	all, n = r.Batch().Unmatched()
	equal(t, "count", n, 151)
	equal(t, "kept", len(all), model.MaxUnmatched)

	r = mustRead(t, `{"responses":[{"id":1,"status":200}]}`, `{"items":[{"id":1}]}`)
	all, n = r.Batch().Unmatched()
	equal(t, "nothing", fmt.Sprint(len(all), n), "0 0")
}

// TestRolledBackKeepsItsID names the items of a group that failed, also where the
// response alone is there.
func TestRolledBackKeepsItsID(t *testing.T) {
	r, err := readAs(t, BuiltIn(), "odata-json", `{"responses":[{"id":"1","atomicityGroup":"g","status":201},{"id":"2","atomicityGroup":"g","status":409}]}`, "")
	equal(t, "error", err, nil)
	equal(t, "items", stated(t, r), "1 failed, 2 failed")
	record, _ := r.Batch().Failure(0)
	equal(t, "id", record.ID, model.TextID("1"))
}
