// Package journal keeps what a run has done: an append-only file of events,
// and the folder that the file lives in.
//
// It promises that an event which Append has returned survives the end of the
// process and of the machine; that a file which was cut short by a crash gives
// back exactly its whole records; that a damaged file is noticed and never
// continued as if nothing had happened; and that one process at a time writes.
//
// A line of the file is the CRC-32C of a JSON value in eight hex digits, a
// space, the value (a [model.Event]) and a line feed, all in ASCII, so that an
// auditor reads it with grep and jq. The numbers of the events (Seq) rise by
// one from 1.
//
// It may import model and triage, and nothing else of ours. It never looks up
// where state is kept: the folder is given.
package journal
