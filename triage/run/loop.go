package run

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"retriage/model"
	"retriage/triage"
)

// parcel is a chunk on its way out.
type parcel struct {
	tasks []*task
	mode  model.Mode
	probe bool // the breaker's one try
}

// turn is what the loop does next: at most one of send and look is set; without
// them it waits, until a time if that is set.
type turn struct {
	send  parcel
	look  *task
	until time.Time
	over  bool
}

// loop hands out work until the plan is through or must end. It returns when no
// goroutine of it is left.
func (r *Runner) loop(ctx context.Context, j *job) error {
	defer j.wire.working.Wait()
	for {
		if err := r.chores(ctx, j); err != nil {
			r.fail(j, err)
		}
		switch t := r.next(j); {
		case t.over:
			if err := r.chores(ctx, j); err != nil {
				r.fail(j, err)
			}
			return r.ending(ctx, j)
		case t.send.tasks != nil:
			j.wire.working.Go(func() { r.attempt(ctx, j, t.send) })
		case t.look != nil:
			j.wire.working.Go(func() { r.lookUp(ctx, j, t.look) })
		default:
			r.wait(ctx, j, t.until)
		}
	}
}

// wait pauses the loop until something has changed or, unless until is zero,
// until then. When ctx ends, the job does.
func (r *Runner) wait(ctx context.Context, j *job, until time.Time) {
	var timer <-chan time.Time
	if !until.IsZero() {
		t := time.NewTimer(until.Sub(r.cfg.Now()))
		defer t.Stop()
		timer = t.C
	}
	done := ctx.Done()
	if r.ended(j) {
		done = nil // it is known; what is left is to await the goroutines
	}
	select {
	case <-r.wake:
	case <-timer:
	case <-done:
		r.fail(j, ctx.Err())
	}
}

func (r *Runner) ended(j *job) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return j.ending != nil
}

// ending is why the loop ended.
func (r *Runner) ending(ctx context.Context, j *job) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if j.ending == nil {
		return ctx.Err()
	}
	return j.ending
}

// fail ends the job at once: what is in flight is called back.
func (r *Runner) fail(j *job, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if j.end(err); errors.Is(err, ErrJournal) {
		j.ending = err
		j.gates.pause = Pause{Kind: "journal", Text: err.Error()}
	}
	j.wire.stopSends()
	r.changed()
}

// next decides what the loop does now.
func (r *Runner) next(j *job) turn {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.cfg.Now()
	if j.ending != nil {
		return turn{over: j.preparing == 0 && j.reading == 0 && j.q.away == 0}
	}
	r.closeSteps(j)
	j.q.reconsider(j)
	j.doomed, j.q.doomed = append(j.doomed, j.q.doomed...), nil
	if len(j.pending) > 0 || len(j.doomed) > 0 {
		return turn{until: now}
	}
	if j.q.done() && j.q.away == 0 {
		return turn{over: true}
	}
	t := turn{until: j.q.next(now)}
	if j.preparing < cap(j.wire.slots) {
		p, at := j.gates.pick(j.q, now, j.chunk)
		if p.tasks != nil {
			if j.preparing++; p.probe {
				r.note(j, model.EvBreaker, "half_open", time.Time{}, "breaker half open: tries "+model.Plural(len(p.tasks), "item"))
			}
			r.changed()
			return turn{send: p}
		}
		t.until = sooner(t.until, at)
	}
	if j.reading < max(j.set.Readers, 1) && j.q.lookups.Len() > 0 {
		ok, at := j.gates.pickRead(now)
		if ok {
			if t.look = j.q.takeLookup(now); t.look != nil {
				j.reading++
				j.gates.reads.Sent(now)
				return t
			}
		}
		t.until = sooner(t.until, at)
	}
	return t
}

// reconsider looks again for what was set aside, once that can be decided: a read
// has found something, or nothing is left that could.
func (q *queue) reconsider(j *job) {
	if j.proven || q.onlyAside() {
		j.lastLook = !j.proven
		q.takeBack()
	}
}

// sooner is the earlier of two times, of which zero is none.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// closeSteps judges the current step when its items have used their tries, and
// opens the next one or stops. Runner.mu is held.
func (r *Runner) closeSteps(j *job) {
	for j.q.stepDone() && !j.q.lastStep() && j.gates.pause.Kind == "" && j.ending == nil {
		if !j.q.mayGoOn(j.set) {
			res := j.q.result()
			j.q.pass()
			r.stop(j, "step", fmt.Sprintf("Step %d: %s of %s did not come through. The rest was not sent.",
				j.q.step+1, model.Number(res.failed), model.Plural(res.sent, "item")))
			return
		}
		j.doomed = append(j.doomed, j.q.nextStep()...)
		r.changed()
	}
}

// stop pauses the run where an operator can be asked, and ends it otherwise.
// Runner.mu is held.
func (r *Runner) stop(j *job, kind, why string) {
	if r.cfg.AskOnStop {
		j.gates.pause = Pause{Kind: kind, Text: why}
	} else {
		j.end(&StoppedError{Kind: kind, Why: why})
	}
	r.log.add(Line{At: r.cfg.Now(), Item: -1, Text: why})
	r.changed()
}

