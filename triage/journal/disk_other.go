//go:build !linux

package journal

import "os"

// syncData waits until f is on disk. On macOS, os.File.Sync is F_FULLFSYNC.
func syncData(f *os.File) error { return f.Sync() }

func clone(_, _ *os.File) bool { return false }
