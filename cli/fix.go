package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"retriage/model"
	"retriage/model/dialect"
	"retriage/triage"
	"retriage/triage/run"
)

func (a *app) fixCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "fix (FILE | URL | -)... -o REQUEST",
		Short: "Write a request of only what failed, fixed, to hand in yourself",
		Long: `Writes the failed items, with your edits and the fixes that you ask for, as a
request in the API's own format. It is for APIs whose batch is a job or whose
calls are signed elsewhere. Hand it in, and bring the answer back with
retriage resume RUN --answer FILE. Items that the API takes in several batches are
written to several files, numbered in order.`,
		Args: some("a FILE, a URL or -"),
		RunE: func(_ *cobra.Command, args []string) error { return a.fixToFile(args) },
	}
	f := c.Flags()
	f.StringVarP(&a.flags.output, "output", "o", "", "file to write the request to")
	f.StringVarP(&a.flags.query, "query", "q", "", "only the items that fit, e.g. 'category:rate_limited status:429'")
	f.StringSliceVar(&a.flags.fixes, "fix", nil, "suggested fixes to apply first: ids, or \"suggested\" for all but made-up data")
	f.BoolVar(&a.flags.asIs, "as-is", false, "write unedited items too whose cause wants an edit or access first")
	return c
}

func (a *app) fixToFile(args []string) (err error) {
	if a.flags.output == "" {
		return fail(exitUsage, "fix wants -o REQUEST, the file to write. Nothing was written.")
	}
	ctx := background()
	s, err := a.openSitting(ctx, args, a.flags.request, change)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	switch {
	case s.log == nil:
		return fail(s.readOnlyCode, "%s Nothing was written.", ensureStop(s.readOnly))
	case s.readErr != nil:
		return &exitError{exitInput, s.readErr.Error() + " A request wants the whole response.", s.readErr}
	case s.unfinished():
		return fail(exitRefused, "a request of this run was written before and has no answer yet. Bring it with: retriage resume %s --answer FILE", s.runID)
	}
	items, err := s.selected()
	if err != nil {
		return err
	}
	if err := s.applyFixes(ctx, items); err != nil {
		return err
	}
	d := s.draft(triage.PlanOptions{Items: items, AsIs: a.flags.asIs})
	for _, l := range d.LeftOut {
		fmt.Fprintf(a.w.Err, "retriage: left out %d: %s\n", l.Count, l.Why)
	}
	if d.Count() == 0 {
		if s.report().Exit == exitDone {
			fmt.Fprintln(a.w.Err, "retriage: nothing failed, so there is nothing to write. No file was made.")
			return nil
		}
		return fail(exitFailed, "there is nothing to write: every failed item is left out. No file was made; edit them first (--fix suggested, or the screen), or --as-is takes them as they are.")
	}
	return s.writeRequests(ctx, d)
}

// writeRequests writes the requests of a draft and notes the plan, so that what
// comes back is known again.
func (s *sitting) writeRequests(ctx context.Context, d triage.Draft) error {
	r := s.handRunner(nil)
	plan, err := r.Plan(d, false)
	if err != nil {
		return err
	}
	plan.Target = model.HandedIn
	chunks, err := s.chunks(plan.Items)
	if err != nil {
		return err
	}
	var names []string
	for k, c := range chunks {
		body, _, err := s.dialect.Write(c, s.target.profile)
		if err != nil {
			return fail(exitUsage, "cannot write the request: %s Nothing was written.", sentence(err))
		}
		name := numbered(s.a.flags.output, k, len(chunks))
		if err := os.WriteFile(name, body, 0o600); err != nil {
			return fail(exitUsage, "%s", notWritten(name, err))
		}
		names = append(names, name)
	}
	if err := s.desk.Commit(ctx, model.Event{Type: model.EvPlan, Who: s.a.w.Who, Plan: &plan}); err != nil {
		return err
	}
	fmt.Fprintf(s.a.w.Out, "%s in %s: %s\n", model.Plural(len(plan.Items), "item"), model.Plural(len(names), "file"), model.Foreign(strings.Join(names, " ")).Safe(0))
	fmt.Fprintf(s.a.w.Err, "retriage: hand it in, and bring the answer back: retriage resume %s%s\n", s.runID, strings.Repeat(" --answer FILE", len(names)))
	return nil
}

// numbered is the name of file k of n.
func numbered(name string, k, n int) string {
	if n == 1 {
		return name
	}
	ext := filepath.Ext(name)
	return fmt.Sprintf("%s-%03d%s", strings.TrimSuffix(name, ext), k+1, ext)
}

