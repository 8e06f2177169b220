package run_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"retriage/model"
	"retriage/triage"
	"retriage/triage/run"
)

// order is one item of the tests' batches.
type order struct {
	ID      string
	Status  int
	Code    string
	Cause   string
	Key     string
	Missing bool   // the response does not mention it
	Method  string // "" = POST
	Group   string
	Refs    []string
	Needs   []string
}

// decoder reads an item back from the bytes of its request.
type decoder struct{}

func (decoder) DecodeItem(_, request model.Piece) (model.Item, error) {
	var o order
	if err := json.Unmarshal(request.Bytes, &o); err != nil {
		return model.Item{}, err
	}
	body := fmt.Sprintf(`{"id":%q,"price":1}`, o.ID)
	if o.Key != "" {
		body = fmt.Sprintf(`{"id":%q,"price":1,"key":%q}`, o.ID, o.Key)
	}
	return model.Item{ID: model.TextID(o.ID), Payload: model.Payload{Method: o.Method, Body: []byte(body), Known: true}}, nil
}

func batchOf(t testing.TB, orders []order) *model.Batch {
	t.Helper()
	var text bytes.Buffer
	var records []model.Record
	for _, o := range orders {
		raw, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		rec := model.Record{ID: model.TextID(o.ID), Request: model.Span{Off: int64(text.Len()), Len: len(raw)}, State: model.Failed}
		text.Write(raw)
		rec.Failure = &model.Failure{Status: o.Status, Code: model.Foreign(o.Code), RetryAfter: -1}
		rec.Failure.Group = o.Group
		for _, id := range o.Refs {
			rec.Failure.Refs = append(rec.Failure.Refs, model.TextID(id))
		}
		for _, id := range o.Needs {
			rec.Failure.Needs = append(rec.Failure.Needs, model.TextID(id))
			rec.Failure.NeedItems = append(rec.Failure.NeedItems, slices.IndexFunc(orders, func(o order) bool { return o.ID == id }))
		}
		switch {
		case o.Missing:
			rec.State, rec.Failure.Reason = model.Unanswered, model.NotAnswered
		case o.Status < 300:
			rec.State, rec.Failure = model.OK, nil
		case o.Cause != "":
			rec.Failure.Cause = model.TextID(o.Cause)
		}
		records = append(records, rec)
	}
	b := model.NewBatch([]io.ReaderAt{bytes.NewReader(text.Bytes())}, decoder{})
	b.Append(records...)
	b.Finish(model.NoSummary, nil)
	return b
}

// unavailable makes n orders that failed with 503 and may be sent as they are.
func unavailable(n int) []order {
	var out []order
	for i := range n {
		out = append(out, order{ID: fmt.Sprintf("%03d", i), Status: 503, Code: "CIRCUIT_OPEN"})
	}
	return out
}

// memory is a journal in memory. After cut events it takes no more: with late it
// still keeps the one it complains about, as a disk does whose process is killed
// between the write and the next instruction.
type memory struct {
	mu      sync.Mutex
	events  []model.Event
	durable func(model.Event)
	cut     int // 0 = never
	late    bool
	broken  error
}

var errDisk = errors.New("no space left on device")

func (m *memory) Append(_ context.Context, evs ...model.Event) ([]model.Event, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken != nil {
		return nil, m.broken
	}
	for k := range evs {
		full := m.cut > 0 && len(m.events) >= m.cut
		if full {
			m.broken = errDisk
			if !m.late {
				return nil, m.broken
			}
		}
		evs[k].Seq = int64(len(m.events) + 1)
		back := roundTrip(evs[k])
		m.events = append(m.events, back)
		if full {
			return nil, m.broken
		}
		m.durable(back)
	}
	return evs, nil
}

func roundTrip(ev model.Event) (back model.Event) {
	raw, err := json.Marshal(ev)
	if err == nil {
		err = json.Unmarshal(raw, &back)
	}
	if err != nil {
		panic(err)
	}
	return back
}

func (m *memory) OnDurable(f func(model.Event)) { m.durable = f }
func (m *memory) Err() error                    { return m.broken }

func (m *memory) list() []model.Event {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]model.Event(nil), m.events...)
}

// sent is one request as the server saw it.
type sent struct {
	at    time.Time
	items []string
	keys  []string
	mode  model.Mode
}

// server is a batch API without idempotency: whatever it is sent it applies,
// each time again. What becomes of a request is up to script.
type server struct {
	mu      sync.Mutex
	bodies  map[string]string
	applied map[string]int
	late    []lateEffect
	log     []sent
	reads   []time.Time
	delay   time.Duration // how long a reply takes
	flying  int
	most    int // requests at once
	// script decides about the nth request (from 1); nil = everything is applied.
	script func(n int, r model.Request) fate
	// read decides about the nth read; nil = the truth.
	read func(n int, id string) *model.Reading
	// maxBytes makes Prepare refuse larger bodies; 0 = no limit.
	maxBytes int
	// broken is an item that no request can be made of.
	broken string
}

