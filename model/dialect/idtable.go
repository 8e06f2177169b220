package dialect

import (
	"bytes"
	"hash/maphash"

	"retriage/model"
)

// hash stands for an id while items are joined: 64 bits under a seed of this
// process that nobody can aim at. Two of ten million ids meet once in half a
// million readings, and then an answer counts as a second one to an item.
type hash uint64

// hashID is the hash of an id: of its text, and of whether it is a number.
func hashID(text []byte, number bool) hash {
	h := hash(maphash.Bytes(idSeed, text))
	if number {
		h = ^h
	}
	return h | 1 // 0 says that there is no id
}

// idSeed is of this process.
var idSeed = maphash.MakeSeed()

// idTable finds items by the hashes of their ids. It costs eight bytes for each
// as long as they are asked for in the order in which they came, about 24
// otherwise, and nothing as long as all items have ids that rise and can be asked
// for theirs again.
type idTable struct {
	again  func(item int) hash // gives the hash of an item, 0 = it cannot; nil = hashes holds all
	hashes [][]hash
	items  [][]uint32 // nil as long as item k has the hash at place k
	n      int
	mixed  bool // an id came that was not above the one before
	next   int  // the place to look at first
	// slots hold half of a hash above 1 + its place in hashes, 0 = free: most
	// looks end at the first slot. nil = not needed yet.
	slots []uint64
}

const tablePart = 1 << 13

// rising says whether each id that came is above the one before: then a new one
// that is above the last is none of them.
func (t *idTable) rising() bool { return !t.mixed }

// came notes whether an id is above the one before. It is called for each that
// comes, also for one that is in the table.
func (t *idTable) came(rises bool) { t.mixed = t.mixed || !rises }

func (t *idTable) at(k int) hash { return t.hashes[k/tablePart][k%tablePart] }

func (t *idTable) item(k int) int {
	if t.items == nil {
		return k
	}
	return int(t.items[k/tablePart][k%tablePart])
}

// find gives the item of a hash.
func (t *idTable) find(h hash) (int, bool) {
	t.remember()
	k := t.next
	if k >= t.n || t.at(k) != h {
		if k = t.place(h); k < 0 {
			return 0, false
		}
	}
	t.next = k + 1
	return t.item(k), true
}

// place looks a hash up among all, negative = it is not there.
func (t *idTable) place(h hash) int {
	if t.n == 0 {
		return -1
	}
	if t.slots == nil {
		t.grow()
	}
	mask := len(t.slots) - 1
	for i := int(h>>1) & mask; t.slots[i] != 0; i = (i + 1) & mask {
		if slot := t.slots[i]; slot>>32 == uint64(h)>>32 {
			if k := int(uint32(slot)) - 1; t.at(k) == h {
				return k
			}
		}
	}
	return -1
}

// add notes the item of a hash that is not in the table.
func (t *idTable) add(h hash, item int) {
	if t.again != nil && item == t.n && !t.mixed {
		t.n++
		return
	}
	t.remember()
	if item != t.n && t.items == nil {
		for k := range t.n {
			t.keep(k, k)
		}
	}
	t.note(t.n, h)
	if item != t.n || t.items != nil {
		t.keep(t.n, item)
	}
	t.n++
	switch {
	case t.slots == nil:
	case 4*t.n >= 3*len(t.slots):
		t.grow()
	default:
		t.put(t.n-1, h)
	}
}

// note keeps the hash at a place.
func (t *idTable) note(k int, h hash) {
	if k%tablePart == 0 {
		t.hashes = append(t.hashes, make([]hash, tablePart))
	}
	t.hashes[k/tablePart][k%tablePart] = h
}

// remember asks for all hashes that were not kept.
func (t *idTable) remember() {
	again := t.again
	if t.again = nil; again == nil {
		return
	}
	for k := range t.n {
		t.note(k, again(k))
	}
}

// keep notes the item of a place.
func (t *idTable) keep(k, item int) {
	if k%tablePart == 0 {
		t.items = append(t.items, make([]uint32, tablePart))
	}
	t.items[k/tablePart][k%tablePart] = uint32(item)
}

func (t *idTable) put(k int, h hash) {
	mask := len(t.slots) - 1
	i := int(h>>1) & mask
	for t.slots[i] != 0 {
		i = (i + 1) & mask
	}
	t.slots[i] = uint64(h)>>32<<32 | uint64(k+1)
}

// grow makes slots for twice as many as there are.
func (t *idTable) grow() {
	size := 1024
	for 3*size < 8*t.n {
		size *= 2
	}
	t.slots = make([]uint64, size)
	for k := range t.n {
		t.put(k, t.at(k))
	}
}

// hashOf is the hash of an id, 0 when there is none.
func (d *Dialect) hashOf(id model.ID) hash {
	if id.IsZero() {
		return 0
	}
	id = d.identity(id)
	return hashID([]byte(id.Wire()), id.IsNumber())
}

// plainID gives the text of an id that stands plainly in an element, without
// making a string of it: very many ids are looked at, and few are shown.
func (d *Dialect) plainID(e *element) (text []byte, number, ok bool) {
	if len(d.spec.Items.IDs) > 0 || len(d.spec.Items.ID) == 0 || !d.spec.Items.ID[0].plain() {
		return nil, false, false
	}
	v := e.get(d.spec.Items.ID[0].first)
	if len(v) == 0 {
		return nil, false, false
	}
	if v[0] == '-' || v[0] >= '0' && v[0] <= '9' {
		return v, true, true
	}
	if len(v) < 3 || v[0] != '"' || bytes.IndexByte(v, '\\') >= 0 {
		return nil, false, false
	}
	if text = v[1 : len(v)-1]; d.spec.Items.FoldID {
		text = bytes.ToLower(text)
	}
	return text, false, true
}
