package triage

import (
	"fmt"
	"slices"
	"time"

	"retriage/model"
)

// Apply folds one event into the session. An event that refers to what is not
// there is an error and changes nothing; replaying a journal that this program
// wrote gives none.
func (s *Session) Apply(ev model.Event) error {
	if err := s.fold(ev); err != nil {
		return fmt.Errorf("apply event %d (%s): %w", ev.Seq, ev.Type, err)
	}
	if s.started.IsZero() {
		s.started = ev.At
	}
	s.last, s.lastSeq = ev.At, ev.Seq
	s.version++
	return nil
}

func (s *Session) fold(ev model.Event) error {
	switch {
	case ev.Open != nil:
		s.open = *ev.Open
	case ev.Edit != nil:
		return s.applyEdit(ev)
	case ev.Draft != nil:
		return s.applyDraft(ev.Draft)
	case ev.Leave != nil:
		return s.applyLeave(ev)
	case ev.Refile != nil:
		return s.applyRefile(ev)
	case ev.Note != nil:
		s.notes = append(s.notes, Note{ev.At, ev.Who, ev.Note.Item, model.Foreign(ev.Note.Text)})
	case ev.Type == model.EvUndo:
		return s.applyUndo(ev.Ref)
	case ev.Type == model.EvRedo:
		return s.applyRedo(ev.Ref)
	}
	return s.foldRun(ev)
}

// foldRun folds what a run has written.
func (s *Session) foldRun(ev model.Event) error {
	switch {
	case ev.Plan != nil:
		return s.applyPlan(ev)
	case ev.Keys != nil:
		return s.applyKeys(ev.Keys)
	case ev.Intent != nil:
		return s.applyIntent(ev)
	case ev.Outcome != nil:
		return s.applyOutcome(ev)
	case ev.Verify != nil:
		return s.applyVerify(ev)
	case ev.Wait != nil:
		s.applyWait(ev)
	case ev.End != nil:
		s.applyEnd(ev)
	case ev.Type == model.EvControl && s.plan != nil:
		s.applyControl(ev.Control)
	}
	return nil
}

// The words of a control event that say whether the open plan is at work.
const (
	Halted  = "halted" // the run ended before the plan did
	Resumed = "resumed"
)

// applyControl lets the open plan rest, or go on. What waited for a server that
// was not there has not been sent: once no run is at work, it waits for nothing.
func (s *Session) applyControl(word string) {
	ps := s.plan
	ps.Halted = word == Halted || ps.Halted && word != Resumed
	if word != Halted {
		return
	}
	for _, i := range ps.Plan.Items {
		if s.State(i) == model.Waiting && !ps.touched[i] {
			s.change(i, func(e *entry) { e.flight = model.Queued })
		}
	}
}

// NoSuchItemError says that an event names an item that the batch does not have.
type NoSuchItemError struct{ Index, Len int }

func (e *NoSuchItemError) Error() string {
	return fmt.Sprintf("item %d of %d: no such item", e.Index, e.Len)
}

// has refuses a list with an item outside the batch.
func (s *Session) has(items ...int) error {
	for _, i := range items {
		if i < 0 || i >= s.slots.n {
			return &NoSuchItemError{i, s.slots.n}
		}
	}
	return nil
}

func (s *Session) applyPlan(ev model.Event) error {
	if err := s.has(ev.Plan.Items...); err != nil {
		return err
	}
	ps := s.newPlanState(*ev.Plan, ev.At)
	for _, i := range ev.Plan.Items {
		s.change(i, func(e *entry) { e.flight, e.tries = model.Queued, 0 })
	}
	s.plan = ps
	s.runs = append(s.runs, ps)
	return nil
}

func (s *Session) applyKeys(keys []model.ItemKeyed) error {
	for _, k := range keys {
		if err := s.has(k.Index); err != nil {
			return err
		}
		s.change(k.Index, func(e *entry) { e.key, e.keySHA = k.Key, k.SHA256 })
	}
	return nil
}

