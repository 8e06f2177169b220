package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"
)

// The shape of the demo batch. The last demoRate items fail on the rate limit
// alone: the bucket holds exactly what the others take out of it.
const (
	demoItems     = 400
	demoUpper     = 14 // e-mails in upper case or with spaces
	demoNoAt      = 8  // placeholders instead of an e-mail
	demoDates     = 16 // month/day/year
	demoDenied    = 11
	demoTaken     = 6 // e-mail of somebody else
	demoExists    = 3 // id of a stored item with other content
	demoChildren  = 6 // manager fails in the same batch
	demoOrphans   = 3 // manager never exists
	demoTypes     = 8
	demoLarge     = 4
	demoKeys      = 4
	demoBackend   = 7
	demoTimeouts  = 6
	demoLanded    = 3 // of the timeouts
	demoRate      = 14
	demoItemRate  = 40 // items a second
	demoKeyedGood = 20 // items that carry a key and have no trouble with it
)

// Demo is the script of the demonstration: a batch, the server on which it
// partly fails over all ten causes when it is sent as one POST /batch, and
// what a run may expect of it. It is the same for the same seed.
type Demo struct {
	Request []byte  // the body of POST /batch: {"items":[...]}
	Options Options // the server; StateFile and Now are left to the caller

	Codes       map[string]string // item id -> error code of the first answer; items not in it succeed
	Landed      []string          // answered TIMEOUT although they were applied
	Hopeless    []Hopeless        // no suggested fix and no retry repairs these
	Placeholder []string          // only an invented e-mail repairs these (the fix that is off by default)
	NewKey      []string          // only a fresh idempotency key repairs these
	Parents     map[string]string // child -> the failed item that has to be repaired and sent before it
}

// Hopeless is an item that the demo can not bring to success.
type Hopeless struct{ ID, Code, Why string }

// NewDemo gives the demo of a seed: 400 items, of which 290 succeed and 110
// fail. Sending it is call 1 to POST /batch; of the calls that follow, call 3
// is answered 429 with Retry-After 1, call 4 lands and loses its reply, and
// call 5 is answered 503 with Retry-After 1.
func NewDemo(seed uint64) Demo {
	b := newDemoBuilder(seed)
	b.spoil()
	d := b.demo
	d.Options.Token = DefaultToken
	d.Options.Seed = seed
	d.Options.Resources = []string{"res-1", "res-2", "res-3", "res-4", "res-5"}
	d.Options.ItemRate = demoItemRate
	d.Options.ItemBurst = demoItems - len(d.Codes) + demoBackend + demoTimeouts
	d.Options.Faults = []Fault{
		{Kind: Refuse, On: "POST /batch", Call: 3, Status: 429, RetryAfter: time.Second},
		{Kind: Lost, On: "POST /batch", Call: 4},
		{Kind: Refuse, On: "POST /batch", Call: 5, Status: 503, RetryAfter: time.Second},
	}
	var body bytes.Buffer
	body.WriteString(`{"items":[`)
	for i, it := range b.items {
		if i > 0 {
			body.WriteByte(',')
		}
		body.WriteByte('\n')
		body.Write(it)
	}
	body.WriteString("\n]}\n")
	d.Request = body.Bytes()
	return d
}

// demoBuilder writes the items and then spoils some of them.
type demoBuilder struct {
	rng   *rand.Rand
	items [][]byte
	order []int // places that may be spoiled, shuffled
	demo  Demo
}

func newDemoBuilder(seed uint64) *demoBuilder {
	b := &demoBuilder{rng: rand.New(rand.NewPCG(seed, 0x64656d6f)), items: make([][]byte, demoItems)}
	b.demo.Codes, b.demo.Parents = map[string]string{}, map[string]string{}
	for i := range b.items {
		b.items[i] = b.item(i)
	}
	b.order = b.rng.Perm(demoItems - demoRate)
	for i := demoItems - demoRate; i < demoItems; i++ {
		b.demo.Codes[demoID(i)] = codeRate
	}
	return b
}

func demoID(i int) string { return fmt.Sprintf("item-%04d", i+1) }

// item writes a sound item. The order of its fields and the text of its
// numbers vary in ways that a decoder would lose.
func (b *demoBuilder) item(i int) []byte {
	p := people[b.rng.IntN(len(people))]
	email := fmt.Sprintf("%s.%s%d@%s", p.given, p.family, i+1, []string{"example.com", "example.org", "example.net"}[b.rng.IntN(3)])
	day := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, b.rng.IntN(420))
	out := fmt.Appendf(nil, `{"id":"%s","email":"%s","name":%s,"date":"%s","age":%d,"active":%t,"role":"%s","resource_id":"res-%d"`,
		demoID(i), email, quote(p.written), day.Format(time.DateOnly), 18+b.rng.IntN(60), b.rng.IntN(8) != 0,
		[]string{"member", "member", "member", "viewer", "admin"}[b.rng.IntN(5)], 1+b.rng.IntN(5))
	out = fmt.Appendf(out, `,"balance":%d.%d0`, b.rng.IntN(5000), b.rng.IntN(10))
	out = fmt.Appendf(out, `,"external_ref":%d%09d`, 9007199254740993+b.rng.IntN(1000), b.rng.IntN(1_000_000_000))
	if b.rng.IntN(3) == 0 {
		out = append(out, `,"bio":"Joined through the spring campaign."`...)
	}
	return append(out, '}')
}

// pick gives the next place to spoil and notes how it will fail.
func (b *demoBuilder) pick(code string) (i int, id string) {
	i, b.order = b.order[0], b.order[1:]
	b.demo.Codes[demoID(i)] = code
	return i, demoID(i)
}

func (b *demoBuilder) set(i int, name string, value string) {
	b.items[i] = with(b.items[i], name, []byte(value))
}

func (b *demoBuilder) get(i int, name string) string {
	var s string
	_ = json.Unmarshal(lookup(b.items[i], name), &s) // item wrote it
	return s
}

func (b *demoBuilder) hopeless(id, code, why string) {
	b.demo.Hopeless = append(b.demo.Hopeless, Hopeless{id, code, why})
}
