package journal

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"retriage/model"
)

var testTime = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

const testID = "0a1b2c3d"

// testStore is an empty store whose clock stands still.
func testStore(t testing.TB) *Store {
	t.Helper()
	s, err := OpenStore(filepath.Join(t.TempDir(), "runs"), Options{Now: func() time.Time { return testTime }, Who: "ana"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustCreate(t testing.TB, s *Store, id string) *Log {
	t.Helper()
	l, err := s.Create(id)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func mustOpen(t testing.TB, s *Store, id string) (*Log, []model.Event) {
	t.Helper()
	l, events, err := s.Open(id)
	if err != nil {
		t.Fatal(err)
	}
	return l, events
}

func mustAppend(t testing.TB, l *Log, events ...model.Event) []model.Event {
	t.Helper()
	got, err := l.Append(t.Context(), events...)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func mustClose(t testing.TB, l *Log) {
	t.Helper()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

func note(text string) model.Event {
	return model.Event{Type: model.EvNote, Note: &model.NoteEvent{Item: -1, Text: text}}
}

func opening() model.Event {
	return model.Event{Type: model.EvOpen, Open: &model.OpenEvent{
		Tool: "retriage 1.0.0", Origin: "https://api.example.com", Dialect: "generic",
		Inputs: []model.InputFile{{Name: "orders.json", File: "in/01", Size: 3}},
	}}
}

// story is a short run with every awkward kind of text in it.
func story() []model.Event {
	return []model.Event{
		opening(),
		note("plain"),
		{Type: model.EvPlan, Plan: &model.Plan{ID: "p1", Items: []int{0, 1, 2}}},
		{Type: model.EvIntent, Intent: &model.Intent{Attempt: 1, Plan: "p1", Mode: model.InBatch, Items: []int{0, 1}, IDs: []model.ID{model.NumberID("9007199254740993"), model.TextID("ü\x1b[2J\u202e😀")}}},
		{Type: model.EvOutcome, Outcome: &model.Result{Attempt: 1, Kind: model.Answered, Status: 207, Items: []model.ItemResult{
			{Index: 0, State: model.OK, Status: 200},
			{Index: 1, State: model.Failed, Status: 422, Category: model.Validation, Message: model.Foreign("line\none \u2028 \x7f <b>")},
		}}},
		{Type: model.EvEnd, End: &model.EndEvent{Plan: "p1", Why: "done"}},
	}
}

// journalOf gives the bytes of a journal of events.
func journalOf(t testing.TB, events ...model.Event) []byte {
	t.Helper()
	var text []byte
	for i, ev := range events {
		line, _, err := encode(stamp(ev, int64(i+1), testTime))
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, line...)
	}
	return text
}

// put makes a run with exactly that journal.
func put(t testing.TB, s *Store, id string, journal []byte) (path string) {
	t.Helper()
	path = filepath.Join(s.path(id), journalName)
	if !s.has(id) {
		mustClose(t, mustCreate(t, s, id))
	}
	if err := os.WriteFile(path, journal, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// texts is a short form of events, to be compared.
func texts(events []model.Event) string {
	var b strings.Builder
	for _, ev := range events {
		line, _, err := encode(ev)
		if err != nil {
			fmt.Fprintln(&b, err)
		}
		b.Write(line)
	}
	return b.String()
}

func same(t testing.TB, what string, got, want []model.Event) {
	t.Helper()
	if g, w := texts(got), texts(want); g != w {
		t.Fatalf("%s:\ngot\n%swant\n%s", what, g, w)
	}
}

// faultyDisk is a disk that fails when it is told to.
type faultyDisk struct {
	disk
	write    func(p []byte) (int, error) // nil = as the real one
	sync     func() error                // nil = as the real one
	truncate func(int64) error           // nil = as the real one
	writes   atomic.Int64
	syncs    atomic.Int64
}

func (d *faultyDisk) Write(p []byte) (int, error) {
	d.writes.Add(1)
	if d.write != nil {
		return d.write(p)
	}
	return d.disk.Write(p)
}

func (d *faultyDisk) Sync() error {
	d.syncs.Add(1)
	if d.sync != nil {
		return d.sync()
	}
	return d.disk.Sync()
}

func (d *faultyDisk) Truncate(size int64) error {
	if d.truncate != nil {
		return d.truncate(size)
	}
	return d.disk.Truncate(size)
}

// faulty makes the store's next logs write to d.
func faulty(s *Store, d *faultyDisk) {
	s.wrap = func(f *os.File) disk {
		d.disk = syncedFile{f}
		return d
	}
}

func wantError[E error](t testing.TB, err error) E {
	t.Helper()
	var want E
	if !errors.As(err, &want) {
		t.Fatalf("error is %T %v, want %T", err, err, want)
	}
	return want
}

func readAll(t testing.TB, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// matches gives the one file that fits the pattern in a run's folder.
func matches(t testing.TB, dir, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func lineStarts(text []byte) []int {
	starts := []int{0}
	for i, b := range text {
		if b == '\n' && i+1 < len(text) {
			starts = append(starts, i+1)
		}
	}
	return starts
}

func wholeLines(text []byte) int { return bytes.Count(text, []byte("\n")) }
