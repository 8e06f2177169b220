package run

import (
	"bytes"
	"strings"

	"retriage/model"
	"retriage/triage"
)

// tasksOf makes the tasks of items, in the order in which they go: what travels
// whole stands together, and what others wait for goes before them. Those that
// can never be sent say why.
func (r *Runner) tasksOf(items []int) (tasks []*task, rows map[*task]triage.Row) {
	rows = map[*task]triage.Row{}
	bonds := map[*task]triage.Bonds{}
	byItem, byID := map[int]*task{}, map[model.ID]*task{}
	r.cfg.Desk.Look(func(s *triage.Session) {
		for _, i := range items {
			row := s.Row(i)
			t := &task{index: i, id: row.ID, tries: s.Tries(i), failures: s.Tries(i), sentAt: s.SentAt(i)}
			tasks = append(tasks, t)
			rows[t], byItem[i] = row, t
			if b := s.Bonds(i); b.Group != "" || len(b.Refs)+len(b.Needs) > 0 {
				bonds[t] = b
			}
		}
	})
	for _, t := range tasks {
		if !t.id.IsZero() {
			byID[t.id] = t
		}
	}
	r.settleRefs(bonds, byID)
	r.linkNeeds(bonds, byItem)
	linkCauses(tasks, rows, byID)
	return inUnits(tasks, func(t *task) triage.Bonds { return bonds[t] }, byID), rows
}

// settleRefs drops the references that an edit has taken out, and names what
// refers to an item that the plan does not send and of which nothing is known.
func (r *Runner) settleRefs(bonds map[*task]triage.Bonds, byID map[model.ID]*task) {
	for t, b := range bonds {
		if len(b.Refs) == 0 {
			continue
		}
		_, p, edited, err := r.cfg.Desk.Payload(t.index)
		left := b
		left.Refs, left.RefItems = nil, nil
		for k, id := range b.Refs {
			if err == nil && edited && !bytes.Contains(p.Body, []byte(id.Wire())) && !strings.Contains(p.URL.Wire(), id.Wire()) {
				continue
			}
			if byID[id] != nil {
				left.Refs = append(left.Refs, id)
				left.RefItems = append(left.RefItems, b.RefItem(k))
			} else if _, known := r.madeOf(id, b.RefItem(k)); !known {
				t.why = "not sent: it refers to " + id.Safe() + ", which is not sent with it"
			}
		}
		bonds[t] = left
	}
}

// linkNeeds points tasks at those that their requests want to have worked before
// them. A task that needs what is neither done nor in the plan is never sent: the
// server would not know that it has to wait.
func (r *Runner) linkNeeds(bonds map[*task]triage.Bonds, byItem map[int]*task) {
	for t, b := range bonds {
		for k, id := range b.Needs {
			i, done := b.NeedItems[k], false
			if need := byItem[i]; need != nil && need != t {
				t.needs = append(t.needs, need)
				continue
			}
			r.cfg.Desk.Look(func(s *triage.Session) { done = i >= 0 && s.State(i).Done() })
			if !done && i != t.index && t.why == "" {
				t.why = "not sent: it depends on " + id.Safe() + ", which is not done"
			}
		}
	}
}

// linkCauses points tasks at the task whose failure caused theirs.
func linkCauses(tasks []*task, rows map[*task]triage.Row, byID map[model.ID]*task) {
	for _, t := range tasks {
		if cause := byID[rows[t].Cause]; cause != nil && cause != t && !rows[t].Cause.IsZero() {
			t.cause, t.anyway = cause, rows[t].Reason == model.RolledBack
		}
	}
}

// measure names the units that no request can hold.
func (r *Runner) measure(q *queue) {
	limit := r.largest()
	for _, u := range units(q.tasks) {
		if limit > 0 && len(u) > limit {
			u[0].doom(tooMany(len(u), limit))
		}
	}
}

// largest is how many items the target takes in one request, 0 = no limit known.
func (r *Runner) largest() int {
	if pr := r.cfg.Profile; pr.BatchPath != "" || pr.ItemPath == "" {
		return pr.MaxItems
	}
	return 1
}
