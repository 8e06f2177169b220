package dialect

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"retriage/model"
)

// write puts one part together again: byte for byte, unless something was
// edited.
func (partMedium) write(d *Dialect, it model.SendItem, _ string, _ func(model.ID) bool) ([]byte, error) {
	p := it.Payload
	was := partMedium{}.payload(d, p.Envelope, nil)
	if p.Method == was.Method && p.URL == was.URL && maps.Equal(p.Headers, was.Headers) && bytes.Equal(p.Body, was.Body) {
		return p.Envelope, nil
	}
	if strings.ContainsAny(p.Method+p.URL.Wire(), "\r\n ") {
		return nil, fmt.Errorf("the method or the url holds a space or a line end")
	}
	outer, rest, ok := headersOf(p.Envelope)
	if !ok || outer == nil {
		return nil, fmt.Errorf("the request is not sound: its part has no headers")
	}
	var b bytes.Buffer
	b.Write(p.Envelope[:len(p.Envelope)-len(rest)])
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\n", p.Method, p.URL.Wire())
	for _, name := range slices.Sorted(maps.Keys(p.Headers)) {
		value := p.Headers[name]
		if strings.EqualFold(name, "Content-Length") {
			value = strconv.Itoa(len(p.Body))
		}
		if strings.ContainsAny(name+value, "\r\n") {
			return nil, fmt.Errorf("a header holds a line end")
		}
		fmt.Fprintf(&b, "%s: %s\r\n", name, value)
	}
	b.WriteString("\r\n")
	b.Write(p.Body)
	return b.Bytes(), nil
}

// wrapped puts parts into a message, those of one changeset into one again. The
// boundaries are made of what they part, so they stand nowhere in it.
func (m partMedium) wrapped(d *Dialect, items []model.SendItem) (body []byte, contentType string, err error) {
	parts := make([][]byte, len(items))
	sum := sha256.New()
	here := map[model.ID]bool{}
	for _, it := range items {
		here[d.identity(it.ID)] = true
	}
	for i, it := range items {
		if it.Payload.Envelope == nil {
			return nil, "", &ItemError{it.Index, fmt.Errorf("write item %s: %w", it.ID.Safe(), ErrNoRequest)}
		}
		if it.Payload, err = d.resolve(it, func(id model.ID) bool { return !here[d.identity(id)] }); err != nil {
			return nil, "", &ItemError{it.Index, err}
		}
		if parts[i], err = m.write(d, it, "", nil); err != nil {
			return nil, "", &ItemError{it.Index, fmt.Errorf("write item %s: %w", it.ID.Safe(), err)}
		}
		sum.Write(parts[i])
	}
	mark := hex.EncodeToString(sum.Sum(nil))[:24]
	outer := "batch_" + mark
	var b bytes.Buffer
	for i := 0; i < len(items); {
		fmt.Fprintf(&b, "--%s\r\n", outer)
		group := items[i].Payload.List
		if group == "" {
			b.Write(parts[i])
			b.WriteString("\r\n")
			i++
			continue
		}
		inner := "changeset_" + mark + "_" + strconv.Itoa(i)
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=%s\r\n\r\n", inner)
		for ; i < len(items) && items[i].Payload.List == group; i++ {
			fmt.Fprintf(&b, "--%s\r\n", inner)
			b.Write(parts[i])
			b.WriteString("\r\n")
		}
		fmt.Fprintf(&b, "--%s--\r\n", inner)
	}
	fmt.Fprintf(&b, "--%s--\r\n", outer)
	return b.Bytes(), "multipart/mixed; boundary=" + outer, nil
}

// problem says what is wrong with a whole reply.
func (partMedium) problem(reply []byte) string {
	b := bytes.TrimSpace(reply)
	if len(b) == 0 {
		return "The reply is empty."
	}
	if b[0] == '{' || b[0] == '[' || b[0] == '<' {
		return "The reply is no multipart message."
	}
	return ""
}
