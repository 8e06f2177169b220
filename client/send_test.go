package client

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"retriage/model"
)

const answered2 = `{"results":[{"id":"b","status":422},{"id":"a","status":200},{"id":"z","status":200}]}`

func TestSendClassifiesBatchReplies(t *testing.T) {
	type header = map[string]string
	html := "<!DOCTYPE html><html><body>Please sign in</body></html>"
	for _, row := range []struct {
		name    string
		status  int
		header  header
		body    string
		decided []int
		kind    model.ReplyKind
		fault   model.Fault
		why     string // a part of it
	}{
		{name: "200 with items", status: 200, body: answered2, kind: model.Answered},
		{name: "207 with items", status: 207, body: answered2, kind: model.Answered},
		{name: "400 with items all the same", status: 400, body: answered2, kind: model.Answered},
		{name: "503 with items all the same", status: 503, body: answered2, kind: model.Answered},
		{name: "200 html", status: 200, body: html, kind: model.AnswerUnknown, fault: model.NotABatch, why: "200 OK; the reply is no answer"},
		{name: "200 empty", status: 200, kind: model.AnswerUnknown, fault: model.NotABatch, why: "no body"},
		{name: "204", status: 204, kind: model.AnswerUnknown, fault: model.NotABatch, why: "204 No Content"},
		{name: "200 naming nobody", status: 200, body: `{"results":[]}`, kind: model.AnswerUnknown, fault: model.NotABatch, why: "none of the items"},
		{name: "202", status: 202, body: answered2, kind: model.AnswerUnknown, fault: model.NotABatch, why: "accepted the request and not finished"},
		{name: "200 with a refusal inside", status: 200, body: `{"error":{"status":422,"code":"BAD","message":"no\u001b[2J"}}`, kind: model.Rejected, fault: model.BadBatch, why: "200 OK; its body says 422 Unprocessable Entity: no␛[2J (code BAD)"},
		{name: "200 with a refusal of no status", status: 200, body: `{"error":{"code":"BAD"}}`, kind: model.AnswerUnknown, fault: model.BadBatch, why: "(code BAD)"},
		{name: "429 with seconds", status: 429, header: header{"Retry-After": "8"}, kind: model.Rejected, fault: model.Throttled, why: "429 Too Many Requests; the server asks to wait 8 s"},
		{name: "503 that asks to wait", status: 503, header: header{"Retry-After": "8"}, body: html, kind: model.Rejected, fault: model.Unavailable, why: "503 Service Unavailable; the server asks to wait 8 s"},
		{name: "503 without a word", status: 503, kind: model.AnswerUnknown, fault: model.Unavailable, why: "503 Service Unavailable"},
		{name: "503 not decided", status: 503, header: header{"Retry-After": "8"}, decided: []int{429}, kind: model.AnswerUnknown, fault: model.Unavailable},
		{name: "500", status: 500, kind: model.AnswerUnknown, fault: model.ServerError, why: "500 Internal Server Error"},
		{name: "502 html", status: 502, body: html, kind: model.AnswerUnknown, fault: model.ServerError, why: "502 Bad Gateway"},
		{name: "504", status: 504, kind: model.AnswerUnknown, fault: model.ServerError},
		{name: "401", status: 401, kind: model.Rejected, fault: model.SignIn, why: "401 Unauthorized"},
		{name: "413", status: 413, kind: model.Rejected, fault: model.TooBig},
		{name: "400", status: 400, body: `{"error":{"message":"batch is malformed"}}`, kind: model.Rejected, fault: model.BadBatch, why: "400 Bad Request; batch is malformed"},
		{name: "422", status: 422, kind: model.Rejected, fault: model.BadBatch},
		{name: "422 not decided", status: 422, decided: []int{401, 429}, kind: model.AnswerUnknown, fault: model.BadBatch},
		{name: "403", status: 403, kind: model.Rejected, fault: model.Refused},
		{name: "404", status: 404, kind: model.Rejected, fault: model.Refused},
		{name: "405", status: 405, kind: model.Rejected, fault: model.Refused},
		{name: "415", status: 415, kind: model.Rejected, fault: model.Refused},
		{name: "501", status: 501, kind: model.Rejected, fault: model.Refused},
		{name: "407", status: 407, kind: model.Rejected, fault: model.Refused, why: "the proxy asks for a sign-in"},
		{name: "408", status: 408, kind: model.AnswerUnknown, fault: model.TimedOut},
		{name: "409", status: 409, kind: model.AnswerUnknown, fault: model.Refused},
		{name: "307", status: 307, header: header{"Location": "https://evil.example/x?token=abc"}, kind: model.Rejected, fault: model.Redirected, why: "the server sends us to https://evil.example/x; a write is not sent on"},
		{name: "302 to nowhere", status: 302, header: header{"Location": "http://a b/"}, kind: model.Rejected, fault: model.Redirected},
		{name: "303 after the act", status: 303, header: header{"Location": "/done"}, kind: model.AnswerUnknown, fault: model.Redirected},
		{name: "599", status: 599, kind: model.AnswerUnknown, fault: model.ServerError, why: "599 (a status that HTTP does not define)"},
		{name: "escape sequences in the reason", status: 400, body: `{"error":{"message":"\u001b]0;pwn\u0007 \u202e"}}`, kind: model.Rejected, fault: model.BadBatch, why: "␛]0;pwn␇ ⟨U+202E⟩"},
		{name: "our secret sent back", status: 400, body: `{"error":{"message":"token ` + canary + ` is bad"}}`, kind: model.Rejected, fault: model.BadBatch, why: "token ••• is bad"},
		{name: "brotli", status: 200, header: header{"Content-Encoding": "br"}, body: "x", kind: model.AnswerUnknown, fault: model.NotABatch, why: "not asked for"},
	} {
		t.Run(row.name, func(t *testing.T) {
			server := serve(t, row.status, row.header, row.body)
			cfg := at(server.URL)
			cfg.Profile.Decided = row.decided
			c := open(t, cfg)
			got := send(t, c, prepare(t, c, batch(3)))
			if got.Kind != row.kind || got.Fault != row.fault {
				t.Errorf("got %s %q (%s), want %s %q", got.Kind, got.Fault, got.Why, row.kind, row.fault)
			}
			if !strings.Contains(got.Why.Wire(), row.why) {
				t.Errorf("Why is %q, want %q in it", got.Why.Wire(), row.why)
			}
			if row.kind == model.Answered {
				if len(got.Outcomes) != 2 || got.Outcomes[0].Index != 1 || len(got.Extra) != 1 || !got.Why.IsZero() {
					t.Errorf("got outcomes %v, extra %v, why %q", got.Outcomes, got.Extra, got.Why)
				}
			} else if got.Why.IsZero() || len(got.Outcomes) != 0 {
				t.Errorf("got why %q and %d outcomes, want a reason and none", got.Why, len(got.Outcomes))
			}
			if want := row.header["Retry-After"] != ""; want != (got.RetryAfter == 8*time.Second) || !want && got.RetryAfter >= 0 {
				t.Errorf("RetryAfter is %v", got.RetryAfter)
			}
		})
	}
}

