package triage

import (
	"iter"
	"time"

	"retriage/model"
)

// Row is what a list shows of one item, from memory.
type Row struct {
	Index     int
	ID        model.ID
	State     model.State
	Base      model.State // what is known of it, aside from a run's and the operator's marks
	Category  model.Category
	Class     model.RetryClass
	Rule      string // the rule that filed it, or "by you"
	Status    int
	Code      model.Untrusted
	Message   model.Untrusted
	Field     model.Untrusted
	Cause     model.ID // the item whose failure caused this one
	Reason    model.Reason
	RequestID model.Untrusted
	Sends     int
	NotBefore time.Time
	Edited    bool // has live edits
	Verdict   *model.ItemVerdict
	Key       string
}

// Row gives the row of item i. An item that is fine and untouched has only its
// index and state: its id is in the batch.
func (s *Session) Row(i int) Row {
	e := s.peek(i)
	if e == nil {
		return Row{Index: i, State: model.OK, Base: model.OK}
	}
	r := Row{
		Index: i, ID: e.id, State: e.state(), Base: e.base, Category: e.category(), Class: e.class(), Rule: e.filing.Rule,
		Sends: e.sends, NotBefore: e.notBefore, Edited: len(e.edits) > 0, Verdict: e.verdict, Key: e.key,
	}
	if e.refiled != model.None {
		r.Rule = "moved by you"
	}
	if f, ok := s.failure(e); ok {
		r.Status, r.Code, r.Message, r.Field = f.Status, f.Code, f.Message, f.Field
		r.Cause, r.Reason, r.RequestID = f.Cause, f.Reason, f.RequestID
	}
	return r
}

// Pointer is the failing field's exact JSON Pointer, to find it in the payload by
// and not to show; "" when the server named none.
func (r Row) Pointer() string { return r.Field.Wire() }

// Failure gives the newest failure of item i; ok is false when it has none.
func (s *Session) Failure(i int) (f model.Failure, ok bool) {
	e := s.peek(i)
	if e == nil {
		return model.Failure{}, false
	}
	return s.failure(e)
}

// Tries is how many sends of item i counted against its limit in its newest plan.
func (s *Session) Tries(i int) int {
	if e := s.peek(i); e != nil {
		return e.tries
	}
	return 0
}

// Key is the idempotency key of item i and the SHA-256 of the payload it is for.
func (s *Session) Key(i int) (key, sha string) {
	if e := s.peek(i); e != nil {
		return e.key, e.keySHA
	}
	return "", ""
}

// Answer is what the server said last about item i in this session; the zero
// Answer when it was not sent.
func (s *Session) Answer(i int) model.Answer {
	if e := s.peek(i); e != nil {
		return e.answer
	}
	return model.Answer{}
}

// SentAt is when the newest intent that held item i was written; zero when it was
// not sent in this session.
func (s *Session) SentAt(i int) time.Time {
	if e := s.peek(i); e != nil {
		return e.sentAt
	}
	return time.Time{}
}

// History tells what became of item i, oldest first.
func (s *Session) History(i int) []Step {
	if e := s.peek(i); e != nil {
		return e.history
	}
	return nil
}

// Verdicts gives what reading back has come to, by item, in no order.
func (s *Session) Verdicts() iter.Seq2[int, model.ItemVerdict] {
	return func(yield func(int, model.ItemVerdict) bool) {
		for e := range s.entries.all() {
			if e.verdict != nil && !yield(e.index, *e.verdict) {
				return
			}
		}
	}
}

// Touched says whether item i was sent or read back in this session.
func (s *Session) Touched(i int) bool {
	e := s.peek(i)
	return e != nil && (e.sends > 0 || e.verdict != nil)
}

// ReadOrder lists the items to read back, what matters most first: unknown, then
// sent here, then what may have been applied, then the original successes, then
// what failed and was not sent. Where the API offers no read (reads is false), what
// the server said no to, or was never sent, is not among them: nothing more can
// come to light about that.
func (s *Session) ReadOrder(reads bool) []int {
	var parts [5][]int
	for i := range s.slots.n {
		e := s.peek(i)
		switch {
		case !reads && e != nil && (e.base == model.Failed || e.base == model.Ready):
		case e == nil || e.original && e.sends == 0:
			parts[3] = append(parts[3], i)
		case e.base == model.Unknown:
			parts[0] = append(parts[0], i)
		case e.sends > 0:
			parts[1] = append(parts[1], i)
		case e.class() == model.AfterVerify:
			parts[2] = append(parts[2], i)
		default:
			parts[4] = append(parts[4], i)
		}
	}
	var all []int
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}
