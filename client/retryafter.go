package client

import (
	"math"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// delaySeconds is RFC 9110's delay-seconds, with the decimals that some servers
// write although the RFC has none. However many digits there are: a number that
// is too long to be read asks for a very long wait, and not for none.
var delaySeconds = regexp.MustCompile(`^([0-9]+)(?:\.([0-9]{1,9}))?$`)

// RetryAfter says how long the values of a reply's Retry-After headers ask to
// wait (RFC 9110, section 10.2.3). A date is measured against the reply's own
// Date header, so that a wrong clock here does not matter, and against now when
// there is no such header; a date in the past is 0. Of several values the
// largest holds. It is negative when there is none that can be read, and never
// more than the largest Duration; the caller caps it.
func RetryAfter(values []string, date string, now time.Time) time.Duration {
	if sent, err := http.ParseTime(date); err == nil {
		now = sent
	}
	longest := time.Duration(-1)
	for _, v := range values {
		if d := oneDelay(v, now); d >= 0 {
			longest = max(longest, d)
			continue
		}
		for part := range strings.SplitSeq(v, ",") {
			longest = max(longest, oneDelay(part, now))
		}
	}
	return longest
}

// oneDelay reads a number of seconds or one of the three forms of an HTTP date.
func oneDelay(v string, now time.Time) time.Duration {
	v = strings.TrimSpace(v)
	if m := delaySeconds.FindStringSubmatch(v); m != nil {
		return seconds(m[1], m[2])
	}
	if at, err := http.ParseTime(v); err == nil {
		return max(0, at.Sub(now))
	}
	return -1
}

// seconds makes a Duration of whole seconds and the digits behind the point,
// rounded up to a millisecond: early is never right.
func seconds(whole, fraction string) time.Duration {
	s, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return math.MaxInt64 // digits alone: it is out of range
	}
	if s > int64(math.MaxInt64/time.Second)-1 {
		return math.MaxInt64
	}
	nanos, err := strconv.ParseInt((fraction + "000000000")[:9], 10, 64)
	if err != nil {
		return -1
	}
	millis := (time.Duration(nanos) + time.Millisecond - 1) / time.Millisecond
	return time.Duration(s)*time.Second + millis*time.Millisecond
}
