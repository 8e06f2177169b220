package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"retriage/model"
)

const (
	headerMax   = 256 << 10        // bytes of reply headers; net/http's own limit is 10 MiB
	idleTimeout = 30 * time.Second // a connection unused for longer is likely dead
	dialTimeout = 10 * time.Second
	redirectMax = 3

	// continueTimeout is how long a large body waits to be asked for.
	continueTimeout = time.Second
)

// newTransport makes the one transport of a client. Two choices hold up the
// promise of one send on the wire: HTTP/1.1 alone, because HTTP/2 sends refused
// streams again by itself and a single lost connection takes every request on it
// along; and no compression, so that the limit on a reply counts what is decoded.
func newTransport(s model.Settings, timeout time.Duration, proxy func(*http.Request) (*url.URL, error), roots *x509.CertPool) *http.Transport {
	d := model.Defaults()
	if s.Concurrency <= 0 {
		s.Concurrency = d.Concurrency
	}
	if s.Readers <= 0 {
		s.Readers = d.Readers
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		Proxy: func(r *http.Request) (*url.URL, error) {
			u, err := proxy(r)
			if err != nil {
				// The text of err holds the proxy's URL, password included.
				return nil, &proxyError{}
			}
			return u, nil
		},
		OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, r *http.Response) error {
			if r.StatusCode != http.StatusOK {
				return &proxyError{status: r.StatusCode}
			}
			return nil
		},
		DialContext:            (&net.Dialer{Timeout: min(dialTimeout, timeout)}).DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
		TLSHandshakeTimeout:    min(dialTimeout, timeout),
		Protocols:              protocols,
		DisableCompression:     true,
		MaxResponseHeaderBytes: headerMax,
		ResponseHeaderTimeout:  timeout,
		ExpectContinueTimeout:  continueTimeout,
		IdleConnTimeout:        idleTimeout,
		// Readers have connections of their own, so that a verification never
		// keeps a send waiting.
		MaxConnsPerHost:     s.Concurrency + s.Readers,
		MaxIdleConnsPerHost: s.Concurrency + s.Readers,
	}
}

// proxyError says that the proxy, and not the server, refused.
type proxyError struct{ status int } // 0 = the setting itself cannot be read

func (e *proxyError) Error() string {
	switch e.status {
	case 0:
		return "the proxy setting of the environment is not a URL"
	case http.StatusProxyAuthRequired:
		return "the proxy asks for a sign-in (407)"
	}
	return fmt.Sprintf("the proxy refused the connection (%d)", e.status)
}

// typed marks the requests whose address the operator has typed.
type typed struct{}

// originGuard lets only those requests pass that go to the profile's origin, or
// to an address that the operator has typed.
type originGuard struct {
	client *Client
	next   http.RoundTripper
}

// RoundTrip passes a request on, or gives an *AddressError.
func (g *originGuard) RoundTrip(r *http.Request) (*http.Response, error) {
	if allowed, ok := r.Context().Value(typed{}).(string); ok && allowed == origin(r.URL) {
		return g.next.RoundTrip(r)
	}
	if g.client.target == nil || !sameOrigin(r.URL, g.client.target.base) {
		return nil, badAddress("%s is not the profile's server", shownURL(r.URL))
	}
	return g.next.RoundTrip(r)
}

// signer is the only place where the secret is put on a request, and it looks
// at the request's final address to do so.
type signer struct {
	client *Client
	next   http.RoundTripper
}

// RoundTrip passes a request on with the credential, or gives a *CredentialError.
func (s *signer) RoundTrip(r *http.Request) (*http.Response, error) {
	c := s.client
	if c.credential.Kind == None || c.target == nil || !sameOrigin(r.URL, c.target.base) {
		return s.next.RoundTrip(r)
	}
	who, err := c.identity(r.Context())
	if err != nil {
		return nil, err
	}
	signed := r.Clone(r.Context())
	signed.Header.Set(who.header, who.value.Reveal())
	return s.next.RoundTrip(signed)
}

var errTooManyRedirects = errors.New("more than 3 redirects")

// followOwnReads lets a read follow at most three redirects, on its own origin.
func followOwnReads(r *http.Request, via []*http.Request) error {
	if len(via) > redirectMax {
		return errTooManyRedirects
	}
	if !sameOrigin(r.URL, via[0].URL) {
		return http.ErrUseLastResponse
	}
	r.Header.Del("Referer")
	return nil
}
