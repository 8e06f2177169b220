package dialect

import (
	"sort"
	"sync"
)

// section is one list of items in an input: where it begins, which of the
// paths leads to it, and what it says once for all of its items.
type section struct {
	source int
	from   int64
	list   int      // index into the paths of the query
	name   string   // that path
	key    string   // the name that "*" in the path stands for, "" = none
	head   []byte   // CSV: the header line, as it stands
	lists  []string // XML: children that are a list, however many there are
}

// key is the name that says what an element is: that of its wrapper, or of its
// list.
func (e *element) key() string {
	if e.op != "" || e.sec == nil {
		return e.op
	}
	return e.sec.key
}

// list is the path of the list that an element stands in, "" = none.
func (e *element) list() string {
	if e.sec == nil {
		return ""
	}
	return e.sec.name
}

// unwrap takes an element out of the object around it, whose one member says
// what it is. What is not wrapped stays as it is.
func (e *element) unwrap() element {
	if len(e.members) != 1 {
		return *e
	}
	m := e.members[0]
	if e.raw[m.from] != '{' {
		return *e
	}
	inner, f := parseElement(e.raw[m.from:m.to])
	if f != sound {
		return *e
	}
	inner.sec, inner.op = e.sec, string(m.name)
	return inner
}

// sections are the lists of a batch, by source, in the order of reading. They
// may be asked while the reader still adds to them.
type sections struct {
	mu  sync.RWMutex
	all [][]*section
}

// enter notes that a list begins.
func (s *sections) enter(sec section) *section {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.all) <= sec.source {
		s.all = append(s.all, nil)
	}
	s.all[sec.source] = append(s.all[sec.source], &sec)
	return &sec
}

// of gives the list that an offset of a source is in, an empty one when none is
// known.
func (s *sections) of(source int, off int64) *section {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if source >= len(s.all) {
		return &section{source: source}
	}
	lists := s.all[source]
	i := sort.Search(len(lists), func(i int) bool { return lists[i].from > off })
	if i == 0 {
		return &section{source: source}
	}
	return lists[i-1]
}
