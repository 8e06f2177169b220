package dialect

import (
	"fmt"
	"strings"
	"testing"

	"retriage/model"
)

func TestJoinGeneric(t *testing.T) {
	r := mustRead(t, sample(t, "generic-207.response.json"), sample(t, "generic-207.request.json"))
	b := r.Batch()
	equal(t, "states", states(b), "ok failed failed unanswered ok failed failed unknown")
	equal(t, "anomalies", kinds(b), "")
	equal(t, "body", string(item(t, b, 1).Payload.Body), `{ "id" : "inv-2",  "amount": 1e2, "due": {"on": "tomorrow"} }`)
	f, _ := b.Failure(3)
	equal(t, "reason", f.Failure.Reason, model.NotAnswered)
	equal(t, "class", *f.Failure.Class, model.AfterVerify)
	equal(t, "id", f.ID, model.TextID("inv-8"))
	it := item(t, b, 3)
	equal(t, "id of the request", it.ID, model.TextID("inv-8"))
	equal(t, "no answer", it.Raw == nil, true)
	equal(t, "failure", it.Answer.Failure.Reason, model.NotAnswered)
}

func TestJoin(t *testing.T) {
	ok := func(id string) string { return `{"id":` + id + `,"status":200}` }
	bad := func(id string) string { return `{"id":` + id + `,"status":500}` }
	cases := []struct {
		name, responses, requests string
		states, kinds, extras     string
	}{
		{"other order", ok("2") + "," + bad("1"), `{"id":1},{"id":2}`, "failed ok", "", ""},
		{"type of the id", ok(`"1"`), `{"id":1}`, "unanswered", "extra", "1"},
		{"huge number", bad("9007199254740993"), `{"id":9007199254740992},{"id":9007199254740993}`, "unanswered failed", "", ""},
		{"never asked for", ok("1") + "," + ok("7"), `{"id":1}`, "ok", "extra", "7"},
		{"nothing answered", "", `{"id":1},{"id":2}`, "unanswered unanswered", "", ""},
		{"answered twice alike", ok("1") + "," + ok("1"), `{"id":1}`, "ok", "duplicate", ""},
		{"answered yes and no", ok("1") + "," + bad("1"), `{"id":1}`, "unknown", "duplicate", ""},
		{"answered no and yes", bad("1") + "," + ok("1"), `{"id":1}`, "unknown", "duplicate", ""},
		{"requested twice", ok("1"), `{"id":1},{"id":1},{"id":2}`, "unknown unknown unanswered", "duplicate", ""},
		{"no ids, as many", `{"status":200},{"status":500}`, `{"id":1},{"id":2}`, "ok failed", "position", ""},
		{"no ids, fewer", `{"status":200}`, `{"id":1},{"id":2}`, "unanswered unanswered", "unmatched", ""},
		{"one id missing", ok("1") + `,{"status":500}`, `{"id":1},{"id":2}`, "ok failed", "position", ""},
		{"position is taken", `{"status":500},` + ok("1"), `{"id":1},{"id":2}`, "ok unanswered", "unmatched", ""},
		{"requests without ids", ok(`"x"`) + "," + bad(`"y"`), `{"a":1},{"a":2}`, "ok failed", "position", ""},
		{"numbers from 0", `{"index":2,"status":500},{"index":0,"status":200},{"index":1,"status":200}`, `{"a":1},{"a":2},{"a":3}`, "ok ok failed", "", ""},
		{"numbers from 1", `{"index":3,"status":500},{"index":1,"status":200},{"index":2,"status":200}`, `{"a":1},{"a":2},{"a":3}`, "ok ok failed", "", ""},
		{"numbers from 0, some missing", `{"index":0,"status":500}`, `{"a":1},{"a":2}`, "failed unanswered", "", ""},
		{"numbers from nobody knows where", `{"index":1,"status":500}`, `{"a":1},{"a":2},{"a":3}`, "unanswered unanswered unanswered", "unmatched", ""},
		{"ids show where numbers begin", `{"index":1,"id":1,"status":200},{"index":2,"status":500}`, `{"id":1},{"id":2},{"id":3}`, "ok failed unanswered", "", ""},
		{"an id stands above a number", `{"index":0,"id":2,"status":500},{"index":1,"id":1,"status":200}`, `{"id":1},{"id":2}`, "ok failed", "", ""},
		{"one number twice", `{"index":0,"status":500},{"index":0,"status":200}`, `{"a":1},{"a":2}`, "unknown unanswered", "duplicate", ""},
		{"empty id", `{"id":"","status":500}`, `{"id":1}`, "failed", "position", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := mustRead(t, `{"responses":[`+c.responses+`]}`, `{"items":[`+c.requests+`]}`)
			b := r.Batch()
			equal(t, "states", states(b), c.states)
			equal(t, "anomalies", kinds(b), c.kinds)
			equal(t, "extras", strings.Trim(fmt.Sprint(b.Extras()), "[]"), c.extras)
		})
	}
}

