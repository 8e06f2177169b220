package screen

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"retriage/model"
	"retriage/themes"
	"retriage/triage"
	"retriage/tui/widget"
)

// layout writes the detail of an item line by line.
type layout struct {
	width int
	th    themes.Theme
	now   time.Time
	lines []string
	// pinned is the number of lines of the head, lit the line of the field that
	// failed (0 = none).
	pinned, lit int
}

func (l *layout) line(s string) { l.lines = append(l.lines, widget.Clip(s, l.width)) }

func (l *layout) section(title string) {
	l.line("")
	l.line(l.th.Faint.Render(title))
}

// head is who it is, what the server said, and why it is filed where it is.
func (l *layout) head(s *triage.Session, item int) {
	th, r := l.th, s.Row(item)
	title := th.Strong.Render(idOf(s, item))
	if r.Status != 0 {
		title += "   " + th.Text.Render(fmt.Sprint(r.Status))
	}
	if !r.Code.IsZero() {
		title += " " + th.Fail.Bold(true).Render(r.Code.Safe(80))
	}
	if r.Base != model.Failed {
		title += "   " + stateStyle(r.Base, th).Render(r.Base.Words())
	}
	if r.Sends > 0 {
		title += "   " + th.Faint.Render("sent "+times(r.Sends)+" here")
	}
	l.line(title)
	at := ""
	if !r.Field.IsZero() {
		at = th.Text.Render("at ") + th.Wait.Render(r.Field.Safe(80)) + th.Text.Render(": ")
	}
	for k, line := range widget.Wrap(r.Message.Safe(0), l.width-widget.Width(at), 4) {
		if k == 0 {
			line = at + th.Text.Render(line)
		} else {
			line = strings.Repeat(" ", widget.Width(at)) + th.Text.Render(line)
		}
		l.line(line)
	}
	l.pinned = len(l.lines)
	l.pair("rule", r.Rule+" → "+tabOf(r).Title())
	l.pair("request", r.RequestID.Safe(80))
	l.pair("because of", r.Cause.Safe())
	if r.State == model.LeftOut {
		l.pair("left out", "by you; - takes it back in")
	}
	if !r.NotBefore.IsZero() && r.NotBefore.After(l.now) {
		l.pair("waits", "until "+widget.Clock(r.NotBefore, l.now))
	}
	for _, n := range s.Notes() {
		if n.Item == item {
			l.note(n)
		}
	}
	if v := r.Verdict; v != nil {
		l.pair("read back", strings.TrimSpace(v.State.Words()+" "+v.Note))
		for _, f := range v.Fields {
			l.line("  " + th.Wait.Render(model.Foreign(f.Pointer).Safe(60)) + "  " + th.Text.Render(fmt.Sprintf("is %s, we sent %s", orAbsent(f.Got), orAbsent(f.Sent))))
		}
	}
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return model.Number(n) + " times"
}

func (l *layout) pair(name, value string) {
	if value == "" || strings.HasPrefix(value, " → ") {
		return
	}
	l.line(l.th.Faint.Render(widget.Pad(name, 11) + value))
}

// note is what the operator wrote down about the item.
func (l *layout) note(n triage.Note) {
	for k, w := range widget.Wrap(n.Text.Safe(0), l.width-11, 3) {
		name := ""
		if k == 0 {
			name = "your note"
		}
		l.line(l.th.Accent.Render(widget.Pad(name, 11)) + l.th.Text.Render(w))
	}
}

// payload is what was sent, or would be sent now, and what the server said.
func (l *layout) payload(s *triage.Session, it model.Item, now model.Payload, edited bool, err error) {
	if err != nil {
		l.section("SENT")
		for _, line := range widget.Wrap("This item cannot be read: "+model.Foreign(err.Error()).Safe(0)+".", l.width, 3) {
			l.line(l.th.Fail.Render(line))
		}
		return
	}
	title := "SENT"
	if edited {
		title = "TO BE SENT, edited"
	}
	l.section(title)
	if request := requestLine(now); request != "" {
		l.line(l.th.Text.Render(request))
	}
	switch {
	case !now.Known:
		l.line(l.th.Faint.Render("not in this file: open it again with --request FILE"))
	case len(now.Body) == 0:
		l.line(l.th.Faint.Render("no body"))
	default:
		l.body(triage.Shown(now).Body, triage.Shown(now).Medium, marksOf(s, it, now))
	}
	if len(it.Raw) > 0 {
		l.section("SERVER SAID")
		l.body(it.Raw, medium(it.Raw), marks{})
	}
}

func requestLine(p model.Payload) string {
	if p.URL.IsZero() {
		return ""
	}
	return strings.TrimSpace(model.Foreign(p.Method).Safe(20) + " " + p.URL.Safe(model.SafeShort))
}

