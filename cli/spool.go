package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"retriage/model"
)

// spoolBuffer is how much of a stream is copied at once.
const spoolBuffer = 1 << 20

// spool is the private copy of a stream. It can be read while the stream is
// still coming: a read waits for bytes that are not there yet.
type spool struct {
	file *os.File
	done chan struct{} // closed when the stream has ended

	mu   sync.Mutex
	more *sync.Cond
	size int64
	over bool
	err  error // why it ended early
	once sync.Once
}

// newSpool begins to copy r into a file of its own. It closes r at the end.
func newSpool(dir string, r io.ReadCloser) (*spool, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(dir, "in-*")
	if err != nil {
		return nil, err
	}
	s := &spool{file: f, done: make(chan struct{})}
	s.more = sync.NewCond(&s.mu)
	go s.copy(r)
	return s, nil
}

func (s *spool) copy(r io.ReadCloser) {
	buf := make([]byte, spoolBuffer)
	var err error
	for err == nil {
		var n int
		n, err = r.Read(buf)
		if n > 0 && !s.ended() {
			if _, werr := s.file.Write(buf[:n]); werr != nil {
				err = werr
			} else {
				s.grow(n)
			}
		}
	}
	if cerr := r.Close(); errors.Is(err, io.EOF) {
		err = nil
		if cerr != nil && !errors.Is(cerr, os.ErrClosed) {
			err = cerr
		}
	}
	s.end(err)
}

// end lets nobody wait any longer: the stream has ended, or nobody wants more.
func (s *spool) end(err error) {
	s.once.Do(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.over, s.err = true, err
		s.more.Broadcast()
		close(s.done)
	})
}

func (s *spool) ended() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.over
}

func (s *spool) grow(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.size += int64(n)
	s.more.Broadcast()
}

// Available is how much of the stream is there by now.
func (s *spool) Available() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.size
}

// ReadAt implements io.ReaderAt for a file that grows: it gives what is there
// from off on, at least one byte, and waits for it.
func (s *spool) ReadAt(p []byte, off int64) (int, error) {
	s.mu.Lock()
	for off >= s.size && !s.over {
		s.more.Wait()
	}
	size, over, err := s.size, s.over, s.err
	s.mu.Unlock()
	if off >= size {
		if err != nil {
			return 0, err
		}
		return 0, io.EOF
	}
	n, rerr := s.file.ReadAt(p[:min(int64(len(p)), size-off)], off)
	if rerr == nil && over && err == nil && off+int64(n) == size && n < len(p) {
		rerr = io.EOF
	}
	return n, rerr
}

// result waits for the end of the stream and gives its size.
func (s *spool) result() (size int64, err error) {
	<-s.done
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.size, s.err
}

// spool keeps a private copy of a stream.
func (a *app) spool(name string, r io.ReadCloser) (inputFile, error) {
	s, err := newSpool(filepath.Join(a.stateDir(), "in"), r)
	if err != nil {
		return inputFile{}, fail(exitState, "cannot keep a copy of the input: %v", err)
	}
	return inputFile{name: model.Foreign(name).Safe(model.SafeShort), file: s.file, spool: s}, nil
}

// spoolFailed words why a stream could not be kept to its end.
func spoolFailed(name string, err error) error {
	if errors.Is(err, syscall.ENOSPC) {
		return &exitError{exitState, "the disk is full: " + name + " could not be kept to its end. Nothing was sent; free some space and open it again.", err}
	}
	return &exitError{exitInput, fmt.Sprintf("reading %s ended early: %s. Nothing was sent.", name, model.Foreign(err.Error()).Safe(0)), err}
}

// sums takes the checksum of an input beside whoever else reads it.
type sums struct {
	done chan struct{}
	sha  string
	err  error
}

func sumOf(ctx context.Context, r io.ReaderAt) *sums {
	s := &sums{done: make(chan struct{})}
	go func() {
		defer close(s.done)
		h := sha256.New()
		buf := make([]byte, spoolBuffer)
		for off := int64(0); s.err == nil && ctx.Err() == nil; {
			var n int
			n, s.err = r.ReadAt(buf, off)
			h.Write(buf[:n])
			off += int64(n)
		}
		if errors.Is(s.err, io.EOF) {
			s.err = nil
		}
		if s.err == nil {
			s.err = ctx.Err()
		}
		s.sha = hex.EncodeToString(h.Sum(nil))
	}()
	return s
}
