package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"retriage/model"
	"retriage/triage"
)

func (a *app) retryCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "retry (FILE | URL | -)...",
		Short: "Fix, retry and verify without a screen",
		Long: `Plans a retry of the failed items that may be sent again, shows the plan, and
sends it once the number of items is confirmed: by --yes --expect N, or by typing
it. Without a confirmation nothing is sent and the exit code is 7.`,
		Args: some("a FILE, a URL or -"),
		RunE: func(c *cobra.Command, args []string) error { return a.retry(args) },
	}
	f := c.Flags()
	f.StringVarP(&a.flags.query, "query", "q", "", "only the items that fit, e.g. 'category:rate_limited status:429'")
	f.StringSliceVar(&a.flags.fixes, "fix", nil, "suggested fixes to apply first: ids, or \"suggested\" for all but made-up data")
	f.BoolVarP(&a.flags.dryRun, "dry-run", "n", false, "show the plan and send nothing")
	f.BoolVar(&a.flags.yes, "yes", false, "send without asking; needs --expect")
	f.IntVar(&a.flags.expect, "expect", -1, "the number of items that the plan must have")
	f.BoolVar(&a.flags.asIs, "as-is", false, "send unedited items too whose cause wants an edit or access first")
	f.BoolVar(&a.flags.mayDouble, "may-double", false, mayDoubleUsage)
	f.BoolVar(&a.flags.verify, "verify", true, "read the items back afterwards")
	a.formatFlags(c)
	return c
}

func (a *app) retry(args []string) (err error) {
	ctx := background()
	s, err := a.openSitting(ctx, args, a.flags.request, change)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.mayChange(ctx); err != nil {
		return err
	}
	if s.unfinished() {
		return s.carryOn(ctx)
	}
	items, err := s.selected()
	if err != nil {
		return err
	}
	if err := s.applyFixes(ctx, items); err != nil {
		return err
	}
	d := s.draft(triage.PlanOptions{Items: items, AsIs: a.flags.asIs, Unknown: true})
	out := a.w.Err
	if a.flags.dryRun {
		out = a.w.Out
	}
	if err := s.showPlan(out, d); err != nil {
		return err
	}
	if a.flags.dryRun {
		return nil
	}
	if err := s.confirm(d.Count()); err != nil {
		return err
	}
	return s.send(ctx, d)
}

// carryOn goes on with a retry that was confirmed before and was cut off, when
// the same number of items is confirmed again.
func (s *sitting) carryOn(ctx context.Context) error {
	count := 0
	s.desk.Look(func(t *triage.Session) { count = len(t.Running().Plan.Items) })
	f := s.a.flags
	if s.handedIn() {
		return fail(exitRefused, "a request for %s was handed in and waits for its answer. Nothing was sent; bring it with: retriage resume %s --answer FILE", model.Plural(count, "item"), s.runID)
	}
	if f.dryRun || !f.yes || f.expect != count {
		return fail(exitRefused, "a confirmed retry of %s is not finished. Nothing was sent; carry on with: retriage resume %s", model.Plural(count, "item"), s.runID)
	}
	fmt.Fprintf(s.a.w.Err, "retriage: carries on with the confirmed retry of run %s\n", s.runID)
	return s.finish(s.drive(ctx, s.runner.Resume))
}

// mayChange says why a sitting that is meant to send cannot. It reads the
// credential, so that a missing one is told before anything else happens.
func (s *sitting) mayChange(ctx context.Context) error {
	switch {
	case s.log == nil:
		return fail(s.readOnlyCode, "%s Nothing was sent; look with: retriage view %s", ensureStop(s.readOnly), s.runID)
	case s.readErr != nil:
		return &exitError{exitInput, s.readErr.Error() + " A retry wants the whole response.", s.readErr}
	case s.dialect.SendMode() == "file":
		return fail(exitUsage, "%s takes a request file. Nothing was sent; write it with: retriage fix FILE -o REQUEST", s.dialect.Title())
	case s.runner == nil:
		return fail(exitUsage, "no target: nothing says where to send. Set --profile, or --base-url and --batch-path. Nothing was sent.")
	}
	return s.client.Refresh(ctx)
}

func ensureStop(s string) string {
	if s == "" || strings.HasSuffix(s, ".") {
		return s
	}
	return s + "."
}

