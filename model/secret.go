package model

import "log/slog"

// masked is what a secret looks like wherever it is printed.
const masked = "•••"

// Secret is a token or a password. It is held in a closure because fmt prints
// strings in unexported fields whatever methods their type has; a func has no
// printable inside. Reveal is its only way out, for the one place that puts it
// on the wire.
type Secret struct{ reveal func() string }

// NewSecret hides s.
func NewSecret(s string) Secret { return Secret{func() string { return s }} }

// Reveal gives the secret, for the Authorization header and nothing else. The
// zero Secret reveals an empty string.
func (s Secret) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// IsZero says whether there is no secret.
func (s Secret) IsZero() bool { return s.Reveal() == "" }

// String hides the secret.
func (Secret) String() string { return masked }

// GoString hides the secret from %#v.
func (Secret) GoString() string { return masked }

// MarshalText hides the secret from encoders.
func (Secret) MarshalText() ([]byte, error) { return []byte(masked), nil }

// LogValue hides the secret from log/slog.
func (Secret) LogValue() slog.Value { return slog.StringValue(masked) }
