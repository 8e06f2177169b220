package cli

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"retriage/model"
	"retriage/model/dialect"
	"retriage/triage"
	"retriage/tui"
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

// read reads the inputs into the batch. An input that was cut off or is broken
// behind some items, or whose reading was stopped, keeps what came before, and a
// refusal of the whole batch may be looked at; anything else is an error.
func (s *sitting) read(ctx context.Context) error {
	defer debug.SetGCPercent(debug.SetGCPercent(readingGC))
	stop := s.absorbMeanwhile()
	err := s.reader.Read(ctx)
	stop()
	_, items := s.reader.Progress()
	switch {
	case err == nil:
	case isBroken(err) && items > 0, errors.Is(err, dialect.ErrStopped):
		s.readErr = inputError(s.files, err)
	case s.mode == look && errors.As(err, &s.refused): // there is nothing to do but to look at it
		s.readErr = inputError(s.files, err)
	default:
		return inputError(s.files, err)
	}
	s.desk.Absorb()
	return nil
}

// isBroken says whether reading came to something that cannot be read, behind what
// could be.
func isBroken(err error) bool {
	var (
		truncated *dialect.TruncatedError
		syntax    *dialect.SyntaxError
		limit     *dialect.LimitError
	)
	return errors.As(err, &truncated) || errors.As(err, &syntax) || errors.As(err, &limit)
}

// choose asks which format is meant where several fit about as well.
func (s *sitting) choose(ctx context.Context) error {
	if s.choice == "" {
		return nil
	}
	var options []tui.Option
	for _, c := range s.reader.Candidates() {
		options = append(options, tui.Option{Name: c.Name, Text: fmt.Sprintf("%s · %s; %s", c.Name, c.Title, c.Why)})
	}
	opts, done, err := s.a.terminal()
	if err != nil {
		return err
	}
	name, err := tui.Choose(ctx, "Which format is "+s.title()+"?", "Several fit about as well. Nothing was read yet, and nothing is sent.", options, opts...)
	if err = errors.Join(err, done()); errors.Is(err, tui.ErrLeft) {
		return &exitError{exitUsage, "No format was chosen, so nothing was opened. Name it with --dialect.", err}
	}
	if err == nil && name != s.dialect.Name() {
		err = s.start(name)
	}
	s.choice = ""
	return err
}

// readingGC is how much may be collected while an input is read, in percent of
// what stays. Nearly all that is made then stays and is without pointers, so that
// collecting twice as often as usual costs little, and a large input less memory.
const readingGC = 50

// absorbing is how often the session takes in what has been read.
const absorbing = 20 * time.Millisecond

// absorbMeanwhile lets the session take in what is read while more is read. stop
// ends that.
func (s *sitting) absorbMeanwhile() (stop func()) {
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		t := time.NewTicker(absorbing)
		defer t.Stop()
		for {
			select {
			case <-end:
				return
			case <-t.C:
				s.desk.Absorb()
			}
		}
	}()
	return func() { close(end); <-ended }
}
