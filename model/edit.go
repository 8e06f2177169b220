package model

// Part is the part of a payload that a change is about.
type Part string

// The parts.
const (
	Body   Part = "body"
	URL    Part = "url"
	Method Part = "method"
	Header Part = "header"
)

// Change is one node of a payload before and after. In a body, Pointer is a
// JSON Pointer (RFC 6901) and Old and New are raw JSON values ("" = absent); in
// a header, Pointer is its name and the values are plain text.
type Change struct {
	Part    Part      `json:"part"`
	Pointer string    `json:"ptr,omitempty"`
	Old     Untrusted `json:"old"`
	New     Untrusted `json:"new"`
}

// ItemEdit is what an edit does to one item.
type ItemEdit struct {
	Index   int      `json:"i"`
	Changes []Change `json:"changes"`
}
