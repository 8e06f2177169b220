package tui

import (
	"context"
	"strings"
	"time"

	"retriage/model"
	"retriage/triage/run"
	"retriage/tui/screen"
)

// Config is what the face is about. Desk and Now are required.
type Config struct {
	Desk     *run.Desk
	Runner   Runner // nil = nothing can be sent or read back
	Profile  model.Profile
	Name     string           // of the input, safe
	RunID    string           // of the journal, safe; "" = there is none
	ReadOnly string           // why nothing may be changed, "" = it may
	NoTarget string           // why nothing may be sent, "" = there is a target
	NoAuth   bool             // requests go out without a sign-in
	Lenient  string           // why the exit code is 0 whatever is left, "" = that decides
	Now      func() time.Time // the clock, asked once a message
	Who      string           // who makes changes, for the journal
	Env      []string         // of this terminal: TERM, COLORTERM, SSH_TTY and the like
	Theme    string           // a built-in theme's name, "" = what fits the terminal
	ASCII    bool             // no sign outside ASCII
	NewKey   func() string    // a fresh idempotency key, nil = no fix that needs one is offered
	Watching bool             // another process writes the journal: keep looking
	HowFar   func() string    // how far reading the input is, in words, safe; nil = it was read before
	// Open waits until the input is read to its end and says what can be done with
	// it then; nil = it was read before. Until it returns nothing can be changed.
	Open func(ctx context.Context) (Opened, error)
	// StopReading ends the reading early: what was read is kept. It goes with Open.
	StopReading func()
	// Save writes items to a file in the format that its name ends with, and
	// says what it did, safe; nil = nothing can be exported from here.
	Save func(ctx context.Context, path string, items []int) (said string, err error)
	Tmux func(text string) error // puts text into tmux's buffer, nil = not under tmux
}

// Opened is what an input turns out to be once it is read.
type Opened struct {
	Runner   Runner
	Profile  model.Profile
	RunID    string
	ReadOnly string
	NoTarget string
	Said     string // what there is to say about the reading, safe; "" = nothing
}

// stillReading is why nothing can be changed yet.
const stillReading = "the input is still being read; ctrl+c stops that"

// Runner is what sends and reads back: a run.Runner.
type Runner = screen.Runner

// remote says whether the terminal is at the other end of an SSH connection.
func (c Config) remote() bool {
	for _, e := range c.Env {
		if v, ok := strings.CutPrefix(e, "SSH_TTY="); ok && v != "" {
			return true
		}
		if v, ok := strings.CutPrefix(e, "SSH_CONNECTION="); ok && v != "" {
			return true
		}
	}
	return false
}

// pace is how often a moving screen is drawn again: ten times a second, four
// times over SSH.
func (c Config) pace() time.Duration {
	if c.remote() {
		return 250 * time.Millisecond
	}
	return 100 * time.Millisecond
}
