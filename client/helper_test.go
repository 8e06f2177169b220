package client

import (
	"bufio"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"retriage/model"
	"retriage/model/dialect"
)

// canary is the secret of every test: it must turn up nowhere.
const canary = "canary-7f3a9c-TOKEN"

// plain is a dialect with nothing to it: a list of ids, and {"results":[{"id","status"}]}.
type plain struct{}

func (plain) Write(c model.Chunk, _ model.Profile) ([]byte, string, error) {
	var ids []string
	for _, it := range c.Items {
		ids = append(ids, string(it.ID.JSON()))
	}
	return []byte(`{"items":[` + strings.Join(ids, ",") + `]}`), "application/json", nil
}

func (plain) WriteOne(it model.SendItem, _ model.Profile) ([]byte, string, error) {
	return it.Payload.Body, "application/json", nil
}

func (plain) ParseReply(body []byte, asked []model.SendItem) dialect.ParsedReply {
	var reply struct {
		Results []struct {
			ID     string
			Status int
		}
		Error *struct {
			Status        int
			Code, Message string
		}
	}
	if err := json.Unmarshal(body, &reply); err != nil {
		return dialect.ParsedReply{Problem: "it is not JSON"}
	}
	if e := reply.Error; e != nil {
		return dialect.ParsedReply{Refusal: &dialect.RefusedError{Status: e.Status, Code: model.Foreign(e.Code), Message: model.Foreign(e.Message)}}
	}
	var out dialect.ParsedReply
	for _, r := range reply.Results {
		found := false
		for _, it := range asked {
			if it.ID.Wire() == r.ID {
				out.Outcomes = append(out.Outcomes, model.Outcome{Index: it.Index, Answer: answerOf(r.Status)})
				found = true
			}
		}
		if !found {
			out.Extra = append(out.Extra, model.TextID(r.ID))
		}
	}
	return out
}

func (plain) Resolve(it model.SendItem) (model.Payload, error) { return it.Payload, nil }

func (plain) Unlist([]byte, model.Payload) ([]byte, int, bool, bool) { return nil, 0, false, false }

func (plain) ParseOne(status int, _ map[string]string, body []byte, _ model.SendItem) model.Answer {
	if len(body) > 0 && !json.Valid(body) {
		return model.Answer{State: model.Unknown, Status: status}
	}
	return answerOf(status)
}

func answerOf(status int) model.Answer {
	if status >= 400 {
		return model.Answer{State: model.Failed, Status: status, Failure: &model.Failure{Status: status, RetryAfter: -1}}
	}
	return model.Answer{State: model.OK, Status: status}
}

// bearer is a credential that holds the canary.
func bearer() Credential {
	return Credential{Kind: Bearer, Source: Literal{model.NewSecret(canary)}}
}

// open makes a client with the plain dialect.
func open(t *testing.T, cfg Config) *Client {
	t.Helper()
	c, err := New(cfg)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	c.wording = plain{}
	if c.ownWire {
		t.Cleanup(c.reads.CloseIdleConnections)
		t.Cleanup(transportOf(c).CloseIdleConnections)
	}
	return c
}

func transportOf(c *Client) *http.Transport {
	return c.writes.(*originGuard).next.(*signer).next.(*http.Transport)
}

// at is a configuration for a server.
func at(base string) Config {
	return Config{
		Credential: bearer(),
		Proxy:      http.ProxyURL(nil),
		Profile: model.Profile{
			BaseURL: base, BatchPath: "/batch", ItemPath: "/items", ItemURL: "/items/{id}",
			Settings: model.Settings{Timeout: 5 * time.Second},
		},
	}
}

// serve answers every request the same way.
func serve(t *testing.T, status int, header map[string]string, body string) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for k, v := range header {
			w.Header().Set(k, v)
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(s.Close)
	return s
}

// items makes items to send, with the ids a, b, c and so on.
func items(n int) []model.SendItem {
	var out []model.SendItem
	for i := range n {
		id := string(rune('a' + i))
		out = append(out, model.SendItem{
			Index: i, ID: model.TextID(id),
			Payload: model.Payload{Known: true, Method: "POST", Body: []byte(`{"ref":"` + id + `"}`)},
		})
	}
	return out
}

func batch(n int) model.Chunk { return model.Chunk{Mode: model.InBatch, Items: items(n)} }

func prepare(t *testing.T, c *Client, chunk model.Chunk) model.Request {
	t.Helper()
	r, err := c.Prepare(chunk)
	if err != nil {
		t.Fatalf("Prepare: %v", err)
	}
	return r
}

func send(t *testing.T, c *Client, r model.Request) model.Reply {
	t.Helper()
	reply, err := c.Send(t.Context(), r)
	if err != nil {
		t.Fatalf("Send: %v", err)
	}
	if strings.Contains(reply.Why.Wire(), canary) {
		t.Errorf("the secret is in %q", reply.Why.Wire())
	}
	return reply
}

// wire is a server below HTTP: it reads whole requests from each connection,
// counts them, and lets a script do what it likes with the connection.
type wire struct {
	url      string
	requests atomic.Int32
	hung     chan struct{} // closed at the end of the test
}

// script answers request n (from 1) of a connection and says whether to read on.
type script func(conn net.Conn, r *http.Request, n int) bool

func listen(t *testing.T, do script) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{url: "http://" + l.Addr().String(), hung: make(chan struct{})}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { w.talk(conn, do) })
		}
	})
	t.Cleanup(func() { close(w.hung); _ = l.Close(); wg.Wait() })
	return w
}

func (w *wire) talk(conn net.Conn, do script) {
	defer func() { _ = conn.Close() }()
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		select {
		case <-w.hung:
			_ = conn.Close()
		case <-stop:
		}
	}()
	in := bufio.NewReader(conn)
	for n := 1; ; n++ {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		body := make([]byte, r.ContentLength)
		if _, err := readFull(r, body); err != nil {
			return
		}
		w.requests.Add(1)
		if !do(conn, r, n) {
			return
		}
	}
}

func readFull(r *http.Request, into []byte) (int, error) {
	total := 0
	for total < len(into) {
		n, err := r.Body.Read(into[total:])
		total += n
		if err != nil && total < len(into) {
			return total, err
		}
	}
	return total, nil
}

func say(conn net.Conn, text string) { _, _ = conn.Write([]byte(text)) }

// reset closes a connection with RST instead of FIN.
func reset(conn net.Conn) {
	_ = conn.(*net.TCPConn).SetLinger(0)
	_ = conn.Close()
}

// good is a whole reply to batch(1) on a connection that stays open.
const good = "HTTP/1.1 207 Multi-Status\r\nContent-Type: application/json\r\nContent-Length: 37\r\n\r\n" +
	`{"results":[{"id":"a","status":201}]}`

// cutHead splits a reply into head and body.
func cutHead(reply string) (head, body string, ok bool) { return strings.Cut(reply, "\r\n\r\n") }
