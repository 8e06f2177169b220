package triage

import (
	"cmp"
	"slices"
	"time"

	"retriage/model"
)

// Draft is a plan before it is confirmed: what would be sent and what not.
type Draft struct {
	Items   []int // to be sent, in the order of the batch
	Lookups []int // of Items: looked up first, since they may have been applied
	Edited  int   // of Items
	// MayDouble are those of Items that may be done twice, as somebody decided.
	MayDouble []int
	LeftOut   []model.LeftOutPart
	ByTab     []TabCount // Items by tab, largest first
}

// Count is the number of items that the plan would send.
func (d Draft) Count() int { return len(d.Items) }

// The reasons for leaving an item out, in the order that a plan lists them.
const (
	whyNotEdited = "not edited; the same payload would fail again"
	whyNoAccess  = "needs access first"
	whyUnknown   = "unknown: verify first"
	whyNoRead    = "may have been applied, and this API offers no read"
	whyNoAddress = "may have been applied, and nothing is known that it could be read back by"
	whyByHand    = "may have been applied: look it up before it is handed in again"
	whyRepeats   = "holds parts that are done, which would be done again"
	whyLeftOut   = "left out by you"
	whyNoRequest = "request not known; open it again with --request FILE"
	whyNeed      = "depends on an item that is not done and not sent with it"
	whyCause     = "depends on an item that is not fixed"
	whyReadBack  = "read back and not as sent; edit first"
	whyGone      = "answered ok, but not there now; select it to send it again"
	whyDone      = "done already"
	whyMoving    = "held by a plan"
	whyGroup     = "travels with an item that is not fixed or not chosen"
)

// Draft works out what a plan of these options would send. known tells whether
// the request of an item is there to be sent.
func (s *Session) Draft(opt PlanOptions, known func(i int) bool) Draft {
	var d Draft
	out := map[string][]int{}
	candidates := opt.Items
	if candidates == nil {
		candidates = s.Items(AllTab)
	}
	in := map[model.ID]bool{}
	waiting := []*entry{}
	for _, i := range candidates {
		e := s.peek(i)
		why := s.refuse(e, opt, opt.facts(e, i))
		switch {
		case why == "" && !known(i):
			why = whyNoRequest
		case why == "" && !s.causeOfFailure(e).IsZero() && !opt.AsIs:
			waiting = append(waiting, e)
			continue
		}
		if why != "" {
			out[why] = append(out[why], i)
			continue
		}
		s.take(&d, e, opt)
		in[e.id] = true
	}
	s.takeDependents(&d, waiting, opt, in, out)
	s.keepWhole(&d, opt, out)
	slices.Sort(d.Items)
	slices.Sort(d.Lookups)
	slices.Sort(d.MayDouble)
	d.LeftOut = leftOut(out)
	d.ByTab = s.tabCounts(d.Items)
	return d
}

// causeOfFailure is the item because of which e failed, zero = none.
func (s *Session) causeOfFailure(e *entry) model.ID {
	f, _ := s.failure(e)
	return f.Cause
}

// take puts an item into the draft.
func (s *Session) take(d *Draft, e *entry, opt PlanOptions) {
	d.Items = append(d.Items, e.index)
	f := opt.facts(e, e.index)
	switch doubt := e.doubt(opt, f); {
	case doubt != "" || f.Repeats:
		d.MayDouble = append(d.MayDouble, e.index)
	case e.class() == model.AfterVerify && opt.Reads && !f.Harmless:
		d.Lookups = append(d.Lookups, e.index)
	}
	if e.dirty {
		d.Edited++
	}
}

// takeDependents takes in what failed only because another item did, once that
// other item is sent too or no longer fails.
func (s *Session) takeDependents(d *Draft, waiting []*entry, opt PlanOptions, in map[model.ID]bool, out map[string][]int) {
	open := map[model.ID]bool{}
	for e := range s.entries.all() {
		if !e.base.Done() && !e.id.IsZero() {
			open[e.id] = true
		}
	}
	for again := true; again; {
		again = false
		waiting = slices.DeleteFunc(waiting, func(e *entry) bool {
			if cause := s.causeOfFailure(e); open[cause] && !in[cause] {
				return false
			}
			s.take(d, e, opt)
			in[e.id], again = true, true
			return true
		})
	}
	for _, e := range waiting {
		out[whyCause] = append(out[whyCause], e.index)
	}
}

