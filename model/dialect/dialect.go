package dialect

import (
	"slices"
	"strings"
	"sync/atomic"

	"retriage/model"
)

// Dialect is how one API words a batch. It may be used from several goroutines.
type Dialect struct {
	spec   *spec
	medium medium // of a response
	asks   medium // of a request
	want   wanted // what telling of an answer looks at
	// decisive are the members that must not be there twice.
	decisive map[string]bool
	// shape is what the request looked like that was read: a retry is put into
	// the same. It is set once, while the request is read.
	shape *atomic.Pointer[shape]
}

// shape is what stood around the items of a request.
type shape struct {
	frame *frame // nil = too large to be kept
	top   []byte // JSON of what is small beside the items
}

// frame is a batch without its items.
type frame struct {
	head, tail []byte
}

// empty is the batch that a response without its request leads to; calls says
// whether its items are calls of their own.
func (d *Dialect) empty(calls bool) *frame {
	text := d.spec.Request.Default
	if calls && d.spec.Request.Calls != "" {
		text = d.spec.Request.Calls
	}
	head, tail, _ := strings.Cut(text, itemsMark)
	return &frame{head: []byte(head), tail: []byte(tail)}
}

func newDialect(s *spec) *Dialect {
	asks := s.Request.Medium
	if asks == "" {
		asks = s.Medium
	}
	return &Dialect{decisive: s.decisive, spec: s, medium: mediumOf(s.Medium), asks: mediumOf(asks), want: s.want, shape: new(atomic.Pointer[shape])}
}

// nearest finds the name that a mistyped one was meant to be, "" when none is
// at most a third of its letters away.
func nearest(asked string, names []string) string {
	best, near := len(asked)/3+1, ""
	for _, name := range names {
		if strings.Contains(name, strings.ToLower(asked)) && len(asked) > 2 {
			return name
		}
		if d := distance(asked, name); d < best {
			best, near = d, name
		}
	}
	return near
}

// distance is the number of letters to change, add or drop (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// Name is the dialect's id, e.g. "generic-207".
func (d *Dialect) Name() string { return d.spec.Name }

// Title is the dialect as a screen says it, e.g. "HTTP 207 JSON (responses +
// summary)".
func (d *Dialect) Title() string { return d.spec.Title }

// Rules gives the category rules of this API; they go before the general ones.
func (d *Dialect) Rules() []model.Rule { return slices.Clone(d.spec.Rule) }

// SendMode says how items go back: "batch" in one call, "each" by one call per
// item, "file" by a file that the operator hands in.
func (d *Dialect) SendMode() string { return d.spec.Send }

// Positional says whether an answer is known by its place alone, or by not being
// there, so that the reply to one request says nothing about another's items.
func (d *Dialect) Positional() bool {
	if d.spec.Items.Ordered || d.spec.Unanswered.Means == isOK {
		return true
	}
	return slices.ContainsFunc(d.spec.Unanswered.When, func(w silence) bool { return w.Means == isOK })
}

// Complete fills what p leaves empty with what is true for every service of
// this API: limits, where the idempotency key goes, where an item is read back,
// and which statuses of a whole batch are given before any item is applied.
func (d *Dialect) Complete(p model.Profile) model.Profile {
	own := d.spec.Profile
	if p.Dialect == "" {
		p.Dialect = d.Name()
	}
	if p.MaxItems == 0 {
		p.MaxItems = own.MaxItems
	}
	if p.MaxBytes == 0 {
		p.MaxBytes = own.MaxBytes
	}
	if p.KeyScope == "" {
		p.KeyScope = own.KeyScope
	}
	if p.KeyScope == "" {
		p.KeyScope = model.NoKey
	}
	if p.KeyField == "" {
		p.KeyField = own.KeyField
	}
	if p.KeyHeader == "" {
		p.KeyHeader = own.KeyHeader
	}
	if p.ItemURL == "" {
		p.ItemURL = own.ItemURL
	}
	if p.Ignore == nil {
		p.Ignore = slices.Clone(own.Ignore)
	}
	if p.Decided == nil {
		p.Decided = slices.Clone(own.Decided)
	}
	return p
}
