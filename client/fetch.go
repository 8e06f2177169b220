package client

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// FetchError says in one safe sentence why an address could not be opened.
type FetchError struct {
	Address string // safe, without its query
	Why     string
	Err     error // the cause when ctx ended, or nil
}

func (e *FetchError) Error() string { return "open " + e.Address + ": " + e.Why }

// Unwrap gives the cause.
func (e *FetchError) Unwrap() error { return e.Err }

// Fetch opens an address that the operator has typed, never one that a server
// gave: absolute, or relative to the base URL. The credential goes along to the
// profile's own server only. The body streams without a limit, and the caller
// closes it. Any status but a redirect to another server comes with its body.
// The errors are *AddressError and *FetchError.
func (c *Client) Fetch(ctx context.Context, address string) (body io.ReadCloser, contentType string, status int, err error) {
	u, err := c.typedAddress(address)
	if err != nil {
		return nil, "", 0, err
	}
	failed := func(why string) error { return &FetchError{Address: shownURL(u), Why: why, Err: ctx.Err()} }
	req, err := http.NewRequestWithContext(context.WithValue(ctx, typed{}, origin(u)), http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, "", 0, failed("it cannot be read as an address")
	}
	req.Header.Set("Accept", "*/*")
	req.Header.Set("User-Agent", c.userAgent)
	response, err := c.reads.Do(req)
	if err != nil {
		return nil, "", 0, failed(c.fetchWords(u, err))
	}
	status = response.StatusCode
	plain, err := decoded(response)
	switch {
	case status >= 300 && status < 400:
		err = failed(redirectWords(c.maskText(response.Header.Get("Location"))))
	case err != nil:
		err = failed(c.plain(err))
	default:
		return &stream{Reader: plain, Closer: response.Body}, response.Header.Get("Content-Type"), status, nil
	}
	_ = response.Body.Close()
	return nil, "", status, err
}

// typedAddress reads what the operator has typed.
func (c *Client) typedAddress(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, badAddress("%s cannot be read as an address", safe(address))
	}
	if u.Scheme == "" {
		if c.target == nil {
			return nil, badAddress("%s has no scheme and host, and there is no base URL to read it from", safe(address))
		}
		return c.target.resolve(c.target.rooted(address))
	}
	own := c.target != nil && sameOrigin(u, c.target.base)
	switch {
	case u.Scheme != "https" && u.Scheme != "http", u.Hostname() == "":
		return nil, badAddress("%s is not an http or https address", shownURL(u))
	case u.User != nil:
		return nil, badAddress("the address of %s holds a user or password; put it into a token file", safe(u.Host))
	case u.Scheme == "http" && !own && !loopback(u):
		return nil, badAddress("%s is not encrypted; use https, or make it the profile's base URL", shownURL(u))
	}
	return u, nil
}

func (c *Client) fetchWords(u *url.URL, err error) string {
	switch {
	case errors.Is(err, errTooManyRedirects):
		return "the server sends us on, " + errTooManyRedirects.Error()
	case beforeSending(err):
		_, why := c.noConnection(err, safe(u.Host))
		return why
	case isTimeout(err):
		return "no reply within " + wait(c.timeout)
	}
	return "the connection broke before the reply came: " + safe(strings.TrimSpace(c.plain(err)))
}

// stream reads a body decoded and closes it where it comes from.
type stream struct {
	io.Reader
	io.Closer
}
