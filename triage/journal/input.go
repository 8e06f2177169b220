package journal

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"retriage/model"
)

// headSize is how much of an input is hashed by itself, so that a changed file
// is noticed before all of it was read.
const headSize = 128 << 10

// AddInput copies an input into the run's folder and returns when the copy is
// on disk: its size and the sums of its first 128 KiB and of all of it, in
// lower-case hex. A file from its beginning is cloned where the file system
// can; everything else streams through a fixed buffer. name is how the operator
// called it. On an error nothing of the copy is left.
func (l *Log) AddInput(name string, r io.Reader) (model.InputFile, error) {
	l.inputs.Lock()
	defer l.inputs.Unlock()
	if err := l.open(); err != nil {
		return model.InputFile{}, err
	}
	f, err := nextInput(filepath.Join(l.dir, inputsName))
	if err != nil {
		return model.InputFile{}, fmt.Errorf("copy input: %w", err)
	}
	in := model.InputFile{
		Name: model.Foreign(name).Safe(model.SafeLong),
		File: inputsName + "/" + filepath.Base(f.Name()),
	}
	err = fill(f, r, &in)
	if err = errors.Join(err, f.Close()); err == nil {
		err = syncFolder(filepath.Dir(f.Name()))
	}
	if err != nil {
		return model.InputFile{}, errors.Join(fmt.Errorf("copy input %s: %w", in.Name, err), os.Remove(f.Name()))
	}
	return in, nil
}

// HoldsInput says whether one of the runs in a folder keeps an input of that many
// bytes. Without one, an input can belong to none of them, and need not be summed
// up to know that.
func HoldsInput(runs string, size int64) bool {
	files, err := filepath.Glob(filepath.Join(runs, "*", inputsName, "*"))
	return err == nil && slices.ContainsFunc(files, func(name string) bool {
		info, err := os.Lstat(name)
		return err == nil && info.Size() == size
	})
}

// open says ErrClosed when the log is closed.
func (l *Log) open() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return fmt.Errorf("copy input: %w", ErrClosed)
	}
	return nil
}

// nextInput makes the file 01, 02 and so on, whichever is free.
func nextInput(dir string) (*os.File, error) {
	if err := ownFolder(dir); err != nil {
		return nil, err
	}
	for n := 1; ; n++ {
		name := strconv.Itoa(n)
		if n < 10 {
			name = "0" + name
		}
		f, err := createFile(filepath.Join(dir, name))
		if !errors.Is(err, os.ErrExist) {
			return f, err
		}
	}
}

// fill copies r to f, says in in what it was, and syncs. The sums are of what
// the copy holds.
func fill(f *os.File, r io.Reader, in *model.InputFile) error {
	head, all := &headHash{Hash: sha256.New()}, sha256.New()
	sums := io.MultiWriter(head, all)
	var err error
	if cloned(f, r) {
		in.Size, err = io.Copy(sums, f)
	} else {
		in.Size, err = io.Copy(io.MultiWriter(f, sums), r)
	}
	if err != nil {
		return err
	}
	in.Head, in.SHA256 = hex.EncodeToString(head.Sum(nil)), hex.EncodeToString(all.Sum(nil))
	return f.Sync()
}

// cloned makes f share the blocks of r, if r is a plain file at its beginning.
func cloned(f *os.File, r io.Reader) bool {
	src, ok := r.(*os.File)
	if !ok {
		return false
	}
	info, err := src.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	at, err := src.Seek(0, io.SeekCurrent)
	return err == nil && at == 0 && clone(f, src)
}

// headHash hashes no more than the first headSize bytes.
type headHash struct {
	hash.Hash
	n int
}

func (h *headHash) Write(p []byte) (int, error) {
	part := p[:min(len(p), headSize-h.n)]
	h.n += len(part)
	_, err := h.Hash.Write(part)
	return len(p), err
}
