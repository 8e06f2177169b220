package dialect

import (
	"strings"

	"github.com/tidwall/gjson"

	"retriage/model"
)

// refsIn lists the items whose result the URL or the body of a call names as
// "$id". A URL begins with it; in a body it is a text, or the beginning of one
// that goes on with a slash. Only what the call says to depend on counts, since
// an amount in a body may read "$5" too (OData JSON Format 4.01, section 19.1:
// whatever is referred to is named by dependsOn).
func (d *Dialect) refsIn(envelope []byte) (refs []model.ID) {
	e, f := parseElement(envelope)
	if f != sound {
		return nil
	}
	p := jsonMedium{}.payload(d, envelope, nil)
	for _, id := range d.needsOf(&e) {
		if refersTo(p, id) {
			refs = append(refs, id)
		}
	}
	return refs
}

// refersTo says whether a payload names the result of an item.
func refersTo(p model.Payload, id model.ID) bool {
	mark := "$" + id.Wire()
	if names(strings.TrimPrefix(p.URL.Wire(), "/"), mark) {
		return true
	}
	return namesWithin(gjson.ParseBytes(p.Body), mark)
}

// names says whether a text is a reference or a path that begins with it.
func names(text, mark string) bool {
	rest, ok := strings.CutPrefix(text, mark)
	return ok && (rest == "" || rest[0] == '/' || rest[0] == '?')
}

func namesWithin(v gjson.Result, mark string) (found bool) {
	switch {
	case v.Type == gjson.String:
		return names(v.Str, mark)
	case v.IsObject(), v.IsArray():
		v.ForEach(func(_, child gjson.Result) bool {
			found = namesWithin(child, mark)
			return !found
		})
	}
	return found
}

// resolved refuses an item that names the result of one that is gone.
func (d *Dialect) resolved(it model.SendItem, gone func(model.ID) bool) error {
	if it.Payload.Envelope == nil || d.spec.Request.DependsOn == "" {
		return nil
	}
	e, f := parseElement(it.Payload.Envelope)
	if f != sound {
		return nil // it is refused as such
	}
	for _, id := range d.needsOf(&e) {
		if gone(id) && refersTo(it.Payload, id) {
			return &ReferenceError{Item: it.ID, Missing: id}
		}
	}
	return nil
}
