package screen

import (
	"context"
	"maps"
	"slices"

	"retriage/model"
	"retriage/triage"
	"retriage/tui/dialog"
	"retriage/tui/keys"
	"retriage/tui/widget"
)

// Fix is the screen of one change for many items: which fixes of ours fit, what
// each would change, and one key that makes all of it one step.
type Fix struct {
	items []int
	seen  int // items looked at so far
	fits  []fit
	noFit map[int]string // items that could not be looked at, and why
	asIs  map[int]string // items that need no edit, and what sends them
	ids   map[int]string

	pick     int  // index into fits
	problems bool // only the rows that want a look
	rows     []fixRow
	win      widget.Window
	waits    int64 // the newest undoable event before the fix was applied, plus 1
	applied  bool  // one was, and the others are looked at again
}

// fit is a fix with what it would change.
type fit struct {
	fix   triage.Fix
	edits map[int][]model.Change
	done  map[int]bool // items that an edit has made so already
}

// fixRow is one line of the preview.
type fixRow struct {
	item    int
	changes []model.Change // none = the item stays as it is
	why     string         // why it stays
	problem bool           // it should have been looked at, and could not
}

// fixChunk is how many items one piece of work looks at: it tells how far it is
// after each, and a screen that was closed stops it there.
const fixChunk = 200

// NewFix is the screen of the fixes for some items.
func NewFix(items []int) *Fix {
	return &Fix{items: items, noFit: map[int]string{}, asIs: map[int]string{}, ids: map[int]string{}}
}

// openFix opens the fixes for items; for one item the form is the better place.
func openFix(_ *Scene, items []int) []Effect {
	if len(items) == 0 {
		return []Effect{Say{"There is no item here to fix."}}
	}
	return []Effect{Push{NewFix(slices.Clone(items))}}
}

// Scopes implements Screen.
func (f *Fix) Scopes() []keys.Scope { return []keys.Scope{FixView, Rows} }

// Facts implements Screen.
func (f *Fix) Facts(sc *Scene, st *keys.State) {
	st.Rows, st.Fixes = len(f.rows), len(f.fits)
	st.Off = map[keys.Action]string{}
	switch {
	case sc.ReadOnly != "":
		st.Off[keys.FixApply] = sc.ReadOnly
	case f.seen < len(f.items):
		st.Off[keys.FixApply] = "still looking at the items"
	case len(f.fits) == 0:
		st.Off[keys.FixApply] = "no fix of ours fits"
	}
	if len(f.fits) == 0 {
		st.Off[keys.FixProblems] = "there is no fix to look at"
	}
	if !f.applied {
		st.Off[keys.Undo] = "nothing was applied here yet"
	}
	if fi := f.picked(); fi != nil {
		st.Chosen = len(fi.edits)
		if st.Chosen == 0 && st.Off[keys.FixApply] == "" {
			st.Off[keys.FixApply] = "nothing is left to change"
		}
	}
}

func (f *Fix) picked() *fit {
	if f.pick >= len(f.fits) {
		return nil
	}
	return &f.fits[f.pick]
}

// notKnown is why nothing fits an item whose payload is not in the input.
const notKnown = "its request is not known"

// lookedAt is what one piece of work has found.
type lookedAt struct {
	to    int
	fits  []fit
	noFit map[int]string
	asIs  map[int]string
	ids   map[int]string
}

// Refresh implements Screen.
func (f *Fix) Refresh(sc *Scene) []Effect {
	f.fitWindow(sc)
	switch {
	case f.waits > 0 && undoTop(sc.S) >= f.waits:
		f.lookAgain()
		return []Effect{f.look()}
	case f.seen == 0:
		return []Effect{f.look()}
	}
	return nil
}

// lookAgain forgets what was found: the items are not what they were.
func (f *Fix) lookAgain() {
	items := f.items
	*f = *NewFix(items)
	f.applied = true
}

// look looks at the next items, away from the screen: each is read back.
func (f *Fix) look() Effect {
	from, to := f.seen, min(f.seen+fixChunk, len(f.items))
	items := slices.Clone(f.items[from:to])
	return Work{Name: "look", Do: func(ctx context.Context, e Engine) any {
		l := lookedAt{to: to, noFit: map[int]string{}, asIs: map[int]string{}, ids: map[int]string{}}
		for _, i := range items {
			if ctx.Err() != nil {
				return nil
			}
			l.lookAt(e, i)
		}
		return l
	}}
}

