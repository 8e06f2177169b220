package run

import (
	"context"
	"strings"
	"time"

	"retriage/model"
	"retriage/triage"
	"retriage/triage/retry"
)

// lookUp reads the items of a unit that may have been applied and decides whether
// the unit is sent again: only if surely none of it is there.
func (r *Runner) lookUp(ctx context.Context, j *job, t *task) {
	verdicts, ok := r.readUnit(j, t)
	if !ok {
		return
	}
	t.decide(verdicts, r.cfg.Now(), j.set)
	err := r.commit(ctx, model.Event{Type: model.EvVerify, Verify: &model.VerifyEvent{Items: verdicts}})
	if err != nil {
		r.putBack(j, t)
		r.fail(j, err)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	j.reading--
	j.q.back(1)
	again := false
	for k, m := range t.rest() {
		v := verdicts[k]
		m.reads = 0
		r.log.add(lookupLine(r.cfg.Now(), m, v))
		if v.State == model.Queued {
			m.notBefore, again = m.after, true
			continue
		}
		r.endTask(j, m, v.State != model.Confirmed)
	}
	if again {
		j.doomed = append(j.doomed, j.q.offer(t)...)
	}
	r.changed()
}

// readUnit reads what has not ended of a unit. Without verdicts (ok is false) the
// unit waits for another look-up.
func (r *Runner) readUnit(j *job, t *task) (verdicts []model.ItemVerdict, ok bool) {
	for k, m := range t.rest() {
		if k > 0 && !r.pacedRead(j) {
			r.putBack(j, t)
			return nil, false
		}
		f, err := r.read(j, m.index)
		if err != nil || r.retryRead(j, f, &m.reads, &m.notBefore) {
			r.putBack(j, t)
			return nil, false
		}
		v := f.verdict()
		if f.harmless {
			v.State, v.Note = model.NotFound, harmless
		} else if f.absent() && !r.prove(j) {
			if r.await(j, t) {
				return nil, false
			}
			v.State, v.Note = model.Unknown, foundNothing
		}
		verdicts = append(verdicts, v)
	}
	return verdicts, true
}

// pacedRead waits for the turn of one more read; false means that reads are over.
func (r *Runner) pacedRead(j *job) bool {
	for {
		r.mu.Lock()
		now := r.cfg.Now()
		ok, at := j.gates.pickRead(now)
		if ok {
			j.gates.reads.Sent(now)
		}
		r.mu.Unlock()
		if ok {
			return true
		}
		if !sleep(j.wire.reads, max(at.Sub(now), time.Millisecond)) || at.IsZero() {
			return false
		}
	}
}

// await sets a unit aside that was not found, as long as something else may
// still show whether such a read means anything.
func (r *Runner) await(j *job, t *task) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if j.lastLook {
		return false
	}
	j.reading--
	j.q.back(1)
	j.q.setAside(t)
	r.changed()
	return true
}

// decide makes the verdicts on what is left of a unit into what becomes of it:
// it is sent again whole or not at all.
func (t *task) decide(verdicts []model.ItemVerdict, now time.Time, set model.Settings) {
	absent, there, mayGo := 0, 0, t.whole()
	var parked time.Time
	for k, m := range t.rest() {
		switch verdicts[k].State {
		case model.NotFound:
			absent++
		case model.Confirmed:
			there++
		}
		mayGo = mayGo && m.tries < set.Tries
		if m.after.After(now.Add(set.MaxWait)) {
			parked = later(parked, m.after)
		}
	}
	mixed := absent < len(verdicts) && there < len(verdicts) && len(t.unit) > 1
	for k := range verdicts {
		v := &verdicts[k]
		switch {
		case absent == len(verdicts) && mayGo && parked.IsZero():
			v.State = model.Queued
		case absent == len(verdicts) && mayGo:
			v.Note = parkedWords(parked, set.MaxWait)
		case mixed:
			leaveTorn(v)
		}
	}
}

// leaveTorn is the verdict on an item whose group was found in part: it stays
// unknown, so that no later plan sends a part of the group.
func leaveTorn(v *model.ItemVerdict) {
	if v.State == model.NotFound || v.State == model.Confirmed {
		v.Note = v.State.Words() + ", unlike others of its group: nothing of the group was sent again"
		v.State = model.Unknown
	}
}

// putBack makes a task wait for its look-up again.
func (r *Runner) putBack(j *job, t *task) {
	r.mu.Lock()
	defer r.mu.Unlock()
	j.reading--
	j.q.back(1)
	j.q.lookUp(t)
	r.changed()
}

func lookupLine(at time.Time, t *task, v model.ItemVerdict) Line {
	l := Line{At: at, Item: t.index, ID: t.id, State: v.State, Status: v.Status}
	switch v.State {
	case model.Confirmed:
		l.Text = "looked up: was applied already"
	case model.Queued:
		l.Text = "looked up: not there, waits to be sent again"
	case model.NotFound:
		l.Text = "looked up: not there, safe to send again"
	default:
		l.Text = "looked up: stays as it is"
		if v.Note != "" {
			l.Text += ": " + v.Note
		}
	}
	return l
}

// finding is what one read has shown.
type finding struct {
	v       model.ItemVerdict
	reading model.Reading
	was     model.State // what was known of the item before
	newer   bool        // it was edited after its newest send
	creates bool        // it would not be there if it had not been applied
	// harmless is a request that changes nothing, so that there is nothing to read.
	harmless bool
}