func TestDoubleWithoutRequest(t *testing.T) {
	r := mustRead(t, `{"responses":[{"id":1,"status":200},{"id":"1","status":200},{"id":1,"status":409,"error":{"code":"DUP"}},{"status":200},{"status":200}]}`, "")
	b := r.Batch()
	equal(t, "states", states(b), "unknown ok ok ok")
	equal(t, "anomalies", kinds(b), "duplicate")
	f, _ := b.Failure(0)
	equal(t, "what was said", f.Failure.Code.Wire(), "DUP")
}

// TestDoubleFarApart meets the second answer when the first is in the batch.
func TestDoubleFarApart(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"responses":[{"id":0,"status":500,"error":{"code":"FIRST"}}`)
	for i := 1; i < 3*queueSize; i++ {
		fmt.Fprintf(&b, `,{"id":%d,"status":200}`, i)
	}
	b.WriteString(`,{"id":0,"status":200}]}`)
	r := mustRead(t, b.String(), "")
	equal(t, "items", r.Batch().Len(), 3*queueSize)
	equal(t, "state", r.Batch().State(0), model.Unknown)
	f, _ := r.Batch().Failure(0)
	equal(t, "what was said", f.Failure.Code.Wire(), "FIRST")
}

// TestShuffled joins many answers in an order of their own.
func TestShuffled(t *testing.T) {
	const n = 2000
	var ask, answers []string
	for i := range n {
		ask = append(ask, fmt.Sprintf(`{"id":%d}`, i))
		j := i * 7 % n
		if j%10 != 9 {
			answers = append(answers, fmt.Sprintf(`{"id":%d,"status":%d}`, j, 200+j%2*300))
		}
	}
	b := mustRead(t, `{"responses":[`+strings.Join(answers, ",")+`]}`, `{"items":[`+strings.Join(ask, ",")+`]}`).Batch()
	equal(t, "items", b.Len(), n)
	for i := range n {
		want := model.OK
		switch {
		case i%10 == 9:
			want = model.Unanswered
		case i%2 == 1:
			want = model.Failed
		}
		if b.State(i) != want {
			t.Fatalf("item %d is %s, not %s", i, b.State(i), want)
		}
		if it := item(t, b, i); it.ID != model.NumberID(fmt.Sprint(i)) || string(it.Payload.Body) != ask[i] {
			t.Fatalf("item %d is %s with %s", i, it.ID, it.Payload.Body)
		}
	}
}

func TestSummaryDisagrees(t *testing.T) {
	r := mustRead(t, `{"responses":[{"id":1,"status":200},{"id":2,"status":500},{"id":3}],"summary":{"total":1000,"succeeded":999,"failed":1}}`, "")
	all := r.Batch().Anomalies()
	equal(t, "anomalies", kinds(r.Batch()), "summary")
	equal(t, "text", all[0].Text,
		"The summary says 1,000 items, 999 succeeded, 1 failed; the response holds 3 items, 1 succeeded, 1 failed, 1 unclear.")
	r = mustRead(t, `{"responses":[{"id":1,"status":200}],"summary":{"failed":2}}`, "")
	equal(t, "one figure", r.Batch().Anomalies()[0].Text,
		"The summary says 2 failed; the response holds 1 item, 1 succeeded, 0 failed.")
}

func TestSeveralFiles(t *testing.T) {
	r, err := Open(Input{
		Responses: []File{
			file(`{"responses":[{"id":2,"status":200}],"summary":{"total":1,"failed":0}}`),
			file(`{"responses":[{"id":1,"status":400}],"summary":{"total":1,"failed":1}}`),
		},
		Requests: []File{file(`{"items":[{"id":1,"a":1}]}`), file(`[{"id":2,"a":2},{"id":3,"a":3}]`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	equal(t, "states", states(r.Batch()), "failed ok unanswered")
	equal(t, "summary", r.Batch().Summary(), model.Summary{Total: 2, Succeeded: -1, Failed: 1})
	equal(t, "anomalies", kinds(r.Batch()), "")
	equal(t, "body", string(item(t, r.Batch(), 1).Payload.Body), `{"id":2,"a":2}`)
	equal(t, "answer", item(t, r.Batch(), 0).Answer.Status, 400)
}

func TestRequestAlone(t *testing.T) {
	for name, in := range map[string]Input{
		"as a request":  {Requests: []File{file(`{"items":[{"id":1,"a":1},{"id":2}]}`)}},
		"as a response": {Responses: []File{file(`{"items":[{"id":1,"a":1},{"id":2}]}`)}},
		"bare array":    {Responses: []File{file(`[{"id":1,"a":1},{"id":2}]`)}},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := Open(in)
			if err != nil {
				t.Fatal(err)
			}
			if err := r.Read(t.Context()); err != nil {
				t.Fatal(err)
			}
			equal(t, "states", states(r.Batch()), "ready ready")
			equal(t, "body", string(item(t, r.Batch(), 0).Payload.Body), `{"id":1,"a":1}`)
			equal(t, "id", item(t, r.Batch(), 1).ID, model.NumberID("2"))
		})
	}
}

func TestEmbeddedRequest(t *testing.T) {
	r := mustRead(t, `{"responses":[{"id":1,"status":400,"request": {"email" : "x"}},{"id":2,"status":400,"request":{"method":"POST","url":"/u","body":{"a":1}}},{"id":3,"status":400,"request":null}]}`, "")
	it := item(t, r.Batch(), 0)
	equal(t, "body", string(it.Payload.Body), `{"email" : "x"}`)
	it = item(t, r.Batch(), 1)
	equal(t, "body of a call", string(it.Payload.Body), `{"a":1}`)
	equal(t, "method", it.Payload.Method, "POST")
	equal(t, "none", item(t, r.Batch(), 2).Payload.Known, false)
}

func TestCallsOrBodies(t *testing.T) {
	r := mustRead(t, "", `{"requests":[
		{"id":1,"method":"POST","url":"/u","headers":{"A":"b"},"body":{"x":1}},
		{"id":2,"method":"card","url":"/shop"},
		{"id":3,"method":"delete","url":"/u/3"}]}`)
	it := item(t, r.Batch(), 0)
	equal(t, "URL", it.Payload.URL.Wire(), "/u")
	equal(t, "header", it.Payload.Headers["A"], "b")
	equal(t, "body", string(it.Payload.Body), `{"x":1}`)
	it = item(t, r.Batch(), 1)
	equal(t, "no call", string(it.Payload.Body), `{"id":2,"method":"card","url":"/shop"}`)
	equal(t, "no envelope", it.Payload.Envelope == nil, true)
	it = item(t, r.Batch(), 2)
	equal(t, "no body", it.Payload.Body == nil && it.Payload.Known, true)
}
