package dialect

import (
	"slices"
	"strings"
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
	w       *window
	q       query
	visit   visitor
	out     []byte
	mark    int // where in out the items belong
	found   bool
	members []member
	empty   bool // out ends with an opening bracket
	sec     *section
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
		err = j.object(splitPaths(j.q.at))
	case c == '[' && slices.Contains(j.q.at, "@this"):
		err = j.list()
	case c == '[':
		_, err = j.skip(0)
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

// splitPaths makes lists of keys out of paths with dots.
func splitPaths(at []string) (paths [][]string) {
	for _, p := range at {
		if p != "@this" {
			paths = append(paths, strings.Split(p, "."))
		}
	}
	return paths
}

// object passes an object in which the list may be.
func (j *jsonWalk) object(paths [][]string) error {
	j.out = append(j.out, '{')
	j.empty = true
	var done bool
	err := j.w.pass(func(s *scan) (ok bool) { done, ok = s.open('}'); return ok })
	for !done && err == nil {
		if err = j.member(paths); err == nil {
			err = j.w.pass(func(s *scan) (ok bool) { done, ok = s.next('}'); return ok })
		}
	}
	j.out = append(j.out, '}')
	j.empty = false
	return err
}

// member passes one member: the list, the way to it, or something else.
func (j *jsonWalk) member(paths [][]string) error {
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
	var deeper [][]string
	for _, p := range paths {
		if p[0] != key {
			continue
		}
		if len(p) == 1 && next == '[' {
			if j.found {
				return j.w.syntax(j.w.offset(), "a second list of items follows the first")
			}
			j.name(name)
			return j.list()
		}
		if len(p) > 1 {
			deeper = append(deeper, p[1:])
		}
	}
	if len(deeper) > 0 && next == '{' {
		j.name(name)
		return j.object(deeper)
	}
	return j.other(name, key)
}

// name begins a member of the outline.
func (j *jsonWalk) name(quoted []byte) {
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
	if err != nil || value == nil || slices.Contains(j.q.drop, key) {
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

// list passes the list of items.
func (j *jsonWalk) list() error {
	j.found = true
	j.sec = j.q.begin(section{from: j.w.offset()})
	j.out = append(j.out, '[')
	j.mark = len(j.out)
	j.out = append(j.out, ']')
	j.empty = false
	var done bool
	err := j.w.pass(func(s *scan) (ok bool) { done, ok = s.open(']'); return ok })
	for !done && err == nil {
		done, err = j.item()
	}
	return err
}

// item passes one item and what stands between it and the next.
func (j *jsonWalk) item() (last bool, err error) {
	var e element
	off := j.w.offset()
	err = j.w.pass(func(s *scan) (ok bool) { e, ok = s.element(j.members); return ok })
	if err == nil {
		j.members, e.sec = e.members, j.sec
		err = j.w.visited(off, len(e.raw), e, j.visit)
	}
	if err != nil {
		return false, err
	}
	err = j.w.pass(func(s *scan) (ok bool) { last, ok = s.next(']'); return ok })
	return last, err
}
