package dialect

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"retriage/model"
)

// ParsedReply is what one reply to a send says.
type ParsedReply struct {
	// Outcomes are the answers that can be trusted. An item that was asked for
	// and is not among them is unknown. One whose Failure has the reason
	// NotAnswered is not mentioned, and may be sent again all the same.
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
	r := &Reader{d: d, batch: model.NewBatch([]io.ReaderAt{bytes.NewReader(body)}, decoder{d, new(sections)})}
	r.in.Responses = []File{{R: bytes.NewReader(body), Size: int64(len(body))}}
	j := newJoin(d, r.batch, false)
	if s := d.shape.Load(); s != nil { // what we send stands in the same
		j.request = append(j.request, parse(s.top))
	}
	for _, it := range items {
		groups, needs := []string(nil), []model.ID(nil)
		if e, ok := d.envelope(model.Item{Payload: it.Payload}); ok {
			groups, needs = d.bondsOf(&e, 0)
		}
		j.requested(asked{id: it.ID}, groups, needs)
	}
	err := r.responses(context.Background(), j)
	var refused *RefusedError
	var other *NotBatchError
	switch {
	case errors.As(err, &refused):
		return ParsedReply{Refusal: refused}
	case errors.As(err, &other):
		return ParsedReply{Problem: "The reply is no answer to a batch: " + other.Why + "."}
	case err != nil:
		return ParsedReply{Problem: "The reply is not to be trusted: " + err.Error() + "."}
	}
	j.finish()
	return r.parsed(items)
}

// parsed turns the batch of a reply into outcomes.
func (r *Reader) parsed(items []model.SendItem) ParsedReply {
	reply := ParsedReply{Extra: r.batch.Extras()}
	var silent []model.Outcome
	for i, it := range items {
		state := r.batch.State(i)
		if state == model.Unanswered && r.d.spec.Unanswered.Class == model.Safe {
			silent = append(silent, silentOutcome(r.batch, i, it))
			continue
		}
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
	if len(reply.Outcomes) > 0 { // what mentions no item at all is no answer to them
		reply.Outcomes = append(reply.Outcomes, silent...)
	}
	return reply
}

// silentOutcome is that of an item which the reply does not mention, where the API
// says that it may be sent again all the same.
func silentOutcome(b *model.Batch, i int, it model.SendItem) model.Outcome {
	a := model.Answer{ID: it.ID, State: model.Failed, Failure: &model.Failure{RetryAfter: -1, Reason: model.NotAnswered, Class: class(model.Safe)}}
	if record, ok := b.Failure(i); ok && record.Failure != nil {
		a.Failure = record.Failure
	}
	return model.Outcome{Index: it.Index, Answer: a}
}

// Unlist takes what a read found out of the list of a search: an item is looked
// for by what it is called where its address is not known. known is false when
// the reply is no such list. found is how many are the item; when it is 0, it is
// not there, and whole says whether that is sure: the list is all that there is.
func (d *Dialect) Unlist(body []byte, sent model.Payload) (item []byte, found int, whole, known bool) {
	spec := &d.spec.Profile
	if spec.Search.text == "" {
		return nil, 0, false, false
	}
	top := parse(body)
	list := spec.Search.of(top)
	if !list.IsArray() {
		return nil, 0, false, false
	}
	all := list.Array()
	for _, one := range all {
		if d.isSearched(one, sent) {
			item = []byte(one.Raw)
			found++
		}
	}
	total := spec.SearchTotal.of(top)
	return item, found, len(all) == 0 || total.Type == gjson.Number && int(total.Num) == len(all), true
}

// isSearched says whether an element of a search is what was sent, by the first
// member that tells and that was sent.
func (d *Dialect) isSearched(one gjson.Result, sent model.Payload) bool {
	was := parse(sent.Body)
	for i := range d.spec.Profile.SearchBy {
		p := &d.spec.Profile.SearchBy[i]
		if v := p.of(was); says(v) {
			return strings.EqualFold(text(p.of(one)), text(v))
		}
	}
	return false
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
	e, f := d.medium.element(body, nil)
	doc := parse(e.raw)
	if f != sound || !doc.IsObject() {
		e, doc = element{}, gjson.Result{}
	}
	if a.State == model.OK {
		a.State = d.oneState(&e, doc)
	}
	if a.State == model.OK {
		a.ServerID = model.Foreign(text(doc.Get("id")))
		return a
	}
	whole := d.asItem(&e)
	fail := d.failure(&whole, verdict{status: status})
	fail.Class, fail.Reason = nil, model.OwnFault
	if fail.Code.IsZero() {
		fail.Code = model.Foreign(notStatus(firstOf(doc, d.spec.Refusal.Code), status))
	}
	if fail.Message.IsZero() {
		fail.Message = model.Foreign(either(firstOf(doc, d.spec.Refusal.Message), plainText(body, f)))
	}
	if s := headerOf(headers, "retry-after"); s != "" {
		fail.RetryAfter = max(fail.RetryAfter, waitOf(s, time.Second))
	}
	a.Failure = fail
	return a
}

// asItem shows the reply to one call as the item that it would be in a batch.
func (d *Dialect) asItem(body *element) element {
	if d.spec.Items.Body == "" || body.raw == nil {
		return *body
	}
	text := append(appendName([]byte{'{'}, d.spec.Items.Body), body.raw...)
	e, _ := parseElement(append(text, '}'))
	return e
}

// oneState says what the body of a success makes of it. XML has no status but
// its own; in JSON a member "status" may be the customer's.
func (d *Dialect) oneState(e *element, doc gjson.Result) model.State {
	if d.spec.Medium == "xml" && e.raw != nil {
		if v := d.verdict(e); v.state == model.Failed || d.says(e, d.spec.Verdict.Error) {
			return v.state
		}
	}
	if e := doc.Get("error"); e.IsObject() && (says(e.Get("code")) || says(e.Get("message"))) {
		return model.Unknown
	}
	return model.OK
}

// notStatus drops a code that says no more than the status.
func notStatus(code string, status int) string {
	if code == strconv.Itoa(status) {
		return ""
	}
	return code
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
