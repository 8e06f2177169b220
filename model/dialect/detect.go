package dialect

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"retriage/model"
)

// Candidate is a dialect that an input may be in.
type Candidate struct {
	Name  string
	Title string // the dialect as a screen says it
	Why   string // what speaks for it, one safe phrase
	// Sure is set on the first candidate when no other comes near it.
	Sure bool
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
	same   string // see detectSpec
}

// Weights of an input that is no response: a request weighs less than any
// response, and a refusal, which looks alike everywhere, least.
const (
	requestWeight = 15
	refusalWeight = 5
)

// near is how close in weight a candidate has to be so that a person is asked.
const near = 8

// Detect tells by the first bytes of an input (up to 64 KiB are enough) which
// dialects it may be in, best first; empty means that nothing fits.
func (c *Catalog) Detect(head []byte) []Candidate {
	found, _ := c.detect(head)
	return candidates(found)
}

// Detect is Catalog.Detect of the dialects that ship with the program.
func Detect(head []byte) []Candidate { return BuiltIn().Detect(head) }

func candidates(found []finding) []Candidate {
	if len(found) == 0 {
		return nil
	}
	first := found[0]
	var all, alike []Candidate
	first.Sure = true
	for _, f := range found[1:] {
		if f.same == first.Name || first.same == f.Name {
			alike = append(alike, f.Candidate)
			continue
		}
		first.Sure = first.Sure && first.weight-f.weight > near
		all = append(all, f.Candidate)
	}
	return slices.Concat([]Candidate{first.Candidate}, all, alike)
}

// detect is Detect with weights; why says why nothing fits.
func (c *Catalog) detect(head []byte) (all []finding, why string) {
	for _, s := range c.specs {
		if f, ok := newDialect(s).weigh(head); ok {
			all = append(all, f)
		}
	}
	slices.SortStableFunc(all, func(a, b finding) int { return b.weight - a.weight })
	if len(all) == 0 {
		why = c.describe(head)
	}
	return all, why
}

// nameIt is what can be done about an input that nothing fits.
const nameIt = "; if it is a batch, name its format with --dialect, or teach it (retriage dialects)"

// describe says what an input is that nothing fits.
func (c *Catalog) describe(head []byte) string {
	rest := bytes.TrimLeft(bytes.TrimPrefix(head, byteOrderMark), " \t\r\n")
	why := encoded(head)
	switch {
	case why != "":
		return why
	case len(rest) == 0:
		return "there is nothing in it but white space"
	case rest[0] == '<':
		return describeXML(rest)
	case rest[0] == '{' || rest[0] == '[':
		return "it is JSON without a list of items that is known" + nameIt
	case bytes.HasPrefix(rest, []byte("HTTP/")):
		return "it begins with HTTP headers; keep the body alone"
	}
	if names := c.tables(rest); len(names) > 0 {
		return "it is neither JSON nor XML, and a table only if it is called one; rows that were not tried are read with --dialect " + strings.Join(names, " or ")
	}
	return "it is neither JSON nor XML"
}

// tables lists the dialects that an input may be in if it is a table.
func (c *Catalog) tables(head []byte) (names []string) {
	for _, s := range c.specs {
		if s.Medium != "csv" {
			continue
		}
		if _, p, err := newDialect(s).look(head, csvMedium{}, query{at: s.Items.At}, false); p.width > 1 && p.items > 0 && (err == nil || errors.Is(err, errEnough)) {
			names = append(names, s.Name)
		}
	}
	return names
}

// answers says whether the first item of an input can be read as an answer.
func (d *Dialect) answers(head []byte) bool {
	items := &d.spec.Items
	decided := false
	w := newWindow(File{R: bytes.NewReader(head), Size: int64(len(head))})
	_, err := d.medium.walk(w, query{at: items.At, many: items.Many, lists: items.Lists, beside: items.Beside}, func(_ int64, _ int, e element) error {
		if items.Wrap {
			e = e.unwrap()
		}
		decided = d.verdict(&e).state != model.Unknown
		return errEnough
	})
	return decided && errors.Is(err, errEnough)
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
	width   int             // members of the widest item
	strange int             // items that have none of the members of a request
	never   bool            // an item has a member that it must not have
	foreign bool            // an item is none that its key says
	reasons bool            // the first is a reason for a refusal
	seen    map[string]bool // keys, see path
	calls   int             // items that are calls of their own
	named   int             // items that have an id
	answers int             // items with an HTTP status or an error, which only answers have
	has     map[string]bool // members that are marks
}

// enough items are looked at; the rest is alike.
const enough = 32

var errEnough = errors.New("enough was seen")

// look walks over the first items of the lists of one side.
func (d *Dialect) look(head []byte, m medium, q query, wrap bool) (outline, *probe, error) {
	p := &probe{d: d, has: map[string]bool{}, seen: map[string]bool{}}
	w := newWindow(File{R: bytes.NewReader(head), Size: int64(len(head))})
	o, err := m.walk(w, q, func(_ int64, _ int, e element) error {
		if wrap {
			e = e.unwrap()
		}
		p.see(&e)
		if p.items == enough {
			return errEnough
		}
		return nil
	})
	return o, p, err
}

// hasOne says whether an element has one of some members; of none, it has.
func (e *element) hasOne(names []string) bool {
	return len(names) == 0 || slices.ContainsFunc(names, func(name string) bool { return e.get(name) != nil })
}

