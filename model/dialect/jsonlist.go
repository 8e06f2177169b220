package dialect

import (
	"bytes"
)

// jsonList passes the items of a list in JSON.
type jsonList struct {
	q       query
	sec     *section
	members []member
	habit   habit
	scan    scan
	edge    []byte // the end of an item and the beginning of the next
	begins  int    // where in edge that is
}

// next passes one item and what stands between it and the next. It is what is
// done most often, so it makes nothing that has to be collected.
func (l *jsonList) next(w *window, visit visitor) (last bool, err error) {
	s := &l.scan
	for {
		*s = scan{b: w.buf[w.at:], whole: w.ended}
		e, ok := l.item(s)
		if ok {
			l.members, e.sec = e.members, l.sec
			off, length := w.offset(), s.at
			w.at += length
			if err := w.visited(off, length, e, visit); err != nil {
				return false, err
			}
			break
		}
		if err := w.again(s); err != nil {
			return false, err
		}
	}
	for {
		*s = scan{b: w.buf[w.at:], whole: w.ended}
		last, ok := s.next(']')
		if ok {
			w.at += s.at
			return last, nil
		}
		if err := w.again(s); err != nil {
			return false, err
		}
	}
}

// item passes an item, and takes it out of the object around it where it has one.
func (l *jsonList) item(s *scan) (element, bool) {
	if len(s.b) == 0 {
		return element{}, s.fail(short)
	}
	if l.q.wrap {
		if e, ok := s.wrapped(l.members, l.q.want, &l.habit); ok {
			return e, true
		}
		*s = scan{b: s.b, whole: s.whole}
	}
	return s.elementOf(l.members, l.q.want, &l.habit)
}

// learn notes the end of the item before w and the beginning of the next, up to
// and with its first name.
func (l *jsonList) learn(w *window) bool {
	s := scan{b: w.buf[w.at:]}
	if len(s.b) == 0 || s.b[0] != '{' {
		return false
	}
	if empty, ok := s.open('}'); empty || !ok {
		return false
	}
	begin := s.at + 1 // in a wrapper the name may be another each time
	if !l.q.wrap {
		if _, ok := s.key(); !ok {
			return false
		}
		begin = s.at
	}
	comma := bytes.LastIndexByte(w.buf[:w.at], ',')
	end := len(bytes.TrimRight(w.buf[:max(comma, 0)], " \t\r\n")) - 1
	if end < 0 || w.buf[end] != '}' {
		return false
	}
	l.edge, l.begins = bytes.Clone(w.buf[end:w.at+begin]), w.at-end
	return true
}

func (l *jsonList) fork() lister {
	return &jsonList{q: l.q, sec: l.sec, edge: l.edge, begins: l.begins}
}

// guess finds where items follow one another as they did before.
func (l *jsonList) guess(b []byte) int {
	i := bytes.Index(b, l.edge)
	if i < 0 {
		return -1
	}
	return i + l.begins
}

// habit is how the members of the items before were written. Items of a list are
// written alike, so a name is most often the one that stood in its place before,
// and is not to be looked up.
type habit struct{ at [maxHabit][]custom }

// custom is a name that stood in a place before: from its quote to its value.
type custom struct {
	text, name []byte
	look       bool
}

// How many members have habits, and how many different names in one place.
const (
	maxHabit  = 16
	maxCustom = 4
)

// name passes the name of member k up to its value, and says whether the value
// is looked at.
func (h *habit) name(s *scan, k int, want wanted) (name []byte, look, ok bool) {
	if h != nil && k < maxHabit {
		for i := range h.at[k] {
			if c := &h.at[k][i]; bytes.HasPrefix(s.b[s.at:], c.text) {
				s.at += len(c.text)
				if s.at < len(s.b) && classes[s.b[s.at]]&blank != 0 {
					s.space()
				}
				return c.name, c.look, true
			}
		}
	}
	from := s.at
	quoted, ok := s.key()
	if !ok {
		return nil, false, false
	}
	name = plainName(quoted)
	look = want.has(name)
	if h != nil && k < maxHabit && len(h.at[k]) < maxCustom {
		name = bytes.Clone(name)
		h.at[k] = append(h.at[k], custom{bytes.Clone(s.b[from:s.at]), name, look})
	}
	return name, look, true
}

// wrapped passes an object with one member, which is an object, and gives that. ok
// is false for anything else.
func (s *scan) wrapped(dst []member, want wanted, h *habit) (e element, ok bool) {
	if s.b[s.at] != '{' {
		return e, false
	}
	if empty, ok := s.open('}'); empty || !ok {
		return e, false
	}
	key, ok := s.key()
	if !ok || s.b[s.at] != '{' {
		return e, false
	}
	if e, ok = s.elementOf(dst, want, h); !ok {
		return e, false
	}
	e.op = string(plainName(key))
	last, ok := s.next('}')
	return e, ok && last
}
