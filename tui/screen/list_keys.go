package screen

import (
	"retriage/model"
	"retriage/tui/keys"
)

// The scopes of the list of items.
const (
	List        keys.Scope = "list"
	FilterField keys.Scope = "filter"
)

func listKeys() []keys.Binding {
	change := func(st keys.State) string {
		if st.ReadOnly != "" {
			return st.ReadOnly
		}
		return noRow(st)
	}
	return []keys.Binding{
		{Keys: []string{"space"}, Action: keys.Select, Text: "select, and down", Foot: "select", Keep: true, Group: "SELECT", Off: noRow},
		{Keys: []string{"v", "shift+down", "shift+up"}, Action: keys.SelectRange, Text: "range: move, then any action; v again keeps it", Foot: "range", Group: "SELECT", Off: noRow},
		{Keys: []string{"a"}, Action: keys.SelectAll, Text: "select all that is shown, or none", Foot: "all", Group: "SELECT", Off: noRow},
		{Keys: []string{"i"}, Action: keys.SelectInvert, Text: "turn the selection of what is shown round", Group: "SELECT", Off: noRow},
		{Keys: []string{"="}, Action: keys.SelectCause, Text: "select all with the same cause", Foot: "same cause", Group: "SELECT", Off: noRow},
		{Keys: []string{"e"}, Action: keys.Edit, Text: "edit: a form for one item, a fix for many", Keep: true, Group: "CHANGE here", Off: change,
			FootOf: func(st keys.State) string {
				if st.Chosen > 1 {
					return "edit " + model.Number(st.Chosen)
				}
				return "edit"
			}},
		{Keys: []string{"b"}, Action: keys.Fix, Text: "bulk fix: one rule for many, previewed", Foot: "fix", Keep: true, Group: "CHANGE here", Off: change},
		{Keys: []string{"-"}, Action: keys.LeaveOut, Text: "leave out, or take back in", Group: "CHANGE here", Off: change,
			FootOf: func(st keys.State) string {
				if st.LeftOut {
					return "take back in"
				}
				return "leave out"
			}},
		{Keys: []string{"f"}, Action: keys.Refile, Text: "file under another cause", Group: "CHANGE here", Off: change},
		{Keys: []string{"d"}, Action: keys.Diff, Text: "diff: as it was, as it would be sent", Group: "FIND", Off: noRow},
		{Keys: []string{"D"}, Action: keys.DropEdits, Text: "drop my edits; asks first", Group: "CHANGE here", Danger: true, Off: change},
		{Keys: []string{"}"}, Action: keys.CauseNext, Text: "next cause", Group: "MOVE", Off: noRow},
		{Keys: []string{"{"}, Action: keys.CausePrev, Text: "previous cause", Group: "MOVE", Off: noRow},
		{Keys: []string{"J"}, Action: keys.DetailDown, Text: "detail down", Group: "MOVE"},
		{Keys: []string{"K"}, Action: keys.DetailUp, Text: "detail up", Group: "MOVE"},
		{Keys: []string{"p"}, Action: keys.DetailToggle, Text: "detail on and off", Group: "MOVE"},
		{Keys: []string{"+", "enter", "l", "right"}, Action: keys.DetailZoom, Text: "detail over the whole screen, and back", Group: "MOVE", Off: noRow},
		{Keys: []string{"esc"}, Action: keys.Escape, Text: "one step back: zoom, range, selection, filter", Group: "SELECT"},
	}
}

func filterKeys() []keys.Binding {
	return []keys.Binding{
		{Keys: []string{"enter"}, Action: keys.Accept, Text: "keep the filter", Foot: "keep", Group: "FIND"},
		{Keys: []string{"esc"}, Action: keys.Cancel, Text: "the filter as it was before", Foot: "back to what was", Group: "FIND"},
		{Keys: []string{"up"}, Action: keys.Up, Text: "previous row", Group: "FIND"},
		{Keys: []string{"down"}, Action: keys.Down, Text: "next row", Group: "FIND"},
	}
}
