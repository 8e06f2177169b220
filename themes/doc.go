// Package themes names the looks of the program's screens: about twenty tokens
// for what a piece of text means, and a few built-in tables that say how each
// is drawn. It holds the only colour literals of the program.
//
// It promises that every state colour of the built-in sets is readable on the
// common terminal backgrounds and that the states stay apart for colour-blind
// eyes (the tests measure both), and that no state is told by colour alone: the
// screens always add a sign or a word.
//
// It imports Lip Gloss and its colour profiles, and nothing of ours.
package themes