func (s *Session) applyIntent(ev model.Event) error {
	in := ev.Intent
	if err := s.has(in.Items...); err != nil {
		return err
	}
	s.intents[in.Attempt] = s.departure(*in)
	s.lastAtt = max(s.lastAtt, in.Attempt)
	s.plan.touch(in.Items...)
	for k, i := range in.Items {
		s.change(i, func(e *entry) {
			switch {
			case s.plan.mayDouble(i):
				s.totals.Risked++
			case e.base.Done() || e.base == model.Unknown && e.key == "":
				s.totals.Doubled++ // under its own key again it would be applied once
			}
			e.flight, e.sentSeq, e.sentAt = model.InFlight, ev.Seq, ev.At
			e.verdict = nil // it says nothing of what is there after this
			if e.sends++; e.sends == 1 {
				s.totals.Items++
			}
			if e.id.IsZero() && k < len(in.IDs) {
				e.id = in.IDs[k]
			}
		})
	}
	s.sent(len(in.Items), +1)
	return nil
}

func (s *Session) applyOutcome(ev model.Event) error {
	out := ev.Outcome
	for _, r := range out.Items {
		if err := s.has(r.Index); err != nil {
			return err
		}
	}
	s.returned(out)
	for _, r := range out.Items {
		s.change(r.Index, func(e *entry) { s.settle(e, ev.At, out, r) })
		if out.Left() || !r.State.Moving() {
			s.plan.touch(r.Index)
		}
	}
	return nil
}

// settle folds what an outcome means for one item into its entry.
func (s *Session) settle(e *entry, at time.Time, out *model.Result, r model.ItemResult) {
	if r.Spent {
		e.tries++
	}
	if out.Attempt != 0 && !r.State.Moving() {
		e.dirty = s.unsent(e)
	}
	before := e.category()
	if r.State != model.OK && r.Category != model.None {
		s.refail(e, r)
	}
	e.notBefore = time.Time{}
	if r.NotBefore != nil {
		e.notBefore = *r.NotBefore
	}
	switch r.State {
	case model.Queued, model.Waiting:
		e.flight = r.State
	default:
		e.flight, e.base = model.Ready, r.State
	}
	e.answer = model.Answer{
		ID: e.id, State: r.State, Status: r.Status, Location: r.Location, ETag: r.ETag, ServerID: r.ServerID,
		Partly: r.Partly || e.answer.Partly && r.State != model.OK, // its request holds the same parts still
	}
	if r.State == model.Failed && before != model.None && e.category() != before {
		s.totals.Moves = append(s.totals.Moves, Move{e.index, before, e.category()})
	}
	e.history = append(e.history, Step{at, resultText(e, out, r)})
}

// refail gives e the failure that a retry came back with.
func (s *Session) refail(e *entry, r model.ItemResult) {
	f := &model.Failure{
		Status: r.Status, Code: r.Code, Message: r.Message, Field: r.Field, Cause: r.Cause, RetryAfter: -1,
	}
	e.newest = f
	e.refiled = model.None
	filing := Filing{Category: r.Category, Class: r.Class, Rule: r.Rule}
	e.filing = &filing
	e.tmpl = int32(s.templates.Add(f.Code.Wire(), f.Message.Wire()))
	if cause, ok := s.causeOf(e); ok {
		f.Cause = cause
		filing.Class = s.classifier.Classify(*f).Class
	}
}

func resultText(e *entry, out *model.Result, r model.ItemResult) string {
	status := r.Status
	if status == 0 {
		status = out.Status
	}
	text := fmt.Sprintf("try %d", max(e.sends, 1))
	if out.Attempt == 0 || !out.Left() {
		text = "not sent"
	}
	if status != 0 {
		text += fmt.Sprintf("  %d", status)
	}
	if !r.Code.IsZero() {
		text += " " + r.Code.Safe(60)
	}
	text += "  " + r.State.Words()
	if r.Why != "" {
		text += ": " + r.Why
	}
	return text
}

