package screen

import (
	"context"
	"slices"
	"strings"
	"time"

	"retriage/model"
	"retriage/triage"
	"retriage/triage/run"
	"retriage/tui/keys"
	"retriage/tui/widget"
)

// Verify reads items back: first what it would read and how long that takes,
// then how far it is, then whatever was not simply confirmed.
type Verify struct {
	items   []int // nil = by the rule of run.VerifyOptions
	all     bool
	started bool // from here
	over    bool // and it is through
	unfold  bool // confirmed rows are shown

	ready   bool
	reads   readPlan
	rows    []verdictRow
	sum     verdictSum
	version uint64
	asked   time.Time // when the rows were last asked for
	win     widget.Window
}

// readPlan is what a verification would read.
type readPlan struct {
	total   int // items that there are to read
	unknown int // of these
	touched int // sent or read back here
	fits    int // reads that fit into the time set for it
}

// verdictRow is one item that was read back.
type verdictRow struct {
	item    int
	name    string
	verdict model.ItemVerdict
}

// verdictSum counts verdicts. The parts add up to all items read back.
type verdictSum struct {
	confirmed, differs, notFound, unreadable, unverifiable, unknown, asExpected int
	applied, safe                                                               int // of what was unknown
}

func (v verdictSum) total() int {
	return v.confirmed + v.differs + v.notFound + v.unreadable + v.unverifiable + v.unknown + v.asExpected
}

// openVerify opens the verification of items; none means all, by the rule.
func openVerify(_ *Scene, items []int) []Effect { return []Effect{Push{NewVerify(items)}} }

// NewVerify is the verification of items; none means what the rule says.
func NewVerify(items []int) *Verify {
	v := &Verify{}
	if len(items) > 0 {
		v.items = slices.Clone(items)
	}
	return v
}

// Scopes implements Screen.
func (v *Verify) Scopes() []keys.Scope { return []keys.Scope{VerifyView, Rows} }

// Facts implements Screen.
func (v *Verify) Facts(sc *Scene, st *keys.State) {
	st.Rows, st.Chosen = len(v.rows), v.count()
	st.Off = map[keys.Action]string{}
	switch {
	case sc.NoTarget != "":
		st.Off[keys.PlanGo] = sc.NoTarget
	case sc.ReadOnly != "":
		st.Off[keys.PlanGo] = sc.ReadOnly
	case sc.RunOn:
		st.Off[keys.PlanGo] = "reading is going on already"
	case v.ready && v.reads.total == 0:
		st.Off[keys.PlanGo] = "there is nothing to read back"
	}
	if !v.sampled() && !v.all {
		st.Off[keys.PlanAll] = "everything is read already"
	}
	if !sc.RunOn {
		off := "nothing is being read"
		st.Off[keys.RunPause], st.Off[keys.RunCancel] = off, off
	}
	if v.sum.folded() == "" {
		st.Off[keys.ReadFold] = "nothing is confirmed yet"
	}
}

// sampled says whether the rule leaves items out.
func (v *Verify) sampled() bool {
	return v.items == nil && v.reads.fits > 0 && v.reads.total > v.reads.fits && !v.all
}

// minSample is the least number of untouched items that run.Runner reads.
const minSample = 60

// count is how many reads there will be.
func (v *Verify) count() int {
	r := v.reads
	if !v.sampled() {
		return r.total
	}
	return r.touched + min(r.total-r.touched, max(r.fits-r.touched, minSample))
}

// verdictsAnswer is what there is to show.
type verdictsAnswer struct {
	reads   readPlan
	rows    []verdictRow
	sum     verdictSum
	version uint64
}

// Refresh implements Screen.
func (v *Verify) Refresh(sc *Scene) []Effect {
	v.fit(sc)
	if v.started && !sc.RunOn && !v.over {
		v.over = true
		v.version = 0
	}
	if v.ready && (v.version == sc.S.Version() || sc.RunOn && sc.Now.Sub(v.asked) < time.Second) {
		return nil
	}
	v.asked = sc.Now
	return []Effect{v.work(sc)}
}

func (v *Verify) work(sc *Scene) Effect {
	items, unfold, set, reads := v.items, v.unfold, settings(sc.Profile), triage.OptionsFor(sc.Profile).Reads
	return Work{Name: "verdicts", Do: func(_ context.Context, e Engine) any {
		var a verdictsAnswer
		e.Desk.Look(func(s *triage.Session) {
			order := items
			if order == nil {
				order = s.ReadOrder(reads)
			}
			a.version = s.Version()
			a.reads = readPlan{total: len(order), fits: int(set.ReadRate * set.VerifyFor.Seconds())}
			for _, i := range order {
				a.add(s, i, unfold)
			}
		})
		slices.SortStableFunc(a.rows, func(x, y verdictRow) int { return verdictRank(x.verdict) - verdictRank(y.verdict) })
		return a
	}}
}

func (a *verdictsAnswer) add(s *triage.Session, i int, unfold bool) {
	if s.State(i) == model.Unknown {
		a.reads.unknown++
	}
	if s.Touched(i) || s.State(i) == model.Unknown {
		a.reads.touched++
	}
	r := s.Row(i)
	if r.Verdict == nil {
		return
	}
	if a.sum.add(*r.Verdict) && !unfold {
		return
	}
	a.rows = append(a.rows, verdictRow{i, idOf(s, i), *r.Verdict})
}

