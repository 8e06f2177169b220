package dialect

import (
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"retriage/model"
)

// verdict is what one answer says about its item.
type verdict struct {
	state  model.State // OK, Failed or Unknown
	status int         // 0 = none
}

// verdict reads an item's yes or no. An answer that says both, or neither, is
// unknown: it is looked up before anything is done with its item.
func (d *Dialect) verdict(e *element) verdict {
	v, said := d.statusOf(e)
	trouble := d.says(e, d.spec.Verdict.Error)
	switch {
	case d.contradicts(e):
		v.state = model.Unknown
	case said && v.state == model.OK && trouble:
		v.state = model.Unknown
	case said:
	case trouble:
		v.state = model.Failed
	default:
		v.state = model.Unknown
	}
	return v
}

// statusOf reads the first status that is there. said is false when there is
// none, or none that decides. A word decides as well; the number may stand at a
// later path then.
func (d *Dialect) statusOf(e *element) (v verdict, said bool) {
	for _, p := range d.spec.Verdict.Status {
		r := p.in(e, d.spec.Items.Headers)
		if !r.Exists() || r.Type == gjson.Null {
			continue
		}
		status := statusOf(text(r))
		if said {
			if within(status, d.spec.Verdict.Failed) && v.state == model.Failed {
				v.status = status
			}
			continue
		}
		v.state, said = d.decides(r, status)
		v.status = status
		if !said || status > 0 {
			return v, said
		}
	}
	return v, said
}

// decides says what a status means, if it is one that decides.
func (d *Dialect) decides(r gjson.Result, status int) (model.State, bool) {
	word := text(r)
	switch {
	case r.Type == gjson.True, within(status, d.spec.Verdict.OK), isWord(word, d.spec.Verdict.OKWords):
		return model.OK, true
	case r.Type == gjson.False, within(status, d.spec.Verdict.Failed), isWord(word, d.spec.Verdict.FailedWords):
		return model.Failed, true
	}
	return model.Unknown, false
}

func isWord(s string, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(strings.TrimSpace(s), w) })
}

// says tells whether one of the paths says anything.
func (d *Dialect) says(e *element, paths []path) bool {
	for _, p := range paths {
		if says(p.in(e, d.spec.Items.Headers)) {
			return true
		}
	}
	return false
}

// contradicts tells whether an item names its status or its error twice.
func (d *Dialect) contradicts(e *element) bool {
	for _, p := range d.spec.Verdict.Status {
		if e.twice(p.first) {
			return true
		}
	}
	for _, p := range d.spec.Verdict.Error {
		if e.twice(p.first) {
			return true
		}
	}
	return false
}

// first gives the first of the paths that says something.
func (d *Dialect) first(e *element, paths []path) gjson.Result {
	for _, p := range paths {
		if r := p.in(e, d.spec.Items.Headers); says(r) && text(r) != "" {
			return r
		}
	}
	return gjson.Result{}
}

// idOf gives an item's id with its JSON type, the zero ID when it has none.
func (d *Dialect) idOf(e *element, paths []path) model.ID {
	for _, p := range paths {
		if id := idIn(p.in(e, d.spec.Items.Headers)); !id.IsZero() {
			return id
		}
	}
	return model.ID{}
}

// idIn is a JSON value as an id; what is neither text nor a number is none.
func idIn(r gjson.Result) model.ID {
	switch r.Type {
	case gjson.String:
		return model.TextID(r.Str)
	case gjson.Number:
		return model.NumberID(r.Raw)
	}
	return model.ID{}
}

// answer reads all that an item's answer says.
func (d *Dialect) answer(e *element) model.Answer {
	v := d.verdict(e)
	a := model.Answer{ID: d.idOf(e, d.spec.Items.ID), State: v.state, Status: v.status}
	if v.state != model.OK {
		a.Failure = d.failure(e, v)
	}
	s := d.spec.Success
	a.Location = model.Foreign(text(d.first(e, s.Location)))
	a.ETag = model.Foreign(text(d.first(e, s.ETag)))
	if v.state == model.OK {
		a.ServerID = model.Foreign(text(d.first(e, s.ServerID)))
		a.Note = model.Foreign(text(d.first(e, s.Note)))
	}
	return a
}
