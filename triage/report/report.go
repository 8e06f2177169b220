// Package report turns a session into what is handed on: the lines printed on
// the way out, a summary, JSON and Markdown. It promises that its counts add up
// to the number of items requested, that every foreign text in it is safe to
// print, and that it holds no secret, since a session holds none.
//
// It may import model and triage, and no face, clock or disk.
package report

import (
	"time"

	"retriage/model"
	"retriage/triage"
)

// Schema names the JSON form. It only ever gains fields.
const Schema = "retriage.report/1"

// Report is a session as it is handed on. Its JSON form is Schema.
type Report struct {
	Schema  string         `json:"schema"`
	Run     string         `json:"run,omitempty"`
	Inputs  []string       `json:"inputs"`
	Dialect string         `json:"dialect"`
	Target  string         `json:"target,omitempty"`
	Who     string         `json:"who,omitempty"`
	Started time.Time      `json:"started,omitzero"`
	Ended   time.Time      `json:"ended,omitzero"`
	Total   int            `json:"total"`
	States  map[string]int `json:"states"`       // every state; the values add up to Total
	Open    []Part         `json:"open"`         // by tab, largest first
	Causes  []Cause        `json:"causes"`       // largest first, at most 50
	AtStart int            `json:"failed_first"` // items that were not ok in the response
	Retry   Retry          `json:"retry"`
	// ReadBack is what reading back has come to, nil = nothing was read back.
	ReadBack *ReadBack `json:"read_back,omitempty"`
	Items    []Item    `json:"items"`            // every item that was not simply ok
	Drafts   int       `json:"drafts,omitempty"` // items with something typed that was not saved
	Notes    []Note    `json:"notes"`            // oldest first
	Odd      []string  `json:"anomalies"`        // contradictions of the input, as sentences
	Extras   []string  `json:"extras"`           // ids answered but never requested
	// Unmatched are the answers that fit no item, at most 100 of UnmatchedOf.
	Unmatched   []Unmatched `json:"unmatched,omitempty"`
	UnmatchedOf int         `json:"unmatched_total,omitempty"`
	// Refused is the server's no to the whole batch: then there are no items.
	Refused *Refusal `json:"refused,omitempty"`
	Verdict string   `json:"verdict"` // one line
	Exit    int      `json:"exit"`
	// ExitMeans says in words what Exit means.
	ExitMeans string `json:"exit_means"`
}

// Part is a number of open items.
type Part struct {
	Tab   string `json:"tab"`
	Title string `json:"title"`
	Count int    `json:"count"`
	Todo  string `json:"todo"`
}

// Cause is a number of failures with one cause.
type Cause struct {
	Tab    string `json:"tab"`
	Count  int    `json:"count"`
	Status int    `json:"status,omitempty"`
	Code   string `json:"code,omitempty"`
	Field  string `json:"field,omitempty"`
	Shape  string `json:"message,omitempty"`
}

// Retry is what the session did about the items that failed first. OKAfter,
// Applied and StillOpen add up to the report's AtStart.
type Retry struct {
	OKAfter      int     `json:"ok_after_retry"`
	Confirmed    int     `json:"confirmed"`  // of OKAfter and Applied: read back and equal
	Applied      int     `json:"applied"`    // found on the server by a look-up; nothing was sent again
	StillOpen    int     `json:"still_open"` // of the items that failed first
	Requests     int     `json:"requests"`
	Sent         int     `json:"sent"`       // items in those requests, each time counted
	ItemsSent    int     `json:"items_sent"` // items in those requests, each counted once
	Waits        int     `json:"waits"`
	Waited       string  `json:"waited,omitempty"`
	BreakerOpens int     `json:"breaker_opens"`
	SentTwice    int     `json:"sent_twice"`
	MayDouble    int     `json:"may_double"` // sent although it may have been applied, as somebody decided
	Moved        int     `json:"moved"`
	SuccessRate  float64 `json:"success_rate"` // done items of all, 0 to 1
	Alert        bool    `json:"alert"`        // SuccessRate is under AlertUnder
	AlertUnder   float64 `json:"alert_under"`  // of the settings, 0 to 1
}

// Refusal is the server's no to a whole batch.
type Refusal struct {
	Status  int    `json:"status,omitempty"`
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
	Words   string `json:"-"` // all of it, a safe sentence
}

