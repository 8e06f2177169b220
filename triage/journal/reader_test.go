package journal

import (
	"errors"
	"os"
	"testing"

	"retriage/model"
)

func TestFollow(t *testing.T) {
	s := testStore(t)
	l := mustCreate(t, s, testID)
	want := mustAppend(t, l, opening())
	r, got, err := s.OpenReadOnly(testID)
	if err != nil {
		t.Fatal(err)
	}
	if r.ID() != testID || r.Dir() != l.Dir() {
		t.Errorf("%s in %s", r.ID(), r.Dir())
	}
	next := func() {
		t.Helper()
		more, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, more...)
		same(t, "followed", got, want)
	}
	next()
	for range 3 {
		want = append(want, mustAppend(t, l, note("a"), note("b"))...)
		next()
		next()
	}
	mustClose(t, l)
	l, _ = mustOpen(t, s, testID)
	want = append(want, mustAppend(t, l, note("another owner"))...)
	next()
	mustClose(t, l)
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

func TestFollowWaitsForWholeRecords(t *testing.T) {
	s := testStore(t)
	text := journalOf(t, story()...)
	all := len(story())
	path := put(t, s, testID, nil)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	r, got, err := s.OpenReadOnly(testID)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	for at := 0; at < len(text); at += 40 {
		end := min(at+40, len(text))
		if _, err := f.Write(text[at:end]); err != nil {
			t.Fatal(err)
		}
		more, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, more...); len(got) != wholeLines(text[:end]) {
			t.Fatalf("after %d bytes %d events, want %d", end, len(got), wholeLines(text[:end]))
		}
	}
	if len(got) != all {
		t.Errorf("%d events", len(got))
	}
}

func TestFollowNoticesAnotherJournal(t *testing.T) {
	text := journalOf(t, story()...)
	rows := []struct {
		name string
		then func(t *testing.T, s *Store, path string)
		want func(error) bool
	}{
		{"cut back", func(t *testing.T, _ *Store, path string) {
			if err := os.Truncate(path, int64(lineStarts(text)[2])); err != nil {
				t.Fatal(err)
			}
		}, func(err error) bool { return errors.Is(err, ErrChanged) }},
		{"removed", func(t *testing.T, s *Store, _ string) {
			if err := s.Discard(testID); err != nil {
				t.Fatal(err)
			}
		}, func(err error) bool { return errors.Is(err, ErrChanged) }},
		{"repaired", func(t *testing.T, s *Store, path string) {
			put(t, s, testID, flip(text, lineStarts(text)[2]+20))
			if _, err := s.Repair(testID); err != nil {
				t.Fatal(err)
			}
		}, func(err error) bool { return errors.Is(err, ErrChanged) }},
		{"garbage added", func(t *testing.T, s *Store, _ string) {
			put(t, s, testID, append(text[:len(text):len(text)], "garbage\n"...))
		}, func(err error) bool { var c *CorruptError; return errors.As(err, &c) && c.Line == 7 }},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			s := testStore(t)
			path := put(t, s, testID, text)
			r, _, err := s.OpenReadOnly(testID)
			if err != nil {
				t.Fatal(err)
			}
			row.then(t, s, path)
			if _, err := r.Next(); !row.want(err) {
				t.Errorf("next: %v", err)
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestReadersSeeARunInTheMakingInOrder(t *testing.T) {
	s := testStore(t)
	l := mustCreate(t, s, testID)
	mustAppend(t, l, opening())
	r, got, err := s.OpenReadOnly(testID)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 100 {
			if _, err := l.Append(t.Context(), note("x")); err != nil {
				t.Error(err)
			}
		}
	}()
	for ended := false; !ended; {
		select {
		case <-done:
			ended = true
		default:
		}
		var more []model.Event
		if more, err = r.Next(); err != nil {
			t.Fatal(err)
		}
		got = append(got, more...)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	mustClose(t, l)
	for i, ev := range got {
		if ev.Seq != int64(i+1) {
			t.Fatalf("event %d has number %d", i+1, ev.Seq)
		}
	}
	if len(got) != 101 {
		t.Errorf("%d events", len(got))
	}
}
