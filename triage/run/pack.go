package run

import (
	"errors"
	"fmt"

	"retriage/model"
	"retriage/triage"
)

// packed is what came of making the request of a parcel.
type packed struct {
	request model.Request
	keys    []model.ItemKeyed // that the journal does not know yet
	bad     []refusal         // taken out of the parcel: they can never be sent
	parts   [][]*task         // no request holds all of it: it travels as these
}

// refusal is a task that cannot be put on the wire, and why.
type refusal struct {
	task   *task
	result model.ItemResult
}

// pack makes the request of a parcel and leaves in the parcel what is in it. It
// changes nothing else. An item of which no request can be made is taken out, and
// what does not fit into one is cut in two.
func (r *Runner) pack(p *parcel) (out packed) {
	chunk, keys, bad := r.assemble(p)
	out.keys, out.bad = keys, bad
	for len(p.tasks) > 0 {
		req, err := r.cfg.Sender.Prepare(chunk)
		if err == nil {
			out.request = req
			return out
		}
		var one ItemError
		culprit := -1
		if errors.As(err, &one) {
			culprit = placeOf(chunk, one.Item())
		}
		switch {
		case culprit >= 0:
			bad := []refusal{{p.tasks[culprit], r.unfit(err)}}
			out.bad = append(out.bad, p.tear(&chunk, bad)...)
		case len(units(p.tasks)) > 1:
			first, second := halves(p.tasks)
			out.parts = [][]*task{first, second}
			return out
		default:
			for _, t := range p.tasks {
				out.bad = append(out.bad, refusal{t, r.unfit(err)})
			}
			p.tasks = nil
		}
	}
	return out
}

// placeOf is the place of an item in a chunk, -1 = it is not there.
func placeOf(c model.Chunk, item int) int {
	for k, it := range c.Items {
		if it.Index == item {
			return k
		}
	}
	return -1
}

// assemble reads the parcel's items as they are to be sent now, and takes those
// out of it that cannot be.
func (r *Runner) assemble(p *parcel) (chunk model.Chunk, keys []model.ItemKeyed, bad []refusal) {
	chunk.Mode = p.mode
	for _, t := range p.tasks {
		send, k, why := r.sendItem(t)
		if why != "" {
			bad = append(bad, refusal{t, cannot(t, why)})
		}
		if k != nil {
			keys = append(keys, *k)
		}
		chunk.Items = append(chunk.Items, send)
	}
	if len(bad) > 0 {
		bad = p.tear(&chunk, bad)
	}
	return chunk, keys, bad
}

// sendItem reads an item as it is to be sent now, with its key if that is new to
// the journal; why says that it cannot be.
func (r *Runner) sendItem(t *task) (send model.SendItem, fresh *model.ItemKeyed, why string) {
	send.Index = t.index
	r.cfg.Desk.Look(func(s *triage.Session) { t.revision = s.Revision(t.index) })
	it, payload, edited, err := r.cfg.Desk.Payload(t.index)
	switch {
	case err != nil:
		return send, nil, "it could not be read: " + err.Error()
	case !payload.Known:
		return send, nil, "its request is not known; open it again with --request FILE"
	}
	t.harmless = payload.Harmless()
	send.ID, send.Payload, send.Edited, send.Made = it.ID, payload, edited, r.made(t.index)
	if !r.keyed() {
		return send, nil, ""
	}
	k, isNew := r.key(it, payload, edited)
	if send.Key = k.Key; isNew {
		fresh = &k
	}
	if t.unsure && (isNew || t.elder) && ownKey(payload, r.cfg.Profile.KeyField) != k.Key {
		why = "not sent: it may have been applied, and the key it was sent with is not known"
	}
	return send, fresh, why
}

// tear takes out of a parcel what cannot be sent, what travels with it, and what
// needs it to work first.
func (p *parcel) tear(chunk *model.Chunk, bad []refusal) []refusal {
	gone := map[*task]bool{}
	for _, b := range bad {
		gone[b.task] = true
	}
	drop := func(t *task, why string) {
		if !gone[t] {
			gone[t] = true
			bad = append(bad, refusal{t, cannot(t, why)})
		}
	}
	for n := -1; n != len(gone); {
		n = len(gone)
		for _, t := range p.tasks {
			for _, m := range t.unit {
				if gone[m] {
					drop(t, torn)
				}
			}
			for _, need := range t.needs {
				if gone[need] {
					drop(t, "not sent: it depends on "+need.id.Safe()+", which cannot be sent")
				}
			}
		}
	}
	tasks, sends := p.tasks[:0:0], chunk.Items[:0:0]
	for k, t := range p.tasks {
		if !gone[t] {
			tasks, sends = append(tasks, t), append(sends, chunk.Items[k])
		}
	}
	p.tasks, chunk.Items = tasks, sends
	return bad
}

func cannot(t *task, why string) model.ItemResult {
	return model.ItemResult{Index: t.index, State: model.Failed, Why: model.Foreign(why).Safe(model.SafeLong)}
}

// unfit is the result of an item of which no request can be made.
func (r *Runner) unfit(err error) model.ItemResult {
	res := model.ItemResult{State: model.Failed, Why: model.Foreign("not sent: " + err.Error()).Safe(model.SafeLong)}
	var size SizeError
	if errors.As(err, &size) {
		n, limit := size.TooLarge()
		res.Why = fmt.Sprintf("not sent: %s bytes, and the target takes at most %s", model.Number(n), model.Number(limit))
		res.Category, res.Class, res.Rule = model.PayloadTooLarge, model.AfterEdit, "request size"
		res.Message = model.Foreign(res.Why)
	}
	return res
}
