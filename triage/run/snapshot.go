package run

import (
	"errors"
	"time"

	"retriage/model"
	"retriage/triage"
	"retriage/triage/retry"
)

// Snapshot is the run as it stands now, or as it ended. It costs memory access
// only.
func (r *Runner) Snapshot() Snapshot {
	r.mu.Lock()
	defer r.mu.Unlock()
	j := r.job
	if j == nil {
		return Snapshot{Phase: Idle, Left: -1}
	}
	now := r.cfg.Now()
	if !j.ended.IsZero() {
		now = j.ended
	}
	state, until := j.gates.breaker.State()
	s := Snapshot{
		Cap: j.gates.pace.Rate(), InFlight: len(j.wire.slots), Hold: j.gates.hold, Pause: j.gates.pause,
		Started: j.started, Ended: j.ended, Left: -1, Reads: j.reads,
		Speed: r.log.speed(now), Lines: r.log.newest(),
		Breaker: Breaker{State: string(state), Last: j.gates.breaker.Last(), Size: j.set.BreakerSize, Opens: j.gates.breaker.Opens(), Until: until},
	}
	if j.settling.After(s.Hold.Until) {
		s.Hold = Hold{Until: j.settling, Why: atWork}
	}
	if !s.Hold.Until.After(now) {
		s.Hold = Hold{}
	}
	s.Rate = rate(s.Speed, now.Sub(j.started))
	s.Phase = j.phase(now)
	if j.ending != nil && !errors.Is(j.ending, ErrCancelled) && !j.ended.IsZero() {
		s.Err = model.Foreign(j.ending.Error()).Safe(model.SafeLong)
	}
	s.Stop = j.stopKind()
	j.plan(&s)
	r.cfg.Desk.Look(func(ses *triage.Session) {
		if j.ps != nil {
			s.Progress, s.Requests = ses.Progress(j.ps), j.ps.Requests
		}
		s.Generation = r.log.generation + ses.Version()
	})
	s.Left = r.left(&s, now)
	return s
}

// rate is how many items were finished per second over the last seconds.
func rate(speed []int, since time.Duration) float64 {
	n := 0
	for _, k := range speed[len(speed)-rateWindow:] {
		n += k
	}
	return float64(n) / min(max(since.Seconds(), 1), rateWindow)
}

// plan adds what the snapshot says of the plan and its steps.
func (j *job) plan(s *Snapshot) {
	if j.ps != nil {
		s.PlanID = j.ps.Plan.ID
	}
	if j.q == nil {
		return
	}
	s.Step = min(j.q.step, max(len(j.q.steps)-1, 0))
	for k, size := range j.q.steps {
		st := StepState{Size: size, Done: j.q.open[k] == 0}
		if tally := j.q.tally[k]; tally != nil {
			st.Failed = tally.failed
		}
		s.Steps = append(s.Steps, st)
	}
}

// phase is what the job is doing as a whole.
func (j *job) phase(now time.Time) Phase {
	state, _ := j.gates.breaker.State()
	switch {
	case !j.ended.IsZero():
		return Ended
	case j.gates.draining:
		return Draining
	case j.gates.pause.Kind != "":
		return Paused
	case j.verifying:
		return Verifying
	case j.gates.hold.Until.After(now) || state != retry.Closed:
		return Held
	case j.q != nil && len(j.wire.slots) == 0 && (j.q.onlyLookups() || j.reading > 0 && !j.q.sendable(now)):
		return LookingUp
	}
	return Running
}

// estimateFrom is how many results an estimate needs.
const estimateFrom = 5

// left estimates how long the job still takes, a wait that holds it included;
// negative = no estimate yet. The pace is that of the whole job so far, which
// swings less than that of the last seconds.
func (r *Runner) left(s *Snapshot, now time.Time) time.Duration {
	done, todo := r.log.total, 0
	switch {
	case s.Phase == Ended:
		return 0
	case s.Phase == Verifying || s.Reads.Total > 0:
		done, todo = s.Reads.Done, s.Reads.Total-s.Reads.Done
	case len(s.Progress) > 0:
		p := s.Progress[0]
		todo = p.Left + p.Waiting + p.InFlight
	}
	since := now.Sub(s.Started)
	if s.Reads.Total > 0 {
		since = now.Sub(r.job.readsFrom)
	}
	if done < estimateFrom || since <= 0 {
		return -1
	}
	d := time.Duration(float64(since) / float64(done) * float64(todo))
	if s.Hold.Until.After(now) {
		d += s.Hold.Until.Sub(now)
	}
	return d
}

// stopKind is what Snapshot.Stop says.
func (j *job) stopKind() string {
	var stop *StoppedError
	switch {
	case errors.Is(j.ending, ErrJournal):
		return "journal"
	case errors.As(j.ending, &stop):
		return stop.Kind
	case j.gates.pause.Kind != "operator":
		return j.gates.pause.Kind
	}
	return ""
}
