package sandbox

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// send posts over a client and gives status and body; err is what the client saw.
func send(ctx context.Context, c *http.Client, base, path, body string) (status int, reply string, err error) {
	r, err := http.NewRequestWithContext(ctx, "POST", base+path, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("Authorization", "Bearer "+DefaultToken)
	res, err := c.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	return res.StatusCode, string(b), err
}

// ways gives both ways to a server: a socket on loopback and none.
func ways(t *testing.T, s *Server) map[string]*http.Client {
	return map[string]*http.Client{
		serve(t, s):       {Transport: &http.Transport{DisableKeepAlives: true}},
		"http://sandbox/": {Transport: s.Transport()},
	}
}

func TestConnectionFaults(t *testing.T) {
	for _, c := range []struct {
		name    string
		fault   Fault
		effects int
		fails   bool
		partial bool
	}{
		{"drop", Fault{Kind: Drop}, 0, true, false},
		{"lost", Fault{Kind: Lost}, 1, true, false},
		{"cut", Fault{Kind: Cut}, 1, true, true},
		{"slow", Fault{Kind: Slow, Delay: time.Millisecond}, 1, false, false},
	} {
		c.fault.Times = -1
		for _, path := range []string{"/batch", "/items"} {
			t.Run(c.name+path, func(t *testing.T) {
				s := open(t, Options{Faults: []Fault{c.fault}, Careless: true})
				times := 0
				for base, client := range ways(t, s) {
					body := user("a")
					if path == "/batch" {
						body = `[` + body + `]`
					}
					times++
					_, reply, err := send(t.Context(), client, strings.TrimSuffix(base, "/"), path, body)
					equal(t, base+" fails", err != nil, c.fails)
					equal(t, base+" partial reply", c.fails && reply != "", c.partial)
					e := s.Effects()
					equal(t, base+" effects", e.Items["a"], c.effects*times)
					equal(t, base+" logged as answered", e.Calls[len(e.Calls)-1].Status != 0, !c.fails)
				}
				equal(t, "reads stay truthful", call(t, s, "GET", "/items/a", "").Code != 200, c.effects == 0)
			})
		}
	}
}

func TestRefuse(t *testing.T) {
	date := "Wed, 21 Oct 2026 07:28:00 GMT"
	for _, c := range []struct {
		name              string
		fault             Fault
		status            int
		retryAfter, code  string
		method, path      string
		effectsAfterFirst int
	}{
		{"503", Fault{Kind: Refuse}, 503, "", codeUnavailable, "POST", "/items", 0},
		{"503 with Retry-After", Fault{Kind: Refuse, RetryAfter: 1200 * time.Millisecond}, 503, "2", codeUnavailable, "POST", "/items", 0},
		{"429", Fault{Kind: Refuse, Status: 429, RetryAfter: time.Second}, 429, "1", codeRate, "POST", "/items", 0},
		{"date", Fault{Kind: Refuse, RetryAfterText: date}, 503, date, codeUnavailable, "POST", "/items", 0},
		{"500 that landed", Fault{Kind: Refuse, Status: 500, Landed: true}, 500, "", codeUnavailable, "POST", "/items", 1},
		{"a read, scripted", Fault{Kind: Refuse, On: "GET /items/", Status: 404}, 404, "", codeNotFound, "GET", "/items/a", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t, Options{Faults: []Fault{c.fault}})
			w := call(t, s, c.method, c.path, user("a"))
			equal(t, "status", w.Code, c.status)
			equal(t, "Retry-After", w.Header().Get("Retry-After"), c.retryAfter)
			equal(t, "code", decode(t, w).Error.Code, c.code)
			equal(t, "effects", s.Effects().Items["a"], c.effectsAfterFirst)
			equal(t, "the second call is fine", call(t, s, "POST", "/items", user("a")).Code < 300, true)
		})
	}
}

