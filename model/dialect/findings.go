package dialect

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"retriage/model"
)

// notes are ids that one finding is about: all counted, the first kept.
type notes struct {
	n   int
	ids []model.ID
}

// maxNoted is how many ids an anomaly keeps (see model.Anomaly).
const maxNoted = 100

func (n *notes) add(id model.ID) {
	n.n++
	if len(n.ids) < maxNoted {
		n.ids = append(n.ids, id)
	}
}

// findings are what a reading found out beside its items.
type findings struct {
	counts  [3]int       // answers that say yes, no, neither
	doubles notes        // answered twice
	twins   notes        // requested twice
	strays  notes        // answers without an id that fit no item
	stray   model.Record // the last of them
	placed  notes        // answers joined by their position
	extras  []model.ID
	loose   loose          // answers that fit no item
	tops    []gjson.Result // what stands beside the items
	broken  string         // why the reading ended before its end
	news    []looseAnswer  // yes-answers under ids that nobody asked for, see itemsSpec.Rest
	taken   notes          // items that those were taken for
	doubted notes          // answers joined by a position that cannot be right
	quiet   *model.Failure
	warned  []warning
	bare    int // answers that say no, or nothing, without a status
}

// warning is what some answers warn of that say yes.
type warning struct {
	of    string
	items notes
}

// maxWarnings is how many kinds of them are told apart.
const maxWarnings = 20

func (f *findings) warn(of string, id model.ID) {
	i := slices.IndexFunc(f.warned, func(w warning) bool { return w.of == of })
	if i < 0 {
		if i = len(f.warned); i == maxWarnings {
			return
		}
		f.warned = append(f.warned, warning{of: of})
	}
	f.warned[i].items.add(id)
}

func (f *findings) count(s model.State) {
	switch s {
	case model.OK:
		f.counts[0]++
	case model.Failed:
		f.counts[1]++
	default:
		f.counts[2]++
	}
}

// silence is the one failure that all unanswered items share.
func (f *findings) silence(d *Dialect) *model.Failure {
	if f.quiet == nil {
		f.quiet = d.unanswered()
	}
	return f.quiet
}

// finish settles what is open at the end of the input and completes the batch.
func (j *join) finish() {
	j.settleTwins()
	j.placeUnits()
	j.placeNumbers()
	j.placeLate()
	for !j.alone && len(j.items) < len(j.asked) {
		j.place(len(j.items), j.silent(len(j.items)))
	}
	j.doubtOrder()
	j.rest()
	j.meanSilence()
	j.rollBack()
	j.blame()
	j.flush()
	j.leave()
	summary := j.summary()
	j.batch.Finish(summary, j.found.extras, j.contradictions(summary)...)
}

// contradictions are what was found out, and what the response says of itself and
// is not so.
func (j *join) contradictions(s model.Summary) []model.Anomaly {
	all := j.found.anomalies()
	if text := j.disagreement(s); text != "" {
		all = append([]model.Anomaly{{Kind: "summary", Text: text}}, all...)
	}
	more := ""
	if j.more() {
		more = "The response goes on at another page, which was not read."
	}
	for _, a := range []model.Anomaly{{Kind: "summary", Text: j.flagged()}, {Kind: "summary", Text: j.outcry()}, {Kind: "partial", Text: j.filtered()}, {Kind: "partial", Text: more}} {
		if a.Text != "" {
			all = append(all, a)
		}
	}
	return all
}

// filtered words that a response was asked for in part, "" = it was not.
func (j *join) filtered() string {
	const why = " no status, as when a response was asked for in part (filter_path): what worked may not be listed in it."
	switch {
	case !j.d.spec.Items.Filtered || j.found.bare == 0:
		return ""
	case j.found.bare == 1:
		return "1 answer has" + why
	}
	return model.Number(j.found.bare) + " answers have" + why
}

// placeLate joins answers by their position, which says something only when
// there are as many answers as requests, and when an id is missing.
func (j *join) placeLate() {
	for _, l := range j.late {
		p, r := l.position, l.record
		fits := !j.d.spec.Items.AnyOrder && l.index < 0 && j.answers == len(j.asked) && !j.item(p).has(answered) && (r.ID.IsZero() || j.asked[p].id.IsZero())
		switch {
		case fits:
			if r.ID.IsZero() {
				r.ID = j.asked[p].id
			}
			j.found.placed.add(r.ID)
			j.bind(p, l.group)
			j.place(p, r)
		case j.d.spec.Items.Rest && r.State == model.OK:
			j.found.news = append(j.found.news, looseAnswer{p, r})
		case r.ID.IsZero():
			j.found.strays.add(r.ID)
			j.found.stray = r
			j.found.loose.add(p, r)
		default:
			j.found.extras = append(j.found.extras, r.ID)
			j.found.loose.add(p, r)
		}
	}
	j.late = nil
}

