package model

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
