package keys

// State is what the table may ask about a screen: plain facts, gathered before
// a lookup. A field that no screen sets keeps its zero value.
type State struct {
	ReadOnly string // why nothing may be changed, "" = it may
	NoTarget string // why nothing may be sent, "" = it may
	NoSave   string // why nothing can be exported, "" = it can
	Reading  bool   // the input is not read to its end
	Running  bool   // a run is going on
	Held     bool   // the operator has paused it
	Depth    int    // screens under this one

	Finding  bool // the rows that keys act on are still being looked for
	Rows     int  // rows to move over
	Chosen   int  // items that an action here would take: the selection, else the row under the cursor
	Selected int  // selected items, hidden ones included
	Edited   int  // of Chosen, with edits of ours
	Moving   int  // of Chosen, held by a run
	LeftOut  bool // the item under the cursor is left out
	Fixes    int  // ready-made fixes for the cause under the cursor
	Group    int  // items of the cause under the cursor
	Filter   bool // a filter is set, on or off
	Hidden   bool // the filter is switched off

	Enter  string            // what enter does with the line of text, "" = it keeps it
	NoUndo string            // why there is nothing to undo, "" = there is
	NoRedo string            // why there is nothing to redo, "" = there is
	Off    map[Action]string // what a screen itself forbids, and why
}
