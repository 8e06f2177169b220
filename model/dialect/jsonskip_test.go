package dialect

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// TestSkipEndsWhereTheValueDoes compares passing by blocks with passing with care,
// over values whose strings end and begin at every place of a block.
func TestSkipEndsWhereTheValueDoes(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	parts := []string{`"`, `\\`, `\"`, `{`, `}`, `[`, `]`, `é`, "\xff", `x`, strings.Repeat("y", 61), `:`, `,`}
	var value func(depth int) string
	value = func(depth int) string {
		switch n := rng.IntN(6); {
		case depth > 5 || n == 0:
			var b strings.Builder
			for range rng.IntN(8) {
				if p := parts[rng.IntN(len(parts))]; p != `"` {
					b.WriteString(p)
				}
			}
			return `"` + b.String() + `"`
		case n < 3:
			var members []string
			for range rng.IntN(4) {
				members = append(members, `"k":`+value(depth+1))
			}
			return "{" + strings.Join(members, ",") + "}"
		case n < 5:
			var items []string
			for range rng.IntN(4) {
				items = append(items, value(depth+1))
			}
			return "[" + strings.Join(items, " ,\n") + "]"
		}
		return "-1.5e3"
	}
	for range 20_000 {
		text := `[` + value(0) + `]` + `,"behind":{}`
		want, got := scan{b: []byte(text)}, scan{b: []byte(text)}
		if a, b := want.value(0), got.skip(1); a != b || want.at != got.at {
			t.Fatalf("%s: with care %t at %d, by blocks %t at %d", text, a, want.at, b, got.at)
		}
		cut := text[:rng.IntN(want.at)]
		if s := (scan{b: []byte(cut)}); cut != "" && (s.skip(1) || s.fault != short || s.at != len(cut)) {
			t.Fatalf("%s: cut off, and passed up to %d, fault %d", cut, s.at, s.fault)
		}
	}
	for depth, ok := range map[int]bool{maxDepth - 1: true, maxDepth: false} {
		text := strings.Repeat("[", depth) + strings.Repeat("]", depth)
		if s := (scan{b: []byte(text)}); s.skip(1) != ok || !ok && s.fault != deep {
			t.Errorf("%d levels: fault %d", depth, s.fault)
		}
	}
}
