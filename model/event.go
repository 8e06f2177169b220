package model

import "time"

// EventType says which of Event's parts is set.
type EventType string

// The event types. A journal is a list of them, and a session is nothing but
// the fold of that list over its batch.
const (
	EvOpen     EventType = "open"     // Open: what this run belongs to
	EvRead     EventType = "read"     // Read: the input was read to its end
	EvEdit     EventType = "edit"     // Edit: one item changed by hand
	EvRule     EventType = "rule"     // Edit: a fix over many items; one undo step
	EvDraft    EventType = "draft"    // Draft: typed into a form and not saved
	EvUndo     EventType = "undo"     // Ref: the event taken back
	EvRedo     EventType = "redo"     // Ref: the event done again
	EvLeave    EventType = "leave"    // Leave: set aside, or taken back in
	EvRefile   EventType = "refile"   // Refile: another category
	EvNote     EventType = "note"     // Note
	EvPlan     EventType = "plan"     // Plan: confirmed, the set of items is frozen
	EvKey      EventType = "key"      // Keys: idempotency keys, before the first send
	EvIntent   EventType = "intent"   // Intent: this request is about to be sent
	EvOutcome  EventType = "outcome"  // Outcome: what came of an intent
	EvVerify   EventType = "verify"   // Verify: what reading back has shown
	EvWait     EventType = "wait"     // Wait: the run holds, until then, because
	EvBreaker  EventType = "breaker"  // Wait: the breaker opened, probes or closed
	EvControl  EventType = "control"  // Control: pause, resume, cancel, rate
	EvToken    EventType = "token"    // the credential was read again (never which)
	EvTakeover EventType = "takeover" // another process carries on with this run
	EvEnd      EventType = "end"      // End: the plan is finished or given up
)

// Event is one line of the journal. Exactly one of the parts fits its type.
type Event struct {
	Seq     int64        `json:"seq"`
	At      time.Time    `json:"at"`
	Type    EventType    `json:"type"`
	Who     string       `json:"who,omitempty"`
	Open    *OpenEvent   `json:"open,omitempty"`
	Read    *ReadEvent   `json:"read,omitempty"`
	Edit    *EditEvent   `json:"edit,omitempty"`
	Draft   *DraftEvent  `json:"draft,omitempty"`
	Ref     int64        `json:"ref,omitempty"`
	Leave   *LeaveEvent  `json:"leave,omitempty"`
	Refile  *RefileEvent `json:"refile,omitempty"`
	Note    *NoteEvent   `json:"note,omitempty"`
	Plan    *Plan        `json:"plan,omitempty"`
	Keys    []ItemKeyed  `json:"keys,omitempty"`
	Intent  *Intent      `json:"intent,omitempty"`
	Outcome *Result      `json:"outcome,omitempty"`
	Verify  *VerifyEvent `json:"verify,omitempty"`
	Wait    *WaitEvent   `json:"wait,omitempty"`
	Control string       `json:"control,omitempty"` // "pause", "resume", "cancel", "rate 5"
	End     *EndEvent    `json:"end,omitempty"`
}

// OpenEvent is the first event: format, program, inputs and target.
type OpenEvent struct {
	Version int         `json:"ver"`
	Tool    string      `json:"tool"`
	Inputs  []InputFile `json:"inputs"`
	Origin  string      `json:"origin,omitempty"` // of the target, "" = none yet
	Profile string      `json:"profile,omitempty"`
	Dialect string      `json:"dialect"`
	// DialectFile is the file of a dialect that is the user's own: the run has to
	// be readable where that file is not. "" = it ships with the program.
	DialectFile string      `json:"dialect_file,omitempty"`
	Target      *Profile    `json:"target,omitempty"` // where it sends, at which pace; no credential
	Auth        *AuthSource `json:"auth,omitempty"`   // where the credential is to be had, never what it is
}

