package client

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"retriage/client/sandbox"
	"retriage/model"
	"retriage/model/dialect"
)

// against makes a client with the real dialect for a sandbox with these options.
func against(t *testing.T, o sandbox.Options, change func(*Config)) (*Client, *sandbox.Server) {
	t.Helper()
	o.Token = canary
	server, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	base, stop, err := server.Listen("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stop(); _ = server.Close() })
	cfg := at(base)
	cfg.Dialect = generic(t)
	cfg.WhoAmI = "/auth/permissions"
	if change != nil {
		change(&cfg)
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.reads.CloseIdleConnections)
	return c, server
}

func generic(t *testing.T) *dialect.Dialect {
	t.Helper()
	d, err := dialect.ByName("generic-207")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// users are items that the sandbox takes as they are.
func users(n int) []model.SendItem {
	var out []model.SendItem
	for i := range n {
		id := fmt.Sprintf("item-%03d", i)
		body := fmt.Sprintf(`{"id":%q,"email":"user%d@example.com","name":"User %d","idempotency_key":"key-%d"}`, id, i, i, i)
		out = append(out, model.SendItem{
			Index: i, ID: model.TextID(id), Key: fmt.Sprintf("key-%d", i),
			Payload: model.Payload{Known: true, Body: []byte(body)},
		})
	}
	return out
}

func TestSandboxFaults(t *testing.T) {
	one := func(f sandbox.Fault) sandbox.Options { return sandbox.Options{Faults: []sandbox.Fault{f}} }
	for _, row := range []struct {
		name    string
		options sandbox.Options
		kind    model.ReplyKind
		fault   model.Fault
		applied bool
	}{
		{"none", sandbox.Options{}, model.Answered, "", true},
		{"lost", one(sandbox.Fault{Kind: sandbox.Lost}), model.AnswerUnknown, model.LostReply, true},
		{"dropped", one(sandbox.Fault{Kind: sandbox.Drop}), model.AnswerUnknown, model.LostReply, false},
		{"cut", one(sandbox.Fault{Kind: sandbox.Cut}), model.AnswerUnknown, model.LostReply, true},
		{"slow", one(sandbox.Fault{Kind: sandbox.Slow, Delay: time.Minute}), model.AnswerUnknown, model.TimedOut, true},
		{"429", one(sandbox.Fault{Kind: sandbox.Refuse, Status: 429, RetryAfter: time.Second}), model.Rejected, model.Throttled, false},
		{"503 that asks to wait", one(sandbox.Fault{Kind: sandbox.Refuse, Status: 503, RetryAfter: time.Second}), model.Rejected, model.Unavailable, false},
		{"500 that landed", one(sandbox.Fault{Kind: sandbox.Refuse, Status: 500, Landed: true}), model.AnswerUnknown, model.ServerError, true},
		{"502", one(sandbox.Fault{Kind: sandbox.Refuse, Status: 502}), model.AnswerUnknown, model.ServerError, false},
		{"expired", one(sandbox.Fault{Kind: sandbox.Expire}), model.Rejected, model.SignIn, false},
		{"too many items", sandbox.Options{MaxItems: 2}, model.Rejected, model.TooBig, false},
		{"one item fails", sandbox.Options{ItemFaults: []sandbox.ItemFault{{ID: "item-001", Times: 1}}}, model.Answered, "", true},
	} {
		for _, mode := range []model.Mode{model.InBatch, model.Alone} {
			if mode == model.Alone && (row.options.MaxItems > 0 || row.options.ItemFaults != nil) {
				continue
			}
			t.Run(row.name+" "+string(mode), func(t *testing.T) {
				c, server := against(t, row.options, func(cfg *Config) {
					if row.fault == model.TimedOut {
						cfg.Profile.Settings.Timeout = brief
					}
				})
				chunk := model.Chunk{Mode: mode, Items: users(3)}
				if mode == model.Alone {
					chunk.Items = chunk.Items[:1]
				}
				got := send(t, c, prepare(t, c, chunk))
				if got.Kind != row.kind || got.Fault != row.fault {
					t.Fatalf("got %s %q %q", got.Kind, got.Fault, got.Why)
				}
				if got.Kind == model.Answered && len(got.Outcomes) != len(chunk.Items) {
					t.Errorf("%d outcomes for %d items", len(got.Outcomes), len(chunk.Items))
				}
				effects := server.Effects()
				if effects.Posts != 1 || len(effects.Doubled()) > 0 || (effects.Items["item-000"] == 1) != row.applied {
					t.Errorf("the server saw %d posts and applied %v", effects.Posts, effects.Items)
				}
				reading, err := c.Probe(t.Context(), model.Probe{Item: model.Item{ID: model.TextID("item-000")}, Sent: chunk.Items[0].Payload})
				want := map[bool]int{true: 200, false: 404}[row.applied]
				if row.fault == model.SignIn {
					want = 401
				}
				if err != nil || reading.Status != want {
					t.Errorf("read back: got %d %q, %v, want %d", reading.Status, reading.Why, err, want)
				}
			})
		}
	}
}

func TestSandboxQuestions(t *testing.T) {
	c, server := against(t, sandbox.Options{}, nil)
	if got, err := c.Check(t.Context()); err != nil || got.Status != 200 || !json.Valid(got.Body) {
		t.Errorf("Check: %+v, %v", got, err)
	}
	if got, err := c.Ask(t.Context(), "/auth/check-batch", []byte(`{"resources":["a"]}`)); err != nil || got.Status == 0 {
		t.Errorf("Ask: %+v, %v", got, err)
	}
	if got, err := c.Ask(t.Context(), "/resources/a/permissions", nil); err != nil || got.Status != 200 {
		t.Errorf("Ask: %+v, %v", got, err)
	}
	if _, err := c.Ask(t.Context(), "/../x", nil); err == nil {
		t.Error("Ask outside the base path: no error")
	}
	if len(server.Effects().Items) > 0 {
		t.Error("a question had effects")
	}
}

// A client over a transport without sockets spends no real time on waits.
func TestSandboxWithoutSockets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, err := sandbox.New(sandbox.Options{Token: canary, Faults: []sandbox.Fault{{Kind: sandbox.Slow, Delay: time.Hour}, {Kind: sandbox.Lost, Call: 2}}})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = server.Close() }()
		cfg := at("https://api.example.com")
		cfg.Dialect, cfg.Transport = generic(t), server.Transport()
		c, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		r := prepare(t, c, model.Chunk{Mode: model.InBatch, Items: users(1)})
		for _, want := range []model.Fault{model.TimedOut, model.LostReply} {
			begun := time.Now()
			if got := send(t, c, r); got.Kind != model.AnswerUnknown || got.Fault != want || got.Took != time.Since(begun) {
				t.Errorf("got %s %q %q after %v", got.Kind, got.Fault, got.Why, got.Took)
			}
		}
	})
}

