package model

import (
	"fmt"
	"io"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"
)

// filled gives every field of a failure a value that is not its zero: a field
// that is added and not packed is noticed.
func filled(t *testing.T) Failure {
	t.Helper()
	never := Never
	f := Failure{
		Status: 422, Code: Foreign("CODE"), Message: Foreign(strings.Repeat("long ", 300)), Field: Foreign("/a/b"), RetryAfter: 2128 * time.Millisecond,
		Reason: RolledBack, Cause: NumberID("17"), RequestID: Foreign("req"), Class: &never, Blames: Backend, Group: "g",
		Refs: []ID{TextID("1"), NumberID("2")}, RefItems: []int{4, -1},
		Needs: []ID{NumberID("3"), TextID("g"), TextID("g")}, NeedItems: []int{-1, 7, 9},
	}
	v := reflect.ValueOf(f)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Errorf("Failure.%s is new: pack it", v.Type().Field(i).Name)
		}
	}
	return f
}

func TestFailuresArePackedWhole(t *testing.T) {
	full := filled(t)
	b := NewBatch([]io.ReaderAt{nil, nil}, nil)
	records := []Record{
		{ID: TextID("a"), State: Failed, Failure: &full, Response: Span{1, 1 << 40, 70000}, Request: Span{0, 9, 12}},
		{State: OK, Response: Span{1, 5, 3}},
		{ID: NumberID("7"), State: Unknown, Failure: &Failure{RetryAfter: -1}, Response: Span{0, 77, 8}},
		{ID: TextID("x"), State: Failed, Failure: &Failure{RetryAfter: 0, Status: 500}, Request: Span{1, 3, 16 << 20}},
	}
	for range slabSize / 2 {
		b.Append(records...)
	}
	for i := range b.Len() {
		want := records[i%4]
		got, ok := b.Failure(i)
		if want.State == OK {
			if ok || b.State(i) != OK {
				t.Fatalf("item %d has not failed: %+v", i, got)
			}
			continue
		}
		if !ok || !reflect.DeepEqual(got, want) {
			t.Fatalf("item %d\n got %+v %+v\nwant %+v %+v", i, got, got.Failure, want, want.Failure)
		}
	}
	b.Answer(0, Record{ID: TextID("a"), State: OK, Response: Span{1, 2, 3}})
	b.Answer(1, records[2])
	if _, failed := b.Failure(0); failed {
		t.Error("an item that turned out fine has failed")
	}
	if got, _ := b.Failure(1); got.ID != NumberID("7") {
		t.Errorf("answered later: %+v", got)
	}
	if got := b.Changed(0); !reflect.DeepEqual(got, []int{0, 1}) || len(b.Changed(2)) != 0 {
		t.Errorf("changed: %v", got)
	}
}

// TestIndexIsSmall holds what an item costs in memory: 12 of 100 failed, ids of
// 11 bytes, messages of 56.
func TestIndexIsSmall(t *testing.T) {
	const n = 400_000
	b := NewBatch(nil, nil)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	fine := Record{State: OK}
	for i := range n {
		r := fine
		r.Response = Span{0, int64(i) * 350, 349}
		if i%25 < 3 {
			r.ID, r.State = TextID(fmt.Sprintf("item-%06d", i)), Failed
			r.Failure = &Failure{Status: 422, Code: Foreign([]string{"VALIDATION", "CONFLICT"}[i%2]), RetryAfter: -1,
				Message: Foreign(fmt.Sprintf("Duplicate key value item-%06d violates the constraint ux", i))}
		}
		b.Append(r)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if got := float64(after.HeapAlloc-before.HeapAlloc) / n; got > 24 {
		t.Errorf("%.1f bytes for an item", got)
	}
	runtime.KeepAlive(b)
}
