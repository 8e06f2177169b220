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
	win   widget.Window
}

// newSheet is a page whose lines load makes, away from the screen.
func newSheet(title string, load func(ctx context.Context, e Engine) []triage.DiffLine) *sheet {
	return &sheet{title: title, load: load}
}

// Scopes implements Screen.
func (s *sheet) Scopes() []keys.Scope { return []keys.Scope{SheetView, Rows} }

// Facts implements Screen.
func (s *sheet) Facts(_ *Scene, st *keys.State) { st.Rows = len(s.lines) }

// Refresh implements Screen.
func (s *sheet) Refresh(sc *Scene) []Effect {
	s.win = s.win.Fit(sc.Height-2, len(s.lines))
	if s.ready {
		return nil
	}
	return []Effect{Work{Name: "sheet", Do: func(ctx context.Context, e Engine) any { return s.load(ctx, e) }}}
}

// Apply implements Screen.
func (s *sheet) Apply(sc *Scene, _ string, answer any) []Effect {
	if lines, ok := answer.([]triage.DiffLine); ok {
		s.lines, s.ready = lines, true
		s.win = s.win.Fit(sc.Height-2, len(lines))
	}
	return nil
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
	for _, l := range s.lines[from:to] {
		switch l.Sign {
		case heading:
			lines = append(lines, " "+th.Strong.Render(widget.Clip(l.Text, sc.Width-2)))
		default:
			lines = append(lines, "   "+widget.Diff([]triage.DiffLine{l}, sc.Width-4, th)[0])
		}
	}
	right := ""
	if len(s.lines) > sc.Height-2 {
		right = th.Faint.Render(model.Number(to) + " of " + model.Plural(len(s.lines), "line"))
	}
	return Picture{Lines: lines, Right: right}
}
