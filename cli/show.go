package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/google/uuid"

	"retriage/model"
	"retriage/model/dialect"
	"retriage/themes"
	"retriage/tui"
)

// tmuxPatience bounds how long a copy may wait for tmux.
const tmuxPatience = 2 * time.Second

// show opens the screen on a sitting, and leaves a few lines in the scrollback
// when it closes. The exit code is that of what is left to do.
func (s *sitting) show(ctx context.Context) error { return s.present(ctx, s.face(), func() {}) }

// showReading opens the screen on a sitting that is prepared and not read. It
// returns when nothing of it is going on any more.
func (s *sitting) showReading(ctx context.Context, m mode) error {
	reading, stop := context.WithCancelCause(ctx)
	over := make(chan struct{})
	var once sync.Once
	cfg := s.face()
	total := int64(0) // of files; what a stream will be is not known
	for _, f := range s.files {
		total += f.size
	}
	cfg.HowFar = func() string { return howFar(s.reader, total) }
	cfg.StopReading = func() {
		stop(dialect.ErrStopped)
		abandon(s.files, dialect.ErrStopped)
	}
	cfg.Open = func(context.Context) (o tui.Opened, err error) {
		once.Do(func() {
			defer close(over)
			o, err = s.finishOpening(reading, m)
		})
		return o, err
	}
	return s.present(ctx, cfg, func() {
		stop(context.Canceled)
		abandon(s.files, context.Canceled)
		once.Do(func() { close(over) })
		<-over
	})
}

// finishOpening reads the inputs and attaches what was done with them before.
func (s *sitting) finishOpening(ctx context.Context, m mode) (tui.Opened, error) {
	if err := s.read(ctx); err != nil {
		return tui.Opened{}, err
	}
	if errors.Is(s.readErr, dialect.ErrStopped) {
		s.readOnly = "reading was stopped; open the input again to work with all of it"
	} else if err := s.settle(ctx, m); err != nil {
		return tui.Opened{}, err
	}
	cfg := s.face()
	o := tui.Opened{Said: s.choice, Profile: cfg.Profile, RunID: cfg.RunID, ReadOnly: cfg.ReadOnly, NoTarget: cfg.NoTarget, Runner: cfg.Runner}
	if s.readErr != nil {
		o.Said = s.readErr.Error()
	}
	return o, nil
}

// howFar says how far the reading of so many bytes is.
func howFar(r *dialect.Reader, total int64) string {
	read, items := r.Progress()
	if total == 0 {
		return fmt.Sprintf("%s · %s", model.Size(read), model.Plural(items, "item"))
	}
	return fmt.Sprintf("%s of %s · %s", model.Size(read), model.Size(total), model.Plural(items, "item"))
}

// present runs the face, and ended once it is gone.
func (s *sitting) present(ctx context.Context, face tui.Config, ended func()) error {
	ctx, hungUp, off := s.hangUps(ctx)
	defer off()
	opts, done, err := s.a.terminal()
	if err != nil {
		return err
	}
	err = tui.Run(ctx, face, opts...)
	ended()
	if err = errors.Join(err, done()); err != nil {
		return err
	}
	if code := hungUp(); code != 0 {
		return &exitError{code: code, text: "the terminal went away; nothing was lost. Go on with: retriage resume " + s.runID}
	}
	r, err := s.ended(nil)
	return s.a.told(err, lines(r, s.a.w.Out))
}

// face is what the screen is about.
func (s *sitting) face() tui.Config {
	a := s.a
	cfg := tui.Config{
		Desk: s.desk, Profile: s.target.profile, Name: s.title(), ReadOnly: s.readOnly, NoTarget: s.noTarget(),
		Lenient: s.lenient, NoAuth: s.target.auth.Kind == "",
		NewKey: uuid.NewString, Save: s.export, Now: a.w.Now, Who: a.w.Who, Env: a.w.Environ(), ASCII: a.flags.ascii, Theme: a.theme(), Tmux: tmux(a.w.Env),
	}
	if cfg.RunID = s.startedRun(); s.log != nil {
		cfg.RunID = s.runID
	}
	if s.runner != nil {
		cfg.Runner = s.runner
	}
	return cfg
}

func (s *sitting) title() string {
	if len(s.files) == 0 {
		return s.runID
	}
	return s.files[0].name
}

// noTarget says what to set so that something can be sent, "" when nothing is
// missing.
func (s *sitting) noTarget() string {
	switch {
	case s.readOnly != "":
		return s.readOnly
	case s.readErr != nil:
		return "the response was cut off; a retry wants the whole of it"
	case s.dialect.SendMode() == "file":
		return "this API takes a request file: retriage fix writes it, retriage resume --answer takes what comes back"
	case s.runner == nil:
		return "no target: start with --profile, or with --base-url and --batch-path"
	}
	return ""
}

func (a *app) theme() string {
	if a.flags.theme == "auto" {
		return ""
	}
	return a.flags.theme
}

// terminal gives the options that tie the screen to this process's terminal:
// keys come from the terminal even when stdin is a pipe.
func (a *app) terminal() (opts []tea.ProgramOption, done func() error, err error) {
	done = func() error { return nil }
	opts = append(opts, tea.WithColorProfile(themes.Choose(a.w.Env, a.w.OutTTY, themes.Auto)), tea.WithOutput(a.w.Out))
	if a.w.InTTY {
		return append(opts, tea.WithInput(a.w.In)), done, nil
	}
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return nil, done, fail(exitUsage, "no terminal to take keys from; use: retriage summary -")
	}
	return append(opts, tea.WithInput(tty)), tty.Close, nil
}

// hangUps ends the context when the terminal goes away or the process is asked
// to end: Bubble Tea itself does not know SIGHUP. Interrupts are keys there.
func (s *sitting) hangUps(ctx context.Context) (_ context.Context, code func() int, off func()) {
	ctx, cancel := context.WithCancel(ctx)
	signals, stop := s.a.w.Signals()
	got := make(chan int, 1)
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case sig := <-signals:
				if sig == os.Interrupt {
					continue
				}
				n := exitTerm
				if sig == syscall.SIGHUP {
					n = exitHangUp
				}
				got <- n
				cancel()
				return
			}
		}
	}()
	code = func() int {
		select {
		case n := <-got:
			return n
		default:
			return 0
		}
	}
	return ctx, code, func() { stop(); cancel() }
}

// tmux gives the way into tmux's own buffer: by default tmux drops what an
// application asks the terminal to copy. It is nil outside tmux.
func tmux(env func(string) string) func(string) error {
	if env("TMUX") == "" {
		return nil
	}
	return func(text string) error {
		ctx, cancel := context.WithTimeout(background(), tmuxPatience)
		defer cancel()
		cmd := exec.CommandContext(ctx, "tmux", "load-buffer", "-w", "-")
		cmd.Stdin = strings.NewReader(text)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("copy to tmux: %s", model.Foreign(string(out)).Safe(model.SafeShort))
		}
		return nil
	}
}
