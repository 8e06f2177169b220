package model

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestSafeShowsWhatIsHidden(t *testing.T) {
	for _, row := range []struct{ name, in, want string }{
		{"plain", "Invalid email format", "Invalid email format"},
		{"umlaut and CJK stay", "crème 名前", "crème 名前"},
		{"colour", "\x1b[31mred\x1b[0m", "␛[31mred␛[0m"},
		{"title behind a cut UTF-8 byte", "\xe2\x1b]0;pwn\a", `\xE2␛]0;pwn␇`},
		{"C1 as UTF-8", "\u009b2J", "⟨U+009B⟩2J"},
		{"device control string", "\x1bP1$r\x1b\\", "␛P1$r␛\\"},
		{"carriage return overwrites a line", "denied\rapproved", "denied␍approved"},
		{"line end", "a\nb", "a↵b"},
		{"tab", "a\tb", "a b"},
		{"right-to-left override", "\u202edeined", "⟨U+202E⟩deined"},
		{"zero width", "a\u200bb", "a⟨U+200B⟩b"},
		{"tag characters", "\U000E0041", "⟨U+E0041⟩"},
		{"variation selector", "⚠\ufe0f", "⚠⟨U+FE0F⟩"},
		{"line separator", "a\u2028b", "a⟨U+2028⟩b"},
		{"private use", "\ue000", "⟨U+E000⟩"},
		{"DEL", "\x7f", "␡"},
		{"NUL", "\x00", "␀"},
		{"marks over a line", "e" + strings.Repeat("\u0301", 300), "e" + strings.Repeat("\u0301", 4)},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := Foreign(row.in).Safe(0); got != row.want {
				t.Errorf("Safe(%q) = %q, want %q", row.in, got, row.want)
			}
		})
	}
}

func TestSafeIsCut(t *testing.T) {
	got := Foreign(strings.Repeat("x", 5000)).Safe(100)
	if want := strings.Repeat("x", 100) + "…(+4900 bytes)"; got != want {
		t.Errorf("got %q", got)
	}
}

func TestEveryPrintOfUntrustedIsSafe(t *testing.T) {
	u := Foreign("\x1b]0;pwn\a")
	type holder struct{ U Untrusted }
	for _, verb := range []string{"%v", "%s", "%+v", "%#v", "%q", "%x", "%d"} {
		for _, v := range []any{u, &u, holder{u}, []Untrusted{u}, fmt.Errorf("wrap: %v", u)} {
			if got := fmt.Sprintf(verb, v); strings.ContainsAny(got, "\x1b\a") {
				t.Errorf("%s of %T prints %q", verb, v, got)
			}
		}
	}
}

func TestUntrustedSurvivesJSONInASCII(t *testing.T) {
	for _, s := range []string{"", "plain", "\x1b[2J", "名前 👩‍🚀", "\u202e", "\x7f", "a\"b\\c", "\u2028"} {
		b, err := json.Marshal(Foreign(s))
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range b {
			if c < 0x20 || c >= 0x7f {
				t.Errorf("JSON of %q holds byte %#x", s, c)
			}
		}
		var back Untrusted
		if err := json.Unmarshal(b, &back); err != nil || back.Wire() != s {
			t.Errorf("%q came back as %q (%v)", s, back.Wire(), err)
		}
	}
}

func FuzzSafe(f *testing.F) {
	f.Add("\xe2\x1b]0;pwn\a", 50)
	f.Add("\u202e\u200b\U000E0041", 10)
	f.Fuzz(func(t *testing.T, s string, max int) {
		got := Foreign(s).Safe(max)
		if !utf8.ValidString(got) {
			t.Fatalf("%q is not UTF-8", got)
		}
		for _, r := range got {
			if !unicode.IsPrint(r) && !unicode.Is(unicode.M, r) || hidden(r) {
				t.Fatalf("Safe(%q) holds %U", s, r)
			}
		}
		if max > 0 && len(got) > max+64 {
			t.Fatalf("Safe(%q, %d) has %d bytes", s, max, len(got))
		}
	})
}

func TestSecretNeverPrints(t *testing.T) {
	const canary = "s3cr3t-canary"
	s := NewSecret(canary)
	type holder struct {
		s Secret
		P *Secret
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, v := range []any{s, &s, holder{s, &s}, []Secret{s}, map[string]Secret{"a": s}} {
			if got := fmt.Sprintf(verb, v); strings.Contains(got, canary) || strings.Contains(got, fmt.Sprintf("%x", canary)) {
				t.Errorf("%s of %T prints %q", verb, v, got)
			}
		}
	}
	var b strings.Builder
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "token", s, "holder", holder{s, &s})
	if j, err := json.Marshal(map[string]any{"s": s}); err != nil || strings.Contains(string(j)+b.String(), canary) {
		t.Errorf("JSON %s, log %s, error %v", j, b.String(), err)
	}
	if s.Reveal() != canary {
		t.Error("Reveal does not give the secret")
	}
}

func TestWordsRoundTrip(t *testing.T) {
	for _, st := range States() {
		if got, ok := ParseState(st.String()); !ok || got != st {
			t.Errorf("state %s does not come back", st)
		}
		if st.Glyph(true) == "" || st.Glyph(false) == "" {
			t.Errorf("state %s has no glyph", st)
		}
	}
	for _, c := range Categories() {
		if got, ok := ParseCategory(c.String()); !ok || got != c {
			t.Errorf("category %s does not come back", c)
		}
		if len(c.Tab()) > 5 {
			t.Errorf("tab %q is longer than five letters", c.Tab())
		}
	}
	if _, ok := ParseState("missing"); ok {
		t.Error("missing is no state")
	}
}

func TestIDKeepsItsType(t *testing.T) {
	if NumberID("1") == TextID("1") {
		t.Error(`1 is "1"`)
	}
	for _, id := range []ID{TextID("1"), NumberID("1"), NumberID("12345678901234567890"), TextID("名前\x1b")} {
		b, err := json.Marshal(id)
		if err != nil {
			t.Fatal(err)
		}
		var back ID
		if err := json.Unmarshal(b, &back); err != nil || back != id {
			t.Errorf("%s came back as %#v (%v)", b, back, err)
		}
	}
}
