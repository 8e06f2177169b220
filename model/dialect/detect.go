package dialect

import (
	"bytes"
	"errors"
	"slices"
	"strings"
)

// Candidate is a dialect that an input may be in.
type Candidate struct {
	Name string
	Why  string // what speaks for it, one safe phrase
}

// kind is what part of a batch an input is.
type kind uint8

const (
	isResponse kind = iota
	isRequested
	isRefusal
)

// finding is a candidate with its weight.
type finding struct {
	Candidate
	weight int
	kind   kind
}

// Weights of an input that is no response: a request weighs less than any
// response, and a refusal, which looks alike everywhere, least.
const (
	requestWeight = 15
	refusalWeight = 5
)

// Detect tells by the first bytes of an input (up to 64 KiB are enough) which
// dialects it may be in, best first; empty means that nothing fits.
func Detect(head []byte) []Candidate {
	var all []Candidate
	found, _ := detect(head)
	for _, f := range found {
		all = append(all, f.Candidate)
	}
	return all
}

// detect is Detect with weights; why says why nothing fits.
func detect(head []byte) (all []finding, why string) {
	for _, s := range known() {
		if f, ok := newDialect(s).weigh(head); ok {
			all = append(all, f)
		}
	}
	slices.SortStableFunc(all, func(a, b finding) int { return b.weight - a.weight })
	if len(all) == 0 {
		why = describe(head)
	}
	return all, why
}

// describe says what an input is that nothing fits.
func describe(head []byte) string {
	rest := bytes.TrimLeft(bytes.TrimPrefix(head, byteOrderMark), " \t\r\n")
	switch {
	case len(rest) == 0:
		return "there is nothing in it but white space"
	case rest[0] == '<':
		return "it is XML or HTML without a list of items that is known"
	case rest[0] == '{' || rest[0] == '[':
		return "it is JSON without a list of items that is known"
	case bytes.HasPrefix(rest, []byte("HTTP/")):
		return "it begins with HTTP headers; keep the body alone"
	}
	return "it is neither JSON nor XML"
}

// isRequest says whether an input is a request in the dialect of that name.
func isRequest(found []finding, name string) bool {
	return slices.ContainsFunc(found, func(f finding) bool { return f.Name == name && f.kind == isRequested })
}

// probe is what a look at the first items shows.
type probe struct {
	d       *Dialect
	items   int
	lacking int             // items that have none of the members that say something
	never   bool            // an item has a member that it must not have
	calls   int             // items that are calls of their own
	named   int             // items that have an id
	answers int             // items with an HTTP status or an error, which only answers have
	has     map[string]bool // members that are marks
}

// enough items are looked at; the rest is alike.
const enough = 32

var errEnough = errors.New("enough was seen")

// look walks over the first items of one of the lists.
func (d *Dialect) look(head []byte, at []string) (outline, *probe, error) {
	p := &probe{d: d, has: map[string]bool{}}
	w := newWindow(File{R: bytes.NewReader(head), Size: int64(len(head))})
	o, err := d.medium.walk(w, query{at: at}, func(_ int64, _ int, e element) error {
		p.see(&e)
		if p.items == enough {
			return errEnough
		}
		return nil
	})
	return o, p, err
}

func (p *probe) see(e *element) {
	p.items++
	some := false
	for _, name := range p.d.spec.Detect.Items {
		some = some || e.get(name) != nil
	}
	if !some {
		p.lacking++
	}
	for _, name := range p.d.spec.Detect.Never {
		p.never = p.never || e.get(name) != nil
	}
	for _, m := range slices.Concat(p.d.spec.Detect.Member, p.d.spec.Detect.Asked) {
		p.has[m.Is] = p.has[m.Is] || e.get(m.Is) != nil
	}
	if p.d.isCall(e) {
		p.calls++
	}
	if !p.d.idOf(e, p.d.spec.Request.ID).IsZero() {
		p.named++
	}
	if v, _ := p.d.statusOf(e); v.status > 0 || p.d.says(e, p.d.spec.Verdict.Error) {
		p.answers++
	}
}

// weigh says how much speaks for this dialect.
func (d *Dialect) weigh(head []byte) (finding, bool) {
	f := finding{Candidate: Candidate{Name: d.Name()}}
	o, p, err := d.look(head, d.spec.Items.At)
	if o.found && 2*p.lacking <= p.items && !p.never {
		signs := d.marks(head, o, p, d.spec.Detect.Member)
		f.weight, f.Why = d.spec.Detect.Base+signs.weight, "it has "+strings.Join(append([]string{d.spec.Items.At[0] + "[]"}, signs.names...), ", ")
		return f, f.weight > 0
	}
	if err == nil && !o.found && d.spec.Refusal.fits(parse(o.top)) {
		f.weight, f.kind, f.Why = refusalWeight, isRefusal, "it looks like a refusal of a whole batch"
		return f, true
	}
	o, p, _ = d.look(head, d.spec.Request.At)
	asks := p.calls == p.items || p.named == p.items && !p.never && p.answers == 0
	if o.found && p.items > 0 && asks {
		signs := d.marks(head, o, p, d.spec.Detect.Asked)
		f.weight, f.kind = requestWeight+max(signs.weight, 0)/4, isRequested
		f.Why = "it is a list of requests, not answered yet"
		return f, true
	}
	return f, false
}

// signs are the marks that were found.
type signs struct {
	weight int
	names  []string
}

func (d *Dialect) marks(head []byte, o outline, p *probe, members []mark) (s signs) {
	add := func(m mark, there bool) {
		if !there {
			return
		}
		s.weight += m.Weight
		if m.Weight > 0 {
			s.names = append(s.names, m.Is)
		}
	}
	top := parse(o.top)
	for _, m := range members {
		add(m, p.has[m.Is])
	}
	for _, m := range d.spec.Detect.Top {
		add(m, top.Get(m.Is).Exists())
	}
	for _, m := range d.spec.Detect.Text {
		add(m, bytes.Contains(head, []byte(m.Is)))
	}
	return s
}
