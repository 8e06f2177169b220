package model

// slabSize is how many items one slab of the index holds. A slab is allocated
// whole, so that a growing index is never copied.
const slabSize = 4096

// slab is a part of the index: where its items stand, as distances from the
// first of them, and how they stand. There is no pointer in it for each item.
type slab struct {
	state [slabSize]State
	resp  *places
	req   *places
	fail  *[slabSize]uint32 // where in the arena, for items that are not OK
}

// places are where the items of a slab stand in one kind of input.
type places struct {
	set    bool
	source int
	base   int64
	off    [slabSize]uint32
	len    [slabSize]uint16
	// wide holds what does not fit above: another source, a long item, or one
	// far away from the first.
	wide map[int]Span
}

// isWide marks an item that stands in places.wide.
const isWide = 1<<16 - 1

func (p *places) put(at int, s Span) {
	if !p.set {
		p.set, p.source, p.base = true, s.Source, s.Off
	}
	d := s.Off - p.base
	if s.Source == p.source && d >= 0 && d < 1<<32 && s.Len < isWide {
		p.off[at], p.len[at] = uint32(d), uint16(s.Len)
		if p.wide != nil {
			delete(p.wide, at)
		}
		return
	}
	if p.wide == nil {
		p.wide = map[int]Span{}
	}
	p.wide[at], p.len[at] = s, isWide
}

func (p *places) get(at int) Span {
	switch {
	case p == nil || p.len[at] == 0:
		return Span{}
	case p.len[at] == isWide:
		return p.wide[at]
	}
	return Span{p.source, p.base + int64(p.off[at]), int(p.len[at])}
}

// put notes an item; what was noted of it before is forgotten.
func (s *slab) put(at int, r *Record, store *arena) {
	s.state[at] = r.State
	if r.Response.Len > 0 || s.resp != nil {
		if s.resp == nil {
			s.resp = new(places)
		}
		s.place(s.resp, at, r.Response)
	}
	if r.Request.Len > 0 || s.req != nil {
		if s.req == nil {
			s.req = new(places)
		}
		s.place(s.req, at, r.Request)
	}
	if r.State == OK {
		return
	}
	if s.fail == nil {
		s.fail = new([slabSize]uint32)
	}
	s.fail[at] = store.put(r.ID, r.Failure)
}

func (s *slab) place(p *places, at int, where Span) {
	if where.Len == 0 {
		p.len[at] = 0
		return
	}
	p.put(at, where)
}

func (s *slab) spans(at int) (response, request Span) { return s.resp.get(at), s.req.get(at) }
