package widget

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"retriage/model"
	"retriage/themes"
	"retriage/triage"
)

// awkward are texts that break columns in many programs.
var awkward = []string{
	"", "plain", "名前が長い商品", "👩‍🚀 and 👨‍👩‍👧‍👦", "z̴̡̧̢̛̗̘̙̜a̴l̴g̴o", "⚠️ 1️⃣", "\x1b[2J\x1b]0;owned\x07x", "a\tb\nc\r\x00",
	"\u202eabc\u2066", "cut\xe5\x90", "日本\x1b[31m語", strings.Repeat("長", 200), strings.Repeat("x", 500), "ab\u200bc\ufeff",
}

func allThemes() []themes.Theme {
	return []themes.Theme{themes.Dark(), themes.Light(), themes.Basic(), themes.Mono(), themes.Dark().Plain(), themes.Mono().Plain()}
}

// step makes one theme be looked at in every width, and the others in some: a
// style has no width.
func step(theme int) int {
	if theme == 0 {
		return 1
	}
	return 9
}

// exact fails when a line is not exactly width cells, or can move the cursor.
func exact(t *testing.T, what, line string, width int) {
	t.Helper()
	if w := Width(line); w != width {
		t.Fatalf("%s at width %d: %d cells: %q", what, width, w, line)
	}
	harmless(t, what, line)
}

// atMost is exact for lines that may be shorter.
func atMost(t *testing.T, what, line string, width int) {
	t.Helper()
	if w := Width(line); w > width {
		t.Fatalf("%s at width %d: %d cells: %q", what, width, w, line)
	}
	harmless(t, what, line)
}

func harmless(t *testing.T, what, line string) {
	t.Helper()
	bare := ansi.Strip(line)
	for _, r := range bare {
		if r < 0x20 || r == 0x7f || r >= 0x80 && r < 0xa0 || r == 0xfffd {
			t.Fatalf("%s: control or broken character %U in %q", what, r, line)
		}
	}
	for _, seq := range strings.Split(line, "\x1b")[1:] {
		if end := strings.IndexByte(seq, 'm'); end < 0 || strings.Trim(seq[:end], "[0123456789;:") != "" {
			t.Fatalf("%s: escape sequence that is no style: %q", what, seq)
		}
	}
}

func TestEveryLineHasItsWidth(t *testing.T) {
	for k, th := range allThemes() {
		for width := 1; width <= 130; width += step(k) {
			for _, text := range awkward {
				u := model.Foreign(text)
				atMost(t, "Show", Show(u, width), width)
				exact(t, "Pad", Pad(u.Safe(0), width), width)
				exact(t, "PadLeft", PadLeft(u.Safe(0), width), width)
				exact(t, "Sides", Sides(th.Strong.Render(u.Safe(100)), th.Faint.Render(u.Safe(20)), width), width)
				exact(t, "Columns", Columns(width,
					Column{Text: u.Safe(0), Width: 6, Right: true, Style: th.Strong},
					Column{Text: u.Safe(0), Width: -1, Style: th.Text},
					Column{Text: u.Safe(0), Width: 10, Style: th.Fail}), width)
				for _, l := range Wrap(u.Safe(0), width, 3) {
					atMost(t, "Wrap", l, width)
				}
			}
		}
	}
}

func TestPayloadLinesHaveTheirWidth(t *testing.T) {
	raw := []byte(`{"sku":"A-1042","名前":"名前が長い商品","deep":{"a":[1,2,{"b":null}]},"esc":"\u001b[2J","empty":{},"price":-1}`)
	bad := []byte("{\"a\":\x1b[2J\n\x07 not json")
	doc := []byte(`<order id="7" 名="x"><item>a</item><item>名前が長い商品</item><empty/></order>`)
	mark := map[string]string{"/price": "must be > 0 \x1b[2J", "/missing": "is required", "/item/1": "too long", "/@id": "taken"}
	diff := []triage.DiffLine{{Sign: ' ', Text: "名前が長い商品"}, {Sign: '-', Text: "a"}, {Sign: '+', Text: strings.Repeat("b", 300)}}
	for k, th := range allThemes() {
		for width := 1; width <= 130; width += step(k) {
			for what, lines := range map[string][]string{
				"JSON": JSON(raw, mark, width, th), "no JSON": JSON(bad, mark, width, th),
				"XML": XML(doc, mark, width, th), "no XML": XML(bad, mark, width, th), "Diff": Diff(diff, width, th),
			} {
				if len(lines) == 0 {
					t.Fatalf("%s at width %d: nothing", what, width)
				}
				for _, l := range lines {
					atMost(t, what, l, width)
				}
			}
		}
	}
}

