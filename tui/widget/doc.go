// Package widget turns data into lines of text: bars, JSON, XML, differences,
// sparklines, columns, numbers and times in words, and the arithmetic of a list
// that shows a window of its rows.
//
// It promises pure functions. A line never exceeds the width it was asked for,
// counted in terminal cells, and one that promises a width has exactly that.
// Foreign text is made safe before it is measured. It may import Lip Gloss,
// x/ansi, model, triage and themes; it knows no clock and no screen.
package widget
