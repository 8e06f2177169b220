package dialect

import (
	"strconv"

	"github.com/tidwall/gjson"

	"retriage/model"
)

// doubtOrder takes back what was joined by its position alone when there are not
// as many answers as requests: one that is missing moves all that follow.
func (j *join) doubtOrder() {
	if !j.d.spec.Items.Ordered || j.answers == len(j.asked) {
		return
	}
	for i := range j.items {
		if !j.items[i].has(guessed) {
			continue
		}
		r := j.recorded(i)
		r.ID, r.State, r.Request = j.asked[i].id, model.Unknown, j.asked[i].span
		if r.Failure == nil {
			r.Failure = ready
		}
		j.found.doubted.add(r.ID)
		j.place(i, r)
	}
}

// rest settles the requests that no answer names by the yes-answers whose ids
// are new, when there are as many of both: an API that makes something answers
// with the id of what it made, and names its own errors only. An answer without
// an id is to the one item that has none.
func (j *join) rest() {
	news := j.found.news
	if !j.d.spec.Items.Rest || len(news)+j.found.strays.n == 0 {
		return
	}
	var open []int
	for i := range j.items {
		if !j.items[i].has(answered) {
			open = append(open, i)
		}
	}
	if len(news) == 0 {
		if j.found.strays.n == 1 && len(open) == 1 && len(j.found.extras) == 0 && j.found.broken == "" {
			r := j.found.stray
			r.ID = j.asked[open[0]].id
			j.found.strays, j.found.loose = notes{}, loose{}
			j.found.placed.add(r.ID)
			j.place(open[0], r)
		}
		return
	}
	if len(open) != len(news) || j.found.broken != "" {
		for _, l := range news {
			j.found.extras = append(j.found.extras, l.record.ID)
			j.found.loose.add(l.position, l.record)
		}
		return
	}
	for k, i := range open {
		j.found.taken.add(j.asked[i].id)
		r := news[k].record
		if len(news) > 1 {
			r.Response = model.Span{} // which of them it is, is not known
		}
		r.ID = j.asked[i].id
		j.place(i, r)
	}
}

// meanSilence settles the items that are not mentioned, where the API says what
// that means. An input that was cut off, or that goes on elsewhere, is silent
// for another reason.
func (j *join) meanSilence() {
	means := j.d.spec.Unanswered.means(j.request, j.found.tops, j.found.counts[1])
	if j.alone || means == isUnanswered || j.found.broken != "" || j.more() {
		return
	}
	if means != isUnknown && len(j.found.extras)+j.found.strays.n > 0 {
		return // an answer that fits no item may be that of any that seems to have none
	}
	for i := range j.items {
		if j.items[i].has(answered) || j.items[i].state() != model.Unanswered {
			continue
		}
		r := model.Record{ID: j.asked[i].id, Request: j.asked[i].span}
		switch means {
		case isOK:
			r.State = model.OK
		case isUnknown:
			r.State, r.Failure = model.Unknown, &model.Failure{RetryAfter: -1, Reason: model.NotAnswered}
		case isRolledBack:
			r.State, r.Failure = model.Failed, &model.Failure{RetryAfter: -1, Reason: model.RolledBack, Class: class(model.Safe)}
		default:
			r.State, r.Failure = model.Failed, &model.Failure{RetryAfter: -1, Reason: model.NotAttempted, Class: class(model.Safe)}
		}
		j.place(i, r)
	}
}

// means says what it means that an item is not mentioned; failed is how many
// answers say no.
func (u *unansweredSpec) means(request, response []gjson.Result, failed int) string {
	for i := range u.When {
		w := &u.When[i]
		if w.Reached && failed < w.stops(request) {
			continue
		}
		if w.Request.text != "" && !w.holds(&w.Request, request) || w.Response.text != "" && !w.holds(&w.Response, response) {
			continue
		}
		return w.Means
	}
	if u.Means == "" {
		return isUnanswered
	}
	return u.Means
}

// stops is after how many failures the server stops, as the requests say it:
// the largest number of them, and at least one.
func (w *silence) stops(request []gjson.Result) int {
	most := 1
	for _, top := range request {
		if n, err := strconv.Atoi(text(w.Request.of(top))); err == nil {
			most = max(most, n)
		}
	}
	return most
}

// holds says whether one of the tops says what the silence depends on.
func (w *silence) holds(p *path, tops []gjson.Result) bool {
	for _, top := range tops {
		r := p.of(top)
		if !r.Exists() {
			continue
		}
		if len(w.Is) == 0 && says(r) || isWord(r.String(), w.Is) {
			return true
		}
	}
	return false
}

// flagged words a flag for errors that contradicts the items, "" = it does not.
func (j *join) flagged() string {
	for _, top := range j.found.tops {
		for i := range j.d.spec.Summary.Flag {
			r := j.d.spec.Summary.Flag[i].of(top)
			bad := j.found.counts[1] + j.found.counts[2]
			switch {
			case r.Type == gjson.True && bad == 0 && j.found.broken == "":
				return "The response says that there were errors, and holds none."
			case r.Type == gjson.False && bad > 0:
				return "The response says that there were no errors, and holds " + model.Number(bad) + "."
			}
		}
	}
	return ""
}