func (s *Session) applyVerify(ev model.Event) error {
	for _, v := range ev.Verify.Items {
		if err := s.has(v.Index); err != nil {
			return err
		}
	}
	for _, v := range ev.Verify.Items {
		held := s.keepsHold(s.peek(v.Index), v)
		s.change(v.Index, func(e *entry) { s.readBack(e, ev.At, v, held) })
		s.found = s.found || v.Status >= 200 && v.Status < 300
		s.plan.looked(v, held)
	}
	return nil
}

// readBack folds a verdict into an entry. A failed item stays failed unless it
// is there after all: that its payload is not on the server is no news. held
// says that a plan will send it all the same.
func (s *Session) readBack(e *entry, at time.Time, v model.ItemVerdict, held bool) {
	was := e.base
	e.verdict = &v
	if e.id.IsZero() {
		e.id = v.ID
	}
	e.history = append(e.history, Step{at, "read back: " + verdictText(v)})
	if !held {
		e.flight = model.Ready
	}
	open := was == model.Unknown || was == model.Unanswered // nobody knew whether it was applied
	switch state := v.State; {
	case state == model.Queued:
		e.flight = model.Queued
		if open {
			e.base = model.NotFound
		}
	case state == model.Confirmed && v.Status == 0 && !was.Done():
		// Nothing was read: what needs no reading back is not mended by that.
	case state == model.Confirmed:
		e.base = model.Confirmed
		if open || was == model.Failed {
			s.totals.Applied++
		}
	case state == model.Unknown:
		e.base = model.Unknown
	default:
		e.missed(was, v.State)
	}
}

// missed folds a read that did not find the item as it was sent. A failed item
// stays failed; that it is not there settles whether it may be sent again.
func (e *entry) missed(was, found model.State) {
	switch {
	case was != model.Failed && was != model.Ready:
		e.base = found
	case found == model.NotFound && e.filing.Class == model.AfterVerify:
		e.filing.Class = model.Safe
	}
}

func verdictText(v model.ItemVerdict) string {
	text := v.State.Words()
	if v.State == model.Queued {
		text = "not there, to be sent again"
	}
	if len(v.Fields) > 0 {
		text += " at " + model.Foreign(v.Fields[0].Pointer).Safe(60)
	}
	if v.Note != "" {
		text += ": " + v.Note
	}
	return text
}

func (s *Session) applyWait(ev model.Event) {
	w := ev.Wait
	switch {
	case ev.Type == model.EvBreaker && w.State == "open":
		s.totals.BreakerOpens++
	case ev.Type == model.EvWait && w.State == "throttled":
		s.totals.Waits++
		if w.Until != nil {
			s.totals.Waited += max(0, w.Until.Sub(ev.At))
		}
	}
}

// applyEnd takes the plan's marks off every item that it still holds. What was
// still to be sent has no answer under it.
func (s *Session) applyEnd(ev model.Event) {
	if s.plan == nil {
		return
	}
	for _, i := range s.plan.Plan.Items {
		if e := s.peek(i); e != nil && e.flight != model.Ready {
			if e.flight == model.Queued {
				s.plan.touched[i] = false // if it left, it was in a call that was refused whole
			}
			s.change(i, func(e *entry) { e.flight = model.Ready })
		}
	}
	s.plan.Ended, s.plan.Why = ev.At, ev.End.Why
	s.plan = nil
}

// InFlight lists the intents that have no outcome, by attempt: what a process
// that was killed may have sent.
func (s *Session) InFlight() []model.Intent {
	var open []model.Intent
	for _, d := range s.intents {
		open = append(open, d.Intent)
	}
	slices.SortFunc(open, func(a, b model.Intent) int { return int(a.Attempt - b.Attempt) })
	return open
}

// NextAttempt is an attempt number that no intent has.
func (s *Session) NextAttempt() int64 { return s.lastAtt + 1 }
