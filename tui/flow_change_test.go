package tui

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"retriage/model"
	"retriage/triage"
	"retriage/triage/run"
)

// server is a batch API in memory: it takes what is right and keeps it.
type server struct {
	mu     sync.Mutex
	kept   map[string]string // id -> body
	sends  map[string]int    // id -> how often it was sent
	refuse int               // requests that are answered with 401 first
	fresh  int               // how often the token was read again
}

func (s *server) Prepare(c model.Chunk) (model.Request, error) {
	var body strings.Builder
	for _, it := range c.Items {
		fmt.Fprintf(&body, "%s %s\n", it.ID.Wire(), it.Payload.Body)
	}
	sum := sha256.Sum256([]byte(body.String()))
	return model.Request{Mode: c.Mode, Method: "POST", Body: []byte(body.String()), SHA256: hex.EncodeToString(sum[:]), Items: c.Items}, nil
}

func (s *server) Send(_ context.Context, r model.Request) (model.Reply, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuse > 0 && s.fresh == 0 {
		s.refuse--
		return model.Reply{Kind: model.Rejected, Status: 401, Fault: model.SignIn, RetryAfter: -1, Why: model.Foreign("401 Unauthorized")}, nil
	}
	reply := model.Reply{Kind: model.Answered, Status: 207, RetryAfter: -1}
	for _, it := range r.Items {
		id := it.ID.Wire()
		s.sends[id]++
		a := model.Answer{ID: it.ID, State: model.OK, Status: 201}
		if strings.Contains(string(it.Payload.Body), " Ana@Example.COM") {
			a = model.Answer{ID: it.ID, State: model.Failed, Status: 422, Failure: &model.Failure{Status: 422, RetryAfter: -1,
				Code: model.Foreign("INVALID_EMAIL"), Field: model.Foreign("/email"), Message: model.Foreign("is not an e-mail address")}}
		} else {
			s.kept[id] = string(it.Payload.Body)
		}
		reply.Outcomes = append(reply.Outcomes, model.Outcome{Index: it.Index, Answer: a})
	}
	return reply, nil
}

func (s *server) Refresh(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fresh++
	return nil
}

func (s *server) Probe(_ context.Context, p model.Probe) (model.Reading, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, ok := s.kept[p.Item.ID.Wire()]
	if !ok {
		return model.Reading{Status: 404, RetryAfter: -1}, nil
	}
	return model.Reading{Status: 200, Body: []byte(body), RetryAfter: -1}, nil
}

func (s *server) sent() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, k := range s.sends {
		n += k
	}
	return n
}

// mailOrders are 12 orders whose address is wrong.
var mailOrders = []part{{n: 12, status: 422, code: "INVALID_EMAIL", text: "is not an e-mail address", field: "/email", state: model.Failed}}

// serving is a world with a server and a Runner that works.
func serving(t *testing.T) (*world, *server) {
	t.Helper()
	w := newWorld(t, batch(t, 12, 12, mailOrders))
	s := &server{kept: map[string]string{}, sends: map[string]int{}}
	c, err := triage.NewClassifier(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	set := model.Defaults()
	set.Rate, set.ReadRate, set.Settle, set.Steps = 10_000, 10_000, time.Millisecond, []int{1, 5}
	w.cfg.Profile.Settings, w.cfg.Profile.KeyScope, w.cfg.Profile.ItemURL = set, model.ItemKey, "https://api.example.com/v2/orders/{id}"
	n := 0
	w.cfg.Runner = run.New(run.Config{
		Desk: w.cfg.Desk, Sender: s, Prober: s, Profile: w.cfg.Profile, Classifier: c, Now: time.Now, AskOnStop: true,
		Float: func() float64 { return 0.5 }, NewID: func() string { return "7f3c" }, NewKey: func() string { n++; return fmt.Sprint("key-", n) },
	})
	return w, s
}

// TestFixRetryVerify is the whole way on the screen: fix all at once, plan, type
// the count, watch, read back, report.
func TestFixRetryVerify(t *testing.T) {
	w, s := serving(t)
	tm := at(t, w, 100, 30)
	tm.sees("TOP CAUSES")
	tm.key("0")
	tm.sees("row 1 of 12")
	tm.key("a", "b")
	tm.sees("fits 12 of 12")
	tm.key("a")
	tm.sees("12 items changed on this machine.")
	tm.sees("edited: \"ana@example.com\"") // the list again
	tm.key("R")
	tm.sees("12 of 12 selected to POST api.example.com/v2/orders:batch")
	tm.sees("PROD: type 12, then Enter, to send")
	tm.key("enter")
	tm.sees("esc goes back; nothing is sent.")
	tm.key("enter")
	tm.sees("has to be typed exactly")
	if s.sent() != 0 {
		t.Fatal("Enter has sent")
	}
	tm.key("1")
	tm.sees("esc goes back; nothing is sent.")
	tm.typed("2")
	tm.key("enter")
	tm.sees("12 of 12 read back")
	tm.sees("The run has ended.")
	tm.sees("✓ confirmed 12")
	tm.key("enter")
	tm.sees("12  = all of them; 0 known outcomes sent again")
	tm.sees("12 of them confirmed")
	tm.sees("exit code will be 0")
	if s.sent() != 12 {
		t.Errorf("%d items sent", s.sent())
	}
}

// TestEditOneAndSendIt edits one item by hand and sends only that.
func TestEditOneAndSendIt(t *testing.T) {
	w, s := serving(t)
	tm := at(t, w, 100, 30)
	tm.sees("TOP CAUSES")
	tm.key("0")
	tm.sees("row 1 of 12")
	tm.key("e")
	tm.sees("EDIT 00001")
	tm.sees("← is not an e-mail address")
	for range len(" Ana@Example.COM") {
		tm.key("backspace")
	}
	tm.typed("ana@example.com")
	tm.sees("ok: text")
	tm.key("ctrl+s")
	tm.sees("Saved 1 field of 00001. Nothing was sent.")
	tm.key("R")
	tm.sees("1 of 12 open to POST")
	tm.sees("type send 1, then Enter")
	tm.key("y")
	tm.sees("esc goes back; nothing is sent.")
	tm.typed("1")
	tm.key("enter")
	tm.sees(`"send 1" has to be typed exactly`)
	tm.key("y")
	tm.sees("esc goes back; nothing is sent.")
	tm.typed("send 1")
	tm.key("enter")
	tm.sees("The run has ended.")
	if s.sent() != 1 {
		t.Errorf("%d items sent", s.sent())
	}
}

// TestSignInRefusedMidRun pauses, reads the token again, and goes on.
func TestSignInRefusedMidRun(t *testing.T) {
	w, s := serving(t)
	s.refuse = 100
	tm := at(t, w, 100, 30)
	tm.sees("TOP CAUSES")
	tm.key("0", "a", "b")
	tm.sees("fits 12 of 12")
	tm.key("a")
	tm.sees("12 items changed")
	tm.sees("edited: \"ana@example.com\"") // the list again
	tm.key("R")
	tm.sees("type 12, then Enter")
	tm.key("y")
	tm.sees("esc goes back")
	tm.typed("12")
	tm.key("enter")
	tm.sees("does not accept the sign-in")
	tm.sees("PAUSED")
	if s.sent() != 0 {
		t.Errorf("%d items taken by a server that refused", s.sent())
	}
	tm.key("t")
	tm.sees("ENDED")
	if s.sent() != 12 {
		t.Errorf("%d items sent", s.sent())
	}
}
