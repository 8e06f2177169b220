// Package run carries a plan out. It holds the Desk, which owns a session and
// its journal, and the Runner, whose goroutines are the only ones in the program
// that send. It promises that an intent is on disk before its request leaves,
// that one intent is one request on the wire, that an item whose reply was lost
// is looked up before it is sent again, and that pulling a Snapshot never waits
// for a network or a disk.
//
// It may import model, triage, triage/retry and triage/journal. It may not
// import net/http or any face: Sender and Prober are declared here and
// implemented by package client.
package run
