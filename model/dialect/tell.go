package dialect

import (
	"strconv"
	"strings"
	"unsafe"

	"retriage/model"
)

// told is what one answer says for itself. Telling knows of no other item, so
// answers may be told of at once by several goroutines and joined in order.
type told struct {
	record model.Record
	hash   hash       // of the id, 0 = there is none
	rises  bool       // the id is above that of the answer before
	also   []model.ID // the other items that the answer is to
	group  string     // as the answer names it, "" = none
	warned string     // what a yes warns of, "" = nothing
	index  int        // the item's place in the request, negative = it does not say
}

// plain says whether there is no more to say than yes.
func (t *told) plain() bool {
	r := &t.record
	return r.State == model.OK && r.ID.IsZero() && r.Request.Len == 0 && t.also == nil && t.group+t.warned == "" && t.index < 0
}

// spot is where an answer stands. Most answers are a plain yes, and this is all
// that is kept of them.
type spot struct {
	off    int64
	hash   hash
	length int32
	more   int32 // 1 + its place among what was told of in full, 0 = a plain yes
	rises  bool
}

// note keeps what was told of an item of the stretch.
func (s *stretch) note(t *told) {
	at := t.record.Response
	p := spot{off: at.Off, length: int32(at.Len), hash: t.hash, rises: t.rises}
	if !t.plain() {
		s.told = append(s.told, *t)
		p.more = int32(len(s.told))
	}
	s.spots = append(s.spots, p)
}

// plausible says whether this is likely to be an answer and no part of one.
func (p *spot) plausible(all []told) bool {
	return p.more == 0 || all[p.more-1].record.State == model.Failed
}

// teller tells of the answers of one source, for one goroutine.
type teller struct {
	d      *Dialect
	source int
	names  bool // the ids of items that are fine are needed too
	order  order
	kin    kin
	room   *room // nil = what is told of may be kept for good
}

// room is where failures are until they are joined: a batch packs what it is
// given, and then the room is used again.
type room struct {
	failures []model.Failure
	text     []byte
}

// newFailure gives an empty failure to fill.
func (e *element) newFailure() *model.Failure {
	if e.kin == nil || e.kin.room == nil {
		return new(model.Failure)
	}
	r := e.kin.room
	r.failures = append(r.failures, model.Failure{})
	return &r.failures[len(r.failures)-1]
}

// keep gives a copy of a text. What has no room is kept for good.
func (r *room) keep(s string) string {
	if r == nil {
		return strings.Clone(s)
	}
	from := len(r.text)
	r.text = append(r.text, s...)
	return unsafe.String(&r.text[from], len(s))
}

// tell reads one answer into out, which is empty.
func (t *teller) tell(off int64, length int, e *element, out *told) {
	d := t.d
	t.kin.n = 0
	if d.spec.Items.Wrap && e.op == "" {
		inner := e.unwrap()
		e = &inner
	}
	e.kin = &t.kin
	v := d.verdict(e)
	out.record.State, out.record.Response = v.state, model.Span{Source: t.source, Off: off, Len: length}
	out.index = d.indexOf(e)
	if text, number, ok := d.plainID(e); ok {
		out.hash, out.rises = hashID(text, number), t.order.above(text, number)
	}
	if v.rule != nil && v.rule.Verdict == isWarning {
		out.warned = either(v.rule.Name, "it says so")
	}
	out.group = d.groupOf(e, t.source)
	if out.hash == 0 || t.names || v.state != model.OK || out.warned+out.group != "" {
		out.record.ID, out.also = d.idsOf(e)
	}
	if out.hash == 0 {
		out.hash = d.hashOf(out.record.ID)
	}
	if v.state != model.OK {
		if t.kin.room = t.room; out.group != "" || t.names {
			t.kin.room = nil // it is looked at again when all others are there
		}
		out.record.Failure = d.failure(e, v)
	}
	out.record.Request = d.embedded(out.record.Response, e)
}

// indexOf gives the place in the request that an answer names, negative = none.
func (d *Dialect) indexOf(e *element) int {
	for i := range d.spec.Items.Index {
		digits := strings.TrimSpace(text(d.spec.Items.Index[i].in(e, d.spec.Items.Headers)))
		if !isNumber(digits) {
			continue // as it is in most items; an error would have to be made for each
		}
		if n, err := strconv.Atoi(digits); err == nil && n >= d.spec.Items.Base {
			return n - max(d.spec.Items.Base, 0)
		}
	}
	return -1
}
