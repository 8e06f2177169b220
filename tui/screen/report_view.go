package screen

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"charm.land/lipgloss/v2"

	"retriage/model"
	"retriage/triage"
	"retriage/triage/report"
	"retriage/tui/keys"
	"retriage/tui/widget"
)

// ReportView is the scope of the report.
const ReportView keys.Scope = "report"

func reportKeys() []keys.Binding {
	return []keys.Binding{
		{Keys: []string{"enter", "d"}, Action: keys.ReadDetail, Text: "compare field by field: sent, and what is there", Foot: "compare", Group: "FIND"},
		{Keys: []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "0"}, Show: "0-9", Action: keys.TabAt, Text: "the tab of that number; 0 is all", Foot: "tab", Group: "MOVE"},
		{Keys: []string{"R"}, Action: keys.PlanRetry, Text: "plan a retry of what is ready; nothing is sent yet", Foot: "retry plan", Group: "SEND", Danger: true, Off: sendOff},
		{Keys: []string{"V"}, Action: keys.VerifyPlan, Text: "verify: read items back, change nothing", Foot: "verify", Group: "SEND", Danger: true, Off: sendOff},
		{Keys: []string{"y"}, Show: "yy", Action: keys.CopyMenu, Text: "copy: y the summary, i the ids of what is open", Foot: "copy summary", Group: "TAKE AWAY"},
		{Keys: []string{"x"}, Action: keys.Export, Text: "export what is still open: .json .jsonl .csv .md", Foot: "export", Group: "TAKE AWAY",
			Off: func(st keys.State) string { return st.NoSave }},
		{Keys: []string{"m"}, Action: keys.Note, Text: "a note for the hand-over, kept in the report", Foot: "note", Group: "CHANGE here",
			Off: func(st keys.State) string { return st.ReadOnly }},
		{Keys: []string{"esc"}, Action: keys.Escape, Text: "back", Group: "LEAVE"},
	}
}

// head is the title, the sum, and what it took.
func (r *Report) head(sc *Scene) []string {
	lines := []string{r.title(sc), widget.Rule(sc.Width, sc.Theme)}
	if !r.ready {
		return append(lines, "", "   "+sc.Theme.Faint.Render("counting …"))
	}
	const roomy = 28 // lines for the bar and the rows
	tight := sc.Height < low+4 || len(r.rows) > 0 && sc.Height < roomy
	air := func() {
		if !tight {
			lines = append(lines, "")
		}
	}
	air()
	lines = append(lines, r.even(sc, tight)...)
	air()
	if sc.Height >= low {
		lines = append(lines, r.effort(sc)...)
	}
	air()
	return lines
}

func (r *Report) title(sc *Scene) string {
	th := sc.Theme
	left := "REPORT"
	if sc.RunID != "" {
		left += " run " + widget.Clip(sc.RunID, 16)
	}
	left = th.Strong.Render(left)
	if span := r.span(sc); span != "" && sc.Width >= 60 {
		left += "   " + th.Faint.Render(span)
	}
	if r.rep.Who != "" && sc.Width >= Wide {
		left += "   " + th.Faint.Render("by "+model.Foreign(r.rep.Who).Safe(40))
	}
	word := th.Strong.Render("ENDED")
	switch {
	case sc.ReadOnly != "":
		word = th.Strong.Render("READ ONLY")
	case sc.S.Unfinished() != nil && !sc.RunOn:
		word = th.Wait.Bold(true).Render("STOPPED")
	case sc.RunOn:
		phase, style := phaseWords(sc.Run.Phase, th)
		word = style.Bold(true).Render(phase)
	}
	if sc.Profile.Prod {
		word = th.Prod.Render(" PROD ") + " " + word
	}
	return header(sc, left, word)
}

// span says from when to when something was sent, or, when nothing was, when the
// input was opened and last changed.
func (r *Report) span(sc *Scene) string {
	all := sc.S.Plans()
	if len(all) == 0 {
		if r.rep.Started.IsZero() {
			return ""
		}
		return "opened " + widget.Clock(r.rep.Started, sc.Now) + ", last change " + widget.Clock(r.rep.Ended, sc.Now)
	}
	from, to := all[0].Started, sc.S.LastChange()
	if end := all[len(all)-1].Ended; !end.IsZero() {
		to = end
	}
	return widget.Clock(from, sc.Now) + " to " + widget.Clock(to, sc.Now) + " (" + widget.Seconds(to.Sub(from)) + ")"
}

