package screen

import (
	"context"

	"retriage/model"
	"retriage/triage"
	"retriage/tui/keys"
	"retriage/tui/widget"
)

// DiffView is the scope of the comparison of one item.
const DiffView keys.Scope = "diff"

func diffKeys() []keys.Binding {
	return []keys.Binding{
		{Keys: []string{"d", "esc"}, Action: keys.Escape, Text: "back", Foot: "back", Group: "LEAVE"},
	}
}

// diff shows an item as it was sent first against what would be sent now, and,
// when it was read back, against what the server has.
type diff struct {
	item  int
	win   widget.Window
	lines []string
	title string
	signs string // what - and + mean here, "" = there are none
}

func newDiff(item int) Screen { return &diff{item: item} }

type diffAnswer struct {
	title string
	lines []string
	signs string
}

// What the signs of a comparison mean.
const (
	editSigns = "- as it was first sent   + as it would be sent"
	readSigns = "- we sent   + the server has"
)

const diffWork = "diff"

// Scopes implements Screen.
func (d *diff) Scopes() []keys.Scope { return []keys.Scope{DiffView, Rows} }

// Facts implements Screen.
func (d *diff) Facts(_ *Scene, st *keys.State) { st.Rows = len(d.lines) }

// Refresh implements Screen.
func (d *diff) Refresh(sc *Scene) []Effect {
	item, width, th := d.item, sc.Width-2, sc.Theme
	return []Effect{Work{Name: diffWork, Do: func(_ context.Context, e Engine) any {
		it, now, edited, err := e.Desk.Payload(item)
		a := diffAnswer{title: it.ID.Safe()}
		say := func(text string) { a.lines = append(a.lines, th.Faint.Render(text)) }
		switch {
		case err != nil:
			say("This item cannot be read: " + model.Foreign(err.Error()).Safe(0) + ".")
		case !now.Known:
			say("What was sent is not in this file: open it again with --request FILE.")
		case !edited:
			say("Not edited: what would be sent is what was sent.")
		default:
			a.signs = editSigns
			a.lines = append(a.lines, widget.Diff(triage.DiffLines(it.Payload, now), width, th)...)
			if len(a.lines) == 0 {
				a.signs = ""
				say("Edited and put back: what would be sent is what was first sent.")
			}
		}
		e.Desk.Look(func(s *triage.Session) {
			if v := s.Row(item).Verdict; v != nil && len(v.Fields) > 0 {
				a.readBack(sc, v.Fields)
			}
		})
		return a
	}}}
}

// readBack adds what the server has instead of what was sent. Under an edit it
// says itself what its signs mean, which is something else there.
func (a *diffAnswer) readBack(sc *Scene, fields []model.FieldDelta) {
	th := sc.Theme
	l := layout{width: sc.Width - 2, th: th, now: sc.Now, lines: a.lines}
	what := "READ BACK: the server has something else"
	if a.signs != "" {
		what, a.signs = what+"   "+readSigns, "above: "+editSigns
	} else {
		a.signs = readSigns
	}
	l.section(what)
	var lines []triage.DiffLine
	for _, f := range fields {
		where := model.Foreign(f.Pointer).Safe(model.SafeShort) + "  "
		lines = append(lines, triage.DiffLine{Sign: '-', Text: where + wholeOrAbsent(f.Sent)}, triage.DiffLine{Sign: '+', Text: where + wholeOrAbsent(f.Got)})
	}
	l.lines = append(l.lines, widget.Diff(lines, sc.Width-2, th)...)
	a.lines = l.lines
}

func wholeOrAbsent(u model.Untrusted) string {
	if u.IsZero() {
		return "absent"
	}
	return u.Safe(model.SafeLong)
}

// Apply implements Screen.
func (d *diff) Apply(sc *Scene, _ string, answer any) []Effect {
	if a, ok := answer.(diffAnswer); ok {
		d.title, d.lines, d.signs = a.title, a.lines, a.signs
		d.win = d.win.Fit(d.height(sc), len(d.lines))
	}
	return nil
}

func (d *diff) height(sc *Scene) int { return max(1, sc.Height-3) }

// Do implements Screen.
func (d *diff) Do(sc *Scene, p keys.Press) []Effect {
	win := d.win.Fit(d.height(sc), len(d.lines))
	switch p.Action {
	case keys.Down:
		d.win = win.Scroll(1)
	case keys.Up:
		d.win = win.Scroll(-1)
	case keys.Escape:
		return []Effect{Pop{}}
	default:
		if w, ok := moved(win, p.Action); ok {
			d.win = w
		}
	}
	return nil
}

// View implements Screen.
func (d *diff) View(sc *Scene) Picture {
	th := sc.Theme
	lines := []string{header(sc, crumbs(sc, d.title+" ▸ Diff"), mode(sc)), widget.Rule(sc.Width, th), ""}
	win := d.win.Fit(d.height(sc), len(d.lines))
	from, to := win.Rows()
	lines = append(lines, indent(append([]string(nil), d.lines[from:to]...))...)
	return Picture{Lines: lines, Left: th.Faint.Render(d.signs), Right: th.Faint.Render(moreLines(win))}
}
