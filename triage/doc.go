// Package triage decides. It holds a Session, which is the fold of a journal's
// events over a batch, and the pure functions that sort, group, fix, plan and
// compare. It promises that the same batch and the same events always give the
// same session, and that in every session the states of the items add up to the
// number requested.
//
// It has no clock, no disk, no network and no randomness: times and fresh keys
// come in as data. It may import model, and libraries that work on values; it
// may not import net/http or any face.
package triage
