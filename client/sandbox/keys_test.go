package sandbox

import (
	"strings"
	"testing"
)

const keyHeader = "Idempotency-Key"

func TestCallKeys(t *testing.T) {
	body := `{"items":[` + user("a") + `]}`
	for _, c := range []struct {
		name, path, body, key string
		status                int
		replayed, sameBytes   bool
	}{
		{"same bytes", "/batch", body, `"k"`, 200, true, true},
		{"bare key", "/batch", body, `k`, 200, true, true},
		{"other bytes", "/batch", body + " ", `"k"`, 422, false, false},
		{"other endpoint", "/items", user("a"), `"k"`, 422, false, false},
		{"other key", "/batch", body, `"k2"`, 200, false, false},
		{"broken quotes", "/batch", body, `"k`, 400, false, false},
		{"empty quotes", "/batch", body, `""`, 400, false, false},
		{"too long", "/batch", body, strings.Repeat("k", maxKey+1), 400, false, false},
		{"not printable", "/batch", body, "k\x01", 400, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t, Options{})
			first := call(t, s, "POST", "/batch", body, keyHeader, `"k"`)
			w := call(t, s, "POST", c.path, c.body, keyHeader, c.key)
			equal(t, "status", w.Code, c.status)
			equal(t, "replayed", w.Header().Get("Idempotency-Replayed") == "true", c.replayed)
			equal(t, "same bytes", w.Body.String() == first.Body.String(), c.sameBytes)
			e := s.Effects()
			equal(t, "effects", e.Items["a"], 1)
			equal(t, "in the log", e.Calls[1].Replayed, c.replayed)
			if c.status == 422 {
				equal(t, "code", decode(t, w).Error.Code, codeKeyReused)
			}
		})
	}
}

func TestCallKeyKeepsNothingUnfinished(t *testing.T) {
	s := open(t, Options{
		Faults:     []Fault{{Kind: Refuse, Call: 1}},
		ItemFaults: []ItemFault{{ID: "a", Times: 2}, {ID: "c"}},
	})
	body := `[` + user("a") + `,` + user("b") + `]`
	for i, want := range []string{"503", "207", "207", "200", "200 replayed"} {
		w := call(t, s, "POST", "/batch", body, keyHeader, "k")
		got := strings.TrimSuffix(strings.Join([]string{w.Result().Status[:3], ""}, " "), " ")
		if w.Header().Get("Idempotency-Replayed") != "" {
			got += " replayed"
		}
		if got != want {
			t.Errorf("call %d: got %s, want %s", i+1, got, want)
		}
	}
	equal(t, "bound to its bytes", call(t, s, "POST", "/batch", body+" ", keyHeader, "k").Code, 422)
	equal(t, "one item, unfinished", call(t, s, "POST", "/items", user("c"), keyHeader, "c").Code, 503)
	equal(t, "and then done", call(t, s, "POST", "/items", user("c"), keyHeader, "c").Code, 201)
	if d := s.Effects().Doubled(); d != nil {
		t.Errorf("applied twice: %v", d)
	}
}

func TestCallKeyKeepsFinalRefusals(t *testing.T) {
	s := open(t, Options{})
	bad := user("a", `"age":"4"`)
	equal(t, "refused", call(t, s, "POST", "/items", bad, keyHeader, "k").Code, 400)
	w := call(t, s, "POST", "/items", bad, keyHeader, "k")
	equal(t, "replayed", w.Header().Get("Idempotency-Replayed"), "true")
	equal(t, "edited under the old key", call(t, s, "POST", "/items", user("a"), keyHeader, "k").Code, 422)
	equal(t, "edited under a new key", call(t, s, "POST", "/items", user("a"), keyHeader, "k2").Code, 201)
}

