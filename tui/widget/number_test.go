package widget

import (
	"testing"
	"time"
)

func TestNumbersInWords(t *testing.T) {
	now := time.Date(2026, 8, 22, 3, 12, 45, 0, time.UTC)
	for name, c := range map[string]struct{ got, want string }{
		"running seconds":    {Seconds(12_990 * time.Millisecond), "12 s"},
		"no seconds yet":     {Seconds(300 * time.Millisecond), "0 s"},
		"no estimate":        {Left(-1), "estimating"},
		"left seconds":       {Left(31 * time.Second), "about 40 s"},
		"left nothing":       {Left(0), "about 10 s"},
		"left a minute":      {Left(55 * time.Second), "about 1 min"},
		"left minutes":       {Left(150 * time.Second), "about 3 min"},
		"left many minutes":  {Left(17 * time.Minute), "about 20 min"},
		"left hours":         {Left(64 * time.Minute), "about 1 h 05 min"},
		"left whole hours":   {Left(118 * time.Minute), "about 2 h"},
		"ago now":            {Ago(now, now), "just now"},
		"ago seconds":        {Ago(now.Add(-40*time.Second), now), "40 s ago"},
		"ago minutes":        {Ago(now.Add(-14*time.Minute), now), "14 min ago"},
		"ago hours":          {Ago(now.Add(-3*time.Hour), now), "3 h ago"},
		"ago days":           {Ago(now.Add(-49*time.Hour), now), "2 days ago"},
		"ago never":          {Ago(time.Time{}, now), ""},
		"cap":                {Cap(10), "10/s"},
		"half a request":     {Cap(0.5), "0.5/s"},
		"clock today":        {Clock(now.Add(-time.Minute), now), "03:11:45"},
		"clock another day":  {Clock(now.Add(-24*time.Hour), now), "2026-08-21 03:12:45"},
		"clock of no moment": {Clock(time.Time{}, now), ""},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", name, c.got, c.want)
		}
	}
}
