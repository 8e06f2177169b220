package screen

import (
	"strconv"
	"strings"

	"charm.land/lipgloss/v2"

	"retriage/model"
	"retriage/themes"
	"retriage/triage/run"
	"retriage/tui/keys"
	"retriage/tui/widget"
)

// VerifyView is the scope of reading back.
const VerifyView keys.Scope = "verify"

func verifyKeys() []keys.Binding {
	return []keys.Binding{
		{Keys: []string{"y"}, Action: keys.PlanGo, Text: "read them back now; nothing is changed there", Group: "SEND", FootOf: func(st keys.State) string {
			return "read " + model.Number(st.Chosen)
		}},
		{Keys: []string{"enter", "d"}, Action: keys.ReadDetail, Text: "compare field by field: sent, and what is there", Foot: "compare", Group: "FIND", Off: noRow},
		{Keys: []string{"l", "right"}, Action: keys.ReadFold, Text: "show what is confirmed too, or fold it", Foot: "confirmed", Group: "FIND"},
		{Keys: []string{"a"}, Action: keys.PlanAll, Text: "read everything, however long it takes", Foot: "all", Group: "CHANGE THE PLAN"},
		{Keys: []string{"p"}, Action: keys.RunPause, Text: "pause reading, and go on", Foot: "pause", Group: "RUN"},
		{Keys: []string{"s"}, Action: keys.RunCancel, Text: "stop reading", Foot: "stop", Group: "RUN"},
		{Keys: []string{"R"}, Action: keys.PlanRetry, Text: "plan a retry; nothing is sent yet", Foot: "retry plan", Group: "SEND", Danger: true, Off: sendOff},
		{Keys: []string{"x"}, Action: keys.Export, Text: "export these items: .json .jsonl .csv .md", Foot: "export", Group: "TAKE AWAY",
			Off: func(st keys.State) string {
				if st.NoSave == "" {
					return noRow(st)
				}
				return st.NoSave
			}},
		{Keys: []string{"r"}, Action: keys.RunReport, Text: "the report", Foot: "report", Group: "FIND"},
		{Keys: []string{"esc"}, Action: keys.Escape, Text: "back", Group: "LEAVE"},
	}
}

// readParts is the bar of what was read back.
func readParts(r run.ReadProgress, th themes.Theme) []widget.Part {
	return []widget.Part{
		{N: r.Confirmed + r.AsExpected, Style: th.OK, Sign: "v"}, {N: r.Differs, Style: th.Wait, Sign: "!"}, {N: r.NotFound + r.Unreadable, Style: th.Fail, Sign: "n"},
		{N: r.Unknown, Style: th.Unknown, Sign: "?", Fill: "▒"}, {N: r.Unverifiable, Style: th.Faint, Sign: "u"},
	}
}

func readWords(r run.ReadProgress, th themes.Theme, width int) []string {
	return verdictSum{
		confirmed: r.Confirmed, differs: r.Differs, notFound: r.NotFound, unreadable: r.Unreadable, unverifiable: r.Unverifiable,
		unknown: r.Unknown, asExpected: r.AsExpected,
	}.words(th, width)
}

// words is the counts as they add up.
func (v verdictSum) words(th themes.Theme, width int) []string {
	words := []string{counted(th.OK, th, "✓ confirmed", v.confirmed), counted(th.Wait, th, "! differs", v.differs), counted(th.Fail, th, "¬ not found", v.notFound)}
	for _, w := range []struct {
		st   lipgloss.Style
		text string
		n    int
	}{{th.Fail, "‽ unreadable", v.unreadable}, {th.Unknown, "? unknown", v.unknown}, {th.Text, "~ unverifiable", v.unverifiable}, {th.Faint, "failed, and not there", v.asExpected}} {
		if w.n > 0 {
			words = append(words, counted(w.st, th, w.text, w.n))
		}
	}
	words = append(words, th.Faint.Render("= "+model.Number(v.total())))
	return spread(words, width)
}

