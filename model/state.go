package model

import "slices"

// State is where one item stands. Every item of a batch has exactly one, so on
// every screen and in every report the counts add up to what was requested.
type State uint8

// The states. Their names (String) are the ids used in files, in JSON and in
// queries; Words is what a screen says.
const (
	// Ready may be sent as it is; it was not sent yet.
	Ready State = iota
	// Edited was changed here and not sent since.
	Edited
	// LeftOut was set aside by the operator.
	LeftOut
	// Queued belongs to a confirmed plan and waits for its turn.
	Queued
	// InFlight was sent; its answer has not come.
	InFlight
	// Waiting is between two tries: backoff, or the server's Retry-After.
	Waiting
	// Failed means that the server said no; its Failure has a category.
	Failed
	// Unanswered was requested, but the response does not mention it.
	Unanswered
	// Unknown was sent and got no trustworthy answer. It is looked up before
	// anything else is done with it.
	Unknown
	// OK means that the server said yes; it was not read back yet.
	OK
	// Confirmed was read back and is what was sent.
	Confirmed
	// Differs was read back and is not what was sent.
	Differs
	// NotFound was looked for and is not there.
	NotFound
	// Unreadable could not be read back.
	Unreadable
	// Unverifiable belongs to an API that offers no read.
	Unverifiable

	stateCount
)

var stateNames = [stateCount]string{
	"ready", "edited", "left_out", "queued", "in_flight", "waiting", "failed", "unanswered", "unknown",
	"ok", "confirmed", "differs", "not_found", "unreadable", "unverifiable",
}

// States lists every state in the order of an item's life.
func States() []State {
	all := make([]State, stateCount)
	for i := range all {
		all[i] = State(i)
	}
	return all
}

// String is the state's id, e.g. "not_found".
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return "invalid"
}

// Words is the state as a screen says it: the id with spaces.
func (s State) Words() string {
	w := []byte(s.String())
	for i, c := range w {
		if c == '_' {
			w[i] = ' '
		}
	}
	return string(w)
}

// ParseState finds a state by its id.
func ParseState(id string) (State, bool) {
	i := slices.Index(stateNames[:], id)
	return State(max(i, 0)), i >= 0
}

// MarshalText writes the id.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads an id; an id of a newer version is an error.
func (s *State) UnmarshalText(b []byte) error {
	got, ok := ParseState(string(b))
	if !ok {
		return &UnknownWordError{Kind: "state", Word: Foreign(string(b))}
	}
	*s = got
	return nil
}

// Done says whether nothing is left to do for an item in this state: the server
// said yes, and no reading back has contradicted it.
func (s State) Done() bool {
	return s == OK || s == Confirmed || s == Unverifiable
}

// Moving says whether a run holds the item right now.
func (s State) Moving() bool { return s == Queued || s == InFlight || s == Waiting }

// Glyph is the one-cell sign that stands before an item, and its ASCII form.
func (s State) Glyph(ascii bool) string {
	g := stateGlyphs[s%stateCount]
	if ascii {
		return g[1]
	}
	return g[0]
}

var stateGlyphs = [stateCount][2]string{
	Ready: {"·", "."}, Edited: {"*", "*"}, LeftOut: {"-", "-"}, Queued: {"○", "o"}, InFlight: {"▸", ">"},
	Waiting: {"…", "~"}, Failed: {"x", "x"}, Unanswered: {"∅", "0"}, Unknown: {"?", "?"}, OK: {"+", "+"},
	Confirmed: {"✓", "v"}, Differs: {"!", "!"}, NotFound: {"¬", "n"}, Unreadable: {"‽", "r"}, Unverifiable: {"~", "u"},
}

// UnknownWordError says that a file holds a word this version does not know.
type UnknownWordError struct {
	Kind string    // what the word should have been, e.g. "state"
	Word Untrusted // the word as found
}

func (e *UnknownWordError) Error() string {
	return "unknown " + e.Kind + " " + e.Word.Safe(SafeShort)
}