// chores writes down what came up since the last turn.
func (r *Runner) chores(ctx context.Context, j *job) error {
	r.mu.Lock()
	evs, doomed := j.pending, unended(j.doomed)
	j.pending, j.doomed = nil, nil
	if errors.Is(j.ending, ErrJournal) {
		evs, doomed = nil, nil
	}
	r.mu.Unlock()
	if out := doom(doomed); out != nil {
		evs = append(evs, model.Event{Type: model.EvOutcome, Outcome: out})
	}
	if err := r.commit(ctx, evs...); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, t := range doomed {
		r.endTask(j, t, true)
		r.log.add(Line{At: r.cfg.Now(), Item: t.index, ID: t.id, State: model.Failed, Text: "not sent: " + strings.TrimPrefix(t.why, "not sent: ")})
	}
	return nil
}

// unended drops tasks that have ended, and those that are named twice.
func unended(tasks []*task) (out []*task) {
	seen := map[*task]bool{}
	for _, t := range tasks {
		if !t.ended && !seen[t] {
			out = append(out, t)
		}
		seen[t] = true
	}
	return out
}

// doom is the outcome of tasks that are never sent.
func doom(tasks []*task) *model.Result {
	if len(tasks) == 0 {
		return nil
	}
	out := &model.Result{Kind: model.Rejected, Why: "not sent"}
	for _, t := range tasks {
		out.Items = append(out.Items, model.ItemResult{Index: t.index, State: model.Failed, Why: t.why})
	}
	return out
}

// endTask takes a task out for good. Runner.mu is held.
func (r *Runner) endTask(j *job, t *task, failed bool) {
	if t.ended {
		return
	}
	j.doomed = append(j.doomed, j.q.end(t, failed)...)
	r.log.finished(r.cfg.Now())
	r.changed()
}

// newQueue makes the queue of a plan from where its items stand. Some may never
// be sent, since what they depend on has failed.
func (r *Runner) newQueue(ps *triage.PlanState) (q *queue, doomed []*task) {
	tasks, rows := r.tasksOf(ps.Plan.Items)
	for _, t := range tasks {
		t.sent = !t.sentAt.Before(ps.Started) && !t.sentAt.IsZero()
	}
	q = newQueue(tasks, triage.Steps(len(tasks), ps.Plan.Settings.Steps))
	r.measure(q)
	return q, r.place(q, ps, rows)
}

// place puts every task where its item stands: ended, to be looked up, or to be
// sent. What was in state Failed although it may have been applied was sent by
// a process that ended before it could look.
func (r *Runner) place(q *queue, ps *triage.PlanState, rows map[*task]triage.Row) (doomed []*task) {
	now, set := r.cfg.Now(), ps.Plan.Settings
	lookup, gone := r.marks(ps)
	var send []*task
	for _, u := range units(q.tasks) {
		look, rest := false, false
		for _, t := range u {
			row := rows[t]
			t.unsure = r.byKey() && (row.Base == model.Unknown || row.Class == model.AfterVerify)
			t.elder = row.Sends == 0
			if row.NotBefore.After(now) {
				t.after = earlier(row.NotBefore, now.Add(set.MaxWait+set.MaxWait/10))
			}
			switch {
			case gone[t.index]: // it was confirmed as it was, and is another one now
				t.sent = false // its step is not judged by it
				doomed = append(doomed, q.end(t, !row.State.Done())...)
			case r.reads() && mustLook(t, row, lookup[t.index]):
				look = true
				t.notBefore = settled(t.sentAt, now, set.Settle)
			case row.State.Moving() || row.State == model.Unknown && r.byKey():
				rest = true
			default:
				doomed = append(doomed, q.end(t, !row.State.Done())...)
			}
		}
		switch {
		case look:
			q.lookUp(u[0])
		case rest:
			for _, t := range u {
				t.notBefore = t.after
			}
			send = append(send, u[0])
		}
	}
	return append(doomed, q.offerAll(send)...)
}

// marks tells which items of a plan are still to be looked up before they are
// sent, and which were taken out of it.
func (r *Runner) marks(ps *triage.PlanState) (lookup, gone map[int]bool) {
	lookup, gone = map[int]bool{}, map[int]bool{}
	r.cfg.Desk.Look(func(*triage.Session) {
		for _, i := range ps.Plan.Lookups {
			lookup[i] = !ps.Absent(i)
		}
		for _, i := range ps.Plan.Items {
			gone[i] = ps.Gone(i)
		}
	})
	return lookup, gone
}

// mustLook says whether a task is looked up before it is sent; planned says that
// the plan has it so and it was not done yet.
func mustLook(t *task, row triage.Row, planned bool) bool {
	return row.State == model.Unknown || row.State.Moving() && planned ||
		row.State == model.Failed && row.Class == model.AfterVerify && t.sent
}

// byKey says whether what may have been applied is sent again under its key,
// since it cannot be looked up.
func (r *Runner) byKey() bool { return !r.reads() && r.cfg.Profile.KeyScope == model.ItemKey }

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// settled is when an item that was sent at a time may be looked up. A time in
// the future, from a clock that was set back since, makes the wait no longer.
func settled(sent, now time.Time, settle time.Duration) time.Time {
	if sent.IsZero() {
		return now
	}
	return earlier(sent, now).Add(settle)
}
