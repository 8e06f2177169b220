package dialect

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"retriage/model"
)

// refsIn lists the items whose result the URL or the body of a request speaks
// of, each once.
func (d *Dialect) refsIn(e *element, p model.Payload) (refs []model.ID) {
	if len(d.spec.Request.Refs) == 0 {
		return nil
	}
	needs := d.dependsOn(e)
	seen := map[model.ID]bool{}
	d.eachText(p, func(text string, starts bool) {
		for i := range d.spec.Request.Refs {
			r := &d.spec.Request.Refs[i]
			id, ok := r.find(text, needs, starts)
			if ok && !seen[id] {
				seen[id] = true
				refs = append(refs, id)
			}
		}
	})
	return refs
}

// speaksIn is the payload of a requested item as far as it may speak of others.
func (d *Dialect) speaksIn(e *element) model.Payload {
	if len(d.spec.Request.Refs) == 0 {
		return model.Payload{}
	}
	return d.asks.payload(d, e.raw, e.sec)
}

// eachText gives the URL of a payload and every text in its body; starts says
// that a text is a whole URL. A URL may have a slash before what it refers to.
func (d *Dialect) eachText(p model.Payload, f func(text string, starts bool)) {
	if !p.URL.IsZero() {
		f(strings.TrimPrefix(p.URL.Wire(), "/"), true)
		for part := range strings.SplitSeq(p.URL.Wire(), "/") {
			f(part, false)
		}
	}
	if p.Medium == model.JSON && p.Body != nil {
		textsIn(gjson.ParseBytes(p.Body), func(text string) { f(text, false) })
	}
}

func textsIn(v gjson.Result, f func(string)) {
	switch {
	case v.Type == gjson.String:
		f(v.Str)
	case v.IsObject(), v.IsArray():
		v.ForEach(func(_, child gjson.Result) bool { textsIn(child, f); return true })
	}
}

// find gives the id that a text refers to. Where only those count that are
// depended on, an amount that reads "$5" is no reference (OData JSON Format
// 4.01, section 19.1: whatever is referred to is named by dependsOn); but nothing
// else begins a URL so.
func (r *refSpec) find(text string, needs []model.ID, starts bool) (model.ID, bool) {
	m := r.Mark.FindStringSubmatch(text)
	if m == nil || m[1] == "" {
		return model.ID{}, false
	}
	for _, id := range needs {
		if id.Wire() == m[1] {
			return id, true
		}
	}
	word, _, _ := strings.Cut(m[1], "(")
	return model.TextID(m[1]), !r.Needs || starts && r.Starts && !slices.Contains(r.Never, word)
}

// resolve puts what the items have become into a payload that speaks of items
// which do not travel with it: inside one batch the server does that itself. It
// refuses a payload that speaks of an item of which nothing is known.
func (d *Dialect) resolve(it model.SendItem, gone func(model.ID) bool) (model.Payload, error) {
	p := it.Payload
	if len(d.spec.Request.Refs) == 0 {
		return p, nil
	}
	e, ok := d.envelope(model.Item{Payload: p})
	if !ok {
		return p, nil // it is refused as such
	}
	var err error
	needs := d.dependsOn(&e)
	replace := func(text string, starts bool) (string, bool) {
		for i := range d.spec.Request.Refs {
			r := &d.spec.Request.Refs[i]
			id, found := r.find(text, needs, starts)
			if !found || !gone(id) {
				continue
			}
			into, known := r.into(d, text, it.Made, id)
			if !known {
				err = &ReferenceError{Item: it.ID, Missing: id}
			}
			return into, known
		}
		return text, false
	}
	p.URL = model.Foreign(replaceURL(p.URL.Wire(), replace))
	if p.Medium == model.JSON && p.Body != nil {
		p.Body = replaceTexts(p.Body, func(text string) (string, bool) { return replace(text, false) })
	}
	return p, err
}

// Resolve puts what other items have become (Made) into the payload of one that
// speaks of them, as a call of its own. Error: a *ReferenceError.
func (d *Dialect) Resolve(it model.SendItem) (model.Payload, error) {
	return d.resolve(it, func(model.ID) bool { return true })
}

// into makes the text that takes the place of a reference.
func (r *refSpec) into(d *Dialect, text string, made []model.Made, id model.ID) (string, bool) {
	m := r.Mark.FindStringSubmatch(text)
	rest := ""
	if len(m) > 2 {
		rest = m[2]
	}
	for _, one := range made {
		if d.identity(one.ID) != d.identity(id) {
			continue
		}
		var now string
		switch where, _ := pathOf(one.Location.Wire()); r.Becomes {
		case "location":
			now = where
		case "reference":
			now = referenceOf(where)
		case "nothing":
			return "", false
		default:
			if now = one.ServerID.Wire(); now == "" {
				now, _ = lastOf(where)
			}
		}
		return now + rest, now != ""
	}
	return "", false
}

// referenceOf is the type and the id of a resource's address, without its
// version: /fhir/Patient/1/_history/2 is Patient/1 (FHIR R4, section 2.3.0.3).
func referenceOf(path string) string {
	path, _, _ = strings.Cut(strings.Trim(path, "/"), "/_history")
	parts := strings.Split(path, "/")
	return strings.Join(parts[max(0, len(parts)-2):], "/")
}

// replaceURL replaces a reference that a URL begins with, or that one of its
// parts is.
func replaceURL(url string, replace func(text string, starts bool) (string, bool)) string {
	if url == "" {
		return url
	}
	if now, changed := replace(strings.TrimPrefix(url, "/"), true); changed {
		return now
	}
	parts := strings.Split(url, "/")
	for i, part := range parts {
		if now, changed := replace(part, false); changed {
			parts[i] = strings.Trim(now, "/")
		}
	}
	return strings.Join(parts, "/")
}

// replaceTexts replaces references among the texts of a JSON value. What is none
// stays byte for byte.
func replaceTexts(body []byte, replace func(string) (string, bool)) []byte {
	var out []byte
	from := 0
	s := scan{b: body, whole: true}
	for s.at < len(body) {
		if body[s.at] != '"' {
			s.at++
			continue
		}
		start := s.at
		if !s.str() {
			break
		}
		now, changed := replace(gjson.ParseBytes(body[start:s.at]).Str)
		if !changed || namesMember(&s) {
			continue
		}
		text, err := json.Marshal(now)
		if err != nil {
			continue
		}
		out = append(append(out, body[from:start]...), text...)
		from = s.at
	}
	if out == nil {
		return body
	}
	return append(out, body[from:]...)
}

// namesMember says whether the string just passed is the name of a member.
func namesMember(s *scan) bool {
	at := s.at
	defer func() { s.at = at }()
	return s.space() && s.b[s.at] == ':'
}
