package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// DefaultToken is the bearer token a Server accepts when Options.Token is empty.
const DefaultToken = "sandbox-token"

// Limits a Server has when Options leave them at zero.
const (
	DefaultMaxItems     = 1000
	DefaultMaxBody      = 8 << 20
	DefaultMaxItemBytes = 16 << 10
)

// Options say how a Server behaves. The zero value is a healthy server that
// accepts DefaultToken, grants every resource and has no rate limit.
// Options are read by New and never written.
type Options struct {
	Token     string   // the accepted bearer token; "" is DefaultToken
	User      string   // who the token belongs to; "" is "operator"
	Resources []string // what the token may write to; nil is every resource, empty is none

	MaxItems     int   // items in one batch; 0 is DefaultMaxItems
	MaxBody      int64 // bytes in one request body; 0 is DefaultMaxBody
	MaxItemBytes int   // bytes in one item; 0 is DefaultMaxItemBytes

	ItemRate  float64 // items a second, refilling a bucket of ItemBurst; 0 is unlimited
	ItemBurst int     // items that pass at once; 0 is one
	CallRate  float64 // calls that write, a second; 0 is unlimited
	CallBurst int     // calls that pass at once; 0 is one

	Latency    time.Duration // what every call takes before it is processed
	Faults     []Fault       // what happens to calls
	ItemFaults []ItemFault   // what happens to items
	LossRate   float64       // share of writing calls that land and lose their reply, 0 to 1
	Seed       uint64        // decides which calls LossRate hits

	Careless bool              // ignore every idempotency key and apply a repeated create again
	Stored   []json.RawMessage // items that exist from the start, with the idempotency keys they were sent under; no effects

	StateFile string           // append-only file the server comes back from; "" keeps nothing
	Now       func() time.Time // the clock of buckets, Retry-After and the call log; nil is time.Now
}

// normalised gives the options with every default filled in, or the first
// thing that is wrong with them.
func (o Options) normalised() (Options, error) {
	if err := o.check(); err != nil {
		return o, fmt.Errorf("read sandbox options: %w", err)
	}
	o.Token = orString(o.Token, DefaultToken)
	o.User = orString(o.User, "operator")
	if o.MaxItems == 0 {
		o.MaxItems = DefaultMaxItems
	}
	if o.MaxBody == 0 {
		o.MaxBody = DefaultMaxBody
	}
	if o.MaxItemBytes == 0 {
		o.MaxItemBytes = DefaultMaxItemBytes
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o, nil
}

// check gives the first thing that is wrong with the options.
func (o Options) check() error {
	if min(int64(o.MaxItems), o.MaxBody, int64(o.MaxItemBytes), int64(o.ItemBurst), int64(o.CallBurst)) < 0 {
		return errors.New("a limit is negative")
	}
	if !(o.ItemRate >= 0 && o.CallRate >= 0 && o.Latency >= 0) { // written so that NaN is refused
		return errors.New("a rate or the latency is negative")
	}
	if !(o.LossRate >= 0 && o.LossRate <= 1) {
		return fmt.Errorf("the loss rate %v is not between 0 and 1", o.LossRate)
	}
	for i, f := range o.Faults {
		if err := f.check(); err != nil {
			return fmt.Errorf("fault %d: %w", i+1, err)
		}
	}
	for i, f := range o.ItemFaults {
		if err := f.check(); err != nil {
			return fmt.Errorf("item fault %d: %w", i+1, err)
		}
	}
	return nil
}

func orString(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}
