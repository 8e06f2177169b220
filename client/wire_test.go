package client

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"retriage/model"
)

// brief is a timeout short enough to wait for in a test.
const brief = 100 * time.Millisecond

func TestSendLosesConnections(t *testing.T) {
	hang := func(c net.Conn, _ *http.Request, _ int) bool { _, _ = c.Read(make([]byte, 1)); return false }
	for _, row := range []struct {
		name  string
		do    script
		kind  model.ReplyKind
		fault model.Fault
		why   string
	}{
		{"closed without a reply", func(net.Conn, *http.Request, int) bool { return false }, model.AnswerUnknown, model.LostReply, "the request was sent; the connection broke"},
		{"reset without a reply", func(c net.Conn, _ *http.Request, _ int) bool { reset(c); return false }, model.AnswerUnknown, model.LostReply, "may have been applied"},
		{"no reply in time", hang, model.AnswerUnknown, model.TimedOut, "within 100 ms"},
		{"cut in the headers", func(c net.Conn, _ *http.Request, _ int) bool { say(c, good[:40]); return false }, model.AnswerUnknown, model.LostReply, ""},
		{"cut in the body", func(c net.Conn, _ *http.Request, _ int) bool { say(c, good[:len(good)-9]); return false }, model.AnswerUnknown, model.LostReply, "207 Multi-Status; the connection broke"},
		{"reset in the body", func(c net.Conn, _ *http.Request, _ int) bool { say(c, good[:len(good)-9]); reset(c); return false }, model.AnswerUnknown, model.LostReply, ""},
		{"body that does not end", func(c net.Conn, r *http.Request, n int) bool {
			say(c, good[:len(good)-9])
			return hang(c, r, n)
		}, model.AnswerUnknown, model.TimedOut, "207 Multi-Status; no complete reply"},
		{"a refusal that is cut", func(c net.Conn, _ *http.Request, _ int) bool {
			say(c, "HTTP/1.1 429 Slow\r\nRetry-After: 2\r\nContent-Length: 50\r\n\r\n{")
			return false
		}, model.AnswerUnknown, model.LostReply, "429 Too Many Requests; the connection broke"},
		{"cut in chunks", func(c net.Conn, _ *http.Request, _ int) bool {
			say(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"res")
			return false
		}, model.AnswerUnknown, model.LostReply, ""},
		{"headers without end", func(c net.Conn, _ *http.Request, _ int) bool {
			say(c, "HTTP/1.1 200 OK\r\nX-Long: "+strings.Repeat("x", 2*headerMax)+"\r\n\r\n")
			return false
		}, model.AnswerUnknown, model.LostReply, "headers exceeded"},
		{"not HTTP", func(c net.Conn, _ *http.Request, _ int) bool { say(c, "SSH-2.0-\x1b[31mserver\r\n\r\n"); return false }, model.AnswerUnknown, model.LostReply, ""},
		{"whole", func(c net.Conn, _ *http.Request, _ int) bool { say(c, good); return false }, model.Answered, "", ""},
		{"100 and 103 before the reply", func(c net.Conn, _ *http.Request, _ int) bool {
			say(c, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"+good)
			return true
		}, model.Answered, "", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			server := listen(t, row.do)
			cfg := at(server.url)
			if row.fault == model.TimedOut {
				cfg.Profile.Settings.Timeout = brief
			}
			c := open(t, cfg)
			got := send(t, c, prepare(t, c, batch(1)))
			if got.Kind != row.kind || got.Fault != row.fault || !strings.Contains(got.Why.Wire(), row.why) {
				t.Errorf("got %s %q %q, want %s %q %q", got.Kind, got.Fault, got.Why, row.kind, row.fault, row.why)
			}
			if n := server.requests.Load(); n != 1 {
				t.Errorf("%d requests on the wire, want 1", n)
			}
		})
	}
}

func TestSendResetInTheMiddleOfTheRequest(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	go func() {
		if conn, err := l.Accept(); err == nil {
			_, _ = conn.Read(make([]byte, 1))
			reset(conn)
		}
	}()
	c := open(t, at("http://"+l.Addr().String()))
	if got := send(t, c, prepare(t, c, batch(1))); got.Kind != model.AnswerUnknown || got.Fault != model.LostReply {
		t.Errorf("got %s %q %q", got.Kind, got.Fault, got.Why)
	}
}

