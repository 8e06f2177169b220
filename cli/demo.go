package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"retriage/client/sandbox"
	"retriage/model"
	"retriage/triage"
)

// The files that make a demo's sandbox come back with its data and its address.
const (
	sandboxFile  = "sandbox.json"
	sandboxState = "sandbox.jsonl"
	sandboxToken = "sandbox.token"
)

// demoRounds bounds the headless demo: fixing one field may show the next fault.
const demoRounds = 4

// kept is what sandboxFile says.
type kept struct {
	Seed uint64 `json:"seed"`
	Addr string `json:"addr"`
}

func (a *app) demoCommand() *cobra.Command {
	var seed uint64
	var serve bool
	var addr string
	c := &cobra.Command{
		Use:   "demo",
		Short: "Try it all on a sandbox API of its own, on this machine",
		Long: `Starts a small batch API on this machine, sends it a batch of 400 items that partly
fails for ten different reasons, and opens the result. Nothing leaves this machine.
Without a terminal it does the whole job by itself: summary, suggested fixes, retry,
verification, report; exit code 0 when all went as its script says.`,
		Args: none,
		RunE: func(*cobra.Command, []string) error {
			if serve {
				return a.serveSandbox(seed, addr)
			}
			return a.demo(seed)
		},
	}
	c.Flags().Uint64Var(&seed, "seed", 1, "which demo; the same seed gives the same one")
	c.Flags().BoolVar(&serve, "serve", false, "run the sandbox API alone, to play with curl, until ctrl+c")
	c.Flags().StringVar(&addr, "addr", "", "loopback address of the sandbox, e.g. 127.0.0.1:8207 (default: any free port)")
	return c
}

func (a *app) demo(seed uint64) (err error) {
	ctx := background()
	a.interactive = a.w.canShow()
	script := sandbox.NewDemo(seed)
	s, err := a.demoSitting(ctx, seed, script)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if a.interactive {
		s.lenient = "a demo is not judged by what is left"
		return s.show(ctx)
	}
	return s.playDemo(ctx, script)
}

// demoSitting starts the sandbox, submits the batch and opens what came back.
func (a *app) demoSitting(ctx context.Context, seed uint64, script sandbox.Demo) (*sitting, error) {
	dir, err := a.demoDir()
	if err != nil {
		return nil, err
	}
	s := &sitting{a: a, cleanup: []func() error{removeAll(dir)}}
	if err := s.startDemo(ctx, dir, seed, script); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (a *app) demoDir() (string, error) {
	parent := filepath.Join(a.stateDir(), "in")
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return "", fail(exitState, "cannot make a folder for the demo: %v", err)
	}
	dir, err := os.MkdirTemp(parent, "demo-*")
	if err != nil {
		return "", fail(exitState, "cannot make a folder for the demo: %v", err)
	}
	return dir, nil
}

func (s *sitting) startDemo(ctx context.Context, dir string, seed uint64, script sandbox.Demo) error {
	base, err := s.runSandbox(script, dir, "")
	if err != nil {
		return err
	}
	answer, err := submit(ctx, base, script)
	if err != nil {
		return fmt.Errorf("submit the demo's batch: %w", err)
	}
	note, err := json.Marshal(kept{Seed: seed, Addr: base[len("http://"):]})
	if err != nil {
		return fmt.Errorf("keep the demo's address: %w", err)
	}
	token := filepath.Join(dir, sandboxToken)
	for name, data := range map[string][]byte{
		"response.json": answer, "request.json": script.Request, sandboxFile: note,
		sandboxToken: []byte(sandbox.DefaultToken + "\n"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return fail(exitState, "cannot keep the demo's files: %v", err)
		}
	}
	s.files, err = s.a.openInputs(ctx, []string{filepath.Join(dir, "response.json")}, []string{filepath.Join(dir, "request.json")})
	if err != nil {
		return err
	}
	s.target = demoTarget(base, token)
	if err := s.open(ctx, change); err != nil {
		return err
	}
	return s.keepSandbox(ctx, dir)
}

// keepSandbox moves what the sandbox needs to come back into the run's folder.
func (s *sitting) keepSandbox(ctx context.Context, dir string) error {
	s.target.auth.File = filepath.Join(s.a.stateDir(), "runs", s.runID, sandboxToken)
	log, err := s.log.started(ctx)
	if err != nil {
		return err
	}
	for _, name := range []string{sandboxFile, sandboxState, sandboxToken} {
		if err := os.Rename(filepath.Join(dir, name), filepath.Join(log.Dir(), name)); err != nil {
			return fail(exitState, "cannot keep the demo's sandbox: %v", err)
		}
	}
	s.target.auth.File = filepath.Join(log.Dir(), sandboxToken)
	return s.wire()
}

// demoTarget is the sandbox's profile.
func demoTarget(base, token string) target {
	settings := model.Defaults()
	settings.Timeout, settings.Settle = 2*time.Second, 3*time.Second
	settings.ReadRate = 100 // it is our own machine: nobody else waits for it
	return target{
		profile: model.Profile{
			Name: "demo", BaseURL: base, BatchPath: "/batch", ItemPath: "/items", ItemURL: "/items/{id}",
			Dialect: "generic-207", User: "operator", KeyScope: model.ItemKey, KeyField: "idempotency_key", Settings: settings,
		},
		auth: model.AuthSource{Kind: "bearer", File: token},
	}
}

