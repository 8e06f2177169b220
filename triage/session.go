package triage

import (
	"time"

	"retriage/model"
)

// Session is one sitting over one batch: what the response said, and all that
// was done since. It changes by Apply alone. It is not safe for concurrent use;
// run.Desk is.
type Session struct {
	batch      *model.Batch
	classifier *Classifier
	templates  *Templates

	slots   slotList  // items that have an entry; the others are untouched and OK
	entries entryList // items that failed or were touched
	byState [16]int
	byTab   map[Tab]int
	groups  map[groupKey]int
	filings map[Filing]*Filing
	version uint64
	absorb  int            // items of the batch already looked at
	changed int            // of the batch's changes
	byID    map[string]int // see openIDs

	local   map[int64]*localChange // undoable events, by seq
	undo    []int64                // live ones, oldest first
	redo    []int64                // undone ones, oldest first
	notes   []Note
	drafts  map[int][]model.DraftField // by item: typed and not saved
	open    model.OpenEvent
	plan    *PlanState
	runs    []*PlanState
	started time.Time
	last    time.Time
	lastSeq int64
	intents map[int64]departure // sent, and no outcome yet
	lastAtt int64
	totals  Totals
	found   bool // a read has found an item
}

// entry is what a session knows of one item beyond its batch. Of the very many
// that have failed, most are never touched, so what belongs to touching stands
// apart.
type entry struct {
	index    int
	id       model.ID
	base     model.State    // what is known, without a run's and the operator's marks
	flight   model.State    // Queued, InFlight or Waiting while a plan holds it, else Ready
	left     bool           // set aside by the operator
	dirty    bool           // edited since it was last sent
	original bool           // the response said OK; touched only by reading back
	bound    bool           // has bonds
	refiled  model.Category // None = as filed
	tmpl     int32
	filing   *Filing
	*touched // never nil, and never to be written to before own
}

// touched is what was done to an item.
type touched struct {
	tries     int            // sends that counted
	sends     int            // sends at all
	newest    *model.Failure // what a retry came back with, nil = the response's
	key       string
	keySHA    string
	notBefore time.Time
	answer    model.Answer
	verdict   *model.ItemVerdict
	edits     []int64
	sentSeq   int64     // the newest intent that held it
	sentAt    time.Time // when that was written
	history   []Step
}

// untouched is what was done to all items that nothing was done to.
var untouched touched

// own gives the entry something to write to.
func (e *entry) own() {
	if e.touched == &untouched {
		e.touched = new(touched)
	}
}

// Step is one line of an item's history.
type Step struct {
	At   time.Time
	Text string // safe
}

// Note is a remark of the operator's on an item, or (Item < 0) on the run.
type Note struct {
	At   time.Time
	Who  string
	Item int
	Text model.Untrusted
}

// Totals counts what was done over all plans of a session.
type Totals struct {
	Requests     int           // that left this machine, or may have
	Sent         int           // items in those requests, each time counted
	Items        int           // items in those requests, each counted once
	Waits        int           // holds because the server asked
	Waited       time.Duration // their length as announced
	BreakerOpens int
	Moves        []Move // items whose category changed by a retry
	Applied      int    // unknown or failed items that a look-up found applied
	Risked       int    // sends of what may be done twice, as somebody decided
	Doubled      int    // sends of an item whose fate was known or not looked up: 0, always
}

// Move is an item that failed again, for another cause.
type Move struct {
	Item     int
	From, To model.Category
}

// NewSession makes the session of a batch before any event. Items that the
// batch gains later are taken in by Absorb.
func NewSession(b *model.Batch, c *Classifier) *Session {
	s := &Session{
		batch: b, classifier: c, templates: NewTemplates(),
		byTab: map[Tab]int{}, groups: map[groupKey]int{}, filings: map[Filing]*Filing{},
		local: map[int64]*localChange{}, intents: map[int64]departure{},
	}
	for s.Absorb() {
		continue
	}
	return s
}

// Absorb takes in what a reader has added to the batch since the last call, at
// most absorbAtOnce items: more says whether there are others. Items that were
// answered after they had been taken in are taken in again. No event must be
// applied before all is read and absorbed.
func (s *Session) Absorb() (more bool) {
	if changed := len(s.batch.Changed(s.changed)); changed > 0 && (s.batch.Complete() || changed > s.absorb/8) {
		s.forget()
		s.changed += changed
	}
	s.absorbSome()
	return s.absorb < s.batch.Len()
}

// absorbAtOnce bounds for how long a call of Absorb holds everybody else up.
const absorbAtOnce = 1 << 16

// forget makes the session empty again, as long as nothing was done in it.
func (s *Session) forget() {
	if s.absorb == 0 || s.lastSeq > 0 {
		return
	}
	s.slots, s.entries, s.absorb, s.byID = slotList{}, entryList{}, 0, nil
	s.byState = [16]int{}
	s.byTab, s.groups, s.templates = map[Tab]int{}, map[groupKey]int{}, NewTemplates()
}

func (s *Session) absorbSome() {
	n, first := min(s.batch.Len(), s.absorb+absorbAtOnce), s.entries.n
	s.slots.grow(n)
	s.byState[model.OK] += n - s.absorb
	var f model.Failure
	for i := s.batch.NextOpen(s.absorb, n); i < n; i = s.batch.NextOpen(i+1, n) {
		e := s.enter(i)
		e.id, _ = s.batch.Trouble(i, &f)
		e.base, e.touched = s.batch.State(i), &untouched
		s.file(e, &f)
		s.byState[model.OK]--
		s.count(e, +1)
	}
	s.linkCauses(first)
	if n != s.absorb {
		s.absorb = n
		s.version++
	}
}

