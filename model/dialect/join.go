package dialect

import (
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"retriage/model"
)

// asked is a requested item: who it is and where it stands.
type asked struct {
	id   model.ID
	span model.Span
}

// late is an answer whose item is only clear at the end.
type late struct {
	position int // among the answers
	at       inUnit
	index    int // which it names itself, negative = none
	record   model.Record
	group    string
}

// join puts answers and requests together, in the order of the requests. Where
// the answers come in that order, an item costs its place and no more.
type join struct {
	d     *Dialect
	batch *model.Batch
	alone bool // there is no response: the items are ready
	file  int  // number of the file being read
	index idTable
	order order // of the requested ids
	told  order // of the answered ones
	asked []asked
	twins map[int][]int // items that were requested under the id of another
	items []settled
	queue []model.Record // items that are not in the batch yet
	late  []late
	// twinned are answers to ids that several items have, and shuffled says that
	// the answers are not in the order of the requests.
	twinned  []late
	shuffled bool
	bonded   map[int]*bond
	// culprits are the items that let their group fail.
	culprits map[string]model.ID
	members  map[string][]int // items of each group, once they are asked for
	units    units
	numbers  numbers
	answers  int
	found    findings
	request  []gjson.Result // the tops of the request files
	// text gives the beginning of an answer, nil = there is no need for it.
	text func(model.Span) model.Untrusted
}

// settled is what is known of an item so far: its state and what more there is
// to say, in one byte, since there is one for every item.
type settled uint8

const (
	answered settled = 1 << 6 // there is an answer to it
	guessed  settled = 1 << 7 // which was joined by its position alone
)

func (s settled) state() model.State    { return model.State(s &^ (answered | guessed)) }
func (s settled) has(mark settled) bool { return s&mark != 0 }

func newJoin(d *Dialect, b *model.Batch, alone bool) *join {
	return &join{
		d: d, batch: b, alone: alone, twins: map[int][]int{}, bonded: map[int]*bond{}, culprits: map[string]model.ID{},
	}
}

// queueSize is how many items reach the batch at once.
const queueSize = 256

// fold makes ids that differ in case alone the same.
func fold(id model.ID) model.ID {
	if id.IsNumber() {
		return id
	}
	return model.TextID(strings.ToLower(id.Wire()))
}

// find gives the item of an id.
func (j *join) find(id model.ID) (int, bool) {
	return j.findHash(j.d.hashOf(id))
}

// findNew is find for an id that has just come.
func (j *join) findNew(id model.ID) (int, bool) {
	if j.index.rising() {
		return 0, false
	}
	return j.find(id)
}

// hashAgain reads an item back for the hash of its id.
func (j *join) hashAgain(i int) hash {
	j.flush()
	it, err := j.batch.Item(i)
	if err != nil {
		return 0 // it is broken inside, and nothing can be told to be the same
	}
	return j.d.hashOf(it.ID)
}

func (j *join) findHash(h hash) (int, bool) {
	if h == 0 {
		return 0, false
	}
	return j.index.find(h)
}

// ask adds a requested item.
func (j *join) ask(span model.Span, e *element) {
	refs := j.d.refsIn(e, j.d.speaksIn(e))
	if j.d.spec.Request.Wrap {
		inner := e.unwrap()
		e = &inner
	}
	groups, needs := j.d.bondsOf(e, j.file)
	depends := slices.Clip(needs)
	for _, id := range refs {
		if !slices.Contains(needs, id) {
			needs = append(needs, id)
		}
	}
	j.requested(asked{j.d.idOf(e, j.d.spec.Request.ID), span}, groups, needs)
	if b := j.bonded[len(j.asked)-1]; b != nil {
		b.refs, b.depends = refs, depends
	}
	if j.alone {
		j.place(len(j.asked)-1, model.Record{ID: j.asked[len(j.asked)-1].id, State: model.Ready, Failure: ready, Request: span})
	}
}

func (j *join) requested(a asked, groups []string, needs []model.ID) {
	i := len(j.asked)
	j.asked = append(j.asked, a)
	if j.d.spec.Items.Units {
		j.units.ask(i, groups)
	}
	id := j.d.identity(a.id)
	if !id.IsZero() {
		j.index.came(j.order.above([]byte(id.Wire()), id.IsNumber()))
	}
	if first, ok := j.findNew(a.id); ok {
		j.twins[first] = append(j.twins[first], i)
		if !j.d.spec.Items.Ordered {
			j.found.twins.add(a.id)
		}
	} else if !a.id.IsZero() {
		j.index.add(j.d.hashOf(a.id), i)
	}
	if len(groups)+len(needs) > 0 {
		j.bonded[i] = &bond{groups: groups, needs: needs, file: j.file}
	}
}

