package dialect

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"

	"github.com/tidwall/gjson"

	"retriage/model"
)

// ParsedReply is what one reply to a send says.
type ParsedReply struct {
	// Outcomes are the answers that can be trusted. An item that was asked for
	// and is not among them is unknown.
	Outcomes []model.Outcome
	Extra    []model.ID // answered, but not asked for
	Refusal  *RefusedError
	// Problem says why nothing of the reply can be trusted, one safe sentence;
	// the other fields are empty then. "" = it can.
	Problem string
}

// ParseReply reads the reply to a batch of these items, by the same rules as Read. It
// is stricter than Read, since something is done next: a reply with a member
// twice, cut off, or over a limit is not trusted at all.
func (d *Dialect) ParseReply(body []byte, items []model.SendItem) ParsedReply {
	if problem := d.medium.problem(body); problem != "" {
		return ParsedReply{Problem: problem}
	}
	r := &Reader{d: d, batch: model.NewBatch([]io.ReaderAt{bytes.NewReader(body)}, decoder{d})}
	r.in.Responses = []File{{R: bytes.NewReader(body), Size: int64(len(body))}}
	j := newJoin(d, r.batch, false)
	for _, it := range items {
		groups, needs := []string(nil), []model.ID(nil)
		if e, ok := d.envelope(model.Item{Payload: it.Payload}); ok {
			groups, needs = d.bondsOf(&e, 0)
		}
		j.request(asked{id: it.ID}, groups, needs)
	}
	err := r.responses(context.Background(), j)
	var refused *RefusedError
	switch {
	case errors.As(err, &refused):
		return ParsedReply{Refusal: refused}
	case err != nil:
		return ParsedReply{Problem: "The reply is not to be trusted: " + err.Error() + "."}
	}
	j.finish()
	return r.parsed(items)
}

// parsed turns the batch of a reply into outcomes.
func (r *Reader) parsed(items []model.SendItem) ParsedReply {
	reply := ParsedReply{Extra: r.batch.Extras()}
	for i, it := range items {
		state := r.batch.State(i)
		if state != model.OK && state != model.Failed {
			continue
		}
		item, err := r.batch.Item(i)
		if err != nil {
			continue
		}
		answer := item.Answer
		if record, failed := r.batch.Failure(i); failed {
			answer.Failure = record.Failure
		}
		answer.ID = it.ID
		reply.Outcomes = append(reply.Outcomes, model.Outcome{Index: it.Index, Answer: answer})
	}
	return reply
}

// ParseOne reads the reply of the individual endpoint. Names of headers may be
// in any case. A success whose body carries an error as well is unknown.
func (d *Dialect) ParseOne(status int, headers map[string]string, body []byte, it model.SendItem) model.Answer {
	a := model.Answer{ID: it.ID, Status: status, State: model.Failed}
	if status/100 == 2 {
		a.State = model.OK
	}
	a.Location = model.Foreign(headerOf(headers, "location"))
	a.ETag = model.Foreign(headerOf(headers, "etag"))
	e, f := d.medium.element(body)
	doc := parse(e.raw)
	if f != sound || !doc.IsObject() {
		e, doc = element{}, gjson.Result{}
	}
	if a.State == model.OK && !d.oneRefused(doc) {
		a.ServerID = model.Foreign(text(doc.Get("id")))
		return a
	}
	if a.State == model.OK {
		a.State = model.Unknown
	}
	fail := d.failure(&e, verdict{status: status})
	fail.Class, fail.Reason = nil, model.OwnFault
	if fail.Code.IsZero() {
		fail.Code = model.Foreign(firstOf(doc, d.Refusal.Code))
	}
	if fail.Message.IsZero() {
		fail.Message = model.Foreign(either(firstOf(doc, d.Refusal.Message), plainText(body, f)))
	}
	if s := headerOf(headers, "retry-after"); s != "" {
		fail.RetryAfter = max(fail.RetryAfter, waitOf(s, waitSpec{}.unit()))
	}
	a.Failure = fail
	return a
}

// oneRefused says whether the body of a success carries an error.
func (d *Dialect) oneRefused(doc gjson.Result) bool {
	e := doc.Get("error")
	return e.IsObject() && (says(e.Get("code")) || says(e.Get("message")))
}

func headerOf(headers map[string]string, name string) string {
	for n, v := range headers {
		if strings.EqualFold(n, name) {
			return v
		}
	}
	return ""
}

// plainText is the body as a message when it is neither JSON nor a page.
func plainText(body []byte, f fault) string {
	if s := strings.TrimSpace(string(body[:min(len(body), model.SafeLong)])); f != sound && !strings.HasPrefix(s, "<") {
		return s
	}
	return ""
}
