package journal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"retriage/model"
)

func TestAppendNumbersAndStamps(t *testing.T) {
	s := testStore(t)
	l := mustCreate(t, s, testID)
	given := note("given")
	given.At = time.Date(2025, 1, 2, 3, 4, 5, 678_900_000, time.FixedZone("", 3600))
	got := mustAppend(t, l, opening(), note("a"))
	got = append(got, mustAppend(t, l, given)...)
	if none, err := l.Append(t.Context()); none != nil || err != nil {
		t.Errorf("nothing appended: %v, %v", none, err)
	}
	for i, want := range []time.Time{testTime, testTime, time.Date(2025, 1, 2, 2, 4, 5, 678_000_000, time.UTC)} {
		if got[i].Seq != int64(i+1) || !got[i].At.Equal(want) {
			t.Errorf("event %d: number %d at %s", i, got[i].Seq, got[i].At)
		}
	}
	mustClose(t, l)
	if _, err := l.Append(t.Context(), note("x")); !errors.Is(err, ErrClosed) {
		t.Errorf("append after close: %v", err)
	}
	l, events := mustOpen(t, s, testID)
	same(t, "replay", events, got)
	if more := mustAppend(t, l, note("b")); more[0].Seq != 4 {
		t.Errorf("goes on with number %d", more[0].Seq)
	}
	mustClose(t, l)
}

// TestDurableBeforeReturn is rules J1 and J2: an event is synced before the
// hook sees it, and the hook has seen it before Append returns.
func TestDurableBeforeReturn(t *testing.T) {
	s := testStore(t)
	var steps []string
	d := &faultyDisk{}
	d.write = func(p []byte) (int, error) {
		steps = append(steps, "write")
		return d.disk.Write(p)
	}
	d.sync = func() error {
		steps = append(steps, "sync")
		return d.disk.Sync()
	}
	faulty(s, d)
	l := mustCreate(t, s, testID)
	l.OnDurable(func(ev model.Event) { steps = append(steps, fmt.Sprint("hook ", ev.Seq)) })
	mustAppend(t, l, note("a"), note("b"))
	steps = append(steps, "returned")
	mustClose(t, l)
	if got, want := fmt.Sprint(steps), "[write sync hook 1 hook 2 returned]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestManyWritersShareASync(t *testing.T) {
	const writers, each = 16, 20
	s := testStore(t)
	d := &faultyDisk{}
	gate := make(chan struct{})
	first := sync.OnceFunc(func() { <-gate })
	d.sync = func() error {
		first() // the first sync lasts until all writers have come
		return d.disk.Sync()
	}
	faulty(s, d)
	l := mustCreate(t, s, testID)
	var hooked []model.Event
	l.OnDurable(func(ev model.Event) { hooked = append(hooked, ev) })

	var wg, begun sync.WaitGroup
	begun.Add(writers)
	seqs := make([][]int64, writers)
	for w := range writers {
		wg.Go(func() {
			begun.Done()
			for i := range each {
				text := fmt.Sprintf("%d.%d", w, i)
				got, err := l.Append(t.Context(), note(text), note(text+"b"))
				if err != nil || len(got) != 2 || got[1].Seq != got[0].Seq+1 || got[0].Note.Text != text {
					t.Errorf("writer %d: %v, %v", w, got, err)
					return
				}
				seqs[w] = append(seqs[w], got[0].Seq, got[1].Seq)
			}
		})
	}
	begun.Wait()
	close(gate)
	wg.Wait()
	mustClose(t, l)

	seen := map[int64]bool{}
	for w, list := range seqs {
		for i, n := range list {
			if seen[n] || i > 0 && n <= list[i-1] {
				t.Errorf("writer %d got number %d out of order or twice", w, n)
			}
			seen[n] = true
		}
	}
	if len(seen) != 2*writers*each {
		t.Errorf("%d numbers, want %d", len(seen), 2*writers*each)
	}
	if syncs := d.syncs.Load(); syncs >= writers*each {
		t.Errorf("%d syncs for %d calls", syncs, writers*each)
	}
	l, events := mustOpen(t, s, testID)
	same(t, "the hook's order is the file's", hooked, events)
	mustClose(t, l)
}

func TestAContextEndsOnlyWhatHasNotBegun(t *testing.T) {
	s := testStore(t)
	d := &faultyDisk{}
	ctx, cancel := context.WithCancel(t.Context())
	d.sync = func() error {
		cancel()
		return d.disk.Sync()
	}
	faulty(s, d)
	l := mustCreate(t, s, testID)
	if _, err := l.Append(ctx, note("a")); err != nil {
		t.Errorf("cancelled while syncing: %v", err)
	}
	if _, err := l.Append(ctx, note("b")); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before: %v", err)
	}
	mustClose(t, l)
	_, events, err := s.OpenReadOnly(testID)
	if err != nil || len(events) != 1 {
		t.Errorf("%d events, %v", len(events), err)
	}
}

func TestAnEventThatCannotBeWrittenHarmsNoOther(t *testing.T) {
	bad := []model.Event{
		{Type: model.EvIntent, Intent: &model.Intent{IDs: []model.ID{model.NumberID("01x")}}},
		{Type: model.EvVerify, Verify: &model.VerifyEvent{Items: []model.ItemVerdict{{State: 200}}}},
		{Type: model.EvNote, At: time.Date(20000, 1, 1, 0, 0, 0, 0, time.UTC)},
	}
	s := testStore(t)
	l := mustCreate(t, s, testID)
	mustAppend(t, l, note("a"))
	for i, ev := range bad {
		if _, err := l.Append(t.Context(), note("left out"), ev); err == nil || errors.Is(err, ErrStopped) {
			t.Errorf("bad event %d: %v", i, err)
		}
	}
	if got := mustAppend(t, l, note("b")); got[0].Seq != 2 || l.Err() != nil {
		t.Errorf("number %d, %v", got[0].Seq, l.Err())
	}
	mustClose(t, l)
}

