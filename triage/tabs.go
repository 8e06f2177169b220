package triage

import (
	"slices"
	"strings"

	"retriage/model"
)

// Tab is one tab of open items: a category, or one of the three that are not
// causes. Its text is the id used in queries and in JSON.
type Tab string

// The tabs that are not categories.
const (
	// AllTab holds every open item.
	AllTab Tab = "all"
	// CheckTab holds what was read back and is not as it was sent.
	CheckTab Tab = "check"
	// UnknownTab holds what was sent and got no trustworthy answer.
	UnknownTab Tab = "unknown"
	// ReadyTab holds what was never sent: a request opened by itself.
	ReadyTab Tab = "ready"
)

// TabOf is the tab of a category.
func TabOf(c model.Category) Tab { return Tab(c.String()) }

// Category is the tab's category, None for a tab that is not a cause.
func (t Tab) Category() model.Category {
	c, ok := model.ParseCategory(string(t))
	if !ok {
		return model.None
	}
	return c
}

// Title is the tab's name on a wide screen.
func (t Tab) Title() string {
	switch t {
	case AllTab:
		return "All"
	case CheckTab:
		return "Read back"
	case UnknownTab:
		return "Unknown"
	case ReadyTab:
		return "Ready"
	}
	return t.Category().Title()
}

// Short is the tab's name on a narrow screen: at most five letters.
func (t Tab) Short() string {
	switch t {
	case AllTab:
		return "All"
	case CheckTab:
		return "Check"
	case UnknownTab:
		return "Unkn"
	case ReadyTab:
		return "Ready"
	}
	return t.Category().Tab()
}

// tab is the tab of an open item; open is false for one that is done.
func (e *entry) tab() (tab Tab, open bool) {
	if e.flight == model.Ready && e.base.Done() {
		return "", false
	}
	switch e.base {
	case model.Unknown:
		return UnknownTab, true
	case model.Differs, model.NotFound, model.Unreadable:
		return CheckTab, true
	case model.Ready:
		return ReadyTab, true
	}
	if c := e.category(); c != model.None {
		return TabOf(c), true
	}
	return TabOf(model.Other), true
}

// TabCount is a tab with its number of open items.
type TabCount struct {
	Tab   Tab
	Count int
}

// Tabs lists the tabs: All, the non-empty categories with the largest first,
// then what was read back and is not right, then Unknown. The counts after All
// add up to it.
func (s *Session) Tabs() []TabCount {
	var tabs []TabCount
	all := 0
	for t, n := range s.byTab {
		if n > 0 {
			tabs = append(tabs, TabCount{t, n})
			all += n
		}
	}
	slices.SortFunc(tabs, func(a, b TabCount) int {
		if ra, rb := tabRank(a.Tab), tabRank(b.Tab); ra != rb {
			return ra - rb
		}
		if a.Count != b.Count {
			return b.Count - a.Count
		}
		return strings.Compare(string(a.Tab), string(b.Tab))
	})
	return append([]TabCount{{AllTab, all}}, tabs...)
}

func tabRank(t Tab) int {
	switch t {
	case CheckTab:
		return 1
	case UnknownTab:
		return 2
	}
	return 0
}

// Items lists the open items of a tab in the order of the request.
func (s *Session) Items(t Tab) []int {
	var items []int
	for e := range s.entries.all() {
		if tab, open := e.tab(); open && (t == AllTab || tab == t) {
			items = append(items, e.index)
		}
	}
	slices.Sort(items)
	return items
}