func medium(raw []byte) model.Medium {
	switch {
	case len(raw) > 0 && raw[0] == '<':
		return model.XML
	case len(raw) > 0 && raw[0] != '{' && raw[0] != '[':
		return model.CSV
	}
	return model.JSON
}

func (l *layout) body(raw []byte, m model.Medium, mark marks) {
	rest := len(raw) - maxShown
	if rest > 0 {
		raw = raw[:maxShown]
	}
	draw := widget.JSON
	if m == model.XML {
		draw = widget.XML
	}
	plain := draw(raw, nil, l.width, l.th)
	lines := plain
	if len(mark.edited) > 0 {
		th := l.th
		th.Bad = th.Added // no longer what failed
		lines = over(plain, lines, draw(raw, mark.edited, l.width, th))
	}
	if len(mark.failed) > 0 {
		lines = over(plain, lines, draw(raw, mark.failed, l.width, l.th))
	}
	if at := firstChange(plain, lines); l.lit == 0 && mark.any() {
		l.lit = len(l.lines) + at
	}
	l.lines = append(l.lines, lines...)
	if rest > 0 {
		l.line(l.th.Faint.Render("and " + model.Size(int64(rest)) + " more"))
	}
}

// marks are the fields of a payload that are lit, with their words: the one that
// failed, and those that were edited.
type marks struct{ failed, edited map[string]string }

func (m marks) any() bool { return len(m.failed)+len(m.edited) > 0 }

// marksOf looks for the fields to light in a payload. What the server said last
// is about what was sent last: a value that is another by now does not carry it.
func marksOf(s *triage.Session, it model.Item, now model.Payload) marks {
	m := marks{failed: map[string]string{}, edited: map[string]string{}}
	r := s.Row(it.Index)
	for _, c := range triage.NetChanges(s.Changes(it.Index)) {
		if c.Part == model.Body {
			m.edited[c.Pointer] = "was " + orAbsent(c.Old)
		}
	}
	ptr := r.Pointer()
	if ptr == "" {
		return m
	}
	changed := m.edited[ptr] != ""
	switch {
	case r.Sends > 0 && !sentAs(s, it, now, ptr):
		if !changed {
			m.edited[ptr] = "not what was sent last"
		}
	case r.Sends > 0 && changed:
		delete(m.edited, ptr) // the edit was sent, and this is the answer to it
		m.failed[ptr] = r.Message.Safe(80)
	case !changed:
		m.failed[ptr] = r.Message.Safe(80)
	}
	return m
}

// sentAs says whether a field of a payload is as it was sent last.
func sentAs(s *triage.Session, it model.Item, now model.Payload, ptr string) bool {
	sent, _, err := s.Sent(it)
	if err != nil || now.Medium == model.XML {
		return err == nil && bytes.Equal(sent.Body, now.Body)
	}
	a, _ := widget.Lookup(gjson.ParseBytes(triage.Shown(sent).Body), ptr)
	b, _ := widget.Lookup(gjson.ParseBytes(triage.Shown(now).Body), ptr)
	return a.Raw == b.Raw
}

// over puts the lines that are lit over the others.
func over(plain, under, lit []string) []string {
	if len(lit) != len(plain) || len(under) != len(plain) {
		return lit
	}
	out := slices.Clone(under)
	for i := range lit {
		if lit[i] != plain[i] {
			out[i] = lit[i]
		}
	}
	return out
}

func (l *layout) history(s *triage.Session, item int) {
	steps := s.History(item)
	if len(steps) == 0 {
		return
	}
	l.section("HISTORY")
	for _, st := range steps {
		l.line(l.th.Faint.Render(widget.Clock(st.At, l.now)) + "  " + l.th.Text.Render(st.Text))
	}
}

// fixes are the repairs that are ready for an item.
func (l *layout) fixes(it model.Item, f model.Failure) {
	suggested := triage.Suggest(it, f)
	if len(suggested) == 0 {
		return
	}
	l.section("SUGGESTED FIX   b applies it to the whole cause")
	for _, sg := range suggested {
		title := l.th.Text.Render(sg.Fix.Title)
		if sg.Fix.Marked {
			title += l.th.Wait.Render("   makes data up")
		}
		l.line(title)
		for _, c := range sg.Changes {
			l.line("  " + l.th.Faint.Render(model.Foreign(c.Pointer).Safe(60)) + "  " + l.th.Removed.Render(orAbsent(c.Old)) +
				l.th.Faint.Render(" → ") + l.th.Added.Render(orAbsent(c.New)))
		}
	}
}

// firstChange is the first place where two lists of lines differ.
func firstChange(a, b []string) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return 0
}
