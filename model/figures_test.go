package model

import (
	"testing"
	"time"
)

func TestFiguresInWords(t *testing.T) {
	for name, c := range map[string]struct{ got, want string }{
		"number":            {Number(1204), "1,204"},
		"million":           {Number(1_000_000), "1,000,000"},
		"negative":          {Number(-1204), "-1,204"},
		"small":             {Number(999), "999"},
		"one":               {Plural(1, "item"), "1 item"},
		"none":              {Plural(0, "item"), "0 items"},
		"tries":             {Plural(3, "try"), "3 tries"},
		"days":              {Plural(2, "day"), "2 days"},
		"boxes":             {Plural(2, "box"), "2 boxes"},
		"percent under 10":  {Percent(117, 1204), "9.7%"},
		"percent":           {Percent(26, 48), "54%"},
		"nothing":           {Percent(0, 48), "0%"},
		"nearly nothing":    {Percent(1, 10_000), "<0.1%"},
		"nearly all":        {Percent(9_999, 10_000), ">99.9%"},
		"almost all":        {Percent(997, 1000), "99.7%"},
		"all":               {Percent(48, 48), "100%"},
		"of nothing":        {Percent(0, 0), "-"},
		"just under ten":    {Percent(996, 10_000), "10%"},
		"milliseconds":      {Duration(840 * time.Millisecond), "840 ms"},
		"nearly a second":   {Duration(999_700 * time.Microsecond), "1 s"},
		"seconds":           {Duration(12_400 * time.Millisecond), "12.4 s"},
		"whole seconds":     {Duration(37 * time.Second), "37 s"},
		"nearly a minute":   {Duration(59_970 * time.Millisecond), "1 min 00 s"},
		"minutes":           {Duration(187 * time.Second), "3 min 07 s"},
		"nearly an hour":    {Duration(time.Hour - 400*time.Millisecond), "1 h 00 min"},
		"hours":             {Duration(64 * time.Minute), "1 h 04 min"},
		"bytes":             {Size(840), "840 B"},
		"kilobytes":         {Size(1_240), "1.2 kB"},
		"megabytes":         {Size(18_400_000), "18.4 MB"},
		"nearly a gigabyte": {Size(999_990_000), "1.0 GB"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", name, c.got, c.want)
		}
	}
}
