package sandbox

import (
	"math"
	"time"
)

// bucket is a token bucket: it holds up to burst tokens and gains rate of them
// a second. A bucket of rate 0 never refuses. The server's lock guards it.
type bucket struct {
	rate, burst, tokens float64
	last                time.Time
}

func newBucket(rate float64, burst int) *bucket {
	full := float64(max(burst, 1))
	return &bucket{rate: rate, burst: full, tokens: full}
}

// take removes a token if there is one at now.
func (b *bucket) take(now time.Time) bool {
	if b.rate == 0 {
		return true
	}
	if b.last.IsZero() || now.Before(b.last) {
		b.last = now // a clock set back earns nothing
	}
	b.tokens = min(b.burst, b.tokens+now.Sub(b.last).Seconds()*b.rate)
	b.last = now
	// A token earned by waiting exactly as long as told must not be missed by rounding.
	if b.tokens < 1-1e-9 {
		return false
	}
	b.tokens = max(0, b.tokens-1)
	return true
}

// wait gives how long after the last take the nth caller from now (1 is the
// next) finds a token, rounded up to milliseconds and at most a day.
func (b *bucket) wait(n int) time.Duration {
	if b.rate == 0 {
		return 0
	}
	ms := math.Ceil(max(0, float64(n)-b.tokens) / b.rate * 1000)
	return time.Duration(min(ms, 24*3600*1000)) * time.Millisecond
}