// absent says whether the read has not found the item: that is good news of what
// was to be deleted, and counts no more than any other "not there".
func (f finding) absent() bool {
	return f.v.State == model.NotFound || f.v.State == model.Confirmed && (f.v.Status == 404 || f.v.Status == 410)
}

// read reads one item back and compares it with what was sent last. An error
// means that ctx ended. An item whose source or request cannot be read gives an
// unreadable finding.
func (r *Runner) read(j *job, i int) (finding, error) {
	f := finding{v: model.ItemVerdict{Index: i, State: model.Unreadable}}
	var (
		b      *model.Batch
		sent   model.Payload
		answer model.Answer
	)
	r.cfg.Desk.Look(func(s *triage.Session) { b, f.was = s.Batch(), s.Row(i).Base })
	it, err := b.Item(i)
	if err == nil {
		r.cfg.Desk.Look(func(s *triage.Session) {
			sent, f.newer, err = s.Sent(it)
			answer = it.Answer
			if s.Touched(i) {
				answer = newest(it.Answer, s.Answer(i))
			}
		})
	}
	f.v.Was = f.was
	if err != nil {
		f.v.Note = model.Foreign("the item could not be read from its source: " + err.Error()).Safe(model.SafeShort)
		return f, nil //nolint:nilerr // it is what the finding says
	}
	f.reading = model.Reading{NoRead: true, RetryAfter: -1}
	f.harmless = sent.Harmless()
	if r.reads() && !f.harmless {
		f.reading, err = r.cfg.Prober.Probe(j.wire.reads, model.Probe{Item: it, Answer: answer, Sent: sent, Made: r.made(i)})
		if err != nil {
			return f, err
		}
	}
	pr := r.cfg.Profile
	f.v = triage.Compare(sent, f.reading, sent.Method, append(spoken(sent, it.Refs), pr.Ignore...), pr.KeyField)
	if f.reading.Fault != model.NoFault {
		f.v.State, f.v.Fields, f.v.Note = model.Unreadable, nil, f.reading.Why.Safe(model.SafeShort)
	}
	if f.reading.Fault == model.NoFault && f.reading.Status >= 200 && f.reading.Status < 300 {
		r.mu.Lock()
		j.proven = true
		r.mu.Unlock()
	}
	f.v.Index, f.v.ID, f.v.Was = i, it.ID, f.was
	f.creates = sent.Method == "" || strings.EqualFold(sent.Method, "POST")
	return f, nil
}

// newest prefers what the server said in this session about where the item is.
func newest(original, session model.Answer) model.Answer {
	if session.Location.IsZero() {
		session.Location = original.Location
	}
	if session.ServerID.IsZero() {
		session.ServerID = original.ServerID
	}
	return session
}

// verdict is what the finding means for the item's state. Only two findings say
// something about an item of which nobody knows whether it was applied: it is
// there as it was sent, or it is not there.
func (f finding) verdict() model.ItemVerdict {
	v := f.v
	uncertain := f.was == model.Unknown || f.was == model.Unanswered
	if v.State == model.Confirmed {
		switch {
		case f.newer && !f.was.Done():
			v.State, v.Note = model.Differs, "it is there as it was before the newest edit, which was not sent"
		case uncertain && v.Note == triage.NotCompared && !f.creates:
			v.State = model.Differs
			v.Note = "it is there, but whether the change was made cannot be seen"
		}
	}
	if !uncertain || v.State == model.Confirmed || v.State == model.NotFound {
		return v
	}
	if v.State == model.Differs && v.Note == "" {
		v.Note = "it is there, but not as it was sent"
	}
	v.State = model.Unknown
	return v
}

// looking says whether the job reads to decide what it sends.
func (j *job) looking() bool { return j.q != nil && !j.verifying }

// retryRead says whether a read that could not be made is to be made again, and
// when. It lets a slow-down and a refused sign-in act on the job, and so does a
// server that was never there: then no look-up is over, since none was made.
func (r *Runner) retryRead(j *job, f finding, reads *int, at *time.Time) bool {
	got := f.reading
	if !transient(got.Fault) {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.cfg.Now()
	if got.Fault == model.SignIn {
		r.stop(j, "sign_in", signInWords(got.Status, got.Why.Safe(model.SafeLong)))
		return true
	}
	*reads++
	delay, verdict := retry.Next(retry.State{
		Settings: j.set, Tries: *reads, Failures: *reads, RetryAfter: got.RetryAfter,
		Throttled: got.Fault != model.Unreachable, Random: r.cfg.Float(),
	})
	*at = now.Add(delay)
	switch {
	case verdict == retry.Again:
	case got.Fault == model.Unreachable && j.looking() && !j.gates.reached:
		*reads = 0
		r.away(j, got.Why.Safe(model.SafeLong))
		return true
	default:
		return false
	}
	if got.Fault == model.Throttled || got.Fault == model.Unavailable {
		j.gates.readHold = later(j.gates.readHold, *at)
	}
	return true
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// transient tells the faults of a read that may be gone the next time.
func transient(f model.Fault) bool {
	switch f {
	case model.Unreachable, model.LostReply, model.TimedOut, model.Throttled, model.Unavailable, model.ServerError, model.SignIn:
		return true
	}
	return false
}
