package journal

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// syncData waits until the contents and the length of f are on disk.
func syncData(f *os.File) error {
	for {
		err := unix.Fdatasync(int(f.Fd()))
		if !errors.Is(err, unix.EINTR) {
			return os.NewSyscallError("fdatasync", err)
		}
	}
}

// clone makes dst share the blocks of src, where the file system can do that.
func clone(dst, src *os.File) bool {
	return unix.IoctlFileClone(int(dst.Fd()), int(src.Fd())) == nil
}