func TestFaultsCountTheirCalls(t *testing.T) {
	s := open(t, Options{Faults: []Fault{
		{Kind: Refuse, On: "POST /batch", Call: 2, Times: 2, Status: 500},
		{Kind: Refuse, On: "POST /items", Call: 1, Status: 502},
		{Kind: Refuse, Call: 6, Status: 503},
	}})
	unauthorized := call(t, s, "POST", "/batch", "[]", "Authorization", "Bearer nobody")
	equal(t, "not counted", unauthorized.Code, 401)
	for i, c := range []struct {
		path string
		want int
	}{{"/batch", 200}, {"/batch", 500}, {"/items", 502}, {"/batch", 500}, {"/batch", 200}, {"/items", 503}, {"/batch", 200}} {
		body := user("a")
		if c.path == "/batch" {
			body = `[` + body + `]`
		}
		if got := call(t, s, "POST", c.path, body).Code; got != c.want {
			t.Errorf("call %d: got %d, want %d", i+1, got, c.want)
		}
	}
}

func TestExpiry(t *testing.T) {
	s := open(t, Options{Faults: []Fault{{Kind: Expire, Call: 2}}})
	equal(t, "before", call(t, s, "POST", "/items", user("a")).Code, 201)
	w := call(t, s, "POST", "/items", user("b"))
	equal(t, "expires", w.Code, 401)
	equal(t, "code", decode(t, w).Error.Code, codeExpired)
	equal(t, "challenge", strings.Contains(w.Header().Get("WWW-Authenticate"), `error="invalid_token"`), true)
	equal(t, "reads too", call(t, s, "GET", "/items/a", "").Code, 401)
	if err := s.Renew("fresh"); err != nil {
		t.Fatal(err)
	}
	equal(t, "the old token", call(t, s, "GET", "/items/a", "").Code, 401)
	equal(t, "the new token", call(t, s, "POST", "/items", user("b"), "Authorization", "bearer fresh").Code, 201)
}

func TestLatencyAndSlowTakeTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, Options{Latency: 20 * time.Millisecond, Faults: []Fault{{Kind: Slow, Call: 2, Delay: time.Hour}}})
		client := &http.Client{Transport: s.Transport()}
		start := time.Now()
		status, _, err := send(t.Context(), client, "http://sandbox", "/items", user("a"))
		if err != nil || status != 201 {
			t.Fatal(status, err)
		}
		equal(t, "latency", time.Since(start), 20*time.Millisecond)
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		_, _, err = send(ctx, client, "http://sandbox", "/items", user("b"))
		equal(t, "the client gives up", errors.Is(err, context.DeadlineExceeded), true)
		equal(t, "landed before it was slow", s.Effects().Items["b"], 1)
		equal(t, "in all", time.Since(start), 20*time.Millisecond+2*time.Second)
	})
}

func TestCancelDuringLatencyAppliesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, Options{Latency: time.Minute})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, _, err := send(ctx, &http.Client{Transport: s.Transport()}, "http://sandbox", "/items", user("a"))
		equal(t, "gave up", errors.Is(err, context.DeadlineExceeded), true)
		synctest.Wait()
		equal(t, "effects", len(s.Effects().Items), 0)
	})
}

func TestLateWriteLandsAfterTheConnectionIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, Options{Faults: []Fault{{Kind: Late, Delay: 3 * time.Second}}})
		client := &http.Client{Transport: s.Transport()}
		start := time.Now()
		_, _, err := send(t.Context(), client, "http://sandbox", "/items", user("a"))
		equal(t, "no reply", errors.Is(err, ErrNoReply), true)
		equal(t, "at once", time.Since(start), 0)
		equal(t, "not there yet", call(t, s, "GET", "/items/a", "").Code, 404)
		<-time.After(3*time.Second + 1)
		synctest.Wait()
		equal(t, "there now", call(t, s, "GET", "/items/a", "").Code, 200)
	})
}

func TestLateHoldsItsKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, Options{Faults: []Fault{{Kind: Late, Delay: time.Second}}})
		r, err := http.NewRequestWithContext(t.Context(), "POST", "http://sandbox/items", strings.NewReader(user("a")))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+DefaultToken)
		r.Header.Set(keyHeader, "k")
		if _, err := s.Transport().RoundTrip(r); !errors.Is(err, ErrNoReply) { //nolint:bodyclose // there is none
			t.Fatal(err)
		}
		w := call(t, s, "POST", "/items", user("a"), keyHeader, "k")
		equal(t, "still running", decode(t, w).Error.Code, codeKeyInUse)
		<-time.After(time.Second + 1)
		synctest.Wait()
		w = call(t, s, "POST", "/items", user("a"), keyHeader, "k")
		equal(t, "replayed", w.Header().Get("Idempotency-Replayed"), "true")
		equal(t, "effects", s.Effects().Items["a"], 1)
	})
}

func TestLateOverASocket(t *testing.T) {
	var asked atomic.Int32
	working := make(chan struct{})
	s := open(t, Options{
		Faults: []Fault{{Kind: Late, Delay: time.Millisecond}},
		Now: func() time.Time {
			if asked.Add(1) == 2 { // on arrival, and when the late work begins
				close(working)
			}
			return time.Now()
		},
	})
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	if _, _, err := send(t.Context(), client, serve(t, s), "/items", user("a")); err == nil {
		t.Error("the call was answered")
	}
	<-working
	equal(t, "landed", s.Effects().Items["a"], 1)
}

func TestLateWithoutHijacker(t *testing.T) {
	s := open(t, Options{Faults: []Fault{{Kind: Late, Delay: time.Millisecond}}})
	equal(t, "cut", aborted(func() { call(t, s, "POST", "/items", user("a")) }), true)
	equal(t, "landed", s.Effects().Items["a"], 1)
}

func TestLossRate(t *testing.T) {
	lost := func(seed uint64) (out string) {
		s := open(t, Options{LossRate: 0.3, Seed: seed})
		for range 200 {
			if aborted(func() { call(t, s, "POST", "/items", user("a")) }) {
				out += "x"
			} else {
				out += "."
			}
		}
		if aborted(func() { call(t, s, "GET", "/items/a", "") }) {
			t.Error("a read lost its reply")
		}
		return out
	}
	a := lost(1)
	if n := strings.Count(a, "x"); n < 40 || n > 80 {
		t.Errorf("%d of 200 replies were lost", n)
	}
	equal(t, "same seed, same losses", lost(1) == a, true)
	equal(t, "other seed, other losses", lost(2) == a, false)
}

func TestItemFaultsFollowOneAnother(t *testing.T) {
	s := open(t, Options{ItemFaults: []ItemFault{{ID: "a", Times: 2}, {ID: "b", Times: -1}, {ID: "a", Status: 504, Landed: true}}})
	for _, want := range []string{"503 UPSTREAM_ERROR", "503 UPSTREAM_ERROR", "504 TIMEOUT", "200"} {
		equal(t, "a", codes(batch(t, s, user("a"))), want)
		equal(t, "b", codes(batch(t, s, user("b"))), "503 UPSTREAM_ERROR")
	}
	equal(t, "effects of a", s.Effects().Items["a"], 1)
}

func TestStorm(t *testing.T) {
	faults := Storm(7, 300)
	if n := len(faults); n < 60 || n > 140 {
		t.Errorf("%d of 300 calls are hit", n)
	}
	again := Storm(7, 300)
	for i := range faults {
		if faults[i] != again[i] {
			t.Fatalf("fault %d differs: %v %v", i, faults[i], again[i])
		}
	}
	s := open(t, Options{Faults: faults})
	for range 300 { // nobody may write twice under a key, whatever happens to the replies
		aborted(func() { call(t, s, "POST", "/batch", `[`+user("a", `"idempotency_key":"k"`)+`]`, keyHeader, "c") })
	}
	e := s.Effects()
	equal(t, "effects", e.Items["a"], 1)
	equal(t, "wire count of the call key", e.CallKeys["c"], 300)
}
