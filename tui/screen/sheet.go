package screen

import (
	"context"

	"retriage/model"
	"retriage/triage"
	"retriage/tui/keys"
	"retriage/tui/widget"
)

// SheetView is the scope of a page to read.
const SheetView keys.Scope = "page"

func sheetKeys() []keys.Binding {
	return []keys.Binding{
		{Keys: []string{"esc", "enter", "d", "l"}, Action: keys.Escape, Text: "back", Foot: "back", Group: "LEAVE"},
	}
}

// heading is the sign of a line of a sheet that names what follows.
const heading byte = '#'

// sheet is a page of lines that is scrolled and closed.
type sheet struct {
	title string
	load  func(ctx context.Context, e Engine) []triage.DiffLine
	lines []triage.DiffLine
	ready bool
	drawn []string // lines, as they are drawn at that width
	width int
	theme string
	win   widget.Window
}

// newSheet is a page whose lines load makes, away from the screen.
func newSheet(title string, load func(ctx context.Context, e Engine) []triage.DiffLine) *sheet {
	return &sheet{title: title, load: load}
}

// Scopes implements Screen.
func (s *sheet) Scopes() []keys.Scope { return []keys.Scope{SheetView, Rows} }

// Facts implements Screen.
func (s *sheet) Facts(_ *Scene, st *keys.State) { st.Rows = len(s.drawn) }

// Refresh implements Screen.
func (s *sheet) Refresh(sc *Scene) []Effect {
	s.draw(sc)
	if s.ready {
		return nil
	}
	return []Effect{Work{Name: "sheet", Do: func(ctx context.Context, e Engine) any { return s.load(ctx, e) }}}
}

// Apply implements Screen.
func (s *sheet) Apply(sc *Scene, _ string, answer any) []Effect {
	if lines, ok := answer.([]triage.DiffLine); ok {
		s.lines, s.ready = lines, true
		s.width = 0
		s.draw(sc)
	}
	return nil
}

// draw lays the lines out for a width; long ones are wrapped.
func (s *sheet) draw(sc *Scene) {
	if s.width != sc.Width || s.theme != sc.Theme.Name {
		s.width, s.theme, s.drawn = sc.Width, sc.Theme.Name, nil
		for _, l := range s.lines {
			if l.Sign == heading {
				s.drawn = append(s.drawn, " "+sc.Theme.Strong.Render(widget.Clip(l.Text, sc.Width-2)))
				continue
			}
			for _, text := range widget.Diff([]triage.DiffLine{l}, sc.Width-4, sc.Theme) {
				s.drawn = append(s.drawn, "   "+text)
			}
		}
	}
	s.win = s.win.Fit(sc.Height-2, len(s.drawn))
}

// Do implements Screen.
func (s *sheet) Do(_ *Scene, p keys.Press) []Effect {
	switch p.Action {
	case keys.Escape:
		return []Effect{Pop{}}
	case keys.Down:
		s.win = s.win.Scroll(1)
	case keys.Up:
		s.win = s.win.Scroll(-1)
	default:
		if win, ok := moved(s.win, p.Action); ok {
			s.win = win
		}
	}
	return nil
}

// View implements Screen.
func (s *sheet) View(sc *Scene) Picture {
	th := sc.Theme
	lines := []string{header(sc, th.Strong.Render(widget.Clip(s.title, sc.Width-20)), mode(sc)), widget.Rule(sc.Width, th)}
	switch {
	case !s.ready:
		lines = append(lines, "   "+th.Faint.Render("reading …"))
	case len(s.lines) == 0:
		lines = append(lines, "   "+th.Faint.Render("nothing to show"))
	}
	from, to := s.win.Rows()
	lines = append(lines, s.drawn[from:to]...)
	return Picture{Lines: lines, Right: th.Faint.Render(moreLines(s.win))}
}

// moreLines says which part of a page is shown, and that it goes on; "" = all
// of it.
func moreLines(w widget.Window) string {
	from, to := w.Rows()
	if from == 0 && to == w.Len {
		return ""
	}
	text := model.Number(from+1) + "-" + model.Number(to) + " of " + model.Plural(w.Len, "line")
	if to < w.Len {
		text += "  ↓ " + model.Number(w.Len-to) + " more"
	}
	return text
}
