package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
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
	if err := errors.Join(syncFolder(s.dir), os.RemoveAll(gone), lock.Close()); err != nil {
		return fmt.Errorf("remove run %s: %w", id, err)
	}
	return nil
}
