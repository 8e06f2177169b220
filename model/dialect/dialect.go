package dialect

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"retriage/model"
)

// Dialect is how one API words a batch. It may be used from several goroutines.
type Dialect struct {
	spec   *spec
	medium medium
	// frame is what stood around the items of the request that was read: a
	// retry is put into it again. It is set once, while the request is read.
	frame *atomic.Pointer[frame]
}

// frame is a batch without its items.
type frame struct {
	head, tail []byte
}

// itemsMark stands for the items in an empty batch of a dialect's file.
const itemsMark = "ITEMS"

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

var loaded = sync.OnceValues(builtIn)

// known lists the dialects. The embedded files are read by a test, so a program
// that was built from a tested tree has all of them.
func known() []*spec {
	all, err := loaded()
	if err != nil {
		panic("dialect: " + err.Error())
	}
	return all
}

func newDialect(s *spec) *Dialect {
	return &Dialect{spec: s, medium: mediumOf(s.Medium), frame: new(atomic.Pointer[frame])}
}

// Names lists the dialects, sorted.
func Names() []string {
	var names []string
	for _, s := range known() {
		names = append(names, s.Name)
	}
	slices.Sort(names)
	return names
}

// ByName finds a dialect. The error is an *UnknownDialectError.
func ByName(name string) (*Dialect, error) {
	for _, s := range known() {
		if s.Name == name {
			return newDialect(s), nil
		}
	}
	return nil, &UnknownDialectError{Asked: model.Foreign(name), Near: nearest(name, Names()), Known: Names()}
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
	if p.Decided == nil {
		p.Decided = slices.Clone(own.Decided)
	}
	return p
}