// selected is the items that the query names; nil means all.
func (s *sitting) selected() ([]int, error) {
	if s.a.flags.query == "" {
		return nil, nil
	}
	q, err := triage.ParseQuery(s.a.flags.query)
	if err != nil {
		return nil, &exitError{exitUsage, sentence(err) + " Nothing was sent; mend -q.", err}
	}
	items := []int{}
	s.desk.Look(func(t *triage.Session) { items = append(items, t.Select(q)...) })
	return items, nil
}

// send confirms nothing: it carries out a draft that was confirmed.
func (s *sitting) send(ctx context.Context, d triage.Draft) error {
	if d.Count() == 0 {
		return s.finish(nil)
	}
	plan, err := s.runner.Plan(d, s.a.flags.verify)
	if err != nil {
		return err
	}
	return s.finish(s.drive(ctx, func(ctx context.Context) error { return s.runner.Run(ctx, plan) }))
}

// finish writes the report and turns what happened into the exit code.
func (s *sitting) finish(err error) error {
	r, err := s.ended(err)
	return s.a.told(err, s.a.write(r, lines))
}

// confirm makes sure that the number of items is what the operator meant.
func (s *sitting) confirm(count int) error {
	f := s.a.flags
	switch {
	case f.yes && f.expect < 0:
		return fail(exitUsage, "--yes needs --expect N, the number of items that you mean. The plan has %d. Nothing was sent.", count)
	case f.expect >= 0 && f.expect != count:
		return fail(exitRefused, "the plan has %s, --expect says %d. Nothing was sent; look at the plan with -n.", model.Plural(count, "item"), f.expect)
	case f.yes || count == 0:
		return nil
	case !s.a.w.InTTY || f.noInput:
		return fail(exitRefused, "not confirmed. Nothing was sent; confirm with --yes --expect %d", count)
	}
	want := strconv.Itoa(count)
	if count < 10 {
		want = "send " + want
	}
	fmt.Fprintf(s.a.w.Err, "The server has no undo for this. Type %q to send: ", want)
	line, err := bufio.NewReader(s.a.w.In).ReadString('\n')
	if (err != nil && !errors.Is(err, io.EOF)) || strings.TrimSpace(line) != want {
		return fail(exitRefused, "not confirmed. Nothing was sent.")
	}
	return nil
}

