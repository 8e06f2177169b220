package triage

import (
	"fmt"
	"runtime"
	"testing"

	"retriage/model"
)

// bigBatch is a batch of n items of which 12 of 100 have failed, with ids of 11
// bytes, and messages of some 56 made from 40 templates.
func bigBatch(n int) *model.Batch {
	codes, messages, _ := generated(n * 3 / 25)
	b := model.NewBatch(nil, nil)
	records := make([]model.Record, 0, 256)
	for i := range n {
		r := model.Record{State: model.OK, Response: model.Span{Off: int64(i) * 350, Len: 349}}
		if i%25 < 3 {
			k := i/25*3 + i%25
			r.ID, r.State = model.TextID(fmt.Sprintf("item-%06d", i)), model.Failed
			r.Failure = &model.Failure{
				Status: 400 + k%3, Code: model.Foreign(codes[k]), Message: model.Foreign(messages[k]), RetryAfter: -1,
			}
		}
		if records = append(records, r); len(records) == cap(records) {
			b.Append(records...)
			records = records[:0]
		}
	}
	b.Append(records...)
	b.Finish(model.NoSummary, nil)
	return b
}

// BenchmarkAbsorb takes a million items with 120,000 failures in: classes them,
// groups them and counts them. heap-MB is what batch and session keep.
func BenchmarkAbsorb(b *testing.B) {
	c := mustClassifier(b, nil, nil)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	batch := bigBatch(1_000_000)
	var s *Session
	for b.Loop() {
		s = NewSession(batch, c)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "heap-MB")
	runtime.KeepAlive(s)
}