func TestSendSurelyNotSent(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refused := "http://" + closed.Addr().String()
	_ = closed.Close()
	tlsServer := httptest.NewUnstartedServer(http.NotFoundHandler())
	tlsServer.Config.ErrorLog = log.New(io.Discard, "", 0)
	tlsServer.StartTLS()
	t.Cleanup(tlsServer.Close)
	mute, err := net.Listen("tcp", "127.0.0.1:0") // accepts by its backlog and never speaks
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = mute.Close() })
	noName := roundTrip(func(*http.Request) (*http.Response, error) {
		return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "nowhere.example", IsNotFound: true}}
	})
	for _, row := range []struct {
		name, url string
		transport http.RoundTripper
		fault     model.Fault
		why       string
	}{
		{"refused", refused, nil, model.Unreachable, "refused the connection; nothing was sent"},
		{"no such name", "https://nowhere.example", noName, model.Unreachable, "the name nowhere.example was not found; nothing was sent"},
		{"unknown certificate", tlsServer.URL, nil, model.BadTLS, "certificate"},
		{"no TLS there", strings.Replace(serve(t, 200, nil, "").URL, "http:", "https:", 1), nil, model.BadTLS, "TLS"},
		{"TLS handshake hangs", "https://" + mute.Addr().String(), nil, model.Unreachable, "in time; nothing was sent"},
	} {
		t.Run(row.name, func(t *testing.T) {
			cfg := at(row.url)
			cfg.Profile.Settings.Timeout = time.Second
			if strings.Contains(row.name, "hangs") {
				cfg.Profile.Settings.Timeout = brief
			}
			cfg.Transport = row.transport
			c := open(t, cfg)
			got := send(t, c, prepare(t, c, batch(1)))
			if got.Kind != model.Rejected || got.Fault != row.fault || !strings.Contains(got.Why.Wire(), row.why) {
				t.Errorf("got %s %q %q", got.Kind, got.Fault, got.Why)
			}
		})
	}
}

// One Send is at most one request, also on a connection that was used before,
// with a key and without a body: the cases that net/http sends again.
func TestOneSendIsOneRequestOnTheWire(t *testing.T) {
	for _, method := range []string{"POST", "PUT", "DELETE"} {
		for _, header := range []string{"Idempotency-Key", "X-Idempotency-Key", "Request-Key"} {
			for _, body := range []string{"", `{"ref":"a"}`} {
				for how, end := range map[string]func(net.Conn){"closed": func(net.Conn) {}, "reset": reset} {
					t.Run(fmt.Sprintf("%s %s %d bytes %s", method, header, len(body), how), func(t *testing.T) {
						server := listen(t, func(conn net.Conn, _ *http.Request, n int) bool {
							if n == 1 {
								say(conn, good)
								return true
							}
							end(conn)
							return false
						})
						cfg := at(server.url)
						cfg.Profile.KeyScope, cfg.Profile.KeyHeader, cfg.Profile.ItemPath = model.CallKey, header, "{request.url}"
						c := open(t, cfg)
						send(t, c, prepare(t, c, batch(1)))
						it := items(1)
						it[0].Payload.Headers = map[string]string{"IDEMPOTENCY-KEY": "of the item"}
						it[0].Payload.Method, it[0].Payload.URL, it[0].Payload.Body = method, model.Foreign("/items/a"), []byte(body)
						got := send(t, c, prepare(t, c, model.Chunk{Mode: model.Alone, Items: it}))
						if n := server.requests.Load(); n != 2 || got.Kind != model.AnswerUnknown || got.Fault != model.LostReply {
							t.Errorf("%d requests for 2 sends, the second %s %q %q", n, got.Kind, got.Fault, got.Why)
						}
					})
				}
			}
		}
	}
}

// The test above is worth something only as long as net/http does this.
func TestNetHTTPSendsAgainWhenLeftAlone(t *testing.T) {
	lose := listen(t, func(conn net.Conn, _ *http.Request, n int) bool {
		if n == 1 {
			say(conn, good)
		}
		return n == 1
	})
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	for range 2 {
		r, err := http.NewRequestWithContext(t.Context(), "POST", lose.url, bytes.NewReader([]byte("{}")))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Idempotency-Key", "k")
		if response, err := transport.RoundTrip(r); err == nil {
			_, _ = bytes.NewBuffer(nil).ReadFrom(response.Body)
			_ = response.Body.Close()
		}
	}
	if n := lose.requests.Load(); n != 3 {
		t.Errorf("%d requests on the wire for 2 round trips, expected net/http to make 3 of them", n)
	}
}

