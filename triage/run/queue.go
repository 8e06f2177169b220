package run

import (
	"container/heap"
	"slices"
	"time"

	"retriage/model"
	"retriage/triage/retry"
)

// task is one item of the plan on its way through a run. Its place in the queue
// is pos, which puts causes before what depends on them.
type task struct {
	index int // in the batch
	id    model.ID
	pos   int
	step  int
	unit  []*task // what travels with it, itself included, by pos
	why   string  // it can never be sent, "" = it can
	cause *task   // must have ended before this one is sent, or nil
	// anyway sends the task although its cause failed: it was rolled back with
	// the cause, and does not need it.
	anyway bool
	// needs are those that its request names as having to work before it: they
	// have ended well before it is sent, or they are in the same request, so that
	// the server sees to it.
	needs    []*task
	harmless bool // its request changes nothing: it may be sent again without a look-up
	taken    int  // number of the chunk that it was taken in

	tries    int           // sends that counted
	failures int           // sends in a row that came to nothing
	waited   time.Duration // asked for by the server, in sum
	asked    bool          // it waits as long as the server asked
	costs    bool          // its next send is a retry that the budget pays
	alone    bool          // goes to the individual endpoint
	unsure   bool          // may have been applied, and goes again under its key
	elder    bool          // was sent last by somebody else, under a key of its own if any
	sent     bool          // was sent in this run, or in the one it resumes
	sentAt   time.Time     // when its newest intent was written
	revision int64         // of the edits that its prepared request holds

	notBefore time.Time
	after     time.Time // as the server asked: not to be sent before, once it was looked up
	reads     int       // look-ups in a row that could not be made
	ended     bool
	failed    bool
}

// queue knows which task may be sent or looked up when. It is plain data: time
// comes in, and its owner guards it.
type queue struct {
	tasks  []*task       // by pos
	byItem map[int]*task // by index in the batch
	byID   map[model.ID]*task
	steps  []int // sizes
	step   int   // the current one: only its tasks are sent, and older ones
	passed int   // steps that an operator has let pass although the rule said stop

	ready   taskHeap           // may be sent now, by pos
	later   taskHeap           // may be sent at notBefore
	lookups taskHeap           // may be looked up at notBefore
	aside   []*task            // were not found by a read that has never found anything
	blocked map[*task][]*task  // by the cause they wait for
	parts   [][]*task          // of refused chunks: each is sent by itself
	held    map[int][]*task    // of later steps
	doomed  []*task            // found to be past sending when their turn came
	open    []int              // tasks not ended, by step
	inOrder bool               // one request keeps the order of its items
	takes   int                // chunks taken
	away    int                // tasks taken and not given back
	tally   map[int]*stepTally // by step
}

// stepTally is what a step's verdict depends on.
type stepTally struct{ sent, failed int }

// newQueue puts tasks, which are in units, into steps of the given sizes. A step
// may be larger than that by the rest of a unit.
func newQueue(tasks []*task, sizes []int) *queue {
	q := &queue{
		byItem: map[int]*task{}, byID: map[model.ID]*task{}, blocked: map[*task][]*task{},
		held: map[int][]*task{}, tally: map[int]*stepTally{},
		ready: taskHeap{less: byPos}, later: taskHeap{less: byTime}, lookups: taskHeap{less: byTime},
	}
	q.tasks = tasks
	left := 0
	for pos, t := range q.tasks {
		if n := len(q.steps); t == t.head() && left <= 0 && n < len(sizes) {
			left = sizes[n]
			q.steps = append(q.steps, 0)
		}
		left--
		t.pos, t.step = pos, len(q.steps)-1
		q.steps[t.step]++
		q.byItem[t.index] = t
		if !t.id.IsZero() {
			q.byID[t.id] = t
		}
	}
	q.open = slices.Clone(q.steps)
	return q
}

