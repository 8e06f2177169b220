package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// lockTries and lockPause bound how long taking a lock may need: whoever only
// looks whether a run is locked holds its lock for an instant.
const (
	lockTries = 5
	lockPause = 10 * time.Millisecond
)

// Owner is who holds a run, as he wrote it into the lock file.
type Owner struct {
	PID   int       `json:"pid"`
	Who   string    `json:"who"`
	Since time.Time `json:"since"`
}

// lockFolder takes the lock of a run's folder. The kernel drops it when the
// process ends, however it ends, so a dead owner holds none.
func lockFolder(dir string, owner Owner) (*flock.Flock, error) {
	path := filepath.Join(dir, lockName)
	for try := 1; ; try++ {
		lock, err := tryLock(path)
		if err != nil {
			return nil, fmt.Errorf("lock run: %w", err)
		}
		if lock != nil {
			// Only for the message to somebody else: a full disk, or a system
			// that keeps even its owner from writing to a locked file, is no
			// reason not to go on.
			_ = writeOwner(path, owner)
			return lock, nil
		}
		if try == lockTries {
			held := readOwner(path)
			return nil, &InUseError{PID: held.PID, Who: held.Who, Since: held.Since}
		}
		time.Sleep(lockPause)
	}
}

// tryLock takes the lock once; nil and no error mean that another holds it.
func tryLock(path string) (*flock.Flock, error) {
	if err := checkPath(path, false); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	lock := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR|noFollow), flock.SetPermissions(fileMode))
	if ok, err := lock.TryLock(); err != nil || !ok {
		return nil, err
	}
	held, err := lock.Stat()
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	// The folder may have been removed, and made anew, between opening the
	// file and locking it: then this is the lock of nothing.
	there, err := os.Lstat(path)
	if err != nil || !os.SameFile(held, there) {
		return nil, errors.Join(err, lock.Close())
	}
	if tooWide(held) {
		if err := os.Chmod(path, fileMode); err != nil {
			return nil, errors.Join(err, lock.Close())
		}
	}
	return lock, nil
}

// locked says whether some process holds the lock, without making anything.
func locked(dir string) bool {
	path := filepath.Join(dir, lockName)
	if checkPath(path, false) != nil {
		return false
	}
	lock := flock.New(path, flock.SetFlag(os.O_RDONLY|noFollow))
	ok, err := lock.TryRLock()
	if err != nil {
		return false
	}
	if !ok {
		return true
	}
	return lock.Close() != nil
}

// writeOwner says in the lock file who holds it. It need not be durable.
func writeOwner(path string, owner Owner) error {
	text, err := json.Marshal(owner)
	if err != nil {
		return err
	}
	f, err := openFile(path, os.O_WRONLY|os.O_TRUNC)
	if err != nil {
		return err
	}
	_, err = f.Write(append(text, '\n'))
	return errors.Join(err, f.Close())
}

// readOwner gives the zero Owner when the file does not say.
func readOwner(path string) Owner {
	f, err := openFile(path, os.O_RDONLY)
	if err != nil {
		return Owner{}
	}
	defer func() { _ = f.Close() }()
	var owner Owner
	if json.NewDecoder(f).Decode(&owner) != nil {
		return Owner{}
	}
	return owner
}