func TestSendAfterTheServerClosedTheIdleConnection(t *testing.T) {
	server := listen(t, func(conn net.Conn, _ *http.Request, _ int) bool { say(conn, good); return false })
	c := open(t, at(server.url))
	r := prepare(t, c, batch(1))
	for i := range int32(20) {
		before := server.requests.Load()
		got := send(t, c, r)
		wrote := server.requests.Load() - before
		clean := got.Kind == model.Answered && wrote == 1
		// The close may cross the next request on its way.
		crossed := got.Kind == model.AnswerUnknown && wrote == 0 || got.Kind == model.Rejected && wrote == 0
		if !clean && !crossed {
			t.Fatalf("send %d: %s %q with %d requests on the wire", i, got.Kind, got.Why, wrote)
		}
	}
}

func TestSendInterrupted(t *testing.T) {
	arrived := make(chan struct{})
	server := listen(t, func(conn net.Conn, _ *http.Request, _ int) bool {
		close(arrived)
		_, _ = conn.Read(make([]byte, 1))
		return false
	})
	c := open(t, at(server.url))
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	got, err := c.Send(ctx, prepare(t, c, batch(1)))
	if err != nil || got.Kind != model.AnswerUnknown || got.Fault != model.Interrupted {
		t.Errorf("got %s %q %q, %v", got.Kind, got.Fault, got.Why, err)
	}
}

func TestSendInterruptedBeforeItLeft(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		if conn, err := l.Accept(); err == nil { // the TLS handshake never gets its answer
			cancel()
			_, _ = conn.Read(make([]byte, 4096))
			_ = conn.Close()
		}
	}()
	c := open(t, at("https://"+l.Addr().String()))
	if got, err := c.Send(ctx, prepare(t, c, batch(1))); err == nil {
		t.Errorf("got %+v, want an error: nothing was sent", got)
	}
}

func TestGzipIsLimitedAfterDecoding(t *testing.T) {
	pack := func(b []byte) string {
		var out bytes.Buffer
		z := gzip.NewWriter(&out)
		_, _ = z.Write(b)
		_ = z.Close()
		return out.String()
	}
	_, body, _ := cutHead(good)
	bomb := pack(make([]byte, bodyMax+1))
	for _, row := range []struct {
		name, body, why string
		kind            model.ReplyKind
		fault           model.Fault
	}{
		{"small", pack([]byte(body)), "", model.Answered, ""},
		{"bomb", bomb, "longer than 16 MiB", model.AnswerUnknown, model.NotABatch},
		{"damaged", "no gzip at all", "compression is damaged", model.AnswerUnknown, model.NotABatch},
		{"cut", pack([]byte(body))[:30], "", model.AnswerUnknown, model.LostReply},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := open(t, at(serve(t, 200, map[string]string{"Content-Encoding": "gzip"}, row.body).URL))
			got := send(t, c, prepare(t, c, batch(1)))
			if got.Kind != row.kind || got.Fault != row.fault || !strings.Contains(got.Why.Wire(), row.why) {
				t.Errorf("got %s %q %q", got.Kind, got.Fault, got.Why)
			}
		})
	}
}

func TestProxyRefusals(t *testing.T) {
	for status, fault := range map[int]model.Fault{407: model.Refused, 403: model.Refused, 502: model.Unreachable} {
		proxy := listen(t, func(conn net.Conn, r *http.Request, _ int) bool {
			if r.Method != "CONNECT" || r.Header.Get("Authorization") != "" {
				t.Errorf("the proxy got %s with %v", r.Method, r.Header)
			}
			say(conn, fmt.Sprintf("HTTP/1.1 %d \x1b[31m\r\nContent-Length: 0\r\n\r\n", status))
			return false
		})
		cfg := at("https://api.example.com")
		via, err := url.Parse(strings.Replace(proxy.url, "http://", "http://me:"+canary+"@", 1))
		if err != nil {
			t.Fatal(err)
		}
		cfg.Proxy = http.ProxyURL(via)
		c := open(t, cfg)
		got := send(t, c, prepare(t, c, batch(1)))
		if got.Kind != model.Rejected || got.Fault != fault || !strings.Contains(got.Why.Wire(), "the proxy") {
			t.Errorf("%d: got %s %q %q", status, got.Kind, got.Fault, got.Why)
		}
		if shown := strings.Join(c.Warnings(), " "); !strings.Contains(shown, via.Host) || strings.Contains(shown, canary) {
			t.Errorf("warnings %q", shown)
		}
	}
}