// broken says whether not even the first item could be read, in a medium where
// nothing else shows that it is one.
func (p *probe) broken(m medium, err error) bool {
	var syntax *SyntaxError
	return p.items == 0 && m != (jsonMedium{}) && m != (xmlMedium{}) && errors.As(err, &syntax)
}

func (p *probe) see(e *element) {
	p.items++
	p.width = max(p.width, len(e.members))
	look := &p.d.spec.Detect
	if !e.hasOne(look.Items) || slices.ContainsFunc(look.Each, func(name string) bool { return e.get(name) == nil }) {
		p.lacking++
	}
	if !e.hasOne(look.AskedItems) {
		p.strange++
	}
	p.never = p.never || len(look.Never) > 0 && e.hasOne(look.Never)
	p.foreign = p.foreign || len(look.Key) > 0 && !slices.Contains(look.Key, e.key())
	p.seen[e.key()] = true
	for _, m := range slices.Concat(p.d.spec.Detect.Member, p.d.spec.Detect.Asked) {
		p.has[m.Is] = p.has[m.Is] || e.get(m.Is) != nil
	}
	p.reasons = p.reasons || p.items == 1 && p.d.isReason(e)
	p.side(e)
}

// side notes what speaks for a request, and what for an answer.
func (p *probe) side(e *element) {
	if p.d.isCall(e) {
		p.calls++
	}
	if id := p.d.idOf(e, p.d.spec.Request.ID); !id.IsZero() {
		p.named++
	}
	if v, _ := p.d.statusOf(e); v.status > 0 || p.d.says(e, p.d.spec.Verdict.Error) {
		p.answers++
	}
}

// weigh says how much speaks for this dialect.
func (d *Dialect) weigh(head []byte) (finding, bool) {
	f := finding{Candidate: Candidate{Name: d.Name(), Title: d.Title()}, same: d.spec.Detect.Same}
	items := &d.spec.Items
	o, p, err := d.look(head, d.medium, query{at: items.At, many: items.Many, lists: items.Lists, beside: items.Beside}, items.Wrap)
	refused := 0
	if err == nil {
		refused = d.spec.Refusal.fits(parse(o.top), o.found)
	}
	if p.reasons || refused > 0 {
		f.weight, f.kind, f.Why = refusalWeight, isRefusal, "it looks like a refusal of a whole batch"
		f.weight += refused + d.marks(head, o, p, nil).weight/4
		return f, true
	}
	if o.found && !p.broken(d.medium, err) && d.headFits(head, p) && p.items >= d.spec.Detect.Least && 2*p.lacking <= p.items && !p.never && !p.foreign && d.topFits(o) {
		signs := d.marks(head, o, p, d.spec.Detect.Member)
		f.weight, f.Why = d.spec.Detect.Base+signs.weight, "it has "+strings.Join(append([]string{listWords(items.At[0])}, signs.names...), ", ")
		if p.items == 0 {
			f.weight /= 2
		}
		if f.weight > 0 {
			return f, true
		}
	}
	return d.weighRequest(head, f)
}

// keys says whether all keys are among those of a list.
func (p *probe) keys(known []string) bool {
	for key := range p.seen {
		if !slices.Contains(known, key) {
			return false
		}
	}
	return len(p.seen) > 0
}

// headFits says whether a table without rows has one of the columns that count.
func (d *Dialect) headFits(head []byte, p *probe) bool {
	return p.items > 0 || d.medium != (csvMedium{}) ||
		slices.ContainsFunc(d.spec.Detect.Items, func(name string) bool { return bytes.Contains(head, []byte(name)) })
}

// topFits says whether the top has all that every response of the API has.
func (d *Dialect) topFits(o outline) bool {
	top := parse(o.top)
	there := func(p path) bool { return p.of(top).Exists() }
	look := &d.spec.Detect
	return !slices.ContainsFunc(look.Must, func(p path) bool { return !there(p) }) && (len(look.Any) == 0 || slices.ContainsFunc(look.Any, there))
}

func listWords(at string) string {
	if at == "@this" {
		return "a list of such items"
	}
	return strings.TrimSuffix(at, "[]") + "[]"
}

// weighRequest says how much speaks for a request of this dialect.
func (d *Dialect) weighRequest(head []byte, f finding) (finding, bool) {
	ask := &d.spec.Request
	if len(ask.At) == 0 {
		return f, false
	}
	o, p, err := d.look(head, d.asks, query{at: ask.At, many: ask.Many, pair: ask.Pair}, ask.Wrap)
	var syntax *SyntaxError
	if p.broken(d.asks, err) || d.asks == (csvMedium{}) && (len(d.spec.Detect.AskedItems) == 0 || p.width < 2 || errors.As(err, &syntax)) {
		return f, false // any text is a table: its columns have to say what it is
	}
	asks := p.calls == p.items || p.named == p.items && !p.never && p.answers == 0
	if len(d.spec.Detect.AskedKey) > 0 {
		asks = p.keys(d.spec.Detect.AskedKey)
	}
	if len(d.spec.Detect.AskedItems) > 0 {
		asks = 2*p.strange <= p.items
	}
	if !o.found || p.items < max(1, d.spec.Detect.Least) || !asks {
		return f, false
	}
	signs := d.marks(head, o, p, d.spec.Detect.Asked)
	f.weight, f.kind = requestWeight+max(signs.weight, 0)/4, isRequested
	f.Why = "it is a list of requests, not answered yet"
	return f, true
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
