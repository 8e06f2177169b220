package journal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/gofrs/flock"

	"retriage/model"
)

// Log is the journal of one run, open for appending, together with the lock on
// the run's folder. All methods may be called from any goroutine.
type Log struct {
	dir  string
	now  func() time.Time
	lock *flock.Flock
	file disk
	hook func(model.Event)

	wake chan struct{} // holds a token while there may be something to write
	done chan struct{} // closed when the writer has ended

	inputs sync.Mutex // held while an input is copied

	// These two belong to the writer alone.
	good int64 // bytes that are on disk
	last int64 // Seq of the newest event on disk

	mu      sync.Mutex
	waiting []*commit // in the order of the calls of Append
	closed  bool
	cause   error // the first failure, nil while healthy
	stopped bool  // no event is taken any more
	roomy   bool  // stopped for want of room only: Ballast can help
}

// commit is one call of Append on its way to the disk.
type commit struct {
	events []model.Event
	err    error
	done   chan struct{}
}

// newLog begins to write after good bytes and the event with number last.
func newLog(s *Store, dir string, lock *flock.Flock, file disk, good, last int64) *Log {
	l := &Log{
		dir: dir, now: s.now, lock: lock, file: file, good: good, last: last,
		wake: make(chan struct{}, 1), done: make(chan struct{}),
	}
	go l.write()
	return l
}

// Dir is the run's folder.
func (l *Log) Dir() string { return l.dir }

// ID is the run's id.
func (l *Log) ID() string { return filepath.Base(l.dir) }

// OnDurable sets what is called for each event when it is on disk, before its
// Append returns: in the order of the journal, by one goroutine. It is set once,
// before the first Append, and must not call Append itself.
func (l *Log) OnDurable(f func(model.Event)) { l.hook = f }

// Err gives the failure that stopped the journal, and nil while it is healthy.
// It stays set after Ballast: a run that saw it sends nothing more.
func (l *Log) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.cause
}

// Append numbers the events, and returns when they are on disk and the hook has
// seen them. Events of one call stand next to each other. An event without a
// time gets the present one; all times are cut to milliseconds. What it gives
// back, and the hook sees, is what a replay will read. The parts of an event
// must not be changed after it was handed over.
//
// Calls that come together share one sync. After an error none of the call's
// events may be relied upon, and the hook saw none of them; if the disk would
// not even let the file be cut back, a replay may find some, as it does after a
// process was killed. The error is ErrStopped with its cause, ErrClosed, an event
// that cannot be encoded (the journal stays healthy), or the context's. The
// context is asked once, at the beginning: what was taken is waited for. So the
// outcome of a request is appended with context.WithoutCancel.
func (l *Log) Append(ctx context.Context, events ...model.Event) ([]model.Event, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("append to journal: %w", err)
	}
	if len(events) == 0 {
		return nil, nil
	}
	c := &commit{events: append([]model.Event(nil), events...), done: make(chan struct{})}
	if err := l.enqueue(c); err != nil {
		return nil, err
	}
	<-c.done
	if c.err != nil {
		return nil, c.err
	}
	return c.events, nil
}

// refusal says why nothing is taken; the caller holds mu.
func (l *Log) refusal() error {
	switch {
	case l.closed:
		return fmt.Errorf("append to journal: %w", ErrClosed)
	case l.stopped:
		return fmt.Errorf("append to journal: %w: %w", ErrStopped, l.cause)
	}
	return nil
}

func (l *Log) enqueue(c *commit) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.refusal(); err != nil {
		return err
	}
	l.waiting = append(l.waiting, c)
	l.poke()
	return nil
}

// poke lets the writer look again.
func (l *Log) poke() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// write is the one goroutine that touches the file. What has gathered while it
// was busy goes to disk together.
func (l *Log) write() {
	defer close(l.done)
	for range l.wake {
		l.mu.Lock()
		group, closed, dead := l.waiting, l.closed, l.stopped
		cause := l.cause
		l.waiting = nil
		l.mu.Unlock()
		if dead {
			fail(group, fmt.Errorf("append to journal: %w: %w", ErrStopped, cause))
		} else {
			l.commit(group)
		}
		if closed {
			return
		}
	}
}

