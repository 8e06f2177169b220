package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/adrg/xdg"
	"github.com/spf13/cobra"

	"retriage/model"
	"retriage/model/dialect"
	"retriage/triage"
)

// dialectsDir is where the user's own dialects are.
func (a *app) dialectsDir() string {
	if a.flags.config != "" {
		return filepath.Join(filepath.Dir(a.flags.config), "dialects")
	}
	return filepath.Join(xdg.ConfigHome, "retriage", "dialects")
}

// loadDialects adds the user's own dialects to those that ship. One that cannot
// be read is told, and hinders nothing else.
func (a *app) loadDialects() {
	a.catalog = dialect.BuiltIn()
	dir := a.dialectsDir()
	if _, err := os.Stat(dir); err != nil {
		return
	}
	all, err := a.catalog.With(os.DirFS(dir))
	if err != nil {
		for line := range strings.SplitSeq(err.Error(), "\n") {
			fmt.Fprintf(a.w.Err, "retriage: dialect %s is left out: %s\n", model.Foreign(dir).Safe(0), model.Foreign(line).Safe(0))
		}
	}
	a.catalog = all
}

func (a *app) dialectsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "dialects",
		Short: "List the API formats that can be read; yours are the files in the folder dialects beside config.toml",
		Args:  none,
		RunE:  func(*cobra.Command, []string) error { return a.listDialects() },
	}
	show := &cobra.Command{
		Use:   "show NAME",
		Short: "Print a dialect's file: a beginning for one of your own",
		Args:  cobra.ExactArgs(1),
		RunE:  func(_ *cobra.Command, args []string) error { return a.showDialect(args[0]) },
	}
	check := &cobra.Command{
		Use:   "check FILE RESPONSE...",
		Short: "Explain, answer by answer, how a dialect's file (or a dialect by its name) reads a response",
		Args:  cobra.MinimumNArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.checkDialect(background(), args[0], args[1:])
		},
	}
	c.AddCommand(show, check)
	return c
}

