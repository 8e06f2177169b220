package screen

import (
	"context"

	"retriage/model"
	"retriage/triage"
)

// detailPane shows one item in full. It keeps showing the one before until the
// next is read: it always says which one it is.
type detailPane struct {
	item  int
	lines []string
	top   int
	seen  int // lines shown when last drawn
}

// detailLines is one item laid out.
type detailLines struct {
	item  int
	lines []string
}

const (
	detailWork = "detail"
	// maxShown bounds the bytes of a payload that are laid out.
	maxShown = 1 << 20
)

// ask reads an item and lays it out.
func (d *detailPane) ask(sc *Scene, item, width int) Effect {
	l := layout{width: width, th: sc.Theme, now: sc.Now}
	return Work{detailWork, func(_ context.Context, e Engine) any {
		it, now, edited, err := e.Desk.Payload(item)
		var failure model.Failure
		var failed bool
		e.Desk.Look(func(s *triage.Session) {
			l.head(s, item)
			l.payload(s, it, now, edited, err)
			l.history(s, item)
			failure, failed = s.Failure(item)
		})
		if failed && err == nil && now.Known && !edited {
			l.fixes(it, failure)
		}
		return detailLines{item, l.lines}
	}}
}

func (d *detailPane) take(a detailLines) {
	if d.item != a.item {
		d.top = 0
	}
	d.item, d.lines = a.item, a.lines
	d.scroll(0)
}

// scroll moves what is shown by n steps.
func (d *detailPane) scroll(n int) {
	const step = 3
	d.top = max(0, min(d.top+n*step, len(d.lines)-d.seen))
}

// view is height lines from where the pane is scrolled to.
func (d *detailPane) view(height int) []string {
	d.seen = height
	from := max(0, min(d.top, len(d.lines)-height))
	out := make([]string, 0, height)
	return append(out, d.lines[from:min(len(d.lines), from+height)]...)
}
