package triage

import (
	"slices"
	"strconv"
	"strings"

	"retriage/model"
)

// SinceFirst tells each field of a form what it was when the item was first
// sent, and adds those that an edit has dropped since, each after the field that
// it followed. Elements of lists are compared only as long as none was added or
// dropped: after that a place holds another element.
func SinceFirst(body, outer []FormField, first model.Payload) (withBody, withOuter []FormField) {
	then, thenOuter := Form(first, model.Failure{}, nil)
	moved := inLists(body) != inLists(then)
	if moved {
		then = slices.DeleteFunc(then, inList)
	}
	return sinceFirst(body, then, moved), sinceFirst(outer, thenOuter, false)
}

func sinceFirst(now, then []FormField, moved bool) []FormField {
	was := make(map[string]string, len(then))
	for _, f := range then {
		was[f.Pointer] = f.Raw
	}
	here := make(map[string]int, len(now))
	for i := range now {
		f := &now[i]
		here[f.Pointer] = i
		if f.First = was[f.Pointer]; moved && inList(*f) {
			f.First = f.Raw
		}
	}
	bad := 0 // those stay at the top
	for bad < len(now) && now[bad].Bad {
		bad++
	}
	after := bad - 1
	for _, f := range then {
		if i, ok := here[f.Pointer]; ok && !now[i].Absent {
			after = max(i, bad-1)
			continue
		}
		f.First, f.Gone = f.Raw, true
		if i, ok := here[f.Pointer]; ok { // the failure names it
			f.Bad = now[i].Bad
			now[i] = f
			after = max(i, bad-1)
			continue
		}
		after++
		now = slices.Insert(now, after, f)
		for p, i := range here {
			if i >= after {
				here[p] = i + 1
			}
		}
	}
	return now
}

func inList(f FormField) bool {
	parts, err := pointerParts(f.Pointer)
	return err == nil && slices.ContainsFunc(parts, isIndex)
}

func inLists(fields []FormField) (n int) {
	for _, f := range fields {
		if f.Part == model.Body && inList(f) && !f.Absent {
			n++
		}
	}
	return n
}

// WasText is the value that the field was first sent with, as it would be edited
// in the field now; ok is false when it was not there.
func (f FormField) WasText() (text string, ok bool) {
	if f.First == "" {
		return "", false
	}
	first := f.First
	if f.Part != model.Body {
		first = decodeString(first)
	}
	return f.After(model.Change{Part: f.Part, Pointer: f.Pointer, New: model.Foreign(first)})
}

// lastFirst orders removals so that none moves what the next one names: the
// higher place in a list before the lower.
func lastFirst(a, b model.Change) int {
	pa, pb := strings.Split(a.Pointer, "/"), strings.Split(b.Pointer, "/")
	for i := range min(len(pa), len(pb)) {
		x, errX := strconv.Atoi(pa[i])
		y, errY := strconv.Atoi(pb[i])
		switch {
		case pa[i] == pb[i]:
		case errX == nil && errY == nil:
			return y - x
		default:
			return strings.Compare(pa[i], pb[i])
		}
	}
	return len(pb) - len(pa)
}

// idNames are how fields are called that carry the id of what they are part of,
// without joints and in lower case; names that end in one of them count too.
var idNames = []string{"id", "uuid", "guid", "uid", "key", "sku", "code", "number", "ref", "reference", "handle", "urn"}

// NamesItem marks the field that carries the item's id: its value is the id and
// it is called like one. With another value there the server's reply would be
// about an item that nobody knows. An id that is its place in the batch is in no
// field.
func NamesItem(body []FormField, id model.ID) []FormField {
	best, depth := -1, 0
	for i, f := range body {
		if id.IsZero() || f.Part != model.Body || !sameID(f, id) || !idLike(f) {
			continue
		}
		if d := strings.Count(f.Pointer, "/"); best < 0 || d < depth {
			best, depth = i, d
		}
	}
	if best >= 0 {
		body[best].Names = true
	}
	return body
}

func sameID(f FormField, id model.ID) bool {
	switch f.Kind {
	case TextField:
		return decodeString(f.Raw) == id.Wire()
	case IntegerField:
		return f.Raw == id.Wire()
	}
	return false
}

func idLike(f FormField) bool {
	name := strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(fieldName(f.Field)))
	return slices.ContainsFunc(idNames, func(s string) bool { return strings.HasSuffix(name, s) })
}
