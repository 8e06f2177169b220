package dialect

import "retriage/model"

// loose are the answers that fit no item: all counted, the first kept.
type loose struct {
	n   int
	all []looseAnswer
}

type looseAnswer struct {
	position int
	record   model.Record
}

func (l *loose) add(position int, r model.Record) {
	l.n++
	if len(l.all) < model.MaxUnmatched {
		l.all = append(l.all, looseAnswer{position, r})
	}
}

// looseBytes is how much of an answer is shown that says nothing else.
const looseBytes = 2048

// leave hands what fits no item to the batch.
func (j *join) leave() {
	var all []model.Unmatched
	for _, l := range j.found.loose.all {
		u := model.Unmatched{Position: l.position, ID: l.record.ID, State: l.record.State}
		if f := l.record.Failure; f != nil {
			u.Status, u.Code, u.Message = f.Status, f.Code, f.Message
		}
		if u.Code.IsZero() && u.Message.IsZero() && j.text != nil {
			u.Text = j.text(l.record.Response)
		}
		all = append(all, u)
	}
	j.batch.Leave(j.found.loose.n, all)
}

// textOf is the beginning of an answer, without what is not shown.
func (r *Reader) textOf(s model.Span) model.Untrusted {
	files := r.files()
	if s.Len <= 0 || s.Source >= len(files) {
		return model.Untrusted{}
	}
	b := make([]byte, s.Len)
	if n, err := files[s.Source].R.ReadAt(b, s.Off); n < len(b) && err != nil {
		return model.Untrusted{} // it was there when it was read; what it said is told by nothing else
	}
	if masked := r.d.masked(b); masked != nil {
		b = masked
	}
	return model.Foreign(string(b[:min(len(b), looseBytes)]))
}
