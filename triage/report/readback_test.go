package report

import (
	"strings"
	"testing"

	"retriage/model"
)

// What a read of a failed item has shown is told, although the item stays failed.
func TestReadingBackIsTold(t *testing.T) {
	s := sessionOf(t) // three were read: one differs, two are confirmed
	verdicts := []model.ItemVerdict{{Index: 1, State: model.Differs, Was: model.Failed}, {Index: 4, State: model.NotFound, Was: model.Failed}}
	if err := s.Apply(model.Event{Seq: 100, Type: model.EvVerify, Verify: &model.VerifyEvent{Items: verdicts}}); err != nil {
		t.Fatal(err)
	}
	r := Of(s, About{})
	rb := r.ReadBack
	if rb == nil || rb.Read != 5 || rb.Confirmed+rb.Differs+rb.NotFound+rb.AsExpected != rb.Read {
		t.Fatalf("read back: %+v", rb)
	}
	want := "5 items read back: 2 confirmed, 2 differ (fine mail), 1 failed, and not there, as expected"
	if text := strings.Join(r.Lines(), "\n"); !strings.Contains(text, want) {
		t.Errorf("%q is not in:\n%s", want, text)
	}
}
