package sandbox

import (
	"encoding/json"
	"testing"
)

// Any body is answered with one of the documented statuses and valid JSON,
// what is read back is what was stored, and the counts add up.
func FuzzBatch(f *testing.F) {
	f.Add("/batch", []byte(`{"items":[{"id":"a","email":"a@example.com","name":"N","idempotency_key":"k"},7]}`), "k")
	f.Add("/batch", []byte(`[{"id":"a","email":"A","date":"3/4/26","age":"1","balance":1e400}]`), `"k"`)
	f.Add("/items", []byte(`{"id":"a","email":"a@example.com","name":"N"}`), "")
	f.Add("/odata/$batch", []byte(`{"requests":[{"id":"1","method":"PATCH","url":"/items/s","body":{"x":null}}]}`), "")
	f.Add("/soap", []byte(`<BatchRequest><CreateRequest id="a"><age>1</age></CreateRequest></BatchRequest>`), "")
	f.Add("/users/validate", []byte(`{"id":[{}]}`), "")
	f.Add("/auth/check-batch", []byte(`["r"]`), "")
	known := map[string]bool{"/batch": true, "/items": true, "/odata/$batch": true, "/soap": true, "/users/validate": true, "/auth/check-batch": true}
	f.Fuzz(func(t *testing.T, path string, body []byte, key string) {
		if !known[path] {
			return
		}
		s := open(t, Options{MaxBody: 1 << 16, ItemRate: 1, ItemBurst: 5, Stored: []rawJSON{rawJSON(user("s"))}})
		for range 2 { // the second time under the same key
			w := call(t, s, "POST", path, string(body), keyHeader, key)
			switch w.Code {
			case 200, 201, 207, 400, 403, 409, 413, 422, 424, 429:
			default:
				t.Fatalf("%s %q: status %d", path, body, w.Code)
			}
			if path != "/soap" && !json.Valid(w.Body.Bytes()) {
				t.Fatalf("%s %q: the answer is not JSON: %q", path, body, w.Body)
			}
			if path == "/batch" && w.Code < 300 {
				if a := decode(t, w); a.Summary.Total != len(a.Responses) || a.Summary.Succeeded+a.Summary.Failed != a.Summary.Total {
					t.Fatalf("%q: the summary %v does not add up", body, a.Summary)
				}
			}
		}
		for id := range s.Effects().Items {
			if raw, ok := s.Item(id); ok && !json.Valid(raw) {
				t.Fatalf("%s %q: stored %q", path, body, raw)
			}
		}
	})
}
