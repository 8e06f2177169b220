package run

import (
	"context"
	"errors"
	"time"

	"retriage/model"
	"retriage/triage"
)

// attempt takes one parcel to the wire and back: the intent is on disk before
// the request leaves (J1), and the outcome before anything follows from it (J2).
func (r *Runner) attempt(ctx context.Context, j *job, p parcel) {
	req, evs, ok := r.prepare(ctx, j, &p)
	if !ok || !r.board(j, &p) {
		return
	}
	in := r.intent(j, p, req)
	if err := r.commit(ctx, append(evs, model.Event{Type: model.EvIntent, Intent: in})...); err != nil {
		r.leave(j)
		r.lose(j, p, err)
		return
	}
	written := r.cfg.Now()
	for _, t := range p.tasks {
		t.sentAt = written
	}
	reply, err := r.send(j, p, req)
	ru := r.judge(j).rule(p, reply)
	r.arrived(j, p, reply, ru, err)
	ru.result.Attempt = in.Attempt
	if err := r.commit(ctx, model.Event{Type: model.EvOutcome, Outcome: &ru.result}); err != nil {
		r.lose(j, p, err)
		return
	}
	r.settle(j, p, reply, ru)
}

// board waits for a place on the wire and takes it. The request was prepared
// meanwhile, so that no place is empty for that long; the intent is written only
// now, so that its time is the time of the send. It says no when the parcel goes
// back, since the run was held or is over.
func (r *Runner) board(j *job, p *parcel) bool {
	select {
	case j.wire.slots <- struct{}{}:
	case <-j.wire.reads.Done():
		r.unsent(j, p, nil)
		return false
	}
	for {
		at, state := r.tryBoard(j, p)
		if state == aboard {
			return true
		}
		if state == refused || !sleep(j.wire.reads, at.Sub(r.cfg.Now())) {
			r.leave(j)
			r.unsent(j, p, nil)
			return false
		}
	}
}

// boarding is what came of trying to go on the wire.
type boarding uint8

const (
	aboard boarding = iota
	tooSoon
	refused
)

func (r *Runner) tryBoard(j *job, p *parcel) (at time.Time, state boarding) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.cfg.Now()
	if j.gates.recalled(p.probe, now) {
		return at, refused
	}
	at, ok := j.gates.board(p.mode, now)
	if !ok {
		return at, tooSoon
	}
	j.preparing--
	r.changed()
	return at, aboard
}

// sleep waits; false means that ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// leave frees a place on the wire.
func (r *Runner) leave(j *job) { <-j.wire.slots }

// errRecalled says that a request was kept here at the last moment.
var errRecalled = errors.New("not sent: the run was held or the item edited meanwhile")

// send puts the request on the wire, unless something has come up since it was
// let through. An error means that nothing was sent.
func (r *Runner) send(j *job, p parcel, req model.Request) (model.Reply, error) {
	r.mu.Lock()
	recalled := j.gates.recalled(p.probe, r.cfg.Now()) || r.outdated(p)
	r.mu.Unlock()
	err := errRecalled
	if !recalled {
		var reply model.Reply
		if reply, err = r.cfg.Sender.Send(j.wire.sends, req); err == nil {
			return reply, nil
		}
	}
	return model.Reply{Kind: model.Rejected, Fault: model.Interrupted, RetryAfter: -1, Why: model.Foreign(err.Error())}, err
}

// arrived lets a reply act on the run as a whole and frees its place on the
// wire, in one step: whoever takes that place already knows of the hold. The
// items wait until their outcome is on disk.
func (r *Runner) arrived(j *job, p parcel, reply model.Reply, ru ruling, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, t := range p.tasks {
		t.sent = t.sent || reply.Kind != model.Rejected || reply.Status != 0
	}
	r.regulate(j, p, reply, ru)
	if err != nil && !errors.Is(err, errRecalled) && j.ending == nil {
		r.stop(j, "send", reply.Why.Safe(model.SafeLong))
	}
	r.leave(j)
	r.changed()
}

// outdated says whether an item was edited after its request was prepared: the
// journal would have it that the edit was sent.
func (r *Runner) outdated(p parcel) (yes bool) {
	r.cfg.Desk.Look(func(s *triage.Session) {
		for _, t := range p.tasks {
			yes = yes || s.Revision(t.index) != t.revision
		}
	})
	return yes
}

// lose ends the job because the disk failed. What the parcel's tasks came to is
// not known to the journal, so nothing may follow from it.
func (r *Runner) lose(j *job, p parcel, err error) {
	r.mu.Lock()
	j.q.back(len(p.tasks))
	r.mu.Unlock()
	r.fail(j, err)
}