// TestAFailedSyncIsTheLast is rule J4.
func TestAFailedSyncIsTheLast(t *testing.T) {
	s := testStore(t)
	d := &faultyDisk{}
	faulty(s, d)
	l := mustCreate(t, s, testID)
	kept := mustAppend(t, l, opening(), note("a"))
	d.sync = func() error { return syscall.EIO }
	for range 3 {
		if _, err := l.Append(t.Context(), note("lost")); !errors.Is(err, ErrStopped) || !errors.Is(err, syscall.EIO) {
			t.Errorf("append: %v", err)
		}
	}
	if err := l.Err(); !errors.Is(err, syscall.EIO) {
		t.Errorf("err: %v", err)
	}
	if err := l.Ballast(); err != nil {
		t.Error(err)
	}
	if _, err := l.Append(t.Context(), note("lost")); !errors.Is(err, ErrStopped) {
		t.Errorf("append after the reserve was freed: %v", err)
	}
	mustClose(t, l)
	if d.syncs.Load() != 2 || d.writes.Load() != 2 {
		t.Errorf("%d syncs and %d writes, want 2 and 2", d.syncs.Load(), d.writes.Load())
	}

	// The next process does not trust that file either: it goes on with a copy.
	path := filepath.Join(s.path(testID), journalName)
	before := mustStat(t, path)
	s.wrap = func(f *os.File) disk { return syncedFile{f} }
	l, events := mustOpen(t, s, testID)
	same(t, "replay", events, kept)
	if os.SameFile(before, mustStat(t, path)) {
		t.Error("the file is still the same one")
	}
	mustAppend(t, l, note("b"))
	mustClose(t, l)
	if left := matches(t, l.Dir(), "journal.*"); len(left) != 1 {
		t.Errorf("left: %v", left)
	}
	l, events = mustOpen(t, s, testID)
	mustClose(t, l)
	if len(events) != 3 {
		t.Errorf("%d events", len(events))
	}
}

func mustStat(t *testing.T, path string) fs.FileInfo {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

// TestAFailedWriteIsCutBack is rule J5.
func TestAFailedWriteIsCutBack(t *testing.T) {
	half := func(d *faultyDisk, err error) func([]byte) (int, error) {
		return func(p []byte) (int, error) {
			n, _ := d.disk.Write(p[:len(p)/2])
			return n, err
		}
	}
	rows := []struct {
		name     string
		err      error // of a write of one half
		truncate error
		revived  bool // Ballast can help
		want     error
	}{
		{"a full disk", syscall.ENOSPC, nil, true, syscall.ENOSPC},
		{"a quota", errQuota, nil, true, errQuota},
		{"a short write", nil, nil, true, io.ErrShortWrite},
		{"a broken disk", syscall.EIO, nil, false, syscall.EIO},
		{"a full disk that cannot be cut", syscall.ENOSPC, syscall.EIO, false, syscall.ENOSPC},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			s := testStore(t)
			d := &faultyDisk{}
			faulty(s, d)
			l := mustCreate(t, s, testID)
			want := mustAppend(t, l, opening(), note("a"))
			d.write = half(d, row.err)
			if row.truncate != nil {
				d.truncate = func(int64) error { return row.truncate }
			}
			for range 2 {
				if _, err := l.Append(t.Context(), note("lost"), note("lost too")); !errors.Is(err, ErrStopped) || !errors.Is(err, row.want) {
					t.Errorf("append: %v", err)
				}
			}
			if d.writes.Load() != 2 || d.syncs.Load() != 1 {
				t.Errorf("%d writes, %d syncs", d.writes.Load(), d.syncs.Load())
			}
			d.write = nil // there is room now
			if err := l.Ballast(); err != nil {
				t.Fatal(err)
			}
			last, err := l.Append(t.Context(), note("outcome"))
			if row.revived != (err == nil) || l.Err() == nil {
				t.Errorf("after the reserve was freed: %v; Err %v", err, l.Err())
			}
			want = append(want, last...)
			mustClose(t, l)
			if err := l.Ballast(); err == nil {
				t.Error("the reserve was freed twice")
			}
			l, events := mustOpen(t, s, testID)
			if row.truncate != nil {
				// What could not be cut is like what a killed process left.
				events = events[:len(want)]
			}
			same(t, "replay", events, want)
			mustClose(t, l)
			if info := mustStat(t, filepath.Join(l.Dir(), ballastName)); info.Size() != ballastSize {
				t.Errorf("the reserve has %d bytes again", info.Size())
			}
		})
	}
}

func TestAFailureAnswersEveryWaitingCall(t *testing.T) {
	s := testStore(t)
	d := &faultyDisk{sync: func() error { return syscall.EIO }}
	faulty(s, d)
	l := mustCreate(t, s, testID)
	l.OnDurable(func(ev model.Event) { t.Errorf("the hook saw event %d", ev.Seq) })
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := l.Append(t.Context(), note("x")); !errors.Is(err, syscall.EIO) {
				t.Errorf("append: %v", err)
			}
		})
	}
	wg.Wait()
	mustClose(t, l)
	if d.syncs.Load() != 1 {
		t.Errorf("%d syncs", d.syncs.Load())
	}
}
