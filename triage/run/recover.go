package run

import (
	"context"
	"time"

	"retriage/model"
	"retriage/triage"
)

// Recover writes down what a process has left that ended without a word: what it
// had in flight may have been applied and is unknown, and its plan is halted. It
// is called when a run is opened to be changed, so that nothing is said to be on
// its way which is not. It sends and reads nothing, and writes nothing for a run
// that was stopped in order, or whose requests a person hands in.
func Recover(ctx context.Context, desk *Desk, now func() time.Time) error {
	var evs []model.Event
	desk.Look(func(s *triage.Session) {
		ps := s.Running()
		if ps != nil && ps.Plan.ByHand() {
			return
		}
		evs = leftovers(s)
		if ps != nil && !ps.Halted {
			evs = append(evs, model.Event{Type: model.EvControl, Control: triage.Halted})
		}
	})
	if len(evs) == 0 {
		return nil
	}
	at := now()
	for k := range evs {
		evs[k].At = at
	}
	if err := desk.Commit(ctx, evs...); err != nil {
		return journalError(err)
	}
	return nil
}

// leftovers gives every intent without an outcome the only one that can be
// known: its request may have been applied.
func leftovers(s *triage.Session) (evs []model.Event) {
	for _, in := range s.InFlight() {
		out := &model.Result{
			Attempt: in.Attempt, Kind: model.AnswerUnknown, Fault: model.KilledBefore,
			Why: "the program ended before the reply came",
		}
		for _, i := range in.Items {
			out.Items = append(out.Items, model.ItemResult{Index: i, State: model.Unknown, Spent: true})
		}
		evs = append(evs, model.Event{Type: model.EvOutcome, Outcome: out})
	}
	return evs
}
