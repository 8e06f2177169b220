package run

import (
	"slices"
	"time"
)

// blocker is what the unit of t has to wait for, nil = nothing: a cause or a need
// that has not ended and that does not travel in the same request (with); of
// several the last. It tells a task that waits for what has failed that it can
// never be sent.
func (t *task) blocker(with func(*task) bool) (blocker *task) {
	waitsFor := func(m, on *task, anyway bool) {
		switch {
		case with(on):
		case on.ended && on.failed && !anyway:
			m.forsaken(on)
		case !on.ended && (blocker == nil || on.pos > blocker.pos):
			blocker = on
		}
	}
	for _, m := range t.unit {
		if m.cause != nil {
			waitsFor(m, m.cause, m.anyway)
		}
		for _, need := range m.needs {
			waitsFor(m, need, false)
		}
	}
	return blocker
}

// nobody travels with a task that is not on its way yet.
func nobody(*task) bool { return false }

// forsaken says of a task that what it waits for has failed.
func (t *task) forsaken(by *task) {
	if t.why == "" {
		t.why = "depends on " + by.id.Safe() + ", which did not come through"
	}
}

// costly says whether sending the unit of t is a retry that the budget pays.
func (t *task) costly() bool {
	return slices.ContainsFunc(t.unit, func(m *task) bool { return m.costs })
}

// party is the unit of t and those that wait for nothing but what is taken with
// it, and whose requests say so: the server keeps their order. It has at most n
// tasks, or those of one larger unit. What goes alone has no company.
func (q *queue) party(t *task, now time.Time, n int, retries bool) (all []*task) {
	taken := func(t *task) bool { return t.taken == q.takes }
	take := func(t *task) {
		for _, m := range t.unit {
			m.taken = q.takes
		}
		all = append(all, t.unit...)
	}
	if take(t); t.alone {
		return all
	}
	for at := 0; at < len(all); at++ {
		for _, w := range q.blocked[all[at]] {
			if !taken(w) && !w.alone && !w.notBefore.After(now) && (retries || !w.costly()) &&
				len(all)+len(w.unit) <= n && q.mayJoin(w) && w.blocker(taken) == nil {
				take(w)
			}
		}
	}
	return all
}

// board takes a party out of what waits.
func (q *queue) board(party []*task) {
	for _, t := range party {
		if waiting := q.blocked[t]; len(waiting) > 0 {
			q.blocked[t] = slices.DeleteFunc(waiting, func(w *task) bool { return w.taken == q.takes })
		}
	}
}

// stay leaves a party where it is.
func stay(party []*task) {
	for _, t := range party {
		t.taken = 0
	}
}

// mayJoin says whether the unit of t may go in one request with what it waits
// for: the server knows of it, or the order within a request is enough.
func (q *queue) mayJoin(t *task) bool {
	return !slices.ContainsFunc(t.unit, func(m *task) bool {
		return m.why != "" || !q.inOrder && m.cause != nil && !m.cause.ended && !slices.Contains(m.needs, m.cause)
	})
}

// complete takes out of a part of a refused chunk what waits for something that
// is not in it.
func (q *queue) complete(part []*task) []*task {
	for again := true; again; {
		again = false
		in := make(map[*task]bool, len(part))
		for _, t := range part {
			in[t] = true
		}
		var stay []*task
		for _, u := range units(part) {
			head := u[0]
			blocker := head.blocker(func(t *task) bool { return in[t] })
			switch {
			case slices.ContainsFunc(u, func(m *task) bool { return m.why != "" }):
				q.doomed, again = append(q.doomed, head.doom(torn)...), true
			case blocker != nil:
				q.blocked[blocker] = append(q.blocked[blocker], head)
				again = true
			default:
				stay = append(stay, u...)
			}
		}
		part = stay
	}
	return part
}