func TestItemKeys(t *testing.T) {
	key := `"idempotency_key":"k"`
	for _, c := range []struct {
		name, first, wantFirst string
		second, wantSecond     string
		replayed               bool
	}{
		{"same payload", user("a", key), "201", user("a", key), "201", true},
		{"other spelling, same payload", user("a", key), "201", `{ "idempotency_key":"k", "name":"N\u0061me","id":"a", "email":"a@example.com"}`, "201", true},
		{"another id", user("a", key), "201", user("b", key), "409 IDEMPOTENCY_CONFLICT", false},
		{"other number text is another payload", user("a", key, `"balance":1.10`), "201", user("b", key, `"balance":1.1`), "409 IDEMPOTENCY_CONFLICT", false},
		{"final refusal", user("a", key, `"age":"1"`), "400 TYPE_MISMATCH", user("a", key, `"age":"1"`), "400 TYPE_MISMATCH", true},
		{"edited after a final refusal", user("a", key, `"age":"1"`), "400 TYPE_MISMATCH", user("a", key, `"age":1`), "409 IDEMPOTENCY_CONFLICT", false},
		{"rules come before the key", user("a", key), "201", user("b", key, `"age":"1"`), "400 TYPE_MISMATCH", false},
		{"backend failure is not kept", user("down", key), "503 UPSTREAM_ERROR", user("down", key), "201", false},
		{"and binds no payload", user("down", key), "503 UPSTREAM_ERROR", user("down", key, `"age":1`), "201", false},
		{"timeout that landed is not kept", user("landed", key), "504 TIMEOUT", user("landed", key), "200", false},
		{"but binds the payload", user("landed", key), "504 TIMEOUT", user("c", key), "409 IDEMPOTENCY_CONFLICT", false},
		{"permission is not kept", user("a", key, `"resource_id":"r"`), "403 PERMISSION_DENIED", user("b", key), "201", false},
		{"dependency is not kept", user("a", key, `"manager_id":"m"`), "424 MISSING_DEPENDENCY", user("b", key), "201", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t, Options{Resources: []string{}, ItemFaults: []ItemFault{{ID: "down"}, {ID: "landed", Status: 504, Landed: true}}})
			equal(t, "first", codes(batch(t, s, c.first)), c.wantFirst)
			a := batch(t, s, c.second)
			equal(t, "second", codes(a), c.wantSecond)
			equal(t, "replayed", a.Responses[0].Replayed, c.replayed)
			e := s.Effects()
			if len(e.Doubled()) > 0 || e.Keys["k"] > 1 {
				t.Errorf("applied twice: %v %v", e.Items, e.Keys)
			}
		})
	}
}

func TestGrantedLaterUnderTheSameKey(t *testing.T) {
	s := open(t, Options{Resources: []string{}})
	it := user("a", `"idempotency_key":"k"`, `"resource_id":"r"`)
	equal(t, "denied", codes(batch(t, s, it)), "403 PERMISSION_DENIED")
	if err := s.Grant("r"); err != nil {
		t.Fatal(err)
	}
	equal(t, "granted", codes(batch(t, s, it)), "201")
	if err := s.Revoke("r"); err != nil {
		t.Fatal(err)
	}
	equal(t, "revoked", codes(batch(t, s, user("b", `"resource_id":"r"`))), "403 PERMISSION_DENIED")
}

func TestCarelessCatchesWhoSendsTwice(t *testing.T) {
	s := open(t, Options{Careless: true})
	it := user("a", `"idempotency_key":"k"`)
	for range 2 {
		equal(t, "status", call(t, s, "POST", "/batch", `[`+it+`]`, keyHeader, "c").Code, 200)
	}
	equal(t, "other content", codes(batch(t, s, user("a", `"age":1`))), "201")
	equal(t, "rules still hold", codes(batch(t, s, user("a", `"age":"1"`))), "400 TYPE_MISMATCH")
	e := s.Effects()
	equal(t, "effects", e.Items["a"], 3)
	equal(t, "under the key", e.Keys["k"], 2)
	equal(t, "doubled", strings.Join(e.Doubled(), " "), "a")
	body, ok := s.Item("a")
	equal(t, "exists", ok, true)
	equal(t, "the last one stays", string(body), user("a", `"age":1`))
}
