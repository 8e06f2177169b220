package run

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"retriage/model"
	"retriage/triage"
	"retriage/triage/retry"
)

// Runner carries out one plan at a time. Its methods may be called from any
// goroutine; Run, Resume and Verify block until they are through.
type Runner struct {
	cfg  Config
	wake chan struct{} // something has changed that a loop may wait for

	mu  sync.Mutex // guards all below, and the job
	job *job       // the newest one, nil = none yet
	log telemetry
}

// job is the state of one Run, Resume or Verify. Runner.mu guards it, but for
// the tasks that a goroutine has taken from the queue.
type job struct {
	ps    *triage.PlanState // nil for a verification alone
	set   model.Settings
	q     *queue // nil until the plan is on disk
	gates gates

	attempt   int64 // the newest one
	chunk     int   // items per request
	preparing int   // chunks between the queue and the wire
	reading   int   // reads under way
	verifying bool
	proven    bool         // a read has found something, so "not there" counts
	lastLook  bool         // nothing can prove it any more: what is not found stays unknown
	proving   map[int]bool // items known to be ok whose read was tried
	resumed   bool
	reads     ReadProgress
	readsFrom time.Time
	settling  time.Time // until when reading back waits for what was sent last

	pending []model.Event // to be written by the loop
	doomed  []*task       // can never be sent; the loop writes that down
	ending  error         // why it ends early, nil = it does not

	started, ended time.Time
	wire           wire
}

// wire holds the contexts of what a job does on the network. A job is one call,
// so they live no longer than the context they come from.
type wire struct {
	sends, reads         context.Context
	stopSends, stopReads context.CancelFunc
	slots                chan struct{}  // one for each request on the wire
	working              sync.WaitGroup // goroutines of the job
}

// New makes a Runner that is idle.
func New(cfg Config) *Runner {
	return &Runner{cfg: cfg, wake: make(chan struct{}, 1)}
}

// Plan freezes a draft: it gives it an id, the settings and the target in words.
// Nothing is written. It returns ErrEmpty for a draft without items.
func (r *Runner) Plan(d triage.Draft, verify bool) (model.Plan, error) {
	if len(d.Items) == 0 {
		return model.Plan{}, ErrEmpty
	}
	pr := r.cfg.Profile
	return model.Plan{
		ID: r.cfg.NewID(), Items: d.Items, Lookups: d.Lookups, MayDouble: d.MayDouble, LeftOut: d.LeftOut, Verify: verify,
		Target:   model.Foreign("POST " + pr.BaseURL + pr.BatchPath).Safe(model.SafeLong),
		Settings: settingsOf(pr),
	}, nil
}

// settingsOf gives the profile's settings, or the defaults if it has none.
func settingsOf(pr model.Profile) model.Settings {
	if pr.Settings.Tries == 0 {
		return model.Defaults()
	}
	return pr.Settings
}

// begin makes a job, unless one is at work.
func (r *Runner) begin(ctx context.Context, set model.Settings) (*job, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.job != nil && r.job.ended.IsZero() {
		return nil, ErrBusy
	}
	j := &job{set: set, gates: newGates(set), chunk: max(set.Chunk, 1), started: r.cfg.Now()}
	if limit := r.cfg.Profile.MaxItems; limit > 0 {
		j.chunk = min(j.chunk, limit)
	}
	if r.cfg.Profile.BatchPath == "" && r.cfg.Profile.ItemPath != "" {
		j.gates.each, j.chunk = true, 1
	}
	j.wire.slots = make(chan struct{}, max(set.Concurrency, 1))
	j.wire.sends, j.wire.stopSends = context.WithCancel(ctx)
	j.wire.reads, j.wire.stopReads = context.WithCancel(ctx)
	j.proving = map[int]bool{}
	r.cfg.Desk.Look(func(s *triage.Session) { j.attempt, j.proven = s.NextAttempt()-1, s.Found() })
	r.job = j
	r.log.begin()
	return j, nil
}

