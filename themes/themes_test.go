package themes

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
)

type rgb [3]float64

// linear gives the linear-light channels of an sRGB colour (IEC 61966-2-1).
func linear(t *testing.T, hex string) rgb {
	t.Helper()
	n, err := strconv.ParseUint(strings.TrimPrefix(hex, "#"), 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	var out rgb
	for i := range out {
		v := float64(n>>(16-8*i)&0xff) / 255
		if out[i] = v / 12.92; v > 0.04045 {
			out[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	return out
}

func luminance(c rgb) float64 { return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2] }

// contrast is the contrast ratio of WCAG 2.1.
func contrast(a, b rgb) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// sights are the matrices of Machado, Oliveira and Fernandes (2009) for full
// severity, on linear light.
var sights = map[string][3]rgb{
	"normal": {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"protan": {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
	"deutan": {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
	"tritan": {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
}

func times(m [3]rgb, c rgb) rgb {
	var out rgb
	for i, row := range m {
		out[i] = row[0]*c[0] + row[1]*c[1] + row[2]*c[2]
	}
	return out
}

// lab gives CIE L*a*b* under D65.
func lab(c rgb) rgb {
	for i := range c {
		c[i] = min(1, max(0, c[i]))
	}
	x := times([3]rgb{{0.4124564, 0.3575761, 0.1804375}, {0.2126729, 0.7151522, 0.0721750}, {0.0193339, 0.1191920, 0.9503041}}, c)
	white := rgb{0.95047, 1, 1.08883}
	for i := range x {
		v := x[i] / white[i]
		if x[i] = (24389./27*v + 16) / 116; v > 216./24389 {
			x[i] = math.Cbrt(v)
		}
	}
	return rgb{116*x[1] - 16, 500 * (x[0] - x[1]), 200 * (x[1] - x[2])}
}

func distance(a, b rgb) float64 {
	return math.Sqrt((a[0]-b[0])*(a[0]-b[0]) + (a[1]-b[1])*(a[1]-b[1]) + (a[2]-b[2])*(a[2]-b[2]))
}

// backgrounds are common ones: plain, and those of well-known colour schemes.
var backgrounds = map[bool][]string{
	true:  {"#000000", "#1E1E1E", "#282A36", "#002B36"},
	false: {"#FFFFFF", "#FDF6E3", "#FBF1C7"},
}

func (p palette) inks() map[string]string {
	return map[string]string{"text": p.text, "faint": p.faint, "fail": p.fail, "wait": p.wait, "ok": p.ok}
}

func TestEveryInkIsReadable(t *testing.T) {
	for _, p := range palettes {
		inks := p.inks()
		inks["accent"], inks["strong"] = p.accent, p.strong
		for name, ink := range inks {
			for _, ground := range backgrounds[p.dark] {
				if c := contrast(linear(t, ink), linear(t, ground)); c < 4.5 {
					t.Errorf("%s %s on %s: contrast %.2f", p.name, name, ground, c)
				}
			}
			// Whole-line backgrounds are ours: what stands on them is large or lit.
			for _, ground := range []string{p.cursor, p.bad} {
				if c := contrast(linear(t, ink), linear(t, ground)); c < 4 {
					t.Errorf("%s %s on our %s: contrast %.2f", p.name, name, ground, c)
				}
			}
		}
		if c := contrast(linear(t, p.onProd), linear(t, p.prod)); c < 7 {
			t.Errorf("%s PROD: contrast %.2f", p.name, c)
		}
	}
}

func TestStatesStayApartInEverySight(t *testing.T) {
	for _, p := range palettes {
		inks := p.inks()
		for sight, m := range sights {
			for a, x := range inks {
				for b, y := range inks {
					if a >= b {
						continue
					}
					d := distance(lab(times(m, linear(t, x))), lab(times(m, linear(t, y))))
					least := 26.
					if p.boldFail && a == "fail" && b == "text" {
						least = 17 // told apart by weight too
					}
					if d < least {
						t.Errorf("%s, %s sight: %s and %s are %.1f apart", p.name, sight, a, b, d)
					}
				}
			}
		}
	}
}

func TestMonoHasNoColour(t *testing.T) {
	m := Mono()
	for i, s := range []lipgloss.Style{
		m.Text, m.Strong, m.Faint, m.Rule, m.Fail, m.Wait, m.OK, m.Unknown, m.Accent, m.Cursor, m.Chosen, m.Tab,
		m.TabOn, m.Prod, m.Key, m.Field, m.Bad, m.Added, m.Removed, m.BarEmpty,
	} {
		none := lipgloss.NoColor{}
		if s.GetForeground() != none || s.GetBackground() != none {
			t.Errorf("token %d has a colour", i)
		}
		if s.GetFaint() {
			t.Errorf("token %d is grey", i)
		}
	}
}

func TestByName(t *testing.T) {
	for _, name := range Names() {
		th, ok := ByName(name)
		if !ok || th.Name != name {
			t.Errorf("%s: %q %v", name, th.Name, ok)
		}
	}
	if _, ok := ByName("pink"); ok {
		t.Error("there is a theme that is not there")
	}
}

func TestChoose(t *testing.T) {
	rows := []struct {
		env      string
		terminal bool
		when     When
		want     colorprofile.Profile
	}{
		{"TERM=xterm-256color", true, Auto, colorprofile.ANSI256},
		{"TERM=xterm-256color COLORTERM=truecolor", true, Auto, colorprofile.TrueColor},
		{"TERM=vt100", true, Auto, colorprofile.ANSI},
		{"TERM=dumb", true, Auto, colorprofile.NoTTY},
		{"TERM=dumb", true, Never, colorprofile.NoTTY},
		{"TERM=xterm-256color", false, Auto, colorprofile.NoTTY},
		{"TERM=xterm-256color NO_COLOR=1", true, Auto, colorprofile.ASCII},
		{"TERM=xterm-256color NO_COLOR=yes", true, Auto, colorprofile.ASCII},
		{"TERM=xterm-256color NO_COLOR=0", true, Auto, colorprofile.ASCII},
		{"TERM=xterm-256color NO_COLOR=", true, Auto, colorprofile.ANSI256},
		{"TERM=xterm-256color NO_COLOR=x", false, Auto, colorprofile.NoTTY},
		{"TERM=xterm-256color NO_COLOR=x", true, Always, colorprofile.ANSI256},
		{"TERM=xterm-256color CLICOLOR=0", true, Auto, colorprofile.ASCII},
		{"TERM=xterm-256color CLICOLOR=1", true, Auto, colorprofile.ANSI256},
		{"TERM=xterm-256color CLICOLOR_FORCE=yes", false, Auto, colorprofile.ANSI256},
		{"TERM=dumb FORCE_COLOR=1", false, Auto, colorprofile.ANSI},
		{"TERM=xterm CLICOLOR_FORCE=0", false, Auto, colorprofile.NoTTY},
		{"TERM=xterm NO_COLOR=1 CLICOLOR_FORCE=1", true, Auto, colorprofile.ASCII},
		{"TERM=xterm-kitty", true, Never, colorprofile.ASCII},
	}
	for _, r := range rows {
		env := map[string]string{}
		for _, kv := range strings.Fields(r.env) {
			k, v, _ := strings.Cut(kv, "=")
			env[k] = v
		}
		name := fmt.Sprintf("%s terminal=%v %s", r.env, r.terminal, r.when)
		if got := Choose(func(k string) string { return env[k] }, r.terminal, r.when); got != r.want {
			t.Errorf("%s: %v, want %v", name, got, r.want)
		}
	}
}

func TestForFitsTheTerminal(t *testing.T) {
	for name, c := range map[string]struct {
		p    colorprofile.Profile
		dark bool
	}{"mono": {colorprofile.ASCII, true}, "basic": {colorprofile.ANSI, false}, "dark": {colorprofile.ANSI256, true}, "light": {colorprofile.TrueColor, false}} {
		if got := For(c.p, c.dark).Name; got != name {
			t.Errorf("%v dark=%v: %s, want %s", c.p, c.dark, got, name)
		}
	}
}

func TestLitKeepsTheGroundUnderEveryPiece(t *testing.T) {
	th := Dark()
	line := th.Lit(th.Cursor, th.Fail.Render("x")+" 00412 "+th.Strong.Render("price"))
	const ground = "\x1b[48;2;43;48;58m"
	if !strings.HasPrefix(line, ground) || strings.Count(line, ground) != 3 || !strings.HasSuffix(line, "\x1b[m") {
		t.Errorf("%q", line)
	}
}

func TestFit(t *testing.T) {
	for name, c := range map[string]struct {
		th   Theme
		p    colorprofile.Profile
		want string
	}{
		"true colour":  {Light(), colorprofile.TrueColor, "light"},
		"256 colours":  {Dark(), colorprofile.ANSI256, "dark"},
		"16 colours":   {Dark(), colorprofile.ANSI, "basic"},
		"no colour":    {Light(), colorprofile.ASCII, "mono"},
		"mono by name": {Mono(), colorprofile.TrueColor, "mono"},
	} {
		got := c.th.Plain().Fit(c.p)
		if got.Name != c.want || !got.ASCII {
			t.Errorf("%s: %s, ASCII %v", name, got.Name, got.ASCII)
		}
	}
	for _, p := range palettes[2:] {
		for name, ink := range p.inks() {
			if !xterm256(ink) {
				t.Errorf("%s %s %s is none of xterm's 256", p.name, name, ink)
			}
		}
	}
}

// xterm256 says whether a colour is one of the cube or of the greys.
func xterm256(hex string) bool {
	n, err := strconv.ParseUint(strings.TrimPrefix(hex, "#"), 16, 32)
	if err != nil {
		return false
	}
	steps := map[uint64]bool{0: true, 95: true, 135: true, 175: true, 215: true, 255: true}
	r, g, b := n>>16, n>>8&0xff, n&0xff
	grey := r == g && g == b && r >= 8 && (r-8)%10 == 0 && r <= 238
	return grey || steps[r] && steps[g] && steps[b]
}
