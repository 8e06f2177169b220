package screen

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"retriage/tui/widget"
)

// Wide is the width from which the detail stands at the right of a list.
const Wide = 100

// header is the first line: where the reader is, and what can happen here.
func header(sc *Scene, left, right string) string {
	return widget.Sides(" "+left, right+" ", sc.Width)
}

// mode says on the right of a header whether this is production and whether
// anything can change.
func mode(sc *Scene) string {
	word := sc.Theme.Faint.Render("can edit")
	switch {
	case sc.Reading:
		word = sc.Theme.Wait.Render("reading")
	case sc.ReadOnly != "":
		word = sc.Theme.Strong.Render("READ ONLY")
	}
	if sc.Profile.Prod {
		return sc.Theme.Prod.Render(" PROD ") + " " + word
	}
	return word
}

// crumbs names the input and the place in it.
func crumbs(sc *Scene, place string) string {
	const rest = 20 // PROD and what can be done here
	if place == "" {
		return sc.Theme.Strong.Render(widget.Clip(sc.Name, max(8, sc.Width-rest)))
	}
	name := sc.Theme.Strong.Render(widget.Clip(sc.Name, max(8, sc.Width/3)))
	return name + sc.Theme.Faint.Render(" ▸ "+place)
}

// sentence makes a reason a sentence: a capital first, a full stop last.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	r, n := utf8.DecodeRuneInString(s)
	s = string(unicode.ToUpper(r)) + s[n:]
	if !strings.HasSuffix(s, ".") {
		s += "."
	}
	return s
}
