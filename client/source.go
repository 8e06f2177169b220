package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"

	"retriage/model"
)

const (
	secretMax      = 64 << 10         // bytes that a source may give
	commandTimeout = 30 * time.Second // long enough to type a passphrase
)

// Source is where a secret is kept: a File, a Command, an Env or a Literal.
type Source interface {
	read(ctx context.Context) (string, error)
	name() string // safe, for the beginning of a sentence
}

// File is the path of a file that holds the secret. It must be a regular file
// of the user who runs this, closed to everybody else (mode & 077 == 0).
type File string

// Command is a program and its arguments that print the secret. It runs without
// a shell, without standard input and without those of our environment
// variables whose names speak of secrets, for at most 30 seconds. What it
// writes to standard error is not shown, as it may hold the secret.
type Command []string

// Env is the name of the environment variable that holds the secret.
type Env string

// Literal is a secret that is known already, for tests and the demo.
type Literal struct{ Secret model.Secret }

func safe(s string) string { return model.Foreign(s).Safe(model.SafeShort) }

func (f File) name() string { return "the token file " + safe(string(f)) }

func (f File) read(context.Context) (string, error) {
	// A pipe would block the open, so the kind is asked for before and, as the
	// file may have been exchanged meanwhile, again after it.
	if info, err := os.Stat(string(f)); err != nil {
		return "", f.failed(err)
	} else if !info.Mode().IsRegular() {
		return "", unusable("%s is not a regular file", f.name())
	}
	file, err := os.Open(string(f))
	if err != nil {
		return "", f.failed(err)
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return "", f.failed(err)
	}
	if err := f.private(info); err != nil {
		return "", err
	}
	b, err := io.ReadAll(io.LimitReader(file, secretMax+1))
	if err != nil {
		return "", f.failed(err)
	}
	if len(b) > secretMax {
		return "", unusable("%s is larger than 64 KiB", f.name())
	}
	return string(b), nil
}

func (f File) private(info fs.FileInfo) error {
	if !info.Mode().IsRegular() {
		return unusable("%s is not a regular file", f.name())
	}
	if !ownedByUser(info) {
		return unusable("%s belongs to another user", f.name())
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return unusable("%s is open to others (mode %04o); close it with chmod 600", f.name(), mode)
	}
	return nil
}

func (f File) failed(err error) error {
	why := "cannot be read"
	switch {
	case errors.Is(err, fs.ErrNotExist):
		why = "does not exist"
	case errors.Is(err, fs.ErrPermission):
		why = "may not be read by this user"
	}
	return &CredentialError{Why: f.name() + " " + why, Err: err}
}

func (c Command) name() string {
	if len(c) == 0 {
		return "the token command"
	}
	return "the token command " + safe(c[0])
}

func (c Command) read(ctx context.Context) (string, error) {
	if len(c) == 0 {
		return "", unusable("the token command is empty")
	}
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, c[0], c[1:]...)
	cmd.Env = withoutSecrets(os.Environ())
	// A grandchild that keeps the pipe open must not keep us waiting.
	cmd.WaitDelay = time.Second
	out := &capped{left: secretMax}
	cmd.Stdout = out
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return "", &CredentialError{Why: c.name() + " was stopped before it ended", Err: ctx.Err()}
	case errors.As(err, &exit):
		return "", &CredentialError{Why: fmt.Sprintf("%s ended with %s; run it by hand to see why", c.name(), exit.ProcessState), Err: err}
	case out.over:
		return "", unusable("%s printed more than 64 KiB", c.name())
	case err != nil:
		return "", &CredentialError{Why: c.name() + " cannot be run", Err: err}
	}
	return string(out.kept), nil
}

// capped keeps what a command prints, up to a limit, and drops the rest.
type capped struct {
	kept []byte
	left int
	over bool
}

func (c *capped) Write(p []byte) (int, error) {
	keep := min(len(p), c.left)
	c.left -= keep
	c.over = c.over || keep < len(p)
	c.kept = append(c.kept, p[:keep]...)
	return len(p), nil
}

// secretName tells the variables that a command of ours is not given.
var secretName = regexp.MustCompile(`(?i)TOKEN|SECRET|PASSW|PASSPHRASE|CREDENTIAL|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY`)

func withoutSecrets(env []string) []string {
	var kept []string
	for _, kv := range env {
		if name, _, _ := strings.Cut(kv, "="); !secretName.MatchString(name) {
			kept = append(kept, kv)
		}
	}
	return kept
}

func (e Env) name() string { return "the environment variable " + safe(string(e)) }

func (e Env) read(context.Context) (string, error) {
	v, ok := os.LookupEnv(string(e))
	if !ok {
		return "", unusable("%s is not set", e.name())
	}
	return v, nil
}

func (Literal) name() string { return "the token" }

func (l Literal) read(context.Context) (string, error) { return l.Secret.Reveal(), nil }
