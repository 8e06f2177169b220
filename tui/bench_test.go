package tui

import (
	"fmt"
	"testing"

	"retriage/model"
)

// failing is a batch of which every item failed.
func failing(tb testing.TB, n int) *model.Batch {
	return batch(tb, n, 1000, []part{{from: 0, n: 1000, status: 422, code: "INVALID_PRICE", text: "must be greater than 0, got %d",
		field: "/price", state: model.Failed}})
}

// BenchmarkKeypress100k is one key and one frame with 100,000 failed items; it
// costs what the same key costs with a thousand.
func BenchmarkKeypress100k(b *testing.B) { benchKey(b, 100_000) }

// BenchmarkKeypress1k is for comparing.
func BenchmarkKeypress1k(b *testing.B) { benchKey(b, 1000) }

func benchKey(b *testing.B, n int) {
	w := newWorld(b, failing(b, n))
	m := openModel(w, 120, 40)
	push(m, "0")
	names := []string{"j", "j", "j", "k", "space"}
	i := 0
	for b.Loop() {
		push(m, names[i%len(names)])
		_ = m.View()
		i++
	}
}

// TestBytesPerScrolledRow bounds what a scrolled row costs a slow line.
func TestBytesPerScrolledRow(t *testing.T) {
	const limit = 500
	if per := scroll(t, 40, false); per > limit {
		t.Errorf("%d bytes for a scrolled row, limit %d", per, limit)
	}
}

// BenchmarkScrolledRow reports the bytes that reach the terminal for one row
// down in a list of 120x40, with and without the detail of each item beside it.
func BenchmarkScrolledRow(b *testing.B) {
	for name, detail := range map[string]bool{"list": false, "list and detail": true} {
		b.Run(name, func(b *testing.B) {
			rows := max(b.N, 20)
			b.ReportMetric(float64(scroll(b, rows, detail)), "bytes/row")
		})
	}
}

// scroll goes down a list whose cursor is at the bottom of the screen, and gives
// the bytes that one row costs.
func scroll(t testing.TB, rows int, detail bool) int {
	w := newWorld(t, failing(t, 1000+rows))
	tm := at(t, w, 120, 40)
	tm.sees("TOP CAUSES")
	tm.key("0")
	tm.sees("row 1 of ")
	if !detail { // the detail is another item's with every row: text of its own
		tm.key("p")
		tm.lost("SENT")
	}
	for range 40 {
		tm.key("j")
	}
	tm.sees("row 41 of ")
	before := tm.bytes()
	for i := range rows {
		tm.key("j")
		tm.sees(fmt.Sprintf("row %s of", model.Number(42+i)))
	}
	return (tm.bytes() - before) / rows
}