// runSandbox starts the sandbox of a script with its state in dir.
func (s *sitting) runSandbox(script sandbox.Demo, dir, addr string) (string, error) {
	o := script.Options
	o.StateFile = filepath.Join(dir, sandboxState)
	server, err := sandbox.New(o)
	if err != nil {
		return "", fmt.Errorf("start the sandbox: %w", err)
	}
	base, stop, err := server.Listen(addr)
	if err != nil {
		return "", errors.Join(fmt.Errorf("start the sandbox: %w", err), server.Close())
	}
	s.cleanup = append(s.cleanup, server.Close, stop)
	return base, nil
}

// wakeSandbox starts a demo's sandbox again for a run that belongs to one.
func (s *sitting) wakeSandbox(dir string) error {
	raw, err := os.ReadFile(filepath.Join(dir, sandboxFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	var k kept
	if err == nil {
		err = json.Unmarshal(raw, &k)
	}
	if err != nil {
		return &exitError{exitState, "", fmt.Errorf("read the demo's sandbox file: %w", err)}
	}
	if _, err := s.runSandbox(sandbox.NewDemo(k.Seed), dir, k.Addr); err != nil {
		return &exitError{exitNetwork, fmt.Sprintf("the demo's sandbox cannot come back at %s: %s Nothing was sent; look with: retriage view %s",
			model.Foreign(k.Addr).Safe(60), sentence(err), s.runID), err}
	}
	return nil
}

// submit sends the demo's batch as a program would that knows nothing of retries.
func submit(ctx context.Context, base string, script sandbox.Demo) (_ []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/batch", bytes.NewReader(script.Request))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+script.Options.Token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	return io.ReadAll(io.LimitReader(resp.Body, sandbox.DefaultMaxBody))
}

// serveSandbox runs the sandbox alone until a signal.
func (a *app) serveSandbox(seed uint64, addr string) (err error) {
	script := sandbox.NewDemo(seed)
	server, err := sandbox.New(script.Options)
	if err != nil {
		return fmt.Errorf("start the sandbox: %w", err)
	}
	base, stop, err := server.Listen(addr)
	if err != nil {
		return fmt.Errorf("start the sandbox: %w", err)
	}
	fmt.Fprintf(a.w.Out, `Sandbox batch API on %[1]s (this machine only; nothing is kept). Token: %[2]s
  curl -s %[1]s/
  curl -s -H 'Authorization: Bearer %[2]s' -d '{"items":[{"id":"a","email":"a@example.com","name":"A","date":"2026-03-14"}]}' %[1]s/batch
  curl -s -H 'Authorization: Bearer %[2]s' %[1]s/items/a
ctrl+c ends it.
`, base, script.Options.Token)
	signals, off := a.w.Signals()
	defer off()
	<-signals
	return errors.Join(stop(), server.Close())
}

// playDemo does the whole job without a screen, and checks it against the script.
func (s *sitting) playDemo(ctx context.Context, script sandbox.Demo) error {
	out := s.a.w.Out
	fmt.Fprintln(out, "== Summary: what the batch came back with")
	if err := s.report().Summary(out); err != nil {
		return err
	}
	for round := 1; round <= demoRounds; round++ {
		fmt.Fprintf(out, "\n== Round %d: suggested fixes, then a retry\n", round)
		changed, err := s.fix(ctx, nil, func(f triage.Fix) bool { return !f.Marked })
		if err != nil {
			return err
		}
		for _, f := range triage.Fixes() {
			if n := changed[f.ID]; n > 0 {
				fmt.Fprintf(out, "fix        %s: %s\n", f.Title, model.Plural(n, "item"))
			}
		}
		d := s.draft(triage.PlanOptions{Unknown: true})
		if err := s.showPlan(out, d); err != nil {
			return err
		}
		if d.Count() == 0 {
			break
		}
		plan, err := s.runner.Plan(d, false)
		if err != nil {
			return err
		}
		if err := s.drive(ctx, func(ctx context.Context) error { return s.runner.Run(ctx, plan) }); err != nil {
			return err
		}
	}
	fmt.Fprintln(out, "\n== Verification: every item is read back")
	if err := s.drive(ctx, s.verifyAll); err != nil {
		return err
	}
	if rb := s.report().ReadBack; rb != nil {
		fmt.Fprintln(out, rb.Words())
	}
	s.lenient = "all went as the demo's script says"
	r, err := s.ended(s.judgeDemo(out, script))
	fmt.Fprintln(out, "\n== Report")
	if err = errors.Join(err, lines(r, out)); err != nil {
		return err
	}
	fmt.Fprintln(out, "\nAll went as the demo's script says. Try it with a screen: retriage demo, in a terminal.")
	return nil
}

// judgeDemo compares what is left open with what the script says cannot be
// repaired by a suggested fix.
func (s *sitting) judgeDemo(out io.Writer, script sandbox.Demo) error {
	var want, got []string
	why := map[string]string{}
	for _, h := range script.Hopeless {
		want = append(want, h.ID)
		why[h.ID] = h.Why
	}
	for _, id := range script.Placeholder {
		want = append(want, id)
		why[id] = "only a made-up e-mail would repair it"
	}
	s.desk.Look(func(t *triage.Session) {
		for _, i := range t.Items(triage.AllTab) {
			got = append(got, t.Row(i).ID.Wire())
		}
	})
	slices.Sort(want)
	slices.Sort(got)
	fmt.Fprintf(out, "\n== %d items are left that a suggested fix cannot repair\n", len(got))
	for _, id := range got {
		fmt.Fprintf(out, "%s  %s\n", model.TextID(id).Safe(), why[id])
	}
	if !slices.Equal(want, got) {
		return fail(exitFailed, "the demo did not go as its script says: %d items are left open, %d were expected", len(got), len(want))
	}
	if n := s.report().Retry.SentTwice; n > 0 {
		return fail(exitFailed, "the demo did not go as its script says: %d items were sent twice", n)
	}
	return nil
}
