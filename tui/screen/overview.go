package screen

import (
	"context"
	"time"

	"retriage/model"
	"retriage/triage"
	"retriage/tui/keys"
	"retriage/tui/widget"
)

// overview answers: how bad is it, of what kind, and what comes next.
type overview struct {
	win    widget.Window
	tabs   []triage.TabCount // after All
	digest digest
	asked  time.Time
}

// NewOverview is the first screen.
func NewOverview() Screen { return &overview{} }

// digest is what the overview has to count for.
type digest struct {
	ready  bool
	sum    map[triage.Tab]*tabSum
	causes []triage.Group // the largest
	facts  []causeFacts   // of causes
	nCause int
	asIs   int // items that a plan would take now, none of them edited
	edited int // items that a plan would take, edited
}

// tabSum is what there is to say about a tab's items.
type tabSum struct {
	doubt                int // looked up before they are sent again
	edited, left, moving int
	unsent, again        int           // held by a run that was stopped: never sent, or answered that they may be sent again
	handed               int           // in somebody's hands
	wait                 time.Duration // the longest that the server asked for
}

const (
	digestWork = "digest"
	topCauses  = 24
	// chunk is how many items are looked at under one lock.
	chunk = 2000
)

// Scopes implements Screen.
func (o *overview) Scopes() []keys.Scope { return []keys.Scope{Overview, Rows, Batch} }

// Facts implements Screen.
func (o *overview) Facts(sc *Scene, st *keys.State) {
	batchFacts(sc, st)
	st.Rows = len(o.tabs)
}

// batchFacts are the facts about the batch as a whole.
func batchFacts(sc *Scene, st *keys.State) {
	st.NoUndo, st.NoRedo = sc.Face.undoFacts(sc.ReadOnly)
	st.Filter = sc.Face.Query != "" || sc.Face.Cause != nil
	st.Hidden = sc.Face.QueryOff
	st.Selected = sc.Face.Selection.Len()
}

// Refresh implements Screen.
func (o *overview) Refresh(sc *Scene) []Effect {
	sc.Face.sync(sc)
	o.tabs = sc.Face.tabs(sc.S)[1:]
	o.win = o.win.Fit(max(1, len(o.tabs)), len(o.tabs))
	if sc.RunOn && sc.Now.Sub(o.asked) < time.Second {
		return nil
	}
	o.asked = sc.Now
	opt := triage.OptionsFor(sc.Profile)
	return []Effect{Work{Name: digestWork, Do: func(ctx context.Context, e Engine) any { return digestOf(ctx, e, opt) }}}
}

func digestOf(ctx context.Context, e Engine, opt triage.PlanOptions) digest {
	d := digest{ready: true, sum: map[triage.Tab]*tabSum{}}
	var items []int
	e.Desk.Look(func(s *triage.Session) {
		items = s.Items(triage.AllTab)
		d.causes = s.Groups(triage.AllTab, triage.ByCause)
		draft := s.Draft(opt, func(int) bool { return true })
		d.asIs, d.edited = draft.Count()-draft.Edited, draft.Edited
	})
	d.nCause = len(d.causes)
	d.causes = d.causes[:min(len(d.causes), topCauses)]
	for from := 0; from < len(items) && ctx.Err() == nil; from += chunk {
		e.Desk.Look(func(s *triage.Session) {
			for _, i := range items[from:min(from+chunk, len(items))] {
				d.add(s, i)
			}
		})
	}
	for _, g := range d.causes {
		if ctx.Err() != nil {
			return d
		}
		d.facts = append(d.facts, lookAt(e, g))
	}
	return d
}

func (d *digest) add(s *triage.Session, i int) {
	r := s.Row(i)
	tab := tabOf(r)
	t := d.sum[tab]
	if t == nil {
		t = &tabSum{}
		d.sum[tab] = t
	}
	if r.Class == model.AfterVerify {
		t.doubt++
	}
	switch {
	case r.State == model.Edited:
		t.edited++
	case r.State == model.LeftOut:
		t.left++
	case s.Rests(i) && r.State == model.Waiting:
		t.again++
	case s.Rests(i):
		t.unsent++
	case r.State.Moving() && s.Running() != nil && s.Running().Plan.ByHand():
		t.handed++
	case r.State.Moving():
		t.moving++
	}
	if f, ok := s.Failure(i); ok {
		t.wait = max(t.wait, f.RetryAfter)
	}
}

// tabOf is the tab that an open row belongs to.
func tabOf(r triage.Row) triage.Tab {
	switch r.Base {
	case model.Unknown:
		return triage.UnknownTab
	case model.Differs, model.NotFound, model.Unreadable:
		return triage.CheckTab
	case model.Ready:
		return triage.ReadyTab
	}
	if r.Category == model.None {
		return triage.TabOf(model.Other)
	}
	return triage.TabOf(r.Category)
}

// Apply implements Screen.
func (o *overview) Apply(_ *Scene, name string, answer any) []Effect {
	if d, ok := answer.(digest); ok {
		o.digest = d
		return nil
	}
	return applyShared(name, answer)
}

// Do implements Screen.
func (o *overview) Do(sc *Scene, p keys.Press) []Effect {
	if win, ok := moved(o.win, p.Action); ok {
		o.win = win
		return nil
	}
	switch p.Action {
	case keys.Open:
		sc.Face.showTab(o.tabs[o.win.Cursor].Tab)
		return []Effect{Push{NewList()}}
	case keys.TabNext, keys.TabPrev, keys.TabAt:
		if why := sc.Face.goTab(sc, p); why != "" {
			return []Effect{Say{why}}
		}
		return []Effect{Push{NewList()}}
	case keys.Filter, keys.FilterToggle:
		l := &list{anchor: -1}
		l.Do(sc, p)
		return []Effect{Push{l}}
	case keys.Causes:
		sc.Face.Tab = triage.AllTab
		return []Effect{Push{NewCauses(false)}}
	}
	return doBatch(sc, p, place{item: -1, chosen: sc.Face.Selection.Items, shown: func() []int { return sc.S.Items(triage.AllTab) }})
}

// moved gives a window after a movement; ok is false for another action.
func moved(w widget.Window, a keys.Action) (_ widget.Window, ok bool) {
	switch a {
	case keys.Down:
		return w.Move(1), true
	case keys.Up:
		return w.Move(-1), true
	case keys.PageDown:
		return w.Page(1), true
	case keys.PageUp:
		return w.Page(-1), true
	case keys.First:
		return w.To(0), true
	case keys.Last:
		return w.To(w.Len - 1), true
	}
	return w, false
}
