package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
)

func sum(text []byte) string {
	s := sha256.Sum256(text)
	return hex.EncodeToString(s[:])
}

func TestAddInput(t *testing.T) {
	s := testStore(t)
	l := mustCreate(t, s, testID)
	big := bytes.Repeat([]byte("0123456789abcde\n"), headSize/16+1000)
	path := filepath.Join(t.TempDir(), "big")
	if err := os.WriteFile(path, big, 0o644); err != nil {
		t.Fatal(err)
	}
	file := func(from int64) io.Reader {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = f.Close() })
		if _, err := f.Seek(from, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		return f
	}
	rows := []struct {
		name string
		give io.Reader
		want []byte
	}{
		{"nothing", strings.NewReader(""), nil},
		{"a little", strings.NewReader("abc"), []byte("abc")},
		{"a stream", struct{ io.Reader }{bytes.NewReader(big)}, big},
		{"byte for byte", iotest.OneByteReader(bytes.NewReader(big[:headSize+3])), big[:headSize+3]},
		{"exactly the head", bytes.NewReader(big[:headSize]), big[:headSize]},
		{"a file", file(0), big},
		{"the rest of a file", file(100), big[100:]},
		{"a hostile\x1b[2J name", strings.NewReader("x"), []byte("x")},
	}
	for i, row := range rows {
		in, err := l.AddInput(row.name, row.give)
		if err != nil {
			t.Fatalf("%s: %v", row.name, err)
		}
		if want := "in/0" + string(rune('1'+i)); in.File != want {
			t.Errorf("%s: file %s, want %s", row.name, in.File, want)
		}
		if got := readAll(t, filepath.Join(l.Dir(), in.File)); !bytes.Equal(got, row.want) {
			t.Errorf("%s: the copy has %d bytes, want %d", row.name, len(got), len(row.want))
		}
		if in.Size != int64(len(row.want)) || in.SHA256 != sum(row.want) || in.Head != sum(row.want[:min(len(row.want), headSize)]) {
			t.Errorf("%s: %+v", row.name, in)
		}
		if strings.Contains(in.Name, "\x1b") {
			t.Errorf("name %q", in.Name)
		}
	}
	mustClose(t, l)
	if _, err := l.AddInput("late", strings.NewReader("x")); !errors.Is(err, ErrClosed) {
		t.Errorf("after close: %v", err)
	}
}

func TestABrokenInputLeavesNothing(t *testing.T) {
	s := testStore(t)
	l := mustCreate(t, s, testID)
	broken := io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(io.ErrUnexpectedEOF))
	if _, err := l.AddInput("x", broken); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("add: %v", err)
	}
	if left := matches(t, l.Dir(), "in/*"); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	if in, err := l.AddInput("x", strings.NewReader("abc")); err != nil || in.File != "in/01" {
		t.Errorf("add: %+v, %v", in, err)
	}
	mustClose(t, l)
}
