package triage

import (
	"cmp"
	"slices"

	"retriage/model"
)

// groupKey is what makes failures one cause: same tab, code, field and message
// shape.
type groupKey struct {
	tab   Tab
	code  model.Untrusted
	field model.Untrusted
	tmpl  int
	state model.State // for items of the Check tab: what reading back has shown
	other bool        // it failed only because another item of the batch did
}

func (s *Session) groupKey(e *entry, tab Tab) groupKey {
	k := groupKey{tab: tab, tmpl: int(e.tmpl)}
	if tab == CheckTab {
		return groupKey{tab: tab, state: e.base, tmpl: -1}
	}
	if f, ok := s.failure(e); ok {
		k.code, k.field = f.Code, f.Field
		k.other = !f.Cause.IsZero()
	}
	return k
}

// Grouping is what a cause is made of.
type Grouping uint8

// The groupings, in the order that a face cycles through them.
const (
	ByCause Grouping = iota // code, field and message shape
	ByCode                  // code alone
	ByField                 // field alone

	groupingCount
)

// Next is the next grouping of the cycle.
func (g Grouping) Next() Grouping { return (g + 1) % groupingCount }

// String says what makes two failures one group.
func (g Grouping) String() string {
	return [groupingCount]string{"code + field + message shape", "code", "field"}[g%groupingCount]
}

// Group is a number of failures with one cause.
type Group struct {
	Tab   Tab
	Code  model.Untrusted
	Field model.Untrusted
	Shape model.Untrusted // the message with what varies masked; "" when grouped otherwise
	State model.State     // in the Check tab: what reading back has shown
	Count int
	// Collateral says that its items failed only because another item of this
	// batch did: they are worth sending once that one is through.
	Collateral bool
	key        groupKey
	by         Grouping
}

// Groups lists the causes in a tab (AllTab: everywhere), the largest first.
func (s *Session) Groups(t Tab, by Grouping) []Group {
	merged := map[groupKey]*Group{}
	for k, n := range s.groups {
		if t != AllTab && k.tab != t || t == AllTab && k.tab == ReadyTab {
			continue // what was never sent has failed for no cause
		}
		mk := by.reduce(k)
		g := merged[mk]
		if g == nil {
			g = &Group{Tab: k.tab, Code: mk.code, Field: mk.field, State: k.state, Collateral: mk.other, key: mk, by: by}
			if mk.tmpl >= 0 {
				g.Shape = model.Foreign(s.templates.Text(mk.tmpl))
			}
			merged[mk] = g
		}
		g.Count += n
	}
	out := make([]Group, 0, len(merged))
	for _, g := range merged {
		out = append(out, *g)
	}
	slices.SortFunc(out, func(a, b Group) int {
		return cmp.Or(b.Count-a.Count, cmp.Compare(a.Tab, b.Tab), cmp.Compare(a.Code.Wire(), b.Code.Wire()),
			cmp.Compare(a.Field.Wire(), b.Field.Wire()), cmp.Compare(a.Shape.Wire(), b.Shape.Wire()), int(a.State)-int(b.State))
	})
	return out
}

// reduce keeps of a key what the grouping looks at.
func (g Grouping) reduce(k groupKey) groupKey {
	switch g {
	case ByCode:
		k.field, k.tmpl = model.Untrusted{}, -1
	case ByField:
		k.code, k.tmpl = model.Untrusted{}, -1
	}
	return k
}

// Members lists the items of a group in the order of the request.
func (s *Session) Members(g Group) []int {
	var items []int
	for e := range s.entries.all() {
		if tab, open := e.tab(); open && g.by.reduce(s.groupKey(e, tab)) == g.key {
			items = append(items, e.index)
		}
	}
	slices.Sort(items)
	return items
}

// Newest is the last item in the order of the batch that is not fine, or was
// touched; negative when there is none.
func (s *Session) Newest() int {
	if s.entries.n == 0 {
		return -1
	}
	return s.entries.at(s.entries.n - 1).index
}

// First is the first item of a cause, negative when it has none.
func (s *Session) First(g Group) int {
	for e := range s.entries.all() {
		if tab, open := e.tab(); open && g.by.reduce(s.groupKey(e, tab)) == g.key {
			return e.index
		}
	}
	return -1
}

// GroupOf is the cause that item i belongs to; ok is false for an item that is
// done.
func (s *Session) GroupOf(i int, by Grouping) (g Group, ok bool) {
	e := s.peek(i)
	if e == nil {
		return Group{}, false
	}
	tab, open := e.tab()
	if !open {
		return Group{}, false
	}
	k := by.reduce(s.groupKey(e, tab))
	for _, g := range s.Groups(tab, by) {
		if g.key == k {
			return g, true
		}
	}
	return Group{}, false
}

// SameCause says whether two open items belong to one cause.
func (s *Session) SameCause(i, j int) bool {
	a, b := s.peek(i), s.peek(j)
	if a == nil || b == nil {
		return a == b
	}
	ta, _ := a.tab()
	tb, _ := b.tab()
	return s.groupKey(a, ta) == s.groupKey(b, tb)
}
