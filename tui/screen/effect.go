package screen

import (
	"context"
	"time"

	"retriage/model"
	"retriage/triage"
	"retriage/triage/run"
	"retriage/tui/dialog"
	"retriage/tui/keys"
)

// Effect is what a screen wants done by the root: the only way out of a screen.
type Effect interface{ effect() }

// Engine is what the root's commands work with. Only they may: its methods wait.
type Engine struct {
	Desk   *run.Desk
	Runner Runner // nil = there is nothing to send with
	// NewKey gives a fresh idempotency key; nil = no fix that needs one is offered.
	NewKey func() string
}

// Runner is the part of run.Runner that the face uses.
type Runner interface {
	Starter
	Steerer
	// Plan makes a plan of a draft; it sends nothing.
	Plan(d triage.Draft, verify bool) (model.Plan, error)
	// Facts is what a plan asks of the request of an item. It reads the input.
	Facts(i int) (f triage.Facts, known bool)
	// Snapshot is everything a screen shows of a run.
	Snapshot() run.Snapshot
}

// Starter begins what goes on for a while. Each returns when it is over, and
// takes a cancelled context as the end of it.
type Starter interface {
	Run(ctx context.Context, p model.Plan) error
	Resume(ctx context.Context) error
	Verify(ctx context.Context, opt run.VerifyOptions) error
	// Refresh reads the credential again and lets the run carry on.
	Refresh(ctx context.Context) error
}

// Steerer changes what is going on.
type Steerer interface {
	Pause()
	Continue()
	Cancel()
	Abort()
	SetRate(perSecond float64)
	ProbeNow()
}

// Commit writes events to the journal and applies them. Until it is done, keys
// wait; they are not lost. Said is the status line when it worked.
type Commit struct {
	Events []model.Event
	Said   string
}

// Work computes something away from the screen and brings it to Apply. A newer
// Work of the same screen and name cancels its context and drops its answer.
type Work struct {
	Name  string
	Do    func(ctx context.Context, e Engine) any
	After time.Duration // how long it waits for a newer one before it begins
}

// Start begins a run, a resume or a verification, of which there is one at a
// time. Do returns when it is over.
type Start struct {
	Do func(ctx context.Context, r Runner) error
}

// Steer calls one of the Runner's controls, which may wait. Said is the status
// line at once; an error takes its place.
type Steer struct {
	Do   func(ctx context.Context, r Runner) error
	Said string
}

// Push opens a screen over this one.
type Push struct{ Screen Screen }

// Replace puts a screen in the place of this one.
type Replace struct{ Screen Screen }

// Pop closes this screen.
type Pop struct{}

// Home closes every screen but the first.
type Home struct{}

// Relay closes this screen and gives the press to the one below, as if its key
// had been pressed there.
type Relay struct{ Press keys.Press }

// Ask opens a dialog over the screen.
type Ask struct{ Dialog dialog.Dialog }

// Say puts a sentence into the status line until the next key.
type Say struct{ Text string }

// Copy puts text on the operator's clipboard, and Said into the status line.
type Copy struct{ Text, Said string }

// Save writes items to a file, in the format that its name ends with.
type Save struct {
	Path  string
	Items []int
}

// Quit leaves the program, asking first when that would stop a run.
type Quit struct{}

func (Commit) effect()  {}
func (Work) effect()    {}
func (Start) effect()   {}
func (Steer) effect()   {}
func (Push) effect()    {}
func (Replace) effect() {}
func (Pop) effect()     {}
func (Home) effect()    {}
func (Relay) effect()   {}
func (Ask) effect()     {}
func (Say) effect()     {}
func (Copy) effect()    {}
func (Save) effect()    {}
func (Quit) effect()    {}
