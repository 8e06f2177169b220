package retry

import "retriage/model"

// Step is a canary step whose items have used their tries.
type Step struct {
	Sent   int // items of it that were sent in this run
	Failed int // of Sent: ended without a yes
}

// StepVerdict says whether the run goes on after a step.
type StepVerdict bool

// The verdicts on a step.
const (
	GoOn StepVerdict = true
	Stop StepVerdict = false
)

// Judge decides whether the run goes on after a step. A step of fewer than
// Settings.StopMin items stops it only if all of it failed; a larger one if the
// share of what failed is over Settings.StopAt.
func Judge(s Step, set model.Settings) StepVerdict {
	switch {
	case s.Failed == 0:
		return GoOn
	case s.Sent < set.StopMin:
		return s.Failed < s.Sent
	}
	return float64(s.Failed) <= set.StopAt*float64(s.Sent)
}

// Bisect cuts a refused chunk into two halves, in order, the first one larger by
// at most one. A chunk of one has no second half.
func Bisect[T any](chunk []T) (first, second []T) {
	half := (len(chunk) + 1) / 2
	return chunk[:half:half], chunk[half:]
}
