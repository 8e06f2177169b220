package run

import (
	"context"
	"strings"
	"time"

	"retriage/model"
	"retriage/triage"
	"retriage/triage/retry"
)

// lookUp reads an item that may have been applied and decides whether it is sent
// again: only if it is surely not there.
func (r *Runner) lookUp(ctx context.Context, j *job, t *task) {
	f, err := r.read(j, t.index)
	if err != nil || r.retryRead(j, f, &t.reads, &t.notBefore) {
		r.putBack(j, t)
		return
	}
	mayGo := t.tries < j.set.Tries
	v := f.verdict()
	if v.State == model.NotFound && mayGo {
		v.State = model.Queued
	}
	err = r.commit(ctx, model.Event{Type: model.EvVerify, Verify: &model.VerifyEvent{Items: []model.ItemVerdict{v}}})
	if err != nil {
		r.putBack(j, t)
		r.fail(j, err)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	j.reading--
	j.q.back(1)
	t.reads = 0
	r.log.add(lookupLine(r.cfg.Now(), t, v))
	if v.State != model.Queued {
		r.endTask(j, t, v.State != model.Confirmed)
		return
	}
	t.notBefore = time.Time{}
	if !j.q.offer(t) {
		j.doomed = append(j.doomed, t)
	}
	r.changed()
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
		l.Text = "looked up: not there, is sent again"
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
	if r.reads() {
		f.reading, err = r.cfg.Prober.Probe(j.wire.reads, model.Probe{Item: it, Answer: answer, Sent: sent})
		if err != nil {
			return f, err
		}
	}
	pr := r.cfg.Profile
	f.v = triage.Compare(sent, f.reading, sent.Method, pr.Ignore, pr.KeyField)
	if f.reading.Fault != model.NoFault {
		f.v.State, f.v.Fields, f.v.Note = model.Unreadable, nil, f.reading.Why.Safe(model.SafeShort)
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

// retryRead says whether a read that could not be made is to be made again, and
// when. It lets a slow-down and a refused sign-in act on the job.
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
	if *at = now.Add(delay); verdict != retry.Again {
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
