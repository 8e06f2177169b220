package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"time"
)

// maxLog bounds the call log of a server that is never restarted.
const maxLog = 100_000

// Effects is what a server has seen and done: the witness in every test of
// "never doubled". Seeded items (Options.Stored) and Server.Put count nowhere.
// Items and Keys survive a restart with a state file; the rest starts anew.
type Effects struct {
	Items    map[string]int // item id -> times a write of it was applied
	Keys     map[string]int // item idempotency key -> times a write under it was applied
	CallKeys map[string]int // Idempotency-Key of a call -> calls that carried it
	Bodies   map[string]int // SHA-256 of the body in hex -> POSTs that carried it
	Posts    int            // POST requests that arrived, answered or not
	Gets     int            // GET and HEAD requests that arrived
	Paths    map[string]int // "METHOD /path" -> requests that arrived
	Calls    []Call         // in order of arrival, the first 100,000
}

// Call is one line of the call log.
type Call struct {
	Method, Path string
	Key          string    // the call's Idempotency-Key, unquoted
	Body         string    // SHA-256 of the body in hex
	Items        []string  // the ids it held, in their order
	Status       int       // what was answered; 0 is nothing, or not all of it
	Replayed     bool      // an earlier reply was given again
	At           time.Time // when it arrived, by Options.Now
}

// Doubled gives the ids that were applied more than once, sorted.
func (e Effects) Doubled() []string {
	var out []string
	for id, n := range e.Items {
		if n > 1 {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// Effects gives a copy of what the server has seen and done so far.
func (s *Server) Effects() Effects {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.tally.Effects
	e.Items, e.Keys = maps.Clone(e.Items), maps.Clone(e.Keys)
	e.CallKeys, e.Bodies, e.Paths = maps.Clone(e.CallKeys), maps.Clone(e.Bodies), maps.Clone(e.Paths)
	e.Calls = slices.Clone(e.Calls)
	for i := range e.Calls {
		e.Calls[i].Items = slices.Clone(e.Calls[i].Items)
	}
	return e
}

// tally counts. The server's lock guards it.
type tally struct{ Effects }

func newTally() tally {
	return tally{Effects{
		Items: map[string]int{}, Keys: map[string]int{}, CallKeys: map[string]int{},
		Bodies: map[string]int{}, Paths: map[string]int{},
	}}
}

// enter counts a call and gives its place in the log, or -1 if the log is full.
func (t *tally) enter(req *request) int {
	switch req.method {
	case "POST":
		t.Posts++
		t.Bodies[req.sum]++
	case "GET", "HEAD":
		t.Gets++
	}
	t.Paths[req.method+" "+req.path]++
	if req.key != "" {
		t.CallKeys[req.key]++
	}
	if len(t.Calls) == maxLog {
		return -1
	}
	c := Call{Method: req.method, Path: req.path, Key: req.key, Body: req.sum, At: req.at}
	for _, it := range req.items {
		c.Items = append(c.Items, it.name())
	}
	for _, op := range req.ops {
		c.Items = append(c.Items, op.name())
	}
	t.Calls = append(t.Calls, c)
	return len(t.Calls) - 1
}

func (t *tally) leave(entry, status int, replayed bool) {
	if entry >= 0 {
		t.Calls[entry].Status, t.Calls[entry].Replayed = status, replayed
	}
}

// applied counts one effect.
func (t *tally) applied(id, key string) {
	t.Items[id]++
	if key != "" {
		t.Keys[key]++
	}
}

func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
