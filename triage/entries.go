package triage

import "iter"

// pageSize is how many entries, or items, one page holds. A page is made whole
// and never moves, so that what grows to millions is never copied, and a pointer
// to an entry stays good.
const pageSize = 4096

// entryList are the entries of a session, in the order in which they came.
type entryList struct {
	pages []*[pageSize]entry
	n     int
}

func (l *entryList) at(k int) *entry { return &l.pages[k/pageSize][k%pageSize] }

// add gives a new entry to fill.
func (l *entryList) add() *entry {
	if l.n%pageSize == 0 {
		l.pages = append(l.pages, new([pageSize]entry))
	}
	l.n++
	return l.at(l.n - 1)
}

// from gives the entries from the k-th on.
func (l *entryList) from(k int) iter.Seq[*entry] {
	return func(yield func(*entry) bool) {
		for ; k < l.n && yield(l.at(k)); k++ {
		}
	}
}

func (l *entryList) all() iter.Seq[*entry] { return l.from(0) }

// slotList finds the entry of an item: 1 + its place, 0 = it has none.
type slotList struct {
	pages []*[pageSize]uint32 // nil = none of its items has an entry
	n     int
}

// grow takes more items in, up to n of them.
func (l *slotList) grow(n int) {
	l.n = n
	for len(l.pages)*pageSize < n {
		l.pages = append(l.pages, nil)
	}
}

// of gives the place of item i's entry; ok is false when it has none.
func (l *slotList) of(i int) (k int, ok bool) {
	if i < 0 || i >= l.n {
		return 0, false
	}
	p := l.pages[i/pageSize]
	if p == nil || p[i%pageSize] == 0 {
		return 0, false
	}
	return int(p[i%pageSize]) - 1, true
}

func (l *slotList) set(i, k int) {
	p := &l.pages[i/pageSize]
	if *p == nil {
		*p = new([pageSize]uint32)
	}
	(*p)[i%pageSize] = uint32(k + 1)
}
