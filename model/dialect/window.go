package dialect

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// windowSize is how much is read at once: measured as the best for a cached
// file, and small against the program itself.
const windowSize = 1 << 20

// window is the part of an input that is in memory. It grows only while one
// item does not fit, so memory does not depend on the size of the input.
type window struct {
	r     io.ReaderAt
	size  int64 // bytes to read at most, 0 = until the end
	buf   []byte
	base  int64 // offset of buf[0] in the input
	at    int   // next byte in buf
	ended bool
	items int // items passed, for errors
	moved func(int64)
	step  int  // bytes read at once
	quiet bool // nobody wants to know what is wrong and where
}

func newWindow(f File) *window {
	return &window{r: f.R, size: f.Size, moved: func(int64) {}, step: windowSize}
}

// enter begins anew at an offset; the first that is read is so many bytes, and
// what is wrong is not told.
func (w *window) enter(f File, off, first int64) {
	*w = window{r: f.R, size: f.Size, buf: w.buf[:0], base: off, moved: func(int64) {}, step: int(first), quiet: true}
}

// seek goes to an offset, which may be away from what is in memory.
func (w *window) seek(off int64) {
	if off >= w.base && off <= w.base+int64(len(w.buf)) {
		w.at = int(off - w.base)
	} else {
		w.buf, w.base, w.at, w.ended = w.buf[:0], off, 0, w.size > 0 && off >= w.size
	}
	w.moved(off)
}

// offset is where the next byte stands in the input.
func (w *window) offset() int64 { return w.base + int64(w.at) }

// more reads on, keeping what is not passed yet; ended tells whether the input
// has come to its end.
func (w *window) more() error {
	rest := len(w.buf) - w.at
	if rest > maxItem {
		return w.tooLarge(w.offset())
	}
	next := w.base + int64(len(w.buf))
	room := max(w.step, rest)
	if w.quiet {
		w.step = 64 << 10 // an item that goes on is seldom long
	}
	if w.size > 0 {
		room = int(min(int64(room), w.size-next))
	}
	if cap(w.buf) < rest+room {
		grown := make([]byte, rest, rest+room)
		copy(grown, w.buf[w.at:])
		w.buf, w.base, w.at = grown, w.offset(), 0
	} else {
		base := w.offset()
		w.buf = w.buf[:copy(w.buf[:rest], w.buf[w.at:])]
		w.base, w.at = base, 0
	}
	n, err := w.r.ReadAt(w.buf[rest:rest+room], next)
	w.buf = w.buf[:rest+n]
	w.moved(next + int64(n))
	if err == io.EOF || w.size > 0 && next+int64(n) >= w.size {
		w.ended = true
	} else if err != nil {
		return fmt.Errorf("read input at byte %d: %w", next, err)
	}
	return nil
}

// byteOrderMark may stand before a text; RFC 8259 section 8.1 allows to skip it.
var byteOrderMark = []byte("\xef\xbb\xbf")

// begin passes what may stand before the first byte that counts.
func (w *window) begin() error {
	for len(w.buf) < len(byteOrderMark) && !w.ended {
		if err := w.more(); err != nil {
			return err
		}
	}
	switch b := w.buf; {
	case len(b) == 0:
		return ErrEmpty
	case bytes.HasPrefix(b, byteOrderMark):
		w.at = len(byteOrderMark)
	case encoded(b) != "":
		return &NotBatchError{Why: encoded(b)}
	}
	more, err := w.skipSpace()
	if err == nil && !more {
		return &NotBatchError{Why: "there is nothing in it but white space"}
	}
	return err
}

// again reads on after a scan that came to the end of the bytes; what else has
// stopped it is an error.
func (w *window) again(s *scan) error {
	switch {
	case s.fault != short:
		return w.broken(s.fault, w.offset()+int64(s.at))
	case w.ended:
		return w.cut()
	}
	return w.more()
}

// pass runs step over the bytes that follow until it succeeds, reading on as
// often as it finds them short. step starts from the beginning each time.
func (w *window) pass(step func(*scan) bool) error {
	for {
		s := scan{b: w.buf[w.at:], whole: w.ended}
		if step(&s) {
			w.at += s.at
			return nil
		}
		if err := w.again(&s); err != nil {
			return err
		}
	}
}

// visited hands an item over that was just passed.
func (w *window) visited(off int64, length int, e element, visit visitor) error {
	if length > maxItem {
		return w.tooLarge(off)
	}
	if err := visit(off, length, e); err != nil {
		return err
	}
	w.items++
	return nil
}

func (w *window) tooLarge(off int64) error {
	return &LimitError{What: fmt.Sprintf("one item is larger than %d MiB", maxItem>>20), Offset: off, Items: w.items}
}

// skipSpace skips white space and says whether anything follows.
func (w *window) skipSpace() (bool, error) {
	for {
		s := scan{b: w.buf[w.at:]}
		found := s.space()
		w.at += s.at
		if found || w.ended {
			return found, nil
		}
		if err := w.more(); err != nil {
			return false, err
		}
	}
}

// errSomething is what is wrong where nobody wants to know it.
var errSomething = errors.New("something is wrong")

// cut is the error of an input that ends too early.
func (w *window) cut() error {
	if w.quiet {
		return errSomething
	}
	end := w.base + int64(len(w.buf))
	line, column, err := lineOf(w.r, max(end-1, 0))
	if err != nil {
		return err
	}
	return &TruncatedError{Line: line, Column: column, Offset: end, Items: w.items}
}

// broken is the error of a fault at an offset.
func (w *window) broken(f fault, off int64) error {
	if f == deep {
		return &LimitError{What: fmt.Sprintf("it is nested deeper than %d levels", maxDepth), Offset: off, Items: w.items}
	}
	return w.syntax(off, f.words())
}

func (w *window) syntax(off int64, why string) error {
	if w.quiet {
		return errSomething
	}
	line, column, err := lineOf(w.r, off)
	if err != nil {
		return err
	}
	return &SyntaxError{Line: line, Column: column, Offset: off, Items: w.items, Why: why}
}

// lineOf counts lines up to an offset. It reads the input once more, which an
// input that is broken is worth.
func lineOf(r io.ReaderAt, off int64) (line, column int, err error) {
	buf := make([]byte, 64<<10)
	line, start := 1, int64(0)
	for at := int64(0); at < off; {
		n, err := r.ReadAt(buf[:min(int64(len(buf)), off-at)], at)
		line += bytes.Count(buf[:n], []byte{'\n'})
		if i := bytes.LastIndexByte(buf[:n], '\n'); i >= 0 {
			start = at + int64(i) + 1
		}
		at += int64(n)
		if err != nil && err != io.EOF || n == 0 {
			return 0, 0, fmt.Errorf("read input again to count lines: %w", err)
		}
	}
	return line, int(off-start) + 1, nil
}
