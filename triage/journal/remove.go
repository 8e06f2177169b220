package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Remove takes a finished run off the disk, for good. It refuses a run that a
// process has open (*InUseError) and one that may still be resumed or cannot be
// read to its end (ErrUnfinished); Discard takes the latter.
func (s *Store) Remove(id string) error { return s.remove(id, false) }

// Discard is Remove for a run in any state, but never for one in use.
func (s *Store) Discard(id string) error { return s.remove(id, true) }

func (s *Store) remove(id string, unfinished bool) error {
	id, err := s.Resolve(id)
	if err != nil {
		return err
	}
	dir := s.path(id)
	if err := checkPath(dir, true); err != nil {
		return fmt.Errorf("remove run %s: %w", id, err)
	}
	lock, err := s.lock(dir)
	if err != nil {
		return err
	}
	if !unfinished && !s.info(id).Finished {
		return errors.Join(fmt.Errorf("remove run %s: %w", id, ErrUnfinished), lock.Close())
	}
	// Away under a name that is no run first: half a run is never seen.
	gone := filepath.Join(s.dir, goneBase+id+"-"+strconv.FormatInt(s.now().UnixNano(), 36))
	if err := os.Rename(dir, gone); err != nil {
		return errors.Join(fmt.Errorf("remove run %s: %w", id, err), lock.Close())
	}
	err = errors.Join(syncFolder(s.dir), s.sweep(), lock.Close())
	if err != nil {
		return fmt.Errorf("remove run %s: %w", id, err)
	}
	return nil
}

// sweep deletes what was taken away, and what an earlier removal that was
// killed has left.
func (s *Store) sweep() error {
	entries, err := os.ReadDir(s.dir)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), goneBase) {
			err = errors.Join(err, os.RemoveAll(s.path(e.Name())))
		}
	}
	return err
}
