package triage

import (
	"slices"

	"retriage/model"
)

// Bonds are what ties an item to others of its batch.
type Bonds struct {
	// Group names the items that the server applies all together or not at all,
	// "" = none.
	Group string
	// Refs are the items whose result its request speaks of, and RefItems their
	// places in the batch, -1 = not in it.
	Refs     []model.ID
	RefItems []int
	// Needs are the items that its request wants to have worked before it, and
	// NeedItems their places, -1 = not in the batch.
	Needs     []model.ID
	NeedItems []int
}

// RefItem is the place in the batch of the item that Refs[k] names, -1 = it is
// not in it.
func (b Bonds) RefItem(k int) int {
	if k < len(b.RefItems) {
		return b.RefItems[k]
	}
	return -1
}

// Bonds gives the bonds of item i; the zero Bonds for an item that is fine.
func (s *Session) Bonds(i int) Bonds {
	e := s.peek(i)
	if e == nil || !e.bound {
		return Bonds{}
	}
	var f model.Failure // the response's: what ties an item does not change by being sent
	s.batch.Trouble(i, &f)
	return Bonds{f.Group, f.Refs, f.RefItems, f.Needs, f.NeedItems}
}

// keepWhole takes out of a draft every group that is not in it with all of its
// open items, since a part of it is refused or, worse, is not; what depends on an
// item that was taken out; and what its own request says needs an item that is
// neither done nor sent with it.
func (s *Session) keepWhole(d *Draft, opt PlanOptions, out map[string][]int) {
	groups, needy := s.openBonds()
	if len(groups)+len(needy) == 0 {
		return
	}
	in := map[int]bool{}
	for _, i := range d.Items {
		in[i] = true
	}
	missed := map[model.ID][]int{}
	again := true
	drop := func(i int) {
		delete(in, i)
		again = true
	}
	for again {
		again = false
		for _, items := range groups {
			if !slices.ContainsFunc(items, func(i int) bool { return !in[i] }) {
				continue
			}
			for _, i := range items {
				if in[i] {
					drop(i)
					out[whyGroup] = append(out[whyGroup], i)
				}
			}
		}
		for _, i := range d.Items {
			if in[i] && !opt.AsIs && s.causeLeftOut(i, in) {
				drop(i)
				out[whyCause] = append(out[whyCause], i)
			}
		}
		for i, b := range needy {
			if id, misses := s.missed(b, in); in[i] && misses {
				drop(i)
				missed[id] = append(missed[id], i)
			}
		}
	}
	tellMissed(missed, out)
	s.keepOnly(d, in)
}

// openBonds lists the items of each group that need something, and the bonds of
// those that need others to have worked before them.
func (s *Session) openBonds() (groups map[string][]int, needy map[int]Bonds) {
	groups, needy = map[string][]int{}, map[int]Bonds{}
	for e := range s.entries.all() {
		if !e.bound || e.base.Done() {
			continue
		}
		b := s.Bonds(e.index)
		if b.Group != "" {
			groups[b.Group] = append(groups[b.Group], e.index)
		}
		if len(b.Needs) > 0 {
			needy[e.index] = b
		}
	}
	return groups, needy
}

// missed is the first of what bonds need that is neither done nor among the items
// that are sent.
func (s *Session) missed(b Bonds, in map[int]bool) (id model.ID, misses bool) {
	for k, id := range b.Needs {
		if i := b.NeedItems[k]; i < 0 || !in[i] && !s.State(i).Done() {
			return id, true
		}
	}
	return model.ID{}, false
}

// maxMissed bounds how many items are named that others lack.
const maxMissed = 5

// tellMissed gives the reasons for what depends on items that are not done.
func tellMissed(missed map[model.ID][]int, out map[string][]int) {
	for id, items := range missed {
		why := whyNeed
		if len(missed) <= maxMissed {
			why = "depends on " + id.Safe() + ", which is not done and not sent with it"
		}
		out[why] = append(out[why], items...)
	}
}

// causeLeftOut says whether item i failed because of one that still fails and is
// not in the draft.
func (s *Session) causeLeftOut(i int, in map[int]bool) bool {
	e := s.peek(i)
	f, failed := s.failure(e)
	if !failed || f.Cause.IsZero() {
		return false
	}
	k, known := s.openIDs()[f.Cause.Wire()]
	return known && !s.entries.at(k).base.Done() && !in[s.entries.at(k).index]
}

// keepOnly leaves in the draft only the items of in.
func (s *Session) keepOnly(d *Draft, in map[int]bool) {
	gone := func(i int) bool { return !in[i] }
	d.Items = slices.DeleteFunc(d.Items, gone)
	d.Lookups = slices.DeleteFunc(d.Lookups, gone)
	d.MayDouble = slices.DeleteFunc(d.MayDouble, gone)
	d.Edited = 0
	for _, i := range d.Items {
		if s.peek(i).dirty {
			d.Edited++
		}
	}
}
