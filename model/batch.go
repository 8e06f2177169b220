package model

import (
	"fmt"
	"io"
	"sync"
)

// Span is where some bytes of an input stand.
type Span struct {
	Source int   // index into the batch's sources
	Off    int64 // byte offset
	Len    int   // 0 = absent
}

// Record is what a reader hands over for one item: where it stands, how it
// stands, and, for an item that is not fine, the failure in full. An item that
// is fine costs only its spans; the rest is read back when it is wanted.
type Record struct {
	ID       ID // kept for items that are not OK
	State    State
	Failure  *Failure
	Response Span
	Request  Span
}

// Piece is some bytes of an input and where they stand in it. No bytes = there
// are none.
type Piece struct {
	Source int // index into the batch's sources
	Off    int64
	Bytes  []byte
}

// Decoder turns the bytes of one item back into the item. It is pure.
type Decoder interface {
	DecodeItem(response, request Piece) (Item, error)
}

// Summary is what the response says about itself. Negative = not said.
type Summary struct{ Total, Succeeded, Failed int }

// NoSummary is the summary of a response that has none.
var NoSummary = Summary{-1, -1, -1}

// Anomaly is a contradiction in the input that is shown and never hidden: a
// summary that disagrees with its items, an id answered twice, an answer that
// nobody asked for.
type Anomaly struct {
	Kind string // "summary", "duplicate", "extra", "position", "unmatched"
	Text string // one safe sentence
	IDs  []ID   // the items it is about, at most 100 of them
}

// Batch is a read-only index of the items that were requested, in the order of
// the request (or of the response, when no request is known). It grows in
// chunks while a reader reads, and may be asked meanwhile; an index once given
// stays valid. All methods but Item cost memory access only.
type Batch struct {
	sources []io.ReaderAt
	decoder Decoder

	mu        sync.RWMutex
	n         int
	slabs     []*slab
	store     arena
	changed   []int // items that were answered after they had been given, in order
	summary   Summary
	anomalies []Anomaly
	extras    []ID
	complete  bool
}

// NewBatch makes an empty batch that reads items back from sources.
func NewBatch(sources []io.ReaderAt, decoder Decoder) *Batch {
	return &Batch{sources: sources, decoder: decoder, summary: NoSummary}
}

// Append adds the next items. It is for the one reader of the batch.
func (b *Batch) Append(records ...Record) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range records {
		if b.n%slabSize == 0 {
			b.slabs = append(b.slabs, new(slab))
		}
		b.slabs[b.n/slabSize].put(b.n%slabSize, &records[i], &b.store)
		b.n++
	}
}

// Answer joins a response to an item that a request file announced earlier. It
// is for the one reader of the batch.
func (b *Batch) Answer(i int, r Record) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s, at := b.slabs[i/slabSize], i%slabSize
	if r.Request.Len == 0 {
		_, r.Request = s.spans(at)
	}
	s.put(at, &r, &b.store)
	b.changed = append(b.changed, i)
}

// Changed lists the items that were answered after they had been given, from
// the given place in that list on. The slice must not be changed.
func (b *Batch) Changed(from int) []int {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.changed[from:len(b.changed):len(b.changed)]
}

// Finish records what is only known at the end of the input.
func (b *Batch) Finish(s Summary, extras []ID, anomalies ...Anomaly) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.summary, b.extras, b.complete = s, extras, true
	b.anomalies = append(b.anomalies, anomalies...)
}

// Complete says whether reading has come to the end.
func (b *Batch) Complete() bool { b.mu.RLock(); defer b.mu.RUnlock(); return b.complete }

// Len is the number of requested items known so far.
func (b *Batch) Len() int { b.mu.RLock(); defer b.mu.RUnlock(); return b.n }

// State is what the response said of item i.
func (b *Batch) State(i int) State {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.slabs[i/slabSize].state[i%slabSize]
}

