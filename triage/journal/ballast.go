package journal

import (
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// ballastSize is the room a run keeps in reserve, in bytes, so that on a full
// disk the outcomes of what is in flight can still be written.
const ballastSize = 1 << 20

// makeBallast takes the reserve, if it is not there in full. Its bytes are
// random because a file system may store equal ones in no room at all.
func makeBallast(dir string) error {
	path := filepath.Join(dir, ballastName)
	if info, err := os.Lstat(path); err == nil && info.Size() == ballastSize {
		return nil
	}
	if err := removeIfThere(path); err != nil {
		return err
	}
	f, err := createFile(path)
	if err != nil {
		return err
	}
	_, err = io.CopyN(f, rand.Reader, ballastSize)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		if gone := os.Remove(path); !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}
	return err
}
