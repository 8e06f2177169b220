package dialect

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"retriage/model"
)

// decoder turns spans of a batch back into items.
type decoder struct {
	d        *Dialect
	sections *sections
}

// DecodeItem reads one item from the bytes of its answer and of its request;
// either may be absent. Error: ErrBroken.
func (dec decoder) DecodeItem(response, request model.Piece) (model.Item, error) {
	var it model.Item
	var done []bool
	var shared bool // by several items
	if response.Bytes != nil {
		e, f := dec.d.medium.element(response.Bytes, dec.sections.of(response.Source, response.Off))
		if f != sound {
			return it, ErrBroken
		}
		it.Raw = dec.d.masked(response.Bytes)
		if dec.d.spec.Items.Wrap {
			e = e.unwrap()
		}
		it.Answer = dec.d.answer(&e)
		done, it.Answer.Partly = dec.d.insideOf(&e)
		it.ID = it.Answer.ID
		_, others := dec.d.idsOf(&e)
		if shared = len(others) > 0; shared {
			it.Answer.Location = model.Untrusted{} // which of them it is of, is not known
		}
	}
	if request.Bytes != nil {
		var id model.ID
		it.Payload, it.Refs, id = dec.d.payload(request.Bytes, dec.sections.of(request.Source, request.Off))
		if it.ID.IsZero() || shared && !id.IsZero() {
			it.ID = id
		}
	}
	if it.Answer.Partly {
		it.Payload = dec.d.withoutDone(it.Payload, done)
	}
	return it, nil
}

// payload takes a requested item apart and gives what it speaks of, and its id.
func (d *Dialect) payload(item []byte, sec *section) (model.Payload, []model.ID, model.ID) {
	p := d.asks.payload(d, item, sec)
	p.List = sec.key
	e, f := d.asks.element(item, sec)
	if f != sound {
		return p, nil, model.ID{}
	}
	refs := d.refsIn(&e, p)
	if d.spec.Request.Wrap {
		e = e.unwrap()
	}
	if p.Method == "" {
		p.Method = d.spec.Request.Operations[e.key()]
		if d.says(&e, d.spec.Request.Deleted) {
			p.Method = "DELETE"
		}
	}
	if p.URL.IsZero() {
		p.URL = model.Foreign(text(d.first(&e, d.spec.Request.Address)))
	}
	return p, refs, d.idOf(&e, d.spec.Request.ID)
}

// verbs are the methods that make an item a call of its own (RFC 9110 section
// 9.3, RFC 5789). OData lets them be in lower case.
var verbs = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "MERGE"}

// isCall tells an item that is a call of its own, with method and URL, from one
// that is the body itself.
func (d *Dialect) isCall(e *element) bool {
	q := &d.spec.Request
	if q.Method == "" || q.URL == "" {
		return false
	}
	method, url := gjson.ParseBytes(e.dig(q.Method)), gjson.ParseBytes(e.dig(q.URL))
	return url.Type == gjson.String && slices.Contains(verbs, strings.ToUpper(method.Str))
}

// dig gives the bytes of a value by the names on the way to it, with dots
// between them, nil when there is none.
func (e *element) dig(dotted string) []byte {
	first, rest, deeper := strings.Cut(dotted, ".")
	value := e.get(first)
	if !deeper || value == nil {
		return value
	}
	inner, f := parseElement(value)
	if f != sound {
		return nil
	}
	return inner.dig(rest)
}

// payload takes a requested item apart. Its bytes stay as they are.
func (jsonMedium) payload(d *Dialect, item []byte, _ *section) model.Payload {
	p := model.Payload{Medium: model.JSON, Body: item, Known: true}
	e, f := parseElement(item)
	if f != sound || !d.isCall(&e) {
		return p
	}
	p.Envelope = item
	p.Method = gjson.ParseBytes(e.dig(d.spec.Request.Method)).Str
	p.URL = model.Foreign(gjson.ParseBytes(e.dig(d.spec.Request.URL)).Str)
	p.Body = e.dig(d.spec.Request.Body)
	if headers := e.dig(d.spec.Request.Headers); headers != nil {
		var raw map[string]json.RawMessage
		if json.Unmarshal(headers, &raw) == nil {
			p.Headers = make(map[string]string, len(raw))
			for name, value := range raw {
				p.Headers[name] = gjson.ParseBytes(value).String()
			}
		}
	}
	return p
}
