package run

import "time"

// The windows of the live view.
const (
	speedWindow = 30  // seconds of Snapshot.Speed
	rateWindow  = 10  // seconds that Snapshot.Rate looks at
	lineLimit   = 200 // of Snapshot.Lines
)

// telemetry is what only the live view wants to know. Its owner guards it.
type telemetry struct {
	generation uint64
	total      int // items finished in this job
	lines      [lineLimit]Line
	written    int // lines ever
	perSecond  [speedWindow]int
	second     int64 // Unix time of the newest entry of perSecond
}

// begin clears what belongs to the job before; the lines stay.
func (l *telemetry) begin() {
	l.total = 0
	l.perSecond = [speedWindow]int{}
	l.changed()
}

func (l *telemetry) changed() { l.generation++ }

// add writes a line of the live log.
func (l *telemetry) add(line Line) {
	l.lines[l.written%lineLimit] = line
	l.written++
	l.changed()
}

// newest lists the lines, newest first.
func (l *telemetry) newest() []Line {
	n := min(l.written, lineLimit)
	out := make([]Line, 0, n)
	for k := range n {
		out = append(out, l.lines[(l.written-1-k)%lineLimit])
	}
	return out
}

// finished counts one item that the run is through with.
func (l *telemetry) finished(now time.Time) {
	l.roll(now)
	l.perSecond[l.second%speedWindow]++
	l.total++
}

// roll empties the seconds that have passed since the newest entry.
func (l *telemetry) roll(now time.Time) {
	s := max(now.Unix(), l.second)
	for k := max(l.second+1, s-speedWindow+1); k <= s; k++ {
		l.perSecond[k%speedWindow] = 0
	}
	l.second = s
}

// speed lists how many items were finished in each of the last seconds, oldest
// first.
func (l *telemetry) speed(now time.Time) []int {
	l.roll(now)
	out := make([]int, 0, speedWindow)
	for k := l.second - speedWindow + 1; k <= l.second; k++ {
		out = append(out, l.perSecond[k%speedWindow])
	}
	return out
}