// head is the title, then the plan, the progress or the result.
func (v *Verify) head(sc *Scene) []string {
	th := sc.Theme
	where := ""
	if u := sc.Profile.ItemURL; u != "" && sc.Width >= 70 {
		if _, rest, ok := strings.Cut(u, "://"); ok {
			u = rest
		}
		where = "   " + th.Faint.Render(widget.Clip("GET "+model.Foreign(u).Safe(100), sc.Width/2))
	}
	right := ""
	if sc.Profile.Prod {
		right = th.Prod.Render(" PROD ")
	}
	if sc.RunOn {
		word, style := phaseWords(sc.Run.Phase, th)
		right += " " + style.Bold(true).Render(word)
	}
	lines := []string{header(sc, th.Strong.Render("VERIFY")+where+"   "+th.Faint.Render("reads only"), right)}
	switch {
	case !v.ready:
		return append(lines, widget.Rule(sc.Width, th), "   "+th.Faint.Render("counting …"))
	case sc.RunOn && sc.Run.Reads.Total > 0:
		lines = append(lines, v.progress(sc)...)
	case v.sum.total() > 0:
		lines = append(lines, indented(1, v.sum.words(th, sc.Width-2))...)
		if line := v.unknownLine(th); line != "" {
			lines = append(lines, " "+widget.Clip(line, sc.Width-2))
		}
		if !v.over && sc.Height >= low {
			lines = append(lines, v.planLines(sc)...)
		}
	default:
		lines = append(lines, v.planLines(sc)...)
	}
	if sc.Height < low && len(v.rows) > 0 {
		return lines
	}
	return append(lines, widget.Rule(sc.Width, th))
}

// planLines is how many reads, how long, and what is read first.
func (v *Verify) planLines(sc *Scene) []string {
	th, set := sc.Theme, settings(sc.Profile)
	n := v.count()
	say := func(st lipgloss.Style, text string) []string {
		var out []string
		for _, l := range widget.Wrap(text, sc.Width-3, 2) {
			out = append(out, " "+st.Render(l))
		}
		return out
	}
	if sc.NoTarget != "" {
		return say(th.Wait, "Nothing can be read: "+sentenceIn(sc.NoTarget))
	}
	lines := say(th.Text, model.Plural(n, "item")+" to read back, "+widget.Left(took(n, set.ReadRate))+" at "+widget.Cap(set.ReadRate)+". y starts.")
	if v.sampled() {
		lines = append(lines, say(th.Faint, "What was sent here, and a random sample of the rest. a reads all "+model.Number(v.reads.total)+" ("+widget.Left(took(v.reads.total, set.ReadRate))+").")...)
	}
	if v.reads.unknown > 0 {
		lines = append(lines, say(th.Faint, "First the "+model.Number(v.reads.unknown)+" unknown: they may have been applied.")...)
	}
	if sc.Profile.ItemURL == "" {
		lines = append(lines, say(th.Wait, "This API offers no read of single items: all of them will be unverifiable.")...)
	}
	return lines
}

// progress is the bar while reading goes on.
func (v *Verify) progress(sc *Scene) []string {
	th, r := sc.Theme, sc.Run.Reads
	right := th.Strong.Render(model.Number(r.Done)+" of "+model.Number(r.Total)) + "   " + th.Faint.Render(widget.Left(sc.Run.Left))
	bar := max(8, min(72, sc.Width-widget.Width(right)-5))
	lines := []string{" " + widget.Bar(bar, r.Total, readParts(r, th), th) + "   " + right}
	lines = append(lines, indented(1, readWords(r, th, sc.Width-2))...)
	if r.Sampled != "" {
		lines = append(lines, " "+th.Faint.Render(widget.Clip(model.Foreign(r.Sampled).Safe(0), sc.Width-2)))
	}
	if h := sc.Run.Hold; !h.Until.IsZero() {
		text := "waits until " + widget.Clock(h.Until, sc.Now) + ": " + h.Why
		lines = append(lines, " "+th.Wait.Render(widget.Clip(text, sc.Width-2)))
	}
	return lines
}

// unknownLine says what has become of what was unknown.
func (v *Verify) unknownLine(th themes.Theme) string {
	if v.sum.applied+v.sum.safe == 0 {
		return ""
	}
	return th.Text.Render("Unknown is now: ") + th.OK.Render(model.Number(v.sum.applied)+" applied") + th.Text.Render(", ") +
		th.Wait.Render(model.Number(v.sum.safe)+" safe to retry")
}