// file gives e its category and its group by its failure. The caller recounts.
func (s *Session) file(e *entry, f *model.Failure) {
	e.bound = f.Group != "" || len(f.Refs)+len(f.Needs) > 0
	e.filing = &noFiling
	if e.base == model.Ready {
		return
	}
	e.filing = s.filed(s.classifier.Classify(*f))
	e.tmpl = int32(s.templates.Add(f.Code.Wire(), f.Message.Wire()))
}

var noFiling Filing

// filed keeps each filing once: there are few, and very many items.
func (s *Session) filed(f Filing) *Filing {
	kept := s.filings[f]
	if kept == nil {
		kept = new(Filing)
		*kept = f
		s.filings[f] = kept
	}
	return kept
}

// failure is the newest no to an item; ok is false when it has none.
func (s *Session) failure(e *entry) (f model.Failure, ok bool) {
	if e.newest != nil {
		return *e.newest, true
	}
	if e.original {
		return f, false
	}
	_, ok = s.batch.Trouble(e.index, &f)
	return f, ok
}

// touch gives the entry of item i, making one for an item that was fine.
func (s *Session) touch(i int) *entry {
	if e := s.peek(i); e != nil {
		e.own()
		return e
	}
	e := s.enter(i)
	e.base, e.original, e.filing, e.touched = model.OK, true, &noFiling, new(touched)
	return e
}

// enter makes the entry of item i, which has none.
func (s *Session) enter(i int) *entry {
	s.slots.set(i, s.entries.n)
	e := s.entries.add()
	e.index = i
	return e
}

// peek gives the entry of item i, or nil for an item that is fine and untouched.
func (s *Session) peek(i int) *entry {
	k, ok := s.slots.of(i)
	if !ok {
		return nil
	}
	return s.entries.at(k)
}

// change runs f on the entry of item i and keeps every count right.
func (s *Session) change(i int, f func(*entry)) {
	if i < 0 || i >= s.slots.n {
		return
	}
	fresh := s.peek(i) == nil
	e := s.touch(i)
	if fresh {
		s.byState[model.OK]--
	} else {
		s.count(e, -1)
	}
	f(e)
	s.count(e, +1)
}

// count adds d to every tally that e belongs to.
func (s *Session) count(e *entry, d int) {
	s.byState[e.state()] += d
	tab, open := e.tab()
	if !open {
		return
	}
	s.byTab[tab] += d
	k := s.groupKey(e, tab)
	if s.groups[k] += d; s.groups[k] == 0 {
		delete(s.groups, k)
	}
}

// state is the one state of the item.
func (e *entry) state() model.State {
	switch {
	case e.flight != model.Ready:
		return e.flight
	case e.base.Done():
		return e.base
	case e.left:
		return model.LeftOut
	case e.base == model.Unknown:
		return model.Unknown
	case e.dirty:
		return model.Edited
	}
	return e.base
}

// category is the cause that the item is filed under now.
func (e *entry) category() model.Category {
	if e.refiled != model.None {
		return e.refiled
	}
	return e.filing.Category
}

// Len is the number of items requested.
func (s *Session) Len() int { return s.slots.n }

// Batch is the input that the session is about.
func (s *Session) Batch() *model.Batch { return s.batch }

// Version rises with every change; a face redraws when it does.
func (s *Session) Version() uint64 { return s.version }

// Opened is the first event of the journal.
func (s *Session) Opened() model.OpenEvent { return s.open }

// Started is when the session's first event was written; zero before it.
func (s *Session) Started() time.Time { return s.started }

// LastChange is when its newest event was written.
func (s *Session) LastChange() time.Time { return s.last }

// Totals counts what was done over all plans.
func (s *Session) Totals() Totals { return s.totals }

// Notes lists the operator's remarks, oldest first.
func (s *Session) Notes() []Note { return s.notes }

// State is the one state of item i.
func (s *Session) State(i int) model.State {
	if e := s.peek(i); e != nil {
		return e.state()
	}
	return model.OK
}

// Category is the cause that item i is filed under, None for one that is fine.
func (s *Session) Category(i int) model.Category {
	if e := s.peek(i); e != nil {
		return e.category()
	}
	return model.None
}

// Class says what must happen before item i may be sent again.
func (s *Session) Class(i int) model.RetryClass {
	e := s.peek(i)
	if e == nil {
		return model.Never
	}
	return e.class()
}

func (e *entry) class() model.RetryClass {
	switch {
	case e.dirty && e.filing.Class != model.AfterVerify:
		return model.Safe
	case e.base == model.Ready || e.base == model.NotFound:
		return model.Safe
	case e.base == model.Unanswered && e.filing.Class == model.Safe: // the API says what silence means
		return model.Safe
	case e.base == model.Unknown || e.base == model.Unanswered:
		return model.AfterVerify
	case e.base == model.Differs || e.base == model.Unreadable:
		return model.AfterEdit
	}
	return e.filing.Class
}

// Counts is how many items are in each state. They add up to Len.
func (s *Session) Counts() Counts {
	c := Counts{Total: s.slots.n}
	copy(c.By[:], s.byState[:])
	return c
}

// Counts tells how many items are in each state.
type Counts struct {
	Total int
	By    [16]int // by model.State
}

// Of is the number of items in any of the states.
func (c Counts) Of(states ...model.State) int {
	n := 0
	for _, s := range states {
		n += c.By[s]
	}
	return n
}

// Done is the number of items that need nothing more.
func (c Counts) Done() int { return c.Of(model.OK, model.Confirmed, model.Unverifiable) }

// Open is the number of items that need something: everything that is not Done.
func (c Counts) Open() int { return c.Total - c.Done() }

// Sum adds all states up; it equals Total, always.
func (c Counts) Sum() int {
	n := 0
	for _, k := range c.By {
		n += k
	}
	return n
}
