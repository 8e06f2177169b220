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
		if !sc.S.Held(e.item) && !sc.S.State(e.item).Done() && !sc.S.InDoubt(e.item) {
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

// typed is what the form would keep if it was closed now: what each changed field
// was made.
func (e *Edit) typed() (fields []model.DraftField) {
	if !e.loaded || e.problem != "" {
		return nil
	}
	for _, r := range e.changedRows() {
		fields = append(fields, model.DraftField{Part: r.field.Part, Pointer: r.field.Pointer, Text: model.Foreign(r.text), Drop: r.dropped})
	}
	return fields
}

// takeDraft puts a kept draft back into the form.
func (e *Edit) takeDraft(sc *Scene) {
	for _, f := range sc.S.FormDraft(e.item) {
		for _, r := range slices.Concat(e.rows, e.outer) {
			if r.field.Part != f.Part || r.field.Pointer != f.Pointer || r.locked != "" {
				continue
			}
			text := triage.DraftText(f)
			if !visible(text) {
				continue // no form has kept that
			}
			r.put(text)
			r.dropped, r.retyped = f.Drop, r.field.Asks && !f.Drop && text == r.start
			e.kept = e.kept || r.changed()
		}
	}
}

// Keep implements Keeper: what was typed and not saved goes into the journal, if
// it is not there already.
func (e *Edit) Keep(sc *Scene) []model.Event {
	fields := e.typed()
	if !e.loaded || e.problem != "" || slices.Equal(fields, sc.S.FormDraft(e.item)) {
		return nil
	}
	return []model.Event{{Type: model.EvDraft, Draft: &model.DraftEvent{Item: e.item, Fields: fields}}}
}

// leave closes the form, and says so when it leaves a draft behind.
func (e *Edit) leave(sc *Scene) []Effect {
	said := ""
	if n := len(e.typed()); n > 0 {
		said = "Draft kept: " + model.Plural(n, "field") + " changed, not saved; e opens it again."
	}
	switch evs := e.Keep(sc); {
	case len(evs) > 0:
		return append(e.close(), Commit{evs, said})
	case said != "":
		return append(e.close(), Say{said})
	}
	return e.close()
}

// name is what the item is called on the screen.
func (e *Edit) name() string { return itemName(e.id, e.item) }
