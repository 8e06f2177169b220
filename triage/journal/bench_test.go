package journal

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"retriage/model"
)

func BenchmarkDurableAppend(b *testing.B) {
	ev := note(strings.Repeat("x", 200)) // a line of about 270 bytes
	for _, n := range []int{1, 50} {
		b.Run(fmt.Sprintf("%d records", n), func(b *testing.B) {
			l := mustCreate(b, testStore(b), testID)
			events := make([]model.Event, n)
			for i := range events {
				events[i] = ev
			}
			for b.Loop() {
				mustAppend(b, l, events...)
			}
			mustClose(b, l)
		})
	}
	b.Run("8 writers", func(b *testing.B) {
		l := mustCreate(b, testStore(b), testID)
		b.SetParallelism(4) // of two processors
		b.RunParallel(func(p *testing.PB) {
			for p.Next() {
				if _, err := l.Append(b.Context(), ev); err != nil {
					b.Error(err)
				}
			}
		})
		mustClose(b, l)
	})
}

func BenchmarkDecode(b *testing.B) {
	events := make([]model.Event, 10_000)
	for i := range events {
		events[i] = note(strings.Repeat("x", 200))
	}
	text := journalOf(b, events...)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, _, _, err := Decode(bytes.NewReader(text)); err != nil {
			b.Fatal(err)
		}
	}
}
