package report

import (
	"retriage/model"
	"retriage/triage"
)

// The exit codes that a session's counts and its runs can give.
const (
	ExitDone    = 0
	ExitFailed  = 1
	ExitSignIn  = 4
	ExitNetwork = 5
	ExitStopped = 6
	ExitUnknown = 8
	ExitState   = 11
)

// End is what decides the exit code beside what is left.
type End struct {
	// Lenient says why the code is 0 whatever is left, "" = what is left decides.
	Lenient string
	// Stop is what stopped the newest run, as in run.Snapshot, "" = nothing did.
	Stop string
}

// ExitCode is the code of what is left and of what stopped the newest run. Items
// whose API offers no read count as done. A limit that stopped a run counts only
// while something is open.
func ExitCode(c triage.Counts, e End) int {
	stop := StopCode(e.Stop)
	switch {
	case stop == ExitState:
		return ExitState
	case e.Lenient != "":
		return ExitDone
	case c.Of(model.Unknown) > 0:
		return ExitUnknown
	case stop == ExitSignIn || stop == ExitNetwork:
		return stop
	case c.Open() == c.Of(model.Ready): // what was never sent has not failed
		return ExitDone
	case stop == ExitStopped:
		return ExitStopped
	}
	return ExitFailed
}

// StopCode is the exit code of what stopped a run, 0 when nothing did.
func StopCode(kind string) int {
	switch kind {
	case "":
		return ExitDone
	case "journal":
		return ExitState
	case "sign_in":
		return ExitSignIn
	case "tls", "unreachable":
		return ExitNetwork
	}
	return ExitStopped
}

// exitWords says what each exit code means.
var exitWords = map[int]string{
	ExitDone:    "nothing is left that failed",
	ExitFailed:  "some items still fail",
	2:           "wrong usage or query",
	3:           "the input could not be read to its end",
	ExitSignIn:  "the sign-in was refused",
	ExitNetwork: "the server could not be reached",
	ExitStopped: "a limit stopped the run",
	7:           "not confirmed, so nothing was sent",
	ExitUnknown: "some outcomes are unknown",
	9:           "another process uses the input",
	10:          "a bug of ours",
	ExitState:   "the state folder is full or failing; nothing more was sent",
	129:         "the terminal went away; the journal is complete",
	130:         "stopped by ctrl+c; the journal is complete",
	143:         "asked to end; the journal is complete",
}

// ExitWords says what an exit code means here.
func ExitWords(code int, e End) string {
	if code == ExitDone && e.Lenient != "" {
		return e.Lenient
	}
	return exitWords[code]
}

// Ending is the report of a sitting that ends with another code than the one
// that its counts give.
func (r Report) Ending(code int, e End) Report {
	r.Exit, r.ExitMeans = code, ExitWords(code, e)
	return r
}
