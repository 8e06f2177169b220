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
	u, own, err := c.itemURL.fill(c.target, c.resolved(subjectOf(p), p))
	if u == nil {
		return c.noAddress(err), nil
	}
	payload := p.Sent
	if !payload.Known {
		payload = p.Item.Payload
	}
	out, err := c.read(ctx, u, own, payload.Medium)
	if err != nil || own {
		return out, err
	}
	return c.unlist(out, payload), nil
}

// Readable says whether there is an address to read an item back from. It sends
// nothing.
func (c *Client) Readable(p model.Probe) bool {
	if c.itemURL == nil {
		return false
	}
	u, _, _ := c.itemURL.fill(c.target, c.resolved(subjectOf(p), p))
	return u != nil
}

// noAddress is the reading of an item that no address could be made for.
func (c *Client) noAddress(err error) model.Reading {
	var bad *AddressError
	if errors.As(err, &bad) {
		return model.Reading{Fault: model.Refused, RetryAfter: -1, Why: model.Foreign(c.maskText(bad.Why) + "; it was not read")}
	}
	return model.Reading{NoRead: true, RetryAfter: -1, Why: model.Foreign("nothing is known that its address could be made of")}
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

// resolved is a subject that speaks of what other items have become, and no more
// of the items themselves. Where that is not known, its request says nothing
// about its address.
func (c *Client) resolved(s subject, p model.Probe) subject {
	if c.wording == nil {
		return s
	}
	payload, err := c.wording.Resolve(model.SendItem{ID: p.Item.ID, Payload: s.payload, Made: p.Made})
	if err != nil {
		payload = model.Payload{}
	}
	s.payload = payload
	return s
}

// Check reads the address that tells who we are (Config.WhoAmI), to see whether
// the credential is taken before a run needs it. Without one it gives NoRead. A
// Go error means that ctx ended.
func (c *Client) Check(ctx context.Context) (model.Reading, error) {
	if c.whoAmI == nil {
		return model.Reading{NoRead: true, RetryAfter: -1, Why: model.Foreign("the profile names no address that tells who we are")}, nil
	}
	return c.read(ctx, c.whoAmI, false, model.JSON)
}

// Ask puts a question that changes nothing on the server, e.g. which items of a
// batch we may write: a GET of a path below the base URL, or, with a body, a JSON
// POST. It is not for writes, which only Send makes. The errors are ErrNoTarget,
// *AddressError, or that ctx ended.
func (c *Client) Ask(ctx context.Context, path string, body []byte) (model.Reading, error) {
	if c.target == nil {
		return model.Reading{}, fmt.Errorf("ask the server: %w", ErrNoTarget)
	}
	u, err := c.target.path(path)
	if err != nil {
		return model.Reading{}, fmt.Errorf("ask the server: %w", err)
	}
	if body == nil {
		return c.read(ctx, u, false, model.JSON)
	}
	return c.ask(ctx, u, body)
}

// ask POSTs a question, without following a redirect.
func (c *Client) ask(ctx context.Context, u *url.URL, body []byte) (model.Reading, error) {
	attempt, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	r := model.Request{Method: http.MethodPost, URL: u.String(), Body: body, Header: map[string]string{}}
	setMedia(&r, "application/json")
	x, err := c.once(attempt, r)
	switch {
	case err != nil:
		return model.Reading{}, err
	case ctx.Err() != nil:
		return model.Reading{}, fmt.Errorf("ask the server: %w", ctx.Err())
	}
	return c.reading(x, false), nil
}

// read GETs an address of the target; own says that it is the item's own one.
func (c *Client) read(ctx context.Context, u *url.URL, own bool, medium model.Medium) (model.Reading, error) {
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
	x := c.taken(c.reads.Do(req)) //nolint:bodyclose // taken closes it
	if ctx.Err() != nil {
		return model.Reading{}, fmt.Errorf("read an item back: %w", ctx.Err())
	}
	return c.reading(x, own), nil
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

// unlist takes the item out of what a search has found. What is not to be told
// for sure is unreadable.
func (c *Client) unlist(out model.Reading, sent model.Payload) model.Reading {
	if c.wording == nil || out.Fault != model.NoFault || out.Status/100 != 2 {
		return out
	}
	item, found, whole, known := c.wording.Unlist(out.Body, sent)
	switch {
	case !known:
	case found == 1:
		out.Body = item
	case found == 0 && whole:
		out.Status, out.Body = http.StatusNotFound, nil
	case found == 0:
		out.Fault, out.Why = model.NotABatch, model.Foreign("the server lists others than the one that was looked for")
	default:
		out.Fault, out.Why = model.NotABatch, model.Foreign("the search finds "+model.Number(found)+", and which of them it is is not known")
	}
	return out
}

// reading says what a reply to a read is worth. "Not there" (404, 410) is an
// answer like any other, but not in the shape of a web page at an address that
// was put together here: that is what a router or a proxy says that knows no
// such address at all, and it would make every item look absent.
func (c *Client) reading(x exchange, own bool) model.Reading {
	if x.status == 0 {
		return c.noReading(x.err)
	}
	out := model.Reading{
		Status: x.status, ETag: model.Foreign(c.maskText(x.header.Get("ETag"))),
		RetryAfter: RetryAfter(x.header.Values("Retry-After"), x.header.Get("Date"), c.now()),
	}
	detail := ""
	fine := x.status >= 200 && x.status < 300
	switch {
	case x.err != nil:
		out.Fault, detail = c.cutReading(x.err)
	case x.status == http.StatusNotFound, x.status == http.StatusGone, fine:
		out.Body = x.body
		if isPage(x.header, x.body) && (fine || !own) {
			out.Fault, detail = model.NotABatch, "the reply is a web page, not the item"
		} else if fine && len(bytes.TrimSpace(x.body)) == 0 {
			out.Fault, detail = model.NotABatch, "the reply has no body"
		}
	default:
		out.Fault, out.Body = faultOf(x.status), x.body
		if out.Fault == model.Redirected {
			detail = redirectWords(c.maskText(x.header.Get("Location"))) + "; a read follows only on the same server"
		}
	}
	if out.Fault != model.NoFault {
		out.Why = c.why(&model.Reply{Status: out.Status, RetryAfter: out.RetryAfter}, detail)
	}
	return out
}

// cutReading says why a reply to a read did not come to its end.
func (c *Client) cutReading(err error) (model.Fault, string) {
	switch {
	case errors.Is(err, errTooLong), errors.Is(err, errEncoding):
		return model.NotABatch, err.Error()
	case isTimeout(err):
		return model.TimedOut, "no complete reply within " + wait(c.timeout)
	}
	return model.LostReply, "the reply was cut off"
}
