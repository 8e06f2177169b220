package client

import (
	"net/http"
	"slices"

	"retriage/model"
)

// decidedByDefault are the statuses that APIs give before they apply any item,
// where the profile does not say it better.
var decidedByDefault = []int{400, 401, 403, 404, 405, 413, 415, 422, 429, 503}

// neverApplied are the statuses whose meaning (RFC 9110, RFC 6585) is that the
// request was not acted upon, whatever the profile says. 303 is not one of them:
// it is what a server answers after it has acted.
var neverApplied = []int{301, 302, 305, 307, 308, 407, 411, 414, 417, 421, 426, 428, 431, 501, 505, 511}

// byStatus concludes from a status alone, that of the reply or one that its body
// names. A refusal counts as one only when it surely came before any item was
// applied; a 503 must ask to wait as well, as a proxy says 503 of a lost server.
func (c *Client) byStatus(reply *model.Reply, status int, h http.Header, detail string) {
	reply.Kind, reply.Fault = model.AnswerUnknown, faultOf(status)
	if c.decided(status) && (status != http.StatusServiceUnavailable || reply.RetryAfter >= 0) {
		reply.Kind = model.Rejected
	}
	if reply.Fault == model.Redirected {
		detail = redirectWords(c.maskText(h.Get("Location"))) + "; a write is not sent on"
	}
	reply.Why = c.why(reply, detail)
}

func (c *Client) decided(status int) bool {
	if slices.Contains(neverApplied, status) {
		return true
	}
	if len(c.profile.Decided) > 0 {
		return slices.Contains(c.profile.Decided, status)
	}
	return slices.Contains(decidedByDefault, status)
}

// faultOf says what kind of trouble the status of a whole reply is.
func faultOf(status int) model.Fault {
	switch {
	case status == http.StatusUnauthorized:
		return model.SignIn
	case status == http.StatusTooManyRequests:
		return model.Throttled
	case status == http.StatusServiceUnavailable:
		return model.Unavailable
	case status == http.StatusRequestEntityTooLarge:
		return model.TooBig
	case status == http.StatusBadRequest, status == http.StatusUnprocessableEntity:
		return model.BadBatch
	case status == http.StatusRequestTimeout:
		return model.TimedOut
	case status == http.StatusNotImplemented, status == http.StatusHTTPVersionNotSupported, status == http.StatusNetworkAuthenticationRequired:
		return model.Refused
	case status >= 500:
		return model.ServerError
	case status >= 400:
		return model.Refused
	case status >= 300:
		return model.Redirected
	}
	return model.NotABatch
}
