package cli

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/google/uuid"

	"retriage/client"
	"retriage/model"
	"retriage/model/dialect"
	"retriage/triage"
	"retriage/triage/journal"
	"retriage/triage/report"
	"retriage/triage/run"
)

// sitting is one input, opened: its batch, its session, and (when it may
// change) its journal and its runner.
type sitting struct {
	a          *app
	files      []inputFile
	target     target
	reader     *dialect.Reader
	dialect    *dialect.Dialect
	batch      *model.Batch
	classifier *triage.Classifier
	desk       *run.Desk
	runID      string
	store      *journal.Store
	log        *lazyLog // nil when read only
	client     *client.Client
	runner     *run.Runner // nil when read only, or when there is no target
	mode       mode
	readErr    error // reading stopped early; what came before is here
	// refused is the server's no to the whole batch, nil = it has items.
	refused  *dialect.RefusedError
	choice   string // which other formats fit, "" = none comes near
	readOnly string // why, "" = can change
	// readOnlyCode is the exit code of a command that wanted to change it.
	readOnlyCode int
	// lenient says why it ends with exit code 0 whatever is left, "" = it does not.
	lenient string
	cleanup []func() error
}

// Close gives back what the sitting holds. The journal is durable already.
func (s *sitting) Close() error {
	var errs []error
	for i := len(s.cleanup) - 1; i >= 0; i-- {
		errs = append(errs, s.cleanup[i]())
	}
	closeInputs(s.files)
	return errors.Join(errs...)
}

// mode says what a sitting may do.
type mode uint8

const (
	look   mode = iota // read only: no journal, no client
	change             // journal and, with a target, a client
)

