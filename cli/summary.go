package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"retriage/model"
	"retriage/triage/report"
)

func (a *app) summaryCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "summary (FILE | URL | RUN | -)...",
		Short: "Counts and causes; exit code 0 when nothing failed, else 1",
		Args:  some("a FILE, a URL, a RUN or -"),
		RunE:  func(c *cobra.Command, args []string) error { return a.summarise(args) },
	}
	a.formatFlags(c)
	return c
}

// formatFlags declares how a report is written.
func (a *app) formatFlags(c *cobra.Command) {
	c.Flags().StringVarP(&a.flags.format, "format", "f", "text", "text, json or md")
	c.Flags().StringVarP(&a.flags.output, "output", "o", "-", "file to write to; - is stdout")
}

func (a *app) summarise(args []string) (err error) {
	s, err := a.openEither(background(), args, look)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	r, err := s.ended(s.readErr)
	return a.told(err, a.write(r, report.Report.Summary))
}

// write gives a report out in the format that was asked for.
func (a *app) write(r report.Report, text func(report.Report, io.Writer) error) (err error) {
	form := text
	switch a.flags.format {
	case "", "text":
	case "json":
		form = report.Report.JSON
	case "md":
		form = report.Report.Markdown
	default:
		return fail(exitUsage, "format is text, json or md, not %s", model.Foreign(a.flags.format).Safe(60))
	}
	if a.flags.output == "" || a.flags.output == "-" {
		return form(r, a.w.Out)
	}
	f, err := os.OpenFile(a.flags.output, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fail(exitUsage, "%s", notWritten(a.flags.output, err))
	}
	return errors.Join(form(r, f), f.Close())
}

// notWritten says that a file could not be made.
func notWritten(name string, err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err // it names the file again
	}
	return fmt.Sprintf("cannot write %s: %s. Nothing was written there; name another file with -o.",
		model.Foreign(name).Safe(model.SafeShort), model.Foreign(err.Error()).Safe(0))
}

// told is the end of a command whose report could not be written, if so: that is
// told beside why the command ended.
func (a *app) told(err, unwritten error) error {
	if unwritten == nil {
		return err
	}
	if err == nil || said(err) {
		return unwritten
	}
	complain(a.w.Err, unwritten)
	return err
}

// lines writes a report as the few lines that a run ends with.
func lines(r report.Report, w io.Writer) error {
	for _, l := range r.Lines() {
		if _, err := fmt.Fprintln(w, l); err != nil {
			return err
		}
	}
	return nil
}
