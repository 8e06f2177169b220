package dialect

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// statusOf reads a status in any of its forms: 400, "400", 400.0, "201 Created" and
// "HTTP/1.1 423 Locked". 0 means that the text is none.
func statusOf(s string) int {
	s = strings.TrimSpace(s)
	if strings.HasPrefix(s, "HTTP/") {
		_, s, _ = strings.Cut(s, " ")
		s = strings.TrimLeft(s, " ")
	}
	if whole, zeros, dot := strings.Cut(s, "."); dot && zeros != "" && strings.Trim(zeros, "0") == "" {
		s = whole // some writers know numbers with decimals only
	}
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	if n != 3 || n < len(s) && s[n] != ' ' {
		return 0
	}
	status, err := strconv.Atoi(s[:n])
	if err != nil || status < 100 || status > 599 {
		return 0
	}
	return status
}

// within says whether a status is one of the patterns: 4 means 400 to 499.
func within(status int, patterns []int) bool {
	for _, p := range patterns {
		if p == status || p < 10 && p == status/100 {
			return true
		}
	}
	return false
}

// maxWait bounds what a server may ask to wait; beyond it a number is nonsense
// and would overflow a duration.
const maxWait = 366 * 24 * time.Hour

// waitOf reads what an item asks to wait: a number of units, which may have
// decimals ("2.128"), a duration with its unit ("30s") or as ISO 8601 has it
// ("PT30S"), or an HTTP date in one of the three forms of RFC 9110 section 5.6.7.
// Negative means nothing said.
func waitOf(s string, unit time.Duration) time.Duration {
	s = strings.TrimSpace(s)
	if n, err := strconv.ParseFloat(s, 64); err == nil {
		if math.IsNaN(n) || n < 0 {
			return -1
		}
		return time.Duration(min(n*float64(unit), float64(maxWait)))
	}
	if d, err := time.ParseDuration(s); err == nil && d >= 0 {
		return min(d, maxWait)
	}
	if d := isoWait(s); d >= 0 {
		return min(d, maxWait)
	}
	for _, layout := range []string{"Mon, 02 Jan 2006 15:04:05 GMT", time.RFC850, time.ANSIC} {
		if at, err := time.Parse(layout, s); err == nil {
			return min(max(time.Until(at), 0), maxWait)
		}
	}
	return -1
}

// isoDuration is a duration of ISO 8601 without years and months, which have no
// fixed length.
var isoDuration = regexp.MustCompile(`^P(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,9}(?:[.,]\d{1,9})?)S)?)?$`)

// isoWait reads such a duration, negative = it is none.
func isoWait(s string) time.Duration {
	m := isoDuration.FindStringSubmatch(s)
	if m == nil || strings.Join(m[1:], "") == "" {
		return -1
	}
	var sum float64
	for i, unit := range []time.Duration{24 * time.Hour, time.Hour, time.Minute, time.Second} {
		if m[i+1] == "" {
			continue
		}
		n, err := strconv.ParseFloat(strings.Replace(m[i+1], ",", ".", 1), 64)
		if err != nil {
			return -1
		}
		sum += n * float64(unit)
	}
	return time.Duration(min(sum, float64(maxWait)))
}
