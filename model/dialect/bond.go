package dialect

import (
	"slices"
	"strconv"

	"github.com/tidwall/gjson"

	"retriage/model"
)

// bond is what ties an item to others: groups that are applied together or not
// at all, and items that had to work before it.
type bond struct {
	groups  []string
	needs   []model.ID   // all that had to work before it
	depends []model.ID   // of needs, those that the request names as such
	refs    []model.ID   // their result is part of the request
	links   *links       // where those stand, nil = not looked for yet
	file    int          // request file that it stands in
	record  model.Record // as it was settled
}

// links are the items that an item is tied to, and their places in the batch.
type links struct {
	refs, needs         []model.ID
	refItems, needItems []int
}

// groupKey keeps the groups of different files apart.
func groupKey(side string, file int, name string) string {
	return side + strconv.Itoa(file) + ":" + name
}

// groupOf gives the group that an answer names, "" = none.
func (d *Dialect) groupOf(e *element, file int) string {
	if name := text(d.first(e, d.spec.Items.Group)); name != "" {
		return groupKey("r", file, name)
	}
	return ""
}

// bondsOf reads what a requested item is tied to.
func (d *Dialect) bondsOf(e *element, file int) (groups []string, needs []model.ID) {
	if d.spec.Request.Group != "" {
		if name := gjson.ParseBytes(e.get(d.spec.Request.Group)).String(); name != "" {
			groups = []string{groupKey("q", file, name)}
		}
	}
	return groups, d.dependsOn(e)
}

// dependsOn lists the ids that an item names as having to work before it.
func (d *Dialect) dependsOn(e *element) (needs []model.ID) {
	if d.spec.Request.DependsOn == "" {
		return nil
	}
	for _, r := range gjson.ParseBytes(e.get(d.spec.Request.DependsOn)).Array() {
		if id := idIn(r); !id.IsZero() {
			needs = append(needs, id)
		}
	}
	return needs
}

// ReferencesOf lists the items that it depends on, as its request says: they go
// before it, and when one of them failed, so did it.
func (d *Dialect) ReferencesOf(it model.Item) []model.ID {
	e, ok := d.envelope(it)
	if !ok {
		return nil
	}
	needs := d.dependsOn(&e)
	for _, id := range d.refsIn(&e, it.Payload) {
		if !slices.Contains(needs, id) {
			needs = append(needs, id)
		}
	}
	return needs
}

// GroupOf names the group of items that travels together with it: the server
// applies all of them or none. "" = it goes alone.
func (d *Dialect) GroupOf(it model.Item) string {
	e, ok := d.envelope(it)
	if !ok || d.spec.Request.Group == "" {
		return ""
	}
	return gjson.ParseBytes(e.get(d.spec.Request.Group)).String()
}

// envelope reads an item's request as an element.
func (d *Dialect) envelope(it model.Item) (element, bool) {
	b := it.Payload.Envelope
	if b == nil {
		b = it.Payload.Body
	}
	if b == nil {
		return element{}, false
	}
	e, f := d.asks.element(b, &section{key: it.Payload.List})
	return e, f == sound
}

// tied gives a record that is not fine the bonds of its item.
func (j *join) tied(i int, r model.Record) model.Record {
	b := j.bonded[i]
	if b == nil || r.Failure == nil || len(b.groups)+len(b.refs)+len(b.depends) == 0 {
		return r
	}
	if b.links == nil {
		b.links = j.linksOf(b)
	}
	f := *r.Failure // one failure may serve many items
	f.Refs, f.RefItems = b.links.refs, b.links.refItems
	f.Needs, f.NeedItems = b.links.needs, b.links.needItems
	if len(b.groups) > 0 {
		f.Group = b.groups[0]
	}
	r.Failure = &f
	return r
}

// linksOf finds the items that a bond names. What an item is said to depend on
// may be a group, too (OData JSON Format 4.01, section 19.1): then it depends on
// all of its items.
func (j *join) linksOf(b *bond) *links {
	l := &links{refs: b.refs}
	for _, id := range b.refs {
		l.refItems = append(l.refItems, j.placeOf(id))
	}
	for _, id := range b.depends {
		items := []int{j.placeOf(id)}
		if items[0] < 0 {
			if group := j.groupItems(groupKey("q", b.file, id.Wire())); len(group) > 0 {
				items = group
			}
		}
		for _, i := range items {
			l.needs, l.needItems = append(l.needs, id), append(l.needItems, i)
		}
	}
	return l
}

