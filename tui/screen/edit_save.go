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

// editedBefore counts the fields that saved edits have changed.
func (e *Edit) editedBefore() (n int) {
	for _, r := range slices.Concat(e.rows, e.outer) {
		if r.locked == "" && r.edited() {
			n++
		}
	}
	return n
}

// edits gives the changes that the draft makes, or the row that stands in the
// way and why.
func (e *Edit) edits() (changes []model.Change, at *editRow, err error) {
	rows := e.changedRows()
	fields, texts := make([]triage.FormField, len(rows)), make([]string, len(rows))
	for k, r := range rows {
		fields[k], texts[k] = r.field, r.text
		fields[k].Drop = r.dropped
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
		return e.goOn(sc, "")
	case len(changes) == 0:
		return []Effect{Say{"Nothing to save: no field was changed."}}
	case sc.S.Held(e.item):
		return []Effect{Say{"Not saved: a run holds the item. The draft is kept."}}
	}
	e.waits, e.goesOn = len(sc.S.Changes(e.item))+1, goOn
	ev := model.Event{Type: model.EvEdit, Edit: &model.EditEvent{
		How: "form", Items: []model.ItemEdit{{Index: e.item, Changes: changes}},
	}}
	return []Effect{Commit{[]model.Event{ev}, "Saved " + model.Plural(len(changes), "field") + " of " +
		widget.Clip(e.name(), 30) + ". Nothing was sent." + letGoWords(sc, []int{e.item})}}
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
		return e.goOn(sc, "Saved. ")
	}
	return e.close()
}

// goOn opens the form of the next item that can be edited. said is what became
// of this one, to stand before the word that it was the last.
func (e *Edit) goOn(sc *Scene, said string) []Effect {
	of := len(e.group)
	for e.next() >= 0 {
		e.item = e.next()
		if !sc.S.Held(e.item) && !sc.S.State(e.item).Done() {
			group := e.group
			*e = *NewEdit(e.item, group)
			return e.Refresh(sc)
		}
	}
	return append(e.close(), Say{said + "That was the last one of " + model.Number(of) + "."})
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

// draft is what a form that was closed without saving made of a field.
type draft struct {
	text    string
	dropped bool
}

// keepDraft keeps what was typed for the next time this item is opened, and
// tells how many fields that are.
func (e *Edit) keepDraft(sc *Scene) int {
	if !e.loaded || e.problem != "" {
		return 0
	}
	changed := e.changedRows()
	if len(changed) == 0 {
		delete(sc.Face.drafts, e.item)
		return 0
	}
	d := make(map[string]draft, len(changed))
	for _, r := range changed {
		d[r.key()] = draft{r.text, r.dropped}
	}
	if sc.Face.drafts == nil {
		sc.Face.drafts = map[int]map[string]draft{}
	}
	sc.Face.drafts[e.item] = d
	return len(changed)
}

// takeDraft puts a kept draft back into the form.
func (e *Edit) takeDraft(sc *Scene) {
	d := sc.Face.drafts[e.item]
	for _, r := range slices.Concat(e.rows, e.outer) {
		if kept, ok := d[r.key()]; ok && r.locked == "" {
			r.put(kept.text)
			r.dropped = kept.dropped
			r.retyped = r.field.Asks && kept.text == r.start
			e.kept = e.kept || r.changed()
		}
	}
}

// leave closes the form, and says so when it leaves a draft behind.
func (e *Edit) leave(sc *Scene) []Effect {
	n := e.keepDraft(sc)
	if n == 0 {
		return e.close()
	}
	return append(e.close(), Say{"Draft kept: " + model.Plural(n, "field") + " changed, not saved; e opens it again."})
}

// name is what the item is called on the screen.
func (e *Edit) name() string { return itemName(e.id, e.item) }
