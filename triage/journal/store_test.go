package journal

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"retriage/model"
)

func TestRunIDDependsOnInputAndOrigin(t *testing.T) {
	id := RunID("abc", "https://a")
	if len(id) != 8 || !idForm.MatchString(id) {
		t.Errorf("id is %q", id)
	}
	for _, other := range []string{RunID("abd", "https://a"), RunID("abc", "https://b"), RunID("abchttps://a", "")} {
		if other == id {
			t.Errorf("%s twice", id)
		}
	}
	if RunID("abc", "https://a") != id {
		t.Error("not the same twice")
	}
}

func TestResolve(t *testing.T) {
	s := testStore(t)
	for _, id := range []string{"aaaa1111", "aaaa2222", "bbbb1111", "bbbb1111-2", "bbbb1111-10"} {
		mustClose(t, mustCreate(t, s, id))
	}
	rows := []struct{ name, give, want, err string }{
		{"a whole id", "aaaa1111", "aaaa1111", ""},
		{"a prefix", "aaaa1", "aaaa1111", ""},
		{"a whole id that others begin with", "bbbb1111", "bbbb1111", ""},
		{"an ambiguous prefix", "aaaa", "", "2 runs begin with aaaa: aaaa1111, aaaa2222"},
		{"too short", "aaa", "", "no such run"},
		{"nobody", "cccc", "", "no such run"},
		{"empty", "", "", "no such run"},
		{"a path", "../" + testID, "", "no such run"},
		{"hostile", "aaaa\x1b[2J", "", "find run aaaa␛[2J: no such run"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			id, err := s.Resolve(row.give)
			if id != row.want || (err == nil) != (row.err == "") || err != nil && !strings.Contains(err.Error(), row.err) {
				t.Errorf("%q, %v", id, err)
			}
			path, ok := s.Find(row.give)
			if ok != (row.want != "") || ok && path != filepath.Join(s.dir, row.want) {
				t.Errorf("Find: %q, %v", path, ok)
			}
		})
	}
	_, err := s.Resolve("aaaa")
	wantError[*AmbiguousError](t, err)
}

func TestFurtherRuns(t *testing.T) {
	s := testStore(t)
	if _, ok := s.LatestID(testID); ok || s.NextID(testID) != testID {
		t.Error("an empty store has runs")
	}
	for _, want := range []string{testID, testID + "-2", testID + "-3"} {
		id := s.NextID(testID)
		mustClose(t, mustCreate(t, s, id))
		if latest, ok := s.LatestID(testID); id != want || latest != want || !ok {
			t.Errorf("next %s, latest %s, want %s", id, latest, want)
		}
	}
}

func TestCreateOnce(t *testing.T) {
	s := testStore(t)
	l := mustCreate(t, s, testID)
	if l.ID() != testID || l.Dir() != filepath.Join(s.dir, testID) {
		t.Errorf("id %s, folder %s", l.ID(), l.Dir())
	}
	if _, err := s.Create(testID); !errors.Is(err, ErrExists) {
		t.Errorf("while it is open: %v", err)
	}
	mustClose(t, l)
	if _, err := s.Create(testID); !errors.Is(err, ErrExists) {
		t.Errorf("again: %v", err)
	}
	for _, id := range []string{"", "a", "../x", "A0A0A0A0", ".gone-00", "a/bcd", "con\n0"} {
		if _, err := s.Create(id); err == nil {
			t.Errorf("%q is an id", id)
		}
	}
}

