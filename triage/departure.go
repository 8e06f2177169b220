package triage

import (
	"slices"
	"time"

	"retriage/model"
)

// departure is a request that is on the wire, with what was known of the last
// send of its items before: should it turn out never to have left, that holds
// again.
type departure struct {
	model.Intent
	before []lastSend // in the order of Items
}

type lastSend struct {
	seq     int64
	at      time.Time
	verdict *model.ItemVerdict
	touched bool
}

func (s *Session) departure(in model.Intent) departure {
	d := departure{Intent: in}
	for _, i := range in.Items {
		var b lastSend
		if e := s.peek(i); e != nil {
			b = lastSend{seq: e.sentSeq, at: e.sentAt, verdict: e.verdict}
		}
		b.touched = s.plan != nil && i < len(s.plan.touched) && s.plan.touched[i]
		d.before = append(d.before, b)
	}
	return d
}

// sent counts n items in one request that leaves (d is 1), or that did not after
// all (-1).
func (s *Session) sent(n, d int) {
	s.totals.Requests += d
	s.totals.Sent += d * n
	if s.plan != nil {
		s.plan.Requests += d
		s.plan.Sends += d * n
	}
}

// returned ends the departure that an outcome is about.
func (s *Session) returned(out *model.Result) {
	d, known := s.intents[out.Attempt]
	delete(s.intents, out.Attempt)
	if !known || out.Left() {
		return
	}
	s.sent(len(d.Items), -1)
	for k, i := range d.Items {
		b := d.before[k]
		s.change(i, func(e *entry) {
			e.sentSeq, e.sentAt, e.verdict = b.seq, b.at, b.verdict
			if e.sends--; e.sends == 0 {
				s.totals.Items--
			}
		})
		if s.plan != nil && i < len(s.plan.touched) {
			s.plan.touched[i] = b.touched
		}
	}
}

// unsent says whether the live edits since the last send make the payload
// another one: an edit that was taken back by hand is none. Where that cannot be
// told from the changes alone, it is taken for another one.
func (s *Session) unsent(e *entry) bool {
	var since []model.Change
	for _, seq := range e.edits {
		if seq <= e.sentSeq {
			continue
		}
		lc := s.local[seq]
		since = append(since, lc.ev.Edit.Items[lc.at[e.index]].Changes...)
	}
	return len(since) > 0 && (!chained(since) || len(NetChanges(since)) > 0)
}

// chained says whether every change begins with what the one before it left at
// the same place, and puts nothing where it had been taken away: then no place
// has moved, and what is equal at the end is equal byte for byte.
func chained(changes []model.Change) bool {
	for k, c := range changes {
		at := slices.IndexFunc(changes[k+1:], func(d model.Change) bool { return d.Part == c.Part && d.Pointer == c.Pointer })
		if at < 0 {
			continue
		}
		if next := changes[k+1+at]; next.Old != c.New || c.New.IsZero() {
			return false
		}
	}
	return true
}
