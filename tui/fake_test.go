package tui

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"retriage/model"
	"retriage/triage"
	"retriage/triage/run"
)

// noon is the time of the tests.
var noon = time.Date(2026, 8, 22, 3, 12, 39, 0, time.UTC)

// clock is the time that a test sets. It goes on by step whenever it is read,
// which is once a message: so no two keys are pressed at once.
type clock struct {
	mu   sync.Mutex
	t    time.Time
	step time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(c.step)
	return c.t
}

// stop makes everything that follows happen at one moment.
func (c *clock) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.step = 0
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// memory is a journal that forgets everything at the end of the test.
type memory struct {
	mu     sync.Mutex
	events []model.Event
	f      func(model.Event)
}

func (l *memory) Append(_ context.Context, evs ...model.Event) ([]model.Event, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range evs {
		evs[i].Seq = int64(len(l.events) + 1)
		l.events = append(l.events, evs[i])
		l.f(evs[i])
	}
	return evs, nil
}

func (l *memory) OnDurable(f func(model.Event)) { l.f = f }
func (l *memory) Err() error                    { return nil }

func (l *memory) all() []model.Event {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]model.Event(nil), l.events...)
}

// decoder reads an item of the tests back: its response is its id, its request
// its body.
type decoder struct{}

func (decoder) DecodeItem(response, request model.Piece) (model.Item, error) {
	var r struct{ ID string }
	if err := json.Unmarshal(response.Bytes, &r); err != nil {
		return model.Item{}, err
	}
	return model.Item{ID: model.TextID(r.ID), Payload: model.Payload{Method: "POST", Body: request.Bytes, Known: true}}, nil
}

// part is a stretch of items with one failure.
type part struct {
	from, n    int
	status     int
	code, text string
	field      string
	state      model.State
	wait       time.Duration
}

// orders is the batch of most tests: 1,204 orders, 117 of them not fine.
var orders = []part{
	{from: 7, n: 41, status: 429, code: "RATE_LIMITED", text: "Too many requests", state: model.Failed, wait: 30 * time.Second},
	{from: 411, n: 38, status: 422, code: "INVALID_PRICE", text: "must be greater than 0, got %d", field: "/price", state: model.Failed},
	{from: 500, n: 6, status: 422, code: "INVALID_SKU", text: "名前が長い商品の値段 \x1b[2J is no sku %d", field: "/sku", state: model.Failed},
	{from: 600, n: 6, status: 422, code: "INVALID_EMAIL", text: "is not an e-mail address", field: "/email", state: model.Failed},
	{from: 700, n: 14, status: 409, code: "VERSION_CONFLICT", text: "stored version %d is newer", state: model.Failed},
	{from: 800, n: 7, status: 503, code: "UNAVAILABLE", text: "upstream timeout", state: model.Failed},
	{from: 900, n: 3, text: "connection reset", state: model.Unknown},
	{from: 1000, n: 2, status: 403, code: "FORBIDDEN", text: "user ops-bot may not write orders", state: model.Failed},
}

// batch makes n items that fail as parts say, over and over every period items.
func batch(tb testing.TB, n, period int, parts []part) *model.Batch {
	tb.Helper()
	var buf bytes.Buffer
	put := func(s string) model.Span {
		sp := model.Span{Off: int64(buf.Len()), Len: len(s)}
		buf.WriteString(s)
		return sp
	}
	var recs []model.Record
	for i := range n {
		id := fmt.Sprintf("%05d", i+1)
		rec := model.Record{ID: model.TextID(id), State: model.OK}
		for _, p := range parts {
			if k := i % period; k < p.from || k >= p.from+p.n {
				continue
			}
			text := p.text
			if bytes.Contains([]byte(text), []byte("%d")) {
				text = fmt.Sprintf(text, -i%20)
			}
			f := &model.Failure{Status: p.status, Code: model.Foreign(p.code), Message: model.Foreign(text),
				Field: model.Foreign(p.field), RetryAfter: -1, RequestID: model.Foreign("req_" + id)}
			if p.wait > 0 {
				f.RetryAfter = p.wait
			}
			rec.State, rec.Failure = p.state, f
		}
		rec.Response = put(fmt.Sprintf(`{"id":%q,"status":%d}`, id, 200))
		rec.Request = put(fmt.Sprintf(`{"sku":"A-%d","price":%d,"qty":3,"currency":"USD","customer":"acme-%d","email":" Ana@Example.COM"}`, 1000+i, -i%20, i%90))
		recs = append(recs, rec)
	}
	b := model.NewBatch([]io.ReaderAt{bytes.NewReader(buf.Bytes())}, decoder{})
	b.Append(recs...)
	b.Finish(model.NoSummary, nil)
	return b
}

// world is all that a test has at hand.
type world struct {
	cfg   Config
	clock *clock
	log   *memory
}

func newWorld(tb testing.TB, b *model.Batch) *world {
	tb.Helper()
	c, err := triage.NewClassifier(nil, nil)
	if err != nil {
		tb.Fatal(err)
	}
	w := &world{clock: &clock{t: noon, step: 20 * time.Millisecond}, log: &memory{}}
	desk := run.NewDesk(triage.NewSession(b, c), w.log)
	open := model.Event{Type: model.EvOpen, At: noon.Add(-14 * time.Minute), Open: &model.OpenEvent{Version: 1}}
	if err := desk.Commit(context.Background(), open); err != nil {
		tb.Fatal(err)
	}
	profile := model.Profile{BaseURL: "https://api.example.com", BatchPath: "/v2/orders:batch", ItemURL: "/v2/orders/{id}",
		Prod: true, Settings: model.Defaults()}
	w.cfg = Config{Desk: desk, Name: "orders-import.json", Now: w.clock.now, Profile: profile, Who: "ana"}
	return w
}
