package client

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"retriage/model"
	"retriage/model/dialect"
)

func probeOf(id string) model.Probe { return model.Probe{Item: model.Item{ID: model.TextID(id)}} }

func TestProbeReadings(t *testing.T) {
	for _, row := range []struct {
		name   string
		status int
		header map[string]string
		body   string
		fault  model.Fault
		why    string
	}{
		{"there", 200, map[string]string{"ETag": `"v1"`}, `{"id":"a"}`, "", ""},
		{"not there", 404, nil, `{"error":"not found"}`, "", ""},
		{"not there, without a word", 404, nil, "", "", ""},
		{"gone", 410, nil, "", "", ""},
		{"a page that says not found", 404, map[string]string{"Content-Type": "text/html"}, "<h1>404</h1>", model.NotABatch, "web page"},
		{"a sign-in page", 200, nil, "<!doctype HTML><html>", model.NotABatch, "web page"},
		{"empty", 200, nil, " \n", model.NotABatch, "no body"},
		{"401", 401, nil, "", model.SignIn, "401 Unauthorized"},
		{"403", 403, nil, "", model.Refused, "403 Forbidden"},
		{"429", 429, map[string]string{"Retry-After": "8"}, "", model.Throttled, "asks to wait 8 s"},
		{"503", 503, map[string]string{"Retry-After": "8"}, "", model.Unavailable, "asks to wait 8 s"},
		{"500", 500, nil, "", model.ServerError, "500"},
		{"301 elsewhere", 301, map[string]string{"Location": "https://evil.example/"}, "", model.Redirected, "sends us to https://evil.example/"},
		{"302 without an address", 302, nil, "", model.Redirected, "302 Found"},
		{"302 to no address", 302, map[string]string{"Location": "http://a b\x1b"}, "", model.LostReply, "Location"},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := open(t, at(serve(t, row.status, row.header, row.body).URL))
			got, err := c.Probe(t.Context(), probeOf("a"))
			if err != nil || got.Fault != row.fault || !strings.Contains(got.Why.Wire(), row.why) || got.Why.IsZero() != (row.fault == "") {
				t.Fatalf("got %d %q %q, %v", got.Status, got.Fault, got.Why, err)
			}
			if row.fault == "" && (got.Status != row.status || string(got.Body) != row.body || got.ETag.Wire() != row.header["ETag"]) {
				t.Errorf("got %+v", got)
			}
			if want := row.header["Retry-After"] != ""; want != (got.RetryAfter == 8*time.Second) || !want && got.RetryAfter >= 0 {
				t.Errorf("RetryAfter is %v", got.RetryAfter)
			}
		})
	}
}

func TestProbeAsks(t *testing.T) {
	var seen *http.Request
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = r
		_, _ = io.WriteString(w, "{}")
	}))
	defer server.Close()
	c := open(t, at(server.URL+"/api"))
	p := probeOf("a/b")
	p.Sent = model.Payload{Known: true, Medium: model.XML}
	if _, err := c.Probe(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if seen.Method != "GET" || seen.RequestURI != "/api/items/a%2Fb" {
		t.Errorf("got %s %s", seen.Method, seen.RequestURI)
	}
	h := seen.Header
	if h.Get("Cache-Control") != "no-cache" || h.Get("Authorization") != "Bearer "+canary || !strings.HasPrefix(h.Get("Accept"), "application/xml") || h.Get("Accept-Encoding") != "" {
		t.Errorf("got headers %v", h)
	}
}

func TestProbeWithoutARequest(t *testing.T) {
	cfg := at("https://api.example.com/v1")
	cfg.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
		t.Errorf("a request went to %s", r.URL)
		return nil, io.EOF
	})
	c := open(t, cfg)
	if got, err := c.Probe(t.Context(), probeOf("..")); err != nil || got.NoRead || got.Why.IsZero() || got.Fault == "" {
		t.Errorf("a hostile id: got %+v, %v", got, err)
	}
	if got, err := c.Probe(t.Context(), model.Probe{}); err != nil || !got.NoRead || got.Why.IsZero() {
		t.Errorf("no id: got %+v, %v", got, err)
	}
	cfg.Profile.ItemURL = "{response.headers.location}"
	c = open(t, cfg)
	p := probeOf("a")
	p.Answer.Location = model.Foreign("https://evil.example/v1/items/a")
	if got, err := c.Probe(t.Context(), p); err != nil || got.NoRead || !strings.Contains(got.Why.Wire(), "another server") {
		t.Errorf("a location elsewhere: got %+v, %v", got, err)
	}
	cfg.Profile.ItemURL = ""
	if got, err := open(t, cfg).Probe(t.Context(), probeOf("a")); err != nil || !got.NoRead {
		t.Errorf("no template: got %+v, %v", got, err)
	}
}

