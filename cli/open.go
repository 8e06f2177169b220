package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"retriage/triage/run"
)

func (a *app) openCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "open (FILE | URL | -)...",
		Short: "Open a response on the screen: look, fix, retry, verify (the default)",
		Args:  some("a FILE, a URL or -"),
		RunE:  func(_ *cobra.Command, args []string) error { return a.openOrSummarise(args) },
	}
}

// openOrSummarise opens the screen where there is one, and else does what a pipe
// can use.
func (a *app) openOrSummarise(args []string) (err error) {
	if !a.w.OutTTY {
		return a.summarise(args)
	}
	if !a.w.canShow() {
		return fail(exitUsage, "no terminal to draw on or to take keys from; use: retriage summary %s", args[0])
	}
	a.interactive = true
	return a.showInputs(background(), args, change)
}

// showInputs opens the screen at once and reads meanwhile.
func (a *app) showInputs(ctx context.Context, args []string, m mode) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	files, err := a.openInputs(ctx, args, a.flags.request)
	if err != nil {
		cancel()
		return err
	}
	s := &sitting{a: a, files: files, target: a.target}
	defer func() { cancel(); err = errors.Join(err, s.Close()) }()
	if err := s.prepare(ctx, m); err != nil {
		return err
	}
	if err := s.choose(ctx); err != nil {
		return err
	}
	return s.showReading(ctx, m)
}

func (a *app) viewCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "view (RUN | FILE | URL | -)...",
		Short: "Open a response or a run read only: nothing can be sent or changed",
		Args:  some("a RUN, a FILE, a URL or -"),
		RunE:  func(_ *cobra.Command, args []string) error { return a.view(args) },
	}
}

func (a *app) view(args []string) (err error) {
	if a.w.OutTTY && !a.w.canShow() {
		return fail(exitUsage, "no terminal to draw on or to take keys from; use: retriage summary %s", args[0])
	}
	ctx := background()
	s, err := a.openEither(ctx, args, look)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	s.lenient = "view only looks, whatever is left"
	if !a.w.OutTTY {
		if err := s.report().Summary(a.w.Out); err != nil {
			return err
		}
		return nil
	}
	return s.show(ctx)
}

// verifyAll reads back what the flags ask for.
func (s *sitting) verifyAll(ctx context.Context) error {
	if err := s.runner.Verify(ctx, run.VerifyOptions{All: s.a.flags.all}); err != nil {
		return fmt.Errorf("read back: %w", err)
	}
	return nil
}
