package dialect

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"retriage/model"
)

// ErrNoRequest says that an item cannot be written, because its request is not
// known: only the response was opened.
var ErrNoRequest = errors.New("the request of the item is not known")

// Write makes the batch of only these items, in the shape of the request that
// was read. What was not edited goes out byte for byte as it came in. Errors:
// an *ItemError around ErrNoRequest, a *ReferenceError or a body that is not
// sound, or a *ClashError.
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
	if m, ok := d.asks.(partMedium); ok {
		return m.wrapped(d, c.Items)
	}
	if m, ok := d.asks.(csvMedium); ok {
		if f, c.Items, err = m.underHeader(f, c.Items); err != nil {
			return nil, "", err
		}
	}
	lists := d.lists(c.Items)
	var b bytes.Buffer
	b.Write(f.head)
	gone := func(id model.ID) bool { return !here[d.identity(id)] }
	between := d.spec.Request.Separator
	if d.asks == (csvMedium{}) {
		between = string(f.tail) // as the lines of the source end
	}
	for i, list := range lists {
		if i > 0 {
			b.WriteString(between)
		}
		before, after := d.around(list[0].Payload.List)
		b.WriteString(before)
		if err := d.list(&b, list, between, p, gone); err != nil {
			return nil, "", err
		}
		b.WriteString(after)
	}
	b.Write(f.tail)
	return b.Bytes(), d.spec.Request.Type, nil
}

// lists puts items into the lists that a request has for them; most have one.
func (d *Dialect) lists(items []model.SendItem) (lists [][]model.SendItem) {
	if d.spec.Request.Keyed == "" {
		if len(items) == 0 {
			return nil
		}
		return [][]model.SendItem{items}
	}
	at := map[string]int{}
	for _, it := range items {
		i, known := at[it.Payload.List]
		if !known {
			i = len(lists)
			at[it.Payload.List] = i
			lists = append(lists, nil)
		}
		lists[i] = append(lists[i], it)
	}
	return lists
}

// The marks in a dialect's file for what is put in.
const (
	itemsMark = "ITEMS"
	keyMark   = "KEY"
)

// around is what stands around the items of one of several lists.
func (d *Dialect) around(key string) (before, after string) {
	if d.spec.Request.Keyed == "" {
		return "", ""
	}
	before, after, _ = strings.Cut(d.spec.Request.Keyed, itemsMark)
	return strings.Replace(before, keyMark, string(quoted(key)), 1), after
}

// list writes the items of one list.
func (d *Dialect) list(b *bytes.Buffer, items []model.SendItem, between string, p model.Profile, gone func(model.ID) bool) (err error) {
	seen := map[string]model.ID{}
	names := d.keyNames(items)
	for i, it := range items {
		if i > 0 {
			b.WriteString(between)
		}
		if it.Payload, err = d.resolve(it, gone); err != nil {
			return &ItemError{it.Index, err}
		}
		one, err := d.one(it, p, gone)
		if err != nil {
			return &ItemError{it.Index, err}
		}
		for _, key := range d.uniqueKeys(one, it.Payload.List, names) {
			if other, clash := seen[key]; clash {
				return &ClashError{Item: it.ID, Other: other}
			}
			seen[key] = it.ID
		}
		b.Write(one)
	}
	return nil
}

// WriteOne makes the request of one item for the individual endpoint: its body
// alone, with the key in it when the key is a field of the item.
func (d *Dialect) WriteOne(it model.SendItem, p model.Profile) (body []byte, contentType string, err error) {
	if it.Payload, err = d.Resolve(it); err != nil {
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
	b, err := d.asks.write(d, it, field, gone)
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
