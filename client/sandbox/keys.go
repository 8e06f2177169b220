package sandbox

import "strings"

// Idempotency keys, by the rules of draft-ietf-httpapi-idempotency-key-header:
// the same key with the same content gives the same answer without a second
// effect, with other content it is refused. What is not final (rate limits,
// backend failures, timeouts, and refusals that other items may lift) is never
// kept: the next call under the key tries again.

// maxKey is the longest accepted key in bytes.
const maxKey = 255

// keptItem is what the server knows about an item's idempotency key.
type keptItem struct {
	sum    [32]byte
	result *result // nil: applied, but the answer was not final
}

// keptCall is what the server knows about a call's idempotency key.
type keptCall struct {
	sum     string
	reply   *reply // nil: it was not final
	running bool
}

// callKey reads an Idempotency-Key header: a quoted string (RFC 8941, 3.3.3),
// as the draft says, or the bare word many clients send.
func callKey(header string) (key string, ok bool) {
	key = strings.TrimSpace(header)
	if strings.HasPrefix(key, `"`) {
		if len(key) < 2 || !strings.HasSuffix(key, `"`) {
			return "", false
		}
		key = strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(key[1 : len(key)-1])
		if key == "" {
			return "", false
		}
	}
	printable := !strings.ContainsFunc(key, func(r rune) bool { return r < 0x20 || r > 0x7e })
	return key, printable && len(key) <= maxKey
}

// once runs the call unless its key has been used before.
func (s *Server) once(req *request, rt *route) reply {
	if req.key == "" || !rt.writes || s.opt.Careless {
		return rt.handle(s, req)
	}
	sum := hexSum([]byte(req.method + " " + req.path + "\n" + req.sum))
	if old := s.callKeys[req.key]; old != nil {
		switch {
		case old.sum != sum:
			return *problem(422, codeKeyReused, "The Idempotency-Key was already used with another body")
		case old.running && !req.reserved:
			return *problem(409, codeKeyInUse, "A call with this Idempotency-Key is still running")
		case old.reply != nil:
			return replayed(*old.reply)
		}
	}
	rep := rt.handle(s, req)
	if rep.status >= 400 && !rep.final {
		return rep
	}
	kept := &keptCall{sum: sum}
	if rep.final {
		kept.reply = &rep
	}
	s.callKeys[req.key] = kept
	s.journal.addCall(req.key, kept)
	return rep
}

func replayed(rep reply) reply {
	rep.header = rep.header.Clone()
	rep.header.Set("Idempotency-Replayed", "true")
	return rep
}

// reserve marks the call's key as in use and reports whether it did.
func (s *Server) reserve(req *request) bool {
	if req.key == "" || s.opt.Careless || s.callKeys[req.key] != nil {
		return false
	}
	sum := hexSum([]byte(req.method + " " + req.path + "\n" + req.sum))
	s.callKeys[req.key] = &keptCall{sum: sum, running: true}
	return true
}

// release frees a key whose call has kept nothing under it.
func (s *Server) release(req *request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if kept := s.callKeys[req.key]; req.reserved && kept != nil && kept.running {
		delete(s.callKeys, req.key)
	}
}

// recallItem gives the kept result of an item that was sent before under the
// same key with the same payload.
func (s *Server) recallItem(it *item) (result, bool) {
	kept, ok := s.itemKeys[it.key]
	if s.opt.Careless || it.key == "" || !ok || kept.result == nil || kept.sum != it.sum {
		return result{}, false
	}
	out := *kept.result
	out.replayed = true
	return out, true
}

// keepItem keeps what a key was used for. An answer that is not final binds
// the key to the payload only if the write was applied.
func (s *Server) keepItem(it *item, out result, applied bool) {
	if s.opt.Careless || it.key == "" || (!out.final() && !applied) {
		return
	}
	if old, ok := s.itemKeys[it.key]; ok && old.sum != it.sum {
		return // the key stays with the payload it was first used for
	}
	kept := keptItem{sum: it.sum}
	if out.final() {
		kept.result = &result{status: out.status, data: out.data, failure: out.failure}
	}
	s.itemKeys[it.key] = kept
	s.journal.addItemKey(it.key, kept)
}
