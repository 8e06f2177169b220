// Package retry is the policy of a run as pure functions and small values: when
// an item is sent again (Next), how many retries a server is given (Budget), how
// fast requests follow each other (Pace), when a failing server is left alone
// (Breaker), when a canary step stops the run (Judge), and how a refused chunk
// is taken apart (Bisect).
//
// It promises that the same state always gives the same decision, that no wait
// is ever shorter than what the server asked for, and that none overflows. Time
// and chance come in as parameters: there is no clock, no goroutine and no
// randomness here, and its values must be guarded by their owner.
//
// It may import model, and nothing else of ours.
package retry