// refuse says why an item cannot be in a plan, or "".
func (s *Session) refuse(e *entry, opt PlanOptions, f Facts) string {
	switch {
	case e == nil || e.flight == model.Ready && e.base.Done():
		return whyDone
	case s.holds(e):
		return whyMoving
	case e.left:
		return whyLeftOut
	case e.base == model.Unknown && !opt.Unknown && !opt.MayDouble && !f.Harmless:
		return whyUnknown
	case e.base == model.NotFound && e.original && opt.Items == nil:
		return whyGone
	}
	return e.unfit(opt, f)
}

// unfit says why an item is not fit to be sent yet, or "".
func (e *entry) unfit(opt PlanOptions, f Facts) string {
	asIs := e.dirty || opt.AsIs
	doubt := e.doubt(opt, f)
	switch class := e.class(); {
	case doubt != "" && !opt.MayDouble:
		return doubt
	case f.Repeats && !opt.MayDouble:
		return whyRepeats
	case class == model.AfterEdit && !asIs && e.base != model.Failed:
		return whyReadBack
	case class == model.AfterEdit && !asIs:
		return whyNotEdited
	case class == model.Never && !asIs:
		return whyNoAccess
	}
	return ""
}

func leftOut(out map[string][]int) []model.LeftOutPart {
	var parts []model.LeftOutPart
	for why, items := range out {
		slices.Sort(items)
		parts = append(parts, model.LeftOutPart{Count: len(items), Why: why, Items: items})
	}
	slices.SortFunc(parts, func(a, b model.LeftOutPart) int {
		if a.Count != b.Count {
			return b.Count - a.Count
		}
		if a.Why < b.Why {
			return -1
		}
		return 1
	})
	return parts
}

func (s *Session) tabCounts(items []int) []TabCount {
	by := map[Tab]int{}
	for _, i := range items {
		if e := s.peek(i); e != nil {
			tab, _ := e.tab()
			by[tab]++
		}
	}
	return sortTabs(by)
}

func sortTabs(by map[Tab]int) []TabCount {
	var tabs []TabCount
	for t, n := range by {
		tabs = append(tabs, TabCount{t, n})
	}
	slices.SortFunc(tabs, func(a, b TabCount) int {
		if a.Count != b.Count {
			return b.Count - a.Count
		}
		if a.Tab < b.Tab {
			return -1
		}
		return 1
	})
	return tabs
}

// Steps cuts n items into the sizes of the canary steps; the last step takes the
// rest.
func Steps(n int, sizes []int) []int {
	var steps []int
	for _, size := range sizes {
		if size <= 0 || n <= size {
			break
		}
		steps = append(steps, size)
		n -= size
	}
	if n > 0 {
		steps = append(steps, n)
	}
	return steps
}

// PlanState is a confirmed plan and how far it has come.
type PlanState struct {
	Plan    model.Plan
	Started time.Time
	Ended   time.Time // zero while it runs
	Why     string    // how it ended
	// Halted says that the run ended before the plan did: it can be resumed, and
	// another plan may take its items over.
	Halted   bool
	Requests int          // that left this machine under the plan, or may have
	Sends    int          // items in those, each time counted
	gone     map[int]bool // items that were taken out of it since it was halted
	tabs     []Tab        // the tabs that its items were in when it was confirmed
	tab      []uint8      // of each item: its place in tabs
	absent   map[int]bool
	touched  []bool // by item: it was sent, or decided upon, under this plan
	read     []bool // by item: it was read back since
}

// newPlanState remembers in which tab each item of a plan is now.
func (s *Session) newPlanState(p model.Plan, at time.Time) *PlanState {
	ps := &PlanState{Plan: p, Started: at, tab: make([]uint8, len(p.Items)), absent: map[int]bool{}, gone: map[int]bool{}}
	ps.touched, ps.read = make([]bool, s.slots.n), make([]bool, s.slots.n)
	place := map[Tab]uint8{}
	for k, i := range p.Items {
		tab := TabOf(model.Other)
		if e := s.peek(i); e != nil {
			tab, _ = e.tab()
		}
		n, known := place[tab]
		if !known {
			n = uint8(len(ps.tabs))
			place[tab] = n
			ps.tabs = append(ps.tabs, tab)
		}
		ps.tab[k] = n
	}
	return ps
}

