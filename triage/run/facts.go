package run

import (
	"retriage/model"
	"retriage/triage"
)

// Facts is what a plan asks of the request of item i; known says whether it is
// there to be sent. It reads the input.
func (r *Runner) Facts(i int) (f triage.Facts, known bool) {
	f, it, known := FactsOf(r.cfg.Desk, i)
	if known && r.reads() && !f.Harmless {
		p := model.Probe{Item: it, Made: r.made(i)}
		if p.Sent, p.Answer = it.Payload, it.Answer; r.addresser() != nil {
			r.cfg.Desk.Look(func(s *triage.Session) { p.Answer = newest(it.Answer, s.Answer(i)) })
			f.Unread = !r.addresser().Readable(p)
		}
	}
	return f, known
}

// addresser is the prober, if it can tell what can be read; nil = it cannot.
func (r *Runner) addresser() Addresser {
	a, _ := r.cfg.Prober.(Addresser)
	return a
}

// FactsOf is Facts without a target: it gives the item as it would be sent now.
func FactsOf(desk *Desk, i int) (f triage.Facts, it model.Item, known bool) {
	it, now, _, err := desk.Payload(i)
	if err != nil {
		return f, it, false
	}
	it.Payload = now
	return triage.Facts{Harmless: now.Harmless(), Repeats: now.Repeats}, it, now.Known
}