// placeOf is the place of an id's item, -1 = there is none.
func (j *join) placeOf(id model.ID) int {
	if at, ok := j.find(id); ok {
		return at
	}
	return -1
}

// groupItems lists the requested items of a group.
func (j *join) groupItems(key string) []int {
	if j.members == nil {
		j.members = map[string][]int{}
		for i := range j.asked {
			if b := j.bonded[i]; b != nil {
				for _, g := range b.groups {
					j.members[g] = append(j.members[g], i)
				}
			}
		}
	}
	return j.members[key]
}

// embedded finds the original request that an answer repeats.
func (d *Dialect) embedded(span model.Span, e *element) model.Span {
	for i := range d.spec.Items.Request {
		p := &d.spec.Items.Request[i]
		if p.whole == "@this" {
			return span
		}
		if v := e.get(p.first); len(v) == 0 || v[0] != '{' || e.op != "" || p.rest != "" {
			continue
		}
		if from, to, ok := e.span(p.first); ok {
			return model.Span{Source: span.Source, Off: span.Off + int64(from), Len: to - from}
		}
	}
	return model.Span{}
}

// bind ties an item to the group that its answer names.
func (j *join) bind(i int, group string) {
	if group == "" {
		return
	}
	b := j.bonded[i]
	if b == nil {
		b = &bond{}
		j.bonded[i] = b
	}
	b.groups = append(b.groups, group)
}

// rollBack lets all items of a group fail when one of them failed, whatever
// their own answer says (OData JSON Format 4.01, section 19.3).
func (j *join) rollBack() {
	own := map[string]bool{}
	for i := range j.items {
		b := j.bonded[i]
		if b == nil || b.record.State != model.Failed {
			continue
		}
		for _, g := range b.groups {
			if mine := b.record.Failure.Reason == model.OwnFault; mine && !own[g] || j.culprits[g].IsZero() {
				j.culprits[g], own[g] = b.record.ID, mine
			}
		}
	}
	for i := range j.items {
		b := j.bonded[i]
		if b == nil || j.items[i].state() != model.OK && j.items[i].state() != model.Unanswered {
			continue
		}
		for _, g := range b.groups {
			if cause, failed := j.culprits[g]; failed {
				j.rolledBack(i, b, cause)
				break
			}
		}
	}
}

func (j *join) rolledBack(i int, b *bond, cause model.ID) {
	r := b.record
	if i < len(j.asked) {
		r.ID = j.asked[i].id
	}
	r.State = model.Failed
	r.Failure = &model.Failure{RetryAfter: -1, Reason: model.RolledBack, Cause: cause, Class: class(model.Safe)}
	j.place(i, r)
}

// blame finds the cause of the items that were never tried.
func (j *join) blame() {
	for i := range j.items {
		b := j.bonded[i]
		if b == nil || b.record.State != model.Failed || b.record.Failure.Reason != model.NotAttempted {
			continue
		}
		if cause := j.causeOf(b); !cause.IsZero() {
			r := b.record
			f := *r.Failure
			f.Cause = cause
			r.Failure = &f
			j.place(i, r)
		}
	}
}

// causeOf finds the first of the needed items that did not work. A need may
// also name a group (OData 4.01).
func (j *join) causeOf(b *bond) model.ID {
	for _, id := range b.needs {
		if i, ok := j.find(id); ok && j.item(i).state() != model.OK {
			return j.nameOf(i)
		}
		if cause, failed := j.culprits[groupKey("q", b.file, id.Wire())]; failed {
			return cause
		}
	}
	return model.ID{}
}

// nameOf is the id that the batch has for an item: an answer may write it in
// another case than the request.
func (j *join) nameOf(i int) model.ID {
	if r := j.recorded(i); !r.ID.IsZero() {
		return r.ID
	}
	return j.asked[i].id
}
