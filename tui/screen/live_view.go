package screen

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"charm.land/lipgloss/v2"

	"retriage/model"
	"retriage/themes"
	"retriage/triage"
	"retriage/triage/run"
	"retriage/tui/keys"
	"retriage/tui/widget"
)

// LiveView is the scope of a run.
const LiveView keys.Scope = "run"

func liveKeys() []keys.Binding {
	const group = "RUN"
	return []keys.Binding{
		{Keys: []string{"c"}, Action: keys.RunGoOn, Text: "go on after a stop", Group: group, Danger: true, FootOf: func(st keys.State) string {
			if st.Held {
				return "" // p says it
			}
			return "go on"
		}},
		{Keys: []string{"t"}, Action: keys.RunToken, Text: "read the token again and go on", Foot: "read token again", Keep: true, Group: group},
		{Keys: []string{"n"}, Action: keys.RunProbe, Text: "try one request now, breaker open or not", Foot: "try one now", Group: group},
		{Keys: []string{"p"}, Action: keys.RunPause, Text: "pause, and go on", Group: group, FootOf: func(st keys.State) string {
			if st.Held {
				return "go on"
			}
			return "pause"
		}},
		{Keys: []string{"<"}, Show: "< >", Action: keys.RunSlower, Text: "fewer requests a second; > more", Foot: "speed", Group: group},
		{Keys: []string{">"}, Action: keys.RunFaster, Text: "more requests a second", Group: group},
		{Keys: []string{"s"}, Action: keys.RunCancel, Text: "stop: what is in flight is awaited, the rest is not sent", Foot: "stop", Keep: true, Group: group},
		{Keys: []string{"f"}, Action: keys.RunFailed, Text: "only failed items in the log, or all", Foot: "failed only", Group: group},
		{Keys: []string{"enter"}, Action: keys.RunReport, Text: "the report", Foot: "report", Group: group},
		{Keys: []string{"b"}, Action: keys.RunBrowse, Text: "browse meanwhile; the run goes on", Group: group, FootOf: func(st keys.State) string {
			if st.Running {
				return "browse meanwhile"
			}
			return ""
		}},
		{Keys: []string{"esc"}, Action: keys.Escape, Text: "back; the run goes on", Group: "LEAVE"},
	}
}

const (
	logLines = 5 // of the log have their place before the bars of the tabs
	mostTabs = 7
)

func capWords(rate float64) string {
	if rate == 1 {
		return "1 request/s"
	}
	return strconv.FormatFloat(rate, 'f', -1, 64) + " requests/s"
}

// View implements Screen.
func (l *Live) View(sc *Scene) Picture {
	th, s := sc.Theme, sc.Run
	lines := []string{l.title(sc), widget.Rule(sc.Width, th)}
	tight := sc.Height < low+4
	air := func() {
		if !tight {
			lines = append(lines, "")
		}
	}
	air()
	if len(s.Progress) == 0 && s.Reads.Total == 0 {
		word := "No run was started here."
		if sc.RunOn {
			word = "Starting …"
		}
		return Picture{Lines: append(lines, "   "+th.Faint.Render(word))}
	}
	lines = append(lines, l.totals(sc)...)
	still, gauges := l.pauseLines(sc), l.gauges(sc)
	const others = 3 // the lines between the parts
	room := sc.Height - len(lines) - len(still) - len(gauges) - others - min(logLines, len(s.Lines))
	if len(s.Progress) > 2 && !tight && room >= 2 {
		air()
		lines = append(lines, l.byTab(sc, min(mostTabs, room))...)
	}
	air()
	lines = append(lines, still...)
	lines = append(lines, gauges...)
	if !tight {
		lines = append(lines, widget.Rule(sc.Width, th))
	}
	lines = append(lines, l.log(sc, sc.Height-len(lines))...)
	return Picture{Lines: lines[:min(len(lines), sc.Height)], Left: l.foot(sc), Right: l.clock(sc)}
}

