package triage

import (
	"slices"

	"retriage/model"
)

// localChange is an undoable event: an edit, a rule, setting aside, refiling.
type localChange struct {
	ev   model.Event
	old  []oldMark   // what the items were before, in the event's order
	at   map[int]int // item -> its place in the event
	what string
}

type oldMark struct {
	item    int
	left    bool
	refiled model.Category
}

// record makes ev the newest thing that undo takes back.
func (s *Session) record(ev model.Event, what string, items []int) {
	lc := &localChange{ev: ev, what: what, at: make(map[int]int, len(items))}
	for k, i := range items {
		lc.at[i] = k
		m := oldMark{item: i}
		if e := s.peek(i); e != nil {
			m.left, m.refiled = e.left, e.refiled
		}
		lc.old = append(lc.old, m)
	}
	s.local[ev.Seq] = lc
	s.undo = append(s.undo, ev.Seq)
	for _, seq := range s.redo {
		delete(s.local, seq)
	}
	s.redo = nil
}

func (s *Session) applyEdit(ev model.Event) error {
	items := make([]int, len(ev.Edit.Items))
	for k, it := range ev.Edit.Items {
		items[k] = it.Index
	}
	if err := s.has(items...); err != nil {
		return err
	}
	s.record(ev, "edit of "+model.Plural(len(items), "item"), items)
	s.putEdit(ev.Seq, items)
	if ev.Type == model.EvEdit { // by hand: what was typed is saved
		for _, i := range items {
			delete(s.drafts, i)
		}
	}
	return nil
}

func (s *Session) putEdit(seq int64, items []int) {
	s.letGo(items)
	for _, i := range items {
		s.change(i, func(e *entry) {
			e.edits = append(e.edits, seq)
			e.dirty = s.unsent(e)
		})
	}
}

func (s *Session) applyLeave(ev model.Event) error {
	if err := s.has(ev.Leave.Items...); err != nil {
		return err
	}
	what := "leaving out "
	if !ev.Leave.Out {
		what = "taking back "
	}
	s.record(ev, what+model.Plural(len(ev.Leave.Items), "item"), ev.Leave.Items)
	s.letGo(ev.Leave.Items)
	for _, i := range ev.Leave.Items {
		s.change(i, func(e *entry) { e.left = ev.Leave.Out })
	}
	return nil
}

func (s *Session) applyRefile(ev model.Event) error {
	if err := s.has(ev.Refile.Items...); err != nil {
		return err
	}
	s.record(ev, "moving "+model.Plural(len(ev.Refile.Items), "item"), ev.Refile.Items)
	for _, i := range ev.Refile.Items {
		s.change(i, func(e *entry) { e.refiled = ev.Refile.To })
	}
	return nil
}

// Undoable names the newest local change and its event; ok is false, with the
// reason, when there is none or when it has been sent since.
func (s *Session) Undoable() (seq int64, what string, ok bool) {
	if len(s.undo) == 0 {
		return 0, "nothing to undo", false
	}
	seq = s.undo[len(s.undo)-1]
	lc := s.local[seq]
	for _, m := range lc.old {
		if e := s.peek(m.item); e != nil && (e.sentSeq > seq || s.holds(e)) {
			return 0, "the " + lc.what + " was sent since; edit again instead", false
		}
	}
	return seq, lc.what, true
}

// ChangedBy lists the items that the local change of an event is about; none for
// an event that is no local change.
func (s *Session) ChangedBy(seq int64) []int {
	lc := s.local[seq]
	if lc == nil {
		return nil
	}
	items := make([]int, len(lc.old))
	for k, m := range lc.old {
		items[k] = m.item
	}
	return items
}

// letGoBy takes out of a plan that rests what the change of an event would send
// otherwise than it was confirmed.
func (s *Session) letGoBy(seq int64) {
	if s.local[seq].ev.Type != model.EvRefile {
		s.letGo(s.ChangedBy(seq))
	}
}

// Redoable names the change that was undone last; ok is false, with the reason,
// when there is none.
func (s *Session) Redoable() (seq int64, what string, ok bool) {
	if len(s.redo) == 0 {
		return 0, "nothing to redo", false
	}
	seq = s.redo[len(s.redo)-1]
	return seq, s.local[seq].what, true
}

