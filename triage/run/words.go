package run

import (
	"time"

	"retriage/model"
)

// lineOf tells what became of one item.
func lineOf(at time.Time, t *task, res model.ItemResult, most int) Line {
	l := Line{At: at, Item: t.index, ID: t.id, State: res.State, Status: res.Status, Code: res.Code, Text: res.Why, Try: t.tries, Tries: most}
	switch {
	case l.Text != "":
	case res.State == model.Waiting && res.NotBefore != nil:
		l.Text = "waits " + model.Duration(res.NotBefore.Sub(at))
		if t.asked {
			l.Text += " as the server asked"
		} else {
			l.Text += ", then tries again"
		}
	case res.State == model.Queued:
		l.Text = "not applied: the request was refused whole"
	default:
		l.Text = res.State.Words()
	}
	return l
}