// commit writes and syncs a group, calls the hook and answers the callers.
func (l *Log) commit(group []*commit) {
	text := l.encode(group)
	if len(text) > 0 {
		if err := l.store(text); err != nil {
			fail(group, fmt.Errorf("append to journal: %w: %w", ErrStopped, err))
			return
		}
	}
	for _, c := range group {
		for _, ev := range c.events {
			if c.err == nil && l.hook != nil {
				l.hook(ev)
			}
		}
		close(c.done)
	}
}

// fail answers the callers of a group that did not reach the disk. An error
// that a commit had of its own stays.
func fail(group []*commit, err error) {
	for _, c := range group {
		if c.err == nil {
			c.err = err
		}
		close(c.done)
	}
}

// encode gives the lines of a group, numbered. A commit with an event that
// cannot be written is left out and takes no numbers.
func (l *Log) encode(group []*commit) []byte {
	var text []byte
	seq := l.last
	now := l.now()
	for _, c := range group {
		start, first := len(text), seq
		for i, ev := range c.events {
			seq++
			line, back, err := encode(stamp(ev, seq, now))
			if err != nil {
				c.err = err
				text, seq = text[:start], first
				break
			}
			text = append(text, line...)
			c.events[i] = back
		}
	}
	return text
}

// stamp fills in what the journal knows: number, time and format.
func stamp(ev model.Event, seq int64, now time.Time) model.Event {
	ev.Seq = seq
	if ev.At.IsZero() {
		ev.At = now
	}
	ev.At = ev.At.UTC().Truncate(time.Millisecond)
	if ev.Open != nil && ev.Open.Version == 0 {
		open := *ev.Open
		open.Version = FormatVersion
		ev.Open = &open
	}
	return ev
}

// store brings lines to the disk, or ends the journal.
func (l *Log) store(text []byte) error {
	n, err := l.file.Write(text)
	if err == nil && n < len(text) {
		err = io.ErrShortWrite
	}
	if err != nil {
		l.end(fmt.Errorf("write journal: %w", err), true)
		return l.Err()
	}
	if err := l.file.Sync(); err != nil {
		l.end(fmt.Errorf("sync journal: %w", err), false)
		return l.Err()
	}
	l.good += int64(len(text))
	for _, b := range text {
		if b == '\n' {
			l.last++
		}
	}
	return nil
}

// end cuts the file back to what surely is on disk and stops the journal. After
// a failed write the file is sound and more room can bring it back. After a
// failed sync it is not: the kernel may have dropped the pages and say yes to
// the next sync, so there is none, and a mark tells the next process to copy
// the file before it goes on.
func (l *Log) end(cause error, written bool) {
	cut := l.file.Truncate(l.good)
	if !written || cut != nil {
		if f, err := createFile(filepath.Join(l.dir, failedName)); err == nil {
			_ = f.Close() // an empty file; the disk is failing already
		}
	}
	full := errors.Is(cause, syscall.ENOSPC) || errors.Is(cause, errQuota) || errors.Is(cause, io.ErrShortWrite)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cause == nil {
		l.cause = cause
	}
	l.stopped = true
	l.roomy = written && cut == nil && full
}

// Ballast gives up the room that the run keeps in reserve (1 MiB), once. If the
// journal had stopped because the disk is full, it takes events again, for the
// outcomes of what was in flight; Err stays set. In any other case it changes
// nothing but the room.
func (l *Log) Ballast() error {
	path := filepath.Join(l.dir, ballastName)
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("free the reserve: %w", err)
	}
	if err := syncFolder(l.dir); err != nil {
		return fmt.Errorf("free the reserve: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.roomy {
		l.stopped, l.roomy = false, false
	}
	return nil
}

// Close writes what was handed over, closes the file and frees the lock. A
// second Close gives ErrClosed.
func (l *Log) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return ErrClosed
	}
	l.closed = true
	l.poke()
	l.mu.Unlock()
	<-l.done
	l.inputs.Lock() // an input that is being copied belongs to the run
	defer l.inputs.Unlock()
	_ = os.Truncate(filepath.Join(l.dir, lockName), 0) // nobody holds it; a courtesy, as writing it was
	return errors.Join(l.file.Close(), l.lock.Close())
}
