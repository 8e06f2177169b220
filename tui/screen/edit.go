package screen

import (
	"context"
	"slices"

	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"

	"retriage/model"
	"retriage/triage"
	"retriage/tui/keys"
)

// Edit is the form of one item. It works on a draft: nothing but saving changes
// the item, and closing keeps the draft.
//
// The fields are huh's, the focus is ours. huh.Form hands the focus on by a
// message that comes later, so that what is typed straight after Tab lands in
// the field before; here it moves before the next key is looked at. The commands
// that huh's fields return (a blinking cursor, the clipboard of the machine that
// this program runs on, $EDITOR) are dropped, so none of them can happen.
type Edit struct {
	item  int
	group []int // the items that "save, next" goes through

	loaded  bool
	problem string     // why there is no form
	source  model.Item // as the input has it
	id      model.ID
	fail    model.Failure
	state   model.State
	before  model.Payload // as it would be sent now
	rows    []*editRow
	outer   []*editRow // URL and headers
	unfold  bool       // they are shown
	kept    bool       // the draft is one that was left before
	puts    []triage.Suggestion
	put     int // the suggestion that comes next
	focus   int // index into spots
	width   int // of a field, as set last
	styles  *huh.Styles
	waits   int // live edits when saving began, plus 1; 0 = not saving
	goesOn  bool
}

// The places of the focus that are not fields.
type spot uint8

const (
	fieldSpot spot = iota
	foldSpot
	saveSpot
	nextSpot
	revertSpot
	putSpot
)

// stop is one place that the focus can be at.
type stop struct {
	spot spot
	row  *editRow // of a fieldSpot
}

// NewEdit is the form of item. group lists the items to go on with after it, in
// the order of the list; it may hold item itself.
func NewEdit(item int, group []int) *Edit { return &Edit{item: item, group: group} }

// Scopes implements Screen.
func (e *Edit) Scopes() []keys.Scope { return []keys.Scope{EditForm} }

// Opening implements Opener: the item is being read.
func (e *Edit) Opening() bool { return !e.loaded }

// GoesOn implements Opener: the form of the next item follows this one.
func (e *Edit) GoesOn() bool { return e.waits > 0 && e.goesOn }

// Facts implements Screen.
func (e *Edit) Facts(_ *Scene, st *keys.State) {
	st.Off = map[keys.Action]string{}
	if e.problem != "" || !e.loaded {
		why := e.problem
		if why == "" {
			why = "the item is still being read"
		}
		st.Off[keys.EditSave], st.Off[keys.EditOn] = why, why
	}
	if len(e.group) == 0 {
		st.Off[keys.EditOn] = "there is no next item"
	}
	if len(e.puts) == 0 {
		st.Off[keys.EditPut] = "no fix of ours fits this item"
	}
	st.Edited = len(e.changedRows())
	st.Group = len(e.group)
}

// loadedItem is what the form is made of.
type loadedItem struct {
	item  model.Item
	now   model.Payload
	fail  model.Failure
	state model.State
	held  bool
	doubt bool
	puts  []triage.Suggestion
	err   error
}

// Refresh implements Screen.
func (e *Edit) Refresh(sc *Scene) []Effect {
	e.styles = huhStyles(sc.Theme)
	e.resize(sc.Width)
	if !e.loaded {
		return []Effect{e.load()}
	}
	if e.waits > 0 && len(sc.S.Changes(e.item)) >= e.waits {
		return e.saved(sc)
	}
	return nil
}

func (e *Edit) load() Effect {
	item := e.item
	return Work{Name: "item", Do: func(_ context.Context, en Engine) any {
		var out loadedItem
		out.item, out.now, _, out.err = en.Desk.Payload(item)
		if out.err != nil {
			return out
		}
		en.Desk.Look(func(s *triage.Session) {
			out.fail, _ = s.Failure(item)
			out.state, out.held, out.doubt = s.State(item), s.Held(item), s.InDoubt(item)
		})
		current := out.item
		current.Payload = out.now
		out.puts = triage.Suggest(current, out.fail)
		return out
	}}
}

