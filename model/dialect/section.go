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
	list   int    // index into the paths of the query
	key    string // the name that "*" in the path stands for, "" = none
	head   []byte // CSV: the header line, as it stands
}

// sections are the lists of a batch in the order of reading. They may be asked
// while the reader still adds to them.
type sections struct {
	mu  sync.RWMutex
	all []*section
}

// enter notes that a list begins.
func (s *sections) enter(sec section) *section {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, &sec)
	return &sec
}

// of gives the list that an offset of a source is in, an empty one when none is
// known.
func (s *sections) of(source int, off int64) *section {
	s.mu.RLock()
	defer s.mu.RUnlock()
	i := sort.Search(len(s.all), func(i int) bool {
		return s.all[i].source > source || s.all[i].source == source && s.all[i].from > off
	})
	if i == 0 || s.all[i-1].source != source {
		return &section{source: source}
	}
	return s.all[i-1]
}