// even is the items that failed first and what became of them: the parts add up.
func (r *Report) even(sc *Scene, tight bool) []string {
	th, t := sc.Theme, r.rep.Retry
	if r.rep.AtStart == 0 {
		return []string{"   " + th.Text.Render("Nothing failed at the start: "+r.rep.Head())}
	}
	lines := []string{"   " + th.Strong.Render(model.Number(r.rep.AtStart)+" failed at the start")}
	if !tight {
		parts := []widget.Part{{N: t.OKAfter, Style: th.OK, Sign: "+"}, {N: t.Applied, Style: th.Wait, Sign: "?"}, {N: t.StillOpen, Style: th.Fail, Sign: "x"}}
		lines = append(lines, "", "   "+widget.Bar(min(90, sc.Width-6), r.rep.AtStart, parts, th), "")
	}
	row := func(st lipgloss.Style, n int, what, more string) {
		if n == 0 {
			st = th.Faint
		}
		line := "   " + st.Bold(n > 0).Render(widget.PadLeft(model.Number(n), 7)) + "  " + th.Text.Render(widget.Pad(what, 24)) + " "
		at := widget.Width(line)
		if more != "" && sc.Width-at < 30 { // under the number instead
			lines, line, at = append(lines, line), strings.Repeat(" ", 12), 12
		}
		if more == "" {
			lines = append(lines, line)
		}
		for _, w := range widget.Wrap(more, sc.Width-at-1, 3) {
			lines, line = append(lines, line+th.Faint.Render(w)), strings.Repeat(" ", at)
		}
	}
	after, applied := r.readBackWords(), r.appliedWords()
	if sc.Height < low {
		after, applied = "", "" // the numbers first, and what is open
	}
	row(th.OK, t.OKAfter, "ok after retry", after)
	row(th.OK, t.Applied, "were applied already", applied)
	row(th.Fail, t.StillOpen, "still open", r.openWords())
	if !tight {
		lines = append(lines, "   "+th.Faint.Render(widget.PadLeft(strings.Repeat("─", len(model.Number(r.rep.AtStart))), 7)))
	}
	even := "= all of them; "
	if t.OKAfter+t.Applied+t.StillOpen != r.rep.AtStart {
		even = "does not add up: this is our bug; "
	}
	line := "   " + th.Strong.Render(widget.PadLeft(model.Number(t.OKAfter+t.Applied+t.StillOpen), 7)) + "  "
	for _, w := range widget.Wrap(even+model.Plural(t.SentTwice, "known outcome")+" sent again", sc.Width-13, 2) {
		lines, line = append(lines, line+th.Faint.Render(w)), strings.Repeat(" ", 12)
	}
	return lines
}

// readBackWords is how many of the items that were sent are confirmed; those
// that were found applied have a line of their own.
func (r *Report) readBackWords() string {
	if r.rep.Retry.OKAfter == 0 {
		return "none was sent again and accepted"
	}
	words := model.Number(r.seen.retried) + " of them confirmed"
	if rest := r.rep.Retry.OKAfter - r.seen.retried; rest > 0 {
		words += ", " + model.Number(rest) + " on the server's word"
	}
	return words
}

func (r *Report) appliedWords() string {
	n := r.rep.Retry.Applied
	if n == 0 {
		return "of what was unknown"
	}
	words := "unknown before; " + model.Number(r.seen.applied) + " of them confirmed"
	if rest := n - r.seen.applied; rest > 0 {
		words += ", " + model.Number(rest) + " not read"
	}
	return words
}

