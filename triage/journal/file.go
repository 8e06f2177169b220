package journal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

const (
	dirMode  fs.FileMode = 0o700
	fileMode fs.FileMode = 0o600
)

// disk is the file that the journal is appended to. A failing one can stand in
// for it in a test.
type disk interface {
	io.Writer
	// Sync returns when everything written is on disk.
	Sync() error
	Truncate(size int64) error
	Close() error
}

// syncedFile is a disk whose Sync leaves out what a replay does not need, such
// as the time of the last change.
type syncedFile struct{ *os.File }

// Sync implements disk.
func (f syncedFile) Sync() error { return syncData(f.File) }

// createFile makes a file that is not there yet, for its owner alone whatever
// the umask says.
func createFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND|os.O_CREATE|os.O_EXCL|noFollow, fileMode)
	if err != nil {
		return nil, err
	}
	if err := f.Chmod(fileMode); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// openFile opens a file of ours that is there. It refuses a link and a file of
// another owner; a mode that lets others in is corrected when writing is asked
// for.
func openFile(path string, flag int) (*os.File, error) {
	// Looked at before it is opened: opening a pipe would block.
	if err := checkPath(path, false); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, flag|noFollow, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil {
		err = checkInfo(path, info, false)
	}
	if err == nil && flag != os.O_RDONLY && tooWide(info) {
		err = f.Chmod(fileMode)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// checkPath refuses what is not a plain file (or folder) of ours.
func checkPath(path string, dir bool) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	return checkInfo(path, info, dir)
}

func checkInfo(path string, info fs.FileInfo, dir bool) error {
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		return &UnsafeError{Path: path, Why: "is a symbolic link"}
	case dir && !info.IsDir():
		return &UnsafeError{Path: path, Why: "is not a folder"}
	case !dir && !info.Mode().IsRegular():
		return &UnsafeError{Path: path, Why: "is not a plain file"}
	case !owned(info):
		return &UnsafeError{Path: path, Why: "belongs to another user"}
	}
	return nil
}

// tooWide says whether anybody but the owner may use the file or folder.
func tooWide(info fs.FileInfo) bool { return hasModes && info.Mode().Perm()&0o077 != 0 }

// ownFolder checks a folder of ours and closes it to everybody else.
func ownFolder(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if err := checkInfo(path, info, true); err != nil {
		return err
	}
	if tooWide(info) {
		return os.Chmod(path, dirMode)
	}
	return nil
}

// makeFolder makes a folder for its owner alone, or takes the one that is there.
func makeFolder(path string) error {
	if err := os.Mkdir(path, dirMode); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return ownFolder(path)
}

// checkParents refuses a place where another user could swap our folder for
// one of his: below a folder that everybody may write to and that has no
// sticky bit. Folders that do not exist yet are skipped.
func checkParents(dir string) error {
	parent := filepath.Dir(dir)
	real, err := filepath.EvalSymlinks(parent)
	for errors.Is(err, fs.ErrNotExist) && parent != filepath.Dir(parent) {
		parent = filepath.Dir(parent)
		real, err = filepath.EvalSymlinks(parent)
	}
	if err != nil {
		return err
	}
	for p := real; ; p = filepath.Dir(p) {
		info, err := os.Stat(p)
		if err != nil {
			return err
		}
		if hasModes && info.Mode().Perm()&0o002 != 0 && info.Mode()&fs.ModeSticky == 0 {
			return &UnsafeError{Path: p, Why: "can be written to by every user"}
		}
		if p == filepath.Dir(p) {
			return nil
		}
	}
}

// createDated makes a file named base-time, or base-time-2 and so on.
func createDated(base string, now time.Time) (*os.File, error) {
	name := base + "-" + now.UTC().Format("20060102T150405.000Z")
	for n := 2; ; n++ {
		f, err := createFile(name)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
		name = fmt.Sprintf("%s-%s-%d", base, now.UTC().Format("20060102T150405.000Z"), n)
	}
}

// saveAs copies r to a dated file beside the journal and returns when the copy
// is on disk, its name included.
func saveAs(base string, now time.Time, r io.Reader) (path string, err error) {
	f, err := createDated(base, now)
	if err != nil {
		return "", err
	}
	_, err = io.Copy(f, r)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", err
	}
	return f.Name(), syncFolder(filepath.Dir(base))
}

// removeIfThere removes a file that may be missing.
func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// isThere says whether the path has a file, whatever it is.
func isThere(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
