package dialect

import (
	"bytes"
	"errors"
	"fmt"

	"retriage/model"
)

// ErrNoRequest says that an item cannot be written, because its request is not
// known: only the response was opened.
var ErrNoRequest = errors.New("the request of the item is not known")

// Write makes the batch of only these items, in the shape of the request that
// was read. What was not edited goes out byte for byte as it came in. Errors:
// ErrNoRequest, a *ReferenceError, or a body that is not sound.
func (d *Dialect) Write(c model.Chunk, p model.Profile) (body []byte, contentType string, err error) {
	calls := len(c.Items) > 0
	here := map[model.ID]bool{}
	for _, it := range c.Items {
		here[d.identity(it.ID)] = true
		calls = calls && it.Payload.Envelope != nil
	}
	f := d.empty(calls)
	if s := d.shape.Load(); s != nil && s.frame != nil {
		f = s.frame
	}
	var b bytes.Buffer
	b.Write(f.head)
	for i, it := range c.Items {
		if i > 0 {
			b.WriteString(d.spec.Request.Separator)
		}
		gone := func(id model.ID) bool { return !here[d.identity(id)] }
		if it.Payload, err = d.resolve(it, gone); err != nil {
			return nil, "", err
		}
		one, err := d.one(it, p, gone)
		if err != nil {
			return nil, "", err
		}
		b.Write(one)
	}
	b.Write(f.tail)
	return b.Bytes(), d.spec.Request.Type, nil
}

// WriteOne makes the request of one item for the individual endpoint: its body
// alone, with the key in it when the key is a field of the item.
func (d *Dialect) WriteOne(it model.SendItem, p model.Profile) (body []byte, contentType string, err error) {
	if it.Payload, err = d.resolve(it, func(model.ID) bool { return true }); err != nil {
		return nil, "", err
	}
	it.Payload.Envelope = nil
	body, err = d.one(it, p, func(model.ID) bool { return false })
	return body, d.spec.Request.Type, err
}

func (d *Dialect) one(it model.SendItem, p model.Profile, gone func(model.ID) bool) ([]byte, error) {
	if !it.Payload.Known && it.Payload.Body == nil && it.Payload.Envelope == nil {
		return nil, fmt.Errorf("write item %s: %w", it.ID.Safe(), ErrNoRequest)
	}
	field := ""
	if p.KeyScope == model.ItemKey && it.Key != "" {
		field = p.KeyField
	}
	b, err := d.medium.write(d, it, field, gone)
	if err != nil {
		return nil, fmt.Errorf("write item %s: %w", it.ID.Safe(), err)
	}
	return b, nil
}

// identity is what ids are compared by.
func (d *Dialect) identity(id model.ID) model.ID {
	if d.spec.Items.FoldID {
		return fold(id)
	}
	return id
}
