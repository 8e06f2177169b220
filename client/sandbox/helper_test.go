package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// open gives a server that is closed when the test ends.
func open(t testing.TB, o Options) *Server {
	t.Helper()
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// serve listens on loopback and gives the base URL.
func serve(t testing.TB, s *Server) string {
	t.Helper()
	base, stop, err := s.Listen("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	return base
}

// call makes one call without a socket; headers come in pairs.
func call(t testing.TB, s *Server, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+DefaultToken)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// answer is any JSON answer of the API.
type answer struct {
	BatchID   string       `json:"batch_id"`
	Responses []itemAnswer `json:"responses"`
	Summary   struct{ Total, Succeeded, Failed int }
	Error     *told `json:"error"`
	Valid     bool
	Errors    []told
}

type itemAnswer struct {
	ID         json.RawMessage
	Status     int
	Data       json.RawMessage
	Request    json.RawMessage
	Error      *told
	RetryAfter float64 `json:"retry_after"`
	Replayed   bool
	Headers    map[string]string
	Body       json.RawMessage
}

type told struct{ Code, Message, Field string }

func decode(t testing.TB, w *httptest.ResponseRecorder) answer {
	t.Helper()
	var a answer
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Fatalf("status %d: %v in %q", w.Code, err, w.Body)
	}
	return a
}

// batch posts items and gives the decoded answer.
func batch(t testing.TB, s *Server, items ...string) answer {
	t.Helper()
	return decode(t, call(t, s, "POST", "/batch", `{"items":[`+strings.Join(items, ",")+`]}`))
}

// user gives a sound item with more members, e.g. `"age":4`.
func user(id string, more ...string) string {
	out := fmt.Sprintf(`{"id":%q,"email":"%s@example.com","name":"Name"`, id, strings.ToLower(id))
	for _, m := range more {
		out += "," + m
	}
	return out + "}"
}

// codes gives "status code" of each answered item, "status" if it went well.
func codes(a answer) string {
	var out []string
	for _, r := range a.Responses {
		line := fmt.Sprint(r.Status)
		if r.Error != nil {
			line += " " + r.Error.Code
		}
		out = append(out, line)
	}
	return strings.Join(out, ", ")
}

func equal[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// aborted runs f and reports whether it cut the connection.
func aborted(f func()) (cut bool) {
	defer func() {
		if v := recover(); v != nil {
			cut = v == http.ErrAbortHandler //nolint:errorlint // a panic value
		}
	}()
	f()
	return false
}

type rawJSON = json.RawMessage