// Apply implements Screen.
func (e *Edit) Apply(sc *Scene, _ string, answer any) []Effect {
	l, ok := answer.(loadedItem)
	if !ok {
		return nil
	}
	e.loaded, e.source, e.id, e.fail, e.before, e.state = true, l.item, l.item.ID, l.fail, l.now, l.state
	switch {
	case l.err != nil:
		e.problem = "the item could not be read back: " + l.err.Error()
	case !l.now.Known:
		e.problem = "its request is not known; open it again with --request FILE"
	case l.held:
		e.problem = "a run holds it: " + l.state.Words()
	}
	if l.doubt && e.problem == "" {
		e.problem = doubtWords
	}
	if e.problem != "" { // a form without fields would be a place where no key does anything
		return []Effect{Pop{}, Say{"There is no form: " + e.problem + ". Nothing was changed."}}
	}
	e.fill(l)
	e.takeDraft(sc)
	e.resize(sc.Width)
	first := slices.IndexFunc(e.stops(), func(p stop) bool { return p.row == nil || p.row.locked == "" })
	e.focusOn(max(0, first))
	return nil
}

func (e *Edit) fill(l loadedItem) {
	e.puts = fitting(slices.Clone(l.puts))
	body, outer := triage.Form(l.now, l.fail, e.puts)
	body, outer = triage.SinceFirst(body, outer, l.item.Payload)
	body = triage.NamesItem(body, l.item.ID)
	theme := huh.ThemeFunc(func(bool) *huh.Styles { return e.styles })
	rows := func(fields []triage.FormField) (out []*editRow) {
		for _, f := range fields {
			r := newRow(f)
			r.build(theme)
			out = append(out, r)
		}
		return out
	}
	e.rows, e.outer = rows(body), rows(outer)
}

// stops lists the stops of the focus in order.
func (e *Edit) stops() []stop {
	var out []stop
	add := func(rows []*editRow) {
		for _, r := range rows {
			if r.locked == "" || r.field.Names {
				out = append(out, stop{row: r})
			}
		}
	}
	add(e.rows)
	if len(e.outer) > 0 {
		out = append(out, stop{spot: foldSpot})
	}
	if e.unfold {
		add(e.outer)
	}
	out = append(out, stop{spot: saveSpot})
	if e.next() >= 0 {
		out = append(out, stop{spot: nextSpot})
	}
	out = append(out, stop{spot: revertSpot})
	if len(e.puts) > 0 {
		out = append(out, stop{spot: putSpot})
	}
	return out
}

func (e *Edit) at() stop {
	all := e.stops()
	return all[min(max(0, e.focus), len(all)-1)]
}

// focusOn moves the focus; it goes round at both ends.
func (e *Edit) focusOn(k int) {
	if r := e.at().row; r != nil {
		r.focus(false)
	}
	n := len(e.stops())
	e.focus = ((k % n) + n) % n
	if r := e.at().row; r != nil {
		r.focus(true)
	}
}

// next is the item that comes after this one in the group, -1 = none.
func (e *Edit) next() int {
	if k := slices.Index(e.group, e.item); k >= 0 && k+1 < len(e.group) {
		return e.group[k+1]
	}
	return -1
}

// Type implements Typist.
func (e *Edit) Type(_ *Scene, k tea.KeyPressMsg) []Effect {
	if k.String() == "ctrl+v" {
		return []Effect{Say{"Paste with your terminal's own key; ctrl+v would ask the machine this runs on."}}
	}
	return e.give(k)
}

// give hands a message to the field that has the focus, or says why that takes
// none.
func (e *Edit) give(msg tea.Msg) []Effect {
	if !e.loaded || e.problem != "" {
		return nil
	}
	switch r := e.at().row; {
	case r == nil:
	case r.field.Names:
		return []Effect{Say{"Locked: " + r.field.Label + " identifies the item. With another value the reply would name an item that nobody knows."}}
	case r.dropped:
		return []Effect{Say{r.field.Label + " is dropped. ctrl+x brings it back."}}
	default:
		r.give(msg)
	}
	return nil
}