func TestAHalfMadeRunIsNone(t *testing.T) {
	s := testStore(t)
	mustClose(t, mustCreate(t, s, testID))
	if err := os.Remove(filepath.Join(s.path(testID), journalName)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Open(testID); !errors.Is(err, ErrNoRun) {
		t.Errorf("open: %v", err)
	}
	if runs, err := s.List(); err != nil || len(runs) != 0 {
		t.Errorf("list: %v, %v", runs, err)
	}
	l := mustCreate(t, s, testID)
	mustAppend(t, l, opening())
	mustClose(t, l)
}

func TestOneWriterAtATime(t *testing.T) {
	s := testStore(t)
	l := mustCreate(t, s, testID)
	mustAppend(t, l, opening())
	if _, _, err := s.Open(testID); err == nil {
		t.Fatal("opened twice")
	} else if e := wantError[*InUseError](t, err); e.PID != os.Getpid() || e.Who != "ana" || !e.Since.Equal(testTime) {
		t.Errorf("in use by %+v", e)
	}
	for name, do := range map[string]func() error{
		"remove":  func() error { return s.Remove(testID) },
		"discard": func() error { return s.Discard(testID) },
		"repair":  func() error { _, err := s.Repair(testID); return err },
	} {
		if err := do(); err == nil {
			t.Errorf("%s of a run in use", name)
		} else {
			wantError[*InUseError](t, err)
		}
	}
	r, events, err := s.OpenReadOnly(testID)
	if err != nil || len(events) != 1 {
		t.Fatalf("read only: %d events, %v", len(events), err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	mustClose(t, l)
	if err := l.Close(); !errors.Is(err, ErrClosed) {
		t.Errorf("closed twice: %v", err)
	}
	l, events = mustOpen(t, s, testID[:4])
	if len(events) != 1 {
		t.Errorf("%d events", len(events))
	}
	mustClose(t, l)
}

func TestInUseSaysWho(t *testing.T) {
	rows := []struct {
		name string
		err  InUseError
		want string
	}{
		{"all", InUseError{12, "ana", testTime}, "the run is open: ana, process 12, since 2026-03-04T05:06:07Z"},
		{"nobody said", InUseError{}, "the run is open in another process"},
		{"hostile", InUseError{12, "a\x1b[2Jb", testTime}, "the run is open: a␛[2Jb, process 12, since 2026-03-04T05:06:07Z"},
	}
	for _, row := range rows {
		if got := row.err.Error(); got != row.want {
			t.Errorf("%s: %q, want %q", row.name, got, row.want)
		}
	}
}

func TestANewerJournalIsOnlyLookedAt(t *testing.T) {
	s := testStore(t)
	newer := opening()
	newer.Open.Version = FormatVersion + 1
	text := relined(t, journalOf(t, newer, note("a"), note("b")), `"type":"note","note":{"i":-1,"text":"a"}`, `"type":"new","note":7`)
	path := put(t, s, testID, text)
	_, _, err := s.Open(testID)
	wantError[*NewerError](t, err)
	_, err = s.Repair(testID)
	wantError[*NewerError](t, err)
	r, events, err := s.OpenReadOnly(testID)
	if err != nil {
		t.Fatal(err)
	}
	wantError[*NewerError](t, r.Problem())
	if len(events) != 2 {
		t.Errorf("%d events are readable, want 2", len(events))
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if string(readAll(t, path)) != string(text) {
		t.Error("the journal was changed")
	}
}

func TestTheFormatIsFilledIn(t *testing.T) {
	s := testStore(t)
	l := mustCreate(t, s, testID)
	first := opening()
	got := mustAppend(t, l, first)
	mustClose(t, l)
	if got[0].Open.Version != FormatVersion || first.Open.Version != 0 {
		t.Errorf("version %d, the caller's %d", got[0].Open.Version, first.Open.Version)
	}
}

func TestRemove(t *testing.T) {
	s := testStore(t)
	if err := os.Mkdir(s.path(goneBase+"left-behind"), dirMode); err != nil {
		t.Fatal(err)
	}
	rows := []struct {
		name     string
		journal  []byte
		finished bool
	}{
		{"finished", journalOf(t, story()...), true},
		{"not finished", journalOf(t, opening(), note("x")), false},
		{"empty", nil, false},
		{"damaged", flip(journalOf(t, opening(), note("x")), 20), false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			put(t, s, testID, row.journal)
			err := s.Remove(testID)
			if row.finished != (err == nil) || err != nil && !errors.Is(err, ErrUnfinished) {
				t.Fatalf("remove: %v", err)
			}
			if !row.finished {
				if err := s.Discard(testID); err != nil {
					t.Fatal(err)
				}
			}
			if left, err := os.ReadDir(s.dir); err != nil || len(left) != 0 {
				t.Errorf("left: %v, %v", left, err)
			}
		})
	}
	if err := s.Remove(testID); !errors.Is(err, ErrNoRun) {
		t.Errorf("again: %v", err)
	}
}

func TestList(t *testing.T) {
	s := testStore(t)
	big := note(strings.Repeat("x", 3*tailSize))
	edit := model.Event{Type: model.EvLeave, Leave: &model.LeaveEvent{Items: []int{1}, Out: true}}
	rows := []struct {
		id       string
		journal  []byte
		events   int64
		finished bool
		problem  bool
	}{
		{"00000001", journalOf(t, story()...), 6, true, false},
		{"00000002", journalOf(t, append(story(), note("later"))...), 7, true, false},
		{"00000003", journalOf(t, append(story(), edit)...), 7, false, false},
		{"00000004", journalOf(t, append(story(), big)...), 7, true, false},
		{"00000005", append(journalOf(t, story()...), "torn"...), 6, true, false},
		{"00000006", journalOf(t, opening()), 1, false, false},
		{"00000007", nil, 0, false, false},
		{"00000008", []byte("0000"), 0, false, false},
		{"00000009", flip(journalOf(t, story()...), 20), 0, false, true},
		{"0000000a", journalOf(t, append(story()[:5], model.Event{Type: model.EvEnd, End: &model.EndEvent{Why: "signal"}})...), 6, false, false},
	}
	for _, row := range rows {
		put(t, s, row.id, row.journal)
	}
	l, _ := mustOpen(t, s, "00000006")
	defer mustClose(t, l)
	runs, err := s.List()
	if err != nil || len(runs) != len(rows) {
		t.Fatalf("%d runs, %v", len(runs), err)
	}
	byID := map[string]RunInfo{}
	for i, r := range runs {
		byID[r.ID] = r
		if i > 0 && r.Updated.After(runs[i-1].Updated) {
			t.Errorf("%s is newer than the one before it", r.ID)
		}
	}
	for _, row := range rows {
		r := byID[row.id]
		if r.Events != row.events || r.Finished != row.finished || (r.Problem != nil) != row.problem || r.Locked != (row.id == "00000006") {
			t.Errorf("%s: %+v", row.id, r)
		}
		if row.events > 0 && (r.Origin != "https://api.example.com" || len(r.Inputs) != 1 || !r.Started.Equal(testTime)) {
			t.Errorf("%s: %+v", row.id, r)
		}
	}
	if who := byID["00000006"].Owner; who.PID != os.Getpid() || who.Who != "ana" {
		t.Errorf("owner %+v", who)
	}
}
