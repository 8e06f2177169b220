package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"retriage/model"
)

// Send puts a prepared request on the wire, at most once, and says what its
// reply lets us conclude. It takes at most the profile's timeout. Whatever the
// network or the server does is a Reply; a Go error is a mistake of the program,
// or means that ctx ended before a byte was sent.
func (c *Client) Send(ctx context.Context, r model.Request) (model.Reply, error) {
	if err := ctx.Err(); err != nil {
		return model.Reply{}, fmt.Errorf("send request: %w", err)
	}
	if c.target == nil {
		return model.Reply{}, fmt.Errorf("send request: %w", ErrNoTarget)
	}
	if c.wording == nil || len(r.Items) == 0 || r.Mode == model.Alone && len(r.Items) != 1 {
		return model.Reply{}, fmt.Errorf("send request for %d items: %w", len(r.Items), errMisuse)
	}
	attempt, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	begun := c.now()
	x, err := c.once(attempt, r)
	if err != nil {
		return model.Reply{}, err
	}
	var foreign *AddressError
	switch {
	case !x.sent && ctx.Err() != nil:
		return model.Reply{}, fmt.Errorf("send request: %w", ctx.Err())
	case !x.sent && errors.As(x.err, &foreign):
		return model.Reply{}, fmt.Errorf("send request: %w", foreign)
	}
	reply := c.conclude(ctx, x, r)
	reply.Took = c.now().Sub(begun)
	return reply, nil
}

// conclude classifies an exchange.
func (c *Client) conclude(ctx context.Context, x exchange, r model.Request) model.Reply {
	if !x.sent {
		return c.notSent(x.err)
	}
	reply := model.Reply{Kind: model.AnswerUnknown, RetryAfter: -1}
	if x.response != nil {
		reply.Status = x.response.StatusCode
		c.readPace(&reply, x.response.Header)
	}
	if x.err != nil {
		reply.Fault, reply.Why = c.lost(ctx, x)
		return reply
	}
	if r.Mode == model.Alone {
		c.concludeOne(&reply, x, r.Items[0])
	} else {
		c.concludeBatch(&reply, x, r.Items)
	}
	return reply
}

// readPace reads what the headers say about when and how fast to go on.
func (c *Client) readPace(reply *model.Reply, h http.Header) {
	now := c.now()
	reply.RetryAfter = RetryAfter(h.Values("Retry-After"), h.Get("Date"), now)
	if reply.Status < 300 || reply.Status >= 400 {
		reply.Limit = rateLimit(h, now)
	}
}

// concludeBatch reads the reply of a batch endpoint. Some APIs answer 400, 422 or
// 503 with all items in the body, so the body is asked before the status.
func (c *Client) concludeBatch(reply *model.Reply, x exchange, asked []model.SendItem) {
	status := reply.Status
	fine := status >= 200 && status < 300
	if fine && len(x.body) == 0 || status == http.StatusAccepted {
		c.notAnswered(reply, "the reply has no body, so it does not say what became of the items")
		return
	}
	parsed := c.wording.ParseReply(x.body, asked)
	switch {
	case parsed.Refusal == nil && parsed.Problem == "" && len(parsed.Outcomes) > 0:
		reply.Kind, reply.Outcomes, reply.Extra = model.Answered, parsed.Outcomes, parsed.Extra
		return
	case parsed.Refusal != nil && fine && parsed.Refusal.Status < 400:
		// A yes by its status and a no by its body.
		reply.Fault = model.BadBatch
		reply.Why = c.why(reply, refusal(parsed.Refusal.Code, parsed.Refusal.Message))
	case parsed.Refusal != nil:
		if fine {
			reply.Status = parsed.Refusal.Status
		}
		c.byStatus(reply, x.response.Header, refusal(parsed.Refusal.Code, parsed.Refusal.Message))
	case fine && parsed.Problem != "":
		c.notAnswered(reply, "the reply is no answer to a batch: "+safe(parsed.Problem))
	case fine:
		reply.Extra = parsed.Extra
		c.notAnswered(reply, "the reply names none of the items that were sent")
	default:
		c.byStatus(reply, x.response.Header, "")
	}
}

// notAnswered is a yes by its status that says nothing about the items.
func (c *Client) notAnswered(reply *model.Reply, why string) {
	if reply.Status == http.StatusAccepted {
		why = "the server has accepted the request and not finished it"
	}
	reply.Fault = model.NotABatch
	reply.Why = c.why(reply, why)
}

// endpointStatuses are about the endpoint, the caller or the pace, never about
// the one item that was sent.
var endpointStatuses = []int{
	http.StatusUnauthorized, http.StatusMethodNotAllowed, http.StatusProxyAuthRequired, http.StatusRequestTimeout,
	http.StatusUnsupportedMediaType, http.StatusTooManyRequests,
}

// concludeOne reads the reply of the individual endpoint: what it says of the
// request, it says of the item.
func (c *Client) concludeOne(reply *model.Reply, x exchange, it model.SendItem) {
	status := reply.Status
	switch {
	case status == http.StatusAccepted:
		c.notAnswered(reply, "")
		return
	case status >= 200 && status < 300 && isPage(x.response.Header, x.body):
		c.notAnswered(reply, "the reply is a web page, perhaps of a sign-in")
		return
	case status < 200 || status >= 500 || status >= 300 && status < 400, slices.Contains(endpointStatuses, status):
		c.byStatus(reply, x.response.Header, "")
		return
	}
	answer := c.wording.ParseOne(status, c.flat(x.response.Header), x.body, it)
	if answer.State != model.OK && answer.State != model.Failed {
		c.notAnswered(reply, "the reply does not say what became of the item")
		return
	}
	reply.Kind = model.Answered
	reply.Outcomes = []model.Outcome{{Index: it.Index, Answer: answer}}
}

// isPage says whether a reply is a web page: a proxy's or a sign-in's, which come
// with any status.
func isPage(h http.Header, body []byte) bool {
	kind := strings.ToLower(h.Get("Content-Type"))
	if strings.HasPrefix(kind, "text/html") || strings.HasPrefix(kind, "application/xhtml") {
		return true
	}
	start := strings.ToLower(strings.TrimLeft(string(body[:min(len(body), 256)]), " \t\r\n\ufeff"))
	return strings.HasPrefix(start, "<!doctype html") || strings.HasPrefix(start, "<html")
}

// flat gives the reply's headers under their canonical names, several values
// joined as RFC 9110 allows, without cookies and without our secrets.
func (c *Client) flat(h http.Header) map[string]string {
	flat := make(map[string]string, len(h))
	for name, values := range h {
		if name != "Set-Cookie" {
			flat[name] = c.maskText(strings.Join(values, ", "))
		}
	}
	return flat
}
