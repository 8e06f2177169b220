package sandbox

import (
	"strings"
	"testing"
)

func TestItems(t *testing.T) {
	s := open(t, Options{})
	w := call(t, s, "POST", "/items", "\n "+user("a", `"idempotency_key":"k"`)+" \n")
	equal(t, "created", w.Code, 201)
	equal(t, "location", w.Header().Get("Location"), "/items/a")
	tag := w.Header().Get("Etag")
	w = call(t, s, "GET", "/items/a", "")
	equal(t, "read", w.Code, 200)
	equal(t, "bytes", w.Body.String(), user("a"))
	equal(t, "etag", w.Header().Get("Etag"), tag)
	equal(t, "not modified", call(t, s, "GET", "/items/a", "", "If-None-Match", `"x", W/`+tag).Code, 304)
	equal(t, "unknown", decode(t, call(t, s, "GET", "/items/b", "")).Error.Code, codeNotFound)
	equal(t, "replayed item", call(t, s, "POST", "/items", user("a", `"idempotency_key":"k"`)).Header().Get("Idempotency-Replayed"), "true")
	w = call(t, s, "POST", "/items", user("b", `"age":"1"`, `"idempotency_key":"b"`))
	equal(t, "refused", w.Code, 400)
	equal(t, "field", decode(t, w).Error.Field, "/age")
	w = call(t, s, "POST", "/items", user("b", `"age":"1"`, `"idempotency_key":"b"`))
	equal(t, "replayed refusal", w.Header().Get("Idempotency-Replayed"), "true")
	equal(t, "malformed", call(t, s, "POST", "/items", `{`).Code, 400)
	equal(t, "array", decode(t, call(t, s, "POST", "/items", `[]`)).Error.Code, codeType)
}

func TestMethodsAndPaths(t *testing.T) {
	s := open(t, Options{})
	for _, c := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{"GET", "/batch", 405, "POST"},
		{"PUT", "/items/a", 405, "DELETE, GET, PATCH"},
		{"HEAD", "/", 200, ""},
		{"GET", "/items/", 404, ""},
		{"GET", "/items/a/b", 404, ""},
		{"GET", "/items//", 404, ""},
		{"GET", "/items/..", 404, ""},
		{"GET", "//", 404, ""},
	} {
		w := call(t, s, c.method, c.path, "")
		equal(t, c.method+" "+c.path, w.Code, c.status)
		equal(t, c.path+" allow", w.Header().Get("Allow"), c.allow)
	}
	w := call(t, s, "GET", "/", "")
	if body := w.Body.String(); !strings.Contains(body, "curl -s http://example.com/batch") || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
		t.Errorf("the index is %q", body)
	}
}

func TestPatch(t *testing.T) {
	for _, c := range []struct {
		name, patch, ifMatch string
		status               int
		want                 string
	}{
		{"replace", `{"age" : 5}`, "", 200, `{"id":"a", "age": 5 ,"email":"a@example.com","name":"N","balance":1.10}`},
		{"add", `{"role":"viewer"}`, "", 200, `{"id":"a", "age": 4 ,"email":"a@example.com","name":"N","balance":1.10,"role":"viewer"}`},
		{"remove", `{"age":null,"balance":null}`, "", 200, `{"id":"a", "email":"a@example.com","name":"N"}`},
		{"nothing", `{}`, "*", 200, `{"id":"a", "age": 4 ,"email":"a@example.com","name":"N","balance":1.10}`},
		{"a broken rule", `{"age":"5"}`, "", 400, ""},
		{"e-mail of another", `{"email":"b@example.com"}`, "", 409, ""},
		{"other id", `{"id":"b"}`, "", 422, ""},
		{"not an object", `[]`, "", 400, ""},
		{"malformed", `{`, "", 400, ""},
		{"stale", `{"age":5}`, `"0000"`, 412, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t, Options{Stored: []rawJSON{
				rawJSON(`{"id":"a", "age": 4 ,"email":"a@example.com","name":"N","balance":1.10}`), rawJSON(user("b")),
			}})
			before, _ := s.Item("a")
			w := call(t, s, "PATCH", "/items/a", c.patch, "If-Match", c.ifMatch)
			equal(t, "status", w.Code, c.status)
			after, _ := s.Item("a")
			if c.want == "" {
				c.want = string(before)
			}
			equal(t, "stored", string(after), c.want)
		})
	}
	equal(t, "unknown", call(t, open(t, Options{}), "PATCH", "/items/a", `{}`).Code, 404)
}

func TestDeleteFreesTheMail(t *testing.T) {
	s := open(t, Options{Stored: []rawJSON{rawJSON(user("a"))}})
	equal(t, "stale", call(t, s, "DELETE", "/items/a", "", "If-Match", `"0"`).Code, 412)
	equal(t, "deleted", call(t, s, "DELETE", "/items/a", "").Code, 204)
	equal(t, "again", call(t, s, "DELETE", "/items/a", "").Code, 404)
	equal(t, "mail is free", codes(batch(t, s, `{"id":"b","email":"a@example.com","name":"N"}`)), "201")
	equal(t, "effects", s.Effects().Items["a"], 1)
}

func TestPutAndRemoveCountNothing(t *testing.T) {
	s := open(t, Options{})
	must(t, s.Put(rawJSON(user("a"))))
	equal(t, "there", call(t, s, "GET", "/items/a", "").Code, 200)
	must(t, s.Remove("a"))
	equal(t, "gone", call(t, s, "GET", "/items/a", "").Code, 404)
	equal(t, "effects", len(s.Effects().Items), 0)
	for _, raw := range []string{`{`, `7`, `{"name":"x"}`} {
		if s.Put(rawJSON(raw)) == nil {
			t.Errorf("%s was stored", raw)
		}
	}
}
