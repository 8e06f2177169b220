package widget

import (
	"testing"
	"time"
)

func TestNumbersInWords(t *testing.T) {
	now := time.Date(2026, 8, 22, 3, 12, 45, 0, time.UTC)
	for name, c := range map[string]struct{ got, want string }{
		"number":             {Number(1204), "1,204"},
		"million":            {Number(1_000_000), "1,000,000"},
		"negative":           {Number(-1204), "-1,204"},
		"small":              {Number(999), "999"},
		"one":                {Plural(1, "item"), "1 item"},
		"none":               {Plural(0, "item"), "0 items"},
		"tries":              {Plural(3, "try"), "3 tries"},
		"days":               {Plural(2, "day"), "2 days"},
		"boxes":              {Plural(2, "box"), "2 boxes"},
		"percent under 10":   {Percent(117, 1204), "9.7%"},
		"percent":            {Percent(26, 48), "54%"},
		"nothing":            {Percent(0, 48), "0%"},
		"nearly nothing":     {Percent(1, 10_000), "<0.1%"},
		"nearly all":         {Percent(9_999, 10_000), ">99.9%"},
		"almost all":         {Percent(997, 1000), "99.7%"},
		"all":                {Percent(48, 48), "100%"},
		"of nothing":         {Percent(0, 0), "-"},
		"just under ten":     {Percent(996, 10_000), "10%"},
		"milliseconds":       {Duration(840 * time.Millisecond), "840 ms"},
		"nearly a second":    {Duration(999_700 * time.Microsecond), "1 s"},
		"seconds":            {Duration(12_400 * time.Millisecond), "12.4 s"},
		"whole seconds":      {Duration(37 * time.Second), "37 s"},
		"nearly a minute":    {Duration(59_970 * time.Millisecond), "1 min 00 s"},
		"minutes":            {Duration(187 * time.Second), "3 min 07 s"},
		"nearly an hour":     {Duration(time.Hour - 400*time.Millisecond), "1 h 00 min"},
		"hours":              {Duration(64 * time.Minute), "1 h 04 min"},
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
		"bytes":              {Size(840), "840 B"},
		"kilobytes":          {Size(1_240), "1.2 kB"},
		"megabytes":          {Size(18_400_000), "18.4 MB"},
		"nearly a gigabyte":  {Size(999_990_000), "1.0 GB"},
		"rate":               {Rate(4), "4.0/s"},
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
