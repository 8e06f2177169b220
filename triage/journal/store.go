package journal

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"retriage/model"
)

// What stands in the folder of a run.
const (
	journalName = "journal.jsonl"
	newName     = "journal.new"    // a journal that is about to take its place
	failedName  = "journal.failed" // a sync of the journal failed
	tornBase    = "journal.torn"   // -<time>: an unfinished record that was cut off
	badBase     = "journal.bad"    // -<time>: a journal as it was before its repair
	lockName    = "lock"
	ballastName = "ballast"
	inputsName  = "in"
)

// minPrefix is how many characters of an id are needed to name a run.
const minPrefix = 4

// goneBase begins the name of a folder that is being removed.
const goneBase = ".gone-"

var idForm = regexp.MustCompile(`^[0-9a-z][0-9a-z-]{3,63}$`)

// Options are what a store cannot know by itself.
type Options struct {
	// Now is the clock; nil is the system's, in UTC. Times are cut to
	// milliseconds.
	Now func() time.Time
	// Who names the user in the lock file, for the message to somebody else.
	Who string
}

// Store is the folder that holds all runs, one folder each. It keeps nothing in
// memory, so any number of processes may use the same one.
type Store struct {
	dir     string
	options Options
	wrap    func(*os.File) disk
}

// OpenStore takes the folder that holds all runs and makes it, for its owner
// alone, if it is not there. It gives an *UnsafeError for a symbolic link, for
// a folder of another user, and below a folder that every user can write to
// and that is not sticky. At most one Options is used.
func OpenStore(dir string, options ...Options) (*Store, error) {
	s := &Store{wrap: func(f *os.File) disk { return syncedFile{f} }}
	if len(options) > 0 {
		s.options = options[0]
	}
	var err error
	if s.dir, err = filepath.Abs(dir); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	if err := checkParents(s.dir); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(s.dir), dirMode); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	if err := makeFolder(s.dir); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	return s, nil
}

func (s *Store) now() time.Time {
	now := s.options.Now
	if now == nil {
		now = time.Now
	}
	return now().UTC().Truncate(time.Millisecond)
}

func (s *Store) path(id string) string { return filepath.Join(s.dir, id) }

// RunID names the run that an input and a target belong to: eight hex digits.
// They are few enough that two inputs may share them; the first event says
// which input and target a run is really of.
func RunID(inputSHA256 string, origin string) string {
	sum := sha256.Sum256([]byte(inputSHA256 + "\x00" + origin))
	return hex.EncodeToString(sum[:4])
}

// NextID gives the first id that is free for a further run over the same input
// and target: id itself, id-2, id-3 and so on.
func (s *Store) NextID(id string) string {
	next := id
	for n := 2; s.has(next); n++ {
		next = id + "-" + strconv.Itoa(n)
	}
	return next
}

// LatestID gives the newest run over the same input and target: the last one
// that exists of id, id-2, id-3 and so on.
func (s *Store) LatestID(id string) (latest string, ok bool) {
	ids, _ := s.ids() // a store that cannot be read has none
	number := 0
	for _, have := range ids {
		n := 1
		if rest, further := strings.CutPrefix(have, id+"-"); further {
			n, _ = strconv.Atoi(rest)
		} else if have != id {
			continue
		}
		if n > number {
			latest, number = have, n
		}
	}
	return latest, number > 0
}

// Find gives the folder of a run by its id, or by a prefix of at least four
// characters that no other run begins with. Resolve tells why it found none.
func (s *Store) Find(id string) (path string, ok bool) {
	full, err := s.Resolve(id)
	if err != nil {
		return "", false
	}
	return s.path(full), true
}

// Resolve gives the whole id for an id or a prefix of at least four characters.
// It gives ErrNoRun or an *AmbiguousError.
func (s *Store) Resolve(prefix string) (id string, err error) {
	if len(prefix) < minPrefix || !idForm.MatchString(prefix) {
		return "", fmt.Errorf("find run %s: %w", model.Foreign(prefix).Safe(model.SafeShort), ErrNoRun)
	}
	if s.has(prefix) {
		return prefix, nil
	}
	ids, err := s.ids()
	if err != nil {
		return "", err
	}
	ids = slices.DeleteFunc(ids, func(id string) bool { return !strings.HasPrefix(id, prefix) })
	switch len(ids) {
	case 0:
		return "", fmt.Errorf("find run %s: %w", prefix, ErrNoRun)
	case 1:
		return ids[0], nil
	}
	return "", &AmbiguousError{Prefix: prefix, IDs: ids}
}

// has says whether there is a run of exactly that id.
func (s *Store) has(id string) bool {
	return isThere(filepath.Join(s.path(id), journalName))
}