// ready and unanswered stand in for a failure where the server has said
// nothing; one value serves all items, since a failure is never changed.
var ready = &model.Failure{RetryAfter: -1}

func (d *Dialect) unanswered() *model.Failure {
	return &model.Failure{RetryAfter: -1, Reason: model.NotAnswered, Class: class(d.spec.Unanswered.Class)}
}

// stretch adds the answers of a stretch.
func (j *join) stretch(source int, s *stretch) {
	simple := len(j.asked) == 0 && !j.d.spec.Items.Ordered && !j.d.spec.Items.Units
	for i := range s.spots {
		p := &s.spots[i]
		t := told{hash: p.hash, index: -1}
		switch {
		case p.more > 0:
			t = s.told[p.more-1]
		case simple && p.rises && j.index.rising():
			j.yes(source, p)
			continue
		default:
			t.record.State, t.record.Response = model.OK, model.Span{Source: source, Off: p.off, Len: int(p.length)}
		}
		t.rises = p.rises
		j.answer(&t)
	}
	j.flush()
}

// yes adds a plain yes whose id is above all before it.
func (j *join) yes(source int, p *spot) {
	j.answers++
	j.found.counts[0]++
	j.index.add(p.hash, len(j.items))
	j.items = append(j.items, settled(model.OK)|answered)
	j.queue = append(j.queue, model.Record{State: model.OK, Response: model.Span{Source: source, Off: p.off, Len: int(p.length)}})
	if len(j.queue) == queueSize {
		j.flush()
	}
}

// answer adds an answer. They come in the order of the response.
func (j *join) answer(t *told) {
	position := j.answers
	j.answers++
	j.found.count(t.record.State)
	if f := t.record.Failure; f != nil && f.Status == 0 {
		j.found.bare++
	}
	if t.warned != "" {
		j.found.warn(t.warned, t.record.ID)
	}
	j.join(t, position)
	for _, id := range t.also {
		twin := *t
		twin.record.ID, twin.hash, twin.rises, twin.index = id, j.d.hashOf(id), false, -1
		j.join(&twin, position)
	}
}

// join finds the item of an answer and settles it.
func (j *join) join(t *told, position int) {
	r := t.record
	j.came(t, position)
	i, known := j.itemOf(t, position)
	var at inUnit
	if j.d.spec.Items.Units {
		if at = j.units.answer(t); known {
			j.units.joined(at, i)
		}
	}
	switch {
	case known && j.d.spec.Items.Twins && len(j.twins[i]) > 0:
		j.twinned = append(j.twinned, late{position: position, record: r, group: t.group})
	case known && j.item(i).has(answered):
		j.double(i, r)
	case known && len(j.twins[i]) > 0 && !j.d.spec.Items.Ordered:
		j.ambiguous(i, r)
	case known:
		j.settle(i, t)
	case len(j.asked) > 0:
		j.late = append(j.late, late{position, at, t.index, r, t.group})
	default:
		j.fresh(t)
	}
}

// came notes whether the ids of answers keep an order: their own, and that of the
// requests.
func (j *join) came(t *told, position int) {
	if t.hash != 0 {
		j.index.came(t.rises)
	}
	if j.d.spec.Items.Twins && !j.fitsID(t.record.ID, position) {
		j.shuffled = true
	}
}

// settle gives a requested item its answer. An item that was found by its place
// keeps its own id.
func (j *join) settle(i int, t *told) {
	r := t.record
	if t.index >= 0 && i < len(j.asked) && !j.asked[i].id.IsZero() {
		r.ID = j.asked[i].id
	}
	j.bind(i, t.group)
	j.place(i, r)
}

// fresh settles an item that only its answer shows.
func (j *join) fresh(t *told) {
	i := len(j.items)
	if t.hash != 0 && !j.d.spec.Items.Ordered {
		j.index.add(t.hash, i)
	}
	j.bind(i, t.group)
	j.place(i, t.record)
}

