package dialect

import (
	"errors"
	"slices"

	"github.com/tidwall/gjson"

	"retriage/model"
)

// refusal says what an input with so many items is when it is none to go on with:
// a refusal of the whole batch, or no batch at all. nil = it is a batch.
func (d *Dialect) refusal(o outline, items int) error {
	doc := parse(o.top)
	switch {
	case o.found && (items > 0 || !d.spec.Refusal.beside(doc)):
		return nil
	case !o.found && d.spec.Refusal.fits(doc, false) == 0:
		return &NotBatchError{Why: "it has no list of items where " + d.Title() + " has it"}
	}
	return d.refused(doc)
}

// errReason ends a walk at an item that is a reason for a refusal.
var errReason = errors.New("a reason for a refusal")

// refusalIn looks at a whole response for a refusal that has a list in it, which
// could be taken for items. nil = it is none.
func (d *Dialect) refusalIn(w *window) *RefusedError {
	if len(d.spec.Refusal.Unless)+len(d.spec.Refusal.Item)+len(d.spec.Refusal.Lone) == 0 {
		return nil
	}
	var reason, lone []byte
	items := 0
	o, err := d.medium.walk(w, query{at: d.spec.Items.At, many: d.spec.Items.Many}, func(_ int64, _ int, e element) error {
		if reason == nil && d.isReason(&e) {
			reason = slices.Clone(e.raw)
			return errReason
		}
		if items++; items == 1 && d.says(&e, d.spec.Refusal.Lone) {
			lone = slices.Clone(e.raw)
		}
		return nil
	})
	switch top := parse(o.top); {
	case reason != nil:
		return d.refused(parse(reason))
	case err == nil && items == 1 && lone != nil:
		return d.refused(parse(lone))
	case err == nil && d.spec.Refusal.fits(top, o.found) > 0:
		return d.refused(top)
	}
	return nil
}

// refused words a refusal.
func (d *Dialect) refused(doc gjson.Result) *RefusedError {
	return &RefusedError{
		Status:  statusOf(firstOf(doc, d.spec.Refusal.Status)),
		Code:    model.Foreign(firstOf(doc, d.spec.Refusal.Code)),
		Message: model.Foreign(d.refusalMessage(doc)),
	}
}

// refusalMessage is why a batch was refused, veiled where the dialect's file says
// so.
func (d *Dialect) refusalMessage(doc gjson.Result) string {
	for i := range d.spec.Refusal.Message {
		p := &d.spec.Refusal.Message[i]
		if s := text(p.of(doc)); s != "" {
			if d.isMasked(p) {
				return veiled(s)
			}
			return s
		}
	}
	return ""
}

// isReason says whether the first item of a list shows that it is no list of
// items but of reasons for a refusal.
func (d *Dialect) isReason(e *element) bool {
	all := len(d.spec.Refusal.Item) > 0
	for _, name := range d.spec.Refusal.Item {
		all = all && e.get(name) != nil
	}
	return all && (len(d.spec.Detect.Items) == 0 || !slices.ContainsFunc(d.spec.Detect.Items, func(name string) bool { return e.get(name) != nil }))
}

// fits gives the size of a set of paths of which all say something, 0 when there
// is none, or when it is a list of items after all.
func (r *refusalSpec) fits(doc gjson.Result, list bool) (best int) {
	if list && len(r.Unless) == 0 || slices.ContainsFunc(r.Unless, func(p path) bool { return p.of(doc).Exists() }) {
		return 0
	}
	for _, set := range r.When {
		all := len(set) > 0
		for i := range set {
			v := set[i].of(doc)
			all = all && says(v) && v.Type != gjson.True
		}
		if all {
			best = max(best, len(set))
		}
	}
	return best
}

// beside says whether what stands beside a list refuses the whole batch. A number
// does not: a count of errors may be called like one.
func (r *refusalSpec) beside(doc gjson.Result) bool {
	return slices.ContainsFunc(r.Beside, func(set []path) bool {
		return len(set) > 0 && !slices.ContainsFunc(set, func(p path) bool {
			v := p.of(doc)
			return !says(v) || v.Type != gjson.String && v.Type != gjson.JSON
		})
	})
}

func firstOf(doc gjson.Result, paths []path) string {
	for i := range paths {
		if s := text(paths[i].of(doc)); s != "" {
			return s
		}
	}
	return ""
}
