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
	"retriage/tui/widget"
)

// sumWords is the counts as they add up. What is left when a run is over was not
// sent.
func sumWords(p triage.Progress, th themes.Theme, width int, over bool) []string {
	left := th.Faint.Render("left " + model.Number(p.Left))
	if over && p.Left > 0 {
		left = th.Wait.Render("left " + model.Number(p.Left) + ", not sent")
	}
	words := []string{
		counted(th.OK, th, "+ ok", p.OK), counted(th.Fail, th, "x failed", p.Failed), counted(th.Wait, th, "… waiting", p.Waiting),
		counted(th.Accent, th, "▸ in flight", p.InFlight), counted(th.Unknown, th, "? unknown", p.Unknown),
		left,
	}
	if p.Gone > 0 {
		words = append(words, th.Faint.Render("- taken out "+model.Number(p.Gone)))
	}
	words = append(words, th.Faint.Render("= "+model.Number(p.Total)))
	return spread(words, width)
}

// spread puts words next to each other, closer together where room is short, and
// on further lines where it does not do: a sum is never cut.
func spread(words []string, width int) []string {
	for _, gap := range []string{"    ", "   ", "  "} {
		if line := strings.Join(words, gap); widget.Width(line) <= width {
			return []string{line}
		}
	}
	var lines []string
	line := ""
	for _, w := range words {
		switch {
		case line == "":
			line = w
		case widget.Width(line)+widget.Width(w)+2 > width:
			lines, line = append(lines, line), w
		default:
			line += "  " + w
		}
	}
	return append(lines, line)
}

// indented puts blanks before lines.
func indented(by int, lines []string) []string {
	out := make([]string, len(lines))
	for k, l := range lines {
		out[k] = strings.Repeat(" ", by) + l
	}
	return out
}

// counted is a word with its number: in its colour when there is any, faint when
// there is none.
func counted(st lipgloss.Style, th themes.Theme, word string, n int) string {
	if n == 0 {
		st = th.Faint
	}
	return st.Render(word + " " + model.Number(n))
}

// gauges are pace, breaker and speed, each in words.
func (l *Live) gauges(sc *Scene) []string {
	const name = 10
	th, s := sc.Theme, sc.Run
	line := func(title, text string) string {
		return widget.Clip("   "+th.Faint.Render(widget.Pad(title, name))+text, sc.Width)
	}
	rate := th.Strong.Render(itemRate(s.Rate)) + th.Faint.Render(fmt.Sprintf("; at most %s, %s in flight", capWords(s.Cap), model.Number(s.InFlight)))
	if s.Phase == run.Ended {
		return []string{line("SENT", th.Text.Render(model.Plural(s.Requests, "request"))+l.failedWords(sc))}
	}
	var lines []string
	held := ""
	if !s.Hold.Until.IsZero() {
		held = th.Wait.Render("held until " + widget.Clock(s.Hold.Until, sc.Now) + " (in " + widget.Seconds(s.Hold.Until.Sub(sc.Now)+time.Second-1) + "): " + s.Hold.Why)
	} else if p := l.whole(s); s.Phase == run.Running && s.InFlight == 0 && p.Waiting > 0 && p.Left == 0 {
		held = th.Wait.Render(model.Plural(p.Waiting, "item") + plural(p.Waiting, " waits for its", " wait for their") + " next try")
	}
	switch {
	case held != "" && widget.Width(rate)+widget.Width(held)+name+8 <= sc.Width:
		lines = append(lines, line("RATE", rate+"     "+held))
	case held != "":
		lines = append(lines, line("RATE", rate), line("", held))
	default:
		lines = append(lines, line("RATE", rate))
	}
	lines = append(lines, line("BREAKER", l.breaker(sc)))
	if sc.Height >= low && len(s.Speed) > 0 {
		lines = append(lines, line("SPEED", widget.Spark(s.Speed, min(30, len(s.Speed)), th)+th.Faint.Render("   items/s, last 30 s")))
	}
	return lines
}

// itemRate is a pace of items, which is not that of requests: one holds many.
func itemRate(perSecond float64) string {
	text := strconv.FormatFloat(perSecond, 'f', 1, 64)
	if perSecond >= 10 {
		text = strconv.FormatFloat(perSecond, 'f', 0, 64)
	}
	return strings.TrimSuffix(text, ".0") + " items/s"
}

// failedWords says how many of the items that were sent did not come through.
func (l *Live) failedWords(sc *Scene) string {
	p, text := l.whole(sc.Run), ""
	if p.Failed > 0 {
		text += "   " + model.Plural(p.Failed, "item") + " did not come through"
	}
	if p.Unknown > 0 {
		text += "   " + model.Plural(p.Unknown, "item") + " got no answer"
	}
	return sc.Theme.Faint.Render(text)
}

// whole is the progress of everything.
func (l *Live) whole(s run.Snapshot) triage.Progress {
	if len(s.Progress) == 0 {
		return triage.Progress{}
	}
	return s.Progress[0]
}

// breaker is the state of the circuit breaker and the outcomes that it looks at.
func (l *Live) breaker(sc *Scene) string {
	th, b := sc.Theme, sc.Run.Breaker
	style, word := th.OK, b.State
	if b.State != "closed" {
		style = th.Fail
	}
	if word == "" {
		word, style = "closed", th.OK
	}
	text := style.Render(word)
	if !b.Until.IsZero() && b.State == "open" {
		text += th.Wait.Render(", tries one request at " + widget.Clock(b.Until, sc.Now) + " (in " + widget.Seconds(b.Until.Sub(sc.Now)+time.Second-1) + ")")
	}
	if len(b.Last) > 0 {
		text += th.Faint.Render("   last " + strconv.Itoa(len(b.Last)) + ": ")
		failed := 0
		for _, bad := range b.Last {
			switch {
			case bad && th.Mono:
				text += "x"
			case bad:
				text += th.Fail.Render("■")
			case th.Mono:
				text += "+"
			default:
				text += th.OK.Render("■")
			}
			if bad {
				failed++
			}
		}
		text += th.Faint.Render(fmt.Sprintf("   %d failed", failed))
	}
	switch {
	case b.Size > len(b.Last) && b.State != "open":
		text += th.Faint.Render(fmt.Sprintf(", judged from %d requests on", b.Size))
	case b.Size > 0:
		text += th.Faint.Render(fmt.Sprintf(", opens at %d of %d", b.Opens, b.Size))
	}
	return text
}

// tabWords tells how the items of one tab stand, where there is room for it.
func tabWords(p triage.Progress, th themes.Theme, width int) string {
	if width < 60 {
		return ""
	}
	words := []string{counted(th.OK, th, "ok", p.OK), counted(th.Fail, th, "failed", p.Failed), counted(th.Wait, th, "waiting", p.Waiting)}
	if p.Unknown > 0 {
		words = append(words, counted(th.Unknown, th, "unknown", p.Unknown))
	}
	return strings.Join(words, "  ")
}
