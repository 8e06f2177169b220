package dialect

import (
	"slices"
	"strings"

	"retriage/model"
)

// smallMember is how large a member beside the items may be to be kept.
const smallMember = 64 << 10

// jsonMedium is JSON with one list of items in it.
type jsonMedium struct{}

func (jsonMedium) element(item []byte, sec *section) (element, fault) {
	e, f := parseElement(item)
	e.sec = sec
	return e, f
}

// jsonWalk passes one input. It builds the outline on the way: the document
// with the list emptied and what is large left out.
type jsonWalk struct {
	w     *window
	q     query
	visit visitor
	out   []byte
	mark  int // where in out the items belong
	found bool
	keyed bool // the lists stand under names that are open
	empty bool // out ends with an opening bracket
	sec   *section
}

func (jsonMedium) walk(w *window, q query, visit visitor) (outline, error) {
	j := &jsonWalk{w: w, q: q, visit: visit}
	if err := j.document(); err != nil {
		return j.outline(), err
	}
	return j.outline(), nil
}

func (j *jsonWalk) outline() outline {
	o := outline{found: j.found, top: j.out}
	if j.found && len(j.out) <= 2*smallMember {
		o.frame = &frame{head: j.out[:j.mark:j.mark], tail: j.out[j.mark:]}
	}
	return o
}

// document passes the whole input.
func (j *jsonWalk) document() error {
	if err := j.w.begin(); err != nil {
		return err
	}
	var err error
	switch c := j.w.buf[j.w.at]; {
	case c == '{':
		err = j.object(waysTo(j.q.at))
	case c == '[' && slices.Contains(j.q.at, "@this"):
		err = j.list(slices.Index(j.q.at, "@this"), "")
	case c == '[': // it may hold reasons for a refusal
		j.out, err = j.skip(0)
		j.out = slices.Clone(j.out)
	case c == '<':
		return &NotBatchError{Why: "it is XML or HTML, and JSON was expected"}
	default:
		if _, err = j.skip(0); err != nil && j.w.items == 0 {
			return &NotBatchError{Why: "it is no JSON"}
		}
	}
	if err != nil {
		return err
	}
	return j.end()
}

// end sees to it that nothing follows the document.
func (j *jsonWalk) end() error {
	more, err := j.w.skipSpace()
	if err == nil && more {
		return j.w.syntax(j.w.offset(), "more text follows the end of the batch")
	}
	return err
}

// way is the rest of a path to a list.
type way struct {
	names []string
	list  int    // the path's place among those of the query
	key   string // what "*" stands for on the way
}

func waysTo(at []string) (ways []way) {
	for i, p := range at {
		if p != "@this" {
			ways = append(ways, way{names: strings.Split(p, "."), list: i})
		}
	}
	return ways
}

// object passes an object in which the list may be, or, where every name in it
// may lead to one, the lists, which together are what items are put into.
func (j *jsonWalk) object(ways []way) error {
	j.out = append(j.out, '{')
	j.empty = true
	if slices.ContainsFunc(ways, func(w way) bool { return len(w.names) == 1 && w.names[0] == "*" }) {
		j.found, j.keyed, j.mark = true, true, len(j.out)
	}
	var done bool
	err := j.w.pass(func(s *scan) (ok bool) { done, ok = s.open('}'); return ok })
	for !done && err == nil {
		if err = j.member(ways); err == nil {
			err = j.w.pass(func(s *scan) (ok bool) { done, ok = s.next('}'); return ok })
		}
	}
	j.out = append(j.out, '}')
	j.empty, j.keyed = false, false
	return err
}

// member passes one member: the list, the way to it, or something else.
func (j *jsonWalk) member(ways []way) error {
	var name []byte
	err := j.w.pass(func(s *scan) bool {
		n, ok := s.key()
		name = append(name[:0], n...)
		return ok
	})
	if err != nil {
		return err
	}
	key := string(plainName(name))
	next := j.w.buf[j.w.at]
	var deeper []way
	for _, w := range ways {
		if w.names[0] == "*" {
			w.key = key
		} else if w.names[0] != key {
			continue
		}
		if len(w.names) == 1 {
			if passed, err := j.arrived(w, name, key, next); passed || err != nil {
				return err
			}
		} else {
			w.names = w.names[1:]
			deeper = append(deeper, w)
		}
	}
	if len(deeper) > 0 && next == '{' {
		j.name(name)
		return j.object(deeper)
	}
	return j.other(name, key)
}

