package journal

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"retriage/model"
)

// tailSize is how far from its end a journal is read to list its run, in bytes.
const tailSize = 256 << 10

// RunInfo is what a list of runs says about one of them.
type RunInfo struct {
	ID      string
	Dir     string
	Started time.Time // of the first event
	Updated time.Time // of the last event
	// Finished: the last plan came to its end or was given up, and nothing was
	// changed or sent since. Items may be left that no plan has named.
	Finished bool
	Inputs   []string // as the operator named them, safe to show
	Origin   string   // of the target, "" = none
	Locked   bool     // a process has it open for writing
	Owner    Owner    // who, when Locked
	Events   int64    // number of the last event
	// Problem is why the run cannot be told about in full, as an *UnsafeError,
	// *NewerError or *CorruptError. Only the beginning and the end are looked
	// at: nil does not say that the run is sound.
	Problem error
}

// List describes all runs, the one with the newest event first. It reads only
// the beginning and the end of each journal. A run that cannot be read is
// listed too, with its Problem.
func (s *Store) List() ([]RunInfo, error) {
	ids, err := s.ids()
	if err != nil {
		return nil, err
	}
	runs := make([]RunInfo, len(ids))
	for i, id := range ids {
		runs[i] = s.info(id)
	}
	slices.SortStableFunc(runs, func(a, b RunInfo) int {
		return cmp.Or(b.Updated.Compare(a.Updated), cmp.Compare(a.ID, b.ID))
	})
	return runs, nil
}

func (s *Store) info(id string) RunInfo {
	info := RunInfo{ID: id, Dir: s.path(id)}
	if info.Locked = locked(info.Dir); info.Locked {
		info.Owner = readOwner(filepath.Join(info.Dir, lockName))
	}
	if err := checkPath(info.Dir, true); err != nil {
		info.Problem = err
		return info
	}
	f, err := openFile(filepath.Join(info.Dir, journalName), os.O_RDONLY)
	if err != nil {
		info.Problem = err
		return info
	}
	defer func() { _ = f.Close() }()
	info.Problem = info.read(f)
	return info
}

// read fills in what the first and the last records say.
func (info *RunInfo) read(f *os.File) error {
	stat, err := f.Stat()
	if err != nil {
		return fmt.Errorf("read journal: %w", err)
	}
	info.Started, info.Updated = stat.ModTime().UTC(), stat.ModTime().UTC()
	if stat.Size() == 0 {
		return nil
	}
	line, whole, err := readLine(bufio.NewReader(f))
	if err != nil {
		return fmt.Errorf("read journal: %w", err)
	}
	first, ok := skim(line)
	switch {
	case !whole:
		return nil // a crash left nothing but half of the first record
	case !ok:
		return &CorruptError{Line: 1, Why: "its checksum is wrong"}
	case first.Open.Version > FormatVersion:
		return &NewerError{Version: first.Open.Version, Known: FormatVersion}
	}
	info.Started, info.Origin = first.At, first.Open.Origin
	for _, in := range first.Open.Inputs {
		info.Inputs = append(info.Inputs, model.Foreign(in.Name).Safe(model.SafeLong))
	}
	return info.readTail(f, stat.Size())
}

// readTail looks from the end back to the newest record that says whether the
// run is finished.
func (info *RunInfo) readTail(f *os.File, size int64) error {
	tail, err := readTail(f, size)
	if err != nil {
		return fmt.Errorf("read journal: %w", err)
	}
	lines := bytes.Split(tail, []byte("\n"))
	// What stands after the last line feed is unfinished or nothing.
	for i := len(lines) - 2; i >= 0; i-- {
		ev, ok := skim(lines[i])
		if !ok {
			if i == len(lines)-2 {
				continue // a torn tail
			}
			return nil // damage, or the cut-off beginning of the tail
		}
		if info.Events == 0 {
			info.Events, info.Updated = ev.Seq, ev.At
		}
		switch ev.Type {
		case model.EvNote, model.EvToken, model.EvVerify, model.EvTakeover, model.EvRead:
			continue // neither changes an item nor sends one
		case model.EvEnd:
			info.Finished = ev.End.Why == "done" || ev.End.Why == "cancelled"
		}
		return nil
	}
	return nil
}

// readTail gives the last tailSize bytes, or more when the last record alone
// takes more.
func readTail(f *os.File, size int64) ([]byte, error) {
	for want := int64(tailSize); ; want *= 4 {
		n := min(want, size)
		tail := make([]byte, n)
		if _, err := f.ReadAt(tail, size-n); err != nil {
			return nil, err
		}
		if n == size || bytes.Count(tail, []byte("\n")) >= 3 {
			return tail, nil
		}
	}
}

// glance is the part of an event that a list needs.
type glance struct {
	Seq  int64
	At   time.Time
	Type model.EventType
	Open model.OpenEvent
	End  model.EndEvent
}

// skim decodes a line as far as a list needs it.
func skim(line []byte) (glance, bool) {
	var g glance
	text, ok := value(line)
	if !ok || json.Unmarshal(text, &g) != nil {
		return glance{}, false
	}
	return g, true
}
