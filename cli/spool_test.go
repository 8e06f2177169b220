package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
)

// TestASpoolIsReadWhileItGrows reads what is there before the rest has come.
func TestASpoolIsReadWhileItGrows(t *testing.T) {
	r, w := io.Pipe()
	s, err := newSpool(t.TempDir(), r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.file.Close() }()
	go func() { _, _ = io.WriteString(w, "first,") }()
	buf := make([]byte, 100)
	if n, err := s.ReadAt(buf, 0); string(buf[:n]) != "first," || err != nil {
		t.Fatalf("read %q, %v", buf[:n], err)
	}
	waited := make(chan string)
	go func() {
		n, err := s.ReadAt(make([]byte, 100), 6)
		buf := make([]byte, n)
		_, _ = s.file.ReadAt(buf, 6)
		if err != nil && !errors.Is(err, io.EOF) {
			buf = []byte(err.Error())
		}
		waited <- string(buf)
	}()
	_, _ = io.WriteString(w, "second")
	if got := <-waited; got != "second" {
		t.Errorf("waited for %q", got)
	}
	_ = w.Close()
	size, err := s.result()
	if size != 12 || s.Available() != 12 || err != nil {
		t.Errorf("size %d, %v", size, err)
	}
	sums := sumOf(t.Context(), s)
	<-sums.done
	if sum := sha256.Sum256([]byte("first,second")); sums.sha != hex.EncodeToString(sum[:]) || sums.err != nil {
		t.Errorf("sum %s, %v", sums.sha, sums.err)
	}
	if n, err := s.ReadAt(buf, 12); n != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("behind the end: %d, %v", n, err)
	}
	info, err := s.file.Stat()
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// TestASpoolThatNobodyWantsMoreOf lets whoever waits go, whatever the stream does.
func TestASpoolThatNobodyWantsMoreOf(t *testing.T) {
	r, w := io.Pipe()
	s, err := newSpool(t.TempDir(), r)
	if err != nil {
		t.Fatal(err)
	}
	waited := make(chan error)
	go func() {
		_, err := s.ReadAt(make([]byte, 1), 0)
		waited <- err
	}()
	s.end(context.Canceled)
	if err := <-waited; !errors.Is(err, context.Canceled) {
		t.Errorf("the wait ends with %v", err)
	}
	_ = w.Close()
	_ = s.file.Close()
}

// TestAStreamThatBreaksOff is told, and what came before is kept.
func TestAStreamThatBreaksOff(t *testing.T) {
	s, err := newSpool(t.TempDir(), io.NopCloser(io.MultiReader(strings.NewReader("half"), brokenReader{})))
	if err != nil {
		t.Fatal(err)
	}
	size, err := s.result()
	if size != 4 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%d bytes, %v", size, err)
	}
	buf := make([]byte, 10)
	n, rerr := s.ReadAt(buf, 0)
	if string(buf[:n]) != "half" || rerr != nil {
		t.Errorf("kept %q, %v", buf[:n], rerr)
	}
	if _, err := s.ReadAt(buf, 4); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("behind it: %v", err)
	}
	_ = s.file.Close()
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, os.ErrDeadlineExceeded }