// View implements Screen.
func (v *Verify) View(sc *Scene) Picture {
	th := sc.Theme
	lines := v.head(sc)
	if len(v.rows) > 0 {
		lines = append(lines, th.Faint.Render(v.columns(sc.Width, "  ", "ITEM", "WE SAW", "SERVER HAS NOW", "VERDICT")))
		from, to := v.win.Fit(max(1, sc.Height-len(lines)), len(v.rows)).Rows()
		for k := from; k < to; k++ {
			lines = append(lines, v.row(sc, k))
		}
	} else if v.sum.total() > 0 && !sc.RunOn {
		lines = append(lines, "   "+th.OK.Render(widget.Clip(v.noRowWords(), sc.Width-4)))
	}
	if folded := v.foldedWords(sc); folded != "" && !v.unfold && len(lines) < sc.Height {
		lines = append(lines, "    "+th.Faint.Render(widget.Clip(folded+"; l opens", sc.Width-5)))
	}
	pic := Picture{Lines: lines[:min(len(lines), sc.Height)]}
	if len(v.rows) > 0 {
		pic.Right = th.Faint.Render("row " + strconv.Itoa(v.win.Cursor+1) + " of " + model.Number(len(v.rows)))
	}
	pic.Left = th.Faint.Render("ok is the server's word, confirmed is what a read has shown")
	return pic
}

// noRowWords is the verdict when nothing wants a look. It is about what was read,
// and says so when that is not all.
func (v *Verify) noRowWords() string {
	read := v.sum.confirmed + v.sum.asExpected
	switch {
	case read == 0:
		return "Nothing could be read back."
	case v.sum.unverifiable > 0, v.sum.total() < v.reads.total:
		return "Of the " + model.Number(read) + " read back, nothing differs and nothing is missing."
	}
	return "Nothing differs, nothing is missing."
}

// foldedWords says how many have no row. While reading goes on
// the rows are a little behind the counts, so there it gives no number.
func (v *Verify) foldedWords(sc *Scene) string {
	if text := v.sum.folded(); text == "" || !sc.RunOn {
		return text
	}
	return "what is confirmed is folded"
}

// folded says how many of what was read back have no row, since they are as they
// should be.
func (v verdictSum) folded() string {
	var parts []string
	switch n := v.confirmed - v.applied; {
	case n > 0 && v.applied > 0:
		parts = append(parts, model.Number(n)+" of the "+model.Number(v.confirmed)+" confirmed")
	case n > 0:
		parts = append(parts, model.Number(n)+" confirmed")
	}
	if v.asExpected > 0 {
		parts = append(parts, model.Number(v.asExpected)+" failed and not there")
	}
	if len(parts) == 0 {
		return ""
	}
	return "Folded: " + strings.Join(parts, ", ")
}

func (v *Verify) columns(width int, sign, item, saw, now, verdict string) string {
	var plain lipgloss.Style
	w := min(max(6, v.idWidth()), width/5)
	cols := []widget.Column{{Text: sign, Width: 3, Style: plain}, {Text: item, Width: w, Style: plain}}
	if width >= 70 {
		cols = append(cols, widget.Column{Text: saw, Width: 10, Style: plain})
	}
	room := width - w - 17
	if width >= 70 {
		cols = append(cols, widget.Column{Text: now, Width: room * 45 / 100, Style: plain})
	}
	return widget.Columns(width, append(cols, widget.Column{Text: verdict, Width: -1, Style: plain})...)
}

// idWidth is what the longest id that is shown takes.
func (v *Verify) idWidth() int {
	w := 0
	from, to := v.win.Rows()
	for _, r := range v.rows[min(from, len(v.rows)):min(to, len(v.rows))] {
		w = max(w, widget.Width(r.name))
	}
	return w
}

func (v *Verify) row(sc *Scene, k int) string {
	th, r := sc.Theme, v.rows[k]
	on := k == v.win.Cursor
	st := stateStyle(r.verdict.State, th)
	state := r.verdict.State
	if state == model.Queued {
		state = model.NotFound
	}
	name := th.Text
	if on {
		name = th.Strong
	}
	line := v.columns(sc.Width, " "+pointerIf(sc, on)+st.Bold(true).Render(state.Glyph(false)), name.Render(r.name),
		th.Faint.Render(r.verdict.Was.Words()), th.Text.Render(hasNow(r.verdict)), st.Render(verdictMeans(r.verdict)))
	if on {
		return th.Lit(th.Cursor, line)
	}
	return line
}