// title is the run, its steps, and what it is doing.
func (l *Live) title(sc *Scene) string {
	th, s := sc.Theme, sc.Run
	left := th.Strong.Render("RUN")
	if id := runID(sc); id != "" {
		left = th.Strong.Render("RUN " + id)
	}
	if len(s.Steps) > 1 {
		left += "   " + th.Faint.Render(fmt.Sprintf("step %d of %d", s.Step+1, len(s.Steps)))
		if sc.Width >= Wide {
			left += "   "
			for k, st := range s.Steps {
				word := " " + model.Number(st.Size) + " "
				switch {
				case k == s.Step && s.Phase != run.Ended:
					left += " " + th.Accent.Bold(true).Render(word)
				case st.Done:
					left += " " + th.Faint.Render(word+"✓")
				default:
					left += " " + th.Faint.Render(word)
				}
			}
		}
	}
	word, style := phaseWords(s.Phase, th)
	if l.stopped(sc) {
		word, style = "STOPPED", th.Wait
	}
	right := style.Bold(true).Render(word)
	if sc.Profile.Prod {
		right = th.Prod.Render(" PROD ") + " " + right
	}
	return header(sc, left, right)
}

// runID is what a run is called everywhere: by the id that resume wants. Without
// a journal it is the plan's.
func runID(sc *Scene) string {
	if sc.RunID != "" {
		return widget.Clip(sc.RunID, 16)
	}
	return model.Foreign(sc.Run.PlanID).Safe(12)
}

func phaseWords(p run.Phase, th themes.Theme) (string, lipgloss.Style) {
	switch p {
	case run.Running:
		return "RUNNING", th.OK
	case run.LookingUp, run.Verifying:
		return strings.ToUpper(string(p)), th.OK
	case run.Held, run.Paused, run.Draining:
		return strings.ToUpper(string(p)), th.Wait
	case run.Ended:
		return "ENDED", th.Strong
	}
	return strings.ToUpper(string(p)), th.Faint
}

// runParts is the bar of some progress: what is in it adds up to its total.
func runParts(p triage.Progress, th themes.Theme) []widget.Part {
	return []widget.Part{
		{N: p.OK, Style: th.OK, Sign: "+"}, {N: p.Failed, Style: th.Fail, Sign: "x"}, {N: p.Unknown, Style: th.Unknown, Sign: "?", Fill: "▒"},
		{N: p.Waiting, Style: th.Wait, Sign: "~"}, {N: p.InFlight, Style: th.Accent, Sign: ">"},
	}
}

// totals is the bar of everything and the sum under it; then what is read back.
func (l *Live) totals(sc *Scene) []string {
	th, s := sc.Theme, sc.Run
	var lines []string
	if len(s.Progress) > 0 {
		p := s.Progress[0]
		right := th.Strong.Render(answeredWords(p, sc.Width))
		if s.Phase != run.Ended && s.Reads.Total == 0 && s.Phase != run.Verifying {
			if left := widget.Left(s.Left); s.Left >= 0 {
				right += "   " + th.Faint.Render(left+" left")
			} else {
				right += "   " + th.Faint.Render(left)
			}
		}
		bar := max(8, min(72, sc.Width-widget.Width(right)-7))
		lines = append(lines, "   "+widget.Bar(bar, p.Total, runParts(p, th), th)+"   "+right)
		lines = append(lines, indented(3, sumWords(p, th, sc.Width-4, !sc.RunOn))...)
	}
	if r := s.Reads; r.Total > 0 {
		if len(lines) > 0 && sc.Height >= low+4 {
			lines = append(lines, "")
		}
		right := th.Strong.Render(model.Number(r.Done)+" of "+model.Number(r.Total)) + th.Faint.Render(" read back")
		bar := max(8, min(72, sc.Width-widget.Width(right)-7))
		lines = append(lines, "   "+widget.Bar(bar, r.Total, readParts(r, th), th)+"   "+right)
		lines = append(lines, indented(3, readWords(r, th, sc.Width-4))...)
	}
	return lines
}

