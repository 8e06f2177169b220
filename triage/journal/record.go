package journal

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strconv"
	"unicode/utf8"

	"retriage/model"
)

// FormatVersion is the version of the format that this package writes, and the
// newest one that it continues. It stands in the first event (Open.Version).
const FormatVersion = 1

// maxRecord bounds one line in bytes: enough for one fix over a million items.
const maxRecord = 256 << 20

const (
	crcDigits = 8
	headLen   = crcDigits + 1 // digits and the space
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// encode gives the line of ev, and ev as a replay will read it back. A live
// session that applies the second of them can never differ from a replayed one,
// and what could not be read back is refused before it is written.
func encode(ev model.Event) ([]byte, model.Event, error) {
	plain, err := json.Marshal(ev)
	if err != nil {
		return nil, model.Event{}, fmt.Errorf("encode event %s: %w", ev.Type, err)
	}
	line := make([]byte, headLen, headLen+len(plain)+1)
	line = appendASCII(line, plain)
	if len(line) >= maxRecord {
		return nil, model.Event{}, fmt.Errorf("encode event %s: it would take %d bytes, and a record may have %d", ev.Type, len(line), maxRecord)
	}
	copy(line, head(line[headLen:]))
	var back model.Event
	if err := json.Unmarshal(line[headLen:], &back); err != nil {
		return nil, model.Event{}, fmt.Errorf("encode event %s: it could not be read back: %w", ev.Type, err)
	}
	return append(line, '\n'), back, nil
}

// head is what stands before the JSON value of a line.
func head(value []byte) []byte {
	return fmt.Appendf(make([]byte, 0, headLen), "%08x ", crc32.Checksum(value, castagnoli))
}

// appendASCII copies a JSON value and escapes what is not printable ASCII, so
// that showing the file in a terminal is harmless. Such bytes can only stand
// inside strings.
func appendASCII(dst, value []byte) []byte {
	for len(value) > 0 {
		r, w := utf8.DecodeRune(value)
		switch {
		case r < utf8.RuneSelf && r != 0x7f:
			dst = append(dst, byte(r))
		case r > 0xffff:
			dst = fmt.Appendf(dst, `\u%04x\u%04x`, (r-0x10000)>>10+0xd800, (r-0x10000)&0x3ff+0xdc00)
		default:
			dst = fmt.Appendf(dst, `\u%04x`, r)
		}
		value = value[w:]
	}
	return dst
}

// value checks the sum of a line (without its line feed) and gives the JSON.
func value(line []byte) ([]byte, bool) {
	if len(line) <= headLen || !bytes.Equal(line[:headLen], head(line[headLen:])) {
		return nil, false
	}
	return line[headLen:], true
}

// glued says whether line begins with a whole record and goes on. Only damage
// to the line feed makes such a line, never a write that was cut short: so it
// is not cut, although it may be the last one.
func glued(line []byte) bool {
	if len(line) <= headLen {
		return false
	}
	want, err := strconv.ParseUint(string(line[:crcDigits]), 16, 32)
	if err != nil {
		return false
	}
	var sum uint32
	text, from := line[headLen:], 0
	for {
		n := bytes.IndexByte(text[from:], '}')
		if n < 0 || from+n+1 == len(text) {
			return false
		}
		to := from + n + 1
		sum = crc32.Update(sum, castagnoli, text[from:to])
		if uint64(sum) == want && json.Valid(text[:to]) {
			return true
		}
		from = to
	}
}

// Decode reads a journal from its beginning. It gives the events up to the
// first record that is not whole, and how many bytes they take (good). torn
// says that bytes follow which may be cut: one last record without a line feed
// or with a wrong sum, and not two records run together. A damaged record anywhere else gives a *CorruptError, a
// journal of a newer format a *NewerError; nothing may be cut then. It changes
// nothing.
func Decode(r io.Reader) (events []model.Event, good int64, torn bool, err error) {
	s := scanner{strict: true}
	if err := s.run(r); err != nil {
		return s.events, s.good, false, err
	}
	return s.events, s.good, s.torn, nil
}

// scanner reads records one after the other. A strict one ends at the first
// record that does not follow from the one before; the other kind notes the
// damage and goes on, so that what is readable can be shown or saved.
type scanner struct {
	strict bool
	keep   func(line []byte, ev model.Event) error // called for each good line, if set

	events  []model.Event
	last    int64 // Seq of the last good record
	line    int
	good    int64 // bytes up to the end of the last good record
	off     int64 // bytes read
	torn    bool
	version int
	damage  *CorruptError // the first one
	// suspect is the newest bad line: damage if another line follows, and a
	// torn tail if none does.
	suspect *CorruptError
}

func (s *scanner) run(r io.Reader) error {
	br := bufio.NewReaderSize(r, 64<<10)
	for {
		line, whole, err := readLine(br)
		if err != nil {
			return fmt.Errorf("read journal: %w", err)
		}
		if len(line) == 0 && !whole {
			break
		}
		if s.suspect != nil {
			s.damaged(s.suspect)
			s.suspect = nil
		}
		if s.strict && s.damage != nil {
			return s.damage
		}
		if err := s.record(line, whole); err != nil {
			return err
		}
	}
	s.torn = s.suspect != nil
	if s.strict && s.damage != nil {
		return s.damage
	}
	return nil
}

func (s *scanner) damaged(e *CorruptError) {
	if s.damage == nil {
		s.damage = e
	}
}

// record takes the next line in.
func (s *scanner) record(line []byte, whole bool) error {
	start := s.off
	s.line++
	s.off += int64(len(line))
	if whole {
		s.off++
	}
	bad := func(why string) *CorruptError { return &CorruptError{Line: s.line, Offset: start, Why: why} }

	text, ok := value(line)
	if !ok && glued(line) {
		s.damaged(bad("the line feed behind it is damaged"))
		return nil
	}
	if !ok || !whole {
		s.suspect = bad("its checksum is wrong")
		return nil
	}
	ev, err := s.event(text)
	if err != nil {
		var newer *NewerError
		if errors.As(err, &newer) && s.strict {
			return err
		}
		// The sum is right: it was written like this, and is never cut.
		s.damaged(bad(err.Error()))
		return nil
	}
	if ev.Seq <= s.last {
		s.damaged(bad(fmt.Sprintf("it has number %d and follows number %d", ev.Seq, s.last)))
		return nil
	}
	if !follows(s.last, ev) {
		s.damaged(bad(fmt.Sprintf("it has number %d and follows number %d", ev.Seq, s.last)))
		if s.strict {
			return nil
		}
	}
	if s.keep != nil {
		if err := s.keep(line, ev); err != nil {
			return err
		}
	}
	s.events = append(s.events, ev)
	s.last, s.good = ev.Seq, s.off
	return nil
}

// event decodes one value. The version of a journal is read even from a first
// record that this program cannot understand otherwise.
func (s *scanner) event(text []byte) (model.Event, error) {
	var ev model.Event
	err := json.Unmarshal(text, &ev)
	if s.line == 1 {
		var first struct{ Open struct{ Ver int } }
		if json.Unmarshal(text, &first) == nil {
			s.version = first.Open.Ver
		}
		if s.strict && s.version > FormatVersion {
			return ev, &NewerError{Version: s.version, Known: FormatVersion}
		}
	}
	if err != nil {
		return ev, fmt.Errorf("it could not be understood: %w", err)
	}
	return ev, nil
}

// problem is what stands in the way of continuing this journal.
func (s *scanner) problem() error {
	switch {
	case s.version > FormatVersion:
		return &NewerError{Version: s.version, Known: FormatVersion}
	case s.damage != nil:
		return s.damage
	}
	return nil
}

// readLine gives the next line without its line feed; whole says whether there
// was one. At the end of the input the line is empty and not whole.
func readLine(br *bufio.Reader) (line []byte, whole bool, err error) {
	for {
		part, err := br.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case err == nil:
			return line[:len(line)-1], true, nil
		case errors.Is(err, io.EOF):
			return line, false, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return line, false, err
		case len(line) > maxRecord:
			return line, false, fmt.Errorf("a line has more than %d bytes", maxRecord)
		}
	}
}
