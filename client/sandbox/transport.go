package sandbox

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
)

// ErrNoReply is what Server.Transport gives when the connection was closed
// before a reply: what was sent may or may not have been applied.
var ErrNoReply = errors.New("the sandbox closed the connection without a reply")

// Transport gives a way to the server without sockets, for tests under
// testing/synctest: latency and slow replies then take the bubble's time. A
// cut reply is a body that ends in io.ErrUnexpectedEOF. Unlike net/http's own
// transport it never sends a request twice.
func (s *Server) Transport() http.RoundTripper { return transport{s} }

type transport struct{ server *Server }

// RoundTrip serves one request in a goroutine of its own, because a late
// write goes on after the connection is gone.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context())
	in.RequestURI, in.RemoteAddr = r.URL.RequestURI(), "in-process"
	in.Proto, in.ProtoMajor, in.ProtoMinor = "HTTP/1.1", 1, 1
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	w := &memoryWriter{header: http.Header{}, done: make(chan struct{})}
	go func() {
		defer func() {
			_ = in.Body.Close()
			if v := recover(); v != nil && v != http.ErrAbortHandler { //nolint:errorlint // a panic value, compared as net/http does
				panic(v)
			}
			w.end()
		}()
		t.server.ServeHTTP(w, in)
	}()
	select {
	case <-w.done:
		return w.response(r)
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// memoryWriter is a ResponseWriter whose connection is memory.
type memoryWriter struct {
	header http.Header
	status int
	body   bytes.Buffer
	once   sync.Once
	done   chan struct{} // closed when nothing more will be written
}

// Header gives the header fields of the reply.
func (w *memoryWriter) Header() http.Header { return w.header }

// WriteHeader keeps the first status.
func (w *memoryWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

// Write keeps the body; it never fails.
func (w *memoryWriter) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(b)
}

func (w *memoryWriter) end() { w.once.Do(func() { close(w.done) }) }

// Hijack gives a connection of which only the closing matters.
func (w *memoryWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	near, far := net.Pipe()
	_ = far.Close() // nobody is at the other end
	return hijacked{near, w}, bufio.NewReadWriter(bufio.NewReader(near), bufio.NewWriter(near)), nil
}

type hijacked struct {
	net.Conn
	w *memoryWriter
}

// Close tells the waiting RoundTrip that no reply will come.
func (h hijacked) Close() error {
	err := h.Conn.Close()
	h.w.end()
	return err
}

// response gives what was written as the client sees it.
func (w *memoryWriter) response(r *http.Request) (*http.Response, error) {
	if w.status == 0 {
		return nil, ErrNoReply
	}
	length, err := strconv.ParseInt(w.header.Get("Content-Length"), 10, 64)
	if err != nil {
		length = -1
	}
	body := io.Reader(&w.body)
	if int64(w.body.Len()) < length && r.Method != http.MethodHead {
		body = io.MultiReader(body, brokenReader{})
	}
	return &http.Response{
		Status: strconv.Itoa(w.status) + " " + http.StatusText(w.status), StatusCode: w.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.header, Body: io.NopCloser(body), ContentLength: length, Request: r,
	}, nil
}

// brokenReader is the rest of a reply that was cut.
type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
