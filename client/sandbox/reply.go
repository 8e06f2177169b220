package sandbox

import (
	"math"
	"net/http"
	"strconv"
	"time"
)

// reply is what a call is answered with.
type reply struct {
	status int
	header http.Header
	body   []byte
	final  bool // it may be given again under the call's idempotency key
}

func jsonReply(status int, body []byte) reply {
	return reply{status: status, header: http.Header{"Content-Type": {"application/json"}}, body: append(body, '\n')}
}

// problem words a refusal of a whole call.
func problem(status int, code, message string) *reply {
	rep := failureReply(&failure{status: status, code: code, message: message})
	return &rep
}

// failureReply answers a call with one failure.
func failureReply(f *failure) reply {
	body := appendError([]byte(`{"error":`), f)
	rep := jsonReply(f.status, append(appendRetryAfter(body, f), '}'))
	rep.final = f.final
	return withRetryAfter(rep, f.retryAfter)
}

// stateProblem is the answer when the state file can not be written: what was
// applied may be forgotten, so nothing is promised.
func stateProblem(err error) *reply {
	return problem(500, codeInternal, "The sandbox could not save its state: "+err.Error())
}

// withRetryAfter adds Retry-After in whole seconds, rounded up (RFC 9110, 10.2.3).
func withRetryAfter(rep reply, d time.Duration) reply {
	if d > 0 {
		rep.header.Set("Retry-After", strconv.Itoa(int(math.Ceil(d.Seconds()))))
	}
	return rep
}

// reply gives what a Refuse fault answers.
func (f Fault) reply() reply {
	status := f.Status
	if status == 0 {
		status = 503
	}
	code, message := codeUnavailable, "The service is unavailable"
	switch status {
	case 429:
		code, message = codeRate, "Rate limit exceeded: too many calls"
	case 404:
		code, message = codeNotFound, "There is nothing here"
	}
	rep := withRetryAfter(*problem(status, code, message), f.RetryAfter)
	if f.RetryAfterText != "" {
		rep.header.Set("Retry-After", f.RetryAfterText)
	}
	return rep
}
