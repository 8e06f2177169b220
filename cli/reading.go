package cli

import (
	"fmt"
	"strings"
	"time"

	"retriage/model"
	"retriage/triage"
	"retriage/tui/widget"
)

// telling is how often a person at a terminal hears how far the reading is.
const telling = 250 * time.Millisecond

// tellReading shows on a terminal how far the reading is, and the newest item
// that is not fine, while the rest is read. done ends that and clears the line.
func (s *sitting) tellReading() (done func()) {
	if !s.a.w.ErrTTY {
		return func() {}
	}
	total := int64(0)
	for _, f := range s.files {
		total += f.size
	}
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		t := time.NewTicker(telling)
		defer t.Stop()
		shown := 0
		for {
			select {
			case <-end:
				if shown > 0 {
					fmt.Fprintf(s.a.w.Err, "\r%s\r", strings.Repeat(" ", shown))
				}
				return
			case <-t.C:
				line := widget.Clip("reading "+howFar(s.reader, total)+s.newest(), tellingWidth)
				now := widget.Width(line)
				fmt.Fprintf(s.a.w.Err, "\r%s%s", line, strings.Repeat(" ", max(0, shown-now)))
				shown = now
			}
		}
	}()
	return func() { close(end); <-ended }
}

// tellingWidth is how long that line may be.
const tellingWidth = 78

// newest says how many items are not fine so far, and what the newest one says.
func (s *sitting) newest() string {
	text := ""
	s.desk.Look(func(t *triage.Session) {
		open := t.Counts().Open()
		if open == 0 {
			return
		}
		text = " · " + model.Number(open) + " open"
		if i := t.Newest(); i >= 0 {
			row := t.Row(i)
			text += fmt.Sprintf(" · %s %d %s %s", row.ID.Safe(), row.Status, row.Code.Safe(30), row.Message.Safe(60))
		}
	})
	return text
}