// openWords lists what is still open by kind: unknown first, since nobody knows
// what became of it, then the largest.
func (r *Report) openWords() string {
	open := slices.Clone(r.rep.Open)
	rank := func(p report.Part) int {
		if p.Title == triage.UnknownTab.Title() {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(open, func(a, b report.Part) int {
		return cmp.Or(rank(a)-rank(b), b.Count-a.Count)
	})
	var words []string
	for _, p := range open {
		words = append(words, model.Number(p.Count)+" "+p.Title)
	}
	return strings.Join(words, " · ")
}

// confirmedWords says where the number of confirmed items comes from.
func (r *Report) confirmedWords() string {
	n := r.seen
	return fmt.Sprintf("%s confirmed in all: %s from the start, %s after retry, %s applied already",
		model.Number(n.total()), model.Number(n.fine), model.Number(n.retried), model.Number(n.applied))
}

// effort is what was done on the wire, and what moved.
func (r *Report) effort(sc *Scene) []string {
	th := sc.Theme
	text := "Nothing was sent."
	if r.rep.Retry.Requests > 0 {
		text = r.rep.Effort()
	}
	said := []string{text}
	if n := r.rep.States[model.Edited.String()]; n > 0 {
		said = append(said, model.Plural(n, "item")+" edited and not sent; the edits are kept.")
	}
	if r.seen.total() > 0 {
		said = append(said, r.confirmedWords())
	}
	var lines []string
	for _, l := range append(said, r.moves...) {
		for _, w := range widget.Wrap(l, sc.Width-5, 2) {
			lines = append(lines, "   "+th.Faint.Render(w))
		}
	}
	return lines
}

// View implements Screen.
func (r *Report) View(sc *Scene) Picture {
	th := sc.Theme
	lines := r.head(sc)
	if r.ready {
		lines = append(lines, r.table(sc, sc.Height-len(lines)-r.tail(sc))...)
	}
	if next := r.next(sc); r.ready && next != "" && sc.Height >= low {
		for len(lines) < sc.Height-1 {
			lines = append(lines, "")
		}
		lines = append(lines[:sc.Height-1], next)
	}
	pic := Picture{Lines: lines[:min(len(lines), sc.Height)]}
	if r.ready {
		end := endOf(sc)
		code := report.ExitCode(sc.S.Counts(), end)
		pic.Right = th.Faint.Render("exit code will be " + strconv.Itoa(code) + ": " + report.ExitWords(code, end))
	}
	if sc.RunID != "" && sc.Width >= Wide {
		pic.Left = th.Faint.Render("kept in run ") + th.Text.Render(widget.Clip(sc.RunID, 16)) + th.Faint.Render("   look again: retriage view "+widget.Clip(sc.RunID, 16))
	}
	return pic
}

// table is what was read back and is not plainly confirmed.
func (r *Report) table(sc *Scene, room int) []string {
	th := sc.Theme
	var v Verify
	var lines []string
	if len(r.rows) > 0 && room > 2 {
		win := r.win.Fit(room-2, len(r.rows))
		v.rows, v.win = r.rows, win
		lines = append(lines, th.Faint.Render(v.columns(sc.Width, "  ", "ITEM", "WE SAW", "SERVER HAS NOW", "VERDICT")))
		from, to := win.Rows()
		for k := from; k < to; k++ {
			lines = append(lines, v.row(sc, k))
		}
	}
	if folded := r.sum.folded(); folded != "" && len(lines) < room {
		lines = append(lines, "    "+th.Faint.Render(widget.Clip(folded, sc.Width-5)))
	}
	return lines
}

// next is what to do now.
func (r *Report) next(sc *Scene) string {
	line := "   " + sc.Theme.Faint.Render("NEXT") + "  "
	for _, s := range nextSteps(sc, r.plans) {
		if widget.Width(line)+widget.Width(s) > sc.Width-1 {
			break
		}
		line += s + "     "
	}
	return widget.Clip(strings.TrimRight(line, " "), sc.Width)
}

// nextSteps are keys with what they would do now, what matters most first.
// ready says that a plan of all that is open would send something.
func nextSteps(sc *Scene, ready bool) (steps []string) {
	th := sc.Theme
	tabs := sc.Face.tabs(sc.S)[1:]
	add := func(key, text string) { steps = append(steps, th.Key.Render(key)+" "+th.Faint.Render(text)) }
	if n := sc.S.Counts().Of(model.Unknown); n > 0 && sc.NoTarget == "" {
		add("V", "verify the "+model.Number(n)+" unknown")
	}
	for k, t := range tabs {
		if k < 9 && t.Count > 0 && (triage.EaseOf(t.Tab) == triage.Hand || t.Tab == triage.CheckTab) {
			add(strconv.Itoa(k+1), "open "+t.Tab.Title()+" ("+model.Number(t.Count)+")")
		}
	}
	if ready && sc.NoTarget == "" && sc.ReadOnly == "" {
		add("R", "plan a retry of what is ready")
	}
	if sc.S.Counts().Open() == 0 {
		add("q", "back: nothing is left to do")
	}
	return steps
}
