package screen

import "retriage/tui/keys"

// Overview is the scope of the first screen.
const Overview keys.Scope = "overview"

func overviewKeys() []keys.Binding {
	return []keys.Binding{
		{Keys: []string{"enter", "l", "right"}, Action: keys.Open, Text: "open the category", Foot: "open", Group: "MOVE", Off: noRow},
	}
}