// answeredWords is how far a plan is. What has no answer to trust is no progress,
// and stands in the sum as unknown.
func answeredWords(p triage.Progress, width int) string {
	text := model.Number(answered(p)) + " of " + model.Number(p.Total)
	if width >= 60 {
		text += " answered"
	}
	return text
}

func answered(p triage.Progress) int { return p.OK + p.Failed }

// byTab is a bar for each category that the plan took from, at most that many.
func (l *Live) byTab(sc *Scene, most int) []string {
	th, name, all := sc.Theme, 11, sc.Run.Progress[1:]
	shown := all
	if len(all) > most {
		shown = all[:most-1] // one line says how many more there are
	}
	bar := 46
	words := make([]string, len(shown))
	for _, p := range shown {
		name = max(name, widget.Width(p.Tab.Title())+1)
	}
	for k, p := range shown {
		words[k] = tabWords(p, th, sc.Width)
		bar = max(6, min(bar, sc.Width-name-12-widget.Width(words[k])-10))
	}
	if sc.Width < 60 {
		bar = max(6, sc.Width-name-17)
	}
	var lines []string
	for k, p := range shown {
		done := th.Strong.Render(widget.PadLeft(model.Number(answered(p))+" of "+model.Number(p.Total), 12))
		line := "   " + th.Text.Render(widget.Pad(p.Tab.Title(), name-1)) + " " + widget.Bar(bar, p.Total, runParts(p, th), th) + " " + done + "   " + words[k]
		lines = append(lines, widget.Clip(line, sc.Width))
	}
	if more := len(all) - len(shown); more > 0 {
		lines = append(lines, "   "+th.Faint.Render("and "+model.Plural(more, "more category")))
	}
	return lines
}

// pauseLines is why the run stands still and what goes on from there.
func (l *Live) pauseLines(sc *Scene) []string {
	th, s := sc.Theme, sc.Run
	var lines []string
	say := func(st lipgloss.Style, text string) {
		for _, w := range widget.Wrap(text, sc.Width-5, 3) {
			lines = append(lines, "   "+st.Render(w))
		}
	}
	if s.Phase == run.Paused && s.Pause.Text != "" {
		say(th.Wait.Bold(true), s.Pause.Text)
		say(th.Text, pauseNext(sc, s.Pause.Kind))
	}
	if s.Err != "" {
		say(th.Fail, sentence(s.Err))
	}
	if l.stopped(sc) {
		for k, text := range l.stoppedWords(sc) {
			st := th.Text
			if k == 0 {
				st = th.Wait.Bold(true)
			}
			say(st, text)
		}
	}
	if len(lines) > 0 && sc.Height >= low+4 {
		lines = append(lines, "")
	}
	return lines
}

// stopped says whether a run was stopped and can go on. What was not sent is
// still held by its plan.
func (l *Live) stopped(sc *Scene) bool {
	return !sc.RunOn && sc.S.Unfinished() != nil && len(sc.Run.Progress) > 0
}

// stoppedWords says what was not sent, and how it can be.
func (l *Live) stoppedWords(sc *Scene) []string {
	p := l.whole(sc.Run)
	first := "Stopped: " + model.Number(p.Left) + plural(p.Left, " was", " were") + " not sent"
	if unread := sc.Run.Reads.Total - sc.Run.Reads.Done; unread > 0 && p.Left+p.Waiting == 0 {
		first = "Stopped while reading back: " + model.Number(unread) + " of " + model.Number(sc.Run.Reads.Total) + plural(unread, " was", " were") + " not read"
	}
	if p.Waiting > 0 {
		first += ", " + model.Number(p.Waiting) + plural(p.Waiting, " waits", " wait") + " for another try"
	}
	if n := p.Unknown + p.InFlight; n > 0 {
		first += ", " + model.Number(n) + " got no answer and" + plural(n, " is", " are") + " unknown"
	}
	first += "."
	next := "c goes on"
	if sc.NoTarget != "" {
		next = "It can go on"
	}
	if sc.RunID != "" {
		next += "; later: retriage resume " + sc.RunID
	}
	change := "Items changed in the lists (e b -) leave this run; R plans anew."
	if p.Gone > 0 {
		change = goneWords(p.Gone) + "."
	}
	return []string{first, next, change}
}

