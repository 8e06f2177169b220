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
	return Bonds{f.Group, f.Refs, f.RefItems}
}

// keepWhole takes out of a draft every group that is not in it with all of its
// open items, since a part of it is refused or, worse, is not; and then what
// depends on an item that was taken out.
func (s *Session) keepWhole(d *Draft, opt PlanOptions, out map[string][]int) {
	groups := s.openGroups()
	if len(groups) == 0 {
		return
	}
	in := map[int]bool{}
	for _, i := range d.Items {
		in[i] = true
	}
	drop := func(i int, why string) {
		delete(in, i)
		out[why] = append(out[why], i)
	}
	for again := true; again; {
		again = false
		for _, items := range groups {
			if !slices.ContainsFunc(items, func(i int) bool { return !in[i] }) {
				continue
			}
			for _, i := range items {
				if in[i] {
					drop(i, whyGroup)
					again = true
				}
			}
		}
		for _, i := range d.Items {
			if in[i] && !opt.AsIs && s.causeLeftOut(i, in) {
				drop(i, whyCause)
				again = true
			}
		}
	}
	s.keepOnly(d, in)
}

// openGroups lists the items of each group that need something.
func (s *Session) openGroups() map[string][]int {
	groups := map[string][]int{}
	for e := range s.entries.all() {
		if !e.bound || e.base.Done() {
			continue
		}
		if group := s.Bonds(e.index).Group; group != "" {
			groups[group] = append(groups[group], e.index)
		}
	}
	return groups
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
	d.Edited = 0
	for _, i := range d.Items {
		if s.peek(i).dirty {
			d.Edited++
		}
	}
}
