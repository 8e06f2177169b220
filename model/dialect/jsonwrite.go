package dialect

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"retriage/model"
)

// headerField says that a key's field is a header of the item.
const headerField = "headers."

// write puts one item together again.
func (jsonMedium) write(d *Dialect, it model.SendItem, field string, gone func(model.ID) bool) ([]byte, error) {
	p := it.Payload
	name, inHeader := strings.CutPrefix(field, headerField)
	if field != "" && !inHeader && (p.Body != nil || p.Envelope == nil) {
		var err error
		if p.Body, err = setField(p.Body, field, it.Key); err != nil {
			return nil, err
		}
	}
	if p.Envelope == nil {
		return p.Body, checkBody(p.Body)
	}
	if inHeader {
		p.Headers = withHeader(p.Headers, name, it.Key)
	}
	return d.envelop(p, gone)
}

// checkBody refuses what cannot go into a batch without breaking it. No body
// at all is fine: the call has none.
func checkBody(b []byte) error {
	if b == nil {
		return nil
	}
	if why := checkStrict(b); why != "" {
		return fmt.Errorf("the body is not sound: %s", why)
	}
	return nil
}

// setField sets a member of an object, in place or at its end.
func setField(body []byte, field, value string) ([]byte, error) {
	if err := checkBody(body); err != nil {
		return nil, err
	}
	if !gjson.ParseBytes(body).IsObject() {
		return nil, errors.New("the key cannot be set: the body is no object")
	}
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	return setRaw(body, field, text)
}

// setRaw sets one member of an object by its name, in place or at the end.
func setRaw(object []byte, name string, value []byte) ([]byte, error) {
	return sjson.SetRawBytes(object, sjsonName(name), value)
}

// sjsonName protects a name from being read as a path. A digit first would be an
// index, which the colon prevents.
func sjsonName(name string) string {
	return ":" + gjson.Escape(name)
}

func withHeader(headers map[string]string, name, value string) map[string]string {
	all := maps.Clone(headers)
	if all == nil {
		all = map[string]string{}
	}
	for old := range all {
		if strings.EqualFold(old, name) {
			name = old
		}
	}
	all[name] = value
	return all
}

// envelop puts the parts of a call into its envelope, touching only those that
// are not as they were.
func (d *Dialect) envelop(p model.Payload, gone func(model.ID) bool) ([]byte, error) {
	if why := checkStrict(p.Envelope); why != "" {
		return nil, fmt.Errorf("the request is not sound: %s", why)
	}
	if err := checkBody(p.Body); err != nil {
		return nil, err
	}
	q, was := &d.spec.Request, jsonMedium{}.payload(d, p.Envelope, nil)
	var changes []change
	if p.Method != was.Method {
		changes = append(changes, change{memberPath(q.Method), quoted(p.Method)})
	}
	if p.URL != was.URL {
		changes = append(changes, change{memberPath(q.URL), quoted(p.URL.Wire())})
	}
	if !maps.Equal(p.Headers, was.Headers) {
		changes = append(changes, change{memberPath(q.Headers), headersJSON(p.Envelope, q.Headers, p.Headers, was.Headers)})
	}
	if !bytes.Equal(p.Body, was.Body) {
		changes = append(changes, change{memberPath(q.Body), p.Body})
	}
	changes = append(changes, d.needsChange(p.Envelope, gone)...)
	return splice(p.Envelope, changes)
}

// change is one member, as sjson names it, with its new value, nil = it goes.
type change struct {
	path  string
	value []byte
}

// memberPath makes a path for sjson of names with dots between them.
func memberPath(dotted string) string {
	names := strings.Split(dotted, ".")
	for i, name := range names {
		names[i] = sjsonName(name)
	}
	return strings.Join(names, ".")
}

func splice(object []byte, changes []change) (out []byte, err error) {
	out = object
	for _, c := range changes {
		if c.value == nil {
			out, err = sjson.DeleteBytes(out, c.path)
		} else {
			out, err = sjson.SetRawBytes(out, c.path, c.value)
		}
		if err != nil {
			return nil, fmt.Errorf("set %s: %w", c.path, err)
		}
	}
	return out, nil
}

func quoted(s string) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if enc.Encode(s) != nil {
		return []byte(`""`)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// headersJSON writes changed headers, keeping the order and the bytes of those
// that stay.
func headersJSON(envelope []byte, name string, now, was map[string]string) []byte {
	e, f := parseElement(envelope)
	object := e.dig(name)
	if f != sound || object == nil || object[0] != '{' {
		object = []byte("{}")
	}
	var changes []change
	for header := range was {
		if _, stays := now[header]; !stays {
			changes = append(changes, change{sjsonName(header), nil})
		}
	}
	for _, header := range slices.Sorted(maps.Keys(now)) {
		if old, there := was[header]; !there || old != now[header] {
			changes = append(changes, change{sjsonName(header), quoted(now[header])})
		}
	}
	out, err := splice(object, changes)
	if err != nil || len(now) == 0 {
		return nil
	}
	return out
}

// needsChange takes the references out that are not in the batch any more.
func (d *Dialect) needsChange(envelope []byte, gone func(model.ID) bool) []change {
	e, f := parseElement(envelope)
	if f != sound || d.spec.Request.DependsOn == "" {
		return nil
	}
	var stay []string
	all := gjson.ParseBytes(e.get(d.spec.Request.DependsOn)).Array()
	for i, id := range d.dependsOn(&e) {
		if !gone(id) {
			stay = append(stay, all[i].Raw)
		}
	}
	switch {
	case len(stay) == len(all):
		return nil
	case len(stay) == 0:
		return []change{{sjsonName(d.spec.Request.DependsOn), nil}}
	}
	return []change{{sjsonName(d.spec.Request.DependsOn), []byte("[" + strings.Join(stay, ",") + "]")}}
}

// problem says what is wrong with a whole reply.
func (jsonMedium) problem(reply []byte) string {
	b := bytes.TrimPrefix(reply, byteOrderMark)
	switch rest := bytes.TrimSpace(b); {
	case len(rest) == 0:
		return "The reply is empty."
	case rest[0] != '{' && rest[0] != '[':
		return "The reply is no JSON."
	}
	if why := checkStrict(b); why != "" {
		return "The reply is not to be trusted: " + why + "."
	}
	return ""
}
