// Package screen holds the screens of the terminal face, each a small set of
// files: state (Do, Apply, Refresh), a pure view, and its rows of the key table.
//
// It promises that no screen touches a disk, a network or a clock: what a screen
// wants done it returns as an Effect, what it knows of the world comes in as a
// Scene. Text from outside is shown by Safe only.
//
// It may import tui/keys, tui/dialog, tui/widget, triage, triage/run,
// triage/report, model and themes, Bubble Tea for the type of a key, and huh for
// the fields of the item editor.
package screen