// Absent says whether the plan has looked item i up and found it not there, so
// that it may be sent.
func (ps *PlanState) Absent(i int) bool { return ps.absent[i] }

// Gone says whether item i was taken out of the plan since it was halted: the plan
// sends it no more, whatever becomes of it.
func (ps *PlanState) Gone(i int) bool { return ps.gone[i] }

// Read says whether item i was read back since it was last sent under the plan.
func (ps *PlanState) Read(i int) bool { return i < len(ps.read) && ps.read[i] }

// mayDouble says whether somebody has decided that item i may be done twice.
func (ps *PlanState) mayDouble(i int) bool {
	if ps == nil {
		return false
	}
	_, yes := slices.BinarySearch(ps.Plan.MayDouble, i)
	return yes
}

// touch takes note of items that were sent or decided upon.
func (ps *PlanState) touch(items ...int) {
	if ps == nil {
		return
	}
	for _, i := range items {
		if i < len(ps.touched) {
			ps.touched[i], ps.read[i] = true, false
		}
	}
}

// looked takes note of what a read has shown; held says that the plan will send
// the item all the same. A read that could not be made decides nothing.
func (ps *PlanState) looked(v model.ItemVerdict, held bool) {
	switch {
	case ps == nil || v.Index >= len(ps.read):
	case v.State == model.Queued:
		ps.absent[v.Index] = true
	default:
		ps.touched[v.Index] = ps.touched[v.Index] || !held && v.State != model.Unreadable
		ps.read[v.Index] = true
	}
}

// Found says whether any read of this session has found an item, so that "not
// there" means something.
func (s *Session) Found() bool { return s.found }

// Running gives the plan that is not ended yet, or nil.
func (s *Session) Running() *PlanState { return s.plan }

// Plans lists every plan of the session, oldest first.
func (s *Session) Plans() []*PlanState { return s.runs }

// Progress is how far some items of a plan have come. The parts add up to Total.
type Progress struct {
	Tab       Tab // when the plan was confirmed; AllTab for the whole plan
	Total     int
	OK        int // the server said yes, read back or not
	Confirmed int // of OK: read back and equal
	Failed    int // the server said no, or it cannot be sent
	Waiting   int
	InFlight  int
	Unknown   int
	Left      int // not sent yet, or not at all
	Gone      int // taken out of the plan after it was stopped
}

// Finished is the number of items that the plan is through with.
func (p Progress) Finished() int { return p.OK + p.Failed + p.Unknown }

// Progress tells how far a plan is: first in total, then by the tab that each
// item was in when the plan was confirmed, largest first.
func (s *Session) Progress(ps *PlanState) []Progress {
	parts := make([]Progress, len(ps.tabs))
	for n, tab := range ps.tabs {
		parts[n].Tab = tab
	}
	for k, i := range ps.Plan.Items {
		st := s.State(i)
		if !ps.touched[i] && !st.Moving() {
			st = model.Queued // whatever became of it, this plan has not sent it
		}
		if parts[ps.tab[k]].Total++; ps.gone[i] {
			parts[ps.tab[k]].Gone++ // what it is now is no work of this plan
			continue
		}
		parts[ps.tab[k]].add(st)
	}
	slices.SortFunc(parts, func(a, b Progress) int {
		return cmp.Or(b.Total-a.Total, cmp.Compare(a.Tab, b.Tab))
	})
	all := Progress{Tab: AllTab}
	for _, p := range parts {
		all.sum(p)
	}
	return append([]Progress{all}, parts...)
}

func (p *Progress) sum(q Progress) {
	p.Total += q.Total
	p.OK += q.OK
	p.Confirmed += q.Confirmed
	p.Failed += q.Failed
	p.Waiting += q.Waiting
	p.InFlight += q.InFlight
	p.Unknown += q.Unknown
	p.Left += q.Left
	p.Gone += q.Gone
}

func (p *Progress) add(st model.State) {
	switch {
	case st == model.Confirmed:
		p.OK++
		p.Confirmed++
	case st.Done():
		p.OK++
	case st == model.Queued:
		p.Left++
	case st == model.Waiting:
		p.Waiting++
	case st == model.InFlight:
		p.InFlight++
	case st == model.Unknown:
		p.Unknown++
	default:
		p.Failed++
	}
}
