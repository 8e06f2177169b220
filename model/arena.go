package model

import (
	"encoding/binary"
	"strings"
	"time"
	"unsafe"
)

// arena keeps failures as bytes, about 80 for each instead of several hundred in
// a dozen pieces. Words that come again and again, such as codes, are kept once.
type arena struct {
	chunks [][]byte // of chunkSize each; what is written is never changed or moved
	full   uint32   // 1 + where the one failure is that stands for all that found no room
	words  []string
	word   map[string]int
}

const chunkSize = 1 << 18

// maxChunks bounds what is kept in memory of failures to less than 4 GiB, some
// forty million of them. The inputs still have what is not kept.
const (
	maxChunks = 1<<14 - 256
	notKept   = "there are too many failures to keep what each one says"
)

// maxWords bounds the words that are kept once: a code that is another for every
// item is written out.
const maxWords = 1 << 14

// What a packed failure has.
const (
	hasID = 1 << iota
	numberID
	hasStatus
	hasCode
	hasMessage
	hasField
	hasWait
	hasReason
	hasCause
	numberCause
	hasRequestID
	hasClass
	hasGroup
	hasRefs
	hasNeeds
	hasBlame
)

// allClasses are what a packed class points to.
var allClasses = [...]RetryClass{AfterEdit, Safe, AfterVerify, Never}

// put packs an id and a failure, which may be nil, and gives where they are.
func (a *arena) put(id ID, f *Failure) uint32 {
	if f == nil {
		f = &Failure{RetryAfter: -1}
	}
	var room [512]byte
	if len(a.chunks) >= maxChunks {
		f = &Failure{Status: f.Status, RetryAfter: -1, Message: Foreign(notKept)}
		if a.full > 0 {
			return a.full - 1
		}
	}
	b := a.pack(room[:0], id, f)
	last := len(a.chunks) - 1
	if last < 0 || cap(a.chunks[last])-len(a.chunks[last]) < len(b) {
		// An offset tells the chunk by its upper bits, so a long failure takes as
		// many chunks as it needs.
		n := (len(b) + chunkSize - 1) / chunkSize
		a.chunks = append(a.chunks, make([]byte, 0, max(1, n)*chunkSize))
		last++
		for range n - 1 {
			a.chunks = append(a.chunks, nil)
		}
	}
	at := len(a.chunks[last])
	a.chunks[last] = append(a.chunks[last], b...)
	where := uint32(last)*chunkSize + uint32(at)
	if len(a.chunks) >= maxChunks {
		a.full = where + 1
	}
	return where
}

func (a *arena) pack(b []byte, id ID, f *Failure) []byte {
	head := len(b)
	b = append(b, 0, 0)
	mask := uint16(0)
	text := func(bit uint16, s string) {
		if s != "" {
			mask |= bit
			b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
		}
	}
	word := func(bit uint16, s string) {
		if s != "" {
			mask |= bit
			b = a.keep(b, s)
		}
	}
	text(hasID, id.text)
	if id.number {
		mask |= numberID
	}
	if f.Status != 0 {
		mask |= hasStatus
		b = binary.AppendVarint(b, int64(f.Status))
	}
	word(hasCode, f.Code.s)
	text(hasMessage, f.Message.s)
	word(hasField, f.Field.s)
	if f.RetryAfter != -1 {
		mask |= hasWait
		b = binary.AppendVarint(b, int64(f.RetryAfter))
	}
	word(hasReason, string(f.Reason))
	text(hasCause, f.Cause.text)
	if f.Cause.number {
		mask |= numberCause
	}
	text(hasRequestID, f.RequestID.s)
	if f.Class != nil {
		mask |= hasClass
		b = append(b, byte(*f.Class))
	}
	if f.Blames != None {
		mask |= hasBlame
		b = append(b, byte(f.Blames))
	}
	word(hasGroup, f.Group)
	if len(f.Refs) > 0 {
		mask |= hasRefs
		b = packLinks(b, f.Refs, f.RefItems)
	}
	if len(f.Needs) > 0 {
		mask |= hasNeeds
		b = packLinks(b, f.Needs, f.NeedItems)
	}
	binary.LittleEndian.PutUint16(b[head:], mask)
	return b
}

