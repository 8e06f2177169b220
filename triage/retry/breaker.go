package retry

import (
	"math"
	"slices"
	"time"

	"retriage/model"
)

// BreakerState is where a Breaker stands.
type BreakerState string

// The states of a breaker.
const (
	Closed   BreakerState = "closed"
	Open     BreakerState = "open"
	HalfOpen BreakerState = "half open" // one probe is under way
)

// Breaker leaves a failing server alone. It looks at the newest outcomes of
// whole requests, opens when too many of them failed, and after a while lets one
// request through: if that goes well it closes and forgets, else it opens again.
type Breaker struct {
	size  int
	share float64
	wait  time.Duration

	state BreakerState
	ring  []bool // true = failed, oldest first
	until time.Time
}

// NewBreaker makes a closed breaker from Settings.BreakerSize, BreakerRate and
// BreakerOpen.
func NewBreaker(s model.Settings) *Breaker {
	return &Breaker{size: max(s.BreakerSize, 1), share: s.BreakerRate, wait: s.BreakerOpen, state: Closed}
}

// Failure says whether a whole reply counts as a failure of the server: it could
// not be reached, did not answer, or answered with its own trouble. A 429 is the
// pace's business, a 401 the credential's, and a refused body the items'.
func Failure(f model.Fault) bool {
	switch f {
	case model.Unreachable, model.LostReply, model.TimedOut, model.Unavailable, model.ServerError, model.NotABatch:
		return true
	}
	return false
}

// Counts says whether a whole reply says anything about the server's health. A
// request that was stopped here does not, and neither does a 429.
func Counts(f model.Fault) bool {
	switch f {
	case model.Throttled, model.Interrupted, model.KilledBefore, model.SignIn:
		return false
	}
	return true
}

// Record takes in the outcome of a request and says whether the state changed.
// probe marks the one request that a half-open breaker let through; while the
// breaker is not closed nothing else counts.
func (b *Breaker) Record(failed, probe bool, now time.Time) (changed bool) {
	switch {
	case b.state == HalfOpen && probe && failed:
		b.open(now)
	case b.state == HalfOpen && probe:
		b.state, b.ring, b.until = Closed, nil, time.Time{}
	case b.state != Closed:
		return false
	default:
		if b.ring = append(b.ring, failed); len(b.ring) > b.size {
			b.ring = slices.Delete(b.ring, 0, len(b.ring)-b.size)
		}
		if len(b.ring) < b.size || b.failures() < b.Opens() {
			return false
		}
		b.open(now)
	}
	return true
}

func (b *Breaker) open(now time.Time) { b.state, b.until = Open, now.Add(b.wait) }

// Probe turns an open breaker whose time has come half open; the caller then
// sends exactly one request.
func (b *Breaker) Probe(now time.Time) bool {
	if b.state != Open || now.Before(b.until) {
		return false
	}
	b.state = HalfOpen
	return true
}

// Unprobed takes a half-open state back: the probe was never sent.
func (b *Breaker) Unprobed() {
	if b.state == HalfOpen {
		b.state = Open
	}
}

// Hurry lets an open breaker probe at once.
func (b *Breaker) Hurry(now time.Time) {
	if b.state == Open {
		b.until = now
	}
}

// State is where it stands, and for an open one until when.
func (b *Breaker) State() (BreakerState, time.Time) { return b.state, b.until }

// Last gives a copy of the outcomes it looks at, oldest first; true = failed.
func (b *Breaker) Last() []bool { return slices.Clone(b.ring) }

// Opens is how many failures among its outcomes open it.
func (b *Breaker) Opens() int {
	return max(int(math.Ceil(b.share*float64(b.size))), 1)
}

func (b *Breaker) failures() int {
	n := 0
	for _, failed := range b.ring {
		if failed {
			n++
		}
	}
	return n
}
