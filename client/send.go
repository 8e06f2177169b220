package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"retriage/model"
	"retriage/model/dialect"
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
	reply.Status = x.status
	c.readPace(&reply, x.header)
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
	fine := x.status >= 200 && x.status < 300
	if fine && len(x.body) == 0 || x.status == http.StatusAccepted {
		c.notAnswered(reply, "the reply has no body, so it does not say what became of the items")
		return
	}
	parsed := c.wording.ParseReply(x.body, asked)
	switch {
	case parsed.Refusal != nil:
		c.refused(reply, x.header, parsed.Refusal)
	case parsed.Problem == "" && len(parsed.Outcomes) > 0:
		reply.Kind, reply.Outcomes, reply.Extra = model.Answered, uncontradicted(parsed.Outcomes, asked), parsed.Extra
	case !fine:
		c.byStatus(reply, x.status, x.header, "")
	case parsed.Problem != "":
		c.notAnswered(reply, "the reply is no answer to a batch: "+safe(parsed.Problem))
	default:
		reply.Extra = parsed.Extra
		c.notAnswered(reply, "the reply names none of the items that were sent")
	}
}

// refused is a body that refuses the batch as a whole. Under a status that says
// yes, the status that the body names counts; without one it is anybody's guess
// whether items were applied.
func (c *Client) refused(reply *model.Reply, h http.Header, no *dialect.RefusedError) {
	detail := refusal(no.Code, no.Message)
	switch {
	case reply.Status < 200 || reply.Status >= 300:
		c.byStatus(reply, reply.Status, h, detail)
	case no.Status >= 400:
		c.byStatus(reply, no.Status, h, strings.TrimSuffix("its body says "+statusWords(no.Status)+": "+detail, ": "))
	default:
		reply.Fault = model.BadBatch
		reply.Why = c.why(reply, detail)
	}
}

// uncontradicted keeps one outcome for each item that was asked for, and none
// for an item that is said to have gone well and badly: that one stays unknown.
func uncontradicted(all []model.Outcome, asked []model.SendItem) []model.Outcome {
	said := make(map[int]model.State, len(all))
	disputed := map[int]bool{}
	for _, o := range all {
		if state, again := said[o.Index]; again && state != o.Answer.State {
			disputed[o.Index] = true
		}
		said[o.Index] = o.Answer.State
	}
	wanted := make(map[int]bool, len(asked))
	for _, it := range asked {
		wanted[it.Index] = !disputed[it.Index]
	}
	return slices.DeleteFunc(slices.Clone(all), func(o model.Outcome) bool {
		keep := wanted[o.Index]
		wanted[o.Index] = false
		return !keep
	})
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
	case status == http.StatusOK && isPage(x.header, x.body): // WebDAV servers do answer 201 with a page
		c.notAnswered(reply, "the reply is a web page, perhaps of a sign-in")
		return
	case status < 200 || status >= 500 || status >= 300 && status < 400, slices.Contains(endpointStatuses, status):
		c.byStatus(reply, status, x.header, "")
		return
	}
	answer := c.wording.ParseOne(status, c.flat(x.header), x.body, it)
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
