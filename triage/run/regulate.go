package run

import (
	"fmt"
	"time"

	"retriage/model"
	"retriage/triage/retry"
)

// regulate lets a reply act on the run as a whole: on the pace, the breaker, a
// hold, a stop. Runner.mu is held.
func (r *Runner) regulate(j *job, p parcel, reply model.Reply, ru ruling) {
	now := r.cfg.Now()
	j.gates.pace.Limit(reply.Limit)
	if !ru.hold.IsZero() && !ru.parked && j.gates.heldUntil(ru.hold, holdWords(reply)) {
		r.note(j, model.EvWait, "throttled", ru.hold, j.gates.hold.Why)
	}
	switch state := j.gates.record(reply.Fault, reply.Kind == model.Answered, p.probe, now); state {
	case "":
	case retry.Open:
		_, until := j.gates.breaker.State()
		failed, last := j.gates.lastFailed()
		r.note(j, model.EvBreaker, "open", until, fmt.Sprintf("breaker open: %d of the last %d requests failed; tries 1 item then", failed, last))
	default:
		r.note(j, model.EvBreaker, string(state), time.Time{}, "breaker closed: the server answers again")
	}
	r.halt(j, p, reply, ru)
}

// halt stops the run where going on makes no sense. Nothing is burnt: what was
// refused for one of these reasons is as it was. Runner.mu is held.
func (r *Runner) halt(j *job, p parcel, reply model.Reply, ru ruling) {
	why := reply.Why.Safe(model.SafeLong)
	switch {
	case j.ending != nil:
	case ru.parked:
		j.end(&StoppedError{Kind: "parked", Why: parkedWords(ru.hold, j.set.MaxWait)})
	case reply.Fault == model.SignIn:
		r.stop(j, "sign_in", signInWords(reply.Status, why))
	case reply.Fault == model.BadTLS:
		r.refused(j, "tls", why)
	case reply.Fault == model.Redirected:
		r.refused(j, "redirected", why)
	case reply.Fault == model.Refused && p.mode != model.Alone:
		r.refused(j, "refused", refusedWords(reply.Status, why))
	case j.gates.away():
		r.away(j, why)
	}
}

// away stops a run whose server is not there, once. Runner.mu is held.
func (r *Runner) away(j *job, why string) {
	if j.ending == nil && j.gates.pause.Kind == "" {
		r.stop(j, "unreachable", "The server does not answer, and seems to be away for longer: "+why+". The rest was not sent.")
	}
}

// signInWords says that the credential was refused, or could not even be used.
func signInWords(status int, why string) string {
	if status == 0 {
		return "Not signed in: " + why + "."
	}
	return "The server does not accept the sign-in: " + why + ". Nothing more was sent."
}

// refusedWords says of a call that was refused as a whole what to look at.
func refusedWords(status int, why string) string {
	if status == 404 || status == 405 {
		return "There is no batch endpoint at this address: " + why + ". Nothing more was sent; check --base-url and --batch-path."
	}
	return "The server refuses the call as a whole: " + why + ". Nothing more was sent."
}

// refused ends the run for good. Runner.mu is held.
func (r *Runner) refused(j *job, kind, why string) {
	j.gates.pause = Pause{Kind: kind, Text: why}
	j.end(&StoppedError{Kind: kind, Why: why})
	r.log.add(Line{At: r.cfg.Now(), Item: -1, Text: "stopped: " + why})
}

// note writes a wait or a change of the breaker to the journal and the log.
// Runner.mu is held.
func (r *Runner) note(j *job, kind model.EventType, state string, until time.Time, why string) {
	w := &model.WaitEvent{State: state, Why: why}
	if !until.IsZero() {
		w.Until = &until
	}
	j.pending = append(j.pending, model.Event{Type: kind, Wait: w})
	r.log.add(Line{At: r.cfg.Now(), Item: -1, State: model.Waiting, Text: why})
}

// holdWords says why the whole run waits.
func holdWords(reply model.Reply) string {
	why := fmt.Sprintf("%d", reply.Status)
	if reply.RetryAfter >= 0 {
		return why + ", Retry-After " + model.Duration(reply.RetryAfter)
	}
	return why + ", no Retry-After: backing off"
}

// lastFailed is how many of the newest requests failed, and of how many.
func (g *gates) lastFailed() (failed, of int) {
	last := g.breaker.Last()
	for _, f := range last {
		if f {
			failed++
		}
	}
	return failed, len(last)
}