func (l *lookedAt) lookAt(e Engine, i int) {
	it, now, _, err := e.Desk.Payload(i)
	var fail model.Failure
	var held, edited, doubt bool
	var sent model.Payload
	e.Desk.Look(func(s *triage.Session) {
		fail, _ = s.Failure(i)
		held, doubt = s.Held(i), s.InDoubt(i)
		edited = s.Row(i).Edited
		if why := needsNone(s, i); why != "" && (doubt || !edited) {
			l.asIs[i] = why
		}
		l.ids[i] = idOf(s, i)
		if err == nil {
			sent, _, err = s.Sent(it)
		}
	})
	switch {
	case err != nil:
		l.noFit[i] = "could not be read back"
		return
	case !now.Known:
		l.noFit[i] = notKnown
		return
	case held:
		l.noFit[i] = "held by a run"
		return
	case doubt:
		return
	}
	l.fit(e, i, it, now, sent, fail)
	if edited {
		for _, s := range triage.Suggest(it, fail) {
			l.doneAlready(i, s, now)
		}
	}
}

// fit looks for the fixes that would change item i as it is now. A key that is
// fresh since the newest send is made no second time.
func (l *lookedAt) fit(e Engine, i int, it model.Item, now, sent model.Payload, fail model.Failure) {
	it.Payload = now
	for _, s := range triage.Suggest(it, fail) {
		changes, makes := s.Changes, len(s.Changes) == 0
		if makes && triage.Renewed(it, sent, fail) {
			l.fits = addFit(l.fits, fit{fix: s.Fix, done: map[int]bool{i: true}})
			continue
		}
		if makes && e.NewKey != nil {
			var err error
			if changes, err = triage.ApplyFix(s.Fix.ID, it, fail, e.NewKey); err != nil {
				continue
			}
		}
		if len(changes) > 0 {
			l.fits = addFit(l.fits, fit{fix: s.Fix, edits: map[int][]model.Change{i: changes}})
		}
	}
}

// doneAlready notes that the item has what a fix would have made of it.
func (l *lookedAt) doneAlready(i int, s triage.Suggestion, now model.Payload) {
	for _, c := range s.Changes {
		if !triage.Holds(now, c) {
			return
		}
	}
	if len(s.Changes) > 0 {
		l.fits = addFit(l.fits, fit{fix: s.Fix, done: map[int]bool{i: true}})
	}
}

// needsNone says that an item needs no edit, and what sends it; "" = it may need
// one.
func needsNone(s *triage.Session, i int) string {
	if s.State(i).Done() || s.Held(i) {
		return ""
	}
	switch s.Row(i).Class {
	case model.Safe:
		return "needs no edit: R sends it"
	case model.AfterVerify:
		return "needs no edit: R looks it up, then sends it"
	}
	return ""
}

// addFit puts what a fix changes to what is known of it, in the order in which
// fixes are offered.
func addFit(all []fit, more fit) []fit {
	k := slices.IndexFunc(all, func(f fit) bool { return f.fix.ID == more.fix.ID })
	if k < 0 {
		order := func(id string) int {
			return slices.IndexFunc(triage.Fixes(), func(f triage.Fix) bool { return f.ID == id })
		}
		k = 0
		for k < len(all) && order(all[k].fix.ID) < order(more.fix.ID) {
			k++
		}
		all = slices.Insert(all, k, fit{more.fix, map[int][]model.Change{}, map[int]bool{}})
	}
	maps.Copy(all[k].edits, more.edits)
	maps.Copy(all[k].done, more.done)
	return all
}

// Apply implements Screen.
func (f *Fix) Apply(sc *Scene, _ string, answer any) []Effect {
	l, ok := answer.(lookedAt)
	if !ok {
		return nil
	}
	for _, fi := range l.fits {
		f.fits = addFit(f.fits, fi)
	}
	maps.Copy(f.noFit, l.noFit)
	maps.Copy(f.asIs, l.asIs)
	maps.Copy(f.ids, l.ids)
	f.seen = l.to
	if f.seen < len(f.items) {
		return []Effect{f.look()}
	}
	f.pick = f.best()
	if fi := f.picked(); f.applied && (fi == nil || len(fi.edits) == 0 || fi.fix.Marked) {
		return []Effect{Pop{}} // the fixes are through; what makes values up is not offered by itself
	}
	f.list(sc)
	return nil
}

// best is the fix that fits most items and makes nothing up.
func (f *Fix) best() int {
	at := 0
	for k, fi := range f.fits {
		old := f.fits[at]
		if old.fix.Marked && !fi.fix.Marked || old.fix.Marked == fi.fix.Marked && len(fi.edits) > len(old.edits) {
			at = k
		}
	}
	return at
}