// arrived passes the list that a way leads to, whose first byte is next. It is
// false when that is neither a list nor an item.
func (j *jsonWalk) arrived(w way, name []byte, key string, next byte) (passed bool, err error) {
	one := next == '{' || next == '"'
	switch {
	case next == '[' && w.key == "" && j.found && !j.q.many:
		return false, j.w.syntax(j.w.offset(), "a second list of items follows the first")
	case next == '[':
		j.name(name)
		return true, j.list(w.list, w.key)
	case one && w.names[0] == "*":
		return true, j.lone(w.list, key)
	case one && j.q.many:
		return false, j.w.syntax(j.w.offset(), "a list of items is looked for under "+model.Foreign(key).Safe(40)+", and it is none")
	}
	return false, nil
}

// name begins a member of the outline.
func (j *jsonWalk) name(quoted []byte) {
	if j.keyed {
		return
	}
	if !j.empty {
		j.out = append(j.out, ',')
	}
	j.empty = false
	j.out = append(append(j.out, quoted...), ':')
}

// other passes a member that has nothing to do with the items and keeps it if
// it is small.
func (j *jsonWalk) other(quoted []byte, key string) error {
	value, err := j.skip(0)
	if err != nil || value == nil || j.keyed || slices.Contains(j.q.drop, key) {
		return err
	}
	j.name(quoted)
	j.out = append(j.out, value...)
	return nil
}

// skip passes a value and gives its bytes when they are few.
func (j *jsonWalk) skip(depth int) (value []byte, err error) {
	rest := j.w.buf[j.w.at:]
	if c := rest[0]; (c == '{' || c == '[') && len(rest) > smallMember {
		s := scan{b: rest[:smallMember]}
		if !s.value(depth) && s.fault == short {
			return nil, j.large(c+2, depth+1)
		}
	}
	err = j.w.pass(func(s *scan) bool {
		ok := s.value(depth)
		value = s.b[:s.at]
		return ok
	})
	if len(value) > smallMember {
		value = nil
	}
	return value, err
}

// large passes an array or object piece by piece, so that it need not fit into
// memory.
func (j *jsonWalk) large(closing byte, depth int) error {
	if depth > maxDepth {
		return j.w.broken(deep, j.w.offset())
	}
	var done bool
	err := j.w.pass(func(s *scan) (ok bool) { done, ok = s.open(closing); return ok })
	for !done && err == nil {
		if closing == '}' {
			err = j.w.pass(func(s *scan) bool { _, ok := s.key(); return ok })
		}
		if err == nil {
			_, err = j.skip(depth)
		}
		if err == nil {
			err = j.w.pass(func(s *scan) (ok bool) { done, ok = s.next(closing); return ok })
		}
	}
	return err
}

// lone passes an item that stands under a name of its own, and not in a list.
func (j *jsonWalk) lone(list int, key string) error {
	off := j.w.offset()
	j.sec = j.q.begin(section{from: off, list: list, key: key})
	var e element
	err := j.w.pass(func(s *scan) (ok bool) { e, ok = s.elementOf(nil, j.q.want, nil); return ok })
	if err != nil {
		return err
	}
	e.sec = j.sec
	return j.w.visited(off, int(j.w.offset()-off), e, j.visit)
}

// list passes the list of items.
func (j *jsonWalk) list(list int, key string) error {
	j.sec = j.q.begin(section{from: j.w.offset(), list: list, key: key})
	if !j.keyed {
		j.out = append(j.out, '[')
		if !j.found {
			j.mark = len(j.out)
		}
		j.out = append(j.out, ']')
		j.empty = false
	}
	j.found = true
	var empty bool
	err := j.w.pass(func(s *scan) (ok bool) { empty, ok = s.open(']'); return ok })
	if empty || err != nil {
		return err
	}
	return j.q.list(j.w, &jsonList{q: j.q, sec: j.sec}, j.visit)
}