// AuthSource says how a target wants us to sign in and where the credential is
// kept. It never holds the credential.
type AuthSource struct {
	Kind    string   `json:"kind" toml:"kind"`                       // "none", "bearer", "basic" or "header"
	Header  string   `json:"header,omitempty" toml:"header"`         // for "header": its name
	File    string   `json:"token_file,omitempty" toml:"token_file"` // 0600, ours
	Command []string `json:"token_cmd,omitempty" toml:"token_cmd"`   // run without a shell
	Env     string   `json:"token_env,omitempty" toml:"token_env"`   // the variable's name
}

// InputFile is one input as it was when the run began.
type InputFile struct {
	Name   string `json:"name"`           // safe; as the operator named it
	File   string `json:"file"`           // its copy in the run folder
	Part   string `json:"part,omitempty"` // "request" for a request file, "" for a response
	Size   int64  `json:"size"`
	Head   string `json:"head"`   // sha256 of the first 128 KiB
	SHA256 string `json:"sha256"` // of all of it
}

// ReadEvent says that the whole input was read.
type ReadEvent struct {
	SHA256 string `json:"sha256"`
	Items  int    `json:"n"`
	Open   int    `json:"open"` // items that were not OK
}

// EditEvent changes one item or many.
type EditEvent struct {
	How   string     `json:"how"` // "form", "json", or the fix's name
	Items []ItemEdit `json:"items"`
}

// DraftEvent keeps what was typed into the form of an item that was closed
// without saving, in place of what was kept before. No fields: it was dropped. It
// changes nothing of the item, and saving an edit of the item ends it.
type DraftEvent struct {
	Item   int          `json:"i"`
	Fields []DraftField `json:"fields,omitempty"`
}

// DraftField is one field that was typed in.
type DraftField struct {
	Part    Part      `json:"part"`
	Pointer string    `json:"ptr"`
	Text    Untrusted `json:"text"` // as it stands in the form
	Drop    bool      `json:"drop,omitempty"`
}

// LeaveEvent sets items aside, or takes them back in.
type LeaveEvent struct {
	Items []int `json:"items"`
	Out   bool  `json:"out"`
}

// RefileEvent moves items to another category.
type RefileEvent struct {
	Items []int    `json:"items"`
	To    Category `json:"to"`
}

// NoteEvent is a remark on one item, or (Item < 0) on the run.
type NoteEvent struct {
	Item int    `json:"i"`
	Text string `json:"text"`
}

// ItemKeyed is the idempotency key of one item and payload.
type ItemKeyed struct {
	Index  int    `json:"i"`
	SHA256 string `json:"sha256"` // of the payload that the key is for
	Key    string `json:"key"`
}

// Plan is the frozen set of what a run sends.
type Plan struct {
	ID      string        `json:"id"`
	Items   []int         `json:"items"`
	Lookups []int         `json:"lookups,omitempty"` // of Items: to be looked up before anything is sent
	LeftOut []LeftOutPart `json:"left_out,omitempty"`
	// MayDouble are those of Items that may be done twice: somebody has decided so.
	MayDouble []int    `json:"may_double,omitempty"`
	Target    string   `json:"target"` // method and URL
	Settings  Settings `json:"settings"`
	Verify    bool     `json:"verify"` // read back when done
	// Handed are the requests that a person hands in, for a plan that the program
	// does not send itself.
	Handed []Handed `json:"handed,omitempty"`
}

// Handed is one request that was written for a person to hand in.
type Handed struct {
	Items  []int  `json:"items"`
	SHA256 string `json:"sha256"`
	Size   int    `json:"size"`
}

// HandedIn is the Target of a plan whose requests a person hands in: nobody but
// that person sends them.
const HandedIn = "a file"

// ByHand says whether a person hands the plan's requests in.
func (p Plan) ByHand() bool { return p.Target == HandedIn }

// LeftOutPart is a number of items that a plan leaves out, and why.
type LeftOutPart struct {
	Count int    `json:"n"`
	Why   string `json:"why"`
	Items []int  `json:"items,omitempty"`
}

