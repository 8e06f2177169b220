package client

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"retriage/model"
)

// Kind says how a credential is shown to the server.
type Kind string

// The kinds of credential.
const (
	None   Kind = ""
	Bearer Kind = "bearer" // Authorization: Bearer TOKEN (RFC 6750)
	Basic  Kind = "basic"  // Authorization: Basic, of "user:password" (RFC 7617)
	Header Kind = "header" // a header of the API's own, e.g. X-Api-Key
)

// Credential says who we are at the target and where the secret is kept. It
// holds no secret itself, unless its source is a Literal, which prints masked.
type Credential struct {
	Kind   Kind
	Header string // the header's name when Kind is Header
	Source Source // where the secret comes from; nil only when Kind is None
}

// CredentialError says in one sentence why a credential cannot be used. It
// never holds a part of the secret.
type CredentialError struct {
	Why string // a safe sentence
	Err error  // the cause, or nil
}

func (e *CredentialError) Error() string { return "load credential: " + e.Why }

// Unwrap gives the cause.
func (e *CredentialError) Unwrap() error { return e.Err }

func unusable(format string, args ...any) error {
	return &CredentialError{Why: fmt.Sprintf(format, args...)}
}

// ownHeaders may not carry a credential: net/http writes them itself, or they
// steer the connection.
var ownHeaders = []string{"Host", "Content-Length", "Content-Type", "Transfer-Encoding", "Connection", "Upgrade", "Trailer", "Te"}

// check says whether the credential is complete, without reading its secret.
func (c Credential) check() error {
	switch c.Kind {
	case None:
		return nil
	case Bearer, Basic:
	case Header:
		if !isToken(c.Header) {
			return unusable("the header's name %q is not one that HTTP allows", model.Foreign(c.Header).Safe(model.SafeShort))
		}
		if slices.Contains(ownHeaders, textproto.CanonicalMIMEHeaderKey(c.Header)) {
			return unusable("the header %s cannot carry a credential", c.Header)
		}
	default:
		return unusable("the kind %q is not one of bearer, basic, header", model.Foreign(string(c.Kind)).Safe(model.SafeShort))
	}
	if c.Source == nil {
		return unusable("nothing says where the secret is kept: set token_file, token_cmd or token_env")
	}
	return nil
}

// Load reads the secret from its source, takes line ends off its end and checks
// that it can stand in a header. The errors are *CredentialError.
func (c Credential) Load(ctx context.Context) (model.Secret, error) {
	if err := c.check(); err != nil || c.Kind == None {
		return model.Secret{}, err
	}
	raw, err := c.Source.read(ctx)
	if err != nil {
		return model.Secret{}, err
	}
	raw = strings.TrimRight(raw, "\r\n")
	if err := c.validate(raw); err != nil {
		return model.Secret{}, err
	}
	return model.NewSecret(raw), nil
}

// validate names the kind of the character that is wrong and its place, and
// never the text.
func (c Credential) validate(raw string) error {
	if raw == "" {
		return unusable("%s is empty", c.Source.name())
	}
	for i, r := range raw {
		switch {
		case unicode.IsControl(r):
			return unusable("%s holds %s at byte %d; a header cannot carry it", c.Source.name(), controlName(r), i+1)
		case r == utf8.RuneError, r > unicode.MaxASCII && c.Kind != Basic:
			return unusable("%s holds a character outside ASCII at byte %d; copy it again", c.Source.name(), i+1)
		case r == ' ' && c.Kind == Bearer:
			return unusable("%s holds a space at byte %d; store the token alone, without the word Bearer", c.Source.name(), i+1)
		}
	}
	if c.Kind == Basic && !strings.Contains(raw, ":") {
		return unusable("%s is not of the form user:password", c.Source.name())
	}
	return nil
}

func controlName(r rune) string {
	switch r {
	case '\n':
		return "a line end (LF)"
	case '\r':
		return "a carriage return (CR)"
	case '\t':
		return "a tab"
	case 0:
		return "a NUL"
	case 0x1b:
		return "an escape character (ESC)"
	}
	return fmt.Sprintf("the control character U+%04X", r)
}

// header gives the header's name and the value that carries the secret.
func (c Credential) header(secret model.Secret) (string, model.Secret) {
	switch c.Kind {
	case Bearer:
		return "Authorization", model.NewSecret("Bearer " + secret.Reveal())
	case Basic:
		return "Authorization", model.NewSecret("Basic " + base64.StdEncoding.EncodeToString([]byte(secret.Reveal())))
	case Header:
		return http.CanonicalHeaderKey(c.Header), secret
	}
	return "", model.Secret{}
}

// isToken says whether s may be a header's name or a method (RFC 9110, 5.6.2).
func isToken(s string) bool {
	const marks = "!#$%&'*+-.^_`|~"
	return s != "" && strings.IndexFunc(s, func(r rune) bool {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
		return !letter && !strings.ContainsRune(marks, r)
	}) < 0
}
