package client

import (
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"retriage/model"
	"retriage/model/dialect"
)

// wording is what the client asks of a dialect: the bytes of a request, and the
// meaning of the bytes of a reply.
type wording interface {
	Write(model.Chunk, model.Profile) (body []byte, contentType string, err error)
	WriteOne(model.SendItem, model.Profile) (body []byte, contentType string, err error)
	ParseReply(body []byte, asked []model.SendItem) dialect.ParsedReply
	ParseOne(status int, header map[string]string, body []byte, it model.SendItem) model.Answer
	Resolve(model.SendItem) (model.Payload, error)
	Unlist(body []byte, sent model.Payload) (item []byte, found int, whole, known bool)
}

// Config is what a client is made of. Only Profile is needed; a client without
// a dialect can read but not prepare, and one whose profile has no base URL can
// only Fetch.
type Config struct {
	Profile    model.Profile
	Dialect    *dialect.Dialect
	Credential Credential
	// WhoAmI is a path below the base URL that answers only to who may be
	// there, for Check; "" = the API has none.
	WhoAmI string
	// Transport carries the requests; nil = one of our own, which is what the
	// promise of one send on the wire was tested with.
	Transport http.RoundTripper
	// Proxy names the proxy for a request; nil = HTTP(S)_PROXY and NO_PROXY of
	// the environment. It is not used when Transport is set.
	Proxy func(*http.Request) (*url.URL, error)
	// RootCAs are the authorities whose certificates are accepted (ca_file); nil
	// = the system's. It is not used when Transport is set.
	RootCAs   *x509.CertPool
	Now       func() time.Time // nil = time.Now
	UserAgent string           // "" = retriage
}

// Client prepares, sends and reads for one profile. It may be used by several
// goroutines at once. Printing it shows no secret.
type Client struct {
	profile    model.Profile
	wording    wording
	credential Credential
	target     *target // nil = the profile has no base URL
	itemPath   *template
	itemURL    *template
	whoAmI     *url.URL
	writes     http.RoundTripper // never follows a redirect
	reads      *http.Client
	ownWire    bool // the transport is ours and reports its connections
	proxy      func(*http.Request) (*url.URL, error)
	now        func() time.Time
	userAgent  string
	timeout    time.Duration // of one request, from dial to the last byte

	mu    sync.Mutex
	known *identity // nil = not loaded yet
	past  []model.Secret
}

// New checks a configuration and makes its client. Nothing is read or sent yet:
// the credential is loaded when it is first needed, or by Refresh. The errors
// are *AddressError and *CredentialError.
func New(cfg Config) (*Client, error) {
	c := &Client{
		profile: cfg.Profile, credential: cfg.Credential,
		now: cfg.Now, userAgent: cfg.UserAgent, timeout: cfg.Profile.Settings.Timeout, proxy: cfg.Proxy,
	}
	if cfg.Dialect != nil {
		c.wording = cfg.Dialect
	}
	if c.now == nil {
		c.now = time.Now
	}
	if c.userAgent == "" {
		c.userAgent = "retriage"
	}
	if c.timeout <= 0 {
		c.timeout = model.Defaults().Timeout
	}
	if c.proxy == nil {
		c.proxy = http.ProxyFromEnvironment
	}
	if err := c.credential.check(); err != nil {
		return nil, err
	}
	if err := c.readProfile(cfg.WhoAmI); err != nil {
		return nil, err
	}
	c.wire(cfg)
	return c, nil
}

// readProfile reads the addresses of the profile.
func (c *Client) readProfile(whoAmI string) (err error) {
	p := c.profile
	if p.BaseURL == "" {
		return nil
	}
	if c.target, err = newTarget(p.BaseURL, p.BatchPath); err != nil {
		return err
	}
	if p.ItemPath != "" {
		if c.itemPath, err = parseTemplate(c.target, p.ItemPath); err != nil {
			return fmt.Errorf("read item_path: %w", err)
		}
	}
	if p.ItemURL != "" {
		if c.itemURL, err = parseTemplate(c.target, p.ItemURL); err != nil {
			return fmt.Errorf("read item_url: %w", err)
		}
	}
	if whoAmI != "" {
		c.whoAmI, err = c.target.path(whoAmI)
	}
	if p.KeyHeader != "" && !isToken(p.KeyHeader) {
		return badAddress("the key header %q is not a name that HTTP allows", safe(p.KeyHeader))
	}
	return err
}

// wire puts the chain together: origin guard, then credential, then transport.
func (c *Client) wire(cfg Config) {
	transport := cfg.Transport
	if c.ownWire = transport == nil; c.ownWire {
		transport = newTransport(c.profile.Settings, c.timeout, c.proxy, cfg.RootCAs)
	}
	guard := &originGuard{client: c, next: &signer{client: c, next: transport}}
	c.writes = guard
	c.reads = &http.Client{Transport: guard, CheckRedirect: followOwnReads}
}

// Warnings are sentences about the target that the operator should know before
// a plan is confirmed.
func (c *Client) Warnings() []string {
	var out []string
	if c.target == nil {
		return nil
	}
	if c.target.base.Scheme == "http" && !loopback(c.target.base) {
		text := "The connection to " + safe(c.target.base.Host) + " is not encrypted (http): everyone on the way can read the items"
		if c.credential.Kind != None {
			text += " and the token"
		}
		out = append(out, text+".")
	}
	if via := c.Proxy(); via != "" {
		out = append(out, "Requests go through the proxy "+via+".")
	}
	return out
}

// Proxy is the host and port of the proxy that requests to the target go
// through, or "".
func (c *Client) Proxy() string {
	if c.target == nil || !c.ownWire {
		return ""
	}
	u, err := c.proxy(&http.Request{URL: c.target.batch})
	if err != nil || u == nil {
		return ""
	}
	return safe(u.Host)
}

// Format prints what the client is for, whatever the verb.
func (c *Client) Format(f fmt.State, _ rune) {
	where := "no target"
	if c.target != nil {
		where = shownURL(c.target.base)
	}
	_, _ = io.WriteString(f, "client("+where+")")
}

// Refresh reads the credential again, e.g. after a 401. On an error the old one
// stays. The errors are *CredentialError.
func (c *Client) Refresh(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.loadLocked(ctx)
}
