package retry

import (
	"math"
	"time"

	"retriage/model"
)

// Verdict is what becomes of an item after a send that may be repeated.
type Verdict uint8

// The verdicts.
const (
	// Again: send it again after the delay.
	Again Verdict = iota
	// GiveUp: its tries are used.
	GiveUp
	// Park: the server asks for a longer wait than Settings.MaxWait, or has
	// asked for too many; the delay says how long.
	Park
)

// State is all that the decision about one more try depends on.
type State struct {
	Settings model.Settings
	// Tries is how many sends have counted, the one just judged included.
	Tries int
	// Failures is how many sends in a row came to nothing, those that do not
	// count included; the backoff grows with it. At least 1.
	Failures int
	// Throttled says that the server asked for a slower pace (429, 503).
	Throttled bool
	// RetryAfter is how long the server asked to wait; negative = not said.
	RetryAfter time.Duration
	// Waited is how long the item has waited because it was asked to, so far.
	Waited time.Duration
	// Random is in [0,1).
	Random float64
}

// waitTries bounds the sum of the waits that one item is asked for, in multiples
// of Settings.MaxWait: a cap on each wait alone would let a server hold an item
// for ever.
const waitTries = 5

// Next says whether and after which delay an item is sent again. Without a word
// from the server the delay is drawn evenly from nothing to the backoff ("full
// jitter"): it doubles from Settings.Base, or Settings.Throttled, up to
// Settings.Cap. A Retry-After (RFC 9110, section 10.2.3) is never undercut: the
// delay is the longer of the two, and up to a tenth longer still, so that many
// clients do not come back at once.
func Next(s State) (time.Duration, Verdict) {
	if s.Tries >= s.Settings.Tries {
		return 0, GiveUp
	}
	ours := time.Duration(s.Random * float64(backoff(s)))
	if s.RetryAfter < 0 {
		return ours, Again
	}
	if s.RetryAfter > s.Settings.MaxWait || s.Waited+s.RetryAfter > waitTries*s.Settings.MaxWait {
		return s.RetryAfter, Park
	}
	d := max(ours, s.RetryAfter)
	return d + time.Duration(s.Random*float64(d)/10), Again
}

// backoff is the longest delay of ours after so many failures.
func backoff(s State) time.Duration {
	base := s.Settings.Base
	if s.Throttled {
		base = s.Settings.Throttled
	}
	d := float64(base) * math.Pow(2, float64(max(s.Failures, 1)-1))
	return time.Duration(min(d, float64(s.Settings.Cap)))
}
