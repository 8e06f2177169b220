package cli

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"time"

	"retriage/model"
	"retriage/triage/report"
	"retriage/triage/run"
)

// hangUpGrace is how long a run may wait for what is in flight once the
// terminal is gone.
const hangUpGrace = 5 * time.Second

// drive runs work while it writes progress lines to stderr and obeys signals:
// the first interrupt lets what is in flight finish, the second one aborts it.
// A signal's exit code comes back as an error, after the journal is complete.
func (s *sitting) drive(ctx context.Context, work func(context.Context) error) error {
	done := make(chan error, 1)
	go func() { done <- work(ctx) }()
	signals, stop := s.a.w.Signals()
	defer stop()
	tick := time.NewTicker(s.a.w.wait())
	defer tick.Stop()
	var grace <-chan time.Time
	var ended error
	for {
		select {
		case err := <-done:
			s.progress()
			if ended != nil {
				return ended
			}
			return err
		case sig := <-signals:
			if ended != nil {
				s.runner.Abort()
				continue
			}
			ended = s.stopFor(sig)
			if sig != os.Interrupt {
				timer := time.NewTimer(hangUpGrace)
				defer timer.Stop()
				grace = timer.C
			}
		case <-grace:
			s.runner.Abort()
		case <-tick.C:
			s.progress()
		}
	}
}

// stopFor drains the run for a signal and names its exit code.
func (s *sitting) stopFor(sig os.Signal) error {
	s.runner.Cancel()
	code := exitTerm
	switch sig {
	case os.Interrupt:
		code = exitInterupt
		fmt.Fprintln(s.a.w.Err, "retriage: stopping after what is in flight; press ctrl+c again to abort it")
	case syscall.SIGHUP:
		code = exitHangUp
	}
	return &exitError{code: code, text: fmt.Sprintf("stopped by a signal; nothing was lost. Go on with: retriage resume %s", s.runID)}
}

// progress writes one line about the run to stderr; where it ends with reading
// back, another one about that.
func (s *sitting) progress() {
	snap := s.runner.Snapshot()
	if len(snap.Progress) > 0 && snap.Phase != run.Idle && snap.Phase != run.Verifying {
		p := snap.Progress[0]
		line := fmt.Sprintf("%d of %d  ok %d  failed %d  waiting %d  unknown %d  left %d",
			p.Finished(), p.Total, p.OK, p.Failed, p.Waiting, p.Unknown, p.Left+p.InFlight)
		if p.Gone > 0 {
			line += fmt.Sprintf("  taken out %d", p.Gone)
		}
		if !snap.Hold.Until.IsZero() {
			line += fmt.Sprintf("  holds until %s (%s)", snap.Hold.Until.Local().Format(time.TimeOnly), snap.Hold.Why)
		}
		if snap.Pause.Kind != "" {
			line += "  paused: " + snap.Pause.Text
		}
		fmt.Fprintln(s.a.w.Err, line)
	}
	if snap.Phase == run.Verifying || snap.Phase == run.Ended && snap.Reads.Total > 0 {
		fmt.Fprintln(s.a.w.Err, readLine(snap.Reads))
	}
}

// readLine is how far reading back has come; its parts add up to what was read.
func readLine(r run.ReadProgress) string {
	line := fmt.Sprintf("read back %d of %d  confirmed %d  differs %d  not found %d  failed and not there %d  unreadable %d",
		r.Done, r.Total, r.Confirmed, r.Differs, r.NotFound, r.AsExpected, r.Unreadable)
	if r.Unverifiable > 0 {
		line += fmt.Sprintf("  unverifiable %d", r.Unverifiable)
	}
	if r.Unknown > 0 {
		line += fmt.Sprintf("  unknown %d", r.Unknown)
	}
	return line
}

// ended decides how a sitting ends, and is the one place that does: by what
// stopped it, else by what is left. The report that comes with it names the same
// code. stderr always names the unknown count.
func (s *sitting) ended(err error) (report.Report, error) {
	r := s.report()
	unknown := r.States[model.Unknown.String()]
	if unknown > 0 {
		fmt.Fprintf(s.a.w.Err, "retriage: %d unknown: sent, and no trustworthy answer. Look them up with: retriage verify %s\n", unknown, s.runID)
	}
	if err == nil {
		return r, quiet(r.Exit)
	}
	code := codeOf(err)
	if unknown > 0 && code < exitHangUp && code != exitState && code != exitBug {
		code, err = exitUnknown, &exitError{exitUnknown, sentence(err), err}
	}
	return r.Ending(code, s.end()), err
}

// end is what decides the exit code beside what is left.
func (s *sitting) end() report.End {
	e := report.End{Lenient: s.lenient}
	if s.runner != nil {
		e.Stop = s.runner.Snapshot().Stop
	}
	if s.log != nil && s.log.Err() != nil {
		e.Stop = "journal"
	}
	return e
}
