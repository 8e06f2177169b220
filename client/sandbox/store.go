package sandbox

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// stored is one item as it was last applied.
type stored struct {
	body  []byte
	sum   [32]byte
	email string
}

// store holds the items. The server's lock guards it.
type store struct {
	items  map[string]stored
	emails map[string]string // e-mail -> the id it belongs to
}

func newStore() store { return store{map[string]stored{}, map[string]string{}} }

func (st store) put(it *item) {
	st.remove(it.id)
	st.items[it.id] = stored{body: bytes.Clone(it.body), sum: it.sum, email: it.refs.email}
	if it.refs.email != "" {
		st.emails[it.refs.email] = it.id
	}
}

func (st store) remove(id string) {
	if old, ok := st.items[id]; ok && st.emails[old.email] == id {
		delete(st.emails, old.email)
	}
	delete(st.items, id)
}

// etag gives a strong validator of a stored item (RFC 9110, 8.8.3).
func (s stored) etag() string {
	return `"` + hexSum(s.body)[:16] + `"`
}

// turn is what the items of one call share.
type turn struct {
	at      time.Time
	limited int // items refused by the rate limit so far
	replace bool
}

// settle decides what becomes of one item, and applies it if nothing speaks
// against it. The order of the checks is the API's contract.
func (s *Server) settle(it *item, t *turn) result {
	out, known := s.recallItem(it)
	if !known {
		var applied bool
		out, applied = s.decide(it, t)
		s.keepItem(it, out, applied)
	}
	out.idJSON, out.request = it.idJSON, it.raw
	return out
}

// decide is settle without idempotency keys; applied says that a write happened.
func (s *Server) decide(it *item, t *turn) (out result, applied bool) {
	if f := s.objection(it, t); f != nil {
		return result{status: f.status, failure: f}, false
	}
	if old, ok := s.store.items[it.id]; ok && !t.replace && !s.opt.Careless {
		return result{status: 200, data: old.body}, false // already there, and equal
	}
	if !s.itemTokens.take(t.at) {
		t.limited++
		f := &failure{status: 429, code: codeRate, retryAfter: s.itemTokens.wait(t.limited)}
		f.message = fmt.Sprintf("Rate limit exceeded: %v items per second", s.opt.ItemRate)
		return result{status: 429, failure: f}, false
	}
	if scripted := s.script.nextItem(it.id); scripted != nil {
		s.journal.add(record{T: recMet, ID: it.id, N: s.script.met[it.id]})
		if scripted.Landed {
			s.apply(it)
		}
		f := scripted.failure()
		return result{status: f.status, failure: f}, scripted.Landed
	}
	s.apply(it)
	status := 201
	if t.replace {
		status = 200
	}
	return result{status: status, data: s.store.items[it.id].body}, true
}

// objection gives the first reason against an item, or nil: its payload, then
// permission, references, uniqueness and its idempotency key.
func (s *Server) objection(it *item, t *turn) *failure {
	if it.refusal != nil {
		return it.refusal
	}
	if r := it.refs.resource; r != "" && !s.access.allows(r) {
		return &failure{status: 403, code: codePermission, message: "Insufficient permissions for resource " + string(quote(r)), field: "/resource_id"}
	}
	if m := it.refs.manager; m != "" {
		if _, ok := s.store.items[m]; !ok {
			return &failure{status: 424, code: codeDependency, message: "Referenced manager " + string(quote(m)) + " does not exist", field: "/manager_id"}
		}
	}
	return s.clash(it, t)
}

// clash gives what an item has in common with others that it must not, or nil.
func (s *Server) clash(it *item, t *turn) *failure {
	if owner, ok := s.store.emails[it.refs.email]; ok && owner != it.id {
		return &failure{status: 409, code: codeConflict, message: "E-mail " + string(quote(it.refs.email)) + " is already taken", field: "/email"}
	}
	if s.opt.Careless {
		return nil
	}
	if old, ok := s.store.items[it.id]; ok && old.sum != it.sum && !t.replace {
		return &failure{status: 409, code: codeExists, message: "Item " + string(quote(it.id)) + " already exists with other content", field: "/id"}
	}
	if kept, ok := s.itemKeys[it.key]; it.key != "" && ok && kept.sum != it.sum {
		return &failure{
			status: 409, code: codeIdempotency, field: "/idempotency_key",
			message: "Idempotency key was already used with a different payload",
		}
	}
	return nil
}

// apply writes an item and counts the effect.
func (s *Server) apply(it *item) {
	s.store.put(it)
	s.tally.applied(it.id, it.key)
	s.journal.add(record{T: recPut, ID: it.id, Body: string(it.body), Key: it.key, Effect: true})
}

// discard deletes an item and counts the effect.
func (s *Server) discard(id string) {
	s.store.remove(id)
	s.tally.applied(id, "")
	s.journal.add(record{T: recDelete, ID: id, Effect: true})
}

// seed stores an item without any effect. Its idempotency_key is remembered
// as used for it.
func (s *Server) seed(raw []byte) error {
	if err := checkJSON(raw); err != nil {
		return err
	}
	it := readItem(bytes.Clone(raw), s.schema, s.opt.MaxItemBytes)
	if it.id == "" {
		return errors.New("it has no id")
	}
	s.store.put(it)
	if it.key != "" {
		s.itemKeys[it.key] = keptItem{sum: it.sum, result: &result{status: 201, data: s.store.items[it.id].body}}
	}
	return nil
}

// Item gives the stored bytes of an item, and whether it exists.
func (s *Server) Item(id string) (json.RawMessage, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	it, ok := s.store.items[id]
	return bytes.Clone(it.body), ok
}

// Put stores an item as somebody else would, behind the client's back: no rule
// is asked and no effect is counted. It fails if raw is not an object with an id.
func (s *Server) Put(raw json.RawMessage) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.seed(raw); err != nil {
		return fmt.Errorf("put an item: %w", err)
	}
	s.journal.add(record{T: recSeed, Body: string(raw)})
	return s.journal.flush()
}

// Remove deletes an item as somebody else would; no effect is counted.
func (s *Server) Remove(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.store.remove(id)
	s.journal.add(record{T: recDelete, ID: id})
	return s.journal.flush()
}

// unhex reads a stored checksum; a wrong one matches nothing.
func unhex(s string) (sum [32]byte) {
	b, err := hex.DecodeString(s)
	if err == nil {
		copy(sum[:], b)
	}
	return sum
}
