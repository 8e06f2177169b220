package screen

// How a screen is added:
//
//  1. Its actions go into tui/keys (a const block each), its scope and its rows
//     of the table into <name>_keys.go here; Table lists it.
//  2. <name>.go has a type that implements Screen. Do changes the screen's own
//     state and returns effects; it never waits. What needs a disk, a long
//     computation or the session for longer than a call is a Work effect, whose
//     answer comes to Apply: the root drops an answer when a newer Work of the
//     same name was started, or when the screen is gone.
//  3. <name>_view.go draws: View gives at most Scene.Height lines of at most
//     Scene.Width cells. The root adds what is below: a rule, the status line
//     (Picture.Left and Right, or what was just said), and the keys, which it
//     takes from the table.
//  4. It is opened by the effect Push{Screen}; q pops it. Refresh is called when
//     it comes on top, when the session or a run has changed, and when size or
//     theme have.
//  5. With a text field open, its first scope is one whose Section has Field
//     set, and it implements Typist: keys that the scope does not bind are text.
//
// Rules: Scene.S is for the length of a call and is never kept. Nobody calls
// Desk.Look inside Do, Apply, Refresh, Facts or View: they already run in it. A
// question is the effect Ask; a yes comes back to Do as the same action with
// Press.Yes set.

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"retriage/model"
	"retriage/themes"
	"retriage/triage"
	"retriage/triage/run"
	"retriage/tui/keys"
)

// Screen is one screen of the stack.
type Screen interface {
	// Scopes is its part of the focus stack, innermost first. The root adds
	// Global and Always.
	Scopes() []keys.Scope
	// Facts fills in what the key table asks about the screen.
	Facts(sc *Scene, st *keys.State)
	// Refresh looks at what may have changed around the screen.
	Refresh(sc *Scene) []Effect
	// Do carries out a press of a key that is bound and on.
	Do(sc *Scene, p keys.Press) []Effect
	// Apply takes the answer of the screen's own Work.
	Apply(sc *Scene, name string, answer any) []Effect
	// View draws.
	View(sc *Scene) Picture
}

// Typist is a screen with a text field.
type Typist interface {
	// Type takes a key that no scope bound while a field was open.
	Type(sc *Scene, key tea.KeyPressMsg) []Effect
	// Paste takes pasted text while a field was open.
	Paste(sc *Scene, text string) []Effect
}

// Opener is a screen whose fields may be on their way.
type Opener interface {
	// Opening says that they are: what is typed meanwhile is for them, and waits.
	Opening() bool
	// GoesOn says that others follow as soon as what is being written is.
	GoesOn() bool
}

// Keeper is a screen that holds what was typed and is in no journal.
type Keeper interface {
	// Keep gives the events that keep it, for when the program is left.
	Keep(sc *Scene) []model.Event
}

// Scene is what a screen is given: the world as it is at one message. A screen
// keeps nothing of it but what it copies.
type Scene struct {
	S        *triage.Session // to read from, for the length of the call
	Now      time.Time       // when the message came
	Width    int             // cells that View may fill
	Height   int             // lines that View may fill
	Theme    themes.Theme
	Name     string // of the input, safe
	RunID    string // of the journal, safe; "" = there is none
	Profile  model.Profile
	ReadOnly string // why nothing may be changed, "" = it may
	NoTarget string // why nothing may be sent, "" = it may
	Asked    bool   // a question or a line of text is open over the screen
	NoAuth   bool   // requests go out without a sign-in
	Lenient  string // why the exit code is 0 whatever is left, "" = that decides
	Face     *Face
	Run      run.Snapshot
	RunOn    bool   // a run or a verification is going on
	Reading  bool   // the input is not read to its end
	HowFar   string // how far reading is, in words, safe
	NoSave   string // why nothing can be exported, "" = it can
	Remote   bool   // the terminal is at the other end of a slow line
}

// Picture is what View gives.
type Picture struct {
	Lines []string
	// Left and Right are the status line: what is selected, where the cursor is.
	Left, Right string
}
