package client

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"retriage/model"
)

func TestPrepareIsPureAndRepeats(t *testing.T) {
	cfg := at("https://api.example.com/v1/")
	cfg.Profile.KeyScope = model.CallKey
	c := open(t, cfg)
	one, two := prepare(t, c, batch(3)), prepare(t, c, batch(3))
	if !reflect.DeepEqual(one, two) {
		t.Errorf("prepared twice, and they differ:\n%+v\n%+v", one, two)
	}
	if one.URL != "https://api.example.com/v1/batch" || one.Method != "POST" || string(one.Body) != `{"items":["a","b","c"]}` {
		t.Errorf("got %s %s %s", one.Method, one.URL, one.Body)
	}
	if len(one.SHA256) != 64 {
		t.Errorf("sha256 is %q", one.SHA256)
	}
	if one.Header["Content-Type"] != "application/json" || one.Header["idempotency-key"] != one.CallKey || len(one.CallKey) != 36 {
		t.Errorf("got headers %v, key %q", one.Header, one.CallKey)
	}
	if other := prepare(t, c, batch(2)); other.CallKey == one.CallKey {
		t.Error("another body has the same key")
	}
	for name := range one.Header {
		if strings.EqualFold(name, "Authorization") {
			t.Error("a prepared request carries the credential")
		}
	}
}

func TestPrepareKeys(t *testing.T) {
	twins := items(2)
	twins[1].Payload.Body = twins[0].Payload.Body
	keyed := items(1)
	keyed[0].Key = "0d9c"
	for _, row := range []struct {
		name   string
		scope  model.KeyScope
		header string
		chunk  model.Chunk
		want   func(model.Request) bool
	}{
		{"no key", model.NoKey, "X-Key", batch(1), func(r model.Request) bool { return r.CallKey == "" && len(r.Header) == 2 }},
		{"item keys do not show in a batch call", model.ItemKey, "X-Key", batch(1), func(r model.Request) bool { return r.CallKey == "" }},
		{"the profile's header", model.CallKey, "Request-Id", batch(1), func(r model.Request) bool { return r.Header["request-id"] == r.CallKey && r.CallKey != "" }},
		{"an item alone takes its own key", model.CallKey, "", model.Chunk{Mode: model.Alone, Items: keyed}, func(r model.Request) bool { return r.CallKey == "0d9c" }},
		{"and in the item's scope too", model.ItemKey, "X-Key", model.Chunk{Mode: model.Alone, Items: keyed}, func(r model.Request) bool { return r.Header["x-key"] == "0d9c" }},
	} {
		t.Run(row.name, func(t *testing.T) {
			cfg := at("https://api.example.com")
			cfg.Profile.KeyScope, cfg.Profile.KeyHeader = row.scope, row.header
			if got := prepare(t, open(t, cfg), row.chunk); !row.want(got) {
				t.Errorf("got key %q, headers %v", got.CallKey, got.Header)
			}
		})
	}
	cfg := at("https://api.example.com")
	cfg.Profile.KeyScope = model.CallKey
	c := open(t, cfg)
	if a, b := prepare(t, c, model.Chunk{Mode: model.Alone, Items: twins[:1]}), prepare(t, c, model.Chunk{Mode: model.Alone, Items: twins[1:]}); a.SHA256 != b.SHA256 || a.CallKey == b.CallKey {
		t.Errorf("two items with equal bodies: keys %q and %q", a.CallKey, b.CallKey)
	}
}

func TestPrepareRefuses(t *testing.T) {
	cfg := at("https://api.example.com")
	cfg.Profile.MaxBytes = 20
	c := open(t, cfg)
	var large *TooLargeError
	if _, err := c.Prepare(batch(3)); !errors.As(err, &large) || large.Items != 3 || large.Max != 20 || large.Size != 23 {
		t.Errorf("got %v", err)
	}
	if _, err := c.Prepare(model.Chunk{}); err == nil {
		t.Error("no items: no error")
	}
	if _, err := c.Prepare(model.Chunk{Mode: model.Alone, Items: items(2)}); err == nil {
		t.Error("two items alone: no error")
	}
	none := open(t, Config{})
	if _, err := none.Prepare(batch(1)); !errors.Is(err, ErrNoTarget) {
		t.Errorf("no target: got %v", err)
	}
}

func TestPrepareAloneByTheItemsOwnURL(t *testing.T) {
	cfg := at("https://graph.example.com/v1.0")
	cfg.Profile.BatchPath, cfg.Profile.ItemPath = "/$batch", "{request.url}"
	c := open(t, cfg)
	for _, row := range []struct{ method, url, want string }{
		{"PATCH", "/users/1", "PATCH https://graph.example.com/v1.0/users/1"},
		{"delete", "users/1?x=1", "DELETE https://graph.example.com/v1.0/users/1?x=1"},
		{"POST", "/v1.0/users", "POST https://graph.example.com/v1.0/users"},
		{"POST", "https://evil.example/v1.0/users", ""},
		{"POST", "//evil.example/v1.0/users", ""},
		{"POST", "/../users", ""},
		{"POST", "/$1/orders", ""},
		{"PO ST", "/users", ""},
	} {
		it := items(1)
		it[0].Payload.Method, it[0].Payload.URL = row.method, model.Foreign(row.url)
		it[0].Payload.Headers = map[string]string{"if-match": `W/"1"`, "Authorization": "Bearer x", "content-type": "text/plain"}
		r, err := c.Prepare(model.Chunk{Mode: model.Alone, Items: it})
		if got := strings.TrimSpace(r.Method + " " + r.URL); got != row.want || (err == nil) != (row.want != "") {
			t.Errorf("%s %s: got %q, %v", row.method, row.url, got, err)
		}
		if err == nil && (r.Header["If-Match"] != `W/"1"` || r.Header["Authorization"] != "" || r.Header["Content-Type"] != "application/json") {
			t.Errorf("got headers %v", r.Header)
		}
	}
	it := items(1)
	it[0].Payload.URL = model.Foreign("/users")
	it[0].Payload.Headers = map[string]string{"X-A": "b\r\nX-Evil: 1"}
	if _, err := c.Prepare(model.Chunk{Mode: model.Alone, Items: it}); err == nil {
		t.Error("header injection by an item: no error")
	}
}