// goneWords says of items that were taken out of a stopped run what becomes of
// them.
func goneWords(n int) string {
	return model.Plural(n, "item") + plural(n, " was", " were") + " changed since and taken out of this run: R plans anew"
}

func pauseNext(sc *Scene, kind string) string {
	if kind == "sign_in" && sc.NoAuth {
		return "s stops: the rest is not sent. Start again with --auth and --token-file"
	}
	switch kind {
	case "operator":
		return "p goes on   s stops: the rest is not sent, and can be later"
	case "sign_in":
		return "Renew the token at its source, then t reads it again.   s stops"
	case "step":
		return "Go on with the next step?   c go on   s stop: the rest is not sent"
	}
	return "c tries to go on   s stops: the rest is not sent, and can be later"
}

// log is the newest lines first.
func (l *Live) log(sc *Scene, room int) []string {
	th := sc.Theme
	var shown []run.Line
	ids := 5
	for _, e := range sc.Run.Lines {
		if len(shown) >= room {
			break
		}
		if l.wanted(e) {
			shown = append(shown, e)
			ids = max(ids, widget.Width(lineName(sc, e)))
		}
	}
	var lines []string
	for _, e := range shown {
		lines = append(lines, logLine(sc, e, min(ids, sc.Width/4)))
	}
	if len(lines) == 0 && room > 0 {
		word := "nothing was answered yet"
		if l.failedOnly {
			word = "nothing has failed"
		}
		lines = append(lines, "   "+th.Faint.Render(word))
	}
	return lines
}

// lineName is what a line of the log calls its item.
func lineName(sc *Scene, e run.Line) string {
	if !e.ID.IsZero() {
		return e.ID.Safe()
	}
	return idOf(sc.S, e.Item)
}

func logLine(sc *Scene, e run.Line, ids int) string {
	th := sc.Theme
	st := stateStyle(e.State, th)
	text := " " + th.Faint.Render(e.At.In(sc.Now.Location()).Format(time.TimeOnly)) + "  "
	if e.Item < 0 {
		return widget.Clip(text+th.Wait.Render(e.Text), sc.Width)
	}
	status := ""
	if e.Status != 0 {
		status = strconv.Itoa(e.Status)
	}
	text += st.Bold(true).Render(e.State.Glyph(false)) + " " + th.Text.Render(widget.Pad(lineName(sc, e), ids)) + "  " + widget.Pad(st.Render(status), 4) + th.Text.Render(e.Text)
	right := ""
	if e.Try > 0 && e.Tries > 0 && sc.Width >= 70 {
		right = th.Faint.Render(fmt.Sprintf("try %d of %d ", e.Try, e.Tries))
	}
	return widget.Sides(text, right, sc.Width)
}

func (l *Live) foot(sc *Scene) string {
	th := sc.Theme
	switch {
	case l.stopped(sc):
		return th.Text.Render("The run was stopped.") + th.Faint.Render(" c goes on, enter opens the report")
	case !sc.RunOn:
		return th.Text.Render("The run has ended.") + th.Faint.Render(" enter opens the report")
	}
	resume := "retriage resume"
	if sc.RunID != "" {
		resume += " " + sc.RunID
	}
	// The command is whole, or not there: half of it would be another one.
	for _, why := range []string{"Journal written before each send. Safe to close: ", "Safe to close: ", ""} {
		if widget.Width(why+resume)+widget.Width(l.clock(sc))+3 <= sc.Width {
			return th.Faint.Render(why) + th.Text.Render(resume)
		}
	}
	return ""
}

func (l *Live) clock(sc *Scene) string {
	s := sc.Run
	if s.Started.IsZero() {
		return ""
	}
	end := s.Ended
	if end.IsZero() {
		end = sc.Now
	}
	return sc.Theme.Faint.Render(widget.Seconds(end.Sub(s.Started)) + " gone")
}
