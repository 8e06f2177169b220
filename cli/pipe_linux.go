package cli

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// widen lets a pipe hold as much as is copied at once, so that its two ends need
// not wait for one another so often. Where that is not allowed it stays as it is.
func widen(r io.Reader) {
	f, ok := r.(*os.File)
	if !ok {
		return
	}
	if raw, err := f.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) {
			_, _ = unix.FcntlInt(fd, unix.F_SETPIPE_SZ, spoolBuffer)
		})
	}
}
