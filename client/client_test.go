package client

import (
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"retriage/model"
)

func TestOwnAuthorities(t *testing.T) {
	_, body, _ := cutHead(good)
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 1 || r.TLS == nil {
			t.Errorf("got %s", r.Proto)
		}
		_, _ = io.WriteString(w, body)
	}))
	defer server.Close()
	cfg := at(server.URL)
	cfg.RootCAs = x509.NewCertPool()
	cfg.RootCAs.AddCert(server.Certificate())
	c := open(t, cfg)
	if got := send(t, c, prepare(t, c, batch(1))); got.Kind != model.Answered {
		t.Errorf("got %s %q %q", got.Kind, got.Fault, got.Why)
	}
}

func TestClientServesManyAtOnce(t *testing.T) {
	var most, now atomic.Int32
	_, body, _ := cutHead(good)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		if r.Header.Get("Authorization") != "Bearer "+canary {
			t.Errorf("got headers %v", r.Header)
		}
		_, _ = io.WriteString(w, body)
	}))
	defer server.Close()
	cfg := at(server.URL)
	cfg.Profile.Settings.Concurrency, cfg.Profile.Settings.Readers = 2, 1
	c := open(t, cfg)
	r := prepare(t, c, batch(1))
	var wg sync.WaitGroup
	for range 12 {
		wg.Go(func() {
			if got, err := c.Send(t.Context(), r); err != nil || got.Kind != model.Answered {
				t.Errorf("Send: %+v, %v", got, err)
			}
			if got, err := c.Probe(t.Context(), probeOf("a")); err != nil || got.Status != 200 {
				t.Errorf("Probe: %+v, %v", got, err)
			}
			if err := c.Refresh(t.Context()); err != nil {
				t.Errorf("Refresh: %v", err)
			}
		})
	}
	wg.Wait()
	if n := most.Load(); n > 3 {
		t.Errorf("%d requests at once, want at most 3", n)
	}
	if len(c.past) != 1 {
		t.Errorf("%d secrets are kept, want 1", len(c.past))
	}
}
