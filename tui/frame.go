package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"retriage/triage/run"
	"retriage/tui/dialog"
	"retriage/tui/keys"
	"retriage/tui/screen"
	"retriage/tui/widget"
)

// The floor of what is drawn, and the lines that the root keeps at the bottom:
// a rule, the status line, the keys.
const (
	minWidth  = 40
	minHeight = 10
	bottom    = 3
)

func (m *Model) tooSmall() bool { return m.look.width < minWidth || m.look.height < minHeight }

// View draws the frame.
func (m *Model) View() tea.View {
	text := strings.Join(m.frame(), "\n")
	if m.cfg.ASCII {
		text = widget.ToASCII(text)
	}
	if m.plain {
		text = ansi.Strip(text)
	}
	v := tea.NewView(text)
	v.AltScreen = !m.plain
	v.WindowTitle = m.title()
	return v
}

func (m *Model) title() string {
	p := m.work.snap.Progress
	if !m.work.on || len(p) == 0 {
		return "retriage " + m.cfg.Name
	}
	return fmt.Sprintf("retriage %d/%d f%d", p[0].OK+p[0].Failed, p[0].Total, p[0].Failed)
}

// frame is exactly the screen: as many lines as it has, each as wide as it is.
func (m *Model) frame() []string {
	if m.look.width == 0 || m.look.height == 0 {
		return nil
	}
	if m.tooSmall() {
		return m.small()
	}
	var pic screen.Picture
	m.scene(func(sc *screen.Scene) { pic = m.top().screen.View(sc) })
	th, w := m.look.theme, m.look.width
	body := fit(pic.Lines, w, m.look.height-bottom)
	over := m.over()
	copy(body[len(body)-len(over):], over)
	if m.plain {
		return append(body, fit([]string{"", " Plain text: select and scroll with the terminal. Any key returns."}, w, bottom)...)
	}
	rule, status := widget.Rule(w, th), m.status(pic)
	if said := widget.Wrap(m.said, w-2, 2); len(said) == 2 { // it is not cut: it takes the rule's line too
		rule, status = widget.Pad(" "+th.Text.Render(said[0]), w), widget.Pad(" "+th.Text.Render(said[1]), w)
	}
	return append(body, rule, status, m.footer())
}

// over is the dialog's lines: the screen has what is left above them.
func (m *Model) over() []string {
	if m.dialog == nil {
		return nil
	}
	lines := dialog.View(m.dialog.Dialog, m.look.width, m.look.theme)
	return lines[:max(0, min(len(lines), m.look.height-bottom))]
}

// fit makes lines exactly height lines of exactly width cells.
func fit(lines []string, width, height int) []string {
	out := make([]string, height)
	for i := range out {
		line := ""
		if i < len(lines) {
			line = lines[i]
		}
		out[i] = widget.Pad(line, width)
	}
	return out
}

// small is what a terminal gets that has no room for a screen.
func (m *Model) small() []string {
	text := fmt.Sprintf("%dx%d: needs %dx%d.", m.look.width, m.look.height, minWidth, minHeight)
	if p := m.work.snap.Progress; m.work.on && len(p) > 0 {
		text += fmt.Sprintf(" %s: %d of %d answered.", m.runWords(), p[0].OK+p[0].Failed, p[0].Total)
	}
	return fit(widget.Wrap(text+" q back", m.look.width, m.look.height), m.look.width, m.look.height)
}

// runWords says in a few words what the run is doing.
func (m *Model) runWords() string {
	switch {
	case !m.work.on:
		return "The run has ended"
	case m.work.snap.Phase == run.Paused:
		return "The run is paused"
	case m.work.snap.Phase == run.Draining:
		return "The run is stopping"
	}
	return "The run goes on"
}

// status is the line above the keys: what was just said, else what is selected.
func (m *Model) status(pic screen.Picture) string {
	th, w := m.look.theme, m.look.width
	if m.said != "" {
		said, right := " "+th.Text.Render(widget.Clip(m.said, w-2)), pic.Right+" "
		if widget.Width(said)+widget.Width(right)+2 > w {
			right = ""
		}
		return widget.Sides(said, right, w)
	}
	if m.dialog != nil { // it says what there is to say
		pic.Left = ""
	}
	right := pic.Right
	if p := m.work.snap.Progress; m.work.on && len(p) > 0 && right == "" {
		right = th.OK.Render(fmt.Sprintf("run: %d of %d answered, failed %d", p[0].OK+p[0].Failed, p[0].Total, p[0].Failed))
	}
	return widget.Sides(" "+pic.Left, right+" ", w)
}

// footer is the line of keys: as many of the table's hints as fit in its order.
// What leads to sending and the way to help have their place first.
func (m *Model) footer() string {
	const gap = 3
	th, w := m.look.theme, m.look.width
	hints := m.table.Hints(m.scopes(), m.state())
	size := func(h keys.Hint) int { return widget.Width(h.Key) + 1 + widget.Width(h.Text) + gap }
	room := w - 1
	fits := make([]bool, len(hints))
	for rank := range 3 {
		for i, h := range hints {
			if h.Rank == rank && size(h)-gap <= room {
				fits[i] = true
				room -= size(h)
			}
		}
	}
	line := ""
	for i, h := range hints {
		if fits[i] {
			line += strings.Repeat(" ", gap) + th.Key.Render(h.Key) + " " + th.Faint.Render(h.Text)
		}
	}
	return widget.Pad(strings.TrimPrefix(line, strings.Repeat(" ", gap-1)), w)
}

// dot ends a sentence.
func dot(s string) string {
	if strings.HasSuffix(s, ".") {
		return s
	}
	return s + "."
}

// parts is the first of the reasons there are.
func parts(reasons ...string) string {
	for _, r := range reasons {
		if r != "" {
			return r
		}
	}
	return ""
}