// packLinks writes ids of other items and their places.
func packLinks(b []byte, ids []ID, items []int) []byte {
	b = binary.AppendUvarint(b, uint64(len(ids)))
	for k, id := range ids {
		at := -1
		if k < len(items) {
			at = items[k]
		}
		number := int64(0)
		if id.number {
			number = 1
		}
		b = binary.AppendVarint(binary.AppendVarint(b, number), int64(at))
		b = append(binary.AppendUvarint(b, uint64(len(id.text))), id.text...)
	}
	return b
}

// keep writes a word as its number, or, where there are too many, as 0 and its
// text.
func (a *arena) keep(b []byte, s string) []byte {
	n, known := a.word[s]
	if !known && len(a.words) < maxWords && len(s) <= 256 {
		if a.word == nil {
			a.word = map[string]int{}
		}
		n, known, s = len(a.words), true, strings.Clone(s)
		a.words = append(a.words, s)
		a.word[s] = n
	}
	if known {
		return binary.AppendUvarint(b, uint64(n+1))
	}
	return append(binary.AppendUvarint(append(b, 0), uint64(len(s))), s...)
}

// packed reads what pack has written.
type packed struct {
	a *arena
	b []byte
}

func (p *packed) uint() uint64 {
	v, n := binary.Uvarint(p.b)
	p.b = p.b[n:]
	return v
}

func (p *packed) int() int64 {
	v, n := binary.Varint(p.b)
	p.b = p.b[n:]
	return v
}

// text gives a text without copying it: what is written is never changed.
func (p *packed) text() string {
	n := int(p.uint())
	if n == 0 {
		return ""
	}
	s := unsafe.String(&p.b[0], n)
	p.b = p.b[n:]
	return s
}

func (p *packed) word() string {
	if n := p.uint(); n > 0 {
		return p.a.words[n-1]
	}
	return p.text()
}

// get unpacks what put has packed.
func (a *arena) get(at uint32, f *Failure) (id ID) {
	chunk := at / chunkSize
	p := packed{a, a.chunks[chunk][at%chunkSize:]}
	mask := binary.LittleEndian.Uint16(p.b)
	p.b = p.b[2:]
	if mask&hasID != 0 {
		id.text = p.text()
	}
	id.number = mask&numberID != 0
	if mask&hasStatus != 0 {
		f.Status = int(p.int())
	}
	if mask&hasCode != 0 {
		f.Code.s = p.word()
	}
	if mask&hasMessage != 0 {
		f.Message.s = p.text()
	}
	if mask&hasField != 0 {
		f.Field.s = p.word()
	}
	f.RetryAfter = -1
	if mask&hasWait != 0 {
		f.RetryAfter = time.Duration(p.int())
	}
	if mask&hasReason != 0 {
		f.Reason = Reason(p.word())
	}
	p.ties(mask, f)
	return id
}

// ties unpacks what binds a failure to others, and the rest.
func (p *packed) ties(mask uint16, f *Failure) {
	if mask&hasCause != 0 {
		f.Cause.text = p.text()
	}
	f.Cause.number = mask&numberCause != 0
	if mask&hasRequestID != 0 {
		f.RequestID.s = p.text()
	}
	if mask&hasClass != 0 {
		f.Class = &allClasses[p.b[0]]
		p.b = p.b[1:]
	}
	if mask&hasBlame != 0 {
		f.Blames = Category(p.b[0])
		p.b = p.b[1:]
	}
	if mask&hasGroup != 0 {
		f.Group = p.word()
	}
	if mask&hasRefs != 0 {
		f.Refs, f.RefItems = p.links()
	}
	if mask&hasNeeds != 0 {
		f.Needs, f.NeedItems = p.links()
	}
}

// links unpacks what packLinks has written.
func (p *packed) links() (ids []ID, items []int) {
	for range p.uint() {
		number, at := p.int() == 1, p.int()
		ids = append(ids, ID{p.text(), number})
		items = append(items, int(at))
	}
	return ids, items
}