// itemOf finds the requested item that an answer is to: by the place that it
// names, by its own place where the API keeps the order, else by its id.
func (j *join) itemOf(t *told, position int) (int, bool) {
	items := &j.d.spec.Items
	switch {
	case len(j.asked) == 0 && (items.Ordered || t.rises && j.index.rising()):
		return 0, false // one id may stand there several times, or none before it can be the same
	case t.index >= 0 && len(j.asked) > 0 && items.Base < 0:
		i, known := j.findHash(t.hash)
		j.numbers.seen(t.index, i, known)
		return i, known
	case t.index >= 0 && t.index < len(j.asked):
		return t.index, true
	case items.Ordered && j.fitsPlace(t.record.ID, position):
		return position, true
	}
	return j.findHash(t.hash)
}

// fitsPlace says whether the item at a position has no answer yet and no other id.
func (j *join) fitsPlace(id model.ID, position int) bool {
	return position < len(j.asked) && !j.item(position).has(answered) && j.fitsID(id, position)
}

// fitsID says whether the item at a position has no other id.
func (j *join) fitsID(id model.ID, position int) bool {
	if position >= len(j.asked) {
		return false
	}
	want := j.asked[position].id
	return id.IsZero() || want.IsZero() || j.d.identity(id) == j.d.identity(want)
}

// item is what is known of item i, which may not have been reached.
func (j *join) item(i int) settled {
	if i < len(j.items) {
		return j.items[i]
	}
	return 0
}

// place settles item i, and before it whatever was passed over.
func (j *join) place(i int, r model.Record) {
	for len(j.items) < i {
		j.push(j.silent(len(j.items)), settled(model.Unanswered))
	}
	if i < len(j.asked) {
		r.Request = j.asked[i].span
	}
	if b := j.bonded[i]; b != nil {
		r = j.tied(i, r)
		b.record = r
	}
	now := settled(r.State)
	if r.State != model.Ready && r.Response.Len > 0 {
		now |= answered
		if j.d.spec.Items.Ordered && i < len(j.asked) && (r.ID.IsZero() || j.asked[i].id.IsZero()) {
			now |= guessed
		}
	}
	if r.ID.IsZero() && i < len(j.asked) {
		r.ID = j.asked[i].id
	}
	if i == len(j.items) {
		j.push(r, now)
		return
	}
	j.items[i] = now
	if first := len(j.items) - len(j.queue); i >= first {
		j.queue[i-first] = r
	} else {
		j.batch.Answer(i, r)
	}
}

func (j *join) push(r model.Record, now settled) {
	j.items = append(j.items, now)
	j.queue = append(j.queue, r)
	if len(j.queue) == queueSize {
		j.flush()
	}
}

// flush hands the queue to the batch.
func (j *join) flush() {
	j.batch.Append(j.queue...)
	j.queue = j.queue[:0]
}

// silent is the record of a requested item that has no answer.
func (j *join) silent(i int) model.Record {
	return j.tied(i, model.Record{ID: j.asked[i].id, State: model.Unanswered, Failure: j.found.silence(j.d), Request: j.asked[i].span})
}

// double meets a second answer to one item. If it says the same, the first
// stands; if not, neither can be trusted.
func (j *join) double(i int, r model.Record) {
	j.found.doubles.add(r.ID)
	if j.items[i].state() == r.State {
		return
	}
	j.unknown(i, r)
}

// ambiguous meets an answer to an id that several items were requested under.
func (j *join) ambiguous(i int, r model.Record) {
	j.unknown(i, r)
	for _, twin := range j.twins[i] {
		j.unknown(twin, r)
	}
}

// unknown settles an item that has answers, but none to be trusted. What the
// failed one of them said is kept.
func (j *join) unknown(i int, r model.Record) {
	if old := j.recorded(i); r.Failure == nil && old.Failure != nil {
		r = old
	}
	r.State = model.Unknown
	if r.Failure == nil || r.Failure.Reason != model.OwnFault {
		r.Failure = ready
	}
	j.place(i, r)
}

// recorded is the record of an item that is not OK, the zero one for others.
func (j *join) recorded(i int) model.Record {
	switch first := len(j.items) - len(j.queue); {
	case i >= len(j.items):
		return model.Record{}
	case i >= first:
		return j.queue[i-first]
	}
	r, _ := j.batch.Failure(i)
	return r
}
