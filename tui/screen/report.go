package screen

import (
	"context"
	"slices"
	"strings"

	"retriage/model"
	"retriage/triage"
	"retriage/triage/report"
	"retriage/tui/keys"
	"retriage/tui/widget"
)

// Report is what came of it all: the sum that has to come out even, then only
// what is not confirmed, then what is next.
type Report struct {
	ready   bool
	rep     report.Report
	moves   []string // items that failed again for another cause
	plans   bool     // a plan of all that is open would send something
	rows    []verdictRow
	sum     verdictSum
	seen    seenSum
	version uint64
	win     widget.Window
}

// seenSum is how many items are confirmed, by what they were: the parts add up
// to what the overview calls confirmed.
type seenSum struct{ fine, retried, applied int }

func (r *seenSum) add(s *triage.Session, i int) {
	if s.State(i) != model.Confirmed {
		return
	}
	_, failed := s.Batch().Failure(i)
	switch {
	case !failed:
		r.fine++
	case s.Row(i).Sends == 0 || s.Answer(i).State != model.OK:
		r.applied++
	default:
		r.retried++
	}
}

func (r seenSum) total() int { return r.fine + r.retried + r.applied }

// NewReport is the report of the session as it is now.
func NewReport() *Report { return &Report{} }

// Scopes implements Screen.
func (r *Report) Scopes() []keys.Scope { return []keys.Scope{ReportView, Rows} }

// Facts implements Screen.
func (r *Report) Facts(_ *Scene, st *keys.State) {
	st.Rows = len(r.rows)
	st.Off = map[keys.Action]string{}
	if len(r.rows) == 0 {
		st.Off[keys.ReadDetail] = "nothing was read back that is not confirmed"
	}
}

type reportAnswer struct {
	rep     report.Report
	moves   []string
	plans   bool // a plan of all that is open would send something
	rows    []verdictRow
	sum     verdictSum
	seen    seenSum
	version uint64
}

// Refresh implements Screen.
func (r *Report) Refresh(sc *Scene) []Effect {
	sc.Face.sync(sc)
	r.fit(sc)
	if r.ready && r.version == sc.S.Version() {
		return nil
	}
	about := report.About{Run: sc.RunID, Inputs: []string{sc.Name}, Profile: sc.Profile, End: endOf(sc)}
	opt := triage.OptionsFor(sc.Profile)
	return []Effect{Work{Name: "report", Do: func(_ context.Context, e Engine) any {
		var a reportAnswer
		e.Desk.Look(func(s *triage.Session) {
			about.Dialect = s.Opened().Dialect
			a.rep, a.version = report.Of(s, about), s.Version()
			a.moves = movesOf(s)
			a.plans = s.Draft(opt, func(int) bool { return true }).Count() > 0
			for i := range s.Len() {
				a.seen.add(s, i)
			}
			for _, i := range s.ReadOrder(true) {
				if v := s.Row(i).Verdict; v != nil && !a.sum.add(*v) {
					a.rows = append(a.rows, verdictRow{i, idOf(s, i), *v})
				}
			}
		})
		slices.SortStableFunc(a.rows, func(x, y verdictRow) int { return verdictRank(x.verdict) - verdictRank(y.verdict) })
		return a
	}}}
}

// endOf is what decides the exit code beside what is left.
func endOf(sc *Scene) report.End { return report.End{Lenient: sc.Lenient, Stop: sc.Run.Stop} }

// movesOf tells in words which items failed again for another cause.
func movesOf(s *triage.Session) []string {
	type way struct{ from, to model.Category }
	var order []way
	counts := map[way]int{}
	for _, m := range s.Totals().Moves {
		w := way{m.From, m.To}
		if counts[w] == 0 {
			order = append(order, w)
		}
		counts[w]++
	}
	var out []string
	for _, w := range order {
		out = append(out, model.Plural(counts[w], "item")+" moved: "+w.from.Title()+" → "+w.to.Title())
	}
	return out
}

// Apply implements Screen.
func (r *Report) Apply(sc *Scene, name string, answer any) []Effect {
	if a, ok := answer.(reportAnswer); ok {
		r.ready, r.rep, r.moves, r.plans, r.rows, r.sum, r.seen, r.version = true, a.rep, a.moves, a.plans, a.rows, a.sum, a.seen, a.version
		r.fit(sc)
		return nil
	}
	return applyShared(name, answer)
}

func (r *Report) fit(sc *Scene) {
	r.win = r.win.Fit(max(1, sc.Height-len(r.head(sc))-2-r.tail(sc)), len(r.rows))
}

// tail is how many lines stand under the rows.
func (r *Report) tail(sc *Scene) int {
	if sc.Height < low {
		return 0
	}
	return 2
}

// Do implements Screen.
func (r *Report) Do(sc *Scene, p keys.Press) []Effect {
	if win, ok := moved(r.win, p.Action); ok {
		r.win = win
		return nil
	}
	switch p.Action {
	case keys.ReadDetail:
		if r.win.Cursor < len(r.rows) {
			return []Effect{Push{newDiff(r.rows[r.win.Cursor].item)}}
		}
	case keys.CopyItem:
		return []Effect{Copy{strings.Join(r.rep.Lines(), "\n") + "\n", "Copied the summary."}}
	case keys.CopyID:
		return copyIDs(sc, sc.S.Items(triage.AllTab))
	case keys.TabAt:
		if why := sc.Face.goTab(sc, p); why != "" {
			return []Effect{Say{why}}
		}
		return []Effect{Push{NewList()}}
	case keys.PlanRetry:
		return plan(sc)
	case keys.ResumeGo, keys.ResumeVerify, keys.ResumePlan:
		return resume(sc, p.Action)
	case keys.VerifyPlan:
		return openVerify(sc, nil)
	case keys.Note:
		return note(sc, p, -1)
	case keys.Export:
		return export(sc, p, place{item: -1, shown: func() []int { return sc.S.Items(triage.AllTab) }})
	case keys.Escape:
		return []Effect{Pop{}}
	}
	return nil
}
