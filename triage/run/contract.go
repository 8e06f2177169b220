package run

import (
	"context"
	"time"

	"retriage/model"
	"retriage/triage"
)

// Sender puts chunks on the wire. Prepare is pure; the Runner journals between
// the two. Send returns an error only when nothing can have been sent; whatever
// else happens is a Reply.
type Sender interface {
	Prepare(model.Chunk) (model.Request, error)
	Send(ctx context.Context, r model.Request) (model.Reply, error)
}

// Prober reads single items back. A Reading carries every fault but a cancelled
// context.
type Prober interface {
	Probe(ctx context.Context, p model.Probe) (model.Reading, error)
}

// Addresser knows, without reading, whether an item can be read back. A Prober may
// implement it.
type Addresser interface {
	Readable(p model.Probe) bool
}

// Refresher reads a credential again, for a run that was paused because it was
// refused. A Sender may implement it.
type Refresher interface {
	Refresh(ctx context.Context) error
}

// SizeError is how a Sender's Prepare says that a chunk is too large for the
// target, so that the Runner splits it: it is what errors.As looks for.
type SizeError interface {
	error
	TooLarge() (size, max int)
}

// ItemError is how a Sender's Prepare says which item of a chunk, by its place in
// the batch, no request can be made of: the others go without it.
type ItemError interface {
	error
	Item() int
}

// Journal is the part of journal.Log that a Desk needs.
type Journal interface {
	Append(ctx context.Context, evs ...model.Event) ([]model.Event, error)
	OnDurable(f func(model.Event))
	Err() error
}

// Phase is what a run is doing as a whole.
type Phase string

// The phases.
const (
	Idle      Phase = "idle"
	LookingUp Phase = "looking up"
	Running   Phase = "running"
	Held      Phase = "waiting"  // nothing may be sent before Snapshot.Held.Until
	Paused    Phase = "paused"   // by the operator, a stop rule or a refused sign-in: see Snapshot.Pause
	Draining  Phase = "stopping" // no new sends; what is in flight is awaited
	Verifying Phase = "verifying"
	Ended     Phase = "ended"
)

// Pause says why a run is paused and what can be done.
type Pause struct {
	Kind string // "operator", or what ended the run: "journal" or the Kind of a StoppedError
	Text string // one or two safe sentences
}

// Hold is a wait that the server, a backoff or the breaker imposes.
type Hold struct {
	Until time.Time // zero = no wait
	Why   string    // safe, e.g. "429, Retry-After 8 s"
}

// Breaker is the circuit breaker as a screen shows it.
type Breaker struct {
	State string // "closed", "open", "half open"
	Last  []bool // outcomes of the newest requests, oldest first; true = failed
	Size  int    // outcomes that it looks at
	Opens int    // how many failures of them open it
	Until time.Time
}

// Line is one line of the live log.
type Line struct {
	At    time.Time
	Item  int // -1 = about the run
	ID    model.ID
	State model.State
	// Status and Code are the server's; Text is ours, safe.
	Status int
	Code   model.Untrusted
	Text   string
	Try    int
	Tries  int
}

// StepState is one canary step.
type StepState struct {
	Size   int
	Done   bool
	Failed int
}

// Snapshot is everything a face needs to draw a run. It is a value: nothing in
// it changes after it was taken.
type Snapshot struct {
	Generation uint64 // rises with every change
	Phase      Phase
	PlanID     string
	Progress   []triage.Progress // in total, then by tab
	Steps      []StepState
	Step       int     // index into Steps
	Rate       float64 // items finished per second, over the last 10 s
	Cap        float64 // requests per second allowed
	InFlight   int     // requests on the wire
	Hold       Hold
	Pause      Pause
	Breaker    Breaker
	Started    time.Time
	Ended      time.Time
	Left       time.Duration // estimate, negative = no estimate yet
	Speed      []int         // items finished in each of the last 30 seconds, oldest first
	Lines      []Line        // newest first, at most 200
	Requests   int           // that left this machine under the plan, resumed or not
	Reads      ReadProgress
	Err        string // what ended it, safe, "" = nothing went wrong
	// Stop is what paused or ended it against the operator's will: "journal" or the
	// Kind of a StoppedError, "" = nothing did.
	Stop string
}

// ReadProgress is how far reading back has come. Done is the sum of the parts.
type ReadProgress struct {
	Total        int
	Done         int
	Confirmed    int
	Differs      int
	NotFound     int
	Unreadable   int
	Unverifiable int
	Unknown      int
	Sampled      string // "" = everything is read; else the sample in words
	// AsExpected counts failed items that are, as expected, not there.
	AsExpected int
}
