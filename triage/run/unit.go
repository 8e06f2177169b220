package run

import (
	"fmt"
	"slices"
	"time"

	"retriage/model"
	"retriage/triage"
)

// A unit is what travels whole: the items of an atomicity group, or an item and
// those whose result its request names; most units are one item. Its members
// stand next to each other in queue.tasks, and its first one, the head, stands
// for it in every heap.

// head is the task that stands for the unit of t.
func (t *task) head() *task { return t.unit[0] }

// rest lists the tasks of t's unit that have not ended.
func (t *task) rest() []*task {
	if len(t.unit) == 1 && !t.ended {
		return t.unit
	}
	var rest []*task
	for _, m := range t.unit {
		if !m.ended {
			rest = append(rest, m)
		}
	}
	return rest
}

// whole says whether no task of the unit has ended, so that it may still travel.
func (t *task) whole() bool {
	return !slices.ContainsFunc(t.unit, func(m *task) bool { return m.ended })
}

// units cuts tasks into their units, which are next to each other.
func units(tasks []*task) (all [][]*task) {
	for from := 0; from < len(tasks); {
		to := from + 1
		for to < len(tasks) && tasks[to].head() == tasks[from].head() {
			to++
		}
		all = append(all, tasks[from:to:to])
		from = to
	}
	return all
}

// halves cuts a refused chunk in two, between units. One unit has no second half.
func halves(tasks []*task) (first, second []*task) {
	n, best := 0, len(tasks)
	for _, u := range units(tasks) {
		n += len(u)
		if n < len(tasks) && abs(2*n-len(tasks)) <= abs(2*best-len(tasks)) {
			best = n
		}
	}
	return tasks[:best:best], tasks[best:]
}

func abs(n int) int { return max(n, -n) }

// cutAt is where a list can be cut between units to have at most n tasks, or the
// first unit, however large.
func cutAt(tasks []*task, n int) int {
	at := 0
	for _, u := range units(tasks) {
		if at > 0 && at+len(u) > n {
			break
		}
		at += len(u)
	}
	return at
}

// inUnits puts tasks in the order in which they go: units together, and causes
// before what depends on them. In a circle of causes one of them is dropped.
func inUnits(tasks []*task, bonds func(*task) triage.Bonds, byID map[model.ID]*task) []*task {
	parent := map[*task]*task{}
	root := func(t *task) *task {
		for parent[t] != nil {
			t = parent[t]
		}
		return t
	}
	join := func(a, b *task) {
		if a, b = root(a), root(b); a != b {
			parent[b] = a
		}
	}
	groups := map[string]*task{}
	for _, t := range tasks {
		b := bonds(t)
		if first := groups[b.Group]; b.Group != "" && first != nil {
			join(first, t)
		} else if b.Group != "" {
			groups[b.Group] = t
		}
		for _, id := range b.Refs {
			if target := byID[id]; target != nil {
				join(target, t)
			}
		}
	}
	members := map[*task][]*task{}
	for _, t := range tasks {
		if len(parent) > 0 {
			members[root(t)] = append(members[root(t)], t)
		}
	}
	return causesFirst(tasks, func(t *task) []*task {
		if len(parent) == 0 {
			return nil
		}
		return members[root(t)]
	})
}

// causesFirst sorts units so that causes go before what depends on them.
func causesFirst(tasks []*task, unitOf func(*task) []*task) []*task {
	const entered, left = 1, 2
	out := make([]*task, 0, len(tasks))
	seen := make(map[*task]int, len(tasks))
	var visit func(t *task)
	visit = func(t *task) {
		unit := unitOf(t)
		if len(unit) < 2 {
			unit = []*task{t}
		}
		for _, m := range unit {
			seen[m] = entered
		}
		for _, m := range unit {
			switch {
			case m.cause == nil:
			case seen[m.cause] == entered: // of its own unit, or in a circle
				m.cause = nil
			case seen[m.cause] == 0:
				visit(m.cause)
			}
			m.needs = slices.DeleteFunc(m.needs, func(need *task) bool {
				if seen[need] == 0 {
					visit(need)
				}
				return seen[need] == entered
			})
		}
		for _, m := range unit {
			seen[m] = left
		}
		from := len(out)
		out = append(out, unit...)
		for _, m := range unit {
			m.unit = out[from:len(out):len(out)]
		}
	}
	for _, t := range tasks {
		if seen[t] != left {
			visit(t)
		}
	}
	return out
}

// The sentences for units that cannot travel.
func tooMany(n, limit int) string {
	return fmt.Sprintf("not sent: it is one of a group of %s that travels whole, and the target takes at most %s in one request",
		model.Number(n), model.Plural(limit, "item"))
}

const torn = "not sent: it travels whole with others, and not all of them can be sent"

// doom gives the tasks of a unit that can never be sent, and says why.
func (t *task) doom(why string) []*task {
	rest := t.rest()
	for _, m := range rest {
		if m.why == "" {
			m.why = why
		}
	}
	return rest
}

// bindUnits makes the results of each unit agree before they are written down:
// while one of its items may have been applied, none is sent; and once one has
// ended, the others are not sent without it.
func bindUnits(tasks []*task, results []model.ItemResult, lookedUp func(*task, model.ItemResult) bool) {
	at := 0
	for _, u := range units(tasks) {
		part := results[at : at+len(u)]
		if at += len(u); len(u) == 1 {
			continue
		}
		unsure, ended := false, !u[0].whole()
		for k, res := range part {
			look := lookedUp(u[k], res)
			unsure = unsure || look
			ended = ended || !look && res.State != model.Queued && res.State != model.Waiting
		}
		for k := range part {
			again := part[k].State == model.Queued || part[k].State == model.Waiting
			switch {
			case !again || !unsure && !ended:
			case unsure:
				part[k].State, part[k].NotBefore = model.Unknown, nil
				part[k].Why = "another item of its group may have been applied: looked up before it is sent again"
			default:
				part[k].State, part[k].NotBefore, part[k].Why = model.Failed, nil, torn
			}
		}
	}
}

// latest is when the last of some tasks may be sent.
func latest(tasks []*task) (at time.Time) {
	for _, t := range tasks {
		at = later(at, t.notBefore)
	}
	return at
}
