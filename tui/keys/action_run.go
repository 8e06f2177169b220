package keys

// The actions of the item editor.
const (
	FieldNext  Action = "field.next"
	FieldPrev  Action = "field.previous"
	FieldEnter Action = "field.enter"
	FieldLine  Action = "field.newline"
	FieldBack  Action = "field.revert"
	FieldDrop  Action = "field.drop"
	EditSave   Action = "edit.save"
	EditOn     Action = "edit.save_next"
	EditPut    Action = "edit.suggestion"
	EditClose  Action = "edit.close"
)

// The actions of the fixes for many items.
const (
	FixNext     Action = "fix.next"
	FixPrev     Action = "fix.previous"
	FixAt       Action = "fix.at"
	FixApply    Action = "fix.apply"
	FixProblems Action = "fix.problems"
	FixDiff     Action = "fix.diff"
)

// The actions of a plan.
const (
	PlanGo     Action = "plan.send"
	PlanAsIs   Action = "plan.as_is"
	PlanLeft   Action = "plan.left_out"
	PlanDouble Action = "plan.may_double"
	PlanVerify Action = "plan.read_back"
	PlanSteps  Action = "plan.steps"
	PlanAll    Action = "verify.all"
)

// The actions of a run that is going on.
const (
	RunPause   Action = "run.pause"
	RunSlower  Action = "run.slower"
	RunFaster  Action = "run.faster"
	RunFailed  Action = "run.failed_only"
	RunBrowse  Action = "run.browse"
	RunProbe   Action = "run.probe"
	RunToken   Action = "run.token"
	RunGoOn    Action = "run.continue"
	RunCancel  Action = "run.cancel"
	RunReport  Action = "run.report"
	ReadDetail Action = "read.compare"
	ReadFold   Action = "read.fold"
)
