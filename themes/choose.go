package themes

import "github.com/charmbracelet/colorprofile"

// When is the operator's own word on colour (the flag --color).
type When string

// The words of the flag.
const (
	Auto   When = "auto"
	Always When = "always"
	Never  When = "never"
)

// asked are the variables that tell what a terminal can do. NO_COLOR and its
// kind are not among them: Choose reads those itself.
var asked = []string{"TERM", "COLORTERM", "WT_SESSION", "GOOGLE_CLOUD_SHELL"}

// Choose decides how many colours the program may use, from a lookup in the
// environment, whether the output is a terminal, and the operator's own word.
// It is a pure function.
//
// The order, first match: --color never; --color always; NO_COLOR with any
// non-empty value (https://no-color.org); CLICOLOR_FORCE or FORCE_COLOR that is
// neither empty nor "0"; CLICOLOR=0 (https://bixense.com/clicolors); no
// terminal or TERM=dumb; else what TERM and COLORTERM promise. colorprofile
// reads NO_COLOR as a Go bool and so keeps colour for "yes" and "0", which is
// why the answer is handed to the program instead of leaving it to detect.
func Choose(env func(string) string, terminal bool, when When) colorprofile.Profile {
	can := capability(env)
	switch {
	case when == Never:
		return plain(terminal, env)
	case when == Always:
		return max(can, colorprofile.ANSI)
	case env("NO_COLOR") != "":
		return plain(terminal, env)
	case set(env("CLICOLOR_FORCE")) || set(env("FORCE_COLOR")):
		return max(can, colorprofile.ANSI)
	case env("CLICOLOR") == "0":
		return plain(terminal, env)
	case !terminal:
		return colorprofile.NoTTY
	}
	return can
}

// plain is the profile without colour: a terminal keeps bold and reverse.
func plain(terminal bool, env func(string) string) colorprofile.Profile {
	if !terminal || Dumb(env) {
		return colorprofile.NoTTY
	}
	return colorprofile.ASCII
}

func set(v string) bool { return v != "" && v != "0" }

// Dumb says whether the terminal understands no escape sequences, so that no
// full-screen face may be started on it.
func Dumb(env func(string) string) bool { return env("TERM") == "dumb" }

func capability(env func(string) string) colorprofile.Profile {
	var list []string
	for _, name := range asked {
		if v := env(name); v != "" {
			list = append(list, name+"="+v)
		}
	}
	return colorprofile.Env(list)
}

// For gives the built-in theme that fits a profile and a background.
func For(p colorprofile.Profile, dark bool) Theme {
	if dark {
		return Dark().Fit(p)
	}
	return Light().Fit(p)
}
