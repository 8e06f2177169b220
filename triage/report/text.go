package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"retriage/model"
)

// Head is the first line of a summary: items, ok, failed.
func (r Report) Head() string {
	if r.Refused != nil {
		return r.Verdict
	}
	open := -r.States[model.Ready.String()]
	for _, p := range r.Open {
		open += p.Count
	}
	parts := []string{}
	for _, st := range []model.State{model.OK, model.Confirmed, model.Unverifiable, model.Ready} {
		if n := r.States[st.String()]; n > 0 {
			parts = append(parts, model.Number(n)+" "+st.Words())
		}
	}
	if open > 0 {
		parts = append(parts, fmt.Sprintf("%s open (%s)", model.Number(open), model.Percent(open, r.Total)))
	}
	if len(parts) == 0 {
		return model.Plural(r.Total, "item")
	}
	return model.Plural(r.Total, "item") + ": " + strings.Join(parts, ", ")
}

// capital begins a sentence.
func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// Summary writes what is wrong and what is left to do, for people and pipes:
// one fact a line.
func (r Report) Summary(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintln(&b, r.Head())
	fmt.Fprintln(&b, "Format: "+r.Dialect)
	for _, odd := range r.Odd {
		fmt.Fprintln(&b, "! "+odd)
	}
	if len(r.Extras) > 0 {
		fmt.Fprintf(&b, "! %s answered that nobody asked for: %s\n", model.Plural(len(r.Extras), "id"), head(r.Extras, 5))
	}
	for _, u := range r.Unmatched {
		fmt.Fprintln(&b, "  "+u.Words())
	}
	if n := r.UnmatchedOf - len(r.Unmatched); n > 0 {
		fmt.Fprintf(&b, "  and %s more\n", model.Number(n))
	}
	if len(r.Open) > 0 {
		fmt.Fprintln(&b)
		for _, p := range r.Open {
			fmt.Fprintf(&b, "%7s  %-20s %s\n", model.Number(p.Count), p.Title, p.Todo)
		}
		if len(r.Causes) > 0 {
			fmt.Fprintf(&b, "\n%s:\n", model.Plural(len(r.Causes), "cause"))
		}
		for _, c := range r.Causes[:min(10, len(r.Causes))] {
			fmt.Fprintf(&b, "%7s  %s\n", model.Number(c.Count), c.Words())
		}
		if n := len(r.Causes) - 10; n > 0 {
			fmt.Fprintf(&b, "         and %s more\n", model.Number(n))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Words is an answer that fits no item, as a line shows it.
func (u Unmatched) Words() string {
	words := fmt.Sprintf("answer %s: ", model.Number(u.Position))
	if u.ID != "" {
		words += "id " + u.ID + ", "
	}
	words += strings.ReplaceAll(u.State, "_", " ")
	if u.Status > 0 {
		words += fmt.Sprintf(", status %d", u.Status)
	}
	for _, more := range []string{u.Code, u.Message, u.Text} {
		if more != "" {
			words += "  " + more
		}
	}
	return words
}

// Name is what a list calls an item: its id, or its place in the batch.
func (it Item) Name() string {
	if it.ID != "" {
		return it.ID
	}
	return fmt.Sprintf("#%d", it.Position)
}

// Words is a cause as a list shows it: code, field, message shape.
func (c Cause) Words() string {
	var parts []string
	for _, p := range []string{c.Code, c.Field, c.Shape} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	if len(parts) == 0 {
		return "no code and no message"
	}
	return strings.Join(parts, "  ")
}

// Lines are the few lines that are left in the scrollback when a face closes:
// what was, what is, what it took, and how to go on.
func (r Report) Lines() []string {
	lines := []string{r.Verdict}
	if r.AtStart > 0 {
		lines = append(lines, fmt.Sprintf("%s failed at the start: %s ok after retry, %s applied already, %s still open",
			model.Number(r.AtStart), model.Number(r.Retry.OKAfter), model.Number(r.Retry.Applied), model.Number(r.Retry.StillOpen)))
	}
	if r.ReadBack != nil {
		lines = append(lines, r.ReadBack.Words())
	}
	if len(r.Open) > 0 {
		lines = append(lines, "Open: "+r.OpenWords())
	}
	if n := r.States[model.Edited.String()]; n > 0 {
		lines = append(lines, fmt.Sprintf("%s edited and not sent; the edits are kept", model.Plural(n, "item")))
	}
	if r.Drafts > 0 {
		lines = append(lines, fmt.Sprintf("%s with a draft that was not saved; it is kept", model.Plural(r.Drafts, "item")))
	}
	if r.Retry.Requests > 0 {
		lines = append(lines, r.Effort())
	}
	if r.Retry.Alert && r.Retry.Requests > 0 {
		lines = append(lines, fmt.Sprintf("Alert: %s of the items are done, under the %.0f%% that the profile wants",
			model.Percent(int(r.Retry.SuccessRate*1000), 1000), r.Retry.AlertUnder*100))
	}
	if r.Run != "" {
		lines = append(lines, fmt.Sprintf("Go on: retriage resume %s    Look: retriage view %s", r.Run, r.Run))
	}
	return append(lines, fmt.Sprintf("Exit code %d: %s", r.Exit, r.ExitMeans))
}

// OpenWords lists the open items by tab, e.g. "50 Validation · 2 Permission".
func (r Report) OpenWords() string {
	var parts []string
	for _, p := range r.Open {
		parts = append(parts, model.Number(p.Count)+" "+p.Title)
	}
	return strings.Join(parts, " · ")
}

// Effort says what the session did on the wire.
func (r Report) Effort() string {
	t := r.Retry
	text := model.Plural(t.ItemsSent, "item") + " sent"
	if t.Sent > t.ItemsSent {
		text += ", " + model.Plural(t.Sent, "send") + " in all,"
	}
	text += " in " + model.Plural(t.Requests, "request")
	if t.Waits > 0 {
		text += fmt.Sprintf(" · %s the server asked for (%s)", model.Plural(t.Waits, "wait"), t.Waited)
	}
	switch t.BreakerOpens {
	case 0:
		text += " · breaker never opened"
	default:
		text += " · breaker opened " + model.Plural(t.BreakerOpens, "time")
	}
	if t.MayDouble > 0 {
		text += " · " + model.Plural(t.MayDouble, "send") + " that may double, by decision"
	}
	return text + " · " + model.Plural(t.SentTwice, "known outcome") + " sent again"
}

func head(all []string, n int) string {
	if len(all) <= n {
		return strings.Join(all, ", ")
	}
	return strings.Join(all[:n], ", ") + fmt.Sprintf(" and %s more", model.Number(len(all)-n))
}

// JSON writes the report as indented JSON of Schema.
func (r Report) JSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(r); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// Markdown writes the report for an incident channel.
func (r Report) Markdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# retriage report %s\n\n%s\n\n", r.Run, r.Verdict)
	for _, l := range r.Lines()[1:] {
		fmt.Fprintf(&b, "- %s\n", escapeMarkdown(l))
	}
	fmt.Fprintf(&b, "\n| state | items |\n|---|---:|\n")
	for _, st := range model.States() {
		if n := r.States[st.String()]; n > 0 {
			fmt.Fprintf(&b, "| %s | %s |\n", st.Words(), model.Number(n))
		}
	}
	fmt.Fprintf(&b, "| **requested** | **%s** |\n", model.Number(r.Total))
	if len(r.Items) > 0 {
		b.WriteByte('\n')
		itemTable(&b, r.Items)
	}
	if len(r.Odd) > 0 {
		b.WriteByte('\n')
	}
	for _, odd := range r.Odd {
		fmt.Fprintf(&b, "- %s\n", escapeMarkdown(odd))
	}
	for _, u := range r.Unmatched {
		fmt.Fprintf(&b, "- %s\n", escapeMarkdown(u.Words()))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// ItemsMarkdown writes items as a Markdown table.
func ItemsMarkdown(w io.Writer, items []Item) error {
	var b strings.Builder
	itemTable(&b, items)
	_, err := io.WriteString(w, b.String())
	return err
}

func itemTable(b *strings.Builder, items []Item) {
	fmt.Fprint(b, "| item | state | cause | message |\n|---|---|---|---|\n")
	for _, it := range items {
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", escapeMarkdown(it.Name()), it.State, it.Category, escapeMarkdown(it.Message))
	}
}

// escapeMarkdown keeps foreign text from becoming a table cell, markup or a link.
func escapeMarkdown(s string) string {
	return strings.NewReplacer("\\", "\\\\", "|", "\\|", "<", "&lt;", ">", "&gt;", "`", "'", "[", "\\[", "]", "\\]", "*", "\\*", "_", "\\_").Replace(s)
}
