package cli

import (
	"errors"
	"fmt"
	"io"
	"os"

	"retriage/client"
	"retriage/model"
	"retriage/model/dialect"
	"retriage/triage"
	"retriage/triage/journal"
	"retriage/triage/report"
	"retriage/triage/run"
)

// The exit codes. Scripts depend on them: they never change their meaning.
const (
	exitDone     = report.ExitDone    // nothing left failed
	exitFailed   = report.ExitFailed  // finished, items still failed
	exitUsage    = 2                  // wrong usage or query
	exitInput    = 3                  // input unreadable or not a batch
	exitSignIn   = report.ExitSignIn  // sign-in failed
	exitNetwork  = report.ExitNetwork // network or server away, try again
	exitStopped  = report.ExitStopped // stopped by a limit: breaker, step rule
	exitRefused  = 7                  // not confirmed, count differs, plan stale
	exitUnknown  = report.ExitUnknown // some outcomes unknown: verify
	exitInUse    = 9                  // input in use by another process
	exitBug      = 10                 // our bug
	exitState    = report.ExitState   // the state folder is full or failing
	exitHangUp   = 129
	exitInterupt = 130
	exitTerm     = 143
)

// exitError ends a command with a code. An empty text says nothing more.
type exitError struct {
	code int
	text string // what happened, what was not done, the next step
	err  error
}

func (e *exitError) Error() string {
	if e.text != "" {
		return e.text
	}
	if e.err != nil {
		return e.err.Error()
	}
	return fmt.Sprintf("exit code %d", e.code)
}

func (e *exitError) Unwrap() error { return e.err }

// fail ends a command with a code and a sentence.
func fail(code int, format string, args ...any) error {
	return &exitError{code: code, text: fmt.Sprintf(format, args...)}
}

// quiet ends a command with a code; everything was said already.
func quiet(code int) error {
	if code == exitDone {
		return nil
	}
	return &exitError{code: code}
}

// said tells whether err has nothing to say.
func said(err error) bool {
	var e *exitError
	return errors.As(err, &e) && e.text == "" && e.err == nil
}

// codeOf maps an error to its exit code: the one place that does.
func codeOf(err error) int {
	var (
		exit       *exitError
		query      *triage.QueryError
		unknown    *dialect.UnknownDialectError
		truncated  *dialect.TruncatedError
		notBatch   *dialect.NotBatchError
		syntax     *dialect.SyntaxError
		refused    *dialect.RefusedError
		limit      *dialect.LimitError
		inUse      *journal.InUseError
		credential *client.CredentialError
		stopped    *run.StoppedError
		corrupt    *journal.CorruptError
		newer      *journal.NewerError
	)
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &exit):
		return exit.code
	case errors.As(err, &inUse):
		return exitInUse
	case errors.Is(err, run.ErrJournal), errors.Is(err, journal.ErrStopped), errors.As(err, &corrupt), errors.As(err, &newer):
		return exitState
	case errors.As(err, &query), errors.As(err, &unknown):
		return exitUsage
	case errors.As(err, &credential):
		return exitSignIn
	case errors.As(err, &refused):
		return exitFailed
	case errors.As(err, &truncated), errors.As(err, &notBatch), errors.As(err, &syntax), errors.As(err, &limit),
		errors.Is(err, dialect.ErrEmpty), errors.Is(err, os.ErrNotExist), errors.Is(err, os.ErrPermission):
		return exitInput
	case errors.As(err, &stopped):
		return report.StopCode(stopped.Kind)
	}
	return exitUsage
}

// complain writes an error for a person. Whatever foreign text is in it comes
// out safe, whoever made the error.
func complain(w io.Writer, err error) {
	if err == nil || said(err) {
		return
	}
	for _, line := range model.Foreign(err.Error()).Block(20, model.SafeLong) {
		fmt.Fprintln(w, "retriage: "+line)
	}
}
