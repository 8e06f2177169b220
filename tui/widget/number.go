package widget

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Number writes 1204 as "1,204".
func Number(n int) string {
	s := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// Plural counts a thing: "1 item", "1,204 items", "0 categories", "3 tries".
func Plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return Number(n) + " " + plural(thing)
}

func plural(word string) string {
	end := word[max(0, len(word)-1):]
	switch {
	case end == "y" && !strings.ContainsAny(word[max(0, len(word)-2):len(word)-1], "aeiou"):
		return word[:len(word)-1] + "ies"
	case end == "s" || end == "x" || strings.HasSuffix(word, "ch"):
		return word + "es"
	}
	return word + "s"
}

// Percent is a share in words: one decimal under 10 %, none above, and "0%" and
// "100%" only when they are exact ("<0.1%", ">99.9%"). The share of nothing is "-".
func Percent(part, whole int) string {
	if whole <= 0 {
		return "-"
	}
	p := 100 * float64(part) / float64(whole)
	switch {
	case part <= 0:
		return "0%"
	case part >= whole:
		return "100%"
	case p < 0.05:
		return "<0.1%"
	case p < 9.95:
		return fmt.Sprintf("%.1f%%", p)
	case p >= 99.95:
		return ">99.9%"
	case p >= 99.5:
		return fmt.Sprintf("%.1f%%", p)
	}
	return fmt.Sprintf("%.0f%%", p)
}

// Rate is a number per second: "4.0/s".
func Rate(perSecond float64) string { return fmt.Sprintf("%.1f/s", perSecond) }

// Cap is a limit per second as it was set: "10/s", "0.5/s".
func Cap(perSecond float64) string {
	return strconv.FormatFloat(perSecond, 'f', -1, 64) + "/s"
}

// Size is a number of bytes in powers of ten: "840 B", "18.4 MB".
func Size(bytes int64) string {
	const step = 1000
	if bytes < step {
		return strconv.FormatInt(bytes, 10) + " B"
	}
	v, unit := float64(bytes)/step, 0
	for v >= 999.95 && unit < 4 {
		v /= step
		unit++
	}
	return fmt.Sprintf("%.1f %cB", v, "kMGTP"[unit])
}

// Duration is a length of time: "840 ms", "12.4 s", "37 s", "3 min 07 s",
// "1 h 04 min". A negative one is "0 ms".
func Duration(d time.Duration) string {
	d = max(0, d)
	if ms := d.Round(time.Millisecond); ms < time.Second {
		return fmt.Sprintf("%d ms", ms.Milliseconds())
	}
	if tenths := d.Round(100 * time.Millisecond); tenths < time.Minute {
		return strings.TrimSuffix(fmt.Sprintf("%.1f", tenths.Seconds()), ".0") + " s"
	}
	if s := d.Round(time.Second); s < time.Hour {
		return fmt.Sprintf("%d min %02d s", s/time.Minute, s%time.Minute/time.Second)
	}
	m := d.Round(time.Minute)
	return fmt.Sprintf("%d h %02d min", m/time.Hour, m%time.Hour/time.Minute)
}

// Seconds is Duration without the part of a second that would flicker on a
// screen that is redrawn while time runs: "12 s", "3 min 07 s".
func Seconds(d time.Duration) string {
	d = max(0, d).Truncate(time.Second)
	if d == 0 {
		return "0 s"
	}
	return Duration(d)
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
	return fmt.Sprintf("%s ago", Plural(int(d/day), "day"))
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
