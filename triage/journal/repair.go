package journal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"retriage/model"
)

// Repaired says what a repair did.
type Repaired struct {
	Kept int    // records that were whole and are in the journal now
	Gaps int    // places where records are missing; each has a mark, see Lost
	Old  string // where the damaged journal is kept, "" = there was nothing to repair
}

// Repair writes a new journal of the records that are whole, before the damage
// and after it, and keeps the old one beside it. Every gap gets a mark (see Lost);
// an undo of what is lost is left out. It is for the operator to ask for.
// Errors: as for Open, and ErrNoHead when the first record is damaged; the
// journal is as it was then.
func (s *Store) Repair(id string) (Repaired, error) {
	id, err := s.Resolve(id)
	if err != nil {
		return Repaired{}, err
	}
	dir := s.path(id)
	if err := ownFolder(dir); err != nil {
		return Repaired{}, fmt.Errorf("repair run %s: %w", id, err)
	}
	lock, err := s.lock(dir)
	if err != nil {
		return Repaired{}, err
	}
	done, err := s.repair(dir)
	if err = errors.Join(err, lock.Close()); err != nil {
		return Repaired{}, fmt.Errorf("repair run %s: %w", id, err)
	}
	return done, nil
}

func (s *Store) repair(dir string) (Repaired, error) {
	path := filepath.Join(dir, journalName)
	old, err := openFile(path, os.O_RDONLY)
	if err != nil {
		return Repaired{}, err
	}
	defer func() { _ = old.Close() }()

	var found scanner
	if err := found.run(old); err != nil {
		return Repaired{}, err
	}
	switch {
	case found.version > FormatVersion:
		return Repaired{}, found.problem()
	case found.damage == nil:
		return Repaired{Kept: len(found.events)}, nil
	case found.damage.Line == 1:
		return Repaired{}, ErrNoHead
	}
	if _, err := old.Seek(0, io.SeekStart); err != nil {
		return Repaired{}, err
	}
	m := mend(found.events, found.off > found.good)
	var done Repaired
	if done.Old, err = saveAs(filepath.Join(dir, badBase), s.now(), old); err != nil {
		return Repaired{}, fmt.Errorf("keep the damaged journal: %w", err)
	}
	if _, err := old.Seek(0, io.SeekStart); err != nil {
		return Repaired{}, err
	}
	err = replaceJournal(dir, func(w io.Writer) error { return s.rewrite(w, old, m, &done) })
	return done, err
}

// rewrite copies the good lines of old to w, with a mark in each gap.
func (s *Store) rewrite(w io.Writer, old io.Reader, m mending, done *Repaired) error {
	put := func(mark model.Event) error {
		mark.At = s.now()
		line, _, err := encode(mark)
		if err == nil {
			done.Gaps++
			_, err = w.Write(line)
		}
		return err
	}
	good := scanner{keep: func(line []byte, ev model.Event) error {
		if m.drop[ev.Seq] {
			return nil
		}
		if mark, ok := m.marks[ev.Seq]; ok {
			if err := put(mark); err != nil {
				return err
			}
		}
		done.Kept++
		_, err := w.Write(append(line, '\n'))
		return err
	}}
	if err := good.run(old); err != nil {
		return err
	}
	if m.end != nil {
		return put(*m.end)
	}
	return nil
}

// replaceFailed gives a fresh file for a journal whose sync once failed, with
// its first good bytes.
func (s *Store) replaceFailed(dir string, f *os.File, good int64) (*os.File, error) {
	err := replaceJournal(dir, func(w io.Writer) error {
		_, err := io.Copy(w, io.NewSectionReader(f, 0, good))
		return err
	})
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("copy the journal: %w", err)
	}
	return openFile(filepath.Join(dir, journalName), os.O_RDWR|os.O_APPEND)
}

// replaceJournal puts a new file in the place of the journal. At every moment
// one of the two is there, whole. The new one was never failed to be synced.
func replaceJournal(dir string, fill func(io.Writer) error) error {
	path := filepath.Join(dir, newName)
	if err := removeIfThere(path); err != nil {
		return err
	}
	f, err := createFile(path)
	if err != nil {
		return err
	}
	err = fill(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(path, filepath.Join(dir, journalName)); err != nil {
		return err
	}
	if err := syncFolder(dir); err != nil {
		return err
	}
	return removeIfThere(filepath.Join(dir, failedName))
}
