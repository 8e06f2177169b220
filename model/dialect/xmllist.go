package dialect

import (
	"bytes"
	"slices"
)

// xmlList passes the items of a list in XML.
type xmlList struct {
	*xmlWalk
	t      startTag // of the list
	only   string   // what the children are called that are items, "" = all are
	forked bool     // nothing but items can be passed
	names  [][]byte // what items are called, each up to the end of its name
}

// next passes an item, and what stands behind it up to the next or through the
// end of the list.
func (l *xmlList) next(w *window, visit visitor) (last bool, err error) {
	l.w = w
	if l.only == "" {
		err = l.item(visit)
	} else {
		err = l.child(visit)
	}
	if err != nil {
		return false, err
	}
	return l.end(l.t)
}

// child passes an item, or, where only some children are items, something else.
func (l *xmlList) child(visit visitor) error {
	var name string
	err := l.pass(func(s *xmlScan) bool {
		from := s.at
		t, ok := s.start()
		s.at = from // only looked at
		name = string(local(t.name))
		return ok
	})
	switch {
	case err != nil:
		return err
	case name == l.only:
		return l.item(visit)
	case l.forked:
		return errSomething
	}
	return l.other(name)
}

func (l *xmlList) item(visit visitor) error {
	l.scan.named, l.scan.want = true, l.q.want
	off := l.w.offset()
	err := l.pass((*xmlScan).item)
	l.scan.named, l.scan.want = false, nil
	if err != nil {
		return err
	}
	e := element{raw: l.scan.out, members: l.scan.members, sec: l.sec}
	e = e.gathered()
	return l.w.visited(off, int(l.w.offset()-off), e, visit)
}

// learn notes what the item is called that w is before, and is content when it
// was known: then others are likely to be called the same.
func (l *xmlList) learn(w *window) bool {
	name := tagName(w.buf[w.at:])
	if len(name) == 0 || w.at+len(name)+1 >= len(w.buf) {
		return false
	}
	known := slices.ContainsFunc(l.names, func(other []byte) bool { return bytes.Equal(name, other[1:]) })
	if !known && len(l.names) < maxNames {
		l.names = append(l.names, append([]byte{'<'}, name...))
	}
	return known
}

// maxNames is how many names of items are looked for.
const maxNames = 4

func (l *xmlList) fork() lister {
	return &xmlList{xmlWalk: &xmlWalk{q: l.q, sec: l.sec}, t: l.t, only: l.only, forked: true, names: l.names}
}

// guess finds the next start tag with the name of an item.
func (l *xmlList) guess(b []byte) int {
	best := -1
	for _, name := range l.names {
		for from := 0; ; {
			i := bytes.Index(b[from:], name)
			if i < 0 {
				break
			}
			if end := from + i + len(name); end < len(b) && !isTag[b[end]] {
				best = from + i
				b = b[:best] // another has to come before
				break
			}
			from += i + 1
		}
	}
	return best
}
