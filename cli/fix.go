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

	"retriage/client"
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
	f.BoolVar(&a.flags.mayDouble, "may-double", false, mayDoubleUsage)
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
	d := s.draft(triage.PlanOptions{Items: items, AsIs: a.flags.asIs, ByHand: true})
	s.tellLeftOut(d.LeftOut)
	return s.writeRequests(ctx, d)
}

// tellLeftOut says what is not written, and why.
func (s *sitting) tellLeftOut(parts []model.LeftOutPart) {
	for _, l := range parts {
		fmt.Fprintf(s.a.w.Err, "retriage: left out %d: %s%s\n", l.Count, l.Why, wayIn(l.Why))
	}
}

// writeRequests writes the requests of a draft and notes the plan, so that what
// comes back is known again.
func (s *sitting) writeRequests(ctx context.Context, d triage.Draft) error {
	r := s.handRunner()
	layout := r.Layout(d.Items)
	s.tellLeftOut(layout.LeftOut)
	if n := len(d.MayDouble); n > 0 {
		fmt.Fprintf(s.a.w.Err, "retriage: %s may be done twice: not looked up, as --may-double says\n", model.Plural(n, "item"))
	}
	if len(layout.Requests) == 0 {
		return s.nothingToWrite()
	}
	plan, err := r.HandedPlan(layout)
	if err != nil {
		return err
	}
	plan.Target, plan.MayDouble = model.HandedIn, d.MayDouble
	plan.LeftOut = append(d.LeftOut, plan.LeftOut...)
	var names []string
	for k, req := range layout.Requests {
		name := numbered(s.a.flags.output, k, len(layout.Requests))
		if err := os.WriteFile(name, req.Body, 0o600); err != nil {
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

// nothingToWrite says that no file was made, and what could be done about it.
func (s *sitting) nothingToWrite() error {
	if s.report().Exit == exitDone {
		fmt.Fprintln(s.a.w.Err, "retriage: nothing failed, so there is nothing to write. No file was made.")
		return nil
	}
	return fail(exitFailed, "there is nothing to write: every failed item is left out. No file was made; edit them first (--fix suggested, or the screen), or --as-is takes them as they are.")
}

// numbered is the name of file k of n.
func numbered(name string, k, n int) string {
	if n == 1 {
		return name
	}
	ext := filepath.Ext(name)
	return fmt.Sprintf("%s-%03d%s", strings.TrimSuffix(name, ext), k+1, ext)
}

// handRunner is a runner for requests that a person hands in.
func (s *sitting) handRunner() *run.Runner {
	p := s.target.profile
	p.Settings = model.Defaults()
	p.Settings.Chunk, p.KeyScope = 1<<30, model.NoKey
	if p.BatchPath == "" {
		p.BatchPath = "/"
	}
	return run.New(run.Config{
		Desk: s.desk, Sender: &hand{d: s.dialect, p: p}, Profile: p, Classifier: s.classifier,
		Now: s.a.w.Now, Float: rand.Float64, NewKey: uuid.NewString, NewID: func() string { return uuid.NewString()[:8] },
	})
}

// hand is a sender for what a person hands in: it makes requests and sends none.
type hand struct {
	d *dialect.Dialect
	p model.Profile
}

// Prepare implements run.Sender.
func (h *hand) Prepare(c model.Chunk) (model.Request, error) {
	body, _, err := h.d.Write(c, h.p)
	if err != nil {
		return model.Request{}, err
	}
	if limit := h.p.MaxBytes; limit > 0 && len(body) > limit {
		return model.Request{}, &client.TooLargeError{Size: len(body), Max: limit, Items: len(c.Items)}
	}
	sum := sha256.Sum256(body)
	return model.Request{Mode: c.Mode, Body: body, SHA256: hex.EncodeToString(sum[:]), Items: c.Items}, nil
}

// errByHand says that what is handed in by a person is not sent by the program.
var errByHand = errors.New("this request is handed in by a person")

// Send implements run.Sender.
func (h *hand) Send(context.Context, model.Request) (model.Reply, error) {
	return model.Reply{}, errByHand
}

// answersTo puts together what answer files say about the items of one request.
func answersTo(d *dialect.Dialect, files [][]byte, items []model.SendItem) (model.Reply, error) {
	reply := model.Reply{Kind: model.Answered, Status: 200, RetryAfter: -1}
	known, silent := map[int]bool{}, map[int]model.Outcome{}
	problem := ""
	for _, body := range files {
		p := d.ParseReply(body, items)
		switch {
		case p.Refusal != nil:
			problem = p.Refusal.Error()
		case p.Problem != "":
			problem = p.Problem
		}
		for _, o := range p.Outcomes {
			switch {
			case known[o.Index]:
			case o.Answer.Failure != nil && o.Answer.Failure.Reason == model.NotAnswered:
				silent[o.Index] = o // another file may mention it
			default:
				known[o.Index] = true
				reply.Outcomes = append(reply.Outcomes, o)
			}
		}
		reply.Extra = append(reply.Extra, p.Extra...)
	}
	for _, it := range items {
		if o, ok := silent[it.Index]; ok && !known[it.Index] {
			reply.Outcomes = append(reply.Outcomes, o)
		}
	}
	if len(reply.Outcomes) == 0 && problem != "" {
		return model.Reply{}, fail(exitInput, "the answer cannot be taken: %s Nothing was changed.", sentence(errors.New(problem)))
	}
	return reply, nil
}

// handed is the requests of the open plan that a person hands in, nil = the
// program sends it itself.
func (s *sitting) handed() (requests []model.Handed) {
	s.desk.Look(func(t *triage.Session) {
		if open := t.Running(); open != nil {
			requests = open.Plan.Handed
		}
	})
	return requests
}

// answer takes what came back for requests that were handed in. Where an answer
// is known by its place, or by not being there, each request has the file of its
// own number.
func (s *sitting) answer(ctx context.Context, files []string) error {
	requests := s.handed()
	switch {
	case s.log == nil:
		return fail(s.readOnlyCode, "%s Nothing was changed.", ensureStop(s.readOnly))
	case len(requests) == 0:
		return fail(exitUsage, "run %s waits for no answer. Write a request with: retriage fix FILE -o REQUEST", s.runID)
	case s.dialect.Positional() && len(files) != len(requests):
		return fail(exitUsage, "this API answers by order, so it takes %s, one for each request and in their order; there are %d. Nothing was changed.",
			model.Plural(len(requests), "answer file"), len(files))
	}
	var answers [][]byte
	for k, name := range files {
		if twin := sameFile(name, files[:k]); twin != "" {
			return fail(exitUsage, "%s is given twice: each answer is to a request of its own. Nothing was changed.", model.Foreign(twin).Safe(model.SafeShort))
		}
		body, err := os.ReadFile(name)
		if err != nil {
			return openFailed(name, err)
		}
		answers = append(answers, body)
	}
	asked := map[model.ID]bool{}
	var extra []model.ID
	err := s.handRunner().TakeAnswers(ctx, func(k int, items []model.SendItem) (model.Reply, error) {
		for _, it := range items {
			asked[it.ID] = true
		}
		mine := answers
		if s.dialect.Positional() {
			mine = answers[k : k+1]
		}
		reply, err := answersTo(s.dialect, mine, items)
		extra = append(extra, reply.Extra...)
		return reply, err
	})
	s.tellExtra(extra, asked)
	return s.finish(err)
}

// sameFile is the first of others that is the same file as name, "" = none is.
func sameFile(name string, others []string) string {
	info, err := os.Stat(name)
	if err != nil {
		return ""
	}
	for _, other := range others {
		if two, err := os.Stat(other); err == nil && os.SameFile(info, two) {
			return other
		}
	}
	return ""
}

// tellExtra names the answers that no request of the plan asked for.
func (s *sitting) tellExtra(extra []model.ID, asked map[model.ID]bool) {
	for _, id := range extra {
		if !asked[id] {
			asked[id] = true
			fmt.Fprintf(s.a.w.Err, "retriage: %s is answered, but was not asked for: not counted\n", id.Safe())
		}
	}
}