// ids lists the runs, sorted.
func (s *Store) ids() ([]string, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, fmt.Errorf("list runs: %w", err)
	}
	var ids []string
	for _, e := range entries {
		if idForm.MatchString(e.Name()) && s.has(e.Name()) {
			ids = append(ids, e.Name())
		}
	}
	return ids, nil
}

// Create makes the folder of a new run, locks it and gives its empty journal,
// all of it durable. It gives ErrExists if the run is there, and an error that
// is syscall.ENOSPC when there is no room to begin.
func (s *Store) Create(id string) (*Log, error) {
	if !idForm.MatchString(id) {
		return nil, fmt.Errorf("create run: %s is no id of a run", model.Foreign(id).Safe(model.SafeShort))
	}
	if s.has(id) {
		return nil, fmt.Errorf("create run %s: %w", id, ErrExists)
	}
	dir := s.path(id)
	if err := makeFolder(dir); err != nil {
		return nil, fmt.Errorf("create run %s: %w", id, err)
	}
	lock, err := s.lock(dir)
	if err != nil {
		return nil, err
	}
	// The journal comes last: a folder without one is what a crash in here
	// leaves behind, and counts as no run.
	f, err := s.furnish(dir)
	if err != nil {
		if errors.Is(err, fs.ErrExist) {
			err = ErrExists
		}
		return nil, errors.Join(fmt.Errorf("create run %s: %w", id, err), lock.Close())
	}
	return newLog(s, dir, lock, s.wrap(f), 0, 0), nil
}

// furnish makes everything that stands in the folder of a new run.
func (s *Store) furnish(dir string) (*os.File, error) {
	if err := makeFolder(filepath.Join(dir, inputsName)); err != nil {
		return nil, err
	}
	if err := makeBallast(dir); err != nil {
		return nil, err
	}
	f, err := createFile(filepath.Join(dir, journalName))
	if err != nil {
		return nil, err
	}
	for _, sync := range []func() error{f.Sync, func() error { return syncFolder(dir) }, func() error { return syncFolder(s.dir) }} {
		if err := sync(); err != nil {
			return nil, errors.Join(err, f.Close(), os.Remove(f.Name()))
		}
	}
	return f, nil
}

// Open locks a run (by id or prefix), replays its journal and gives it ready to
// be appended to. A record that a crash left unfinished at the end is cut off
// and kept beside the journal. Errors: *InUseError, *CorruptError (see Repair),
// *NewerError, *AmbiguousError, *UnsafeError, ErrNoRun; with any of them,
// nothing was changed.
func (s *Store) Open(id string) (*Log, []model.Event, error) {
	id, err := s.Resolve(id)
	if err != nil {
		return nil, nil, err
	}
	dir := s.path(id)
	if err := ownFolder(dir); err != nil {
		return nil, nil, fmt.Errorf("open run %s: %w", id, err)
	}
	lock, err := s.lock(dir)
	if err != nil {
		return nil, nil, err
	}
	f, found, err := s.load(dir)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("open run %s: %w", id, err), lock.Close())
	}
	// Without ballast the run still works; only its last words may not fit.
	_ = makeBallast(dir)
	return newLog(s, dir, lock, s.wrap(f), found.good, found.last), found.events, nil
}

// load reads the journal of a locked run and brings it to its last whole
// record. What it gives is on disk.
func (s *Store) load(dir string) (*os.File, *scanner, error) {
	path := filepath.Join(dir, journalName)
	f, err := openFile(path, os.O_RDWR|os.O_APPEND)
	if err != nil {
		return nil, nil, err
	}
	found := &scanner{strict: true}
	err = found.run(f)
	if err == nil {
		err = s.settle(dir, f, found)
	}
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	if !isThere(filepath.Join(dir, failedName)) {
		return f, found, nil
	}
	f, err = s.replaceFailed(dir, f, found.good)
	return f, found, err
}

// settle cuts a torn tail, whose bytes are kept, and syncs: records that a
// killed process had written but not synced are acted upon from here on.
func (s *Store) settle(dir string, f *os.File, found *scanner) error {
	if found.torn {
		tail := io.NewSectionReader(f, found.good, found.off-found.good)
		if _, err := saveAs(filepath.Join(dir, tornBase), s.now(), tail); err != nil {
			return fmt.Errorf("keep the unfinished record: %w", err)
		}
		if err := f.Truncate(found.good); err != nil {
			return fmt.Errorf("cut the unfinished record: %w", err)
		}
	}
	if isThere(filepath.Join(dir, failedName)) {
		return nil // this file is never synced again, see replaceFailed
	}
	return syncedFile{f}.Sync()
}

// lock takes the lock of a run's folder for this process.
func (s *Store) lock(dir string) (*flock.Flock, error) {
	return lockFolder(dir, Owner{PID: os.Getpid(), Who: s.options.Who, Since: s.now()})
}
