package dialect

import (
	"bytes"
	"encoding/json"
	"slices"

	"retriage/model"
)

// lineMedium is JSON lines: one JSON value in each line, and an item in each,
// or, where the dialect says so, in a line and the one below it.
type lineMedium struct{}

// line gives the next line that is not blank, without its line end; rel is
// where it begins from the next byte of the window on. Its bytes are valid until
// the window reads on. ok is false at the end of the input.
func (w *window) line(rel int) (line []byte, from int, ok bool, err error) {
	for {
		rest := w.buf[w.at:]
		if rel > len(rest) {
			rel = len(rest)
		}
		if i := bytes.IndexByte(rest[rel:], '\n'); i >= 0 || w.ended {
			end := len(rest)
			if i >= 0 {
				end = rel + i
			}
			line = bytes.TrimRight(rest[rel:end], " \t\r")
			if lead := len(line) - len(bytes.TrimLeft(line, " \t\r")); len(line) > lead {
				return line[lead:], rel + lead, true, nil
			}
			if i < 0 {
				return nil, end, false, nil
			}
			rel = end + 1
			continue
		}
		if err := w.more(); err != nil {
			return nil, rel, false, err
		}
	}
}

// lineList passes the items of one input of lines.
type lineList struct {
	q       query
	sec     *section
	members []member
	habit   habit
}

func (lineMedium) walk(w *window, q query, visit visitor) (outline, error) {
	if err := w.begin(); err != nil {
		return outline{}, err
	}
	if c := w.buf[w.at]; c != '{' {
		return outline{}, &NotBatchError{Why: "it is no list of JSON objects, one in each line"}
	}
	l := &lineList{q: q, sec: q.begin(section{from: w.offset()})}
	o := outline{frame: &frame{tail: []byte("\n")}}
	err := q.list(w, l, func(off int64, length int, e element) error {
		o.found = true
		return visit(off, length, e)
	})
	return o, err
}

// next passes one item, and the line ends behind it.
func (l *lineList) next(w *window, visit visitor) (last bool, err error) {
	first, from, ok, err := w.line(0)
	if err != nil || !ok {
		return true, err
	}
	w.at += from // the lines before are blank
	e, err := l.value(w, first, w.offset())
	if err != nil {
		return false, err
	}
	length := len(first)
	if len(l.q.pair) > 0 {
		if length, err = l.pair(w, e); err != nil {
			return false, err
		}
		// The window may have moved.
		if e, err = l.value(w, w.buf[w.at:w.at+len(first)], w.offset()); err != nil {
			return false, err
		}
	}
	e.sec = l.sec
	if err := w.visited(w.offset(), length, e, visit); err != nil {
		return false, err
	}
	w.at += length
	more, err := w.skipSpace()
	return !more, err
}

// learn knows without a look that items begin where lines do.
func (l *lineList) learn(*window) bool { return true }

func (l *lineList) fork() lister { return &lineList{q: l.q, sec: l.sec} }

func (l *lineList) guess(b []byte) int { return nextLine(b) }

// nextLine is where the next line of b begins, negative = nowhere.
func nextLine(b []byte) int {
	i := bytes.IndexByte(b, '\n')
	if i < 0 {
		return -1
	}
	return i + 1
}

// value reads the JSON of a line that stands at an offset.
func (l *lineList) value(w *window, line []byte, off int64) (element, error) {
	s := scan{b: line, whole: true}
	e, ok := s.elementOf(l.members, l.q.want, &l.habit)
	if ok && s.at == len(line) {
		l.members = e.members
		return e, nil
	}
	if last := off+int64(len(line)) >= w.base+int64(len(w.buf)) && w.ended; !ok && s.fault == short && last {
		return e, w.cut()
	}
	if ok || s.fault == short {
		s.fault = broken
	}
	return e, w.broken(s.fault, off+int64(s.at))
}

// pair finds the length of an item whose first line may go on in the next.
func (l *lineList) pair(w *window, e element) (int, error) {
	first := len(e.raw)
	if len(e.members) != 1 || !slices.Contains(l.q.pair, string(e.members[0].name)) {
		return first, nil
	}
	second, from, ok, err := w.line(first)
	if err != nil {
		return 0, err
	}
	if !ok {
		return 0, w.cut()
	}
	if _, err := l.value(w, second, w.offset()+int64(from)); err != nil {
		return 0, err
	}
	return from + len(second), nil
}

// element shows the first line of an item.
func (lineMedium) element(item []byte, sec *section) (element, fault) {
	line, _, _ := bytes.Cut(item, []byte{'\n'})
	e, f := parseElement(line)
	e.sec = sec
	return e, f
}

// payload takes a requested item apart: of two lines the second is the body.
func (lineMedium) payload(d *Dialect, item []byte, sec *section) model.Payload {
	if len(d.spec.Request.Pair) == 0 {
		return jsonMedium{}.payload(d, item, sec)
	}
	p := model.Payload{Medium: model.JSON, Envelope: item, Known: true}
	if i := bytes.IndexByte(item, '\n'); i >= 0 {
		p.Body = bytes.TrimLeft(item[i+1:], "\r\n\t ")
	}
	return p
}

// write puts one item together again; whatever an edit has put into it, it
// stays on its lines.
func (lineMedium) write(d *Dialect, it model.SendItem, field string, gone func(model.ID) bool) ([]byte, error) {
	p := it.Payload
	if len(d.spec.Request.Pair) == 0 {
		one, err := jsonMedium{}.write(d, it, field, gone)
		if err != nil {
			return nil, err
		}
		return oneLine(one)
	}
	if err := checkBody(p.Body); err != nil {
		return nil, err
	}
	line, rest, two := bytes.Cut(p.Envelope, []byte{'\n'})
	if two && bytes.Equal(bytes.TrimLeft(rest, "\r\n\t "), p.Body) {
		return p.Envelope, nil
	}
	if p.Body == nil {
		return bytes.TrimRight(line, "\r"), nil
	}
	body, err := oneLine(p.Body)
	if err != nil {
		return nil, err
	}
	return slices.Concat(line, []byte{'\n'}, body), nil
}

// oneLine takes line ends out of JSON; they can only stand between its tokens.
func oneLine(b []byte) ([]byte, error) {
	if bytes.IndexByte(b, '\n') < 0 && bytes.IndexByte(b, '\r') < 0 {
		return b, nil
	}
	var out bytes.Buffer
	if err := json.Compact(&out, b); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// problem says what is wrong with a whole reply.
func (lineMedium) problem(reply []byte) string {
	lines := 0
	for line := range bytes.Lines(bytes.TrimPrefix(reply, byteOrderMark)) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		if lines++; line[0] != '{' {
			return "The reply is no list of JSON objects."
		}
		if why := checkStrict(line); why != "" {
			return "The reply is not to be trusted: line " + model.Number(lines) + ": " + why + "."
		}
	}
	if lines == 0 {
		return "The reply is empty."
	}
	return ""
}
