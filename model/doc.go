// Package model holds the words that every other room of retriage speaks: an
// item and its state, a failure and its category, a batch, an edit, a plan, an
// event. It promises that they are plain values without a clock, a disk or a
// network behind them, and that text which came from a server or a file cannot
// reach a screen unescaped (see Untrusted) and that a secret cannot be printed
// (see Secret).
//
// It may import the standard library and gjson, and nothing of ours.
package model