func TestProbeLosesConnections(t *testing.T) {
	hang := func(c net.Conn, _ *http.Request, _ int) bool { _, _ = c.Read(make([]byte, 1)); return false }
	for _, row := range []struct {
		name  string
		do    script
		fault model.Fault
	}{
		{"closed", func(net.Conn, *http.Request, int) bool { return false }, model.LostReply},
		{"cut", func(c net.Conn, _ *http.Request, _ int) bool { say(c, good[:len(good)-3]); return false }, model.LostReply},
		{"hangs", hang, model.TimedOut},
		{"hangs in the body", func(c net.Conn, r *http.Request, n int) bool { say(c, good[:len(good)-3]); return hang(c, r, n) }, model.TimedOut},
	} {
		t.Run(row.name, func(t *testing.T) {
			cfg := at(listen(t, row.do).url)
			if row.fault == model.TimedOut {
				cfg.Profile.Settings.Timeout = brief
			}
			got, err := open(t, cfg).Probe(t.Context(), probeOf("a"))
			if err != nil || got.Fault != row.fault || got.Why.IsZero() || got.Body != nil {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
	refused := open(t, at("http://127.0.0.1:1"))
	if got, err := refused.Probe(t.Context(), probeOf("a")); err != nil || got.Fault != model.Unreachable {
		t.Errorf("refused: got %+v, %v", got, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := refused.Probe(ended, probeOf("a")); err == nil {
		t.Error("an ended context gives no error")
	}
}

// Whatever a server answers, the secret and the items stay on its origin.
func TestRedirectsLeakNothing(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		var elsewhere atomic.Int32
		evil := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			elsewhere.Add(1)
			body, _ := io.ReadAll(r.Body)
			t.Errorf("%d: the other server got %s %v %q", status, r.Method, r.Header, body)
		}))
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, evil.URL+r.URL.Path, status)
		}))
		byName := strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
		same := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, byName+r.URL.Path, status)
		}))
		for _, url := range []string{server.URL, same.URL} {
			for _, credential := range []Credential{bearer(), {Kind: Header, Header: "X-Api-Key", Source: Literal{model.NewSecret(canary)}}} {
				cfg := at(url)
				cfg.Credential, cfg.Profile.KeyScope = credential, model.CallKey
				c := open(t, cfg)
				if got := send(t, c, prepare(t, c, batch(1))); got.Fault != model.Redirected {
					t.Errorf("%d: write gives %+v", status, got)
				}
				if got, err := c.Probe(t.Context(), probeOf("a")); err != nil || got.Fault != model.Redirected {
					t.Errorf("%d: read gives %+v, %v", status, got, err)
				}
				if _, _, _, err := c.Fetch(t.Context(), "/batch-results/1"); err == nil || strings.Contains(err.Error(), canary) {
					t.Errorf("%d: fetch gives %v", status, err)
				}
			}
		}
		same.Close()
		server.Close()
		evil.Close()
		if elsewhere.Load() != 0 {
			t.Fatal("something went elsewhere")
		}
	}
}

func TestReadsFollowThreeRedirectsAtHome(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		left := r.URL.Query().Get("left")
		if r.Header.Get("Authorization") == "" || r.Header.Get("Referer") != "" {
			t.Errorf("got headers %v", r.Header)
		}
		if left == "" {
			_, _ = io.WriteString(w, "{}")
			return
		}
		http.Redirect(w, r, strings.TrimSuffix(r.URL.Path+"?left="+left[1:], "?left="), http.StatusFound)
	}))
	defer server.Close()
	for left, fault := range map[string]model.Fault{"1": "", "111": "", "1111": model.Redirected} {
		cfg := at(server.URL)
		cfg.Profile.ItemURL = "/items/{id}?left=" + left
		if got, err := open(t, cfg).Probe(t.Context(), probeOf("a")); err != nil || got.Fault != fault {
			t.Errorf("%d redirects: got %+v, %v", len(left), got, err)
		}
	}
}

func TestCheck(t *testing.T) {
	cfg := at(serve(t, 401, nil, "").URL)
	cfg.WhoAmI = "/me"
	if got, err := open(t, cfg).Check(t.Context()); err != nil || got.Fault != model.SignIn {
		t.Errorf("got %+v, %v", got, err)
	}
	cfg.WhoAmI = ""
	if got, err := open(t, cfg).Check(t.Context()); err != nil || !got.NoRead {
		t.Errorf("got %+v, %v", got, err)
	}
}

// A read of what speaks of another item asks for what that has become, and for
// nothing where it is not known.
func TestAProbeAsksForWhatWasMade(t *testing.T) {
	var asked atomic.Value
	asked.Store("")
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Store(r.URL.Path)
		_, _ = io.WriteString(w, `{}`)
	}))
	t.Cleanup(web.Close)
	cfg := at(web.URL)
	cfg.Profile.ItemURL = "{request.url}"
	c := open(t, cfg)
	d, err := dialect.ByName("odata-json")
	if err != nil {
		t.Fatal(err)
	}
	c.wording = d
	p := model.Probe{Item: model.Item{ID: model.TextID("3")}, Sent: model.Payload{
		Known: true, Method: "PATCH", URL: model.Foreign("$4/Items"),
		Envelope: []byte(`{"id":"3","dependsOn":["4"],"method":"patch","url":"$4/Items"}`),
	}}
	if got, err := c.Probe(t.Context(), p); err != nil || !got.NoRead || asked.Load() != "" {
		t.Errorf("of what nothing is known: %+v, %v, asked for %q", got, err, asked.Load())
	}
	p.Made = []model.Made{{ID: model.TextID("4"), Location: model.Foreign(web.URL + "/Orders(4)")}}
	if got, err := c.Probe(t.Context(), p); err != nil || got.Status != 200 || asked.Load() != "/Orders(4)/Items" {
		t.Errorf("of what was made: %+v, %v, asked for %q", got, err, asked.Load())
	}
}