// Intent is durable before the first byte of its request is sent.
type Intent struct {
	Attempt int64  `json:"att"`
	Plan    string `json:"plan"`
	Mode    Mode   `json:"mode"`
	Items   []int  `json:"items"`
	IDs     []ID   `json:"ids"`
	CallKey string `json:"call_key,omitempty"`
	SHA256  string `json:"body_sha256"`
	Size    int    `json:"size"`
	Probe   bool   `json:"probe,omitempty"` // the breaker's one try
}

// Result is what came of an intent.
type Result struct {
	Attempt int64        `json:"att"`
	Kind    ReplyKind    `json:"kind"`
	Status  int          `json:"http,omitempty"`
	Fault   Fault        `json:"fault,omitempty"`
	Why     string       `json:"why,omitempty"` // safe, at most SafeLong bytes
	Items   []ItemResult `json:"items"`
	Took    int64        `json:"ms"`
}

// Left says whether the request left this machine, or may have: one that was
// refused before there was a status never reached the server.
func (r Result) Left() bool { return r.Kind != Rejected || r.Status != 0 }

// ItemResult is what an outcome means for one item. State is decided by the
// runner when the outcome comes, so that replaying needs no policy.
type ItemResult struct {
	Index     int        `json:"i"`
	State     State      `json:"state"`
	Category  Category   `json:"cat,omitempty"`
	Rule      string     `json:"rule,omitempty"` // the rule that filed it
	Class     RetryClass `json:"class,omitempty"`
	Status    int        `json:"status,omitempty"`
	Code      Untrusted  `json:"code,omitzero"`
	Message   Untrusted  `json:"msg,omitzero"` // at most SafeLong bytes
	Field     Untrusted  `json:"field,omitzero"`
	Cause     ID         `json:"cause,omitzero"`
	ServerID  Untrusted  `json:"server_id,omitzero"`
	Location  Untrusted  `json:"location,omitzero"`
	ETag      Untrusted  `json:"etag,omitzero"`
	NotBefore *time.Time `json:"not_before,omitempty"`
	// Spent says whether the try counts: a 429 or an obeyed Retry-After costs nothing.
	Spent bool `json:"spent,omitempty"`
	// Partly says that some parts of the item were done and some were not.
	Partly bool `json:"partly,omitempty"`
	// Why is the runner's reason when State is not simply the server's word.
	Why string `json:"why,omitempty"`
}

// VerifyEvent is what reading back has shown, one entry per item read.
type VerifyEvent struct {
	Items []ItemVerdict `json:"items"`
}

// ItemVerdict is the comparison of what was sent with what is there.
type ItemVerdict struct {
	Index   int          `json:"i"`
	ID      ID           `json:"id,omitzero"`
	State   State        `json:"state"` // Confirmed, Differs, NotFound, Unreadable, Unverifiable, Unknown, or Queued when it is now sent again
	Status  int          `json:"http,omitempty"`
	Fields  []FieldDelta `json:"fields,omitempty"`
	Note    string       `json:"note,omitempty"`
	SentSHA string       `json:"sent_sha256,omitempty"`
	GotSHA  string       `json:"got_sha256,omitempty"`
	// Was is the item's state before the read.
	Was State `json:"was"`
}

// Expected says of an item that had failed, or was never sent, that it is not
// there: that is no news.
func (v ItemVerdict) Expected() bool {
	return v.State == NotFound && (v.Was == Failed || v.Was == Ready)
}

// FieldDelta is one field that is not as it was sent.
type FieldDelta struct {
	Pointer string    `json:"ptr"`
	Sent    Untrusted `json:"sent"`
	Got     Untrusted `json:"got"` // "" = absent
}

// WaitEvent says why and how long a run holds.
type WaitEvent struct {
	State string     `json:"state"` // "throttled", "open", "half_open", "closed", "settle", "parked"
	Until *time.Time `json:"until,omitempty"`
	Why   string     `json:"why"`
}

// EndEvent closes a plan.
type EndEvent struct {
	Plan string `json:"plan"`
	Why  string `json:"why"` // "done", "cancelled", "stopped: ...", "signal"
}
