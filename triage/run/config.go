package run

import (
	"errors"
	"fmt"
	"time"

	"retriage/model"
	"retriage/triage"
)

// Config is what a Runner works with. All fields but Prober and AskOnStop must
// be set; without a Prober nothing can be looked up or verified.
type Config struct {
	Desk       *Desk
	Sender     Sender
	Prober     Prober
	Profile    model.Profile
	Classifier *triage.Classifier
	Now        func() time.Time
	Float      func() float64 // in [0,1), for jitter and samples
	NewKey     func() string  // a fresh idempotency key
	NewID      func() string  // a fresh plan id
	// AskOnStop makes a stop rule or a refused sign-in pause the run until
	// Continue or Cancel. Without it Run returns a *StoppedError.
	AskOnStop bool
}

// The conditions that end a run early, to be told apart with errors.Is.
var (
	// ErrCancelled: Cancel or Abort ended it. What was not sent is as before.
	ErrCancelled = errors.New("the run was cancelled")
	// ErrJournal: the journal could not be written; nothing was sent after that.
	ErrJournal = errors.New("the journal could not be written, so nothing more was sent")
	// ErrBusy: the Runner is at work already.
	ErrBusy = errors.New("a run is going on already")
	// ErrHandedIn: the open plan's requests were written for a person to hand in.
	ErrHandedIn = errors.New("the requests of the open plan were written to files and wait for their answers")
	// ErrEmpty: a plan without items.
	ErrEmpty = errors.New("the plan is empty: there is nothing to send")
)

// StoppedError says that a rule ended the run: Kind is one of "step",
// "sign_in", "unreachable", "tls", "refused", "redirected", "parked" and
// "send", and Why one or two safe sentences. What was not sent is as it was before.
type StoppedError struct{ Kind, Why string }

func (e *StoppedError) Error() string { return "stopped: " + e.Why }

// VerifyOptions say what a verification reads.
type VerifyOptions struct {
	Items []int // only these; nil = by the rule of All
	// All reads every item. Otherwise everything is read only if it fits in
	// Settings.VerifyFor, and else what was touched and a random sample.
	All bool
}

// journalError wraps a Commit error so that errors.Is finds ErrJournal in it.
func journalError(err error) error { return fmt.Errorf("%w: %w", ErrJournal, err) }