// Bodies that the real dialect must not take for answers.
func TestHostileBodies(t *testing.T) {
	item := `{"id":"item-000","status":201}`
	for _, row := range []struct {
		name, body string
		kind       model.ReplyKind
	}{
		{"good", `{"responses":[` + item + `]}`, model.Answered},
		{"byte order mark", "\ufeff" + `{"responses":[` + item + `]}`, model.Answered},
		{"page", "<html><body>sign in</body></html>", model.AnswerUnknown},
		{"cut", `{"responses":[` + item, model.AnswerUnknown},
		{"a member twice", `{"responses":[{"id":"item-000","status":500,"status":201}]}`, model.AnswerUnknown},
		{"two lists", `{"responses":[` + item + `],"responses":[]}`, model.AnswerUnknown},
		{"300 deep", `{"responses":[` + item + `],"x":` + strings.Repeat("[", 300) + strings.Repeat("]", 300) + `}`, model.AnswerUnknown},
		{"10,001 deep", strings.Repeat("[", 10001), model.AnswerUnknown},
		{"text behind it", `{"responses":[` + item + `]} {}`, model.AnswerUnknown},
		{"UTF-16", "\xff\xfe{\x00}\x00", model.AnswerUnknown},
		{"NUL", "\x00", model.AnswerUnknown},
		{"empty object", "{}", model.AnswerUnknown},
		{"empty list", `{"responses":[]}`, model.AnswerUnknown},
		{"number", "7", model.AnswerUnknown},
		{"another item", `{"responses":[{"id":"item-999","status":201}]}`, model.AnswerUnknown},
		{"escape sequences", "\x1b]0;pwn\x07", model.AnswerUnknown},
	} {
		t.Run(row.name, func(t *testing.T) {
			cfg := at(serve(t, http.StatusOK, nil, row.body).URL)
			cfg.Dialect = generic(t)
			c, err := New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(c.reads.CloseIdleConnections)
			got := send(t, c, prepare(t, c, model.Chunk{Mode: model.InBatch, Items: users(1)}))
			if got.Kind != row.kind || row.kind == model.AnswerUnknown && (got.Fault != model.NotABatch || got.Why.IsZero()) {
				t.Errorf("got %s %q %q", got.Kind, got.Fault, got.Why)
			}
		})
	}
}

// A large body waits to be asked for, so that a refusal is not lost with the
// connection that the server closes.
func TestLargeBodyIsRefusedBeforeItIsSent(t *testing.T) {
	c, server := against(t, sandbox.Options{MaxBody: 1 << 20}, nil)
	chunk := model.Chunk{Mode: model.InBatch, Items: users(1)}
	chunk.Items[0].Payload.Body = fmt.Appendf(nil, `{"id":"item-000","name":%q}`, bytes.Repeat([]byte("x"), 8<<20))
	chunk.Items[0].Edited = true
	if got := send(t, c, prepare(t, c, chunk)); got.Kind != model.Rejected || got.Fault != model.TooBig {
		t.Errorf("got %s %q %q", got.Kind, got.Fault, got.Why)
	}
	if n := len(server.Effects().Items); n != 0 {
		t.Errorf("%d items were applied", n)
	}
}
