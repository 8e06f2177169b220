package widget

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"retriage/model"
	"retriage/themes"
	"retriage/triage"
)

// letters is a text without its blanks.
func letters(s string) string { return strings.Join(strings.Fields(s), "") }

func TestNoCharacterIsLostAtAWrap(t *testing.T) {
	texts := append([]string{
		"The order was refused because the warehouse-in-question has no stock; see https://example.com/a/very/long/path?with=a&query=string for more.",
		"a-b-c-d-e-f-g-h-i-j-k-l-m-n-o-p-q-r-s-t-u-v-w-x-y-z, and so on",
	}, awkward...)
	for _, text := range texts {
		safe := model.Foreign(text).Safe(0)
		for width := 6; width < 100; width++ {
			if got := letters(strings.Join(Wrap(safe, width, 10_000), "")); got != letters(safe) {
				t.Fatalf("Wrap at %d: %q, want %q", width, got, letters(safe))
			}
			lines := Diff([]triage.DiffLine{{Sign: '+', Text: "  " + safe}}, width, themes.Mono())
			var all strings.Builder
			for k, l := range lines {
				atMost(t, "Diff", l, width)
				bare := ansi.Strip(l)
				if (bare[0] == '+') != (k == 0) || k > 0 && !strings.HasPrefix(bare, "    ") {
					t.Fatalf("Diff at %d, line %d: %q", width, k, bare)
				}
				all.WriteString(bare[1:])
			}
			if got := letters(all.String()); got != letters(safe) {
				t.Fatalf("Diff at %d: %q, want %q", width, got, letters(safe))
			}
		}
	}
}
