package model

import (
	"net/url"
	"strings"
	"time"
)

// Mode says how items travel.
type Mode string

// The modes.
const (
	InBatch Mode = "batch"  // several items in one call of the batch endpoint
	Alone   Mode = "single" // one item by the individual endpoint
)

// SendItem is one item as it is to be sent now: edits are in, the key is set.
type SendItem struct {
	Index   int
	ID      ID
	Payload Payload
	Edited  bool   // the payload is not the original's any more
	Key     string // idempotency key, "" = none
	Made    []Made // what the items have become that the payload speaks of
}

// Made is what the server said of an item that it has made: its id there and its
// address, either of which may be empty.
type Made struct {
	ID       ID // in the batch
	ServerID Untrusted
	Location Untrusted
}

// Chunk is what goes into one request.
type Chunk struct {
	Mode  Mode
	Items []SendItem
}

// Request is one prepared request: exact bytes, nothing sent yet. One journaled
// intent is one Request on the wire, once.
type Request struct {
	Mode    Mode
	Method  string
	URL     string
	Header  map[string]string
	Body    []byte
	SHA256  string // of Body, lower-case hex
	CallKey string // "" = the API takes none
	Items   []SendItem
}

// ReplyKind is what a reply lets us conclude about the whole request.
type ReplyKind string

// The kinds. There is no other: whatever cannot be shown to be one of the first
// two is AnswerUnknown.
const (
	Answered      ReplyKind = "answered" // every outcome in Reply.Outcomes is trustworthy
	Rejected      ReplyKind = "rejected" // refused whole, and surely nothing was applied
	AnswerUnknown ReplyKind = "unknown"  // it may have been applied
)

// Reply is what came back for one Request.
type Reply struct {
	Kind       ReplyKind
	Status     int // HTTP status, 0 = none came
	Outcomes   []Outcome
	Extra      []ID          // answered, but not asked for in this request
	RetryAfter time.Duration // of the whole reply, already made relative; negative = none
	Limit      float64       // requests per second that the server's headers allow, 0 = not said
	Why        Untrusted     // one line: what was wrong, or "" when answered
	Fault      Fault         // for the breaker and for what to tell the operator
	Took       time.Duration
}

// Fault is what kind of trouble a whole reply was.
type Fault string

// The faults of a whole reply.
const (
	NoFault      Fault = ""
	Unreachable  Fault = "unreachable"  // no connection: not sent
	BadTLS       Fault = "tls"          // certificate refused: not sent, never retried
	LostReply    Fault = "lost_reply"   // sent, and no whole reply
	TimedOut     Fault = "timeout"      // sent, and no reply in time
	Throttled    Fault = "throttled"    // 429
	Unavailable  Fault = "unavailable"  // 503 and its kind
	ServerError  Fault = "server_error" // other 5xx
	SignIn       Fault = "sign_in"      // 401
	TooBig       Fault = "too_big"      // 413
	BadBatch     Fault = "bad_batch"    // 400, 422: the batch as a whole
	Refused      Fault = "refused"      // other 4xx: no retry can help
	Redirected   Fault = "redirected"   // 3xx on a write: never followed
	NotABatch    Fault = "not_a_batch"  // 2xx whose body is no answer to a batch
	Interrupted  Fault = "interrupted"  // the run was stopped while it was in flight
	KilledBefore Fault = "killed"       // the process ended while it was in flight
)

// Outcome is the answer to one item of a request.
type Outcome struct {
	Index  int
	Answer Answer
}

// Probe asks for one item to be read back.
type Probe struct {
	Item   Item
	Answer Answer // the newest answer: its location and id may be part of the URL
	Sent   Payload
	Made   []Made // what the items have become that it speaks of
}

// Reading is what a read of the server said.
type Reading struct {
	Status int // HTTP status, 0 = none came
	Body   []byte
	ETag   Untrusted
	Why    Untrusted // when it could not be read: one line
	Fault  Fault
	// RetryAfter is what a throttled read asked to wait; negative = nothing said.
	RetryAfter time.Duration
	// NoRead says that the profile offers no way to read this item.
	NoRead bool
}

// Origin is the scheme, host and port of a URL, in lower case: what a run
// belongs to and what a credential is pinned to. An unusable URL gives "".
func Origin(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return ""
	}
	return strings.ToLower(u.Scheme + "://" + u.Host)
}
