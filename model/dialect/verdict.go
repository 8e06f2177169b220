package dialect

import (
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"retriage/model"
)

// verdict is what one answer says about its item.
type verdict struct {
	state  model.State  // OK, Failed or Unknown
	status int          // 0 = none
	reason model.Reason // why a no is not the item's own fault
	rule   *verdictRule // the rule of the dialect's file that decided, nil = none did
	why    string       // what decided where no rule did, for Explain
}

// verdict reads an item's yes or no: by the first rule that fits, else by its
// status, else by its error. An answer that says both, or neither, is unknown:
// it is looked up before anything is done with its item.
func (d *Dialect) verdict(e *element) verdict {
	e.lends = true // nothing of what it says is kept
	defer e.lendNoMore()
	v, said := d.statusOf(e)
	if d.contradicts(e) {
		v.state, v.why = model.Unknown, "its status or its error is there twice"
		return v
	}
	for i := range d.spec.Verdict.Rule {
		if r := &d.spec.Verdict.Rule[i]; r.fits(d, e, v.status) {
			return r.decide(v)
		}
	}
	trouble := d.says(e, d.spec.Verdict.Error)
	switch {
	case said && v.state == model.OK && trouble:
		v.state, v.why = model.Unknown, "its status says yes, and there is an error"
	case said:
		v.why = "its status"
		if slices.Contains(d.spec.Verdict.NotAttempted, v.status) {
			v.reason = model.NotAttempted
		}
	case trouble:
		v.state, v.why = model.Failed, "there is an error"
	default:
		v.state, v.why = model.Unknown, "it has neither a status nor an error that says anything"
	}
	return v
}

// fits says whether all conditions of a rule hold.
func (r *verdictRule) fits(d *Dialect, e *element, status int) bool {
	if len(r.Status) > 0 && !within(status, r.Status) {
		return false
	}
	if len(r.List) > 0 && !slices.Contains(r.List, e.list()) {
		return false
	}
	if len(r.Key) > 0 && !slices.Contains(r.Key, e.key()) {
		return false
	}
	if r.Path.text == "" {
		return true
	}
	found := r.Path.in(e, d.spec.Items.Headers)
	there := found.Exists() && found.Type != gjson.Null
	switch {
	case r.Exists != nil && *r.Exists:
		return found.Exists()
	case r.Exists != nil:
		return !says(found)
	case !there:
		return false
	case len(r.Is) > 0:
		return isWord(found.String(), r.Is)
	case r.Match.Regexp != nil:
		return r.Match.matches(found.String())
	}
	return says(found)
}

// decide gives the verdict that a rule stands for.
func (r *verdictRule) decide(v verdict) verdict {
	v.rule = r
	switch r.Verdict {
	case isOK, isWarning:
		v.state = model.OK
	case isPending, isUnknown:
		v.state = model.Unknown
	case isNotAttempted:
		v.state, v.reason = model.Failed, model.NotAttempted
	case isRolledBack:
		v.state, v.reason = model.Failed, model.RolledBack
	default:
		v.state = model.Failed
	}
	return v
}

// statusOf reads the first status that is there. said is false when there is
// none, or none that decides. A word decides as well; the number may stand at a
// later path then.
func (d *Dialect) statusOf(e *element) (v verdict, said bool) {
	for i := range d.spec.Verdict.Status {
		if !said {
			if n := d.spec.Verdict.Status[i].digits(e); n > 0 {
				v.state, said = d.decides(gjson.Result{}, n)
				v.status = n
				return v, said
			}
		}
		one := d.decision(e, &d.spec.Verdict.Status[i])
		if !one.there {
			continue
		}
		if said {
			if within(one.status, d.spec.Verdict.Failed) && v.state == model.Failed {
				v.status = one.status
			}
			continue
		}
		v.state, v.status, said = one.state, one.status, one.said
		if !said || one.status > 0 {
			return v, said
		}
	}
	return v, said
}

// decision is what a status says, if it is there.
type decision struct {
	there, said bool
	state       model.State
	status      int // 0 = it has no number
}

// maxSaid is how many different statuses are kept, and how long they may be.
const maxSaid = 64

// decision reads one status.
func (d *Dialect) decision(e *element, p *path) (out decision) {
	var raw []byte
	if p.plain() {
		if raw = e.get(p.first); raw == nil {
			return out
		}
		if e.kin != nil {
			if out, known := e.kin.said[string(raw)]; known {
				return out
			}
		}
	}
	r := p.in(e, d.spec.Items.Headers)
	if out.there = r.Exists() && r.Type != gjson.Null; out.there {
		out.status = statusOf(text(r))
		out.state, out.said = d.decides(r, out.status)
	}
	if raw != nil && e.kin != nil && len(raw) <= maxSaid && len(e.kin.said) < maxSaid {
		if e.kin.said == nil {
			e.kin.said = map[string]decision{}
		}
		e.kin.said[string(raw)] = out
	}
	return out
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
	for i := range paths {
		p := &paths[i]
		if p.first != "" && p.parts == nil && e.get(p.first) == nil {
			continue
		}
		if says(p.in(e, d.spec.Items.Headers)) {
			return true
		}
	}
	return false
}

// contradicts tells whether an item names its status or its error twice.
func (d *Dialect) contradicts(e *element) bool {
	for i := range e.members {
		for k := range i {
			if string(e.members[i].name) == string(e.members[k].name) && d.decisive[string(e.members[i].name)] {
				return true
			}
		}
	}
	return false
}

// first gives the first of the paths that says something.
func (d *Dialect) first(e *element, paths []path) gjson.Result {
	r, _ := d.firstOf(e, paths)
	return r
}

// firstOf is first with the place of the path, negative = none.
func (d *Dialect) firstOf(e *element, paths []path) (gjson.Result, int) {
	for i := range paths {
		if r := paths[i].in(e, d.spec.Items.Headers); says(r) && text(r) != "" {
			return r, i
		}
	}
	return gjson.Result{}, -1
}

// idOf gives an item's id with its JSON type, the zero ID when it has none.
func (d *Dialect) idOf(e *element, paths []path) model.ID {
	for i := range paths {
		if id := idIn(paths[i].in(e, d.spec.Items.Headers)); !id.IsZero() {
			return id
		}
	}
	return model.ID{}
}

// idsOf gives the ids of all items that one answer speaks of: the first, and
// the others.
func (d *Dialect) idsOf(e *element) (id model.ID, also []model.ID) {
	for i := range d.spec.Items.IDs {
		for _, r := range d.spec.Items.IDs[i].in(e, d.spec.Items.Headers).Array() {
			if one := idIn(r); !one.IsZero() {
				also = append(also, one)
			}
		}
		if len(also) > 0 {
			return also[0], also[1:]
		}
	}
	return d.idOf(e, d.spec.Items.ID), nil
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
	id, _ := d.idsOf(e)
	a := model.Answer{ID: id, State: v.state, Status: v.status}
	if v.state != model.OK {
		a.Failure = d.failure(e, v)
	}
	s := &d.spec.Success
	a.Location = model.Foreign(text(d.first(e, s.Location)))
	a.ETag = model.Foreign(text(d.first(e, s.ETag)))
	if v.state == model.OK {
		a.ServerID = model.Foreign(text(d.first(e, s.ServerID)))
		a.Note = model.Foreign(d.wording(e, s.Note))
		if v.rule != nil && v.rule.Verdict == isWarning && a.Note.IsZero() {
			a.Note = model.Foreign(either(d.message(e), v.rule.Name))
		}
	}
	return a
}
