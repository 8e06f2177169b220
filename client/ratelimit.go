package client

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// epochFrom is where a "reset" number stops being a number of seconds from now
// and is a Unix time: 2001-09-09, which no server means as a delay.
const epochFrom = 1_000_000_000

// rateLimit is the number of requests per second that the headers of a reply
// allow, the smallest of all that they say; 0 = nothing well-formed. It reads
// RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers, state
// of 2025-09) and the older pairs of ...-Remaining and ...-Reset. What is
// malformed is ignored, as the draft demands.
func rateLimit(h http.Header, now time.Time) float64 {
	var lowest float64
	allow := func(count, window int64) {
		if count < 0 || window <= 0 {
			return
		}
		if r := float64(max(count, 1)) / float64(window); lowest == 0 || r < lowest {
			lowest = r
		}
	}
	for _, p := range fieldItems(h.Values("RateLimit-Policy")) {
		if unit, said := p["qu"]; said && unit != `"requests"` {
			continue
		}
		allow(number(p, "q"), number(p, "w"))
	}
	for _, p := range fieldItems(h.Values("RateLimit")) {
		allow(number(p, "r"), number(p, "t"))
	}
	if sent, err := http.ParseTime(h.Get("Date")); err == nil {
		now = sent
	}
	for _, prefix := range []string{"X-RateLimit-", "RateLimit-"} {
		remaining, err := strconv.ParseInt(strings.TrimSpace(h.Get(prefix+"Remaining")), 10, 32)
		if err != nil {
			continue
		}
		reset, err := strconv.ParseInt(strings.TrimSpace(h.Get(prefix+"Reset")), 10, 62)
		if err != nil {
			continue
		}
		if reset >= epochFrom {
			reset -= now.Unix()
		}
		allow(remaining, reset)
	}
	return lowest
}

// fieldItems reads the parameters of each item of a structured list (RFC 9651)
// whose items are quoted names: "burst";q=100;w=60, "day";q=5000;w=86400.
func fieldItems(lines []string) []map[string]string {
	var items []map[string]string
	for _, line := range lines {
		for _, item := range splitOutside(line, ',') {
			parts := splitOutside(item, ';')
			params := map[string]string{}
			for _, part := range parts[1:] {
				k, v, _ := strings.Cut(strings.TrimSpace(part), "=")
				params[k] = v
			}
			items = append(items, params)
		}
	}
	return items
}

// splitOutside splits s at sep where it does not stand between quotes.
func splitOutside(s string, sep byte) []string {
	var parts []string
	quoted, from := false, 0
	for i := range len(s) {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case s[i] == sep && !quoted:
			parts = append(parts, s[from:i])
			from = i + 1
		}
	}
	return append(parts, s[from:])
}

// number is a whole, non-negative parameter, or -1.
func number(params map[string]string, key string) int64 {
	n, err := strconv.ParseInt(params[key], 10, 32)
	if err != nil || n < 0 {
		return -1
	}
	return n
}
