package run

import (
	"context"
	"slices"
	"strings"

	"retriage/model"
	"retriage/triage"
)

// Layout is how items go into requests: what Run would send if every request
// came through at once.
type Layout struct {
	Requests []model.Request
	LeftOut  []model.LeftOutPart // what no request can be made of, and why
}

// Items lists what is in the requests, in their order.
func (l Layout) Items() (items []int) {
	for _, req := range l.Requests {
		for _, it := range req.Items {
			items = append(items, it.Index)
		}
	}
	return items
}

// Layout puts items into requests by the rules that Run sends them by, for
// somebody else to hand in. It sends and writes nothing.
func (r *Runner) Layout(items []int) (out Layout) {
	tasks, _ := r.tasksOf(items)
	q := newQueue(tasks, []int{len(tasks)})
	q.inOrder = true
	r.measure(q)
	size := max(settingsOf(r.cfg.Profile).Chunk, 1)
	if limit := r.largest(); limit > 0 {
		size = min(size, limit)
	}
	why := map[int]string{}
	drop := func(tasks []*task) {
		for len(tasks) > 0 {
			t := tasks[0]
			tasks = tasks[1:]
			if _, told := why[t.index]; !told && !t.ended {
				why[t.index] = t.why
				tasks = append(tasks, q.end(t, true)...)
			}
		}
	}
	drop(r.offerUnits(q))
	for {
		chunk, _ := q.take(r.cfg.Now(), size, true)
		drop(q.doomed)
		if q.doomed = nil; len(chunk) == 0 {
			break
		}
		p := parcel{tasks: chunk, mode: model.InBatch}
		made := r.pack(&p)
		for _, b := range made.bad {
			b.task.why = b.result.Why
			drop([]*task{b.task})
		}
		q.parts = append(made.parts, q.parts...) // as they stand, so that files are in order
		if made.parts != nil || len(p.tasks) == 0 {
			continue
		}
		out.Requests = append(out.Requests, made.request)
		for _, t := range p.tasks {
			drop(q.handedIn(t))
		}
	}
	out.LeftOut = partsOf(why)
	return out
}

// offerUnits offers every unit once.
func (r *Runner) offerUnits(q *queue) (doomed []*task) {
	for _, u := range units(q.tasks) {
		doomed = append(doomed, q.offer(u[0])...)
	}
	return doomed
}

// handedIn takes a task out that is in a request which somebody hands in. What
// needs it to have worked cannot be in a later one: nobody would see to it.
func (q *queue) handedIn(t *task) (doomed []*task) {
	for _, w := range q.blocked[t] {
		for _, m := range w.unit {
			if slices.Contains(m.needs, t) && m.why == "" {
				m.why = "it depends on " + t.id.Safe() + ", which does not go into the same request"
			}
		}
	}
	return q.end(t, false)
}

// partsOf puts items that are left out together by their reasons.
func partsOf(why map[int]string) (parts []model.LeftOutPart) {
	by := map[string][]int{}
	for i, reason := range why {
		reason = strings.TrimPrefix(reason, "not sent: ")
		by[reason] = append(by[reason], i)
	}
	for reason, items := range by {
		slices.Sort(items)
		parts = append(parts, model.LeftOutPart{Count: len(items), Why: reason, Items: items})
	}
	slices.SortFunc(parts, func(a, b model.LeftOutPart) int { return a.Items[0] - b.Items[0] })
	return parts
}

// HandedPlan is the plan of a layout that somebody hands in.
func (r *Runner) HandedPlan(l Layout) (model.Plan, error) {
	plan, err := r.Plan(triage.Draft{Items: l.Items(), LeftOut: l.LeftOut}, false)
	for _, req := range l.Requests {
		h := model.Handed{SHA256: req.SHA256, Size: len(req.Body)}
		for _, it := range req.Items {
			h.Items = append(h.Items, it.Index)
		}
		plan.Handed = append(plan.Handed, h)
	}
	return plan, err
}

// TakeAnswers brings back what the server said to the requests of the open plan,
// which were handed in: each was sent once, and each of its items has the one
// answer that reply gives for it. Nothing is sent again: what was turned away for
// now is failed. When a reply cannot be had, nothing is changed.
func (r *Runner) TakeAnswers(ctx context.Context, reply func(request int, items []model.SendItem) (model.Reply, error)) error {
	open := r.openPlan()
	if open == nil {
		return ErrEmpty
	}
	judge := judge{set: open.Plan.Settings, classify: r.cfg.Classifier.Classify, now: r.cfg.Now(), once: true}
	var attempt int64
	var events [][]model.Event
	r.cfg.Desk.Look(func(s *triage.Session) { attempt = s.NextAttempt() })
	for k, h := range open.Plan.Handed {
		p, items, err := r.handedParcel(h)
		if err != nil {
			return err
		}
		if len(items) == 0 {
			continue // answered before
		}
		answer, err := reply(k, items)
		if err != nil {
			return err
		}
		in := &model.Intent{Attempt: attempt, Plan: open.Plan.ID, Mode: model.InBatch, SHA256: h.SHA256, Size: h.Size}
		for _, it := range items {
			in.Items, in.IDs = append(in.Items, it.Index), append(in.IDs, it.ID)
		}
		attempt++
		ru := judge.rule(p, answer)
		var evs []model.Event
		if ru.result.Attempt = r.begun(*in); ru.result.Attempt == 0 {
			ru.result.Attempt = in.Attempt
			evs = append(evs, model.Event{Type: model.EvIntent, Intent: in})
		}
		events = append(events, append(evs, model.Event{Type: model.EvOutcome, Outcome: &ru.result}))
	}
	for _, evs := range events {
		if err := r.commit(ctx, evs...); err != nil {
			return err
		}
	}
	return r.commit(ctx, endOf(open.Plan.ID, endWords(nil)))
}

// begun is the attempt under which an intent was written by a process that ended
// before it could write the outcome, 0 = none.
func (r *Runner) begun(in model.Intent) (attempt int64) {
	r.cfg.Desk.Look(func(s *triage.Session) {
		for _, old := range s.InFlight() {
			if old.Plan == in.Plan && slices.Equal(old.Items, in.Items) {
				attempt = old.Attempt
			}
		}
	})
	return attempt
}

// handedParcel is what a request that was handed in holds of items that have no
// answer yet.
func (r *Runner) handedParcel(h model.Handed) (p parcel, items []model.SendItem, err error) {
	p.mode = model.InBatch
	for _, i := range h.Items {
		moving := false
		r.cfg.Desk.Look(func(s *triage.Session) { moving = s.State(i).Moving() })
		if !moving {
			continue
		}
		it, payload, edited, err := r.cfg.Desk.Payload(i)
		if err != nil {
			return p, nil, err
		}
		t := &task{index: i, id: it.ID}
		t.unit = []*task{t}
		p.tasks = append(p.tasks, t)
		items = append(items, model.SendItem{Index: i, ID: it.ID, Payload: payload, Edited: edited})
	}
	return p, items, nil
}
