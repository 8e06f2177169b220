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
// either may be absent.
func (dec decoder) DecodeItem(response, request model.Piece) (model.Item, error) {
	var it model.Item
	if response.Bytes != nil {
		e, f := dec.d.medium.element(response.Bytes, dec.sections.of(response.Source, response.Off))
		if f != sound {
			return it, &NotBatchError{Why: "the item is broken"}
		}
		it.Answer = dec.d.answer(&e)
		it.ID = it.Answer.ID
	}
	if request.Bytes != nil {
		sec := dec.sections.of(request.Source, request.Off)
		it.Payload = dec.d.medium.payload(dec.d, request.Bytes, sec)
		if e, f := dec.d.medium.element(request.Bytes, sec); f == sound && it.ID.IsZero() {
			it.ID = dec.d.idOf(&e, dec.d.spec.Request.ID)
		}
	}
	return it, nil
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
	method, url := gjson.ParseBytes(e.get(q.Method)), gjson.ParseBytes(e.get(q.URL))
	return url.Type == gjson.String && slices.Contains(verbs, strings.ToUpper(method.Str))
}

// payload takes a requested item apart. Its bytes stay as they are.
func (jsonMedium) payload(d *Dialect, item []byte, _ *section) model.Payload {
	p := model.Payload{Medium: model.JSON, Body: item, Known: true}
	e, f := parseElement(item)
	if f != sound || !d.isCall(&e) {
		return p
	}
	p.Envelope = item
	p.Method = gjson.ParseBytes(e.get(d.spec.Request.Method)).Str
	p.URL = model.Foreign(gjson.ParseBytes(e.get(d.spec.Request.URL)).Str)
	p.Body = e.get(d.spec.Request.Body)
	if headers := e.get(d.spec.Request.Headers); headers != nil {
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
