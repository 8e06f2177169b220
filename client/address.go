package client

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
)

// ErrNoTarget says that the profile names no server.
var ErrNoTarget = errors.New("no target: set base_url in the profile, or --base-url")

// AddressError says in one safe sentence why a URL is not used.
type AddressError struct{ Why string }

func (e *AddressError) Error() string { return "use address: " + e.Why }

func badAddress(format string, args ...any) error {
	return &AddressError{Why: fmt.Sprintf(format, args...)}
}

// secretParam tells query parameters that carry credentials: a URL is shown,
// journaled and logged by proxies, so a secret has no place in it.
var secretParam = regexp.MustCompile(`(?i)token|secret|passw|api_?key|^key$|^sig$|signature|^auth`)

// target is the server of a profile: everything that is sent to stays in it.
type target struct {
	base  *url.URL // without a trailing slash
	batch *url.URL
}

// newTarget reads the base URL of a profile and the path of its batch endpoint.
func newTarget(baseURL, batchPath string) (*target, error) {
	u, err := url.Parse(strings.TrimRight(baseURL, "/"))
	if err != nil {
		return nil, badAddress("the base URL cannot be read as a URL")
	}
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, badAddress("the base URL must begin with https:// or http://")
	case u.Hostname() == "" || u.Opaque != "":
		return nil, badAddress("the base URL names no host")
	case u.User != nil:
		return nil, badAddress("the base URL holds a user or password; put it into a token file and set auth = basic")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, badAddress("the base URL must end with its path, without ? or #")
	case hasDots(u):
		return nil, badAddress("the base URL must not hold . or .. as a part of its path")
	}
	t := &target{base: u, batch: u}
	if batchPath != "" {
		if t.batch, err = t.path(batchPath); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// path appends a path of the profile to the base URL.
func (t *target) path(p string) (*url.URL, error) {
	u, err := url.Parse(t.base.String() + withSlash(p))
	if err != nil {
		return nil, badAddress("%s cannot be read as a path", safe(p))
	}
	for name := range u.Query() {
		if secretParam.MatchString(name) {
			return nil, badAddress("the path carries a secret as ?%s=; put it into a token file", safe(name))
		}
	}
	return u, t.inside(u)
}

func withSlash(p string) string {
	if p == "" || strings.HasPrefix(p, "/") || strings.HasPrefix(p, "?") {
		return p
	}
	return "/" + p
}

// inside refuses a URL that leaves the target: another scheme, host or port, a
// path outside the base path, dot segments in whatever spelling.
func (t *target) inside(u *url.URL) error {
	switch {
	case u.Opaque != "" || u.User != nil:
		return badAddress("%s is not a plain address", shownURL(u))
	case !sameOrigin(u, t.base):
		return badAddress("%s is on another server than %s", shownURL(u), origin(t.base))
	case hasDots(u) || strings.ContainsRune(u.Path, '\\'):
		return badAddress("%s has ., .. or a backslash in its path", shownURL(u))
	case !under(u.EscapedPath(), t.base.EscapedPath()):
		return badAddress("%s is outside %s", shownURL(u), shownURL(t.base))
	}
	return nil
}

// resolve makes a URL of what a server or a request gave: an absolute URL, an
// absolute path, or a path relative to the service root, which is the folder of
// the batch endpoint (RFC 3986, section 5; without a batch path the base URL is
// that folder).
func (t *target) resolve(ref string) (*url.URL, error) {
	if strings.TrimSpace(ref) == "" {
		return nil, badAddress("there is no address")
	}
	if len(ref) > maxURL {
		return nil, badAddress("the address is longer than %d bytes", maxURL)
	}
	parsed, err := url.Parse(ref)
	if err != nil || strings.ContainsRune(ref, '\\') {
		return nil, badAddress("%s cannot be read as an address", safe(ref))
	}
	root := *t.batch
	if t.batch.Path == t.base.Path {
		root.Path, root.RawPath = t.base.Path+"/", ""
	}
	u := root.ResolveReference(parsed)
	u.Fragment, u.RawFragment = "", ""
	return u, t.inside(u)
}

// rooted makes a path that begins with a slash relative to the service root,
// unless it spells the base path out: that is how APIs write the URLs of
// sub-requests, and how an operator types one.
func (t *target) rooted(ref string) string {
	if !strings.HasPrefix(ref, "/") || strings.HasPrefix(ref, "//") {
		return ref
	}
	path, _, _ := strings.Cut(ref, "?")
	if under(path, t.base.EscapedPath()) {
		return ref
	}
	return "./" + strings.TrimLeft(ref, "/")
}

// maxURL is how long an address that came from outside may be.
const maxURL = 8 << 10

// under says whether a path is the prefix itself or lies below it.
func under(path, prefix string) bool {
	return path == prefix || strings.HasPrefix(path, prefix+"/")
}

// hasDots says whether a decoded segment of the path is "." or "..": servers and
// proxies that decode before they resolve would leave the base path with it.
func hasDots(u *url.URL) bool {
	for segment := range strings.SplitSeq(u.Path, "/") {
		if segment == "." || segment == ".." {
			return true
		}
	}
	return false
}

// origin is the scheme, host and port of a URL in lower case, with the port
// spelled out.
func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[strings.ToLower(u.Scheme)]
	}
	return strings.ToLower(u.Scheme) + "://" + net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

func sameOrigin(a, b *url.URL) bool { return origin(a) == origin(b) }

// loopback says whether a URL's host is this machine.
func loopback(u *url.URL) bool {
	if strings.EqualFold(u.Hostname(), "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return err == nil && ip.Unmap().IsLoopback()
}

// shownURL is a URL for a sentence: without user, query and fragment.
func shownURL(u *url.URL) string {
	shown := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath, Opaque: u.Opaque}
	return safe(shown.String())
}