// wasOpen says whether a verdict settles an item whose outcome was not known.
func wasOpen(v model.ItemVerdict) bool { return v.Was == model.Unknown || v.Was == model.Unanswered }

// unread says of a verdict that nothing was read for it: an item that needs no
// reading back is not settled by that.
func unread(v model.ItemVerdict) bool {
	return v.State == model.Confirmed && v.Status == 0 && !v.Was.Done()
}

// add counts a verdict and says whether it is plainly confirmed, so that its row
// can be folded away.
func (v *verdictSum) add(d model.ItemVerdict) (plain bool) {
	switch {
	case d.State == model.NotFound && (d.Was == model.Failed || d.Was == model.Ready):
		v.asExpected++
		return true
	case unread(d):
		v.unverifiable++
		return !wasOpen(d)
	case d.State == model.Confirmed:
		v.confirmed++
		if wasOpen(d) {
			v.applied++
			return false
		}
		return true
	case d.State == model.Differs:
		v.differs++
	case d.State == model.NotFound, d.State == model.Queued:
		v.notFound++
		if wasOpen(d) {
			v.safe++
		}
	case d.State == model.Unverifiable:
		v.unverifiable++
		return true
	case d.State == model.Unknown:
		v.unknown++
	default:
		v.unreadable++
	}
	return false
}

// verdictRank puts what wants a look first.
func verdictRank(v model.ItemVerdict) int {
	switch v.State {
	case model.Differs:
		return 0
	case model.Unknown, model.Unreadable:
		return 1
	case model.NotFound, model.Queued:
		return 2
	case model.Unverifiable:
		return 3
	}
	if wasOpen(v) {
		return 4
	}
	return 5
}

// Apply implements Screen.
func (v *Verify) Apply(sc *Scene, _ string, answer any) []Effect {
	if a, ok := answer.(verdictsAnswer); ok {
		v.ready, v.reads, v.rows, v.sum, v.version = true, a.reads, a.rows, a.sum, a.version
		v.fit(sc)
	}
	return nil
}

func (v *Verify) fit(sc *Scene) {
	v.win = v.win.Fit(max(1, sc.Height-len(v.head(sc))-1), len(v.rows))
}

// Do implements Screen.
func (v *Verify) Do(sc *Scene, p keys.Press) []Effect {
	if win, ok := moved(v.win, p.Action); ok {
		v.win = win
		return nil
	}
	switch p.Action {
	case keys.PlanGo:
		v.started, v.over = true, false
		opt := run.VerifyOptions{Items: v.items, All: v.all}
		return []Effect{Start{func(ctx context.Context, r Runner) error { return r.Verify(ctx, opt) }}}
	case keys.PlanAll:
		v.all = !v.all
	case keys.ReadFold:
		v.unfold = !v.unfold
		return []Effect{v.work(sc)}
	case keys.ReadDetail:
		if v.win.Cursor < len(v.rows) {
			return []Effect{Push{newDiff(v.rows[v.win.Cursor].item)}}
		}
	case keys.RunPause:
		return pause(sc)
	case keys.RunCancel:
		return steer("Stopping: no more is read.", func(r Runner) { r.Cancel() })
	case keys.Export:
		return export(sc, p, place{item: -1, shown: v.shown})
	case keys.PlanRetry:
		return plan(sc)
	case keys.ResumeGo, keys.ResumeVerify, keys.ResumePlan:
		return resume(sc, p.Action)
	case keys.RunReport:
		return []Effect{Push{NewReport()}}
	case keys.Escape:
		return []Effect{Pop{}}
	}
	return nil
}

// shown lists the items of the rows.
func (v *Verify) shown() []int {
	items := make([]int, len(v.rows))
	for k, r := range v.rows {
		items[k] = r.item
	}
	return items
}

// verdictMeans says what a verdict means for what to do next.
func verdictMeans(v model.ItemVerdict) string {
	if unread(v) {
		return "not read: still " + v.Was.Words()
	}
	switch v.State {
	case model.Confirmed:
		if wasOpen(v) {
			return "was applied: do not retry"
		}
		return "confirmed"
	case model.NotFound, model.Queued:
		if wasOpen(v) {
			return "was not applied: safe to retry"
		}
		if v.Was == model.Failed || v.Was == model.Ready {
			return "failed, and not there, as expected"
		}
		return "not found, although the server said " + v.Was.Words()
	case model.Differs:
		return "differs: " + model.Plural(max(1, len(v.Fields)), "field")
	case model.Unknown:
		return "still unknown: do not retry"
	case model.Unverifiable:
		return "this API offers no read"
	}
	return "could not be read: try again"
}

// hasNow says what the server has, in words.
func hasNow(v model.ItemVerdict) string {
	switch v.State {
	case model.Confirmed:
		if v.Note != "" {
			return v.Note
		}
		return "same as sent"
	case model.NotFound, model.Queued:
		return "not found"
	case model.Differs:
		if len(v.Fields) == 0 {
			return v.Note
		}
		d := v.Fields[0]
		got := "nothing"
		if !d.Got.IsZero() {
			got = d.Got.Safe(40)
		}
		return strings.TrimPrefix(model.Foreign(d.Pointer).Safe(40), "/") + " " + got + "; we sent " + d.Sent.Safe(40)
	}
	return v.Note
}

// took is how long some reads take at a pace.
func took(reads int, perSecond float64) time.Duration {
	if perSecond <= 0 {
		return -1
	}
	return time.Duration(float64(reads) / perSecond * float64(time.Second))
}
