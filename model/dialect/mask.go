package dialect

import (
	"slices"

	"github.com/tidwall/gjson"
)

// maskText stands for what is not shown.
const maskText = `"(not shown)"`

// masked is an item's bytes as they may be shown: without the values that the
// dialect's file says may hold a person's data. It is nil when all may be shown.
func (d *Dialect) masked(item []byte) []byte {
	if len(d.spec.Mask) == 0 || d.medium != (jsonMedium{}) {
		return nil
	}
	type place struct{ from, to int }
	var places []place
	for i := range d.spec.Mask {
		p := &d.spec.Mask[i]
		if p.header != "" || p.about != "" {
			continue
		}
		r := gjson.GetBytes(item, p.text)
		if !r.Exists() {
			continue
		}
		if len(r.Indexes) == 0 && r.Index > 0 {
			places = append(places, place{r.Index, r.Index + len(r.Raw)})
		}
		for k, at := range r.Indexes {
			places = append(places, place{at, at + len(r.Array()[k].Raw)})
		}
	}
	if len(places) == 0 {
		return nil
	}
	slices.SortFunc(places, func(a, b place) int { return a.from - b.from })
	var out []byte
	at := 0
	for _, p := range places {
		if p.from < at {
			continue
		}
		out = append(append(out, item[at:p.from]...), maskText...)
		at = p.to
	}
	return append(out, item[at:]...)
}

// message is the headline of a failure.
func (d *Dialect) message(e *element) string { return d.wording(e, d.spec.Failure.Message) }

// wording is the first of the paths that says something, veiled where the
// dialect's file says so (see veiled).
func (d *Dialect) wording(e *element, paths []path) string {
	r, i := d.firstOf(e, paths)
	if i >= 0 && d.isMasked(&paths[i]) {
		return veiled(text(r))
	}
	return text(r)
}

func (d *Dialect) isMasked(p *path) bool {
	return slices.ContainsFunc(d.spec.Mask, func(m path) bool { return m.text == p.text })
}
