package triage

import (
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
