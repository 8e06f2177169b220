package dialect

import (
	"context"
	"fmt"
	"strings"
	"time"

	"retriage/model"
)

// Explanation is how a dialect reads one answer, for whoever writes its file:
// what was found, and by which path or rule.
type Explanation struct {
	Position    int    // among the answers of all files, from 0
	List        string // the path of its list, where there are several
	Key         string // what "$key" is, "" = nothing
	ID          model.ID
	Also        []model.ID // the other items that the answer is to
	IDFrom      string     // the path that gave the id, "" = none did
	Index       int        // the place in the request that it names, negative = none
	State       model.State
	Why         string // what decided, a safe phrase
	Status      int
	Code        model.Untrusted
	CodeFrom    string
	Message     model.Untrusted
	MessageFrom string
	Field       model.Untrusted
	Wait        time.Duration // what it asks to wait, negative = nothing
	Failure     *model.Failure
}

// Explain reads the response files of an input once more and gives each answer
// as the dialect reads it. An error of visit ends it; the other errors are those
// of Reader.Read.
func Explain(ctx context.Context, d *Dialect, files []File, visit func(Explanation) error) error {
	position := 0
	for i, f := range files {
		before := position
		q := query{at: d.spec.Items.At, many: d.spec.Items.Many, lists: d.spec.Items.Lists, beside: d.spec.Items.Beside}
		o, err := d.medium.walk(newWindow(f), q, func(off int64, n int, e element) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			x := d.explain(model.Span{Source: i, Off: off, Len: n}, &e)
			x.Position = position
			position++
			return visit(x)
		})
		if err == nil {
			err = d.refusal(o, position-before)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *Dialect) explain(span model.Span, e *element) Explanation {
	by := teller{d: d, source: span.Source, names: true}
	var t told
	by.tell(span.Off, span.Len, e, &t)
	if d.spec.Items.Wrap {
		inner := e.unwrap()
		e = &inner
	}
	v := d.verdict(e)
	x := Explanation{
		Key: e.key(), ID: t.record.ID, Also: t.also, Index: t.index, State: t.record.State, Why: v.words(), Status: v.status,
		Failure: t.record.Failure, Wait: -1,
	}
	if d.spec.Items.Many {
		x.List = e.list()
	}
	for _, p := range append(d.spec.Items.IDs[:len(d.spec.Items.IDs):len(d.spec.Items.IDs)], d.spec.Items.ID...) {
		if r := p.in(e, d.spec.Items.Headers); says(r) {
			x.IDFrom = p.text
			break
		}
	}
	if f := t.record.Failure; f != nil {
		x.Code, x.Message, x.Field, x.Wait = f.Code, f.Message, f.Field, f.RetryAfter
		if _, i := d.firstOf(e, d.spec.Failure.Code); i >= 0 {
			x.CodeFrom = d.spec.Failure.Code[i].text
		}
		if _, i := d.firstOf(e, d.spec.Failure.Message); i >= 0 {
			x.MessageFrom = d.spec.Failure.Message[i].text
		}
	}
	return x
}

// words says what decided.
func (v *verdict) words() string {
	if v.rule == nil {
		return v.why
	}
	name := v.rule.Name
	if name == "" {
		name = v.rule.Path.text
	}
	if name == "" && len(v.rule.List) > 0 {
		name = "in " + strings.Join(v.rule.List, " or ")
	}
	return fmt.Sprintf("rule %q: %s", name, v.rule.Verdict)
}