// finish ends a job, whatever came of it, and gives the error that Run returns.
func (r *Runner) finish(j *job, err error) error {
	j.wire.stopSends()
	j.wire.stopReads()
	j.wire.working.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil {
		err = j.ending
	}
	j.ending, j.ended = err, r.cfg.Now()
	r.log.changed()
	return err
}

// Run writes the plan down, sends its items and, if the plan says so, reads them
// back. It returns nil when it went to its end: items that failed are not an
// error. Otherwise it returns a *StoppedError when a rule stopped it,
// ErrCancelled after Cancel or Abort, ErrJournal when the disk failed, or the
// error of ctx. Unless a rule stopped it for good, a plan that did not go to its
// end stays open, for Resume or for another plan.
func (r *Runner) Run(ctx context.Context, p model.Plan) error {
	if len(p.Items) == 0 {
		return ErrEmpty
	}
	j, err := r.begin(ctx, p.Settings)
	if err != nil {
		return err
	}
	return r.finish(j, r.run(ctx, j, p))
}

func (r *Runner) run(ctx context.Context, j *job, p model.Plan) error {
	if err := r.settleLeftovers(ctx); err != nil {
		return err
	}
	if open := r.openPlan(); open != nil {
		if err := r.commit(ctx, endOf(open.Plan.ID, "given up for another plan")); err != nil {
			return err
		}
	}
	if err := r.commit(ctx, model.Event{Type: model.EvPlan, Plan: &p}); err != nil {
		return err
	}
	return r.carry(ctx, j)
}

// Resume carries on after a journal was replayed: what was in flight when its
// process ended is unknown now, and the plan that was not finished is. It
// returns what Run returns, and nil when nothing was left unfinished.
func (r *Runner) Resume(ctx context.Context) error {
	set := settingsOf(r.cfg.Profile)
	if open := r.openPlan(); open != nil {
		if len(open.Plan.Handed) > 0 {
			return ErrHandedIn
		}
		set = open.Plan.Settings
	}
	j, err := r.begin(ctx, set)
	if err != nil {
		return err
	}
	j.resumed = true
	err = r.settleLeftovers(ctx)
	if open := r.openPlan(); err == nil && open != nil && open.Halted {
		err = r.commit(ctx, model.Event{Type: model.EvControl, Control: triage.Resumed})
	}
	if err == nil && r.openPlan() != nil {
		err = r.carry(ctx, j)
	}
	return r.finish(j, err)
}

// openPlan is the plan that the journal has not closed, or nil.
func (r *Runner) openPlan() *triage.PlanState {
	var open *triage.PlanState
	r.cfg.Desk.Look(func(s *triage.Session) { open = s.Running() })
	return open
}

// settleLeftovers writes down that what was in flight when a process ended is
// unknown.
func (r *Runner) settleLeftovers(ctx context.Context) error {
	var evs []model.Event
	r.cfg.Desk.Look(func(s *triage.Session) { evs = leftovers(s) })
	return r.commit(ctx, evs...)
}

// carry takes the open plan, new or resumed, to its end.
func (r *Runner) carry(ctx context.Context, j *job) error {
	ps := r.openPlan()
	if err := r.makeKeys(ctx, ps.Plan.Items); err != nil {
		return err
	}
	q, doomed := r.newQueue(ps)
	r.mu.Lock()
	j.ps, j.q, j.doomed = ps, q, doomed
	r.changed()
	r.mu.Unlock()

	err := r.loop(ctx, j)
	if errors.Is(err, ErrJournal) || ctx.Err() != nil {
		return err
	}
	if err == nil && ps.Plan.Verify {
		if err = r.verify(ctx, j, VerifyOptions{}); errors.Is(err, ErrJournal) || ctx.Err() != nil {
			return err
		}
	}
	last := endOf(ps.Plan.ID, endWords(err))
	if resumable(err) {
		last = model.Event{Type: model.EvControl, Control: triage.Halted}
	}
	if e := r.commit(ctx, last); e != nil {
		return e
	}
	return err
}

// resumable says whether a plan that ended with err may go on later as it is:
// then it is not closed.
func resumable(err error) bool {
	var stop *StoppedError
	switch {
	case errors.Is(err, ErrCancelled):
		return true
	case errors.As(err, &stop):
		return stop.Kind == "sign_in" || stop.Kind == "unreachable" || stop.Kind == "send"
	}
	return false
}

