//go:build unix

package journal

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestEverythingIsForTheOwnerAlone(t *testing.T) {
	s := testStore(t)
	if err := os.Remove(s.dir); err != nil {
		t.Fatal(err)
	}
	defer syscall.Umask(syscall.Umask(0))
	s, err := OpenStore(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	l := mustCreate(t, s, testID)
	mustAppend(t, l, opening())
	f, err := os.Open(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	_, err = l.AddInput("x", f)
	if err = firstError(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	mustClose(t, l)
	put(t, s, testID, append(journalOf(t, opening()), "torn"...))
	l, _ = mustOpen(t, s, testID)
	mustClose(t, l)
	wantModes(t, s.dir)
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// wantModes walks a folder whose contents must be the owner's alone.
func wantModes(t *testing.T, dir string) {
	t.Helper()
	n := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		n++
		want := fileMode
		if d.IsDir() {
			want = dirMode
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %o, want %o", path, info.Mode().Perm(), want)
		}
		return nil
	})
	if err != nil || n < 7 {
		t.Errorf("%d files, %v", n, err)
	}
}

func TestWiderModesAreCorrected(t *testing.T) {
	s := testStore(t)
	l := mustCreate(t, s, testID)
	mustAppend(t, l, opening())
	mustClose(t, l)
	err := filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.Chmod(path, 0o755)
		}
		return os.Chmod(path, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
	if s, err = OpenStore(s.dir); err != nil {
		t.Fatal(err)
	}
	l, _ = mustOpen(t, s, testID)
	if _, err := l.AddInput("x", os.Stdin); err != nil {
		t.Log(err) // the folder of the inputs is looked at when one is added
	}
	mustClose(t, l)
	for _, name := range []string{"", testID, testID + "/in", testID + "/lock", testID + "/journal.jsonl"} {
		info, err := os.Stat(filepath.Join(s.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%q still has mode %o", name, info.Mode().Perm())
		}
	}
}

func TestUnsafePlacesAreRefused(t *testing.T) {
	rows := []struct {
		name string
		make func(t *testing.T, base string) (store string)
		why  string // "" = allowed
	}{
		{"a new folder", func(_ *testing.T, base string) string { return filepath.Join(base, "a", "b", "runs") }, ""},
		{"a link to a folder", func(t *testing.T, base string) string {
			mustLink(t, base, filepath.Join(base, "runs"))
			return filepath.Join(base, "runs")
		}, "is a symbolic link"},
		{"a plain file", func(t *testing.T, base string) string {
			put := filepath.Join(base, "runs")
			if err := os.WriteFile(put, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			return put
		}, "is not a folder"},
		{"below a folder for everybody", func(t *testing.T, base string) string {
			mustChmod(t, base, 0o777)
			return filepath.Join(base, "a", "runs")
		}, "can be written to by every user"},
		{"below a sticky folder for everybody", func(t *testing.T, base string) string {
			mustChmod(t, base, 0o777|fs.ModeSticky)
			return filepath.Join(base, "a", "runs")
		}, ""},
		{"below a link to a folder for everybody", func(t *testing.T, base string) string {
			open, link := filepath.Join(base, "open"), filepath.Join(base, "link")
			if err := os.Mkdir(open, 0o700); err != nil {
				t.Fatal(err)
			}
			mustChmod(t, open, 0o777)
			mustLink(t, open, link)
			return filepath.Join(link, "runs")
		}, "can be written to by every user"},
		{"another user's folder", func(t *testing.T, base string) string {
			if os.Geteuid() != 0 {
				t.Skip("only root can give a folder away")
			}
			if err := os.Chown(base, 1, 1); err != nil {
				t.Fatal(err)
			}
			return base
		}, "belongs to another user"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			_, err := OpenStore(row.make(t, t.TempDir()))
			if row.why == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if e := wantError[*UnsafeError](t, err); e.Why != row.why {
				t.Errorf("%v, want %s", e, row.why)
			}
		})
	}
}

func mustChmod(t *testing.T, path string, mode fs.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(path, 0o700) })
}

func mustLink(t *testing.T, to, path string) {
	t.Helper()
	if err := os.Symlink(to, path); err != nil {
		t.Fatal(err)
	}
}

func TestPlantedFilesAreRefused(t *testing.T) {
	for _, name := range []string{journalName, lockName, inputsName, ""} {
		t.Run("a link at "+name, func(t *testing.T) {
			s := testStore(t)
			l := mustCreate(t, s, testID)
			mustAppend(t, l, opening())
			mustClose(t, l)
			path := filepath.Join(s.path(testID), name)
			moved := filepath.Join(t.TempDir(), "moved")
			if err := os.Rename(path, moved); err != nil {
				t.Fatal(err)
			}
			mustLink(t, moved, path)
			l, _, err := s.Open(testID)
			if name == inputsName {
				if err != nil {
					t.Fatal(err)
				}
				_, err = l.AddInput("x", os.Stdin)
				mustClose(t, l)
			}
			if e := wantError[*UnsafeError](t, err); e.Why != "is a symbolic link" {
				t.Error(e)
			}
			if name == journalName || name == "" {
				_, _, err := s.OpenReadOnly(testID)
				wantError[*UnsafeError](t, err)
			}
		})
	}
	t.Run("a pipe", func(t *testing.T) {
		s := testStore(t)
		path := put(t, s, testID, nil)
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			t.Skip(err)
		}
		_, _, err := s.OpenReadOnly(testID)
		wantError[*UnsafeError](t, err)
		_, _, err = s.Open(testID)
		wantError[*UnsafeError](t, err)
		if runs, err := s.List(); err != nil || len(runs) != 1 || runs[0].Problem == nil {
			t.Errorf("list: %+v, %v", runs, err)
		}
	})
	t.Run("another user's journal", func(t *testing.T) {
		if os.Geteuid() != 0 {
			t.Skip("only root can give a file away")
		}
		s := testStore(t)
		path := put(t, s, testID, journalOf(t, opening()))
		if err := os.Chown(path, 1, 1); err != nil {
			t.Fatal(err)
		}
		_, _, err := s.Open(testID)
		if e := wantError[*UnsafeError](t, err); e.Why != "belongs to another user" {
			t.Error(e)
		}
	})
}

func TestReadOnlyChangesNothing(t *testing.T) {
	s := testStore(t)
	path := put(t, s, testID, append(journalOf(t, story()...), "torn"...))
	mustChmod(t, path, 0o644)
	before := snapshot(t, s.dir)
	r, events, err := s.OpenReadOnly(testID)
	if err != nil || len(events) != 6 || r.Problem() != nil {
		t.Fatalf("%d events, %v", len(events), err)
	}
	if more, err := r.Next(); err != nil || more != nil {
		t.Errorf("next: %v, %v", more, err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if _, err := s.List(); err != nil {
		t.Error(err)
	}
	if after := snapshot(t, s.dir); after != before {
		t.Errorf("changed:\n%s\n%s", before, after)
	}
}

// snapshot says of every file below dir what it is.
func snapshot(t *testing.T, dir string) string {
	t.Helper()
	var text string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		text += path + " " + info.Mode().String() + " " + info.ModTime().String() + "\n"
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}