// list makes the rows of the preview: what wants a look first, then what the fix
// changes, then what it leaves alone for a good reason.
func (f *Fix) list(sc *Scene) {
	f.rows = nil
	fi := f.picked()
	if fi == nil {
		return
	}
	var good, calm []fixRow
	for _, i := range f.items {
		switch changes, fits := fi.edits[i]; {
		case fits && triage.Doubt(changes[0]) != "":
			f.rows = append(f.rows, fixRow{item: i, changes: changes})
		case fits:
			good = append(good, fixRow{item: i, changes: changes})
		case f.noFit[i] != "":
			f.rows = append(f.rows, fixRow{item: i, why: f.noFit[i], problem: true})
		case fi.done[i]:
			calm = append(calm, fixRow{item: i, why: "done already"})
		case f.asIs[i] != "":
			calm = append(calm, fixRow{item: i, why: f.asIs[i]})
		default:
			calm = append(calm, fixRow{item: i, why: "this fix does not fit"})
		}
	}
	if f.problems {
		good, calm = nil, nil
	}
	f.rows = slices.Concat(f.rows, good, calm)
	f.win = f.win.To(0)
	f.fitWindow(sc)
}

func (f *Fix) fitWindow(sc *Scene) {
	f.win = f.win.Fit(max(1, sc.Height-len(f.head(sc))-1), len(f.rows))
}

// Do implements Screen.
func (f *Fix) Do(sc *Scene, p keys.Press) []Effect {
	if win, ok := moved(f.win, p.Action); ok {
		f.win = win
		return nil
	}
	n := len(f.fits)
	switch p.Action {
	case keys.Escape:
		return []Effect{Pop{}}
	case keys.FixNext:
		f.choose(sc, (f.pick+1)%max(1, n))
	case keys.FixPrev:
		f.choose(sc, (f.pick+n-1)%max(1, n))
	case keys.FixAt:
		to := int(p.Key[0] - '1')
		if to >= n {
			return []Effect{Say{"There is no fix " + p.Key + "."}}
		}
		f.choose(sc, to)
	case keys.FixProblems:
		if f.picked() == nil || !f.problems && f.problemRows() == 0 {
			return []Effect{Say{"No item here wants a look: each is changed, or stays as it is for a reason that is shown."}}
		}
		f.problems = !f.problems
		f.list(sc)
	case keys.FixDiff:
		return f.diff()
	case keys.FixApply:
		return f.apply(sc, p)
	case keys.Undo:
		return f.changed(undo(sc))
	case keys.Redo:
		return f.changed(redo(sc))
	}
	return nil
}

// changed looks again once a change that was taken back, or done again, is in the
// session.
func (f *Fix) changed(effects []Effect) []Effect {
	if _, ok := effects[0].(Commit); ok {
		f.lookAgain()
	}
	return effects
}

// choose picks another fix and shows what it would change.
func (f *Fix) choose(sc *Scene, k int) {
	f.pick = k
	f.list(sc)
}

// apply makes the picked fix one event. What a run took meanwhile is left alone.
func (f *Fix) apply(sc *Scene, p keys.Press) []Effect {
	fi := f.picked()
	if fi == nil {
		return nil
	}
	if fi.fix.Marked && !p.Yes {
		d := dialog.Ask(keys.FixApply, "Put made-up values into "+model.Plural(len(fi.edits), "item")+"?",
			fi.fix.Title+".", "What is there now is replaced. u undoes all of it at once; nothing is sent.")
		return []Effect{Ask{d}}
	}
	var edits []model.ItemEdit
	var items []int
	for _, i := range f.items {
		if changes := fi.edits[i]; len(changes) > 0 && !sc.S.Held(i) {
			edits = append(edits, model.ItemEdit{Index: i, Changes: changes})
			items = append(items, i)
		}
	}
	if len(edits) == 0 {
		return []Effect{Say{"Nothing was changed: a run holds these items."}}
	}
	f.waits = undoTop(sc.S) + 1
	ev := model.Event{Type: model.EvRule, Edit: &model.EditEvent{How: fi.fix.ID, Items: edits}}
	said := model.Plural(len(edits), "item") + " changed on this machine. u undoes all of it at once. Nothing was sent."
	if out := letGoWords(sc, items); out != "" {
		said = model.Plural(len(edits), "item") + " changed; u undoes that. Nothing was sent." + out
	}
	return []Effect{Commit{[]model.Event{ev}, said}}
}

// diff shows everything that the fix changes in the item under the cursor.
func (f *Fix) diff() []Effect {
	if f.win.Cursor >= len(f.rows) {
		return nil
	}
	row := f.rows[f.win.Cursor]
	if len(row.changes) == 0 {
		return []Effect{Say{f.ids[row.item] + ": " + stayWords(row.why) + "."}}
	}
	return []Effect{Push{newSheet("FIX "+f.ids[row.item]+"   - now   + with the fix", func(_ context.Context, e Engine) []triage.DiffLine {
		_, now, _, err := e.Desk.Payload(row.item)
		if err == nil {
			var after model.Payload
			if after, err = triage.Apply(now, row.changes); err == nil {
				return triage.DiffLines(now, after)
			}
		}
		return []triage.DiffLine{{Sign: ' ', Text: model.Foreign(err.Error()).Safe(0)}}
	})}}
}
