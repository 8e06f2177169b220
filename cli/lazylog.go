package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"retriage/model"
	"retriage/triage/journal"
)

// lazyLog is the journal of a run that may not exist yet: whoever only looks
// leaves nothing behind. The run's folder, with a copy of the input, is made by
// the first event.
type lazyLog struct {
	s *sitting
	// dry says that events are only supposed: they are applied, so that a plan
	// can be made of them, and are written nowhere. seq is the newest event's.
	dry bool
	seq int64
	// bare is a run whose folder was made, and whose first event was not written
	// before its process ended; nil = none.
	bare *journal.Log

	mu    sync.Mutex
	log   *journal.Log
	apply func(model.Event)
	err   error
}

// OnDurable implements run.Journal.
func (l *lazyLog) OnDurable(f func(model.Event)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.apply = f
	if l.log != nil {
		l.log.OnDurable(f)
	}
}

// Append implements run.Journal.
func (l *lazyLog) Append(ctx context.Context, evs ...model.Event) ([]model.Event, error) {
	if l.dry {
		return l.suppose(evs), nil
	}
	log, err := l.started(ctx)
	if err != nil {
		return nil, err
	}
	return log.Append(ctx, evs...)
}

// suppose applies events as if they had been written.
func (l *lazyLog) suppose(evs []model.Event) []model.Event {
	l.mu.Lock()
	defer l.mu.Unlock()
	for k := range evs {
		l.seq++
		evs[k].Seq = l.seq
		l.apply(evs[k])
	}
	return evs
}

func (l *lazyLog) started(ctx context.Context) (*journal.Log, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.log != nil || l.err != nil {
		return l.log, l.err
	}
	if l.err = l.begin(ctx); l.err != nil {
		l.err = fmt.Errorf("%w: %w", journal.ErrStopped, l.err)
		return nil, l.err
	}
	return l.log, nil
}

// begin makes the run's folder: the inputs first, so that the first event
// already finds them there.
func (l *lazyLog) begin(ctx context.Context) error {
	log := l.bare
	if log == nil {
		var err error
		log, err = l.s.store.Create(l.s.runID)
		if errors.Is(err, journal.ErrExists) {
			return fmt.Errorf("start run %s: %w", l.s.runID, &journal.InUseError{})
		}
		if err != nil {
			return fmt.Errorf("start run %s: %w", l.s.runID, err)
		}
	}
	var inputs []model.InputFile
	for _, f := range l.s.files {
		if _, err := f.file.Seek(0, io.SeekStart); err != nil {
			return errors.Join(fmt.Errorf("keep a copy of %s: %w", f.name, err), log.Close())
		}
		in, err := log.AddInput(f.name, f.file)
		if err != nil {
			return errors.Join(fmt.Errorf("keep a copy of %s: %w", f.name, err), log.Close())
		}
		if f.request {
			in.Part = "request"
		}
		inputs = append(inputs, in)
	}
	log.OnDurable(l.apply)
	if _, err := log.Append(ctx, l.s.openEvent(inputs), l.s.readEvent()); err != nil {
		return errors.Join(err, log.Close())
	}
	l.log = log
	return nil
}

// Err implements run.Journal.
func (l *lazyLog) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.log != nil {
		return l.log.Err()
	}
	return l.err
}

// Close gives the lock back.
func (l *lazyLog) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.log != nil:
		return l.log.Close()
	case l.bare != nil && l.err == nil:
		return l.bare.Close()
	}
	return nil
}
