package run

import (
	"retriage/model"
	"retriage/triage"
)

// foundNothing is why a "not there" does not count: a wrong address finds nothing
// either, and neither does one made of our id where the server gives its own.
const foundNothing = "not found, but this item_url has found nothing yet"

// maxProofs bounds how many items known to be ok are read for a proof.
const maxProofs = 3

// prove says whether reads of this target are known to find what is there. If
// none has found anything yet, an item that is known to be ok is read.
func (r *Runner) prove(j *job) bool {
	for {
		r.mu.Lock()
		proven, item := j.proven, -1
		if !proven && len(j.proving) < maxProofs {
			r.cfg.Desk.Look(func(s *triage.Session) { item = known(s, j.proving) })
			if item >= 0 {
				j.proving[item] = true
			}
		}
		r.mu.Unlock()
		if proven || item < 0 || !r.pacedRead(j) {
			return proven
		}
		if f, err := r.read(j, item); err != nil || transient(f.reading.Fault) {
			return false
		}
	}
}

// known finds an item that the server said yes to and that was not tried: one of
// this session if there is one, else an original success.
func known(s *triage.Session, tried map[int]bool) int {
	original := -1
	for i := range s.Len() {
		switch {
		case tried[i] || !s.State(i).Done():
		case s.Touched(i):
			return i
		case original < 0:
			original = i
		}
	}
	return original
}

// proven is the verdict of a verification: that something is not there, which
// would let it be sent again, counts only once a read has found something.
func (r *Runner) proven(j *job, f finding) model.ItemVerdict {
	v := f.verdict()
	gone := v.State == model.Confirmed
	if !f.absent() || v.Was.Done() && !gone || v.Was == model.Ready && !gone || r.prove(j) {
		return v
	}
	v.State, v.Note = model.Unreadable, foundNothing
	if v.Was.Done() { // the server's word stands, and nothing speaks against it
		v.State = model.Unverifiable
	}
	if v.Was == model.Unknown || v.Was == model.Unanswered {
		v.State = model.Unknown
	}
	return v
}
