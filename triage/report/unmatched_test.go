package report

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"retriage/model"
	"retriage/triage"
)

// TestWhatFitsNoItemIsTold shows answers that fit no item in every form, safely,
// and items without an id by their place.
func TestWhatFitsNoItemIsTold(t *testing.T) {
	b := model.NewBatch([]io.ReaderAt{strings.NewReader("")}, noDecoder{})
	b.Append(model.Record{State: model.OK}, model.Record{State: model.Failed, Failure: &model.Failure{Status: 429, RetryAfter: 2_500_000_000}})
	b.Leave(3, []model.Unmatched{
		{Position: 4, ID: model.TextID("zz"), State: model.Failed, Status: 500, Code: model.Foreign("boom"), Message: model.Foreign("<b>\x1b[2J")},
		{Position: 7, State: model.OK, Text: model.Foreign(`{"status":201}`)},
	})
	b.Finish(model.NoSummary, nil)
	c, err := triage.NewClassifier(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := Of(triage.NewSession(b, c), About{})
	for name, form := range map[string]func(Report, io.Writer) error{"text": Report.Summary, "json": Report.JSON, "md": Report.Markdown} {
		var out bytes.Buffer
		if err := form(r, &out); err != nil {
			t.Fatal(err)
		}
		for _, want := range map[string][]string{
			"text": {"answer 5: id zz, failed, status 500  boom", `answer 8: ok  {"status":201}`, "and 1 more"},
			"json": {`"position": 5`, `"code": "boom"`, `"unmatched_total": 3`, `"position": 2`, `"class": "safe"`, `"retry_after": 2.5`},
			"md":   {"| #2 | failed |", "answer 5: id zz", "&lt;b&gt;"},
		}[name] {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s lacks %q:\n%s", name, want, out.String())
			}
		}
		if strings.Contains(out.String(), "\x1b") {
			t.Errorf("%s holds a raw control byte", name)
		}
	}
}