// offer makes the unit of a task wait for its turn to be sent. It gives those
// whose turn can never come, since a cause has failed or a part of the unit has
// ended.
func (q *queue) offer(t *task) (doomed []*task) {
	t = t.head()
	if len(t.unit) > 1 && !t.whole() {
		return t.doom(torn)
	}
	blocker := t.blocker(nobody)
	for _, m := range t.unit {
		if m.why != "" {
			return t.doom(torn)
		}
	}
	t.notBefore = latest(t.unit)
	switch {
	case t.ended:
	case t.step > q.step:
		q.held[t.step] = append(q.held[t.step], t)
	case blocker != nil:
		q.blocked[blocker] = append(q.blocked[blocker], t)
	case t.notBefore.IsZero():
		heap.Push(&q.ready, t)
	default:
		heap.Push(&q.later, t)
	}
	return nil
}

// offerPart makes a part of a refused chunk travel by itself.
func (q *queue) offerPart(part []*task) {
	if len(part) > 0 {
		q.parts = append(q.parts, part)
	}
}

// dependOn makes a task wait for the one whose failure the server calls the
// cause of its own, if that is still on its way and does not wait for this one.
func (q *queue) dependOn(t *task, id model.ID) {
	cause := q.byID[id]
	if id.IsZero() || cause == nil || cause.ended && !cause.failed || cause.step > q.step {
		return
	}
	for at := cause; at != nil; at = at.cause {
		if at.head() == t.head() {
			return
		}
	}
	t.cause = cause
}

// lookUp makes the unit of a task wait for its look-up.
func (q *queue) lookUp(t *task) {
	t = t.head()
	t.notBefore = latest(t.unit)
	heap.Push(&q.lookups, t)
}

// setAside makes a unit that was not found wait until some read has found
// something. Its step does not wait for it.
func (q *queue) setAside(t *task) {
	q.aside = append(q.aside, t)
	q.open[t.step] -= len(t.rest())
}

// takeBack makes what was set aside wait for its look-up again.
func (q *queue) takeBack() {
	for _, t := range q.aside {
		q.open[t.step] += len(t.rest())
		heap.Push(&q.lookups, t)
	}
	q.aside = nil
}

// ripen moves what may be sent by now to the ready ones.
func (q *queue) ripen(now time.Time) {
	for q.later.Len() > 0 && !now.Before(q.later.tasks[0].notBefore) {
		heap.Push(&q.ready, heap.Pop(&q.later))
	}
}

// take takes the next chunk of at most n tasks, or one larger unit, or nothing. A task that goes
// alone comes by itself. Without retries only first sends are taken; waits says
// that there would have been a retry.
func (q *queue) take(now time.Time, n int, retries bool) (chunk []*task, waits bool) {
	for len(q.parts) > 0 {
		part := q.parts[0]
		if q.parts = q.parts[1:]; len(part) > n {
			if at := cutAt(part, n); at < len(part) {
				q.parts = append([][]*task{part[at:]}, q.parts...)
				part = part[:at:at]
			}
		}
		if part = q.complete(part); len(part) > 0 {
			q.away += len(part)
			return part, false
		}
	}
	q.ripen(now)
	q.takes++
	var back []*task
	for q.ready.Len() > 0 && len(chunk) < n {
		t := q.ready.tasks[0]
		if len(chunk) > 0 && t.alone {
			break
		}
		if !retries && t.costly() {
			heap.Pop(&q.ready)
			back, waits = append(back, t), true
			continue
		}
		party := q.party(t, now, n, retries)
		if len(chunk) > 0 && len(chunk)+len(party) > n {
			stay(party)
			break
		}
		heap.Pop(&q.ready)
		q.board(party)
		chunk = append(chunk, party...)
		if t.alone {
			break
		}
	}
	for _, t := range back {
		heap.Push(&q.ready, t)
	}
	q.away += len(chunk)
	return chunk, waits
}

// alone says whether the next chunk goes to the individual endpoint.
func (q *queue) alone(now time.Time) bool {
	q.ripen(now)
	return len(q.parts) == 0 && q.ready.Len() > 0 && q.ready.tasks[0].alone
}

// takeLookup takes the next task to be looked up.
func (q *queue) takeLookup(now time.Time) *task {
	if q.lookups.Len() == 0 || now.Before(q.lookups.tasks[0].notBefore) {
		return nil
	}
	q.away++
	return heap.Pop(&q.lookups).(*task)
}

// back gives n tasks back that were taken.
func (q *queue) back(n int) { q.away -= n }

// sendable says whether something could be sent now, if nothing held the run.
func (q *queue) sendable(now time.Time) bool {
	q.ripen(now)
	return len(q.parts) > 0 || q.ready.Len() > 0
}

