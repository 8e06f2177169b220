package triage

import "retriage/model"

// A plan that was confirmed holds its items until each has been sent. While a
// run is at work on it they cannot be changed. Once the run was stopped the plan
// only rests: it will send what it still holds when it is resumed, and whoever
// changes an item takes it out of the plan by that, so that nothing is ever sent
// that was not confirmed as it is.

// Held says whether item i cannot be changed now: a run is at work on it, or its
// request is in somebody's hands.
func (s *Session) Held(i int) bool {
	e := s.peek(i)
	return e != nil && s.holds(e)
}

func (s *Session) holds(e *entry) bool {
	switch e.flight {
	case model.Ready:
		return false
	case model.InFlight:
		return true
	}
	return s.plan == nil || !s.plan.Halted
}

// InDoubt says whether nobody knows if item i was applied. It is looked up before
// it may be edited: a read is compared with what was sent, and an edit on top of
// that would leave the item unknown whatever the read shows.
func (s *Session) InDoubt(i int) bool {
	e := s.peek(i)
	return e != nil && e.base == model.Unknown
}

// Resting is the number of items that a stopped plan still holds: it has not
// sent them, and will when it is resumed.
func (s *Session) Resting() int {
	if s.plan == nil || !s.plan.Halted {
		return 0
	}
	n := 0
	for _, i := range s.plan.Plan.Items {
		if s.State(i).Moving() {
			n++
		}
	}
	return n
}

// Rests says whether item i is one of those.
func (s *Session) Rests(i int) bool {
	return s.plan != nil && s.plan.Halted && s.State(i).Moving()
}

// letGo takes items out of the plan that rests, since they are being changed,
// and with them what travels with them.
func (s *Session) letGo(items []int) {
	if s.plan == nil || !s.plan.Halted {
		return
	}
	var groups map[string][]int
	for _, i := range items {
		s.letGoOne(i)
		e := s.peek(i)
		if e == nil || !e.bound {
			continue
		}
		if groups == nil {
			groups, _ = s.openBonds()
		}
		for _, mate := range groups[s.Bonds(i).Group] {
			s.letGoOne(mate)
		}
	}
}

func (s *Session) letGoOne(i int) {
	e := s.peek(i)
	if e == nil || s.holds(e) || e.flight == model.Ready {
		return
	}
	s.change(i, func(e *entry) { e.flight = model.Ready })
	s.plan.gone[i] = true
}

// keepsHold says whether a plan will send an item all the same after a read has
// come to a verdict on it. Reading back changes nothing about what was confirmed
// to be sent, unless the item is there or nobody knows. A run at work reads to
// decide, so there the verdict counts.
func (s *Session) keepsHold(e *entry, v model.ItemVerdict) bool {
	switch {
	case e == nil || s.plan == nil || !s.plan.Halted && !s.plan.Plan.ByHand():
		return false
	case e.flight != model.Queued && e.flight != model.Waiting:
		return false
	case v.State == model.Confirmed:
		return v.Status == 0 // nothing was read
	}
	return v.State != model.Unknown
}

// Unfinished gives the plan that can be carried on with, or nil: one that was
// confirmed and is not ended, unless all that it had left was taken out of it.
func (s *Session) Unfinished() *PlanState {
	ps := s.plan
	if ps == nil || !ps.Halted || len(ps.gone) == 0 {
		return ps
	}
	for _, i := range ps.Plan.Items {
		if st := s.State(i); st.Moving() || st == model.Unknown && ps.touched[i] && !ps.gone[i] {
			return ps
		}
	}
	return nil
}