func endOf(plan, why string) model.Event {
	return model.Event{Type: model.EvEnd, End: &model.EndEvent{Plan: plan, Why: why}}
}

func endWords(err error) string {
	if err == nil {
		return "done"
	}
	return err.Error()
}

// commit makes events durable. A disk that takes no events ends the job: J1 and
// J2 of the journal's rules cannot be kept any more. The events are written
// even when ctx has ended, since what they say has happened.
func (r *Runner) commit(ctx context.Context, evs ...model.Event) error {
	if len(evs) == 0 {
		return nil
	}
	now := r.cfg.Now()
	for k := range evs {
		evs[k].At = now
	}
	if err := r.cfg.Desk.Commit(context.WithoutCancel(ctx), evs...); err != nil {
		return journalError(err)
	}
	return nil
}

// Pause holds the run: nothing more is sent or read, what is in flight is
// awaited.
func (r *Runner) Pause() {
	r.control("pause", func(j *job) bool {
		if j.gates.pause.Kind != "" {
			return false
		}
		j.gates.pause = Pause{Kind: "operator", Text: "Paused. Nothing is sent; what was in flight is awaited."}
		return true
	})
}

// Continue ends a pause of any kind: after a stop rule the next step begins.
func (r *Runner) Continue() {
	r.control("resume", func(j *job) bool {
		was := j.gates.pause
		j.gates.pause = Pause{}
		return was.Kind != ""
	})
}

// Cancel stops the run once what is in flight has been answered. What was not
// sent stays in the plan, for Resume or for another plan.
func (r *Runner) Cancel() { r.control("cancel", (*job).cancel) }

// Abort is Cancel that does not wait: what is in flight becomes unknown.
func (r *Runner) Abort() {
	r.control("abort", func(j *job) bool {
		j.cancel()
		j.wire.stopSends()
		return true
	})
}

func (j *job) cancel() bool {
	if j.ending != nil {
		return false
	}
	j.end(ErrCancelled)
	return true
}

// end lets nothing more leave. Reads are given up: they change nothing.
func (j *job) end(err error) {
	if j.ending == nil {
		j.ending = err
	}
	j.gates.draining = true
	j.wire.stopReads()
}

// SetRate changes the cap on requests per second; 0 or less does nothing.
func (r *Runner) SetRate(perSecond float64) {
	if !(perSecond > 0) {
		return
	}
	r.control("rate "+strconv.FormatFloat(perSecond, 'g', -1, 64), func(j *job) bool {
		j.gates.pace.SetRate(perSecond)
		return true
	})
}

// ProbeNow makes an open breaker try one request at once. A wait that the
// server has asked for stays.
func (r *Runner) ProbeNow() {
	r.control("probe", func(j *job) bool {
		state, _ := j.gates.breaker.State()
		j.gates.breaker.Hurry(r.cfg.Now())
		return state == retry.Open
	})
}

// control changes the job at work, if there is one, and has it written down.
func (r *Runner) control(word string, f func(*job) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.job == nil || !r.job.ended.IsZero() || !f(r.job) {
		return
	}
	r.job.pending = append(r.job.pending, model.Event{Type: model.EvControl, Control: word})
	r.changed()
}

// Refresh reads the credential again and, if that went well, carries on with a
// run that was paused because it was refused.
func (r *Runner) Refresh(ctx context.Context) error {
	if f, ok := r.cfg.Sender.(Refresher); ok {
		if err := f.Refresh(ctx); err != nil {
			return err
		}
	}
	r.mu.Lock()
	if r.job != nil && r.job.ended.IsZero() {
		r.job.pending = append(r.job.pending, model.Event{Type: model.EvToken})
	}
	r.mu.Unlock()
	r.Continue()
	return nil
}

// changed tells the loop and the faces that something is new. Runner.mu is held.
func (r *Runner) changed() {
	r.log.changed()
	select {
	case r.wake <- struct{}{}:
	default:
	}
}
