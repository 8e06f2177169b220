// Package dialog holds what opens over a screen: a question, a choice, a field
// for a line of text. A dialog does nothing itself: the key that answers it
// becomes an Action for whoever asked.
//
// It may import tui/keys, tui/widget and themes.
package dialog
