package run

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"retriage/model"
)

// number writes 1204 as 1,204.
func number(n int) string {
	s := strconv.Itoa(n)
	for at := len(s) - 3; at > 0 && s[at-1] != '-'; at -= 3 {
		s = s[:at] + "," + s[at:]
	}
	return s
}

// items is a number of items in words.
func items(n int) string {
	if n == 1 {
		return "1 item"
	}
	return number(n) + " items"
}

// span writes a duration as a screen says it: 840 ms, 8 s, 3 min 07 s, 1 h 04 min.
func span(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", d.Seconds()), ".0") + " s"
	case d < time.Hour:
		s := int(d.Round(time.Second).Seconds())
		return fmt.Sprintf("%d min %02d s", s/60, s%60)
	}
	m := int(d.Round(time.Minute).Minutes())
	return fmt.Sprintf("%d h %02d min", m/60, m%60)
}

// lineOf tells what became of one item.
func lineOf(at time.Time, t *task, res model.ItemResult, most int) Line {
	l := Line{At: at, Item: t.index, ID: t.id, State: res.State, Status: res.Status, Code: res.Code, Text: res.Why, Try: t.tries, Tries: most}
	switch {
	case l.Text != "":
	case res.State == model.Waiting && res.NotBefore != nil:
		l.Text = "waits " + span(res.NotBefore.Sub(at))
		if !res.Spent {
			l.Text += " as the server asked"
		}
	case res.State == model.Queued:
		l.Text = "not applied: sent again"
	default:
		l.Text = res.State.Words()
	}
	return l
}
