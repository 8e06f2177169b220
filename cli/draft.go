package cli

import (
	"retriage/triage"
	"retriage/triage/run"
)

// draft works out what a plan would send.
func (s *sitting) draft(opt triage.PlanOptions) triage.Draft {
	if !opt.ByHand {
		allowed := triage.OptionsFor(s.target.profile)
		opt.Reads, opt.Keys = allowed.Reads, allowed.Keys
	}
	opt.MayDouble = s.a.flags.mayDouble
	known, facts := s.requestFacts(opt.Items)
	opt.Facts = func(i int) triage.Facts { return facts[i] }
	var d triage.Draft
	s.desk.Look(func(t *triage.Session) { d = t.Draft(opt, func(i int) bool { return known[i] }) })
	return d
}

// requestFacts finds out which open items can be sent at all, and what else their
// requests say. It reads them, so it is called outside the desk's lock.
func (s *sitting) requestFacts(items []int) (known map[int]bool, facts map[int]triage.Facts) {
	if items == nil {
		s.desk.Look(func(t *triage.Session) { items = t.Items(triage.AllTab) })
	}
	known, facts = make(map[int]bool, len(items)), map[int]triage.Facts{}
	for _, i := range items {
		var f triage.Facts
		if s.runner != nil {
			f, known[i] = s.runner.Facts(i)
		} else {
			f, _, known[i] = run.FactsOf(s.desk, i)
		}
		if f != (triage.Facts{}) {
			facts[i] = f
		}
	}
	return known, facts
}
