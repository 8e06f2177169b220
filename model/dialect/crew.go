package dialect

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// The list of a large input is passed by several goroutines. Each passes a
// stretch of it, from where it guesses that an item begins, and tells of the
// items that it meets. What they tell is joined in the order of the list, and a
// stretch counts only if it begins where all before it has ended: a wrong guess
// costs time, and never an item. What nobody could guess is passed as if there
// were no crew.

// lister passes the items of one list.
type lister interface {
	// next passes an item and what stands behind it, up to the next item or
	// through the end of the list, which makes it the last. There may be no item
	// before the end.
	next(w *window, visit visitor) (last bool, err error)
	// learn looks at how items follow one another around w, which is before one.
	// It is false where that cannot be told, or not yet.
	learn(w *window) bool
	// fork gives a lister of the same list, which knows what this one has learnt,
	// for another goroutine.
	fork() lister
	// guess gives where in b an item may begin, negative = nowhere.
	guess(b []byte) int
}

// list passes all items of a list, the first of which w is before.
func (q query) list(w *window, l lister, visit visitor) error {
	c := q.crew
	if c != nil {
		c.begin(w)
		defer c.rest()
	}
	for {
		s, err := c.at(w, l)
		switch {
		case err != nil:
			return err
		case s != nil:
			if err := c.take(s, w); err != nil {
				return err
			}
			continue
		}
		if last, err := l.next(w, visit); last || err != nil {
			return err
		}
	}
}

// sizes of stretches, in bytes.
type sizes struct {
	alone   int64 // what comes first is passed without a crew: it is seen at once
	stretch int64
	stream  int64 // of a stretch where more is still coming
	overlap int64 // read beyond a stretch, for its last item
}

var usual = sizes{alone: 64 << 10, stretch: 1 << 20, stream: 128 << 10, overlap: 16 << 10}

// stretch is a part of a list, and what was told of the items that begin in it.
type stretch struct {
	from, to    int64
	exact       bool  // an item begins at from
	begin, next int64 // where its first item begins, negative = nowhere, and the one after its last
	spots       []spot
	told        []told // what spots have no room for
	room        room   // of what is in told
	first, last order  // its first id and its last
	firstAt     int    // the spot whose id the first is
	done        chan struct{}
	passed      bool // done has been received
}

// crew are the goroutines that pass the lists of one input. A nil crew is one
// that does nothing.
type crew struct {
	sizes
	ctx    context.Context
	f      File
	teller *teller // of the goroutine that joins
	join   func(*stretch) error

	planned int64      // where the next stretch begins
	line    []*stretch // given out, in order
	spare   []*stretch
	work    chan *stretch // nil = nobody is at work
	hands   sync.WaitGroup
	ended   atomic.Bool // nothing of what is at work counts any more
}

// newCrew makes a crew that gives what it is told to join, in order; nil without
// sizes.
func newCrew(ctx context.Context, f File, t *teller, s sizes, join func(*stretch) error) *crew {
	if s.stretch == 0 {
		return nil
	}
	return &crew{sizes: s, ctx: ctx, f: f, teller: t, join: join}
}

// begin says that w is before the first item of a list.
func (c *crew) begin(w *window) { c.planned = w.offset() + c.alone }

// at gives the stretch whose first item w is before, nil = there is none. It
// gives out work as far as the input is there.
func (c *crew) at(w *window, l lister) (*stretch, error) {
	if c == nil || w.offset() < c.planned && len(c.line) == 0 {
		return nil, nil
	}
	for off := w.offset(); ; {
		c.plan(w, l)
		if len(c.line) == 0 {
			return nil, nil
		}
		s := c.line[0]
		if !s.passed {
			select {
			case <-s.done:
				s.passed = true
			case <-c.ctx.Done():
				return nil, c.ctx.Err()
			}
		}
		if s.begin > off {
			return nil, nil
		}
		c.line = c.line[1:]
		if s.begin == off {
			return s, nil
		}
		c.spare = append(c.spare, s)
	}
}

// plan gives out stretches, twice as many as there are hands.
func (c *crew) plan(w *window, l lister) {
	hands := runtime.GOMAXPROCS(0)
	for len(c.line) < 2*hands {
		if len(c.line) == 0 {
			c.planned = max(c.planned, w.offset())
		}
		to := c.end()
		if to < 0 {
			return
		}
		if c.work == nil {
			if !l.learn(w) {
				return
			}
			c.start(l, hands)
		}
		s := c.blank()
		s.from, s.to, s.exact = c.planned, to, c.planned == w.offset()
		c.planned = to
		c.line = append(c.line, s)
		c.work <- s
	}
}

// end is where a stretch ends that begins at planned, negative when the input is
// not known to be there that far.
func (c *crew) end() int64 {
	if c.f.Size > 0 {
		if c.planned >= c.f.Size {
			return -1
		}
		return min(c.planned+c.stretch, c.f.Size)
	}
	grows, ok := c.f.R.(interface{ Available() int64 })
	if !ok || c.planned+c.stream+c.overlap > grows.Available() {
		return -1
	}
	return c.planned + c.stream
}

