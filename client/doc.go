// Package client speaks HTTP for retriage: it prepares a request from a chunk
// of items, sends it once, and says what its reply lets us conclude; it reads
// items back, and it opens a result by its URL.
//
// It promises that
//   - one Send is at most one request on the wire: nothing below it tries again
//     and no redirect of a write is followed;
//   - a reply is Rejected only when surely nothing was applied, Answered only
//     when the dialect could read it whole, and AnswerUnknown otherwise;
//   - the credential goes to the profile's scheme, host and port alone, and
//     appears in no error, log, URL or printed value.
//
// It may import the standard library, uuid, model and model/dialect. It meets
// the interfaces of the runner by their methods, without knowing the runner.
package client
