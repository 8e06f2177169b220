package screen

import (
	"context"

	"retriage/model"
	"retriage/triage/run"
	"retriage/tui/keys"
)

// Live is a run while it goes on: everything on it comes from the snapshot, and
// its counts add up to what the plan froze.
type Live struct {
	failedOnly bool // of the log
}

// NewLive shows the run that goes on, or the one that ended last.
func NewLive() *Live { return &Live{} }

// openLive opens the run.
func openLive(*Scene) []Effect { return []Effect{Push{NewLive()}} }

// Scopes implements Screen.
func (l *Live) Scopes() []keys.Scope { return []keys.Scope{LiveView} }

// Facts implements Screen.
func (l *Live) Facts(sc *Scene, st *keys.State) {
	st.Off = map[keys.Action]string{}
	off := func(why string, actions ...keys.Action) {
		for _, a := range actions {
			st.Off[a] = why
		}
	}
	s := sc.Run
	st.Held = sc.RunOn && s.Phase == run.Paused && s.Pause.Kind == "operator"
	switch {
	case !sc.RunOn:
		off("no run is going on", keys.RunPause, keys.RunSlower, keys.RunFaster, keys.RunProbe, keys.RunToken, keys.RunCancel)
		switch {
		case !l.stopped(sc):
			off("no run is going on", keys.RunGoOn)
		case sc.ReadOnly != "":
			off(sc.ReadOnly, keys.RunGoOn)
		case sc.NoTarget != "":
			off(sc.NoTarget, keys.RunGoOn)
		}
		return
	case s.Phase == run.Verifying:
		off("only reads are going on", keys.RunSlower, keys.RunFaster)
	}
	off("the run is going on", keys.RunReport)
	switch {
	case s.Phase != run.Paused:
		off("the run is not paused", keys.RunGoOn)
	case s.Pause.Kind != "operator":
		off("the run is paused already; c goes on", keys.RunPause)
	}
	if s.Pause.Kind != "sign_in" {
		off("the server has not refused the sign-in", keys.RunToken)
	}
	if s.Breaker.State == "closed" || s.Breaker.State == "" {
		off("the breaker is closed: everything is tried", keys.RunProbe)
	}
}

// Refresh implements Screen.
func (l *Live) Refresh(*Scene) []Effect { return nil }

// Apply implements Screen.
func (l *Live) Apply(*Scene, string, any) []Effect { return nil }

// Do implements Screen.
func (l *Live) Do(sc *Scene, p keys.Press) []Effect {
	switch p.Action {
	case keys.RunPause:
		return pause(sc)
	case keys.RunGoOn:
		if !sc.RunOn {
			return []Effect{resumed(), Say{"The run goes on with what was not sent."}}
		}
		return steer("The run goes on.", func(r Runner) { r.Continue() })
	case keys.RunCancel:
		return steer("Stopping: what is in flight is awaited, the rest is not sent.", func(r Runner) { r.Cancel() })
	case keys.RunSlower:
		return pace(slower(sc.Run.Cap))
	case keys.RunFaster:
		return pace(faster(sc.Run.Cap))
	case keys.RunProbe:
		return steer("Trying one request now.", func(r Runner) { r.ProbeNow() })
	case keys.RunToken:
		return []Effect{Steer{func(ctx context.Context, r Runner) error { return r.Refresh(ctx) }, "Reading the token again."}}
	case keys.RunFailed:
		l.failedOnly = !l.failedOnly
	case keys.RunReport:
		return []Effect{Replace{NewReport()}}
	case keys.RunBrowse, keys.Escape:
		return []Effect{Pop{}}
	}
	return nil
}

// pause holds the run, or lets one go on that the operator held.
func pause(sc *Scene) []Effect {
	if sc.Run.Phase == run.Paused {
		return steer("The run goes on.", func(r Runner) { r.Continue() })
	}
	return steer("Pausing: what is in flight is awaited.", func(r Runner) { r.Pause() })
}

func steer(said string, f func(Runner)) []Effect {
	return []Effect{Steer{func(_ context.Context, r Runner) error { f(r); return nil }, said}}
}

func pace(rate float64) []Effect {
	return steer("At most "+capWords(rate)+" from now on.", func(r Runner) { r.SetRate(rate) })
}

// wanted says whether a line of the log is shown.
func (l *Live) wanted(line run.Line) bool {
	switch {
	case !l.failedOnly:
		return true
	case line.Item < 0:
		return true
	}
	return line.State == model.Failed || line.State == model.Unknown || line.State == model.Unanswered
}
