package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"retriage/model"
)

// Probe reads one item back by the profile's URL template. Whatever the network
// or the server does is a Reading; a Go error means that ctx ended. A template
// that cannot be filled for this item gives NoRead, and an address that leaves
// the profile's server or base path gives a Why, both without a request.
func (c *Client) Probe(ctx context.Context, p model.Probe) (model.Reading, error) {
	if c.itemURL == nil {
		return model.Reading{NoRead: true, RetryAfter: -1, Why: model.Foreign("the profile has no address to read an item from (item_url)")}, nil
	}
	u, err := c.itemURL.fill(c.target, subjectOf(p))
	var bad *AddressError
	switch {
	case errors.As(err, &bad):
		return model.Reading{Fault: model.Refused, RetryAfter: -1, Why: model.Foreign(c.maskText(bad.Why) + "; it was not read")}, nil
	case err != nil:
		return model.Reading{NoRead: true, RetryAfter: -1, Why: model.Foreign("nothing is known that its address could be made of")}, nil
	}
	payload := p.Sent
	if !payload.Known {
		payload = p.Item.Payload
	}
	return c.read(ctx, u, payload.Medium)
}

// subjectOf collects what a template can be filled with.
func subjectOf(p model.Probe) subject {
	id := p.Item.ID
	if id.IsZero() {
		id = p.Answer.ID
	}
	payload := p.Sent
	if payload.Body == nil {
		payload.Body, payload.Medium = p.Item.Payload.Body, p.Item.Payload.Medium
	}
	if payload.URL.IsZero() {
		payload.URL = p.Item.Payload.URL
	}
	if payload.Method == "" {
		payload.Method = p.Item.Payload.Method
	}
	return subject{id: id.Wire(), responseID: p.Answer.ServerID.Wire(), location: p.Answer.Location.Wire(), payload: payload}
}

// Check reads the address that tells who we are (Config.WhoAmI), to see whether
// the credential is taken before a run needs it. Without one it gives NoRead. A
// Go error means that ctx ended.
func (c *Client) Check(ctx context.Context) (model.Reading, error) {
	if c.whoAmI == nil {
		return model.Reading{NoRead: true, RetryAfter: -1, Why: model.Foreign("the profile names no address that tells who we are")}, nil
	}
	return c.read(ctx, c.whoAmI, model.JSON)
}

// read GETs an address of the target.
func (c *Client) read(ctx context.Context, u *url.URL, medium model.Medium) (model.Reading, error) {
	attempt, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(attempt, http.MethodGet, u.String(), nil)
	if err != nil {
		return model.Reading{}, fmt.Errorf("read %s: %w", shownURL(u), errMisuse)
	}
	req.Header.Set("Accept", "application/json, */*;q=0.1")
	if medium == model.XML {
		req.Header.Set("Accept", "application/xml, text/xml, */*;q=0.1")
	}
	// A copy that somebody on the way has kept says nothing about now.
	req.Header.Set("Cache-Control", "no-cache")
	req.Header.Set("User-Agent", c.userAgent)
	response, err := c.reads.Do(req)
	if ctx.Err() != nil {
		if err == nil {
			_ = response.Body.Close()
		}
		return model.Reading{}, fmt.Errorf("read an item back: %w", ctx.Err())
	}
	if err != nil {
		return c.noReading(err), nil
	}
	body, err := readBody(response)
	if ctx.Err() != nil {
		return model.Reading{}, fmt.Errorf("read an item back: %w", ctx.Err())
	}
	return c.reading(response, c.mask(body), err, medium), nil
}

// noReading is a read without a reply.
func (c *Client) noReading(err error) model.Reading {
	fault, why := model.LostReply, "the connection broke before the reply came: "+safe(c.plain(err))
	switch {
	case errors.Is(err, errTooManyRedirects):
		fault, why = model.Redirected, "the server sends us on, "+errTooManyRedirects.Error()
	case beforeSending(err):
		fault, why = c.noConnection(err, safe(c.target.base.Host))
	case isTimeout(err):
		fault, why = model.TimedOut, "no reply within "+wait(c.timeout)
	}
	return model.Reading{Fault: fault, RetryAfter: -1, Why: model.Foreign(why)}
}

// reading says what a reply to a read is worth. "Not there" (404, 410) is an
// answer like any other, but not in the shape of a web page: that is what a
// router or a proxy says that knows no such address at all.
func (c *Client) reading(r *http.Response, body []byte, cut error, medium model.Medium) model.Reading {
	out := model.Reading{
		Status: r.StatusCode, ETag: model.Foreign(c.maskText(r.Header.Get("ETag"))),
		RetryAfter: RetryAfter(r.Header.Values("Retry-After"), r.Header.Get("Date"), c.now()),
	}
	detail := ""
	fine := r.StatusCode >= 200 && r.StatusCode < 300
	switch {
	case cut != nil:
		out.Fault, detail = model.LostReply, "the reply was cut off"
		if errors.Is(cut, errTooLong) || errors.Is(cut, errEncoding) {
			out.Fault, detail = model.NotABatch, cut.Error()
		}
		if isTimeout(cut) {
			out.Fault, detail = model.TimedOut, "no complete reply within "+wait(c.timeout)
		}
	case r.StatusCode == http.StatusNotFound, r.StatusCode == http.StatusGone, fine:
		out.Body = body
		if isPage(r.Header, body) {
			out.Fault, detail = model.NotABatch, "the reply is a web page, not the item"
		} else if fine && len(bytes.TrimSpace(body)) == 0 {
			out.Fault, detail = model.NotABatch, "the reply has no body"
		}
	default:
		out.Fault, out.Body = faultOf(r.StatusCode), body
		if out.Fault == model.Redirected {
			detail = redirectWords(c.maskText(r.Header.Get("Location"))) + "; a read follows only on the same server"
		}
	}
	if out.Fault != model.NoFault {
		out.Why = c.why(&model.Reply{Status: out.Status, RetryAfter: out.RetryAfter}, detail)
	}
	return out
}