// anomalies words the findings.
func (f *findings) anomalies() (all []model.Anomaly) {
	add := func(kind string, n notes, one, many string) {
		if n.n == 0 {
			return
		}
		text := many
		if n.n == 1 {
			text = one
		}
		if strings.Contains(text, "%s") {
			text = fmt.Sprintf(text, model.Number(n.n))
		}
		all = append(all, model.Anomaly{Kind: kind, Text: text, IDs: n.ids})
	}
	var extras notes
	for _, id := range f.extras {
		extras.add(id)
	}
	add("duplicate", f.doubles, "1 item was answered more than once.", "%s answers came for items that had one already.")
	add("duplicate", f.twins, "1 item was requested under an id that another has.", "%s items were requested under an id that another has.")
	add("extra", extras, "1 answer is for an id that was not requested.", "%s answers are for ids that were not requested.")
	add("position", f.placed, "1 answer was joined to its request by position, for want of an id.",
		"%s answers were joined to their requests by position, for want of an id.")
	add("position", f.taken, "1 item that no error names was taken for the 1 success without an id that was sent.",
		"%s items that no error names were taken for the successes, of which there are as many.")
	add("position", f.doubted, "1 answer has no id, and there are not as many answers as requests: which item it is about is not known.",
		"%s answers have no id, and there are not as many answers as requests: which items they are about is not known.")
	add("unmatched", f.strays, "1 answer has no id and fits no request.", "%s answers have no id and fit no request.")
	for _, w := range f.warned {
		are := " are"
		if w.items.n == 1 {
			are = " is"
		}
		text := model.Plural(w.items.n, "item") + are + " ok with a warning: " + model.Foreign(w.of).Safe(model.SafeShort) + "."
		all = append(all, model.Anomaly{Kind: "warning", Text: text, IDs: w.items.ids})
	}
	if f.broken != "" {
		all = append(all, model.Anomaly{Kind: "truncated", Text: f.broken})
	}
	return all
}

// say notes what stands beside the items of a response.
func (j *join) say(top []byte) {
	j.found.tops = append(j.found.tops, gjson.ParseBytes(top))
}

// summary adds up what the responses say about themselves.
func (j *join) summary() model.Summary {
	return model.Summary{
		Total:     j.total(j.d.spec.Summary.Total),
		Succeeded: j.total(j.d.spec.Summary.Succeeded),
		Failed:    j.total(j.d.spec.Summary.Failed),
	}
}

// count is a number of items as a summary says it: XML knows texts only.
func count(r gjson.Result) (int, bool) {
	if r.Type == gjson.Number && r.Num >= 0 && r.Num < 1<<53 {
		return int(r.Num), true
	}
	n, err := strconv.Atoi(text(r))
	return n, err == nil && n >= 0
}

func (j *join) total(paths []path) int {
	sum := -1
	for _, top := range j.found.tops {
		for _, p := range paths {
			if n, ok := count(p.of(top)); ok {
				sum = max(sum, 0) + n
				break
			}
		}
	}
	return sum
}

// outcry words an error that stands beside the items, "" = there is none.
func (j *join) outcry() string {
	if j.answers == 0 {
		return ""
	}
	for _, top := range j.found.tops {
		if j.d.spec.Refusal.beside(top) {
			return "Beside its items the response holds an error of its own: " + j.d.refused(top).words() + "."
		}
	}
	return ""
}

func (j *join) more() bool {
	for _, top := range j.found.tops {
		for _, p := range j.d.spec.Items.NextPage {
			if says(p.of(top)) {
				return true
			}
		}
	}
	return false
}

// disagreement words a summary that is not what the answers are, "" = it is.
func (j *join) disagreement(s model.Summary) string {
	ok, failed, unclear := j.found.counts[0], j.found.counts[1], j.found.counts[2]
	if (s.Total < 0 || s.Total == j.answers) && (s.Succeeded < 0 || s.Succeeded == ok) && (s.Failed < 0 || s.Failed == failed) {
		return ""
	}
	var said []string
	if s.Total >= 0 {
		said = append(said, model.Plural(s.Total, "item"))
	}
	if s.Succeeded >= 0 {
		said = append(said, model.Number(s.Succeeded)+" succeeded")
	}
	if s.Failed >= 0 {
		said = append(said, model.Number(s.Failed)+" failed")
	}
	holds := fmt.Sprintf("%s, %s succeeded, %s failed", model.Plural(j.answers, "item"), model.Number(ok), model.Number(failed))
	if unclear > 0 {
		holds += fmt.Sprintf(", %s unclear", model.Number(unclear))
	}
	return fmt.Sprintf("The summary says %s; the response holds %s.", strings.Join(said, ", "), holds)
}