// intent makes the record that goes before the request.
func (r *Runner) intent(j *job, p parcel, req model.Request) *model.Intent {
	r.mu.Lock()
	j.attempt++
	in := &model.Intent{Attempt: j.attempt, Plan: j.ps.Plan.ID}
	r.mu.Unlock()
	in.Mode, in.CallKey, in.SHA256, in.Size, in.Probe = req.Mode, req.CallKey, req.SHA256, len(req.Body), p.probe
	for _, it := range req.Items {
		in.Items = append(in.Items, it.Index)
		in.IDs = append(in.IDs, it.ID)
	}
	return in
}

// prepare makes the request of a parcel, and the events that must go before its
// intent. Without one (ok is false) the tasks have been dealt with: split in two,
// or ended because they can never be sent.
func (r *Runner) prepare(ctx context.Context, j *job, p *parcel) (req model.Request, evs []model.Event, ok bool) {
	made := r.pack(p)
	if len(made.bad) > 0 && !r.refuse(ctx, j, made.bad) || len(p.tasks) == 0 || made.parts != nil {
		r.unsent(j, p, made.parts)
		return req, nil, false
	}
	if len(made.keys) > 0 {
		evs = append(evs, model.Event{Type: model.EvKey, Keys: made.keys})
	}
	return made.request, evs, true
}

// refuse writes down and ends tasks that cannot be sent. It says whether that
// went well; if not, the job is over.
func (r *Runner) refuse(ctx context.Context, j *job, bad []refusal) bool {
	out := &model.Result{Kind: model.Rejected, Why: "not sent"}
	for _, b := range bad {
		b.result.Index = b.task.index
		out.Items = append(out.Items, b.result)
	}
	err := r.commit(ctx, model.Event{Type: model.EvOutcome, Outcome: out})
	r.mu.Lock()
	j.q.back(len(bad))
	for _, b := range bad {
		if err != nil {
			break
		}
		r.endTask(j, b.task, true)
		r.log.add(lineOf(r.cfg.Now(), b.task, b.result, j.set.Tries))
	}
	r.mu.Unlock()
	if err != nil {
		r.fail(j, err)
	}
	return err == nil
}

// unsent takes back a parcel that has not left: its tasks travel as parts now.
func (r *Runner) unsent(j *job, p *parcel, parts [][]*task) {
	r.mu.Lock()
	defer r.mu.Unlock()
	j.preparing--
	j.q.back(len(p.tasks))
	if parts == nil {
		parts = [][]*task{p.tasks}
	}
	for _, part := range parts {
		j.q.offerPart(part)
	}
	if p.probe {
		j.gates.breaker.Unprobed()
	}
	r.changed()
}

// settle lets follow from an outcome, now that it is on disk, what it means for
// each item.
func (r *Runner) settle(j *job, p parcel, reply model.Reply, ru ruling) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.cfg.Now()
	j.q.back(len(p.tasks))
	for k, t := range p.tasks {
		r.log.add(lineOf(now, t, ru.result.Items[k], j.set.Tries))
	}
	at := 0
	for _, u := range units(p.tasks) {
		if at += len(u); !ru.split {
			r.follow(j, u, ru.result.Items[at-len(u):at])
		}
	}
	if ru.split {
		first, second := halves(p.tasks)
		j.q.offerPart(first)
		j.q.offerPart(second)
		if reply.Fault == model.TooBig {
			j.chunk = min(j.chunk, max(1, len(first)))
		}
	}
	for _, id := range reply.Extra {
		r.log.add(Line{At: now, Item: -1, ID: id, Text: "answered, but not asked for: not counted"})
	}
	r.changed()
}

// follow puts a unit where its results send it. Runner.mu is held.
func (r *Runner) follow(j *job, unit []*task, results []model.ItemResult) {
	again, look := false, false
	for k, t := range unit {
		res := results[k]
		j.q.dependOn(t, res.Cause)
		switch {
		case res.State == model.Queued || res.State == model.Waiting:
			again = true
		case r.lookedUp(t, res):
			look = true
			t.notBefore = settled(t.sentAt, r.cfg.Now(), j.set.Settle)
		default:
			r.endTask(j, t, res.State != model.OK)
		}
	}
	switch {
	case look:
		j.q.lookUp(unit[0])
	case again:
		j.doomed = append(j.doomed, j.q.offer(unit[0])...)
	}
}

// lookedUp says whether a task with this result is looked up next.
func (r *Runner) lookedUp(_ *task, res model.ItemResult) bool {
	return r.reads() && (res.State == model.Unknown || res.State == model.Failed && res.Class == model.AfterVerify)
}

// reads says whether the target lets us read items back.
func (r *Runner) reads() bool { return r.cfg.Prober != nil && r.cfg.Profile.ItemURL != "" }
