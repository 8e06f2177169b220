package tui

import (
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
	Name     string                  // of the input, safe
	ReadOnly string                  // why nothing may be changed, "" = it may
	NoTarget string                  // why nothing may be sent, "" = there is a target
	Now      func() time.Time        // the clock, asked once a message
	Who      string                  // who makes changes, for the journal
	Env      []string                // of this terminal: TERM, COLORTERM, SSH_TTY and the like
	Theme    string                  // a built-in theme's name, "" = what fits the terminal
	ASCII    bool                    // no sign outside ASCII
	NewKey   func() string           // a fresh idempotency key, nil = no fix that needs one is offered
	Watching bool                    // another process writes the journal: keep looking
	Tmux     func(text string) error // puts text into tmux's buffer, nil = not under tmux
}

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