// Paste implements Typist.
func (e *Edit) Paste(_ *Scene, text string) []Effect {
	if !visible(text) {
		return []Effect{Say{"The pasted text holds characters that cannot be seen. It was not put in."}}
	}
	return e.give(tea.PasteMsg{Content: text})
}

// Do implements Screen.
func (e *Edit) Do(sc *Scene, p keys.Press) []Effect {
	if p.Action == keys.EditClose {
		return e.leave(sc)
	}
	if !e.loaded || e.problem != "" {
		return nil
	}
	switch p.Action {
	case keys.FieldEnter:
		return e.enter(sc)
	case keys.EditPut:
		return e.takeSuggestion()
	case keys.EditSave:
		return e.save(sc, false)
	case keys.EditOn:
		return e.save(sc, true)
	}
	return e.doField(p)
}

// doField is what a key does to the field in focus, or to the focus.
func (e *Edit) doField(p keys.Press) []Effect {
	r := e.at().row
	switch p.Action {
	case keys.FieldNext:
		e.step(p.Key, +1)
	case keys.FieldPrev:
		e.step(p.Key, -1)
	case keys.FieldLine:
		if r != nil && r.area != nil {
			return e.give(tea.KeyPressMsg{Code: tea.KeyEnter})
		}
	case keys.FieldBack:
		if r != nil {
			r.first()
			e.suggest()
		}
	case keys.FieldDrop:
		return e.drop()
	}
	return nil
}

// step moves the focus; the arrows move inside an area of several lines.
func (e *Edit) step(key string, d int) {
	if r := e.at().row; r != nil && r.area != nil && !r.dropped {
		switch key {
		case "up":
			e.give(tea.KeyPressMsg{Code: tea.KeyUp})
			return
		case "down":
			e.give(tea.KeyPressMsg{Code: tea.KeyDown})
			return
		}
	}
	e.focusOn(e.focus + d)
}

// enter accepts a field, opens what is folded, or presses a button.
func (e *Edit) enter(sc *Scene) []Effect {
	switch e.at().spot {
	case foldSpot:
		e.unfold = !e.unfold
		e.resize(sc.Width)
	case saveSpot:
		return e.save(sc, false)
	case nextSpot:
		return e.save(sc, true)
	case revertSpot:
		for _, r := range slices.Concat(e.rows, e.outer) {
			r.first()
		}
		e.suggest()
	case putSpot:
		return e.takeSuggestion()
	default:
		e.focusOn(e.focus + 1)
	}
	return nil
}

// drop leaves the field that has the focus out, or brings it back.
func (e *Edit) drop() []Effect {
	r := e.at().row
	if r == nil {
		return []Effect{Say{"Move to a field first: tab."}}
	}
	if why := r.drop(); why != "" {
		return []Effect{Say{why}}
	}
	return nil
}

// suggest looks for fixes of the draft as it is now. A draft that cannot be sent
// keeps those that there were.
func (e *Edit) suggest() {
	changes, _, err := e.edits()
	if err != nil {
		return
	}
	it := e.source
	if it.Payload, err = triage.Apply(e.before, changes); err != nil {
		return
	}
	e.puts = fitting(triage.Suggest(it, e.fail))
}

// fitting leaves out fixes whose value has to be made first: they are for many.
func fitting(all []triage.Suggestion) []triage.Suggestion {
	return slices.DeleteFunc(all, func(s triage.Suggestion) bool { return len(s.Changes) == 0 })
}

// takeSuggestion puts the next suggested fix into the draft.
func (e *Edit) takeSuggestion() []Effect {
	s := e.puts[e.put%len(e.puts)]
	e.put++
	for _, c := range s.Changes {
		for _, r := range slices.Concat(e.rows, e.outer) {
			text, ok := r.field.After(c)
			if !ok || r.locked != "" {
				continue
			}
			if !visible(text) {
				return []Effect{Say{"Not put in: the fix makes characters that cannot be seen. b applies it as it is."}}
			}
			r.put(text)
			e.focusRow(r)
		}
	}
	return []Effect{Say{"Put in: " + s.Fix.Title + ". It is not saved yet."}}
}
