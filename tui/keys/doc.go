// Package keys is the one table of keys. It gives dispatch, the hints in the
// footer, the help screen and `retriage keys`, so none of them can disagree.
//
// It promises that a key has one owner in a scope, that an action has a key, and
// that a key which is off says why. It is data and lookup only: it imports
// nothing of ours and nothing of the terminal's.
package keys
