package screen

import "retriage/tui/keys"

// runSections are the keys of the screens that change items, send them and read
// them back.
func runSections() []keys.Section {
	return []keys.Section{
		{Scope: EditForm, Field: true, Rows: editKeys()},
		{Scope: FixView, Rows: fixKeys()},
		{Scope: PlanView, Rows: planKeys()},
		{Scope: LiveView, Rows: liveKeys()},
		{Scope: VerifyView, Rows: verifyKeys()},
		{Scope: ReportView, Rows: reportKeys()},
		{Scope: SheetView, Rows: sheetKeys()},
	}
}