// NothingToUndoError says that an undo or redo event fits no change.
type NothingToUndoError struct{ Seq int64 }

func (e *NothingToUndoError) Error() string { return "no such change to undo or redo" }

func (s *Session) applyUndo(seq int64) error {
	k := slices.Index(s.undo, seq)
	if k < 0 {
		return &NothingToUndoError{seq}
	}
	s.undo = slices.Delete(s.undo, k, k+1)
	s.redo = append(s.redo, seq)
	s.letGoBy(seq)
	for _, m := range s.local[seq].old {
		s.change(m.item, func(e *entry) {
			switch s.local[seq].ev.Type {
			case model.EvLeave:
				e.left = m.left
			case model.EvRefile:
				e.refiled = m.refiled
			default:
				e.edits = slices.DeleteFunc(e.edits, func(n int64) bool { return n == seq })
				e.dirty = s.unsent(e)
			}
		})
	}
	return nil
}

func (s *Session) applyRedo(seq int64) error {
	k := slices.Index(s.redo, seq)
	if k < 0 {
		return &NothingToUndoError{seq}
	}
	s.redo = slices.Delete(s.redo, k, k+1)
	s.undo = append(s.undo, seq)
	lc := s.local[seq]
	s.letGoBy(seq)
	for _, m := range lc.old {
		s.change(m.item, func(e *entry) {
			switch lc.ev.Type {
			case model.EvLeave:
				e.left = lc.ev.Leave.Out
			case model.EvRefile:
				e.refiled = lc.ev.Refile.To
			default:
				e.edits = append(e.edits, seq)
				slices.Sort(e.edits)
				e.dirty = s.unsent(e)
			}
		})
	}
	return nil
}

// Changes lists what the live edits do to item i, oldest first.
func (s *Session) Changes(i int) []model.Change {
	e := s.peek(i)
	if e == nil {
		return nil
	}
	var out []model.Change
	for _, seq := range e.edits {
		lc := s.local[seq]
		out = append(out, lc.ev.Edit.Items[lc.at[i]].Changes...)
	}
	return out
}

// Revision is a number that changes with the live edits of item i; 0 = none.
func (s *Session) Revision(i int) int64 {
	e := s.peek(i)
	if e == nil {
		return 0
	}
	var r int64
	for _, seq := range e.edits {
		r = 31*r + seq
	}
	return r
}

// Payload gives the payload of an item as it would be sent now, its live edits
// applied; edited says whether there are any.
func (s *Session) Payload(it model.Item) (p model.Payload, edited bool, err error) {
	changes := s.Changes(it.Index)
	if len(changes) == 0 {
		return it.Payload, false, nil
	}
	p, err = Apply(it.Payload, changes)
	return p, true, err
}

// Sent gives the payload of an item as its newest send had it, or as the input
// has it when it was not sent in this session: what a read is compared with.
// newer says whether live edits came after that.
func (s *Session) Sent(it model.Item) (p model.Payload, newer bool, err error) {
	e := s.peek(it.Index)
	if e == nil {
		return it.Payload, false, nil
	}
	var sent []model.Change
	for _, seq := range e.edits {
		if seq > e.sentSeq {
			newer = true
			continue
		}
		lc := s.local[seq]
		sent = append(sent, lc.ev.Edit.Items[lc.at[it.Index]].Changes...)
	}
	if len(sent) == 0 {
		return it.Payload, newer, nil
	}
	p, err = Apply(it.Payload, sent)
	return p, newer, err
}

// EditsOf lists the live edits, oldest first, that are about nothing but these
// items; shared is how many more of their edits are about others too.
func (s *Session) EditsOf(items []int) (whole []int64, shared int) {
	in := make(map[int]bool, len(items))
	for _, i := range items {
		in[i] = true
	}
	for _, seq := range s.undo {
		lc := s.local[seq]
		if lc.ev.Edit == nil {
			continue
		}
		mine := 0
		for i := range lc.at {
			if in[i] {
				mine++
			}
		}
		switch {
		case mine == len(lc.at):
			whole = append(whole, seq)
		case mine > 0:
			shared++
		}
	}
	return whole, shared
}
