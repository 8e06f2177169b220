package journal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"retriage/model"
)

// Reader looks at a run without a lock and without writing anything, while
// another process may be appending. It is for one goroutine.
type Reader struct {
	dir     string
	file    *os.File
	scan    scanner // what was read so far
	problem error
}

// OpenReadOnly gives the events of a run (by id or prefix) that can be read,
// whatever its state: a damaged record is left out, an unfinished one at the
// end waited for. Reader.Problem tells why such a run cannot be continued. The
// newest events may not be durable yet. Errors: ErrNoRun, *AmbiguousError,
// *UnsafeError.
func (s *Store) OpenReadOnly(id string) (*Reader, []model.Event, error) {
	id, err := s.Resolve(id)
	if err != nil {
		return nil, nil, err
	}
	dir := s.path(id)
	if err := checkPath(dir, true); err != nil {
		return nil, nil, fmt.Errorf("open run %s: %w", id, err)
	}
	f, err := openFile(filepath.Join(dir, journalName), os.O_RDONLY)
	if err != nil {
		return nil, nil, fmt.Errorf("open run %s: %w", id, err)
	}
	r := &Reader{dir: dir, file: f}
	if err := r.scan.run(f); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("open run %s: %w", id, err), f.Close())
	}
	r.problem = r.scan.problem()
	return r, r.take(), nil
}

// Dir is the run's folder.
func (r *Reader) Dir() string { return r.dir }

// ID is the run's id.
func (r *Reader) ID() string { return filepath.Base(r.dir) }

// Problem says why the run can be looked at but not continued: a *CorruptError
// (the events around it were given) or a *NewerError (the events that this
// version understands were given). It is nil for a sound run.
func (r *Reader) Problem() error { return r.problem }

// Close frees the file.
func (r *Reader) Close() error { return r.file.Close() }

// take hands out the events read and forgets them.
func (r *Reader) take() []model.Event {
	events := r.scan.events
	r.scan.events = nil
	return events
}

// Next gives the whole records that were added since the last call, and none
// when there are none. It gives ErrChanged when the journal is no longer the one
// that was read, and a *CorruptError for a damaged record.
func (r *Reader) Next() ([]model.Event, error) {
	if err := r.unchanged(); err != nil {
		return nil, err
	}
	size, err := r.wholeLines()
	if err != nil || size == 0 {
		return nil, err
	}
	line := r.scan.line
	if r.scan.torn {
		line-- // the line that was unfinished is read again
	}
	next := scanner{strict: true, last: r.scan.last, line: line, good: r.scan.good, off: r.scan.good, version: r.scan.version}
	if err := next.run(io.NewSectionReader(r.file, r.scan.good, size)); err != nil {
		return nil, fmt.Errorf("follow run: %w", err)
	}
	if next.torn {
		return nil, fmt.Errorf("follow run: %w", next.suspect)
	}
	r.scan = next
	return r.take(), nil
}

// unchanged compares the file with the one that was read.
func (r *Reader) unchanged() error {
	have, err := r.file.Stat()
	if err != nil {
		return fmt.Errorf("follow run: %w", err)
	}
	there, err := os.Lstat(filepath.Join(r.dir, journalName))
	if err != nil || !os.SameFile(have, there) || have.Size() < r.scan.good {
		return fmt.Errorf("follow run: %w", ErrChanged)
	}
	return nil
}

// wholeLines is how many bytes after what was read end in a line feed.
func (r *Reader) wholeLines() (int64, error) {
	var size, at int64
	buf := make([]byte, 64<<10)
	for {
		n, err := r.file.ReadAt(buf, r.scan.good+at)
		for i := n - 1; i >= 0; i-- {
			if buf[i] == '\n' {
				size = at + int64(i) + 1
				break
			}
		}
		at += int64(n)
		if errors.Is(err, io.EOF) {
			return size, nil
		}
		if err != nil {
			return 0, fmt.Errorf("follow run: %w", err)
		}
	}
}
