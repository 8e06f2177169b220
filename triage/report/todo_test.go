package report

import (
	"io"
	"strings"
	"testing"

	"retriage/model"
	"retriage/triage"
)

// TestWhatIsLeftToDoIsOfTheItems says what the items themselves say about being
// sent again, and not what their category mostly does.
func TestWhatIsLeftToDoIsOfTheItems(t *testing.T) {
	safe, verify, edit := model.Safe, model.AfterVerify, model.AfterEdit
	bad := func(code string, class *model.RetryClass) model.Record {
		return model.Record{ID: model.TextID(code), State: model.Failed, Failure: &model.Failure{Code: model.Foreign(code), RetryAfter: -1, Class: class}}
	}
	b := model.NewBatch([]io.ReaderAt{strings.NewReader("")}, noDecoder{})
	b.Append(bad("batch_expired", &safe), bad("UNABLE_TO_LOCK_ROW", &safe), bad("VALIDATION", nil), bad("RATE_LIMIT", nil), bad("THROTTLED", &verify),
		bad("MISSING_DEPENDENCY", &safe), bad("DEPENDENCY_NOT_FOUND", &edit))
	b.Finish(model.NoSummary, nil)
	c, err := triage.NewClassifier(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"missing_dependency": "retry once what they need is there",
		"timeout":            "retry as is", "conflict": "retry as is", "validation": "edit first",
		"rate_limited": "1 retry as is; 1 looked up first, then retried: may have been applied",
	}
	for _, p := range Of(triage.NewSession(b, c), About{}).Open {
		if p.Todo != want[p.Tab] {
			t.Errorf("%s: %s, want %s", p.Tab, p.Todo, want[p.Tab])
		}
		delete(want, p.Tab)
	}
	if len(want) > 0 {
		t.Errorf("not there: %v", want)
	}
}
