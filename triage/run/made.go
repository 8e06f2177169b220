package run

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"retriage/model"
	"retriage/triage"
)

// made is what the items have become that the request of item i speaks of, as
// far as the server has said so.
func (r *Runner) made(i int) (made []model.Made) {
	var b triage.Bonds
	r.cfg.Desk.Look(func(s *triage.Session) { b = s.Bonds(i) })
	for k, id := range b.Refs {
		if m, known := r.madeOf(id, b.RefItem(k)); known {
			made = append(made, m)
		}
	}
	return made
}

// madeOf is what one item has become: as it was answered in this run, or else in
// the response.
func (r *Runner) madeOf(id model.ID, i int) (model.Made, bool) {
	if i < 0 {
		return model.Made{}, false
	}
	var a model.Answer
	done := false
	r.cfg.Desk.Look(func(s *triage.Session) { a, done = s.Answer(i), s.State(i).Done() })
	if !done {
		return model.Made{}, false
	}
	if a.Location.IsZero() && a.ServerID.IsZero() {
		it, _, _, err := r.cfg.Desk.Payload(i)
		if err != nil {
			return model.Made{}, false
		}
		a = it.Answer
	}
	return model.Made{ID: id, ServerID: a.ServerID, Location: a.Location}, !a.Location.IsZero() || !a.ServerID.IsZero()
}

// spoken lists the pointers (RFC 6901) of the texts in a body that speak of
// other items: the server has put what those have become in their place, so that
// a read has something else there.
func spoken(p model.Payload, refs []model.ID) (pointers []string) {
	if p.Medium != model.JSON || len(refs) == 0 || !bytes.ContainsAny(p.Body, "{[") {
		return nil
	}
	escape := strings.NewReplacer("~", "~0", "/", "~1")
	var walk func(v gjson.Result, at string)
	walk = func(v gjson.Result, at string) {
		if v.Type == gjson.String {
			for _, id := range refs {
				if strings.Contains(v.Str, id.Wire()) {
					pointers = append(pointers, at)
					return
				}
			}
		}
		n := -1
		v.ForEach(func(key, child gjson.Result) bool {
			if n++; v.IsArray() {
				walk(child, at+"/"+strconv.Itoa(n))
			} else if v.IsObject() {
				walk(child, at+"/"+escape.Replace(key.Str))
			}
			return true
		})
	}
	walk(gjson.ParseBytes(p.Body), "")
	return pointers
}
