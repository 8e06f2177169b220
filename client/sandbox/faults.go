package sandbox

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// Kind says what a Fault does to a call.
type Kind string

// The kinds of faults.
const (
	Refuse Kind = "refuse" // answer Status (default 503) with RetryAfter; nothing is applied unless Landed
	Drop   Kind = "drop"   // close the connection before anything is applied, with no reply byte
	Lost   Kind = "lost"   // apply, then close the connection with no reply byte
	Late   Kind = "late"   // close the connection at once, apply Delay later
	Slow   Kind = "slow"   // apply at once, reply after Delay
	Cut    Kind = "cut"    // apply, send half of the reply, close the connection
	Expire Kind = "expire" // the token is expired from this call on, until Server.Renew
)

// Fault scripts what happens to the calls number Call to Call+Times-1 of those
// it is about. Calls are counted from 1, per On, once their token was accepted.
// If several faults hit one call, the first in Options.Faults wins.
type Fault struct {
	Kind           Kind
	On             string        // "METHOD /path-prefix", e.g. "GET /items/"; "" is every POST that writes items
	Call           int           // the first call it hits; 0 is 1
	Times          int           // how many calls in a row; 0 is one, -1 is for ever
	Status         int           // Refuse: the status to answer
	RetryAfter     time.Duration // Refuse: sent as Retry-After in whole seconds, rounded up (RFC 9110, 10.2.3); 0 sends none
	RetryAfterText string        // Refuse: sent as Retry-After as it stands, e.g. an HTTP-date or nonsense
	Delay          time.Duration // Slow, Late: how long
	Landed         bool          // Refuse: the writes are applied although the reply says no
}

func (f Fault) check() error {
	switch f.Kind {
	case Refuse, Drop, Lost, Late, Slow, Cut, Expire:
	default:
		return fmt.Errorf("the kind %q is unknown", f.Kind)
	}
	if f.Call < 0 || f.Times < -1 || f.RetryAfter < 0 || f.Delay < 0 {
		return errors.New("a number is negative")
	}
	if f.Status != 0 && (f.Status < 400 || f.Status > 599) {
		return fmt.Errorf("the status %d is not 400 to 599", f.Status)
	}
	if f.On != "" && !strings.Contains(f.On, " /") {
		return fmt.Errorf("%q is not a method and a path", f.On)
	}
	return nil
}

// hits reports whether the fault is due at the nth call it is about.
func (f Fault) hits(n int) bool {
	first, times := max(f.Call, 1), f.Times
	if times == 0 {
		times = 1
	}
	return n >= first && (times < 0 || n < first+times)
}

// ItemFault scripts what happens to one item after every other check passed,
// the first Times times it gets that far. Several faults of one item follow
// one another in the order of Options.ItemFaults.
type ItemFault struct {
	ID         string
	Status     int           // 500 to 599, or 429; 0 is 503
	Times      int           // 0 is one, -1 is for ever
	RetryAfter time.Duration // told in the item's answer; 0 tells none
	Landed     bool          // the write is applied although the answer says no
}

func (f ItemFault) check() error {
	if f.ID == "" {
		return errors.New("it names no item")
	}
	if f.Times < -1 || f.RetryAfter < 0 {
		return errors.New("a number is negative")
	}
	if f.Status != 0 && f.Status != 429 && (f.Status < 500 || f.Status > 599) {
		return fmt.Errorf("the status %d is not 429 or 500 to 599", f.Status)
	}
	return nil
}

// failure gives the answer the item gets.
func (f ItemFault) failure() *failure {
	out := &failure{status: f.Status, retryAfter: f.RetryAfter}
	switch f.Status {
	case 429:
		out.code, out.message = codeRate, "Rate limit exceeded"
	case 504:
		out.code, out.message = codeTimeout, "processing timed out"
	case 0:
		out.status = 503
		fallthrough
	default:
		out.code, out.message = codeUpstream, "Upstream service is unavailable"
	}
	return out
}

// Storm gives a random script for the first calls calls that write: about a
// third of them are refused, dropped, lost, cut or slow (at most 20 ms). The
// same seed gives the same script.
func Storm(seed uint64, calls int) []Fault {
	rng := rand.New(rand.NewPCG(seed, 0x73746f726d))
	var out []Fault
	for n := 1; n <= calls; n++ {
		if rng.IntN(3) != 0 {
			continue
		}
		f := Fault{Call: n}
		switch rng.IntN(7) {
		case 0:
			f.Kind, f.Status = Refuse, 503
		case 1:
			f.Kind, f.Status, f.RetryAfter = Refuse, 429, time.Second
		case 2:
			f.Kind, f.Status, f.Landed = Refuse, 500, true
		case 3:
			f.Kind = Drop
		case 4:
			f.Kind = Lost
		case 5:
			f.Kind = Cut
		default:
			f.Kind, f.Delay = Slow, time.Duration(1+rng.IntN(20))*time.Millisecond
		}
		out = append(out, f)
	}
	return out
}

// script is how far the faults of a server have come. The server's lock guards it.
type script struct {
	faults []Fault
	loss   float64
	seed   uint64
	seen   map[string]int // On -> calls so far
	items  map[string][]ItemFault
	met    map[string]int // item id -> times its faults were met
}

func newScript(o Options) *script {
	s := &script{
		faults: o.Faults, loss: o.LossRate, seed: o.Seed,
		seen: map[string]int{"": 0}, items: map[string][]ItemFault{}, met: map[string]int{},
	}
	for _, f := range o.Faults {
		s.seen[f.On] = 0
	}
	for _, f := range o.ItemFaults {
		s.items[f.ID] = append(s.items[f.ID], f)
	}
	return s
}

// next counts a call and gives the fault that hits it; Kind "" is none.
// changed says that a counter moved which a restarted server must know.
func (s *script) next(method, path string, writes bool) (hit Fault, changed bool) {
	line := method + " " + path
	for on := range s.seen {
		if (on == "" && writes) || (on != "" && strings.HasPrefix(line, on)) {
			s.seen[on]++
			changed = true
		}
	}
	for _, f := range s.faults {
		about := (f.On == "" && writes) || (f.On != "" && strings.HasPrefix(line, f.On))
		if about && f.hits(s.seen[f.On]) {
			return f, changed
		}
	}
	if writes && chance(s.seed, s.seen[""]) < s.loss {
		return Fault{Kind: Lost}, changed
	}
	return Fault{}, changed
}

// nextItem gives the fault an item meets now, or nil, and counts the meeting.
func (s *script) nextItem(id string) *ItemFault {
	n := s.met[id]
	for i, f := range s.items[id] {
		times := max(f.Times, 1)
		if f.Times < 0 || n < times {
			s.met[id]++
			return &s.items[id][i]
		}
		n -= times
	}
	return nil
}

// chance gives a number in [0,1) that depends on the seed and the call only,
// so that a restarted server needs to remember no generator (SplitMix64).
func chance(seed uint64, n int) float64 {
	z := seed + uint64(n)*0x9e3779b97f4a7c15
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb
	return float64((z^(z>>31))>>11) / (1 << 53)
}