// brokenItem says which item no request can be made of.
type brokenItem struct{ index int }

func (e brokenItem) Error() string { return "a member stands there twice" }
func (e brokenItem) Item() int     { return e.index }

type lateEffect struct {
	at       time.Time
	id, body string
}

// fate is what becomes of a request.
type fate struct {
	apply func(id string) bool // nil = all
	later time.Duration        // the effects show only after this long
	reply *model.Reply         // nil = answered: what was applied is a yes
	no    func(id string) *model.Failure
}

func newServer() *server {
	return &server{bodies: map[string]string{}, applied: map[string]int{}, delay: 20 * time.Millisecond}
}

type tooLarge struct{ size, limit int }

func (e tooLarge) Error() string        { return "too large" }
func (e tooLarge) TooLarge() (int, int) { return e.size, e.limit }

func (s *server) Prepare(c model.Chunk) (model.Request, error) {
	var body []byte
	for _, it := range c.Items {
		if s.broken != "" && it.ID.Wire() == s.broken {
			return model.Request{}, fmt.Errorf("prepare: %w", brokenItem{it.Index})
		}
		body = append(body, it.Payload.Body...)
	}
	if s.maxBytes > 0 && len(body) > s.maxBytes {
		return model.Request{}, fmt.Errorf("prepare: %w", tooLarge{len(body), s.maxBytes})
	}
	sum := sha256.Sum256(body)
	return model.Request{Mode: c.Mode, Items: c.Items, Body: body, SHA256: hex.EncodeToString(sum[:])}, nil
}

func (s *server) Send(ctx context.Context, r model.Request) (model.Reply, error) {
	if err := ctx.Err(); err != nil {
		return model.Reply{}, err
	}
	s.mu.Lock()
	entry := sent{at: time.Now(), mode: r.Mode}
	for _, it := range r.Items {
		entry.items, entry.keys = append(entry.items, it.ID.Wire()), append(entry.keys, it.Key)
	}
	s.log = append(s.log, entry)
	s.flying++
	s.most = max(s.most, s.flying)
	var f fate
	if s.script != nil {
		f = s.script(len(s.log), r)
	}
	reply := s.act(f, r)
	s.mu.Unlock()
	defer func() { s.mu.Lock(); s.flying--; s.mu.Unlock() }()
	select {
	case <-time.After(s.delay):
		return reply, nil
	case <-ctx.Done():
		return model.Reply{Kind: model.AnswerUnknown, Fault: model.Interrupted, RetryAfter: -1}, nil
	}
}

// act applies what a fate lets through and words the reply.
func (s *server) act(f fate, r model.Request) model.Reply {
	reply := model.Reply{Kind: model.Answered, Status: 207, RetryAfter: -1}
	for _, it := range r.Items {
		id := it.ID.Wire()
		a := model.Answer{ID: it.ID, State: model.OK, Status: 201}
		if f.no != nil {
			if no := f.no(id); no != nil {
				a.State, a.Status, a.Failure = model.Failed, no.Status, no
			}
		}
		yes := a.State == model.OK && (f.reply == nil || f.apply != nil)
		if f.apply != nil {
			yes = f.apply(id)
		}
		if yes {
			s.effect(f.later, id, string(it.Payload.Body))
		}
		reply.Outcomes = append(reply.Outcomes, model.Outcome{Index: it.Index, Answer: a})
	}
	if f.reply != nil {
		return *f.reply
	}
	return reply
}

func (s *server) effect(after time.Duration, id, body string) {
	if after > 0 {
		s.late = append(s.late, lateEffect{time.Now().Add(after), id, body})
		return
	}
	s.bodies[id] = body
	s.applied[id]++
}

// catchUp makes late effects show that are due.
func (s *server) catchUp() {
	var rest []lateEffect
	for _, l := range s.late {
		if time.Now().Before(l.at) {
			rest = append(rest, l)
			continue
		}
		s.effect(0, l.id, l.body)
	}
	s.late = rest
}

func (s *server) Probe(ctx context.Context, p model.Probe) (model.Reading, error) {
	if err := ctx.Err(); err != nil {
		return model.Reading{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.catchUp()
	s.reads = append(s.reads, time.Now())
	id := p.Item.ID.Wire()
	if s.read != nil {
		if r := s.read(len(s.reads), id); r != nil {
			return *r, nil
		}
	}
	body, ok := s.bodies[id]
	if !ok {
		return model.Reading{Status: 404, RetryAfter: -1}, nil
	}
	return model.Reading{Status: 200, Body: []byte(body), RetryAfter: -1}, nil
}

// requests is the log so far.
func (s *server) requests() []sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]sent(nil), s.log...)
}