func (a *app) listDialects() error {
	w := tabwriter.NewWriter(a.w.Out, 0, 0, 2, ' ', 0)
	for _, name := range a.catalog.Names() {
		d, err := a.catalog.ByName(name)
		if err != nil {
			return err
		}
		whose := "built in"
		if a.isOwn(name) {
			whose = "yours"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", name, sendWords[d.SendMode()], whose, d.Title())
	}
	return w.Flush()
}

// sendWords say how items go back.
var sendWords = map[string]string{"batch": "sent in batches", "each": "sent one by one", "file": "written to a file"}

// isOwn says whether a dialect is the user's own.
func (a *app) isOwn(name string) bool {
	return string(a.catalog.Text(name)) != string(dialect.BuiltIn().Text(name))
}

// ownDialect is the file of a dialect that is the user's own, "" for one that
// ships: a run has to be readable where that file is not.
func (a *app) ownDialect(name string) string {
	if !a.isOwn(name) {
		return ""
	}
	return string(a.catalog.Text(name))
}

func (a *app) showDialect(name string) error {
	d, err := a.catalog.ByName(name)
	if err != nil {
		return &exitError{exitUsage, sentence(err), err}
	}
	_, err = a.w.Out.Write(a.catalog.Text(d.Name()))
	return err
}

// checkDialect reads a response by a dialect's file and tells what it made of
// each answer.
func (a *app) checkDialect(ctx context.Context, file string, responses []string) (err error) {
	catalog, name, err := a.dialectFile(file)
	if err != nil {
		return err
	}
	files, err := a.openInputs(ctx, responses, a.flags.request)
	if err != nil {
		return err
	}
	defer func() { closeInputs(files) }()
	in := dialectInput(files, name)
	in.Catalog = catalog
	r, err := dialect.Open(in)
	if err != nil {
		return inputError(files, err)
	}
	found := r.Candidates()
	if err := a.explainAll(ctx, r.Dialect(), in.Responses); err != nil {
		return inputError(files, err)
	}
	if err := r.Read(ctx); err != nil {
		return inputError(files, err)
	}
	return a.explainBatch(r, found)
}

// dialectFile reads a dialect's file, or finds a dialect by its name.
func (a *app) dialectFile(file string) (*dialect.Catalog, string, error) {
	if !strings.HasSuffix(file, ".toml") {
		if _, err := a.catalog.ByName(file); err != nil {
			return nil, "", &exitError{exitUsage, sentence(err) + " A file's name ends with .toml.", err}
		}
		return a.catalog, file, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, "", openFailed(file, err)
	}
	name := strings.TrimSuffix(filepath.Base(file), ".toml")
	catalog, err := a.catalog.WithText(name, text)
	if err != nil {
		return nil, "", &exitError{exitUsage, fmt.Sprintf("%s: %s Nothing was read.", model.Foreign(filepath.Base(file)).Safe(60), sentence(err)), err}
	}
	return catalog, name, nil
}

func (a *app) explainAll(ctx context.Context, d *dialect.Dialect, responses []dialect.File) error {
	classifier, err := triage.NewClassifier(d.Rules(), nil)
	if err != nil {
		return &exitError{exitUsage, sentence(err), err}
	}
	return dialect.Explain(ctx, d, responses, func(x dialect.Explanation) error {
		return explainOne(a.w.Out, classifier, x)
	})
}

// explainOne tells of one answer: who it is about, what decided, and what is
// known of a failure.
func explainOne(w io.Writer, c *triage.Classifier, x dialect.Explanation) error {
	var b strings.Builder
	id := "no id"
	if !x.ID.IsZero() {
		shown, err := x.ID.MarshalJSON() // in ASCII; a text in quotes, a number without
		if err != nil {
			return err
		}
		id = fmt.Sprintf("id %s from %s", shown, x.IDFrom)
	}
	if x.Index >= 0 {
		id += fmt.Sprintf(", place %d of the request", x.Index)
	}
	for _, also := range x.Also {
		id += ", also " + also.Safe()
	}
	if x.List != "" {
		id += ", in " + x.List
	}
	if x.Key != "" {
		id += ", key " + model.Foreign(x.Key).Safe(60)
	}
	fmt.Fprintf(&b, "%d  %s: %s\n", x.Position, x.State.Words(), id)
	fmt.Fprintf(&b, "     by %s", x.Why)
	if x.Status > 0 {
		fmt.Fprintf(&b, ", status %d", x.Status)
	}
	b.WriteByte('\n')
	if x.Failure != nil {
		filing := c.Classify(*x.Failure)
		fmt.Fprintf(&b, "     %s, retry %s, by %s\n", filing.Category.Title(), filing.Class, filing.Rule)
		told(&b, "code", x.Code, x.CodeFrom)
		told(&b, "message", x.Message, x.MessageFrom)
		told(&b, "field", x.Field, "")
		if x.Wait >= 0 {
			fmt.Fprintf(&b, "     asks to wait %s\n", model.Duration(x.Wait))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func told(b *strings.Builder, what string, text model.Untrusted, from string) {
	if text.IsZero() {
		return
	}
	fmt.Fprintf(b, "     %s %q", what, text.Safe(model.SafeShort))
	if from != "" {
		fmt.Fprintf(b, " from %s", from)
	}
	b.WriteByte('\n')
}

// explainBatch tells what the batch as a whole came to.
func (a *app) explainBatch(r *dialect.Reader, found []dialect.Candidate) error {
	b := r.Batch()
	counts := map[model.State]int{}
	for i := range b.Len() {
		counts[b.State(i)]++
	}
	parts := []string{}
	for _, s := range model.States() {
		if counts[s] > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", model.Number(counts[s]), s.Words()))
		}
	}
	fmt.Fprintf(a.w.Out, "%s: %s\n", model.Plural(b.Len(), "item"), strings.Join(parts, ", "))
	for _, x := range b.Anomalies() {
		fmt.Fprintf(a.w.Out, "note: %s\n", x.Text)
	}
	for _, c := range found {
		fmt.Fprintf(a.w.Out, "by its content it looks like %s: %s\n", c.Name, c.Why)
	}
	return nil
}