// next is when something is due that is not due yet; zero = nothing.
func (q *queue) next(now time.Time) time.Time {
	var at time.Time
	for _, h := range []*taskHeap{&q.later, &q.lookups} {
		if h.Len() == 0 {
			continue
		}
		if due := h.tasks[0].notBefore; due.After(now) && (at.IsZero() || due.Before(at)) {
			at = due
		}
	}
	return at
}

// end takes a task out for good. It gives the tasks that depend on it and can
// never be sent now; the others are offered.
func (q *queue) end(t *task, failed bool) (doomed []*task) {
	if t.ended {
		return nil
	}
	t.ended, t.failed = true, failed
	q.open[t.step]--
	if t.sent {
		tally := q.tally[t.step]
		if tally == nil {
			tally = &stepTally{}
			q.tally[t.step] = tally
		}
		tally.sent++
		if failed {
			tally.failed++
		}
	}
	free := q.blocked[t]
	delete(q.blocked, t)
	return q.offerAll(free)
}

// stepDone says whether every task of the current step has ended, and of those
// before it.
func (q *queue) stepDone() bool { return q.step < len(q.open) && q.open[q.step] == 0 }

// lastStep says whether no step comes after the current one.
func (q *queue) lastStep() bool { return q.step >= len(q.steps)-1 }

// result is what the current step came to.
func (q *queue) result() stepTally {
	if tally := q.tally[q.step]; tally != nil {
		return *tally
	}
	return stepTally{}
}

// pass lets the current step count as good.
func (q *queue) pass() { q.passed = q.step + 1 }

// mayGoOn says whether the rule lets the next step begin.
func (q *queue) mayGoOn(set model.Settings) bool {
	res := q.result()
	return q.passed > q.step || retry.Judge(retry.Step{Sent: res.sent, Failed: res.failed}, set) == retry.GoOn
}

// nextStep lets the tasks of the next step go. It gives those whose cause has
// failed meanwhile.
func (q *queue) nextStep() (doomed []*task) {
	q.step++
	held := q.held[q.step]
	delete(q.held, q.step)
	return q.offerAll(held)
}

// offerAll offers tasks and gives those whose turn can never come.
func (q *queue) offerAll(tasks []*task) (doomed []*task) {
	for _, t := range tasks {
		doomed = append(doomed, q.offer(t)...)
	}
	return doomed
}

// done says whether every task has ended.
func (q *queue) done() bool {
	for _, n := range q.open {
		if n > 0 {
			return false
		}
	}
	return len(q.aside) == 0
}

// onlyAside says whether nothing can be done before a read finds something:
// everything else has ended, or waits for that.
func (q *queue) onlyAside() bool {
	return len(q.aside) > 0 && q.away == 0 && q.ready.Len() == 0 && q.later.Len() == 0 && q.lookups.Len() == 0 && len(q.parts) == 0
}

// onlyLookups says whether nothing is left to do but look-ups and what depends
// on them.
func (q *queue) onlyLookups() bool {
	return q.lookups.Len() > 0 && q.ready.Len() == 0 && q.later.Len() == 0 && len(q.parts) == 0
}

// taskHeap is a heap of tasks by an order of choice.
type taskHeap struct {
	tasks []*task
	less  func(a, b *task) bool
}

func byPos(a, b *task) bool { return a.pos < b.pos }

func byTime(a, b *task) bool {
	if a.notBefore.Equal(b.notBefore) {
		return a.pos < b.pos
	}
	return a.notBefore.Before(b.notBefore)
}

func (h *taskHeap) Len() int           { return len(h.tasks) }
func (h *taskHeap) Less(i, j int) bool { return h.less(h.tasks[i], h.tasks[j]) }
func (h *taskHeap) Swap(i, j int)      { h.tasks[i], h.tasks[j] = h.tasks[j], h.tasks[i] }

// Push is for package heap.
func (h *taskHeap) Push(x any) { h.tasks = append(h.tasks, x.(*task)) }

// Pop is for package heap.
func (h *taskHeap) Pop() any {
	last := len(h.tasks) - 1
	t := h.tasks[last]
	h.tasks[last] = nil
	h.tasks = h.tasks[:last]
	return t
}
