package screen

import (
	"context"
	"time"

	"retriage/model"
	"retriage/triage"
)

// detailPane shows one item in full. It keeps showing the one before until the
// next is read: it always says which one it is.
type detailPane struct {
	detailLines
	asked time.Time // when an item was asked for last
	top   int       // how far the part under the head is scrolled; negative = to the lit line
}

// detailLines is one item laid out.
type detailLines struct {
	item  int
	lines []string
	head  int // lines that do not scroll: who it is, and what is wrong
	lit   int // the line of the field that failed, 0 = none
}

const (
	detailWork = "detail"
	// While the cursor runs over a slow line, the item that it rests on is shown,
	// not each one it passes: a pane drawn anew costs ten times what the row does.
	runs  = 200 * time.Millisecond
	rests = 100 * time.Millisecond
	// maxShown bounds the bytes of a payload that are laid out.
	maxShown = 1 << 20
)

// ask reads an item and lays it out.
func (d *detailPane) ask(sc *Scene, item, width int) Effect {
	l := layout{width: width, th: sc.Theme, now: sc.Now}
	var after time.Duration
	if sc.Remote && sc.Now.Sub(d.asked) < runs {
		after = rests
	}
	d.asked = sc.Now
	return Work{Name: detailWork, After: after, Do: func(_ context.Context, e Engine) any {
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
		return detailLines{item, l.lines, l.pinned, l.lit}
	}}
}

func (d *detailPane) take(a detailLines) {
	if d.item != a.item || d.lines == nil {
		d.top = -1
	}
	d.detailLines = a
}

// scroll moves what is shown by n steps on a pane of that height.
func (d *detailPane) scroll(n, height int) {
	const step = 3
	from, head := d.from(height)
	d.top = max(0, min(from+n*step, len(d.lines)-head-(height-head)))
}

// from is the first line shown under the head, counted from there.
func (d *detailPane) from(height int) (from, head int) {
	head = min(d.head, height/2)
	room, rest := height-head, len(d.lines)-head
	from = d.top
	if from < 0 {
		if from = 0; d.lit-head >= room {
			from = d.lit - head - room/2
		}
	}
	return max(0, min(from, rest-room)), head
}

// view is height lines: the head, and the rest from where it is scrolled to.
func (d *detailPane) view(height int) []string {
	from, head := d.from(height)
	out := append(make([]string, 0, height), d.lines[:min(head, len(d.lines))]...)
	from += head
	return append(out, d.lines[min(from, len(d.lines)):min(len(d.lines), from+height-head)]...)
}
