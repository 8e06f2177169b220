package run

import (
	"time"

	"retriage/model"
	"retriage/triage/retry"
)

// gates are what stands between a chunk and the wire. They are plain data:
// their owner guards them.
type gates struct {
	set     model.Settings
	each    bool // the API has no batch: every item goes to the individual endpoint
	breaker *retry.Breaker
	budget  retry.Budget
	pace    retry.Pace // of requests
	reads   retry.Pace // of reads

	hold     Hold      // nothing is sent or read before
	readHold time.Time // nothing is read before
	pause    Pause
	draining bool
	alone    time.Time // when the newest request to the individual endpoint was picked
	// When the newest requests went on the wire, by either endpoint and by the
	// individual one.
	boarded, boardedAlone time.Time
	probes                int  // of the breaker that failed in a row
	reached               bool // some reply has come
	missed                int  // requests before that which found no server
}

func newGates(set model.Settings) gates {
	return gates{
		set: set, breaker: retry.NewBreaker(set), pace: retry.NewPace(set.Rate), reads: retry.NewPace(set.ReadRate),
	}
}

// barred says whether nothing may leave now, and when to ask again; a zero time
// is when something else has changed.
func (g *gates) barred(now time.Time) (bool, time.Time) {
	state, until := g.breaker.State()
	switch {
	case g.draining || g.pause.Kind != "" || state == retry.HalfOpen:
		return true, time.Time{}
	case g.hold.Until.After(now):
		return true, g.hold.Until
	case state == retry.Open && until.After(now):
		return true, until
	}
	return false, time.Time{}
}

// recalled says whether a request that was let through must stay here after all:
// something has changed while its intent was written.
func (g *gates) recalled(probe bool, now time.Time) bool {
	state, _ := g.breaker.State()
	return g.draining || g.pause.Kind != "" || g.hold.Until.After(now) || state != retry.Closed && !probe
}

// board says whether a request that was let through may go on the wire now, or
// when: those that had to wait for a place keep their distance all the same.
func (g *gates) board(mode model.Mode, now time.Time) (at time.Time, ok bool) {
	if at = g.boarded.Add(g.pace.Gap()); mode == model.Alone && !g.each {
		at = later(at, g.boardedAlone.Add(g.set.SingleGap))
	}
	if at.After(now) {
		return at, false
	}
	if g.boarded = now; mode == model.Alone {
		g.boardedAlone = now
	}
	return now, true
}

// heldUntil makes the whole run wait. A hold only ever becomes longer.
func (g *gates) heldUntil(at time.Time, why string) (longer bool) {
	if !at.After(g.hold.Until) {
		return false
	}
	g.hold = Hold{Until: at, Why: why}
	return true
}

// pick takes the next chunk that may leave now, or says when to ask again.
func (g *gates) pick(q *queue, now time.Time, size int) (p parcel, at time.Time) {
	if barred, at := g.barred(now); barred {
		return parcel{}, at
	}
	if !q.sendable(now) {
		return parcel{}, time.Time{}
	}
	if at := g.pace.At(); at.After(now) {
		return parcel{}, at
	}
	if at := g.alone.Add(g.set.SingleGap); at.After(now) && q.alone(now) {
		return parcel{}, at
	}
	state, _ := g.breaker.State()
	if p.probe = state == retry.Open; p.probe {
		size = 1
	}
	retries, at := g.budget.Allows(now)
	var waits bool
	if p.tasks, waits = q.take(now, max(size, 1), retries || p.probe); len(p.tasks) == 0 {
		if !waits {
			at = time.Time{}
		}
		return parcel{}, at
	}
	g.leave(&p, now)
	return p, time.Time{}
}

// leave takes note of a chunk that goes now.
func (g *gates) leave(p *parcel, now time.Time) {
	g.breaker.Probe(now)
	g.pace.Sent(now)
	switch p.mode = model.InBatch; {
	case g.each:
		p.mode = model.Alone
	case p.tasks[0].alone:
		p.mode = model.Alone
		g.alone = now
	}
	for _, t := range p.tasks {
		if t.costs {
			g.budget.Retried(now)
			return
		}
	}
}

// pickRead says whether a read may leave now, or when to ask again.
func (g *gates) pickRead(now time.Time) (ok bool, at time.Time) {
	if barred, at := g.barred(now); barred {
		return false, at
	}
	at = g.reads.At()
	if g.readHold.After(at) {
		at = g.readHold
	}
	if at.After(now) {
		return false, at
	}
	return true, time.Time{}
}

// away says whether the server seems to be gone for longer: it was never there
// in as many requests as an item has tries, or as many probes of the breaker
// have failed. Once said, the count begins again.
func (g *gates) away() bool {
	if most := max(g.set.Tries, 1); g.missed < most && g.probes < most {
		return false
	}
	g.missed, g.probes = 0, 0
	return true
}

// record takes in how a request went and says what the breaker has done about
// it: "" when nothing has changed.
func (g *gates) record(fault model.Fault, answered, probe bool, now time.Time) retry.BreakerState {
	if answered {
		g.budget.Succeeded()
	}
	if g.reached = g.reached || fault != model.Unreachable && fault != model.Interrupted; !g.reached && fault == model.Unreachable {
		g.missed++
	}
	if !retry.Counts(fault) {
		if probe {
			g.breaker.Unprobed()
		}
		return ""
	}
	failed := retry.Failure(fault)
	if !g.breaker.Record(failed, probe, now) {
		return ""
	}
	state, _ := g.breaker.State()
	switch {
	case state == retry.Closed:
		g.probes = 0
	case probe:
		g.probes++
	}
	return state
}
