package dialect

import (
	"context"
	"errors"

	"retriage/model"
)

// A large response is read by two goroutines: one walks over it and finds the
// items, the other tells of them and joins them, in their order.

// shard is one item on its way from the one to the other.
type shard struct {
	off      int64
	length   int
	sec      *section
	from, to int // of its bytes in block.text
	m, n     int // of its members in block.members
}

// block is a number of items. What it holds is copied out of the window, which
// moves on meanwhile: the members that are wanted, or all of an item.
type block struct {
	items   []shard
	text    []byte
	members []member
}

// Sizes of blocks: the first ones are small, so that something is seen at once.
const (
	firstBlock = 32
	maxBlock   = 4096
	blockText  = 512 << 10
	blocks     = 4 // on their way at once
)

// direct is how large a response may be to be read by one goroutine alone.
const direct = 64 << 10

// errStopped ends a walk whose other half has ended.
var errStopped = errors.New("stopped")

// put copies an item into the block.
func (b *block) put(off int64, length int, e *element, want wanted) {
	s := shard{off: off, length: length, sec: e.sec, from: len(b.text), m: len(b.members)}
	if want == nil {
		b.text = append(b.text, e.raw...)
	} else {
		for _, m := range e.members {
			at := len(b.text) - s.from
			b.text = append(b.text, e.raw[m.from:m.to]...)
			b.members = append(b.members, member{name: want[string(m.name)], from: at, to: at + m.to - m.from, src: m.src})
		}
	}
	s.to, s.n = len(b.text), len(b.members)
	b.items = append(b.items, s)
}

// element gives item k of the block again.
func (b *block) element(k int, want wanted) (element, bool) {
	s := b.items[k]
	raw := b.text[s.from:s.to]
	if want == nil {
		e, f := parseElement(raw)
		e.sec = s.sec
		return e, f == sound
	}
	return element{raw: raw, members: b.members[s.m:s.n], sec: s.sec}, true
}

// pipe walks over a response in a goroutine of its own, which has ended when pipe
// returns, and gives the items to take in their order.
func (r *Reader) pipe(ctx context.Context, w *window, q query, take func(off int64, length int, e *element) error) (o outline, err error) {
	full, free := make(chan *block, blocks), make(chan *block, blocks+2)
	stop := make(chan struct{})
	ended := make(chan struct{})
	var walked error
	go func() {
		defer close(ended)
		defer close(full)
		now, size := new(block), firstBlock
		send := func() error {
			select {
			case full <- now:
			case <-stop:
				return errStopped
			}
			select {
			case now = <-free:
				now.items, now.text, now.members = now.items[:0], now.text[:0], now.members[:0]
			default:
				now = new(block)
			}
			size = min(2*size, maxBlock)
			return nil
		}
		o, walked = r.d.medium.walk(w, q, func(off int64, length int, e element) error {
			now.put(off, length, &e, q.want)
			if len(now.items) >= size || len(now.text) >= blockText {
				return send()
			}
			return nil
		})
		if len(now.items) > 0 && !errors.Is(walked, errStopped) {
			if send() != nil {
				walked = errStopped
			}
		}
	}()
	for b := range full {
		if err != nil {
			continue
		}
		if err = r.takeBlock(ctx, b, q.want, take); err != nil {
			close(stop)
		}
		select {
		case free <- b:
		default:
		}
	}
	<-ended
	if err == nil {
		err = walked
	}
	return o, err
}

func (r *Reader) takeBlock(ctx context.Context, b *block, want wanted, take func(off int64, length int, e *element) error) error {
	var e element // one for all: there are very many
	var ok bool
	for k := range b.items {
		if e, ok = b.element(k, want); !ok {
			return &SyntaxError{Offset: b.items[k].off, Why: broken.words()}
		}
		if err := take(b.items[k].off, b.items[k].length, &e); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// walkResponse walks over a response in the way that fits its size.
func (r *Reader) walkResponse(ctx context.Context, f File, q query, j *join, source int) (outline, error) {
	names := len(j.asked) > 0
	take := func(off int64, length int, e *element) error {
		j.answer(r.d.tell(model.Span{Source: source, Off: off, Len: length}, e, names))
		return r.step(ctx, true)
	}
	if f.Size > 0 && f.Size <= direct {
		return r.d.medium.walk(r.window(f), q, func(off int64, length int, e element) error { return take(off, length, &e) })
	}
	return r.pipe(ctx, r.window(f), q, take)
}
