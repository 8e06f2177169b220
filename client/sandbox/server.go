package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Server is the batch API. It is an [http.Handler] and safe for concurrent use.
type Server struct {
	opt    Options
	schema *jsonschema.Schema
	closed chan struct{} // ends the waits of calls whose connection is gone

	mu         sync.Mutex // guards everything below
	store      store
	itemKeys   map[string]keptItem
	callKeys   map[string]*keptCall
	batches    batches
	script     *script
	itemTokens *bucket
	callTokens *bucket
	access     access
	tally      tally
	journal    *journal
	isClosed   bool
}

// New gives a Server as the options say. With Options.StateFile it comes back
// as it was when the file was last written. It fails if the options are wrong
// or the state file can not be read.
func New(o Options) (*Server, error) {
	opt, err := o.normalised()
	if err != nil {
		return nil, err
	}
	schema, err := compileSchema()
	if err != nil {
		return nil, err
	}
	s := &Server{
		opt: opt, schema: schema, closed: make(chan struct{}),
		store:    newStore(),
		itemKeys: map[string]keptItem{}, callKeys: map[string]*keptCall{},
		batches: newBatches(), script: newScript(opt),
		itemTokens: newBucket(opt.ItemRate, opt.ItemBurst),
		callTokens: newBucket(opt.CallRate, opt.CallBurst),
		access:     newAccess(opt), tally: newTally(),
	}
	for i, raw := range opt.Stored {
		if err := s.seed(raw); err != nil {
			return nil, fmt.Errorf("store item %d of the options: %w", i+1, err)
		}
	}
	if s.journal, err = openJournal(opt.StateFile, s.recall); err != nil {
		return nil, err
	}
	return s, nil
}

// Close ends the waits of calls and closes the state file. Calls that come
// later are answered 503. It may be called twice.
func (s *Server) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isClosed {
		return nil
	}
	s.isClosed = true
	close(s.closed)
	return s.journal.close()
}

// request is one HTTP call, read.
type request struct {
	method, path string // path is escaped, as it was sent
	host         string
	header       http.Header
	body         []byte
	arg          string // the {id} of the path, unescaped
	at           time.Time
	key          string // the call's Idempotency-Key, unquoted
	sum          string // SHA-256 of the body in hex
	items        []*item
	ops          []operation // what a $batch holds
	prepared     *reply      // what the body alone is refused for, or nil
	entry        int         // its place in the call log
	reserved     bool        // it holds its key while it waits
}

// ServeHTTP answers one call.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	req := &request{method: r.Method, path: r.URL.EscapedPath(), host: r.Host, header: r.Header, at: s.opt.Now()}
	rt, refused := find(req)
	if refused == nil {
		refused = s.read(w, r, req)
	}
	if refused == nil && rt.prepare != nil {
		rt.prepare(s, req)
	}
	fault, refused := s.enter(req, rt, refused)
	if refused != nil {
		s.deliver(w, r, req, *refused, Fault{})
		return
	}
	if !s.wait(r.Context(), s.opt.Latency) {
		abort()
	}
	switch {
	case fault.Kind == Drop:
		abort()
	case fault.Kind == Late:
		s.late(w, r, req, rt, fault.Delay)
		return
	case fault.Kind == Refuse && !fault.Landed:
		s.deliver(w, r, req, fault.reply(), fault)
		return
	}
	rep := s.perform(req, rt)
	if fault.Kind == Refuse {
		rep = fault.reply()
	}
	s.deliver(w, r, req, rep, fault)
}

// read takes the body and the idempotency key of a call.
func (s *Server) read(w http.ResponseWriter, r *http.Request, req *request) *reply {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, s.opt.MaxBody))
	var tooBig *http.MaxBytesError
	switch {
	case errors.As(err, &tooBig):
		return problem(413, codeSize, fmt.Sprintf("The body is larger than %d bytes", s.opt.MaxBody))
	case err != nil:
		return problem(400, codeMalformed, "The body could not be read")
	}
	req.body = body
	req.sum = hexSum(body)
	key, ok := callKey(r.Header.Get("Idempotency-Key"))
	if !ok {
		return problem(400, codeMalformed, "The Idempotency-Key is not a string of 1 to 255 printable characters")
	}
	req.key = key
	return nil
}

