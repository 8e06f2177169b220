package dialect

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"strings"

	"retriage/model"
)

// payload takes a requested item: its element is the body, and its name says
// what is to be done.
func (xmlMedium) payload(d *Dialect, item []byte, _ *section) model.Payload {
	p := model.Payload{Medium: model.XML, Body: item, Known: true}
	s := scan{b: item, whole: true}
	x := xmlScan{scan: &s}
	if x.misc() {
		if t, ok := x.start(); ok {
			p.Method = d.spec.Request.Operations[strings.TrimSuffix(string(local(t.name)), "Request")]
		}
	}
	return p
}

// write copies an item's element and sets its key: in the attribute "@name" or
// in the child element of that name.
func (m xmlMedium) write(_ *Dialect, it model.SendItem, field string, _ func(model.ID) bool) ([]byte, error) {
	body := it.Payload.Body
	if body == nil {
		return nil, ErrNoRequest
	}
	if _, f := m.element(body, nil); f != sound {
		return nil, errors.New("the body is not sound: it is no well-formed XML element")
	}
	if field == "" {
		return body, nil
	}
	return setXML(body, field, it.Key)
}

// setXML sets an attribute or a child element, in place or at the end.
func setXML(item []byte, field, value string) ([]byte, error) {
	var text bytes.Buffer
	if err := xml.EscapeText(&text, []byte(value)); err != nil {
		return nil, fmt.Errorf("set %s: %w", field, err)
	}
	s := scan{b: item, whole: true}
	x := xmlScan{scan: &s}
	x.misc()
	t, ok := x.start()
	if !ok {
		return nil, errors.New("the body is not sound")
	}
	if name, isAttribute := strings.CutPrefix(field, "@"); isAttribute {
		return setAttribute(item, x.at, t, name, text.String()), nil
	}
	prefix := string(t.name[:len(t.name)-len(local(t.name))])
	child := "<" + prefix + field + ">" + text.String() + "</" + prefix + field + ">"
	if t.closed {
		slash := bytes.LastIndexByte(item[:x.at], '/')
		return insert(item, slash, x.at, ">"+child+"</"+string(t.name)+">"), nil
	}
	from, to := childOf(&x, field)
	return insert(item, from, to, child), nil
}

// childOf finds a child element, or the place where one may be added. The scan
// is behind the parent's start tag.
func childOf(x *xmlScan, name string) (from, to int) {
	for {
		if !x.plain() {
			return x.at, x.at
		}
		from = x.at
		switch x.b[x.at+1] {
		case '/':
			return from, from
		case '!', '?':
			if !x.markup() {
				return from, from
			}
		default:
			found, ok := x.element(1, true)
			if !ok || string(local(found)) == name {
				return from, x.at
			}
		}
	}
}

// setAttribute sets an attribute of the start tag that ends at end.
func setAttribute(item []byte, end int, t startTag, name, value string) []byte {
	s := scan{b: item, whole: true}
	x := xmlScan{scan: &s}
	x.at = bytes.Index(item, t.name) + len(t.name)
	for x.space() && x.at < end && x.b[x.at] != '>' && x.b[x.at] != '/' {
		found, ok := x.name()
		if !ok || !x.space() || !x.expect("=") || !x.space() {
			break
		}
		quote, from := x.b[x.at], x.at+1
		x.at = from + bytes.IndexByte(x.b[from:], quote) + 1
		if string(local(found)) == name {
			return insert(item, from-1, x.at, `"`+value+`"`)
		}
	}
	at := bytes.Index(item, t.name) + len(t.name)
	return insert(item, at, at, " "+name+`="`+value+`"`)
}

// insert replaces item[from:to].
func insert(item []byte, from, to int, text string) []byte {
	out := make([]byte, 0, len(item)+len(text))
	out = append(out, item[:from]...)
	out = append(out, text...)
	return append(out, item[to:]...)
}

// problem says what is wrong with a whole reply.
func (xmlMedium) problem(reply []byte) string {
	b := bytes.TrimSpace(bytes.TrimPrefix(reply, byteOrderMark))
	switch {
	case len(b) == 0:
		return "The reply is empty."
	case b[0] != '<':
		return "The reply is no XML."
	case bytes.Count(b, []byte{'<'}) > maxTokens:
		return "The reply is not to be trusted: it has more than " + model.Number(maxTokens) + " tags."
	}
	return ""
}