// blank gives a stretch to fill.
func (c *crew) blank() *stretch {
	n := len(c.spare) - 1
	if n < 0 {
		return &stretch{done: make(chan struct{}, 1)}
	}
	s := c.spare[n]
	c.spare, s.passed = c.spare[:n], false
	return s
}

// start sets the goroutines to work.
func (c *crew) start(l lister, hands int) {
	c.work = make(chan *stretch, 2*hands)
	c.ended.Store(false)
	for range hands {
		own := l.fork()
		c.hands.Go(func() {
			h := hand{c: c, l: own, t: teller{d: c.teller.d, source: c.teller.source, names: c.teller.names}}
			for s := range c.work {
				h.pass(s)
				s.done <- struct{}{}
			}
		})
	}
}

// rest waits until nobody is at work any more.
func (c *crew) rest() {
	if c.work == nil {
		return
	}
	c.ended.Store(true)
	close(c.work)
	c.hands.Wait()
	c.work, c.line = nil, nil
}

// take joins a stretch and moves w behind it.
func (c *crew) take(s *stretch, w *window) error {
	if s.first.any {
		s.spots[s.firstAt].rises = c.teller.order.above(s.first.id, s.first.number)
		c.teller.order.note(s.last.id, s.last.number)
	}
	err := c.join(s)
	w.items += len(s.spots)
	w.seek(s.next)
	c.spare = append(c.spare, s)
	return err
}

// hand is one goroutine of a crew.
type hand struct {
	c   *crew
	l   lister
	t   teller
	w   window
	e   element
	one told
}

// pass passes a stretch as far as it can.
func (h *hand) pass(s *stretch) {
	clear(s.told) // they point to what may be forgotten
	s.room.failures, s.room.text = s.room.failures[:0], s.room.text[:0]
	h.t.room = &s.room
	s.told, s.spots, s.begin, s.next, s.first, s.last = s.told[:0], s.spots[:0], -1, -1, order{}, order{}
	h.w.enter(h.c.f, s.from, s.to-s.from+h.c.overlap)
	if h.w.more() != nil {
		return
	}
	if s.exact {
		h.items(s, s.from)
		return
	}
	off := s.from
	for range maxGuesses {
		h.w.seek(off)
		i := h.l.guess(h.w.buf[h.w.at:])
		if off += int64(i); i < 0 || off >= s.to || h.c.ended.Load() || h.items(s, off) {
			return
		}
		off++
	}
}

// maxGuesses bounds what an input can make a hand do in vain.
const maxGuesses = 256

// items passes the items from an offset on; ok is false when there is none. What
// ends the list, and what is broken, is left to whoever can say so.
func (h *hand) items(s *stretch, off int64) (ok bool) {
	h.w.seek(off)
	h.t.order.any = false
	visit := func(off int64, length int, e element) error {
		h.e, h.one = e, told{} // one for all: there are very many
		h.t.tell(off, length, &h.e, &h.one)
		s.note(&h.one)
		return nil
	}
	for h.w.offset() < s.to && !h.c.ended.Load() {
		at, n := h.w.offset(), len(s.spots)
		last, err := h.l.next(&h.w, visit)
		if last || err != nil {
			if len(s.spots) > n {
				if s.spots[n].hash != 0 {
					h.t.order.back()
				}
				s.spots = s.spots[:n]
			}
			s.next = at
			break
		}
		s.next = h.w.offset()
		if n == 0 && !s.exact && !s.spots[0].plausible(s.told) {
			s.told, s.spots = s.told[:0], s.spots[:0]
			return false
		}
		if !s.first.any && h.t.order.any {
			s.first, s.firstAt = h.t.order.clone(), n
		}
	}
	if len(s.spots) == 0 {
		return false
	}
	s.begin, s.last = off, h.t.order.clone()
	return true
}

// order watches whether ids rise. Where each is above the one before, none comes
// twice, and none has to be looked up among all others.
type order struct {
	id, before []byte
	number     bool
	any        bool
}

// above says whether an id is above the one before, and notes it.
func (o *order) above(id []byte, number bool) bool {
	up := !o.any || o.number == number && (len(id) > len(o.id) || len(id) == len(o.id) && string(id) > string(o.id))
	o.note(id, number)
	return up
}

func (o *order) note(id []byte, number bool) {
	o.id, o.before = o.before[:0], o.id
	o.id = append(o.id, id...)
	o.number, o.any = number, true
}

// back forgets the newest id. It may be called once for each that was noted.
func (o *order) back() { o.id, o.before = o.before, o.id }

func (o *order) clone() order { return order{id: slices.Clone(o.id), number: o.number, any: o.any} }
