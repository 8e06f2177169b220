package screen

import (
	"retriage/model"
	"retriage/tui/keys"
)

// EditForm is the scope of the item editor.
const EditForm keys.Scope = "edit form"

func editKeys() []keys.Binding {
	const form, save = "FORM", "CHANGE here"
	return []keys.Binding{
		{Keys: []string{"tab", "down"}, Action: keys.FieldNext, Text: "next field", Foot: "next", Group: form},
		{Keys: []string{"shift+tab", "up"}, Action: keys.FieldPrev, Text: "previous field", Group: form},
		{Keys: []string{"enter"}, Action: keys.FieldEnter, Text: "accept the field; press the button", Group: form},
		{Keys: []string{"ctrl+j", "alt+enter"}, Action: keys.FieldLine, Text: "a new line, in a field of several", Group: form},
		{Keys: []string{"ctrl+s", "f2"}, Action: keys.EditSave, Text: "save the changes on this machine", Foot: "save", Group: save},
		{Keys: []string{"ctrl+n"}, Action: keys.EditOn, Text: "save, and open the next item with this cause", Group: save,
			FootOf: func(st keys.State) string { return "save, next of " + model.Number(st.Group) }},
		{Keys: []string{"ctrl+f"}, Action: keys.EditPut, Text: "put the suggested fix into the form", Foot: "fix", Group: save},
		{Keys: []string{"ctrl+x"}, Action: keys.FieldDrop, Text: "drop this field, or bring it back", Foot: "drop", Group: save},
		{Keys: []string{"ctrl+r"}, Action: keys.FieldBack, Text: "the field as it was first sent", Foot: "revert", Group: save},
		{Keys: []string{"esc"}, Action: keys.EditClose, Text: "close; what was typed is kept", Group: form,
			FootOf: func(st keys.State) string {
				if st.Edited > 0 {
					return "close, keep draft"
				}
				return "close"
			}},
	}
}

// openEdit opens the form of an item; it can go on through the open items with
// the same cause, or through the selection when the item is part of one.
func openEdit(sc *Scene, item int) []Effect {
	if item < 0 {
		return []Effect{Say{"There is no item here to edit."}}
	}
	if sc.S.Held(item) {
		return []Effect{Say{idOf(sc.S, item) + " cannot be changed now: " + heldWords(sc) + "."}}
	}
	var group []int
	if sc.Face.Selection.Has(item) && sc.Face.Selection.Len() > 1 {
		group = sc.Face.Selection.Items()
	} else if g, ok := sc.S.GroupOf(item, sc.Face.Grouping); ok {
		group = sc.S.Members(g)
	}
	return []Effect{Push{NewEdit(item, group)}}
}