// chunks cuts items into the batches that the API takes, as a runner would.
func (s *sitting) chunks(items []int) ([]model.Chunk, error) {
	limit := len(items)
	if n := s.target.profile.MaxItems; n > 0 {
		limit = min(limit, n)
	}
	var all []model.Chunk
	for from := 0; from < len(items); from += limit {
		c := model.Chunk{Mode: model.InBatch}
		for _, i := range items[from:min(from+limit, len(items))] {
			it, now, edited, err := s.desk.Payload(i)
			if err != nil {
				return nil, err
			}
			c.Items = append(c.Items, model.SendItem{Index: i, ID: it.ID, Payload: now, Edited: edited})
		}
		all = append(all, c)
	}
	return all, nil
}

// handRunner is a runner whose requests are answered from files.
func (s *sitting) handRunner(answers [][]byte) *run.Runner {
	p := s.target.profile
	p.Settings = model.Defaults()
	p.Settings.Tries, p.Settings.Concurrency, p.Settings.Chunk = 1, 1, 1<<30
	p.Settings.Rate, p.Settings.Steps, p.Settings.StopAt, p.Settings.Settle = maxRate, nil, 1, 0
	p.Settings.BreakerSize = 1 << 30
	if p.BatchPath == "" {
		p.BatchPath = "/"
	}
	s.target.profile.KeyScope = model.NoKey
	p.KeyScope = model.NoKey
	return run.New(run.Config{
		Desk: s.desk, Sender: &hand{d: s.dialect, p: p, answers: answers}, Profile: p, Classifier: s.classifier,
		Now: s.a.w.Now, Float: rand.Float64, NewKey: uuid.NewString, NewID: func() string { return uuid.NewString()[:8] },
	})
}

// hand is a sender for what a person hands in: its replies are files.
type hand struct {
	d       *dialect.Dialect
	p       model.Profile
	answers [][]byte
	sent    int
}

// Prepare implements run.Sender.
func (h *hand) Prepare(c model.Chunk) (model.Request, error) {
	body, _, err := h.d.Write(c, h.p)
	if err != nil {
		return model.Request{}, err
	}
	sum := sha256.Sum256(body)
	return model.Request{Mode: c.Mode, Body: body, SHA256: hex.EncodeToString(sum[:]), Items: c.Items}, nil
}

// Send implements run.Sender: it takes the answer out of the files. Where an
// answer is known by its place, or by not being there, each request has the file
// of its own number.
func (h *hand) Send(_ context.Context, r model.Request) (model.Reply, error) {
	files := h.answers
	if h.d.Positional() {
		if h.sent >= len(files) {
			return model.Reply{}, errors.New("there is no answer file for this part of the request")
		}
		files = files[h.sent : h.sent+1]
	}
	h.sent++
	reply := model.Reply{Kind: model.Answered, Status: 200, RetryAfter: -1}
	told := map[int]bool{}
	problem := ""
	for _, body := range files {
		p := h.d.ParseReply(body, r.Items)
		switch {
		case p.Refusal != nil:
			problem = p.Refusal.Error()
		case p.Problem != "":
			problem = p.Problem
		}
		for _, o := range p.Outcomes {
			if !told[o.Index] {
				told[o.Index] = true
				reply.Outcomes = append(reply.Outcomes, o)
			}
		}
	}
	if len(reply.Outcomes) == 0 && problem != "" {
		return model.Reply{}, errors.New(problem)
	}
	return reply, nil
}

// answer carries a plan out whose request was handed in: what came back is in
// files.
func (s *sitting) answer(ctx context.Context, files []string) error {
	switch {
	case s.log == nil:
		return fail(s.readOnlyCode, "%s Nothing was changed.", ensureStop(s.readOnly))
	case !s.unfinished():
		return fail(exitUsage, "run %s waits for no answer. Write a request with: retriage fix FILE -o REQUEST", s.runID)
	}
	var answers [][]byte
	for _, name := range files {
		body, err := os.ReadFile(name)
		if err != nil {
			return openFailed(name, err)
		}
		answers = append(answers, body)
	}
	var count int
	s.desk.Look(func(t *triage.Session) { count = len(t.Running().Plan.Items) })
	want := 1
	if n := s.target.profile.MaxItems; n > 0 {
		want = (count + n - 1) / n
	}
	if s.dialect.Positional() && len(answers) != want {
		return fail(exitUsage, "this API answers by order, so it takes %s, one for each request and in their order; there are %d. Nothing was changed.",
			model.Plural(want, "answer file"), len(answers))
	}
	s.runner = s.handRunner(answers)
	return s.finish(s.drive(ctx, s.runner.Resume))
}
