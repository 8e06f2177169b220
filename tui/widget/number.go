package widget

import (
	"fmt"
	"strconv"
	"time"

	"retriage/model"
)

// Cap is a limit per second as it was set: "10/s", "0.5/s".
func Cap(perSecond float64) string {
	return strconv.FormatFloat(perSecond, 'f', -1, 64) + "/s"
}

// Seconds is Duration without the part of a second that would flicker on a
// screen that is redrawn while time runs: "12 s", "3 min 07 s".
func Seconds(d time.Duration) string {
	d = max(0, d).Truncate(time.Second)
	if d == 0 {
		return "0 s"
	}
	return model.Duration(d)
}

// Left is a time that is still to come, in steps of 10 s under a minute, of
// 1 min under ten, of 5 min above: "about 40 s". It never says less than there
// is. A negative one is "estimating".
func Left(d time.Duration) string {
	if d < 0 {
		return "estimating"
	}
	step := 10 * time.Second
	switch {
	case d > 10*time.Minute:
		step = 5 * time.Minute
	case d > time.Minute:
		step = time.Minute
	}
	d = max(step, (d+step-1)/step*step)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("about %d s", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("about %d min", d/time.Minute)
	case d%time.Hour == 0:
		return fmt.Sprintf("about %d h", d/time.Hour)
	}
	return fmt.Sprintf("about %d h %02d min", d/time.Hour, d%time.Hour/time.Minute)
}

// Ago is how long t is past: "just now", "40 s ago", "14 min ago", "3 h ago",
// "2 days ago". A zero t gives "".
func Ago(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	d := now.Sub(t)
	const day = 24 * time.Hour
	switch {
	case d < 5*time.Second:
		return "just now"
	case d < time.Minute:
		return fmt.Sprintf("%d s ago", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", d/time.Minute)
	case d < 2*day:
		return fmt.Sprintf("%d h ago", d/time.Hour)
	}
	return fmt.Sprintf("%s ago", model.Plural(int(d/day), "day"))
}

// Clock is a moment on the clock of now's time zone: "03:12:45", with the date
// before it when it is not the same day. A zero t gives "".
func Clock(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(now.Location())
	if t.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return t.Format(time.TimeOnly)
	}
	return t.Format(time.DateTime)
}
