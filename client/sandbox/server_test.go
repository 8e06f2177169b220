package sandbox

import (
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestOptionsAreChecked(t *testing.T) {
	for _, c := range []struct {
		name string
		o    Options
		want string
	}{
		{"negative limit", Options{MaxItems: -1}, "a limit is negative"},
		{"negative burst", Options{ItemBurst: -1}, "a limit is negative"},
		{"rate is no number", Options{ItemRate: math.NaN()}, "a rate"},
		{"negative latency", Options{Latency: -1}, "latency"},
		{"loss rate", Options{LossRate: 1.1}, "not between 0 and 1"},
		{"kind", Options{Faults: []Fault{{Kind: "explode"}}}, `fault 1: the kind "explode" is unknown`},
		{"no kind", Options{Faults: []Fault{{}}}, "is unknown"},
		{"fault status", Options{Faults: []Fault{{Kind: Refuse, Status: 200}}}, "not 400 to 599"},
		{"fault path", Options{Faults: []Fault{{Kind: Drop, On: "/batch"}}}, "not a method and a path"},
		{"fault number", Options{Faults: []Fault{{Kind: Drop, Times: -2}}}, "negative"},
		{"item fault without an item", Options{ItemFaults: []ItemFault{{}}}, "names no item"},
		{"item fault status", Options{ItemFaults: []ItemFault{{ID: "a", Status: 404}}}, "not 429 or 500 to 599"},
		{"item fault number", Options{ItemFaults: []ItemFault{{ID: "a", RetryAfter: -1}}}, "negative"},
		{"stored item", Options{Stored: []rawJSON{rawJSON(`{}`)}}, "store item 1 of the options: it has no id"},
	} {
		_, err := New(c.o)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

func TestEffectsAreACopy(t *testing.T) {
	s := open(t, Options{})
	call(t, s, "POST", "/batch", `[`+user("a")+`,`+`{"id":7}`+`]`, keyHeader, `"k"`)
	e := s.Effects()
	c := e.Calls[0]
	equal(t, "line", fmt.Sprint(c.Method, c.Path, c.Key, c.Items, c.Status), "POST/batchk[a 7] 207")
	equal(t, "wire count of the body", e.Bodies[c.Body], 1)
	equal(t, "counts", fmt.Sprint(e.Posts, e.Gets, e.Paths), "1 0 map[POST /batch:1]")
	e.Items["a"], e.Calls[0].Items[0], e.Paths["x"] = 9, "z", 1
	fresh := s.Effects()
	equal(t, "untouched", fmt.Sprint(fresh.Items["a"], fresh.Calls[0].Items[0], len(fresh.Paths)), "1a1")
}

func TestTheLogIsBounded(t *testing.T) {
	s := open(t, Options{})
	s.tally.Calls = make([]Call, maxLog)
	call(t, s, "POST", "/items", user("a"))
	e := s.Effects()
	equal(t, "lines", len(e.Calls), maxLog)
	equal(t, "still counted", e.Posts, 1)
}

func TestConcurrentCalls(t *testing.T) {
	s := open(t, Options{ItemRate: 1e6, ItemBurst: 10})
	base := serve(t, s)
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			for i := range 20 {
				body := fmt.Sprintf(`[%s,%s]`, user("shared"), user(fmt.Sprintf("i%d-%d", n, i)))
				if _, _, err := send(context.Background(), http.DefaultClient, base, "/batch", body); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if d := s.Effects().Doubled(); d != nil {
		t.Errorf("applied twice: %v", d)
	}
	equal(t, "calls", s.Effects().Posts, 160)
}

func TestListen(t *testing.T) {
	s := open(t, Options{})
	for _, addr := range []string{"0.0.0.0:0", ":0", "example.com:0", "192.0.2.1:0", "127.0.0.1"} {
		if _, stop, err := s.Listen(addr); err == nil {
			t.Errorf("%s was accepted", addr)
			must(t, stop())
		}
	}
	base, stop, err := s.Listen("127.0.0.1:0")
	must(t, err)
	_, again, err := s.Listen(strings.TrimPrefix(base, "http://"))
	if err == nil {
		t.Error("a port was given twice")
		must(t, again())
	}
	res, err := http.Get(base + "/")
	must(t, err)
	text, err := io.ReadAll(res.Body)
	must(t, err)
	must(t, res.Body.Close())
	equal(t, "the example names this server", strings.Contains(string(text), "curl -s "+base+"/batch"), true)
	must(t, stop())
	must(t, stop())
	base2, stop2, err := s.Listen(strings.TrimPrefix(base, "http://"))
	must(t, err)
	equal(t, "the same port again", base2, base)
	must(t, stop2())
}

func TestCloseEndsWaits(t *testing.T) {
	s := open(t, Options{Latency: time.Hour, Faults: nil})
	done := make(chan bool)
	go func() { done <- aborted(func() { call(t, s, "GET", "/items/a", "") }) }()
	for s.Effects().Gets == 0 { // the call is in before the server closes
		runtime.Gosched()
	}
	must(t, s.Close())
	equal(t, "cut", <-done, true)
	equal(t, "later calls", call(t, s, "GET", "/items/a", "").Code, 503)
	must(t, s.Close())
}

func TestTransportLooksLikeHTTP(t *testing.T) {
	s := open(t, Options{Stored: []rawJSON{rawJSON(user("a"))}})
	c := &http.Client{Transport: s.Transport()}
	r, err := http.NewRequest("GET", "http://sandbox/items/a", nil)
	must(t, err)
	r.Header.Set("Authorization", "Bearer "+DefaultToken)
	res, err := c.Do(r)
	must(t, err)
	body, err := io.ReadAll(res.Body)
	must(t, err)
	must(t, res.Body.Close())
	equal(t, "body", string(body), user("a"))
	equal(t, "length", res.ContentLength, int64(len(body)))
	equal(t, "status", res.Status, "200 OK")
	r.Method = "HEAD"
	res, err = c.Do(r)
	must(t, err)
	must(t, res.Body.Close())
	equal(t, "head", res.StatusCode, 200)
}
