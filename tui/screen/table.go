package screen

import (
	"retriage/tui/dialog"
	"retriage/tui/keys"
)

// The scopes that several screens share.
const (
	Global keys.Scope = "everywhere"
	Rows   keys.Scope = "rows"
	Batch  keys.Scope = "batch"
	CopyTo keys.Scope = "copy"
)

// Table is all keys of the program.
func Table() keys.Table {
	t := keys.Table{
		{Scope: keys.Always, Rows: alwaysKeys()},
		{Scope: Global, Rows: globalKeys()},
		{Scope: Rows, Rows: rowKeys()},
		{Scope: Batch, Rows: batchKeys()},
		{Scope: CopyTo, Rows: copyKeys()},
		{Scope: Overview, Rows: overviewKeys()},
		{Scope: List, Rows: listKeys()},
		{Scope: FilterField, Field: true, Rows: filterKeys()},
		{Scope: Causes, Rows: causesKeys()},
		{Scope: HelpField, Field: true, Rows: helpKeys()},
		{Scope: DiffView, Rows: diffKeys()},
	}
	t = append(t, runSections()...)
	return append(t, dialog.Sections()...)
}

func alwaysKeys() []keys.Binding {
	return []keys.Binding{
		{Keys: []string{"ctrl+c"}, Action: keys.Interrupt, Text: "stop what is going on; twice: leave", Group: "LEAVE"},
		{Keys: []string{"ctrl+z"}, Action: keys.Suspend, Text: "to the shell; fg comes back", Group: "LEAVE"},
		{Keys: []string{"ctrl+l"}, Action: keys.Redraw, Text: "draw the screen again", Group: "LEAVE"},
	}
}

func globalKeys() []keys.Binding {
	return []keys.Binding{
		{Keys: []string{"h", "left", "backspace"}, Action: keys.Back, Text: "back", Group: "LEAVE",
			Off: func(st keys.State) string {
				if st.Depth == 0 {
					return "this is the first screen; q leaves"
				}
				return ""
			}},
		{Keys: []string{"q"}, Action: keys.Leave, Text: "back; on the first screen: leave", Group: "LEAVE", FootOf: func(st keys.State) string {
			if st.Depth == 0 {
				return "quit"
			}
			return "back"
		}},
		{Keys: []string{"t"}, Action: keys.Plain, Text: "plain text, to be selected and scrolled by the terminal; any key returns", Group: "TAKE AWAY"},
		{Keys: []string{"?", ":", "f1", "ctrl+p"}, Action: keys.Help, Text: "this help; typing searches it", Foot: "help", Group: "LEAVE"},
	}
}

func rowKeys() []keys.Binding {
	return []keys.Binding{
		{Keys: []string{"j", "down"}, Action: keys.Down, Text: "next row", Group: "MOVE"},
		{Keys: []string{"k", "up"}, Action: keys.Up, Text: "previous row", Group: "MOVE"},
		{Keys: []string{"g", "home"}, Action: keys.First, Text: "first row", Group: "MOVE"},
		{Keys: []string{"G", "end"}, Action: keys.Last, Text: "last row", Group: "MOVE"},
		{Keys: []string{"ctrl+d", "pgdown"}, Action: keys.PageDown, Text: "half a page down", Group: "MOVE"},
		{Keys: []string{"ctrl+u", "pgup"}, Action: keys.PageUp, Text: "half a page up", Group: "MOVE"},
	}
}

func batchKeys() []keys.Binding {
	return []keys.Binding{
		{Keys: []string{"]"}, Action: keys.TabNext, Text: "next tab", Group: "MOVE"},
		{Keys: []string{"["}, Action: keys.TabPrev, Text: "previous tab", Group: "MOVE"},
		{Keys: []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}, Show: "0-9", Action: keys.TabAt, Foot: "tab",
			Text: "the tab of that number; 0 is all", Group: "MOVE"},
		{Keys: []string{"/"}, Action: keys.Filter, Text: "filter, e.g. price !sku status:5xx field:/price state:edited",
			Foot: "filter", Group: "FIND"},
		{Keys: []string{`\`}, Action: keys.FilterToggle, Text: "filter off and on", Group: "FIND", Off: func(st keys.State) string {
			if !st.Filter {
				return "there is no filter; / sets one"
			}
			return ""
		}},
		{Keys: []string{"c"}, Action: keys.Causes, Text: "causes: failures with one message shape; again: next grouping",
			Foot: "causes", Group: "FIND"},
		{Keys: []string{"u"}, Action: keys.Undo, Text: "undo: an edit, a fix, a selection step", Foot: "undo", Keep: true, Group: "CHANGE here",
			Off: func(st keys.State) string { return st.NoUndo }},
		{Keys: []string{"ctrl+r"}, Action: keys.Redo, Text: "redo", Group: "CHANGE here",
			Off: func(st keys.State) string { return st.NoRedo }},
		{Keys: []string{"R"}, Action: keys.PlanRetry, Text: "plan a retry of the selection, else of what is ready; nothing is sent yet",
			FootOf: planWord, Group: "SEND", Danger: true, Off: sendOff},
		{Keys: []string{"V"}, Action: keys.VerifyPlan, Text: "verify: read items back, change nothing", Foot: "verify",
			Group: "SEND", Danger: true, Off: sendOff},
		{Keys: []string{"s"}, Action: keys.RunReport, Text: "summary: the report, as it stands now", Foot: "summary", Group: "FIND"},
		{Keys: []string{"y"}, Action: keys.CopyMenu, Text: "copy: y the item, i its id, e its error", Group: "TAKE AWAY", Off: noRow},
		{Keys: []string{"x"}, Action: keys.Export, Text: "export the selection, else what is shown: .json .jsonl .csv .md", Foot: "export",
			Group: "TAKE AWAY", Off: func(st keys.State) string {
				if st.NoSave == "" {
					return noRow(st)
				}
				return st.NoSave
			}},
		{Keys: []string{"m"}, Action: keys.Note, Text: "a note, kept in the report", Group: "CHANGE here",
			Off: func(st keys.State) string { return st.ReadOnly }},
	}
}

func planWord(st keys.State) string {
	if st.Running {
		return "show the run"
	}
	return "retry plan"
}

func sendOff(st keys.State) string {
	switch {
	case st.Running:
		return ""
	case st.ReadOnly != "":
		return st.ReadOnly
	case st.Reading:
		return "still reading the input: the plan has to know all of it"
	}
	return st.NoTarget
}

func noRow(st keys.State) string {
	if st.Rows == 0 {
		return "there is no item here"
	}
	return ""
}

func copyKeys() []keys.Binding {
	return []keys.Binding{
		{Keys: []string{"y"}, Show: "yy", Action: keys.CopyItem, Text: "copy the item as it would be sent", Foot: "item", Group: "TAKE AWAY"},
		{Keys: []string{"i"}, Show: "yi", Action: keys.CopyID, Text: "copy the ids of the selection, else of this item", Foot: "id", Group: "TAKE AWAY"},
		{Keys: []string{"e"}, Show: "ye", Action: keys.CopyError, Text: "copy the error of the item", Foot: "error", Group: "TAKE AWAY"},
	}
}
