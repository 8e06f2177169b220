package themes

import (
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
)

// palette is a colour set. The four state colours and the text keep a contrast
// of at least 4.5 on the common backgrounds and a distance (CIE76) of at least
// 26 from one another in normal, protan, deutan and tritan sight.
type palette struct {
	name                             string
	dark                             bool
	text, strong, faint, rule, empty string
	fail, wait, ok                   string
	accent                           string
	cursor, bad                      string // backgrounds of whole lines
	prod, onProd                     string
	boldFail                         bool // fail is close to text, so it is bold too
}

var palettes = []palette{
	{
		name: "dark", dark: true,
		text: "#D8D8D8", strong: "#FFFFFF", faint: "#939092", rule: "#3A3D44", empty: "#2B3036",
		fail: "#EA6C4A", wait: "#EFBE1D", ok: "#1D9DDB", accent: "#C8A2F0",
		cursor: "#2B303A", bad: "#3B211B", prod: "#D8D8D8", onProd: "#16171A",
	},
	{
		name: "light",
		text: "#262626", strong: "#000000", faint: "#69686C", rule: "#C4C6CA", empty: "#D9DCE1",
		fail: "#671F02", wait: "#8C6605", ok: "#2564C6", accent: "#7A3FB5",
		cursor: "#E4E8F0", bad: "#F6DDD3", prod: "#262626", onProd: "#FFFFFF",
	},
	// The same for terminals of 256 colours (most SSH and tmux sessions): every
	// value is exactly one of xterm's 256, since the nearest one is often not near.
	{
		name: "dark", dark: true,
		text: "#E4E4E4", strong: "#FFFFFF", faint: "#949494", rule: "#444444", empty: "#262626",
		fail: "#FF875F", wait: "#D7AF00", ok: "#00AFFF", accent: "#D7AFFF",
		cursor: "#303030", bad: "#5F0000", prod: "#E4E4E4", onProd: "#121212",
	},
	{
		name: "light", boldFail: true,
		text: "#262626", strong: "#000000", faint: "#626262", rule: "#C6C6C6", empty: "#DADADA",
		fail: "#5F0000", wait: "#875F00", ok: "#005FD7", accent: "#8700AF",
		cursor: "#EEEEEE", bad: "#FFD7D7", prod: "#262626", onProd: "#FFFFFF",
	},
}

func (p palette) theme() Theme {
	fg := func(hex string) lipgloss.Style { return lipgloss.NewStyle().Foreground(lipgloss.Color(hex)) }
	bg := func(s lipgloss.Style, hex string) lipgloss.Style { return s.Background(lipgloss.Color(hex)) }
	return Theme{
		Name: p.name, Dark: p.dark,
		Text: fg(p.text), Strong: fg(p.strong).Bold(true), Faint: fg(p.faint), Rule: fg(p.rule),
		Fail: fg(p.fail).Bold(p.boldFail), Wait: fg(p.wait), OK: fg(p.ok), Unknown: fg(p.fail).Bold(true),
		Accent: fg(p.accent), Cursor: bg(lipgloss.NewStyle(), p.cursor), Chosen: fg(p.accent),
		Tab: fg(p.faint), TabOn: bg(fg(p.accent), p.cursor).Bold(true),
		Prod: bg(fg(p.onProd), p.prod).Bold(true), Key: fg(p.strong).Bold(true), Field: fg(p.ok),
		Bad: bg(fg(p.fail), p.bad), Added: fg(p.ok), Removed: fg(p.fail), BarEmpty: fg(p.empty),
	}
}

// Dark is the colour-blind-safe set for dark backgrounds.
func Dark() Theme { return palettes[0].theme() }

// Light is the colour-blind-safe set for light backgrounds.
func Light() Theme { return palettes[1].theme() }

// Fit gives the theme as a terminal with that profile can draw it: another set
// for 256 colours, Basic for 16, Mono for none. A theme that needs no colour
// stays as it is.
func (t Theme) Fit(p colorprofile.Profile) Theme {
	fitted := t
	switch {
	case t.Mono:
	case p <= colorprofile.ASCII:
		fitted = Mono()
	case p == colorprofile.ANSI:
		fitted = Basic()
	case p == colorprofile.ANSI256 && t.Name == "dark":
		fitted = palettes[2].theme()
	case p == colorprofile.ANSI256 && t.Name == "light":
		fitted = palettes[3].theme()
	}
	fitted.ASCII = t.ASCII
	return fitted
}

// Basic is for terminals of 16 colours whose background nobody knows: the text
// is the terminal's own, and blue is not used, since it is close to unreadable
// on black in many of them.
func Basic() Theme {
	plain, bold := lipgloss.NewStyle(), lipgloss.NewStyle().Bold(true)
	red, yellow, cyan, magenta := lipgloss.Color("1"), lipgloss.Color("3"), lipgloss.Color("6"), lipgloss.Color("5")
	reverse := plain.Reverse(true)
	return Theme{
		Name: "basic", Dark: true,
		Text: plain, Strong: bold, Faint: plain, Rule: plain,
		Fail: bold.Foreground(red), Wait: bold.Foreground(yellow), OK: plain.Foreground(cyan),
		Unknown: bold.Foreground(red).Underline(true),
		Accent:  plain.Foreground(magenta), Cursor: reverse, Chosen: bold.Foreground(magenta),
		Tab: plain, TabOn: reverse.Bold(true), Prod: reverse.Bold(true), Key: bold, Field: plain.Foreground(cyan),
		Bad: bold.Foreground(red), Added: plain.Foreground(cyan), Removed: bold.Foreground(red), BarEmpty: plain,
	}
}

// Mono uses no colour: bold, underline and reverse only, and no greys.
func Mono() Theme {
	plain, bold := lipgloss.NewStyle(), lipgloss.NewStyle().Bold(true)
	reverse := plain.Reverse(true)
	return Theme{
		Name: "mono", Dark: true, Mono: true,
		Text: plain, Strong: bold, Faint: plain, Rule: plain,
		Fail: bold, Wait: plain, OK: plain, Unknown: bold.Underline(true),
		Accent: bold, Cursor: reverse, Chosen: bold,
		Tab: plain, TabOn: reverse.Bold(true), Prod: reverse.Bold(true), Key: bold, Field: plain,
		Bad: bold.Underline(true), Added: plain, Removed: plain, BarEmpty: plain,
	}
}

var builtins = []struct {
	name string
	make func() Theme
}{{"dark", Dark}, {"light", Light}, {"basic", Basic}, {"mono", Mono}}

// Names lists the built-in themes.
func Names() []string {
	names := make([]string, len(builtins))
	for i, b := range builtins {
		names[i] = b.name
	}
	return names
}

// ByName gives a built-in theme; ok is false when there is none of that name.
func ByName(name string) (th Theme, ok bool) {
	for _, b := range builtins {
		if b.name == name {
			return b.make(), true
		}
	}
	return Theme{}, false
}