// enter logs the call, checks its token and gives the fault it meets.
func (s *Server) enter(req *request, rt *route, refused *reply) (Fault, *reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	req.entry = s.tally.enter(req)
	if refused != nil {
		return Fault{}, refused
	}
	if s.isClosed {
		return Fault{}, problem(503, codeUnavailable, "The sandbox is closed")
	}
	if rt.open {
		return Fault{}, nil
	}
	if refused := s.access.check(req.header); refused != nil {
		return Fault{}, refused
	}
	fault, changed := s.script.next(req.method, req.path, rt.writes)
	if changed {
		s.journal.add(record{T: recSeen, Seen: s.script.seen})
	}
	if fault.Kind == Expire {
		s.access.expired = true
		s.journal.add(s.access.record())
	}
	if err := s.journal.flush(); err != nil {
		return Fault{}, stateProblem(err)
	}
	if fault.Kind == Expire {
		return Fault{}, s.access.check(req.header)
	}
	if fault.Kind == Late {
		req.reserved = s.reserve(req)
	}
	return fault, nil
}

// perform does what the call asks for, once.
func (s *Server) perform(req *request, rt *route) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	req.at = s.opt.Now() // read under the lock, so that the buckets see time in order
	if rt.writes && !s.callTokens.take(req.at) {
		return withRetryAfter(*problem(429, codeRate, "Rate limit exceeded: too many calls"), s.callTokens.wait(1))
	}
	rep := s.once(req, rt)
	if err := s.journal.flush(); err != nil {
		return *stateProblem(err)
	}
	return rep
}

// late closes the connection now and does the work after the delay.
func (s *Server) late(w http.ResponseWriter, r *http.Request, req *request, rt *route, delay time.Duration) {
	ctx := r.Context()
	hijacker, ok := w.(http.Hijacker)
	if ok {
		var conn net.Conn
		var err error
		if conn, _, err = hijacker.Hijack(); err == nil {
			_ = conn.Close() // nothing was written: there is nothing to lose
			ctx = context.WithoutCancel(ctx)
		}
		ok = err == nil
	}
	landed := s.wait(ctx, delay)
	if landed {
		s.perform(req, rt)
	}
	s.release(req)
	if !ok {
		abort()
	}
}

// deliver sends the reply as far as the fault lets it.
func (s *Server) deliver(w http.ResponseWriter, r *http.Request, req *request, rep reply, fault Fault) {
	if fault.Kind == Lost || (fault.Kind == Slow && !s.wait(r.Context(), fault.Delay)) {
		abort()
	}
	h := w.Header()
	for name, values := range rep.header {
		h[name] = values
	}
	if rep.status != 204 && rep.status != 304 { // RFC 9110, 8.6
		h.Set("Content-Length", fmt.Sprint(len(rep.body)))
	}
	h.Set("X-Content-Type-Options", "nosniff")
	body := rep.body
	if fault.Kind == Cut {
		body = body[:len(body)/2]
	} else {
		s.logReply(req, rep)
	}
	w.WriteHeader(rep.status)
	if len(body) > 0 {
		_, _ = w.Write(body) // a client that went away is the client's business
	}
	if fault.Kind == Cut {
		if f, ok := w.(http.Flusher); ok {
			f.Flush()
		}
		abort()
	}
}

// logReply notes the reply a call gets.
func (s *Server) logReply(req *request, rep reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tally.leave(req.entry, rep.status, rep.header.Get("Idempotency-Replayed") != "")
}

// abort closes the connection without a word, as net/http documents; the log
// keeps status 0 for the call.
func abort() { panic(http.ErrAbortHandler) }

// wait pauses for d and reports whether it lasted that long: it ends early
// when the client gives up or the server is closed.
func (s *Server) wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	case <-s.closed:
		return false
	}
}