// showPlan writes what would be sent, where, how, and what is left out.
func (s *sitting) showPlan(w io.Writer, d triage.Draft) error {
	p := s.target.profile
	var b strings.Builder
	fmt.Fprintf(&b, "PLAN       nothing has been sent\n")
	fmt.Fprintf(&b, "send       %d of %d items to POST %s%s\n", d.Count(), s.batch.Len(), model.Foreign(p.BaseURL).Safe(0), model.Foreign(p.BatchPath).Safe(0))
	for _, t := range d.ByTab {
		fmt.Fprintf(&b, "           %d %s\n", t.Count, t.Tab.Title())
	}
	if d.Edited > 0 {
		fmt.Fprintf(&b, "           %d edited\n", d.Edited)
	}
	if len(d.Lookups) > 0 {
		fmt.Fprintf(&b, "look up    %d first: they may have been applied\n", len(d.Lookups))
	}
	if n := len(d.MayDouble); n > 0 {
		fmt.Fprintf(&b, "may double %d: they may be done twice, and are sent all the same\n", n)
	}
	for _, l := range d.LeftOut {
		fmt.Fprintf(&b, "leave out  %d: %s%s\n", l.Count, l.Why, wayIn(l.Why))
	}
	s.desk.Look(func(t *triage.Session) {
		if n := len(t.DraftItems()); n > 0 {
			fmt.Fprintf(&b, "drafts     %s: what was typed and not saved is not sent\n", model.Plural(n, "item"))
		}
	})
	st := p.Settings
	steps := make([]string, 0, 4)
	for _, n := range triage.Steps(d.Count(), st.Steps) {
		steps = append(steps, strconv.Itoa(n))
	}
	if d.Count() > 0 {
		fmt.Fprintf(&b, "steps      %s; stops if more than %.0f%% of a step fail\n", strings.Join(steps, ", "), st.StopAt*100)
	}
	fmt.Fprintf(&b, "limits     at most %g requests/s, %d at once, %d items each, %d tries\n", st.Rate, st.Concurrency, chunkOf(p), st.Tries)
	if s.client.Proxy() != "" {
		fmt.Fprintf(&b, "proxy      %s\n", model.Foreign(s.client.Proxy()).Safe(0))
	}
	for _, warning := range s.client.Warnings() {
		fmt.Fprintf(&b, "note       %s\n", warning)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

const mayDoubleUsage = "take in what may have been applied and cannot be looked up, although it may be done twice"

// wayIn says how an item gets into a plan all the same that is left out for a
// reason that a person may overrule.
func wayIn(why string) string {
	if !triage.MayOverrule(why) {
		return ""
	}
	return " (--may-double takes it all the same)"
}

func chunkOf(p model.Profile) int {
	if p.MaxItems > 0 && p.MaxItems < p.Settings.Chunk {
		return p.MaxItems
	}
	return p.Settings.Chunk
}

// applyFixes journals the suggested fixes that were asked for, one rule a fix.
func (s *sitting) applyFixes(ctx context.Context, items []int) error {
	if len(s.a.flags.fixes) == 0 {
		return nil
	}
	wanted := map[string]bool{}
	for _, id := range s.a.flags.fixes {
		if id != "suggested" && !isFix(id) {
			return fail(exitUsage, "no fix %q. There are %s. Nothing was changed or sent.", model.Foreign(id).Safe(60), fixNames())
		}
		wanted[id] = true
	}
	_, err := s.fix(ctx, items, func(f triage.Fix) bool { return wanted[f.ID] || wanted["suggested"] && !f.Marked })
	return err
}

func isFix(id string) bool {
	for _, f := range triage.Fixes() {
		if f.ID == id {
			return true
		}
	}
	return false
}

func fixNames() string {
	var names []string
	for _, f := range triage.Fixes() {
		names = append(names, f.ID)
	}
	return strings.Join(names, ", ")
}

// fix applies the suggested fixes that want picks to the failed items among
// items (nil: all), and says how many items each one changed.
func (s *sitting) fix(ctx context.Context, items []int, want func(triage.Fix) bool) (map[string]int, error) {
	if items == nil {
		s.desk.Look(func(t *triage.Session) { items = t.Items(triage.AllTab) })
	}
	rules := map[string][]model.ItemEdit{}
	for _, i := range items {
		if err := s.suggest(i, want, rules); err != nil {
			return nil, err
		}
	}
	changed := map[string]int{}
	for _, f := range triage.Fixes() {
		edits := rules[f.ID]
		if len(edits) == 0 {
			continue
		}
		ev := model.Event{Type: model.EvRule, Who: s.a.w.Who, Edit: &model.EditEvent{How: f.ID, Items: edits}}
		if err := s.desk.Commit(ctx, ev); err != nil {
			return changed, err
		}
		changed[f.ID] = len(edits)
		fmt.Fprintf(s.a.w.Err, "retriage: %s: %s %s\n", f.Title, model.Plural(len(edits), "item"), s.changedWords())
	}
	return changed, nil
}

// changedWords says what a fix has done to items.
func (s *sitting) changedWords() string {
	if s.a.flags.dryRun {
		return "would be changed"
	}
	return "changed on this machine"
}

// suggest adds the wanted fixes of one item to rules.
func (s *sitting) suggest(i int, want func(triage.Fix) bool, rules map[string][]model.ItemEdit) error {
	var f model.Failure
	var state model.State
	var has bool
	s.desk.Look(func(t *triage.Session) { f, has = t.Failure(i); state = t.State(i) })
	if !has || state != model.Failed && state != model.Edited {
		return nil
	}
	it, now, _, err := s.desk.Payload(i)
	if err != nil {
		return err
	}
	if !now.Known {
		return nil
	}
	var sent model.Payload
	s.desk.Look(func(t *triage.Session) { sent, _, err = t.Sent(it) })
	if err != nil {
		return err
	}
	it.Payload = now
	for _, sug := range triage.Suggest(it, f) {
		if !want(sug.Fix) || len(sug.Changes) == 0 && triage.Renewed(it, sent, f) {
			continue
		}
		changes, err := triage.ApplyFix(sug.Fix.ID, it, f, uuid.NewString)
		if err != nil || len(changes) == 0 {
			continue
		}
		if it.Payload, err = triage.Apply(it.Payload, changes); err != nil {
			return err
		}
		rules[sug.Fix.ID] = append(rules[sug.Fix.ID], model.ItemEdit{Index: i, Changes: changes})
	}
	return nil
}
