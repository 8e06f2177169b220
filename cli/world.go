package cli

import (
	"context"
	"io"
	"os"
	"os/signal"
	"os/user"
	"syscall"
	"time"

	"github.com/charmbracelet/x/term"
)

// World is everything that a command touches outside its arguments: streams,
// environment, clock and signals. There is no other way to them.
type World struct {
	In       io.Reader
	Out, Err io.Writer
	// InTTY, OutTTY and ErrTTY say whether a person is at the other end.
	InTTY, OutTTY, ErrTTY bool
	Env                   func(string) string
	Environ               func() []string
	Now                   func() time.Time
	// Who is the operator, "user@host", for the audit trail.
	Who string
	// Signals gives a channel of the signals that end or drain a run.
	Signals func() (<-chan os.Signal, func())
}

// OS is the world of a real process.
func OS() World {
	return World{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		InTTY: term.IsTerminal(os.Stdin.Fd()), OutTTY: term.IsTerminal(os.Stdout.Fd()), ErrTTY: term.IsTerminal(os.Stderr.Fd()),
		Env: os.Getenv, Environ: os.Environ,
		Now: func() time.Time { return time.Now().UTC() },
		Who: whoAmI(),
		Signals: func() (<-chan os.Signal, func()) {
			c := make(chan os.Signal, 4)
			signal.Notify(c, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
			return c, func() { signal.Stop(c) }
		},
	}
}

func whoAmI() string {
	name := "?"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	host, err := os.Hostname()
	if err != nil {
		host = "?"
	}
	return name + "@" + host
}

// canShow says whether a full-screen face can be drawn: a person at stdout, a
// terminal to take keys from, and one that can move its cursor.
func (w World) canShow() bool {
	return w.OutTTY && w.Env("TERM") != "dumb" && (w.InTTY || hasTTY())
}

func hasTTY() bool {
	f, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return false
	}
	return f.Close() == nil
}

// background is the context of a command; its end is not a signal's business:
// signals drain first (see drive).
func background() context.Context { return context.Background() }
