package client

import (
	"math"
	"net/http"
	"testing"
	"time"
)

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	sent := now.Format(http.TimeFormat)
	for _, row := range []struct {
		name   string
		values []string
		date   string
		want   time.Duration
	}{
		{"none", nil, sent, -1},
		{"seconds", []string{"8"}, sent, 8 * time.Second},
		{"spaces", []string{"  8 "}, sent, 8 * time.Second},
		{"zero", []string{"0"}, sent, 0},
		{"negative", []string{"-5"}, sent, -1},
		{"decimals", []string{"1.5"}, sent, 1500 * time.Millisecond},
		{"decimals are rounded up", []string{"0.0001"}, sent, time.Millisecond},
		{"many decimals", []string{"2.999999999"}, sent, 3 * time.Second},
		{"a point and nothing", []string{"1."}, sent, -1},
		{"exponent", []string{"1e3"}, sent, -1},
		{"hex", []string{"0x10"}, sent, -1},
		{"plus", []string{"+3"}, sent, -1},
		{"list", []string{"1, 2"}, sent, 2 * time.Second},
		{"two headers", []string{"30", "5"}, sent, 30 * time.Second},
		{"one of two is nonsense", []string{"soon", "5"}, sent, 5 * time.Second},
		{"ten digits", []string{"9999999999"}, sent, math.MaxInt64},
		{"eleven digits", []string{"10000000000"}, sent, math.MaxInt64},
		{"2^63-1", []string{"9223372036854775807"}, sent, math.MaxInt64},
		{"leading zeros", []string{"000000000008"}, sent, 8 * time.Second},
		{"thirty digits", []string{"999999999999999999999999999999"}, sent, math.MaxInt64},
		{"IMF-fixdate", []string{"Sun, 22 Nov 2026 12:00:08 GMT"}, sent, 8 * time.Second},
		{"RFC 850", []string{"Sunday, 22-Nov-26 12:00:08 GMT"}, sent, 8 * time.Second},
		{"asctime", []string{"Sun Nov 22 12:00:08 2026"}, sent, 8 * time.Second},
		{"1970", []string{"Thu, 01 Jan 1970 00:00:00 GMT"}, sent, 0},
		{"9999", []string{"Fri, 31 Dec 9999 23:59:59 GMT"}, sent, math.MaxInt64},
		{"our clock is 12 h behind theirs", []string{"Mon, 23 Nov 2026 00:00:08 GMT"}, "Mon, 23 Nov 2026 00:00:00 GMT", 8 * time.Second},
		{"our clock is 12 h ahead of theirs", []string{"Sun, 22 Nov 2026 00:00:08 GMT"}, "Sun, 22 Nov 2026 00:00:00 GMT", 8 * time.Second},
		{"no Date header", []string{"Sun, 22 Nov 2026 12:00:08 GMT"}, "", 8 * time.Second},
		{"nonsense", []string{"\x1b[2J"}, sent, -1},
		{"empty", []string{""}, sent, -1},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := RetryAfter(row.values, row.date, now); got != row.want {
				t.Errorf("got %v, want %v", got, row.want)
			}
		})
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, s := range []string{"8", "1.5", "1, 2", "9999999999", "Fri, 31 Dec 9999 23:59:59 GMT", "-1"} {
		f.Add(s, "")
	}
	f.Fuzz(func(t *testing.T, value, date string) {
		if got := RetryAfter([]string{value}, date, time.Unix(0, 0)); got < -1 {
			t.Errorf("%q gives %v", value, got)
		}
	})
}

func TestRateLimit(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, row := range []struct {
		name   string
		header map[string]string
		want   float64
	}{
		{"nothing", nil, 0},
		{"policy", map[string]string{"RateLimit-Policy": `"burst";q=100;w=60,"day";q=5000;w=10`}, 100.0 / 60},
		{"remaining", map[string]string{"RateLimit": `"default";r=50;t=30`}, 50.0 / 30},
		{"the smaller of both", map[string]string{"RateLimit-Policy": `"a";q=10;w=1`, "RateLimit": `"a";r=4;t=2`}, 2},
		{"nothing left", map[string]string{"RateLimit": `"a";r=0;t=3600`}, 1.0 / 3600},
		{"another unit", map[string]string{"RateLimit-Policy": `"a";qu="content-bytes";q=1;w=100`}, 0},
		{"a name with a comma", map[string]string{"RateLimit-Policy": `"a,b;q=1;w=9";q=10;w=5`}, 2},
		{"malformed", map[string]string{"RateLimit": "100/60", "RateLimit-Policy": `"a";q=-3;w=0`}, 0},
		{"GitHub's pair", map[string]string{"X-RateLimit-Remaining": "10", "X-RateLimit-Reset": "1795348820", "Date": time.Unix(1795348800, 0).UTC().Format(http.TimeFormat)}, 0.5},
		{"a pair in seconds", map[string]string{"X-RateLimit-Remaining": "10", "X-RateLimit-Reset": "20"}, 0.5},
		{"reset is past", map[string]string{"X-RateLimit-Remaining": "10", "X-RateLimit-Reset": "1000000001"}, 0},
		{"half a pair", map[string]string{"X-RateLimit-Remaining": "10"}, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			h := http.Header{}
			for k, v := range row.header {
				h.Set(k, v)
			}
			if got := rateLimit(h, now); got != row.want {
				t.Errorf("got %v, want %v", got, row.want)
			}
		})
	}
}