func TestSendClassifiesSingleReplies(t *testing.T) {
	for _, row := range []struct {
		name   string
		status int
		header map[string]string
		body   string
		kind   model.ReplyKind
		fault  model.Fault
		state  model.State
	}{
		{"201", 201, nil, `{"id":"a"}`, model.Answered, "", model.OK},
		{"204 has nothing more to say", 204, nil, "", model.Answered, "", model.OK},
		{"200 page", 200, nil, "<html>sign in</html>", model.AnswerUnknown, model.NotABatch, 0},
		{"200 cut JSON", 200, nil, `{"id":`, model.AnswerUnknown, model.NotABatch, 0},
		{"202", 202, nil, "{}", model.AnswerUnknown, model.NotABatch, 0},
		{"422", 422, nil, `{"error":"price"}`, model.Answered, "", model.Failed},
		{"404 without a body", 404, nil, "", model.Answered, "", model.Failed},
		{"413 is the item's own", 413, nil, "", model.Answered, "", model.Failed},
		{"401", 401, nil, `{"error":"x"}`, model.Rejected, model.SignIn, 0},
		{"429", 429, map[string]string{"Retry-After": "1"}, `{"error":"x"}`, model.Rejected, model.Throttled, 0},
		{"405", 405, nil, "", model.Rejected, model.Refused, 0},
		{"500", 500, nil, `{"error":"x"}`, model.AnswerUnknown, model.ServerError, 0},
		{"503", 503, nil, `{"error":"x"}`, model.AnswerUnknown, model.Unavailable, 0},
		{"503 that asks to wait", 503, map[string]string{"Retry-After": "1"}, "", model.Rejected, model.Unavailable, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := open(t, at(serve(t, row.status, row.header, row.body).URL))
			got := send(t, c, prepare(t, c, model.Chunk{Mode: model.Alone, Items: items(1)}))
			if got.Kind != row.kind || got.Fault != row.fault {
				t.Fatalf("got %s %q (%s), want %s %q", got.Kind, got.Fault, got.Why, row.kind, row.fault)
			}
			if row.kind == model.Answered && got.Outcomes[0].Answer.State != row.state {
				t.Errorf("got state %s, want %s", got.Outcomes[0].Answer.State, row.state)
			}
		})
	}
}

func TestSendMistakesAreErrors(t *testing.T) {
	c := open(t, at("http://127.0.0.1:1"))
	good := prepare(t, c, batch(1))
	none, elsewhere, injected := good, good, good
	none.Items = nil
	elsewhere.URL = "http://127.0.0.1:2/batch"
	injected.Header = map[string]string{"X-A": "b\r\nX-Evil: c"}
	for name, r := range map[string]model.Request{"no items": none, "another server": elsewhere, "header injection": injected, "empty": {}} {
		if reply, err := c.Send(t.Context(), r); err == nil {
			t.Errorf("%s: got reply %+v, want an error", name, reply)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Send(ended, good); !errors.Is(err, context.Canceled) {
		t.Errorf("ended context: got %v", err)
	}
}

func TestSendWithoutUsableCredentialSendsNothing(t *testing.T) {
	var called bool
	cfg := at("http://127.0.0.1:1")
	cfg.Credential = Credential{Kind: Bearer, Source: Env("RETRIAGE_TEST_UNSET")}
	cfg.Transport = roundTrip(func(*http.Request) (*http.Response, error) { called = true; return nil, errors.New("x") })
	c := open(t, cfg)
	got := send(t, c, prepare(t, c, batch(1)))
	if got.Kind != model.Rejected || got.Fault != model.SignIn || called || !strings.Contains(got.Why.Wire(), "RETRIAGE_TEST_UNSET is not set") {
		t.Errorf("got %+v, called %v", got, called)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