// openSitting opens inputs, and continues the run that belongs to them.
func (a *app) openSitting(ctx context.Context, responses, requests []string, m mode) (*sitting, error) {
	files, err := a.openInputs(ctx, responses, requests)
	if err != nil {
		return nil, err
	}
	s := &sitting{a: a, files: files, target: a.target}
	if err := s.open(ctx, m); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// open reads the inputs, and what was done with them before.
func (s *sitting) open(ctx context.Context, m mode) error {
	if err := s.prepare(ctx, m); err != nil {
		return err
	}
	told := s.tellReading()
	err := s.read(ctx)
	told()
	if err != nil {
		return err
	}
	if s.choice != "" {
		fmt.Fprintf(s.a.w.Err, "retriage: %s\n", s.choice)
	}
	return s.settle(ctx, m)
}

// prepare finds out what the inputs are and makes an empty session of them.
func (s *sitting) prepare(ctx context.Context, m mode) error {
	s.mode = m
	name := s.a.flags.dialect
	if name == "" {
		name = s.target.profile.Dialect
	}
	if m != look || s.mayHaveRun() {
		sumUp(ctx, s.files)
	}
	return s.start(name)
}

// mayHaveRun says whether a run can belong to these inputs. Of a stream that is
// still coming it says no.
func (s *sitting) mayHaveRun() bool {
	runs := filepath.Join(s.a.stateDir(), "runs")
	return len(s.files) > 0 && !slices.ContainsFunc(s.files, func(f inputFile) bool { return !journal.HoldsInput(runs, f.bytes()) })
}

// settle attaches the journal of what has been read.
func (s *sitting) settle(ctx context.Context, m mode) error {
	if m == look && !s.mayHaveRun() {
		s.readOnly = s.lookWords()
		return s.begin(nil) // no run can belong to it, so nothing has to be summed up
	}
	sumUp(ctx, s.files)
	if err := whole(s.files); err != nil {
		return err
	}
	var err error
	if s.store, err = s.a.openStore(); err != nil && m != look {
		return err
	}
	s.runID = s.identity()
	events, err := s.attach(m)
	if err != nil {
		return err
	}
	return s.begin(events)
}

// identity is the id of the run that these inputs and this target belong to.
// What was only looked at and edited while no target was set is carried on once
// there is one.
func (s *sitting) identity() string {
	sha := inputSHA(s.files)
	id := journal.RunID(sha, model.Origin(s.target.profile.BaseURL))
	if s.exists(id) || !s.target.known() {
		return id
	}
	if bare := journal.RunID(sha, ""); s.exists(bare) {
		return bare
	}
	return id
}

func (s *sitting) exists(id string) bool {
	if s.store == nil { // looking only, and there is no place for runs
		return false
	}
	_, ok := s.store.Find(id)
	return ok
}

// start finds the dialect and makes the session that a reader fills.
func (s *sitting) start(name string) error {
	in := dialectInput(s.files, name)
	in.Catalog = s.a.catalog
	r, err := dialect.Open(in)
	if err != nil {
		return inputError(s.files, err)
	}
	s.reader, s.dialect, s.batch = r, r.Dialect(), r.Batch()
	if name == "" {
		s.choice = choiceWords(r.Candidates())
	}
	if s.classifier, err = triage.NewClassifier(s.dialect.Rules(), nil); err != nil {
		return err
	}
	s.desk = run.NewDesk(triage.NewSession(s.batch, s.classifier), nil)
	return nil
}

// attach takes the journal of this run if there is one, and locks it when the
// sitting may change.
func (s *sitting) attach(m mode) ([]model.Event, error) {
	if m == look {
		s.readOnly = s.lookWords()
		if !s.exists(s.runID) {
			return nil, nil
		}
		return s.follow()
	}
	if !s.exists(s.runID) {
		s.log = &lazyLog{s: s, dry: s.a.flags.dryRun}
		s.cleanup = append(s.cleanup, s.log.Close)
		return nil, nil
	}
	log, events, err := s.store.Open(s.runID)
	switch {
	case readable(err):
		s.readOnly, s.readOnlyCode = blockedWords(err), codeOf(err)
		return s.follow()
	case err != nil:
		return nil, &exitError{exitState, "", fmt.Errorf("open run %s: %w", s.runID, err)}
	case len(events) == 0:
		s.log = &lazyLog{s: s, bare: log}
	default:
		s.log = &lazyLog{s: s, log: log}
	}
	if s.log.dry = s.a.flags.dryRun; len(events) > 0 {
		s.log.seq = events[len(events)-1].Seq
	}
	s.cleanup = append(s.cleanup, s.log.Close)
	return events, nil
}

// readable says whether a run that cannot be changed now can be looked at: it is
// in use, damaged, or written by a newer program.
func readable(err error) bool {
	var (
		inUse   *journal.InUseError
		corrupt *journal.CorruptError
		newer   *journal.NewerError
	)
	return errors.As(err, &inUse) || errors.As(err, &corrupt) || errors.As(err, &newer)
}

func (s *sitting) follow() ([]model.Event, error) {
	r, events, err := s.store.OpenReadOnly(s.runID)
	if err != nil {
		return nil, &exitError{exitState, "", fmt.Errorf("open run %s: %w", s.runID, err)}
	}
	s.cleanup = append(s.cleanup, r.Close)
	if problem := r.Problem(); problem != nil {
		fmt.Fprintf(s.a.w.Err, "retriage: %s\n", sentence(problem))
	}
	return events, nil
}

// begin folds the events into the session, and makes the runner.
func (s *sitting) begin(events []model.Event) error {
	var j run.Journal
	if s.log != nil {
		j = s.log
	}
	if err := s.desk.Begin(j, events); err != nil {
		return &exitError{exitState, "", fmt.Errorf("replay run %s: %w", s.runID, err)}
	}
	if s.log != nil {
		if err := run.Recover(background(), s.desk, s.a.w.Now); err != nil {
			return &exitError{exitState, "", err}
		}
	}
	s.target.profile = s.dialect.Complete(s.target.profile)
	if s.log == nil || !s.target.known() {
		return nil
	}
	return s.wire()
}

// wire makes the client and the runner.
func (s *sitting) wire() error {
	var err error
	s.client, err = client.New(client.Config{
		Profile: s.target.profile, Dialect: s.dialect, Credential: s.target.credential(), Now: s.a.w.Now,
	})
	if err != nil {
		return err
	}
	s.runner = run.New(run.Config{
		Desk: s.desk, Sender: s.client, Prober: s.client, Profile: s.target.profile, Classifier: s.classifier,
		Now: s.a.w.Now, Float: rand.Float64, NewKey: uuid.NewString, NewID: func() string { return uuid.NewString()[:8] },
		AskOnStop: s.a.interactive,
	})
	return nil
}

// report is the session as it is now.
func (s *sitting) report() report.Report {
	var r report.Report
	about := s.about()
	s.desk.Look(func(t *triage.Session) { r = report.Of(t, about) })
	return r
}

// about is what a report says beside the session.
func (s *sitting) about() report.About {
	a := report.About{Run: s.startedRun(), Dialect: s.dialect.Name(), Profile: s.target.profile, Who: s.a.w.Who, End: s.end(), Brief: s.a.flags.format != "json" && s.a.flags.format != "md"}
	if s.refused != nil {
		a.Refused = &report.Refusal{
			Status: s.refused.Status, Code: s.refused.Code.Safe(model.SafeShort), Message: s.refused.Message.Safe(model.SafeLong), Words: sentence(s.refused),
		}
	}
	for _, f := range s.files {
		a.Inputs = append(a.Inputs, f.name)
	}
	return a
}

// startedRun is the run's id once there is something on disk to resume.
func (s *sitting) startedRun() string {
	if s.exists(s.runID) {
		return s.runID
	}
	return ""
}

// unfinished says whether a plan was confirmed that can be carried on with.
func (s *sitting) unfinished() bool {
	on := false
	s.desk.Look(func(t *triage.Session) { on = t.Unfinished() != nil })
	return on
}

// handedIn says whether the plan that is open waits for the answer to requests
// that a person has handed in: sending them from here would send them twice.
func (s *sitting) handedIn() bool { return len(s.handed()) > 0 }

// openEvent is the first event of a run.
func (s *sitting) openEvent(inputs []model.InputFile) model.Event {
	p := s.target.profile
	auth := s.target.auth
	return model.Event{Type: model.EvOpen, Who: s.a.w.Who, Open: &model.OpenEvent{
		Version: journal.FormatVersion, Tool: "retriage " + Version, Inputs: inputs,
		Origin: model.Origin(p.BaseURL), Profile: p.Name, Dialect: s.dialect.Name(), Target: &p, Auth: &auth,
		DialectFile: s.a.ownDialect(s.dialect.Name()),
	}}
}

// readEvent says what the whole input held.
func (s *sitting) readEvent() model.Event {
	return model.Event{Type: model.EvRead, Read: &model.ReadEvent{
		SHA256: inputSHA(s.files), Items: s.batch.Len(), Open: len(s.batch.Open()),
	}}
}

// wait is the pace of progress lines on a terminal and in a log.
func (w World) wait() time.Duration {
	if w.ErrTTY {
		return time.Second
	}
	return 10 * time.Second
}

// stateDir is where runs are kept.
func (a *app) stateDir() string { return a.state }

// removeAll takes a folder away that only this process knew.
func removeAll(dir string) func() error {
	return func() error { return os.RemoveAll(dir) }
}
