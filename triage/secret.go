package triage

import (
	"slices"
	"strings"
)

// SecretHeader says whether a header of this name carries a credential, so that
// its value is shown nowhere.
func SecretHeader(name string) bool {
	low := strings.ToLower(name)
	return slices.ContainsFunc(secretHeaders, func(s string) bool { return strings.Contains(low, s) })
}