func TestBarIsExactAndTruthful(t *testing.T) {
	for k, th := range allThemes() {
		for width := 1; width <= 130; width += step(k) {
			for _, n := range [][]int{{0, 0, 0}, {1, 0, 0}, {1, 1, 1}, {999, 1, 0}, {1, 999_999, 0}, {33, 33, 34}, {0, 0, 7}} {
				for _, total := range []int{0, 1, 100, 1_000_000} {
					parts := []Part{{N: n[0], Style: th.OK}, {N: n[1], Style: th.Fail, Sign: "x"}, {N: n[2], Style: th.Wait, Fill: "▒"}}
					exact(t, fmt.Sprint("Bar ", n, total), Bar(width, total, parts, th), width)
				}
			}
			exact(t, "Spark", Spark([]int{0, 1, 5, 9, 9, 2, 0}, width, th), width)
			exact(t, "empty Spark", Spark(nil, width, th), width)
			exact(t, "Rule", Rule(width, th), width)
		}
	}
	bar := func(ok, total int) string {
		return ansi.Strip(Bar(10, total, []Part{{N: ok}}, themes.Mono().Plain()))
	}
	for ok, want := range map[int]string{0: "..........", 1: "#.........", 500: "#####.....", 999: "#########.", 1000: "##########"} {
		if got := bar(ok, 1000); got != want {
			t.Errorf("%d of 1000: %q, want %q", ok, got, want)
		}
	}
}

func TestJSONLightsTheField(t *testing.T) {
	th := themes.Mono()
	raw := []byte(`{"a":{"b":[10,20]},"x/y":1}`)
	find := func(mark map[string]string) string {
		for _, l := range JSON(raw, mark, 60, th) {
			if strings.Contains(ansi.Strip(l), "←") {
				return strings.Join(strings.Fields(ansi.Strip(l)), " ")
			}
		}
		return ""
	}
	for name, c := range map[string]struct{ ptr, want string }{
		"element":          {"/a/b/1", "20 ← no"},
		"escaped name":     {"/x~1y", `"x/y": 1 ← no`},
		"absent":           {"/a/c", `"a": { ← /a/c: no`},
		"absent at top":    {"/zip", "{ ← /zip: no"},
		"not a pointer":    {"price", "{ ← price: no"},
		"below a scalar":   {"/a/b/1/x", "20 ← /a/b/1/x: no"},
		"the whole object": {"", "{ ← no"},
	} {
		if got := find(map[string]string{c.ptr: "no"}); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestJSONIsBounded(t *testing.T) {
	many := []byte("[" + strings.Repeat("1,", 50_000) + "1]")
	if n := len(JSON(many, nil, 40, themes.Mono())); n > maxLines+1 {
		t.Errorf("%d lines of a long list", n)
	}
	deep := []byte(strings.Repeat("[", 500) + strings.Repeat("]", 500))
	if n := len(JSON(deep, nil, 40, themes.Mono())); n > 2*maxDepth+1 {
		t.Errorf("%d lines of a deep list", n)
	}
}

func TestASCIIFrameIsASCII(t *testing.T) {
	for _, st := range model.States() {
		if g := ToASCII(st.Glyph(false)); g[0] > 0x7e || len(g) != 1 {
			t.Errorf("sign of %v becomes %q", st, g)
		}
	}
	for _, s := range []string{Rule(5, themes.Mono()), Clip("abcdef", 3), string(sparks), "← → ↑ ↓ ▸ ▾ ● ‹n›", "•••"} {
		out := ToASCII(s)
		if Width(out) != Width(s) || strings.ContainsFunc(out, func(r rune) bool { return r > 0x7e }) {
			t.Errorf("%q becomes %q", s, out)
		}
	}
}

func TestWindow(t *testing.T) {
	w := Window{}.Fit(10, 100)
	steps := []struct {
		name        string
		do          func(Window) Window
		top, cursor int
	}{
		{"stays at the start", func(w Window) Window { return w.Move(-1) }, 0, 0},
		{"moves within", func(w Window) Window { return w.Move(9) }, 0, 9},
		{"scrolls by one", func(w Window) Window { return w.Move(1) }, 1, 10},
		{"to the end", func(w Window) Window { return w.To(1 << 30) }, 90, 99},
		{"half a page up", func(w Window) Window { return w.Page(-1) }, 90, 94},
		{"to the first", func(w Window) Window { return w.To(0) }, 0, 0},
		{"scroll takes the cursor along", func(w Window) Window { return w.Scroll(5) }, 5, 5},
		{"scroll back leaves it", func(w Window) Window { return w.Scroll(-5) }, 0, 5},
		{"a shorter list", func(w Window) Window { return w.To(99).Fit(10, 3) }, 0, 2},
		{"an empty list", func(w Window) Window { return w.Fit(10, 0) }, 0, 0},
		{"no room", func(w Window) Window { return w.Fit(0, 50).To(20) }, 20, 20},
	}
	for _, s := range steps {
		w = s.do(w)
		if w.Top != s.top || w.Cursor != s.cursor {
			t.Errorf("%s: top %d cursor %d, want %d %d", s.name, w.Top, w.Cursor, s.top, s.cursor)
		}
	}
}

func TestWrapKeepsAFlagWhole(t *testing.T) {
	for _, line := range Wrap("start with --base-url and --batch-path", 36, 3) {
		if strings.HasSuffix(line, "-") {
			t.Errorf("a flag is broken at %q", line)
		}
	}
	if got := strings.Join(Wrap("a\u2011b and c-d", 20, 3), "|"); got != "a\u2011b and c-d" {
		t.Errorf("the signs of a text are changed: %q", got)
	}
}
