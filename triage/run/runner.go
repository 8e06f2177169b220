package run

import (
	"context"
	"fmt"
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
	wake chan struct{} // something has changed that the loop may wait for

	mu  sync.Mutex // guards all below, and the job
	job *job       // the newest one, nil = none yet
	log telemetry
}

// job is the state of one Run, Resume or Verify. Runner.mu guards it, but for
// the tasks that a goroutine has taken from its queue.
type job struct {
	ps    *triage.PlanState // nil for a verification alone
	set   model.Settings
	q     *queue // nil until the plan is on disk
	gates gates

	attempt   int64 // the newest one
	chunk     int   // items per request
	sending   int   // requests between leaving the queue and their reply
	reading   int   // reads under way
	working   sync.WaitGroup
	verifying bool
	reads     ReadProgress

	pending []model.Event // to be written by the loop
	doomed  []*task       // can never be sent; the loop writes that down
	ending  error         // why it ends early, nil = it does not

	stopSends, stopReads context.CancelFunc
	started, ended       time.Time
}

// New makes a Runner that is idle.
func New(cfg Config) *Runner {
	return &Runner{cfg: cfg, wake: make(chan struct{}, 1)}
}

// Plan freezes a draft: it gives it an id, the settings and the target's words.
// Nothing is written. It returns ErrEmpty for a draft without items.
func (r *Runner) Plan(d triage.Draft, verify bool) (model.Plan, error) {
	if len(d.Items) == 0 {
		return model.Plan{}, ErrEmpty
	}
	pr := r.cfg.Profile
	return model.Plan{
		ID: r.cfg.NewID(), Items: d.Items, Lookups: d.Lookups, LeftOut: d.LeftOut,
		Target: model.Foreign("POST " + pr.BaseURL + pr.BatchPath).Safe(model.SafeLong), Settings: settingsOf(pr), Verify: verify,
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
func (r *Runner) begin(ctx context.Context, set model.Settings) (*job, context.Context, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.job != nil && r.job.ended.IsZero() {
		return nil, nil, ErrBusy
	}
	j := &job{set: set, gates: newGates(set), chunk: set.Chunk, started: r.cfg.Now()}
	if limit := r.cfg.Profile.MaxItems; limit > 0 && (limit < j.chunk || j.chunk <= 0) {
		j.chunk = limit
	}
	var ctxs jobContexts
	ctxs.sends, j.stopSends = context.WithCancel(ctx)
	ctxs.reads, j.stopReads = context.WithCancel(ctx)
	r.cfg.Desk.Look(func(s *triage.Session) { j.attempt = s.NextAttempt() - 1 })
	r.job = j
	r.log.begin(r.cfg.Now())
	return j, context.WithValue(ctx, jobKey{}, ctxs), nil
}
