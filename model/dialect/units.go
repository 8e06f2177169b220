package dialect

import "retriage/model"

// units are what is answered one by one and in order: single items, and groups,
// which are answered by a group again, or by one answer to all of it when it
// failed (OData 4.01 Protocol, section 11.7.7.5).
type units struct {
	asked    [][]int // items of each unit of the request
	of       []int   // unit of each requested item
	answers  []int   // of each unit of the response
	failed   bool    // the last answer says no
	crossed  bool    // an id has shown that the order is not kept
	askedIn  string  // group of the last requested item, "" = none
	answerIn string  // group of the last answer
}

// inUnit is where an answer stands: in which unit, and where in that.
type inUnit struct{ unit, place int }

// ask puts the next requested item, which is in that group, into its unit.
func (u *units) ask(item int, groups []string) {
	group := ""
	if len(groups) > 0 {
		group = groups[0]
	}
	if group == "" || group != u.askedIn {
		u.asked = append(u.asked, nil)
	}
	last := len(u.asked) - 1
	u.asked[last] = append(u.asked[last], item)
	u.of, u.askedIn = append(u.of, last), group
}

// answer gives the place of the next answer.
func (u *units) answer(t *told) inUnit {
	if t.group == "" || t.group != u.answerIn {
		u.answers = append(u.answers, 0)
	}
	last := len(u.answers) - 1
	u.answers[last]++
	u.answerIn, u.failed = t.group, t.record.State == model.Failed
	return inUnit{last, u.answers[last] - 1}
}

// joined notes to which item an answer is by its id.
func (u *units) joined(at inUnit, item int) {
	u.crossed = u.crossed || item >= len(u.of) || u.of[item] != at.unit
}

// ordered says whether units are answered in order: all of them, or the first of
// them, where the server stopped at a failure or the input was cut off.
func (u *units) ordered(cut bool) bool {
	n := len(u.answers)
	return !u.crossed && (n == len(u.asked) || n < len(u.asked) && (cut || u.failed))
}

// items are the requested items that an answer without an id is to: one, all of a
// group that is answered as one, or none when that cannot be told.
func (u *units) items(at inUnit) []int {
	if at.unit >= len(u.asked) {
		return nil
	}
	all := u.asked[at.unit]
	switch u.answers[at.unit] {
	case len(all):
		return all[at.place : at.place+1]
	case 1:
		return all
	}
	return nil
}

// placeUnits joins the answers without an id by the order of the units.
func (j *join) placeUnits() {
	if !j.d.spec.Items.Units || !j.units.ordered(j.found.broken != "") {
		return
	}
	rest := j.late[:0]
	for _, l := range j.late {
		items := j.units.items(l.at)
		if !l.record.ID.IsZero() || len(items) == 0 || j.item(items[0]).has(answered) {
			rest = append(rest, l)
			continue
		}
		for _, i := range items {
			r := l.record
			if len(items) > 1 && r.State == model.OK {
				r.State, r.Failure = model.Unknown, ready // one yes says nothing of each
			}
			r.ID = j.asked[i].id
			j.found.placed.add(r.ID)
			j.bind(i, l.group)
			j.place(i, r)
		}
	}
	j.late = rest
}
