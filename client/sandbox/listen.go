package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Listen serves s on addr, "127.0.0.1:PORT", where port 0 is any free one and
// "" means that. It gives the base URL, without a slash at its end, and a
// function that stops listening and cuts the connections after half a second;
// the state file stays open until Server.Close. stop may be called twice. An address that other machines
// can reach is refused.
func (s *Server) Listen(addr string) (base string, stop func() error, err error) {
	addr = orString(addr, "127.0.0.1:0")
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return "", nil, fmt.Errorf("listen for the sandbox: %w", err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return "", nil, fmt.Errorf("listen for the sandbox: %q is not a loopback address", host)
	}
	ln, err := new(net.ListenConfig).Listen(context.Background(), "tcp", addr)
	if err != nil {
		return "", nil, fmt.Errorf("listen for the sandbox: %w", err)
	}
	server := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      2 * time.Minute, // longer than any scripted slow reply should be
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    64 << 10,
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(ln) }()
	stop = sync.OnceValue(func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			_ = server.Close() // the connections had their time
		}
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve the sandbox: %w", err)
		}
		return nil
	})
	return "http://" + ln.Addr().String(), stop, nil
}
