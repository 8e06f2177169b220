package model

import "time"

// Settings are the limits and paces of a run. Defaults gives the one table of
// defaults; a profile or a flag changes single values.
type Settings struct {
	Tries       int           // sends of one item at most, the first included
	Base        time.Duration // first backoff after a transient fault
	Throttled   time.Duration // first backoff after a 429 or 503 that names no time
	Cap         time.Duration // longest backoff of ours
	MaxWait     time.Duration // longest Retry-After that is honoured; beyond it the item is parked
	Rate        float64       // requests per second, burst 1
	Concurrency int           // requests in flight at most
	Chunk       int           // items per request at most; the dialect may lower it
	SingleGap   time.Duration // pause between requests of the single-item fallback
	Timeout     time.Duration // one request, from dial to the last byte
	Settle      time.Duration // age of an unknown's send before it is looked up
	Steps       []int         // canary steps; the last one takes the rest
	StopAt      float64       // share of a step's items that may end failed before the run stops
	StopMin     int           // a step smaller than this stops the run only if all of it failed
	BreakerRate float64       // failure rate at which the breaker opens
	BreakerSize int           // outcomes it looks at, and needs before it may open
	BreakerOpen time.Duration // how long it stays open before one probe
	ReadRate    float64       // reads per second of a verification
	Readers     int           // reads in flight at most
	VerifyFor   time.Duration // a verification that would take longer reads a sample
	AlertUnder  float64       // success rate under which a run raises an alert
}

// Defaults is the one table of defaults.
func Defaults() Settings {
	return Settings{
		Tries: 5, Base: 500 * time.Millisecond, Throttled: time.Second, Cap: 30 * time.Second,
		MaxWait: 5 * time.Minute, Rate: 10, Concurrency: 4, Chunk: 100, SingleGap: 100 * time.Millisecond,
		Timeout: 30 * time.Second, Settle: 60 * time.Second,
		Steps: []int{1, 5, 20}, StopAt: 0.2, StopMin: 5,
		BreakerRate: 0.5, BreakerSize: 10, BreakerOpen: 30 * time.Second,
		ReadRate: 20, Readers: 4, VerifyFor: 2 * time.Minute, AlertUnder: 0.9,
	}
}

// KeyScope says what an API's idempotency key covers.
type KeyScope string

// The key scopes.
const (
	NoKey   KeyScope = "none"
	ItemKey KeyScope = "item" // one key in each item
	CallKey KeyScope = "call" // one key header for the whole request
)

// Profile is the target of a run, as data: where, in which dialect, at which
// pace. Credentials are not part of it (see package client).
type Profile struct {
	Name      string
	BaseURL   string // scheme, host and path prefix; "" = no target
	BatchPath string // appended to BaseURL; POST
	ItemPath  string // where one item alone is POSTed, "" = no individual endpoint
	ItemURL   string // template that an item is read from, "" = the API offers no read
	Dialect   string
	Prod      bool   // a wrong send hurts: the count is asked for
	User      string // who we are there, for the plan, "" = not known
	KeyScope  KeyScope
	KeyField  string   // the item's field that carries its key
	KeyHeader string   // the call's header that carries its key
	Ignore    []string // JSON Pointers that a read may differ in
	MaxItems  int      // items per batch, 0 = no limit known
	MaxBytes  int      // bytes per batch, 0 = no limit known
	Decided   []int    // statuses of a whole batch that are given before any item is applied
	Settings  Settings
}
