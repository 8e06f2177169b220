package run

import (
	"context"
	"fmt"
	"sync"

	"retriage/model"
	"retriage/triage"
)

// Desk owns a session and the journal it is the fold of. Every change goes
// through Commit: it is on disk first, and in memory then. A Desk is safe for
// concurrent use.
type Desk struct {
	mu  sync.RWMutex
	log Journal // nil = read only
	s   *triage.Session
	err error // the first event that could not be applied
}

// NewDesk puts a session, and the events that it has already seen, under one
// lock. log may be nil: then Commit refuses.
func NewDesk(s *triage.Session, log Journal) *Desk {
	d := &Desk{s: s, log: log}
	if log != nil {
		log.OnDurable(d.apply)
	}
	return d
}

// Begin gives a desk that was made for looking at an input, while it was read,
// the events of its run and the journal, which may be nil. It is called once,
// when all is read and absorbed.
func (d *Desk) Begin(log Journal, events []model.Event) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, ev := range events {
		if err := d.s.Apply(ev); err != nil {
			return err
		}
	}
	if d.log = log; log != nil {
		log.OnDurable(d.apply)
	}
	return nil
}

// ReadOnlyError says that a desk without a journal was asked to change.
type ReadOnlyError struct{}

func (ReadOnlyError) Error() string { return "opened read only: nothing was changed" }

// ReadOnly says whether Commit would refuse.
func (d *Desk) ReadOnly() bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.log == nil
}

// Commit makes events durable and applies them, in order. When it returns nil
// they are on disk and in the session. After an error nothing of them may be
// relied upon, and nothing must be sent.
func (d *Desk) Commit(ctx context.Context, evs ...model.Event) error {
	d.mu.RLock()
	log := d.log
	d.mu.RUnlock()
	if log == nil {
		return ReadOnlyError{}
	}
	if _, err := log.Append(ctx, evs...); err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.err
}

// apply is called by the journal, in its order, once an event is on disk.
func (d *Desk) apply(ev model.Event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.s.Apply(ev); err != nil && d.err == nil {
		d.err = err
	}
}

// Look runs f on the session. f must only read, must not block, and must not
// keep what it is given: it holds up everybody else.
func (d *Desk) Look(f func(*triage.Session)) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	f(d.s)
}

// Absorb takes in what a reader has added to the batch. Between its steps others
// have their turn.
func (d *Desk) Absorb() {
	for more := true; more; {
		more = d.absorb()
	}
}

func (d *Desk) absorb() (more bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.s.Absorb()
}

// Version rises with every change of the session.
func (d *Desk) Version() uint64 {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.s.Version()
}

// Payload reads item i and gives its payload as it would be sent now. It does
// I/O.
func (d *Desk) Payload(i int) (it model.Item, now model.Payload, edited bool, err error) {
	var b *model.Batch
	d.Look(func(s *triage.Session) { b = s.Batch() })
	if it, err = b.Item(i); err != nil {
		return it, model.Payload{}, false, err
	}
	d.Look(func(s *triage.Session) { now, edited, err = s.Payload(it) })
	return it, now, edited, err
}
