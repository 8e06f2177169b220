package journal

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"retriage/model"
)

// The conditions a caller may want to tell apart with errors.Is.
var (
	// ErrExists: Create found a run of that id.
	ErrExists = errors.New("the run exists already")
	// ErrNoRun: the store has no run of that id.
	ErrNoRun = errors.New("no such run")
	// ErrStopped: the journal could not be written and takes no more events.
	// It wraps the cause, e.g. syscall.ENOSPC.
	ErrStopped = errors.New("the journal has stopped")
	// ErrClosed: the Log or Reader was closed.
	ErrClosed = errors.New("the journal is closed")
	// ErrUnfinished: Remove leaves a run alone that may still be resumed.
	ErrUnfinished = errors.New("the run is not finished")
	// ErrChanged: the journal under a Reader was cut back or replaced.
	ErrChanged = errors.New("the journal was cut back or replaced; open the run again")
	// ErrNoHead: the first record, which says what the run belongs to, is lost,
	// so that the run can be looked at but not repaired.
	ErrNoHead = errors.New("the first record is damaged, and nothing else says what the run belongs to")
)

// CorruptError says that a record which is not the last one is damaged. The
// run can be looked at; nothing may be appended before Repair.
type CorruptError struct {
	Line   int   // of the first damaged record, from 1
	Offset int64 // of its first byte
	Why    string
}

func (e *CorruptError) Error() string {
	return fmt.Sprintf("record %d of the journal (byte %d) is damaged: %s", e.Line, e.Offset, e.Why)
}

// NewerError says that a newer version of the program wrote the journal. The
// run can be looked at, not continued.
type NewerError struct {
	Version int // of the journal
	Known   int // the newest version that this program writes
}

func (e *NewerError) Error() string {
	return fmt.Sprintf("the journal has format %d, and this version of retriage knows up to %d", e.Version, e.Known)
}

// InUseError says that another process has the run open for writing. Since is
// zero and Who empty when that process has not said yet who it is.
type InUseError struct {
	PID   int
	Who   string
	Since time.Time
}

func (e *InUseError) Error() string {
	who := "another process"
	if e.Who != "" {
		who = model.Foreign(e.Who).Safe(model.SafeShort)
	}
	if e.PID == 0 {
		return "the run is open in " + who
	}
	return fmt.Sprintf("the run is open: %s, process %d, since %s", who, e.PID, e.Since.UTC().Format(time.RFC3339))
}

// AmbiguousError says that several runs begin with the prefix.
type AmbiguousError struct {
	Prefix string
	IDs    []string // at least two, sorted
}

func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("%d runs begin with %s: %s", len(e.IDs),
		model.Foreign(e.Prefix).Safe(model.SafeShort), strings.Join(e.IDs, ", "))
}

// UnsafeError says that a file or folder could have been made or read by
// somebody else, and was therefore neither read nor changed.
type UnsafeError struct {
	Path string
	Why  string // e.g. "is a symbolic link"
}

func (e *UnsafeError) Error() string {
	return fmt.Sprintf("%s %s; it was not used and not changed", model.Foreign(e.Path).Safe(model.SafeLong), e.Why)
}