// effects gives how often each item was applied, what is late included.
func (s *server) effects() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.catchUp()
	out := map[string]int{}
	for id, n := range s.applied {
		out[id] = n
	}
	for _, l := range s.late {
		out[l.id]++
	}
	return out
}

// world is a session, its journal and a runner before a server.
type world struct {
	t       testing.TB
	batch   *model.Batch
	session *triage.Session
	desk    *run.Desk
	journal *memory
	server  *server
	config  run.Config
	runner  *run.Runner
}

func profile() model.Profile {
	set := model.Defaults()
	set.Rate, set.ReadRate = 1000, 1000
	return model.Profile{BaseURL: "https://api.example.com", BatchPath: "/batch", ItemURL: "/items/{id}", KeyScope: model.NoKey, Settings: set}
}

func newWorld(t testing.TB, orders []order, change ...func(*world)) *world {
	t.Helper()
	w := &world{t: t, batch: batchOf(t, orders), journal: &memory{}, server: newServer()}
	w.config.Profile = profile()
	for _, f := range change {
		f(w)
	}
	w.sit(nil)
	return w
}

// sit begins a sitting: a fresh session and runner over the events so far.
func (w *world) sit(events []model.Event) {
	w.t.Helper()
	c, err := triage.NewClassifier(nil, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	w.session = triage.NewSession(w.batch, c)
	for _, ev := range events {
		if err := w.session.Apply(ev); err != nil {
			w.t.Fatal(err)
		}
	}
	w.journal = &memory{events: events, cut: w.journal.cut, late: w.journal.late}
	w.desk = run.NewDesk(w.session, w.journal)
	cfg := w.config
	rng := rand.New(rand.NewPCG(1, 2))
	var mu sync.Mutex
	keys := len(events) * 1000
	cfg.Desk, cfg.Sender, cfg.Prober, cfg.Classifier, cfg.Now = w.desk, w.server, w.server, c, time.Now
	cfg.Float = func() float64 { mu.Lock(); defer mu.Unlock(); return rng.Float64() }
	cfg.NewKey = func() string { mu.Lock(); defer mu.Unlock(); keys++; return fmt.Sprintf("key-%d", keys) }
	cfg.NewID = func() string { return fmt.Sprintf("plan-%d", len(w.journal.list())) }
	w.runner = run.New(cfg)
}

// plan freezes everything that may be sent.
func (w *world) plan(opt triage.PlanOptions) model.Plan {
	w.t.Helper()
	opt.Reads = w.config.Profile.ItemURL != ""
	p, err := w.runner.Plan(w.session.Draft(opt, func(int) bool { return true }), false)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func (w *world) run() error { return w.runner.Run(context.Background(), w.plan(triage.PlanOptions{})) }

// mustRun runs everything and wants it to go to its end.
func (w *world) mustRun() {
	w.t.Helper()
	if err := w.run(); err != nil {
		w.t.Fatalf("run: %v", err)
	}
}

// counts wants the states to add up and gives them.
func (w *world) counts() triage.Counts {
	w.t.Helper()
	c := w.session.Counts()
	if c.Sum() != w.batch.Len() {
		w.t.Fatalf("the states add up to %d of %d", c.Sum(), w.batch.Len())
	}
	return c
}

// want checks how many items are in a state.
func (w *world) want(st model.State, n int) {
	w.t.Helper()
	if got := w.counts().Of(st); got != n {
		w.t.Errorf("%d items %s, want %d", got, st.Words(), n)
	}
}

// once wants no item applied twice.
func (w *world) once() {
	w.t.Helper()
	for id, n := range w.server.effects() {
		if n > 1 {
			w.t.Errorf("item %s was applied %d times", id, n)
		}
	}
}

// edit changes one item's price.
func (w *world) edit(i int, price string) {
	w.t.Helper()
	ev := model.Event{Type: model.EvEdit, Edit: &model.EditEvent{How: "form", Items: []model.ItemEdit{{Index: i, Changes: []model.Change{
		{Part: model.Body, Pointer: "/price", Old: model.Foreign("1"), New: model.Foreign(price)}}}}}}
	if err := w.desk.Commit(context.Background(), ev); err != nil {
		w.t.Fatal(err)
	}
}

// reply makes a scripted reply of a kind.
func rejected(f model.Fault, status int, after time.Duration) *model.Reply {
	return &model.Reply{Kind: model.Rejected, Fault: f, Status: status, RetryAfter: after, Why: model.Foreign(string(f))}
}

func unknown(f model.Fault) *model.Reply {
	return &model.Reply{Kind: model.AnswerUnknown, Fault: f, RetryAfter: -1, Why: model.Foreign(string(f))}
}

func all(string) bool  { return true }
func none(string) bool { return false }
