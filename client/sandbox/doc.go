// Package sandbox is a small batch API with honest rules, kept in memory and
// served by one [net/http.Handler]. The demo runs it on loopback, and every
// test that needs a server scripts its faults here.
//
// It promises:
//   - items are validated for real, in a fixed order, so that an edit which
//     repairs an item makes it succeed and one that does not, does not;
//   - an item is stored and given back byte for byte as it was sent, without
//     its idempotency_key;
//   - every applied write is counted per item and per idempotency key (see
//     [Effects]), so that "sent twice" is a number on the server's side and
//     not the opinion of the client under test;
//   - faults are data ([Fault], [ItemFault]) and randomness comes from the
//     seed only: the same calls in the same order meet the same faults;
//   - no input makes it panic, and no body is read beyond a limit.
//
// The panic it does raise, [net/http.ErrAbortHandler], is the documented way
// to cut a connection; [Server.Transport] turns it into an error for tests
// that run without sockets.
//
// It may import the standard library and the JSON Schema package, and nothing
// else of this project: a client that is tested against it must not share
// code with it.
package sandbox