// Unmatched is an answer that fits no item.
type Unmatched struct {
	Position int    `json:"position"` // among the answers, from 1
	ID       string `json:"id,omitempty"`
	State    string `json:"state"` // what it says
	Status   int    `json:"status,omitempty"`
	Code     string `json:"code,omitempty"`
	Message  string `json:"message,omitempty"`
	Text     string `json:"text,omitempty"` // how it begins, where it has neither
}

// Item is one item that was not simply ok in the response.
type Item struct {
	ID       string `json:"id"`
	Position int    `json:"position"` // in the batch, from 1
	State    string `json:"state"`
	Category string `json:"category,omitempty"`
	Class    string `json:"class,omitempty"` // of its failure: safe, after_edit, after_verify or never
	Rule     string `json:"rule,omitempty"`
	Status   int    `json:"status,omitempty"`
	Code     string `json:"code,omitempty"`
	Message  string `json:"message,omitempty"`
	Field    string `json:"field,omitempty"`
	// RetryAfter is how many seconds the item asks to wait.
	RetryAfter *float64 `json:"retry_after,omitempty"`
	Sends      int      `json:"sends"`
	Edited     bool     `json:"edited,omitempty"`
	Verdict    string   `json:"verdict,omitempty"`
	Differs    []string `json:"differs,omitempty"`
	History    []string `json:"history,omitempty"`
}

// Note is a remark of the operator's.
type Note struct {
	At   time.Time `json:"at"`
	Who  string    `json:"who,omitempty"`
	Item string    `json:"item,omitempty"`
	Text string    `json:"text"`
}

// About is what a report says of the sitting around a session.
type About struct {
	Brief   bool     // without the single items, of which there can be very many
	Run     string   // "" when there is nothing on disk to resume
	Inputs  []string // their names, safe
	Dialect string
	Profile model.Profile
	Who     string
	End     End
	Refused *Refusal // the whole batch was, nil = it was not
}

// Of makes the report of a session as it is now.
func Of(s *triage.Session, about About) Report {
	r := Report{
		Schema: Schema, Run: about.Run, Inputs: about.Inputs, Dialect: about.Dialect, Who: about.Who,
		Target:  model.Foreign(about.Profile.BaseURL + about.Profile.BatchPath).Safe(0),
		Started: s.Started(), Ended: s.LastChange(), Total: s.Len(), States: map[string]int{},
	}
	c := s.Counts()
	for _, st := range model.States() {
		r.States[st.String()] = c.By[st]
	}
	for _, t := range s.Tabs()[1:] {
		r.Open = append(r.Open, Part{string(t.Tab), t.Tab.Title(), t.Count, todo(s, t.Tab)})
	}
	r.Causes = causes(s)
	if !about.Brief {
		r.fillItems(s)
	}
	r.fillRetry(s, about.Profile)
	r.ReadBack = readBack(s)
	r.Drafts = len(s.DraftItems())
	for _, n := range s.Notes() {
		r.Notes = append(r.Notes, note(s, n))
	}
	for _, a := range s.Batch().Anomalies() {
		r.Odd = append(r.Odd, a.Text)
	}
	for _, id := range s.Batch().Extras() {
		r.Extras = append(r.Extras, id.Safe())
	}
	left, n := s.Batch().Unmatched()
	r.UnmatchedOf = n
	for _, u := range left {
		r.Unmatched = append(r.Unmatched, unmatched(u))
	}
	r.Verdict = verdict(r, c)
	if r.Refused = about.Refused; r.Refused != nil {
		r.Verdict = capital(r.Refused.Words)
		about.End.Refused = true
	}
	return r.Ending(ExitCode(c, about.End), about.End)
}

func unmatched(u model.Unmatched) Unmatched {
	return Unmatched{
		Position: u.Position + 1, ID: u.ID.Safe(), State: u.State.String(), Status: u.Status,
		Code: u.Code.Safe(model.SafeShort), Message: u.Message.Safe(model.SafeLong), Text: u.Text.Safe(model.SafeLong),
	}
}

func causes(s *triage.Session) []Cause {
	var out []Cause
	for _, g := range s.Groups(triage.AllTab, triage.ByCause) {
		if len(out) == 50 {
			break
		}
		c := Cause{
			Tab: string(g.Tab), Count: g.Count, Code: g.Code.Safe(model.SafeShort),
			Field: g.Field.Safe(model.SafeShort), Shape: g.Shape.Safe(model.SafeShort),
			Status: firstStatus(s, g),
		}
		if g.Tab == triage.CheckTab {
			c.Shape = "read back: " + g.State.Words()
		}
		out = append(out, c)
	}
	return out
}

