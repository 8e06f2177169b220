package dialect

import (
	"strings"
	"testing"
	"time"

	"retriage/model"
)

func TestReadOData(t *testing.T) {
	r := mustRead(t, sample(t, "odata-json.response.json"), sample(t, "odata-json.request.json"))
	b := r.Batch()
	equal(t, "dialect", r.Dialect().Name(), "odata-json")
	equal(t, "states", states(b), "ok failed failed failed failed failed failed")
	equal(t, "anomalies", kinds(b), "")

	want := []struct {
		i             int
		code, message string
		field         string
		reason        model.Reason
		cause         string
		wait          time.Duration
	}{
		{1, "RANGE", "Total must not be negative", "/Total", model.OwnFault, "", -1},
		{2, "", "Failed Dependency", "", model.NotAttempted, "2", -1},
		{3, "", "", "", model.RolledBack, "5", -1},
		{4, "REQUIRED", "Item is missing", "/Item", model.OwnFault, "", -1},
		{5, "", "busy", "", model.OwnFault, "", 2128 * time.Millisecond},
		{6, "", "", "", model.NotAttempted, "5", -1},
	}
	for _, w := range want {
		r, _ := b.Failure(w.i)
		f := r.Failure
		equal(t, "code", f.Code.Wire(), w.code)
		equal(t, "message", f.Message.Wire(), w.message)
		equal(t, "field", f.Field.Wire(), w.field)
		equal(t, "reason", f.Reason, w.reason)
		equal(t, "cause", f.Cause.Wire(), w.cause)
		equal(t, "wait", f.RetryAfter, w.wait)
		if w.reason != model.OwnFault && (f.Class == nil || *f.Class != model.Safe) {
			t.Errorf("item %d is not safe to send again", w.i)
		}
	}

	it := item(t, b, 0)
	equal(t, "location", it.Answer.Location.Wire(), "Orders(1)")
	equal(t, "etag", it.Answer.ETag.Wire(), `W/"7"`)
	it = item(t, b, 3)
	equal(t, "rolled back when read back", it.Answer.Failure.Reason, model.RolledBack)
	equal(t, "group", r.Dialect().GroupOf(it), "g")
	equal(t, "references", len(r.Dialect().ReferencesOf(item(t, b, 2))), 2)
	equal(t, "no references", len(r.Dialect().ReferencesOf(item(t, b, 1))), 0)
}

func TestODataWithoutRequest(t *testing.T) {
	b := mustRead(t, sample(t, "odata-json.response.json"), "").Batch()
	equal(t, "states", states(b), "failed ok failed failed failed failed failed")
	f, _ := b.Failure(2)
	equal(t, "cause is not known", f.Failure.Cause.IsZero(), true)
	f, _ = b.Failure(3)
	equal(t, "group of the response", f.Failure.Cause.Wire(), "5")
}

// TestGroups asks when a group counts as failed.
func TestGroups(t *testing.T) {
	request := `{"requests":[{"id":"a","atomicityGroup":"g","method":"POST","url":"/x"},{"id":"b","atomicityGroup":"g","method":"POST","url":"/x"},{"id":"c","method":"POST","url":"/x","headers":{}}]}`
	cases := []struct{ name, a, b, want string }{
		{"all well", `{"id":"a","status":201},`, `{"id":"b","status":201},`, "ok ok ok"},
		{"one failed", `{"id":"a","status":201},`, `{"id":"b","status":400},`, "failed failed ok"},
		{"one not answered", `{"id":"a","status":201},`, ``, "ok unanswered ok"},
		{"one failed, one not answered", ``, `{"id":"b","status":400},`, "failed failed ok"},
		{"one unclear", `{"id":"a","status":201},`, `{"id":"b"},`, "ok unknown ok"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r, err := Open(Input{
				Responses: []File{file(`{"responses":[` + c.a + c.b + `{"id":"c","status":204}]}`)},
				Requests:  []File{file(request)}, Dialect: "odata-json",
			})
			if err != nil {
				t.Fatal(err)
			}
			if err := r.Read(t.Context()); err != nil {
				t.Fatal(err)
			}
			equal(t, "states", states(r.Batch()), c.want)
		})
	}
}

func TestODataCodes(t *testing.T) {
	cases := []struct{ name, error, code, message, field string }{
		{"empty code", `{"code":"","message":"m"}`, "", "m", ""},
		{"code is the status", `{"code":"400","message":"m"}`, "", "m", ""},
		{"number of its own", `{"code":"20117","message":"m"}`, "20117", "m", ""},
		{"number, but details", `{"code":"20117","message":"m","details":[{"code":"NAME","message":"d"}]}`, "NAME", "m", ""},
		{"code of the inner error", `{"code":"","message":"m","innererror":{"code":"Inner"}}`, "Inner", "m", ""},
		{"target as a path", `{"code":"C","message":"m","target":"Lines/0/Item"}`, "C", "m", "/Lines/0/Item"},
		{"target is a type", `{"code":"C","message":"m","target":"Shop.Products"}`, "C", "m", ""},
		{"message with a language", `{"code":"C","message":{"lang":"en","value":"m"}}`, "C", "m", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := mustRead(t, `{"responses":[{"id":"1","status":400,"headers":{},"body":{"error":`+c.error+`}}]}`, "").Batch()
			r, _ := b.Failure(0)
			equal(t, "code", r.Failure.Code.Wire(), c.code)
			equal(t, "message", r.Failure.Message.Wire(), c.message)
			equal(t, "field", r.Failure.Field.Wire(), c.field)
		})
	}
}

func TestODataNextPage(t *testing.T) {
	b := mustRead(t, `{"responses":[{"id":"1","status":204,"headers":{}}],"@odata.nextLink":"$batch?skip=1"}`, "").Batch()
	equal(t, "anomalies", kinds(b), "partial")
}

func TestReadGraph(t *testing.T) {
	r := mustRead(t, sample(t, "ms-graph.response.json"), sample(t, "ms-graph.request.json"))
	b := r.Batch()
	equal(t, "dialect", r.Dialect().Name(), "ms-graph")
	equal(t, "states", states(b), "failed ok failed")
	equal(t, "ids in any case", kinds(b), "")
	f, _ := b.Failure(0)
	equal(t, "wait", f.Failure.RetryAfter, 10*time.Second)
	equal(t, "id for their logs", f.Failure.RequestID.Wire(), "r-1")
	f, _ = b.Failure(2)
	equal(t, "number as a code", f.Failure.Code.Wire(), "20117")

	out, _, err := r.Dialect().Write(model.Chunk{Items: sending(t, b, 0, 2)}, model.Profile{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{string(item(t, b, 0).Payload.Envelope), string(item(t, b, 2).Payload.Envelope)} {
		if !strings.Contains(string(out), want) {
			t.Errorf("%s is not in %s", want, out)
		}
	}
}
