package sandbox

import (
	"strings"
	"testing"
	"time"
)

func graphCall(t *testing.T, s *Server, requests ...string) answer {
	t.Helper()
	w := call(t, s, "POST", "/odata/$batch", `{"requests":[`+strings.Join(requests, ",")+`]}`)
	equal(t, "status", w.Code, 200)
	a := decode(t, w)
	for i, r := range a.Responses {
		var inner answer
		if r.Status >= 400 {
			inner = answer{}
			unmarshal(t, r.Body, &inner)
			a.Responses[i].Error = inner.Error
		}
	}
	return a
}

func TestGraphBatch(t *testing.T) {
	s := open(t, Options{
		Stored:     []rawJSON{rawJSON(user("old")), rawJSON(user("old2"))},
		ItemFaults: []ItemFault{{ID: "busy", Status: 429, RetryAfter: 1500 * time.Millisecond}},
	})
	a := graphCall(t, s,
		`{"id":"1","method":"POST","url":"/items","headers":{"Content-Type":"application/json"},"body": `+user("a", `"balance":1.10`)+` }`,
		`{"id":"2","method":"post","url":"items","body":`+user("b", `"age":"1"`)+`}`,
		`{"id":"3","method":"POST","url":"/items","body":`+user("busy")+`}`,
		`{"id":"4","method":"PATCH","url":"/items/old","body":{"age":4}}`,
		`{"id":"5","method":"DELETE","url":"/items/old2"}`,
		`{"id":"6","method":"GET","url":"/items/a"}`,
		`{"id":"7","method":"GET","url":"/items/none"}`,
		`{"id":"8","method":"GET","url":"/auth/permissions"}`,
		`{"id":"9","method":"GET","url":"/items/a","dependsOn":["1"]}`,
		`{"id":"10","method":"GET","url":"/items/a","dependsOn":["2"]}`,
		`{"id":"11","method":"POST","url":"/items"}`,
		`{"id":"12","method":"PATCH","url":"/items/old","headers":{"If-Match":"\"0\""},"body":{}}`,
	)
	equal(t, "results", codes(a), "201, 400 TYPE_MISMATCH, 429 RATE_LIMITED, 200, 204, 200, 404 NOT_FOUND, 404 NOT_FOUND, 200, 424 FAILED_DEPENDENCY, 404 NOT_FOUND, 412 PRECONDITION_FAILED")
	equal(t, "id is kept as text", string(a.Responses[9].ID), `"10"`)
	equal(t, "location", a.Responses[0].Headers["location"], "/items/a")
	equal(t, "retry-after", a.Responses[2].Headers["retry-after"], "2")
	equal(t, "read in the batch", string(a.Responses[5].Body), user("a", `"balance":1.10`))
	equal(t, "delete has no body", len(a.Responses[4].Body), 0)
	e := s.Effects()
	equal(t, "logged items", strings.Join(e.Calls[0].Items, " "), "a b busy old old2 a none 8 a a 11 old")
	equal(t, "effects", e.Items["a"]+e.Items["old"]+e.Items["old2"], 3)
}

func TestGraphRefusals(t *testing.T) {
	s := open(t, Options{MaxItems: 2})
	get := `{"id":"1","method":"GET","url":"/items/a"}`
	for _, c := range []struct {
		name, body string
		status     int
	}{
		{"malformed", `{"requests":[`, 400},
		{"no requests", `{"items":[]}`, 400},
		{"empty", `{"requests":[]}`, 400},
		{"array", `[` + get + `]`, 400},
		{"id twice", `{"requests":[` + get + `,` + get + `]}`, 400},
		{"no id", `{"requests":[{"method":"GET","url":"/items/a"}]}`, 400},
		{"id is a number", `{"requests":[{"id":1,"method":"GET","url":"/items/a"}]}`, 400},
		{"too many", `{"requests":[1,2,3]}`, 413},
		{"hostile url", `{"requests":[{"id":"1","method":"PATCH","url":"//%zz?x","body":7}]}`, 200},
		{"patch without a body", `{"requests":[{"id":"1","method":"PATCH","url":"/items/a"}]}`, 200},
	} {
		equal(t, c.name, call(t, s, "POST", "/odata/$batch", c.body).Code, c.status)
	}
}

func TestGraphHonoursKeysAndFaults(t *testing.T) {
	s := open(t, Options{Faults: []Fault{{Kind: Lost, On: "POST /odata/$batch"}}})
	body := `{"requests":[{"id":"1","method":"POST","url":"/items","body":` + user("a") + `}]}`
	equal(t, "lost", aborted(func() { call(t, s, "POST", "/odata/$batch", body, keyHeader, "k") }), true)
	w := call(t, s, "POST", "/odata/$batch", body, keyHeader, "k")
	equal(t, "replayed", w.Header().Get("Idempotency-Replayed"), "true")
	equal(t, "effects", s.Effects().Items["a"], 1)
}
