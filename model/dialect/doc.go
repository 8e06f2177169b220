// Package dialect knows how each API words a batch. It reads a response, and
// the request it answers, into a model.Batch while both stream by; it tells by
// the content which API it is; and it writes the inverse, a batch of only the
// items that are to be sent again.
//
// What differs from API to API is data: one TOML file each under apis/. What
// differs from medium to medium (JSON, XML) is code: see medium.
//
// It promises that every item of an input is accounted for (an answer that
// cannot be understood is unknown, never dropped), that an item which was not
// edited is written byte for byte as it was read, and that whatever was cut off
// or contradicts itself is told and never smoothed over.
//
// It may import model, and nothing else of ours; it knows no network and no
// disk: bytes come in by io.ReaderAt.
package dialect
