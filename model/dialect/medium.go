package dialect

import "retriage/model"

// medium is how a batch is written down. Each knows how to walk over a batch
// item by item, how to show one item as JSON (which paths are read from), and
// how items are put into a batch again. Another medium is another implementation
// and a row in mediumOf.
type medium interface {
	// walk passes a whole input and calls visit for each item of its list, or
	// of its lists.
	walk(w *window, q query, visit visitor) (outline, error)
	// element shows the bytes of one item of a list as an element.
	element(item []byte, sec *section) (element, fault)
	// payload takes the bytes of one requested item of a list apart.
	payload(d *Dialect, item []byte, sec *section) model.Payload
	// write puts one item together again: edits are in, its key is set, and
	// references that leave reports as left out are gone.
	write(d *Dialect, it model.SendItem, field string, gone func(model.ID) bool) ([]byte, error)
	// problem says what is wrong with a whole reply, "" = nothing.
	problem(reply []byte) string
}

// mediumOf finds a medium by its name in a dialect's file, nil when unknown.
func mediumOf(name string) medium {
	switch name {
	case "json":
		return jsonMedium{}
	case "jsonl":
		return lineMedium{}
	case "multipart":
		return partMedium{}
	case "csv":
		return csvMedium{}
	case "xml":
		return xmlMedium{}
	}
	return nil
}

// query is what a walk looks for.
type query struct {
	at    []string // lists, the first that is there counts; see itemsSpec.At
	many  bool     // all of the lists count
	drop  []string // members of the top that are left out of the outline
	pair  []string // JSON lines: a line whose only member has this name goes on in the next line
	lists []string // XML: see section
	// beside are XML elements in the list that are no items.
	beside []string
	want   wanted // the members that are looked at
	wrap   bool   // an item is wrapped, see itemsSpec.Wrap
	crew   *crew  // who passes the items, nil = whoever walks
	// enter is called where a list begins. It may be nil.
	enter func(section) *section
}

// begin notes that a list begins.
func (q query) begin(sec section) *section {
	if sec.list < len(q.at) {
		sec.name = q.at[sec.list]
	}
	sec.lists = q.lists
	if q.enter == nil {
		return &sec
	}
	return q.enter(sec)
}

// visitor gets one item: where it stands, how long it is, and what it says, with
// the section that it is in. It must not keep the element. Its error ends the
// walk.
type visitor func(off int64, length int, e element) error

// outline is a batch without its items.
type outline struct {
	found bool   // there is a list, an empty one too
	top   []byte // JSON of what is small beside it, "" = nothing
	frame *frame // the same, to put other items into; nil = too large
}
