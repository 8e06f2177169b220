package client

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"

	"retriage/model"
)

// bodyMax is how many bytes of a reply are read, counted after decoding.
const bodyMax = 16 << 20

// askFirst is the size from which a body waits for the server's "100 Continue"
// (RFC 9110, section 10.1.1). A server that finds it too large, or us not signed
// in, answers and closes while the body is still on its way, and that answer is
// easily lost with the connection.
const askFirst = 1 << 20

var (
	errTooLong  = errors.New("the reply is longer than 16 MiB")
	errEncoding = errors.New("the reply is compressed in a way that was not asked for")
)

// exchange is one request and what came of it.
type exchange struct {
	status int // 0 = no reply came
	header http.Header
	body   []byte
	err    error // what went wrong, before or behind the status line
	sent   bool  // a byte of the request may have left
}

// once puts a write on the wire, at most once, and reads the reply.
func (c *Client) once(ctx context.Context, r model.Request) (exchange, error) {
	var got, read atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { got.Store(true) }})
	req, err := c.request(ctx, r, &read)
	if err != nil {
		return exchange{}, err
	}
	x := c.taken(c.writes.RoundTrip(req)) //nolint:bodyclose // taken closes it
	// A request with a body that was never asked for is at most a piece of a
	// header on the wire, and no server can have applied it. One without a body
	// may be complete as soon as there is a connection.
	x.sent = x.status != 0 || read.Load() || len(r.Body) == 0 && (got.Load() || !c.ownWire)
	return x, nil
}

// taken reads a reply to its end and closes it.
func (c *Client) taken(response *http.Response, err error) exchange {
	if err != nil {
		return exchange{err: err}
	}
	defer func() { _ = response.Body.Close() }()
	body, err := readBody(response)
	return exchange{status: response.StatusCode, header: response.Header, body: c.mask(body), err: err, sent: true}
}

// request makes the one-time HTTP request of a prepared request.
func (c *Client) request(ctx context.Context, r model.Request, read *atomic.Bool) (*http.Request, error) {
	var body io.Reader
	if len(r.Body) > 0 {
		body = &watched{Reader: bytes.NewReader(r.Body), read: read}
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, body)
	if err != nil {
		return nil, fmt.Errorf("send request with a method or URL that cannot be read: %w", errMisuse)
	}
	req.ContentLength = int64(len(r.Body))
	// With GetBody, or with a key header in canonical spelling (an item's own
	// header may be one), net/http would send a write again by itself when a
	// connection breaks.
	req.GetBody = nil
	for name, value := range r.Header {
		if !isToken(name) || strings.ContainsAny(value, "\r\n\x00") {
			return nil, fmt.Errorf("send request with header %s: %w", safe(name), errMisuse)
		}
		if lower := strings.ToLower(name); strings.HasSuffix(lower, "idempotency-key") {
			name = lower
		}
		req.Header[name] = []string{value}
	}
	req.Header["User-Agent"] = []string{c.userAgent}
	if len(r.Body) > askFirst {
		req.Header["Expect"] = []string{"100-continue"}
	}
	return req, nil
}

// watched is a request body that remembers whether it was asked for.
type watched struct {
	io.Reader
	read *atomic.Bool
}

func (w *watched) Read(p []byte) (int, error) {
	w.read.Store(true)
	return w.Reader.Read(p)
}

// readBody reads a reply's body to its end, within bodyMax.
func readBody(r *http.Response) ([]byte, error) {
	plain, err := decoded(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(plain, bodyMax+1))
	if len(body) > bodyMax {
		return nil, errTooLong
	}
	return body, err
}

// decoded undoes the one compression that servers use without being asked.
func decoded(r *http.Response) (io.Reader, error) {
	switch strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding"))) {
	case "", "identity":
		return r.Body, nil
	case "gzip", "x-gzip":
		z, err := gzip.NewReader(r.Body)
		if errors.Is(err, io.EOF) {
			return r.Body, nil // no body at all
		}
		return z, err
	}
	return nil, errEncoding
}
