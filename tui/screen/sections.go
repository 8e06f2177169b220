package screen

import "retriage/tui/keys"

// runSections are the keys of the screens that change items, send them and read
// them back.
func runSections() []keys.Section {
	return []keys.Section{
		{Scope: EditForm, Field: true, Rows: editKeys()},
		{Scope: FixView, Rows: fixKeys()},
		{Scope: SheetView, Rows: sheetKeys()},
	}
}
