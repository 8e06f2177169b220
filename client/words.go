package client

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"retriage/model"
)

// why is one safe sentence about a whole reply: the status and its meaning, what
// the server said, and what it asks for.
func (c *Client) why(reply *model.Reply, detail string) model.Untrusted {
	text := statusWords(reply.Status)
	if reply.Status == http.StatusProxyAuthRequired && detail == "" {
		detail = "the proxy asks for a sign-in"
	}
	if reply.Status == http.StatusUnauthorized && c.credential.Kind == None {
		detail = "none is set: set auth and token_file in the profile, or --auth and --token-file"
	}
	if detail != "" {
		text += "; " + detail
	}
	if reply.RetryAfter >= 0 && reply.Status >= 400 {
		text += "; the server asks to wait " + wait(reply.RetryAfter)
	}
	return model.Foreign(model.Foreign(c.maskText(text)).Safe(model.SafeLong))
}

// statusWords is a code with its meaning, never the number alone.
func statusWords(status int) string {
	if text := http.StatusText(status); text != "" {
		return strconv.Itoa(status) + " " + text
	}
	return strconv.Itoa(status) + " (a status that HTTP does not define)"
}

// refusal is what the server said of the batch as a whole.
func refusal(code, message model.Untrusted) string {
	text := message.Safe(model.SafeShort)
	if !code.IsZero() {
		text = strings.TrimSpace(text + " (code " + code.Safe(model.SafeShort) + ")")
	}
	return text
}

func redirectWords(to string) string {
	if to == "" {
		return "the server names another address and does not say which"
	}
	if u, err := url.Parse(to); err == nil {
		to = shownURL(u)
	}
	return "the server sends us to " + safe(to)
}

// wait is a duration for a sentence: 840 ms, 8 s, 12.4 s, 3 min 07 s, 1 h 04 min.
func wait(d time.Duration) string {
	switch {
	case d == math.MaxInt64:
		return "for ever"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", d.Seconds()), ".0") + " s"
	case d < time.Hour:
		s := int(math.Ceil(d.Seconds()))
		return fmt.Sprintf("%d min %02d s", s/60, s%60)
	}
	m := int(math.Ceil(d.Minutes()))
	return fmt.Sprintf("%d h %02d min", m/60, m%60)
}

// notSent is the reply when surely no byte of the request has left.
func (c *Client) notSent(err error) model.Reply {
	fault, why := c.noConnection(err, safe(c.target.base.Host))
	return model.Reply{Kind: model.Rejected, Fault: fault, RetryAfter: -1, Why: model.Foreign(why + "; nothing was sent")}
}

// beforeSending says of an error that it came before there was a connection.
func beforeSending(err error) bool {
	var (
		credential *CredentialError
		proxy      *proxyError
		name       *net.DNSError
		op         *net.OpError
	)
	return errors.As(err, &credential) || errors.As(err, &proxy) || errors.As(err, &name) || isTLS(err) ||
		errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect")
}

// noConnection says why there is no connection to a host.
func (c *Client) noConnection(err error, host string) (model.Fault, string) {
	var (
		credential *CredentialError
		proxy      *proxyError
		name       *net.DNSError
		op         *net.OpError
	)
	switch {
	case errors.As(err, &credential):
		return model.SignIn, "the credential cannot be used: " + credential.Why
	case errors.As(err, &proxy):
		if proxy.status == http.StatusBadGateway || proxy.status == http.StatusServiceUnavailable || proxy.status == http.StatusGatewayTimeout {
			return model.Unreachable, proxy.Error()
		}
		return model.Refused, proxy.Error()
	case isTLS(err):
		return model.BadTLS, "the certificate or the TLS version of " + host + " is not accepted: " + safe(c.plain(err))
	case errors.As(err, &name):
		return model.Unreachable, "the name " + safe(name.Name) + " was not found"
	case errors.As(err, &op) && op.Op == "proxyconnect":
		return model.Unreachable, "the proxy cannot be reached: " + safe(c.plain(op.Err))
	case errors.Is(err, syscall.ECONNREFUSED):
		return model.Unreachable, host + " refused the connection"
	case isTimeout(err):
		return model.Unreachable, "no connection to " + host + " in time"
	}
	return model.Unreachable, "no connection to " + host + ": " + safe(c.plain(err))
}

// plain is an error's text without the URL that net/http puts before it, and
// without our secrets.
func (c *Client) plain(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return c.maskText(err.Error())
}

// isTLS tells a refused certificate or protocol from a handshake that was merely
// cut off, which may go well the next time.
func isTLS(err error) bool {
	var (
		verify    *tls.CertificateVerificationError
		unknown   x509.UnknownAuthorityError
		invalid   x509.CertificateInvalidError
		wrongName x509.HostnameError
		record    tls.RecordHeaderError
		alert     tls.AlertError
	)
	return errors.As(err, &verify) || errors.As(err, &unknown) || errors.As(err, &invalid) ||
		errors.As(err, &wrongName) || errors.As(err, &record) || errors.As(err, &alert)
}

func isTimeout(err error) bool {
	var t net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &t) && t.Timeout()
}

// lost says what became of a reply that did not come, or not to its end, after
// bytes of the request may have left.
func (c *Client) lost(ctx context.Context, x exchange) (model.Fault, model.Untrusted) {
	from := "the request was sent"
	if x.status != 0 {
		from = statusWords(x.status)
	}
	fault, what := model.LostReply, "the connection broke before the reply was complete"
	switch {
	case ctx.Err() != nil:
		fault, what = model.Interrupted, "it was stopped here before the reply was complete"
	case isTimeout(x.err):
		fault, what = model.TimedOut, "no complete reply came within "+wait(c.timeout)
	case errors.Is(x.err, errTooLong), errors.Is(x.err, errEncoding):
		fault, what = model.NotABatch, x.err.Error()
	case errors.Is(x.err, gzip.ErrHeader), errors.Is(x.err, gzip.ErrChecksum):
		fault, what = model.NotABatch, "the reply's compression is damaged"
	case errors.Is(x.err, io.EOF), errors.Is(x.err, io.ErrUnexpectedEOF), errors.Is(x.err, syscall.ECONNRESET), errors.Is(x.err, syscall.EPIPE):
	default:
		what += ": " + safe(c.plain(x.err))
	}
	return fault, model.Foreign(from + "; " + what + "; it may have been applied")
}
