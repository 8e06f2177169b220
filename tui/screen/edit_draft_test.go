package screen

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"retriage/themes"
	"retriage/tui/widget"
)

func TestTheFieldThatNamesTheItemIsLocked(t *testing.T) {
	items := orders(1)
	items[0].body = `{"id":"00412","price":-1}`
	b := newBench(t, items...).open(NewEdit(0, nil))
	b.shows("locked: identifies the item")
	b.press(`"5"`, "tab", `"9"`)
	if !strings.Contains(b.said, "Locked: id identifies the item.") {
		t.Errorf("said %q", b.said)
	}
	b.press("ctrl+x")
	if !strings.Contains(b.said, "locked") {
		t.Errorf("said %q", b.said)
	}
	b.press("ctrl+s")
	if got := body(t, b, 0); got != `{"id":"00412","price":-15}` {
		t.Errorf("body %s", got)
	}
}

func TestAFieldIsDroppedAndBroughtBack(t *testing.T) {
	b := newBench(t, orders(1)...).open(NewEdit(0, nil))
	b.press("tab", "ctrl+x")
	b.shows("dropped (was A-1042)", "ctrl+x brings it back", "1 field changed")
	if b.press(`"7"`); !strings.Contains(b.said, "sku is dropped. ctrl+x brings it back.") {
		t.Errorf("said %q", b.said)
	}
	b.press("ctrl+r").shows("no field changed")
	b.press("ctrl+x", "ctrl+x").shows("no field changed")
	b.press("ctrl+x", "esc")
	if b.said != "Draft kept: 1 field changed, not saved; e opens it again." {
		t.Errorf("said %q", b.said)
	}
	b.open(NewEdit(0, nil)).shows("dropped (was A-1042)", "draft: 1 field changed, not saved")
	b.press("ctrl+s")
	if want := strings.Replace(orderBody, `"sku":"A-1042",`, "", 1); body(t, b, 0) != want {
		t.Errorf("body %s", body(t, b, 0))
	}
	b.open(NewEdit(0, nil)).shows("dropped (was A-1042)", "no field changed now; 1 field edited before")
	b.press("tab", "ctrl+r", "ctrl+s")
	if got := body(t, b, 0); !strings.Contains(got, `"sku":"A-1042"`) {
		t.Errorf("body %s", got)
	}
}

func TestAnEmptyFieldTellsHowToDropIt(t *testing.T) {
	b := newBench(t, orders(1)...).open(NewEdit(0, nil))
	b.press("tab", "ctrl+u")
	b.shows("ctrl+x drops it, =null sends null")
	b.press(`"null"`).shows("ctrl+x drops it, =null sends null")
	b.press("ctrl+u", `"=null"`, "ctrl+s")
	if got := body(t, b, 0); !strings.Contains(got, `"sku":null`) {
		t.Errorf("body %s", got)
	}
}

func TestWasIsWhatWasFirstSent(t *testing.T) {
	b := newBench(t, orders(1)...).open(NewEdit(0, nil))
	b.press("ctrl+u", `"5"`, "ctrl+s")
	b.open(NewEdit(0, nil)).shows("edited   was -1", "no field changed now; 1 field edited before")
	b.press("ctrl+u", `"6"`).shows("was -1")
	b.press("ctrl+s")
	b.open(NewEdit(0, nil)).press("ctrl+r").shows("1 field changed")
	b.press("ctrl+s")
	if got := body(t, b, 0); got != orderBody {
		t.Errorf("body %s", got)
	}
	b.open(NewEdit(0, nil)).shows("no field changed")
	if s := b.screen(); strings.Contains(s, "edited before") {
		t.Errorf("a field that is as it was first sent is called edited:\n%s", s)
	}
}

func TestLineShowsThePartAroundItsCursor(t *testing.T) {
	long := "abcdefghijklmnopqrstuvwxyz0123456789"
	show := func(l *lineField) string { return ansi.Strip(l.view(12, themes.Mono())) }
	l := newLine(long)
	steps := []struct{ name, keys, want string }{
		{"at the end", "", "‹0123456789 "},
		{"back by one", "left", "‹0123456789"},
		{"at the start", "home", "abcdefghijk›"},
		{"typing there", "X", "Xabcdefghij›"},
		{"to the right", "right right right right right right right right right right", "‹bcdefghijk›"},
		{"and on", "right right", "‹defghijklm›"},
		{"to the end again", "end", "‹0123456789 "},
	}
	for _, s := range steps {
		for _, k := range strings.Fields(s.keys) {
			msg := keyNamed(k)
			if k == "X" {
				msg.Text, msg.Code = "X", 'X'
			}
			l.give(msg)
		}
		if got := show(l); got != s.want {
			t.Errorf("%s: %q, want %q", s.name, got, s.want)
		}
	}
}

func TestLineIsNeverWiderAndAlwaysShowsItsCursor(t *testing.T) {
	for _, text := range []string{"", "a", "name@example.com", strings.Repeat("名前", 20), "e\u0301a\u0301 and more and more", strings.Repeat("x", 500)} {
		l := newLine(text)
		for width := 3; width < 50; width++ {
			for at := 0; at <= len([]rune(text)); at += 1 + at/8 {
				l.in.SetCursor(at)
				out := l.view(width, themes.Mono())
				if w := widget.Width(out); w > max(width, 4) {
					t.Fatalf("%q at %d in %d cells is %d wide: %q", text, at, width, w, ansi.Strip(out))
				}
				bare := ansi.Strip(out)
				from, to := l.window([]rune(text), at, width)
				if from > at || to < at {
					t.Fatalf("cursor %d is outside %d:%d", at, from, to)
				}
				if strings.HasPrefix(bare, "‹") != (from > 0) || strings.HasSuffix(bare, "›") != (to < len([]rune(text))) {
					t.Fatalf("%q does not tell that it is %d:%d of %d", bare, from, to, len([]rune(text)))
				}
			}
		}
	}
}
