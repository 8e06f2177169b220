package client

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestFetch(t *testing.T) {
	var signed string
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		signed = r.Header.Get("Authorization")
		w.Header().Set("Content-Type", "application/json")
		if strings.HasSuffix(r.URL.Path, "/422") {
			w.WriteHeader(http.StatusUnprocessableEntity)
		}
		_, _ = io.WriteString(w, r.URL.RequestURI())
	})
	own, other := httptest.NewServer(handler), httptest.NewServer(handler)
	defer own.Close()
	defer other.Close()
	c := open(t, at(own.URL+"/api"))
	for _, row := range []struct {
		name, address, body string
		status              int
		signed              bool
	}{
		{"relative to the base", "/batch-results/12345", "/api/batch-results/12345", 200, true},
		{"with the base path", "/api/batch-results/1?x=y", "/api/batch-results/1?x=y", 200, true},
		{"absolute", own.URL + "/elsewhere", "/elsewhere", 200, true},
		{"another server, without the credential", other.URL + "/results?sig=1", "/results?sig=1", 200, false},
		{"any status has its body", "/422", "/api/422", 422, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			body, kind, status, err := c.Fetch(t.Context(), row.address)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(body)
			if err != nil || body.Close() != nil || string(got) != row.body || kind != "application/json" || status != row.status {
				t.Errorf("got %q %q %d, %v", got, kind, status, err)
			}
			if (signed != "") != row.signed {
				t.Errorf("the request carried %q", signed)
			}
		})
	}
	for _, address := range []string{
		"http://api.example.com/x?token=" + canary, "ftp://h/x", "https://me:" + canary + "@h/x", "file:///etc/passwd", "http://[::1", "/../x", "http://127.0.0.1:1/?token=" + canary,
	} {
		if _, _, _, err := c.Fetch(t.Context(), address); err == nil || strings.Contains(err.Error(), canary) {
			t.Errorf("%s: got %v", address, err)
		}
	}
	none := open(t, Config{})
	if _, _, _, err := none.Fetch(t.Context(), "/x"); err == nil {
		t.Error("relative to nothing: no error")
	}
	body, _, _, err := none.Fetch(t.Context(), other.URL)
	if err != nil {
		t.Fatal(err)
	}
	_ = body.Close()
}
