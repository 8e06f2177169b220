package tui

import (
	"testing"
	"time"
)

func TestGuard(t *testing.T) {
	const ms = time.Millisecond
	for name, c := range map[string]struct {
		keys []string
		gap  time.Duration
		want int // keys that act
	}{
		"one key":                           {[]string{"q"}, 0, 1},
		"three different ones":              {[]string{"q", "w", "e"}, 0, 3},
		"four different ones are text":      {[]string{"q", "w", "e", "r"}, 0, 0},
		"a line end among others is text":   {[]string{"q", "enter"}, 0, 0},
		"enter alone is a key":              {[]string{"enter"}, 0, 1},
		"a key held down is one key":        {[]string{"j", "j", "j", "j", "j", "j", "j", "j"}, ms, 8},
		"a person's fingers":                {[]string{"q", "w", "e", "r", "t", "z"}, 20 * ms, 6},
		"a fast person's fingers":           {[]string{"q", "w", "e", "r", "t", "z"}, 11 * ms, 6},
		"a paste that trickles in":          {[]string{"r", "m", " ", "-", "r", "f", " ", "q", "enter"}, 3 * ms, 0},
		"alternating two is no paste":       {[]string{"j", "k", "j", "k", "j", "k", "j", "k"}, ms, 8},
		"words after the line end are text": {[]string{"l", "s", "enter", "q", "enter"}, 2 * ms, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var g guard
			now, acted := noon, 0
			for _, k := range c.keys {
				ready, _, _ := g.add(press(k), now)
				acted += len(ready)
				now = now.Add(c.gap)
			}
			acted += len(g.flush(g.gen))
			if acted != c.want {
				t.Errorf("%d of %d keys acted, want %d", acted, len(c.keys), c.want)
			}
		})
	}
}

func TestGuardLetsKeysThroughAfterAPaste(t *testing.T) {
	var g guard
	for _, k := range []string{"a", "b", "c", "d", "e"} {
		g.add(press(k), noon)
	}
	if ready, arm, _ := g.add(press("j"), noon.Add(50*time.Millisecond)); len(ready) != 0 || !arm {
		t.Fatal("a key after the paste is not waited for")
	}
	if got := g.flush(g.gen); len(got) != 1 || got[0].String() != "j" {
		t.Errorf("acted: %v", got)
	}
	if got := g.flush(g.gen - 1); got != nil {
		t.Errorf("an old timer let %v through", got)
	}
}
