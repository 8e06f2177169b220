// Package tui is the terminal face: it routes messages, turns the effects of
// the screens into commands, and puts the frame together.
//
// It promises one road for a key (paste guard, dialog, text field, screen,
// global; one table says who owns it and whether it is on), that nothing waits
// in Update or View, that a stale answer is dropped, and that keys typed while a
// change is being written to disk act on what that change has left. It sends
// nothing: the Runner does, and without one there is nothing to send with.
//
// It may import its own packages, triage, triage/run, model and themes, and
// Bubble Tea. It may not import net/http, the client, or a clock.
package tui