// Open lists the items that are not OK, in order. The slice is the caller's.
func (b *Batch) Open() []int {
	b.mu.RLock()
	defer b.mu.RUnlock()
	var open []int
	for i := range b.n {
		if b.slabs[i/slabSize].state[i%slabSize] != OK {
			open = append(open, i)
		}
	}
	return open
}

// Failure gives the record of an item that is not OK, from memory; ok is false
// for an item that is.
func (b *Batch) Failure(i int) (r Record, ok bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	s, at := b.slabs[i/slabSize], i%slabSize
	if s.state[at] == OK {
		return Record{}, false
	}
	var f Failure
	r.ID = b.store.get(s.fail[at], &f)
	r.State, r.Failure = s.state[at], &f
	r.Response, r.Request = s.spans(at)
	return r, true
}

// Trouble is Failure without its places: it gives the id and fills f, and
// allocates nothing.
func (b *Batch) Trouble(i int, f *Failure) (id ID, ok bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	s, at := b.slabs[i/slabSize], i%slabSize
	if s.state[at] == OK {
		return ID{}, false
	}
	*f = Failure{}
	return b.store.get(s.fail[at], f), true
}

// NextOpen is the first item from i on, and before end, that is not OK; end when
// there is none.
func (b *Batch) NextOpen(i, end int) int {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for ; i < end; i++ {
		if b.slabs[i/slabSize].state[i%slabSize] != OK {
			return i
		}
	}
	return end
}

// Summary is what the response said about itself, known when Complete.
func (b *Batch) Summary() Summary { b.mu.RLock(); defer b.mu.RUnlock(); return b.summary }

// Extras lists the ids that were answered but never requested. They are not
// items and no count includes them.
func (b *Batch) Extras() []ID { b.mu.RLock(); defer b.mu.RUnlock(); return b.extras }

// Anomalies lists the contradictions found in the input.
func (b *Batch) Anomalies() []Anomaly { b.mu.RLock(); defer b.mu.RUnlock(); return b.anomalies }

// Item reads item i back from its source. It does I/O and so is never called
// where a frame is drawn or a key is handled.
func (b *Batch) Item(i int) (Item, error) {
	b.mu.RLock()
	if i < 0 || i >= b.n {
		b.mu.RUnlock()
		return Item{}, fmt.Errorf("item %d of %d: no such item", i, b.Len())
	}
	s, at := b.slabs[i/slabSize], i%slabSize
	state := s.state[at]
	var failure Failure
	var id ID
	if state != OK {
		id = b.store.get(s.fail[at], &failure)
	}
	answered, asked := s.spans(at)
	b.mu.RUnlock()

	response, err := b.read(answered)
	if err != nil {
		return Item{}, fmt.Errorf("read item %d back: %w", i, err)
	}
	request, err := b.read(asked)
	if err != nil {
		return Item{}, fmt.Errorf("read request of item %d back: %w", i, err)
	}
	item, err := b.decoder.DecodeItem(response, request)
	if err != nil {
		return Item{}, fmt.Errorf("decode item %d: %w", i, err)
	}
	item.Index = i
	if item.Raw == nil {
		item.Raw = response.Bytes
	}
	item.Answer.State = state
	item.Answer.Failure = nil
	if state != OK && state != Ready { // as the reader decided it: a rollback is not in the item's own bytes
		item.Answer.Failure = &failure
	}
	if !id.IsZero() {
		item.ID = id
	}
	return item, nil
}

func (b *Batch) read(s Span) (Piece, error) {
	p := Piece{Source: s.Source, Off: s.Off}
	if s.Len == 0 {
		return p, nil
	}
	p.Bytes = make([]byte, s.Len)
	n, err := b.sources[s.Source].ReadAt(p.Bytes, s.Off)
	if n == s.Len {
		return p, nil
	}
	if err == nil {
		err = io.ErrUnexpectedEOF
	}
	return Piece{}, err
}
