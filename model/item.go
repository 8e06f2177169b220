package model

import (
	"encoding/json"
	"strings"
	"time"
)

// ID names an item. It remembers whether the API wrote it as a JSON string or
// as a number: 1 is not "1". The zero ID means that the API gave none.
type ID struct {
	text   string
	number bool
}

// TextID is an id that is a string.
func TextID(s string) ID { return ID{text: s} }

// NumberID is an id that is a JSON number, with its digits as they were written.
func NumberID(digits string) ID { return ID{text: digits, number: true} }

// IsZero says whether there is no id.
func (id ID) IsZero() bool { return id == ID{} }

// IsNumber says whether the API writes the id as a JSON number.
func (id ID) IsNumber() bool { return id.number }

// Safe gives the id for a screen, a log or a report.
func (id ID) Safe() string { return Foreign(id.text).Safe(SafeShort) }

// String is Safe.
func (id ID) String() string { return id.Safe() }

// Wire gives the exact text of the id, for matching and for building URLs.
func (id ID) Wire() string { return id.text }

// JSON gives the id as a JSON value of the type it came in.
func (id ID) JSON() []byte {
	if id.number {
		return []byte(id.text)
	}
	b, err := json.Marshal(id.text)
	if err != nil {
		return []byte(`""`)
	}
	return b
}

// MarshalJSON writes the id in ASCII, with its type.
func (id ID) MarshalJSON() ([]byte, error) {
	if id.number {
		return []byte(id.text), nil
	}
	return Foreign(id.text).MarshalJSON()
}

// UnmarshalJSON reads an id with its type.
func (id *ID) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] != '"' {
		*id = NumberID(string(b))
		return nil
	}
	var s string
	err := json.Unmarshal(b, &s)
	*id = TextID(s)
	return err
}

// Medium is how the body of a payload is written.
type Medium uint8

// The media that a body can have.
const (
	JSON Medium = iota
	XML
	CSV // a header, a line end, and one record
)

// Payload is the request of one item, as far as an operator may change it. Body
// holds the exact bytes; nil means that the request is not known (a response
// alone was opened) or has no body.
type Payload struct {
	Method  string            // "" = the batch's own
	URL     Untrusted         // "" = the batch's own
	Headers map[string]string // names as written
	Body    []byte
	Medium  Medium
	// Envelope is the item's whole element as it stood in the request, which
	// the body is a part of, or nil. Writers copy it when nothing was edited.
	Envelope []byte
	// List is the name that the item's list has in a request that holds several,
	// e.g. a table's; "" = there is one list.
	List string
	// Known says whether the request was found at all.
	Known bool
	// Repeats says that the request holds parts that the server has done already,
	// and that it would do them again.
	Repeats bool
}

// Harmless says whether the request changes nothing, however often it is sent
// (RFC 9110, section 9.2.1).
func (p Payload) Harmless() bool {
	return strings.EqualFold(p.Method, "GET") || strings.EqualFold(p.Method, "HEAD")
}

// Failure is the server's no to one item.
type Failure struct {
	Status     int           // HTTP or HTTP-like status of the item, 0 = none
	Code       Untrusted     // the API's own word, "" = none
	Message    Untrusted     // the headline, as the server wrote it
	Field      Untrusted     // JSON Pointer into the body (RFC 6901), "" = not said
	RetryAfter time.Duration // what the item asked to wait, negative = nothing said
	Reason     Reason        // why the item counts as failed when it is not its own fault
	Cause      ID            // the item whose failure caused this one, or zero
	RequestID  Untrusted     // the vendor's id for its own logs
	Class      *RetryClass   // the dialect's word on retrying, nil = by category
	Blames     Category      // where it goes if no rule knows better: by whom the API blames; None = nobody
	// Group names the items that the server applies all together or not at all,
	// and that therefore travel together; "" = the item goes alone.
	Group string
	// Refs are the items whose result the URL or the body of this one's request
	// speaks of, which the server resolves within one batch only. RefItems are
	// their places in the batch, one for each of Refs, -1 = it is not there.
	Refs     []ID
	RefItems []int
	// Needs are the items that its request wants to have worked before it, and
	// NeedItems their places, as with Refs. A group is named once for each of its
	// items.
	Needs     []ID
	NeedItems []int
}

// Reason tells collateral from an item's own failure.
type Reason string

// The reasons.
const (
	OwnFault     Reason = ""
	NotAttempted Reason = "not_attempted"
	RolledBack   Reason = "rolled_back"
	NotAnswered  Reason = "unanswered"
)

// Answer is what the server said about one item.
type Answer struct {
	ID       ID
	State    State    // OK, Failed, Unanswered, Unknown or Ready (a request alone)
	Failure  *Failure // set when State is Failed, Unanswered or Unknown
	Status   int      // the item's status, 0 = none
	Location Untrusted
	ETag     Untrusted
	ServerID Untrusted // the id the server gave to what it made
	Note     Untrusted // a warning that came with a yes
	// Partly says of an item that is a batch of its own that some of its parts
	// were done and some were not.
	Partly bool
}

// Item is one item in full, read back from its source.
type Item struct {
	Index   int
	ID      ID
	Answer  Answer
	Payload Payload
	Raw     []byte // the item's bytes in the response, nil = none
	Refs    []ID   // the items whose result its request speaks of
}