// firstStatus is the status of the first item of a cause, which the others share
// unless the API gives one code with several statuses.
func firstStatus(s *triage.Session, g triage.Group) int {
	if i := s.First(g); i >= 0 {
		return s.Row(i).Status
	}
	return 0
}

func (r *Report) fillItems(s *triage.Session) {
	for i := range s.Len() {
		row := s.Row(i)
		if row.State == model.OK && !s.Touched(i) && row.Sends == 0 {
			if _, bad := s.Batch().Failure(i); !bad {
				continue
			}
		}
		r.Items = append(r.Items, itemOf(s, i))
	}
}

// Items reports on single items, in the order given.
func Items(s *triage.Session, items []int) []Item {
	out := make([]Item, 0, len(items))
	for _, i := range items {
		out = append(out, itemOf(s, i))
	}
	return out
}

func itemOf(s *triage.Session, i int) Item {
	row := s.Row(i)
	it := Item{
		ID: row.ID.Safe(), Position: i + 1, State: row.State.String(), Rule: row.Rule, Status: row.Status,
		Code: row.Code.Safe(model.SafeShort), Message: row.Message.Safe(model.SafeLong),
		Field: row.Field.Safe(model.SafeShort), Sends: row.Sends, Edited: row.Edited,
	}
	if row.Category != model.None {
		it.Category, it.Class = row.Category.String(), row.Class.String()
	}
	if f, failed := s.Failure(i); failed && f.RetryAfter >= 0 {
		seconds := f.RetryAfter.Seconds()
		it.RetryAfter = &seconds
	}
	if v := row.Verdict; v != nil {
		it.Verdict = v.State.String()
		for _, d := range v.Fields {
			it.Differs = append(it.Differs, model.Foreign(d.Pointer).Safe(model.SafeShort))
		}
	}
	for _, h := range s.History(i) {
		it.History = append(it.History, h.At.UTC().Format(time.RFC3339)+"  "+h.Text)
	}
	return it
}

func (r *Report) fillRetry(s *triage.Session, p model.Profile) {
	t := s.Totals()
	r.Retry = Retry{
		Requests: t.Requests, Sent: t.Sent, ItemsSent: t.Items, Waits: t.Waits, BreakerOpens: t.BreakerOpens,
		SentTwice: t.Doubled, MayDouble: t.Risked, Moved: len(t.Moves),
	}
	if t.Waited > 0 {
		r.Retry.Waited = model.Duration(t.Waited)
	}
	b, n := s.Batch(), s.Len()
	for i := b.NextOpen(0, n); i < n; i = b.NextOpen(i+1, n) {
		r.AtStart++
		state := s.State(i)
		switch {
		case !state.Done():
			r.Retry.StillOpen++
			continue
		case s.Row(i).Sends == 0 || s.Answer(i).State != model.OK:
			r.Retry.Applied++
		default:
			r.Retry.OKAfter++
		}
		if state == model.Confirmed {
			r.Retry.Confirmed++
		}
	}
	if r.Total > 0 {
		r.Retry.SuccessRate = float64(s.Counts().Done()) / float64(r.Total)
		r.Retry.AlertUnder = p.Settings.AlertUnder
		r.Retry.Alert = r.Retry.SuccessRate < r.Retry.AlertUnder
	}
}

func note(s *triage.Session, n triage.Note) Note {
	out := Note{At: n.At, Who: n.Who, Text: n.Text.Safe(0)}
	if n.Item >= 0 {
		out.Item = s.Row(n.Item).ID.Safe()
	}
	return out
}

// verdict is the session in one line.
func verdict(r Report, c triage.Counts) string {
	confirmed, total := c.Of(model.Confirmed), model.Plural(r.Total, "item")
	switch {
	case r.Total == 0:
		return "0 items: nothing to do."
	case c.Of(model.Unknown) > 0:
		return model.Number(c.Of(model.Unknown)) + " of " + total + " unknown: verify before anything else."
	case c.Open() > 0:
		return model.Number(c.Done()) + " of " + total + " done, " + model.Number(confirmed) + " of them confirmed; " + model.Number(c.Open()) + " still open."
	case confirmed == r.Total:
		return "All " + total + " confirmed by reading them back."
	case c.Of(model.Unverifiable) > 0:
		return "All " + total + " ok; " + model.Number(c.Of(model.Unverifiable)) + " cannot be read back from this API."
	}
	return "All " + total + " ok; " + model.Number(confirmed) + " confirmed by reading back."
}
