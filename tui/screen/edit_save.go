package screen

import (
	"slices"

	"retriage/model"
	"retriage/triage"
	"retriage/tui/widget"
)

// changedRows lists the rows whose draft is not what the form opened with.
func (e *Edit) changedRows() []*editRow {
	var out []*editRow
	for _, r := range slices.Concat(e.rows, e.outer) {
		if r.locked == "" && r.changed() {
			out = append(out, r)
		}
	}
	return out
}

// edits gives the changes that the draft makes, or the row that stands in the
// way and why.
func (e *Edit) edits() (changes []model.Change, at *editRow, err error) {
	rows := e.changedRows()
	fields, texts := make([]triage.FormField, len(rows)), make([]string, len(rows))
	for k, r := range rows {
		fields[k], texts[k] = r.field, r.text
	}
	changes, k, err := triage.Edits(e.before, fields, texts)
	if k >= 0 {
		at = rows[k]
	}
	return changes, at, err
}

// save writes the changes as one edit. What is wrong blocks it and takes the
// focus.
func (e *Edit) save(sc *Scene, goOn bool) []Effect {
	changes, at, err := e.edits()
	switch {
	case err != nil:
		if at != nil {
			e.focusRow(at)
		}
		return []Effect{Say{"Not saved: " + sentenceIn(err.Error())}}
	case len(changes) == 0 && goOn:
		return e.goOn(sc)
	case len(changes) == 0:
		return []Effect{Say{"Nothing to save: no field was changed."}}
	case sc.S.State(e.item).Moving():
		return []Effect{Say{"Not saved: a run holds the item. The draft is kept."}}
	}
	e.waits, e.goesOn = len(sc.S.Changes(e.item))+1, goOn
	ev := model.Event{Type: model.EvEdit, Edit: &model.EditEvent{
		How: "form", Items: []model.ItemEdit{{Index: e.item, Changes: changes}},
	}}
	return []Effect{Commit{[]model.Event{ev}, "Saved " + model.Plural(len(changes), "field") + " of " +
		widget.Clip(e.name(), 30) + ". Nothing was sent."}}
}

// sentenceIn ends a clause that stands after a colon.
func sentenceIn(s string) string {
	if s == "" || s[len(s)-1] == '.' {
		return s
	}
	return s + "."
}

// saved is called when the edit is in the session.
func (e *Edit) saved(sc *Scene) []Effect {
	e.waits = 0
	delete(sc.Face.drafts, e.item)
	if e.goesOn {
		return e.goOn(sc)
	}
	return e.close()
}

// goOn opens the form of the next item that can be edited.
func (e *Edit) goOn(sc *Scene) []Effect {
	e.keepDraft(sc)
	for e.next() >= 0 {
		e.item = e.next()
		if st := sc.S.State(e.item); !st.Moving() && !st.Done() {
			group := e.group
			*e = *NewEdit(e.item, group)
			return e.Refresh(sc)
		}
	}
	return append(e.close(), Say{"That was the last one."})
}

func (e *Edit) close() []Effect { return []Effect{Pop{}} }

func (e *Edit) focusRow(row *editRow) {
	if slices.Contains(e.outer, row) {
		e.unfold = true
	}
	k := slices.IndexFunc(e.stops(), func(p stop) bool { return p.row == row })
	if k >= 0 {
		e.focusOn(k)
	}
}

// keepDraft keeps what was typed for the next time this item is opened.
func (e *Edit) keepDraft(sc *Scene) {
	changed := e.changedRows()
	if len(changed) == 0 {
		delete(sc.Face.drafts, e.item)
		return
	}
	d := make(map[string]string, len(changed))
	for _, r := range changed {
		d[r.key()] = r.text
	}
	if sc.Face.drafts == nil {
		sc.Face.drafts = map[int]map[string]string{}
	}
	sc.Face.drafts[e.item] = d
}

// takeDraft puts a kept draft back into the form.
func (e *Edit) takeDraft(sc *Scene) {
	d := sc.Face.drafts[e.item]
	for _, r := range slices.Concat(e.rows, e.outer) {
		if text, ok := d[r.key()]; ok {
			r.set(text)
		}
	}
}

// name is what the item is called on the screen.
func (e *Edit) name() string { return itemName(e.id, e.item) }
