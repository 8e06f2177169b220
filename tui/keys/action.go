package keys

// The actions of every screen.
const (
	Help      Action = "help"
	Leave     Action = "leave"
	Back      Action = "back"
	Interrupt Action = "interrupt"
	Suspend   Action = "suspend"
	Redraw    Action = "redraw"
	Plain     Action = "plain"
)

// The actions on rows.
const (
	Down     Action = "row.down"
	Up       Action = "row.up"
	First    Action = "row.first"
	Last     Action = "row.last"
	PageDown Action = "page.down"
	PageUp   Action = "page.up"
	Open     Action = "open"
)

// The actions on the batch as a whole.
const (
	TabNext      Action = "tab.next"
	TabPrev      Action = "tab.prev"
	TabAt        Action = "tab.at"
	Filter       Action = "filter"
	FilterToggle Action = "filter.toggle"
	Escape       Action = "escape"
	Causes       Action = "causes"
	Undo         Action = "undo"
	Redo         Action = "redo"
	Note         Action = "note"
	PlanRetry    Action = "retry.plan"
	VerifyPlan   Action = "verify.plan"
	CopyMenu     Action = "copy"
	Export       Action = "export"
)

// The actions on the items of a list.
const (
	Select       Action = "select"
	SelectRange  Action = "select.range"
	SelectAll    Action = "select.all"
	SelectInvert Action = "select.invert"
	SelectCause  Action = "select.cause"
	CauseNext    Action = "cause.next"
	CausePrev    Action = "cause.prev"
	DetailDown   Action = "detail.down"
	DetailUp     Action = "detail.up"
	DetailToggle Action = "detail.toggle"
	DetailZoom   Action = "detail.zoom"
	Edit         Action = "edit"
	Fix          Action = "fix"
	LeaveOut     Action = "leave_out"
	Refile       Action = "refile"
	Diff         Action = "diff"
	DropEdits    Action = "drop_edits"
)

// The actions of what opens over a screen.
const (
	Accept       Action = "accept"
	Cancel       Action = "cancel"
	AnswerYes    Action = "answer.yes"
	CopyID       Action = "copy.id"
	CopyError    Action = "copy.error"
	CopyItem     Action = "copy.item"
	ResumeVerify Action = "resume.verify"
	ResumeGo     Action = "resume.continue"
	ResumePlan   Action = "resume.plan"
	ResumeLook   Action = "resume.look"
)
