package sandbox

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkBatch is what the sandbox itself costs a chunk of 50 items.
func BenchmarkBatch(b *testing.B) {
	s := open(b, Options{})
	for n := 0; b.Loop(); n++ {
		items := make([]string, 50)
		for i := range items {
			items[i] = user(fmt.Sprintf("i%d-%d", n, i), `"age":42,"date":"2026-03-14","role":"member"`)
		}
		if w := call(b, s, "POST", "/batch", `[`+strings.Join(items, ",")+`]`); w.Code != 200 {
			b.Fatal(w.Code)
		}
	}
}
