package triage

import (
	"encoding/json"
	"slices"
	"strings"

	"retriage/model"
)

// NetChanges sums up changes that were made one after the other: one for each
// part and pointer, in the order in which they were first touched, from what
// stood there at first to what stands there at the end. What ended as it began
// is left out. It is for showing: changes of a value and of what is inside it
// are told apart only by their pointers, so that Apply needs all of them.
func NetChanges(changes []model.Change) []model.Change {
	type place struct {
		part    model.Part
		pointer string
	}
	at := make(map[place]int, len(changes))
	out := make([]model.Change, 0, len(changes))
	for _, c := range changes {
		p := place{c.Part, c.Pointer}
		if c.Part == model.Header {
			p.pointer = strings.ToLower(c.Pointer)
		}
		if i, ok := at[p]; ok {
			out[i].New = c.New
			continue
		}
		at[p] = len(out)
		out = append(out, c)
	}
	return slices.DeleteFunc(out, func(c model.Change) bool { return c.Old == c.New })
}

// Holds says whether a payload has what a change would make of it.
func Holds(p model.Payload, c model.Change) bool {
	have, ok := Get(p, c.Pointer)
	return c.Part == model.Body && ok && have == c.New.Wire()
}

// TextOf is the text of a change's value when it is a JSON string of a body, and
// the value as it is otherwise; text says which.
func TextOf(c model.Change, v model.Untrusted) (value model.Untrusted, text bool) {
	var s string
	raw := v.Wire()
	if c.Part != model.Body || !strings.HasPrefix(raw, `"`) || json.Unmarshal([]byte(raw), &s) != nil {
		return v, false
	}
	return model.Foreign(s), true
}
