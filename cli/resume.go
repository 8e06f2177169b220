package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"retriage/model"
	"retriage/triage/journal"
)

func (a *app) resumeCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "resume [RUN]",
		Short: "Carry on with a run that was stopped, killed or cut off",
		Long: `Carries on with a run from its folder alone. What was in flight when it ended is
unknown: it is looked up before anything is sent again. Without RUN the newest
unfinished run is taken. On a terminal the screen opens; else, or with --yes, the
confirmed plan is carried out here.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return a.resume(args) },
	}
	c.Flags().StringArrayVar(&a.flags.answers, "answer", nil, "what came back for a request that fix wrote; may be repeated, in order")
	c.Flags().BoolVar(&a.flags.yes, "yes", false, "carry the confirmed plan out without a screen")
	a.formatFlags(c)
	return c
}

func (a *app) resume(args []string) (err error) {
	id, err := a.runToResume(args)
	if err != nil {
		return err
	}
	ctx := background()
	a.interactive = a.w.canShow() && !a.flags.yes && len(a.flags.answers) == 0
	s, err := a.openRun(ctx, id, change)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if len(a.flags.answers) > 0 {
		return s.answer(ctx, a.flags.answers)
	}
	if a.interactive {
		return s.show(ctx)
	}
	if s.handedIn() {
		return fail(exitRefused, "a request of run %s was written to a file and waits for its answer. Bring it with: retriage resume %s --answer FILE", s.runID, s.runID)
	}
	if err := s.mayChange(ctx); err != nil {
		return err
	}
	if !s.unfinished() {
		fmt.Fprintf(a.w.Err, "retriage: run %s has no retry that was cut off. Nothing was sent; plan a new one with: retriage retry\n", s.runID)
		return s.finish(nil)
	}
	return s.finish(s.drive(ctx, s.runner.Resume))
}

// runToResume is the run that is named, or the newest one that is not finished.
func (a *app) runToResume(args []string) (string, error) {
	store, err := a.openStore()
	if err != nil {
		return "", err
	}
	if len(args) == 1 {
		id, ok, err := findRun(store, args[0])
		if err != nil || ok {
			return id, err
		}
		return "", fail(exitUsage, "no run %s in %s. See them with: retriage runs", model.Foreign(args[0]).Safe(60), filepath.Join(a.state, "runs"))
	}
	runs, err := store.List()
	if err != nil {
		return "", &exitError{exitState, "", err}
	}
	for _, r := range runs {
		if !r.Finished && r.Events > 0 && r.Problem == nil {
			return r.ID, nil
		}
	}
	return "", fail(exitUsage, "no unfinished run. See all of them with: retriage runs")
}

func (a *app) openStore() (*journal.Store, error) {
	store, err := journal.OpenStore(filepath.Join(a.stateDir(), "runs"), journal.Options{Now: a.w.Now, Who: a.w.Who})
	if err != nil {
		return nil, &exitError{exitState, "", err}
	}
	return store, nil
}

// findRun finds a run by its id or an unambiguous prefix of it.
func findRun(store *journal.Store, name string) (id string, ok bool, err error) {
	id, err = store.Resolve(name)
	if errors.Is(err, journal.ErrNoRun) {
		return "", false, nil
	}
	if err != nil {
		return "", false, &exitError{exitUsage, "", err}
	}
	return id, true, nil
}

// openRun opens a run from its folder alone: the inputs, the target and the
// events are all there.
func (a *app) openRun(ctx context.Context, id string, m mode) (*sitting, error) {
	s := &sitting{a: a, target: a.target, runID: id}
	if err := s.reopen(ctx, m); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *sitting) reopen(ctx context.Context, m mode) error {
	var err error
	if s.store, err = s.a.openStore(); err != nil {
		return err
	}
	events, err := s.attach(m)
	if err != nil {
		return err
	}
	opened, err := firstOpen(events)
	if err != nil {
		return &exitError{exitState, fmt.Sprintf("run %s: %v. Nothing was sent.", s.runID, err), err}
	}
	dir, _ := s.store.Find(s.runID)
	if s.files, err = keptInputs(dir, opened.Inputs); err != nil {
		return err
	}
	if !s.target.known() {
		s.takeTarget(opened)
	}
	if s.log != nil { // whoever has the run open has its sandbox
		if err := s.wakeSandbox(dir); err != nil {
			return err
		}
	}
	if opened.DialectFile != "" {
		if s.a.catalog, err = s.a.catalog.WithText(opened.Dialect, []byte(opened.DialectFile)); err != nil {
			return &exitError{exitState, fmt.Sprintf("run %s: its dialect cannot be read: %s Nothing was sent.", s.runID, sentence(err)), err}
		}
	}
	if err := s.start(opened.Dialect); err != nil {
		return err
	}
	if err := s.read(ctx); err != nil {
		return err
	}
	return s.begin(events)
}

// errNoOpen says that a journal does not begin with what it belongs to.
var errNoOpen = errors.New("its journal does not say what it belongs to")

func firstOpen(events []model.Event) (model.OpenEvent, error) {
	for _, ev := range events {
		if ev.Open != nil {
			if ev.Open.Version > journal.FormatVersion {
				return model.OpenEvent{}, fmt.Errorf("it was written by a newer retriage (%s)", model.Foreign(ev.Open.Tool).Safe(60))
			}
			return *ev.Open, nil
		}
	}
	return model.OpenEvent{}, errNoOpen
}

// takeTarget gives the sitting the target that the run was made for.
func (s *sitting) takeTarget(opened model.OpenEvent) {
	if opened.Target != nil {
		s.target.profile = *opened.Target
	}
	if opened.Auth != nil {
		s.target.auth = *opened.Auth
	}
}

// keptInputs opens the copies in the run's folder, and refuses one that is not
// what the run began with.
func keptInputs(dir string, inputs []model.InputFile) ([]inputFile, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, &exitError{exitState, "", fmt.Errorf("open run folder: %w", err)}
	}
	defer func() { _ = root.Close() }()
	var files []inputFile
	for _, in := range inputs {
		f, err := root.Open(in.File)
		if err != nil {
			closeInputs(files)
			return nil, &exitError{exitState, "", fmt.Errorf("open the run's copy of its input: %w", err)}
		}
		kept := inputFile{name: model.Foreign(in.Name).Safe(model.SafeShort), request: in.Part == "request", file: f, size: in.Size, sha: in.SHA256}
		files = append(files, kept)
		if sum := checksum(f); sum != in.SHA256 {
			closeInputs(files)
			return nil, fail(exitState, "the run's copy of %s was changed since the run began. Nothing was sent; open the original again.", kept.name)
		}
	}
	return files, nil
}

func checksum(f *os.File) string {
	h := sha256.New()
	if info, err := f.Stat(); err == nil {
		if _, err := io.Copy(h, io.NewSectionReader(f, 0, info.Size())); err != nil {
			return ""
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

func (a *app) verifyCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "verify (RUN | FILE | URL | -)...",
		Short: "Read every item back and compare it with what was sent",
		Args:  some("a RUN, a FILE, a URL or -"),
		RunE:  func(c *cobra.Command, args []string) error { return a.verify(args) },
	}
	c.Flags().BoolVar(&a.flags.all, "all", false, "read every item, however long it takes")
	a.formatFlags(c)
	return c
}

// openEither opens a run by its id, or inputs.
func (a *app) openEither(ctx context.Context, args []string, m mode) (*sitting, error) {
	if len(args) == 1 && !isFile(args[0]) {
		store, err := a.openStore()
		if err != nil {
			return nil, err
		}
		if id, ok, err := findRun(store, args[0]); err != nil || ok {
			if err != nil {
				return nil, err
			}
			return a.openRun(ctx, id, m)
		}
	}
	return a.openSitting(ctx, args, a.flags.request, m)
}

func isFile(arg string) bool {
	_, err := os.Stat(arg)
	return err == nil
}

func (a *app) verify(args []string) (err error) {
	ctx := background()
	s, err := a.openEither(ctx, args, change)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.mayChange(ctx); err != nil {
		return err
	}
	return s.finish(s.drive(ctx, func(ctx context.Context) error { return s.verifyAll(ctx) }))
}
