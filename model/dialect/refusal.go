package dialect

import (
	"github.com/tidwall/gjson"

	"retriage/model"
)

// refusal says what an input without a list of items is: a refusal of the whole
// batch, or no batch at all. top is what stands in it.
func (d *Dialect) refusal(top []byte) error {
	doc := gjson.ParseBytes(top)
	if !d.spec.Refusal.fits(doc) {
		return &NotBatchError{Why: "it has no list of items where " + d.Title() + " has it"}
	}
	return &RefusedError{
		Status:  statusOf(firstOf(doc, d.spec.Refusal.Status)),
		Code:    model.Foreign(firstOf(doc, d.spec.Refusal.Code)),
		Message: model.Foreign(firstOf(doc, d.spec.Refusal.Message)),
	}
}

// fits says whether all paths of one of the sets say something.
func (r refusalSpec) fits(doc gjson.Result) bool {
	for _, set := range r.When {
		all := len(set) > 0
		for _, p := range set {
			v := p.of(doc)
			all = all && says(v) && v.Type != gjson.True
		}
		if all {
			return true
		}
	}
	return false
}

func firstOf(doc gjson.Result, paths []path) string {
	for _, p := range paths {
		if s := text(p.of(doc)); s != "" {
			return s
		}
	}
	return ""
}
