package dialect

import (
	"bytes"
	"mime"
	"net/textproto"
	"strconv"
	"strings"

	"retriage/model"
)

// partMedium is multipart/mixed (RFC 2046) whose parts are HTTP messages, as in
// OData (OData 4.01 Protocol, section 11.7.7). An item is a part; the parts of a
// changeset are items of one group. A part reads as an object with id, status
// or method and url, headers, body and atomicityGroup.
type partMedium struct{}

// maxHeader is how long the headers of a part may be.
const maxHeader = 64 << 10

// partWalk passes one input.
type partWalk struct {
	w     *window
	q     query
	visit visitor
	outer []byte // the delimiter lines without their line end: "--boundary"
	inner []byte // of the changeset that is open, nil = none
	sec   *section
	edges int // changesets that were entered
	// before is the boundary of the changeset that was entered last.
	before string
}

func (partMedium) walk(w *window, q query, visit visitor) (outline, error) {
	if err := w.begin(); err != nil {
		return outline{}, err
	}
	p := &partWalk{w: w, q: q, visit: visit}
	if err := p.begin(); err != nil {
		return outline{}, err
	}
	o := outline{found: true, top: []byte("{}")}
	for {
		more, err := p.part()
		if err != nil || !more {
			return o, err
		}
	}
}

// begin finds the boundary: in the header that comes first, or in the first line
// that is a delimiter.
func (p *partWalk) begin() error {
	no := &NotBatchError{Why: "it is no multipart message"}
	head := p.w.buf[p.w.at:]
	if !bytes.HasPrefix(head, []byte("--")) {
		m, rest, ok := headersOf(head)
		boundary := boundaryOf(m.Get("Content-Type"))
		if !ok || boundary == "" {
			return no
		}
		p.outer = []byte("--" + boundary)
		p.w.at += len(head) - len(rest)
		if err := p.upTo(p.outer); err != nil {
			return err
		}
	} else {
		line, _, _ := bytes.Cut(head, []byte{'\n'})
		if p.outer = bytes.Clone(bytes.TrimRight(line, " \t\r")); len(p.outer) < 3 || len(p.outer) > 72 || bytes.ContainsAny(p.outer, "{}<>\" ") {
			return no
		}
	}
	p.sec = p.q.begin(section{from: p.w.offset()})
	return nil
}

// upTo passes everything before the next line that begins with a delimiter.
func (p *partWalk) upTo(delimiter []byte) error {
	for {
		at := delimiterIn(p.w.buf[p.w.at:], delimiter)
		if at >= 0 {
			p.w.at += at
			return nil
		}
		if p.w.ended {
			return p.w.cut()
		}
		if err := p.w.more(); err != nil {
			return err
		}
	}
}

// delimiterIn is where a line begins with a delimiter, negative = nowhere.
func delimiterIn(b, delimiter []byte) int {
	for from := 0; ; {
		i := bytes.Index(b[from:], delimiter)
		if i < 0 {
			return -1
		}
		at, end := from+i, from+i+len(delimiter)
		if (at == 0 || b[at-1] == '\n') && (end == len(b) || bytes.IndexByte([]byte("-\r\n \t"), b[end]) >= 0) {
			return at
		}
		from = end
	}
}

// delimiter passes a delimiter line. last says that it is the closing one.
func (p *partWalk) delimiter(d []byte) (last bool, err error) {
	for bytes.IndexByte(p.w.buf[p.w.at:], '\n') < 0 && !p.w.ended {
		if err := p.w.more(); err != nil {
			return false, err
		}
	}
	rest := p.w.buf[p.w.at:]
	line, _, _ := bytes.Cut(rest, []byte{'\n'})
	last = bytes.HasPrefix(line[len(d):], []byte("--"))
	p.w.at += min(len(rest), len(line)+1)
	return last, nil
}

// part passes a delimiter and the part behind it; more is false at the end.
func (p *partWalk) part() (more bool, err error) {
	d := p.outer
	if p.inner != nil {
		d = p.inner
	}
	last, err := p.delimiter(d)
	switch {
	case err != nil:
		return false, err
	case last && p.inner == nil:
		return false, nil
	case last:
		p.inner = nil
		p.sec = p.q.begin(section{from: p.w.offset()})
		return true, p.upTo(p.outer)
	}
	// The part is whole once the next delimiter is there.
	for {
		rest := p.w.buf[p.w.at:]
		m, body, ok := headersOf(rest)
		if boundary := boundaryOf(m.Get("Content-Type")); ok && boundary != "" {
			return true, p.enter(boundary, len(rest)-len(body))
		}
		if end := delimiterIn(rest, d); end >= 0 {
			return true, p.item(rest[:end])
		}
		if p.w.ended {
			return false, p.w.cut()
		}
		if err := p.w.more(); err != nil {
			return false, err
		}
	}
}

// enter goes into a changeset.
func (p *partWalk) enter(boundary string, header int) error {
	if p.inner != nil {
		return p.w.syntax(p.w.offset(), "a changeset stands inside of a changeset")
	}
	p.w.at += header
	p.inner = []byte("--" + boundary)
	if err := p.upTo(p.inner); err != nil {
		return err
	}
	p.edges++
	key := boundary
	if key == p.before { // two that stand side by side are not one
		key += "/" + strconv.Itoa(p.edges)
	}
	p.before = boundary
	p.sec = p.q.begin(section{from: p.w.offset(), key: key})
	return nil
}

// item hands a part over; the line end before the next delimiter is not of it.
func (p *partWalk) item(part []byte) error {
	whole := len(part)
	part = bytes.TrimSuffix(bytes.TrimSuffix(part, []byte{'\n'}), []byte{'\r'})
	e, f := partMedium{}.element(part, p.sec)
	if f != sound {
		return p.w.syntax(p.w.offset(), "this part is no HTTP message")
	}
	off := p.w.offset()
	p.w.at += whole
	return p.w.visited(off, len(part), e, p.visit)
}

// headersOf reads headers up to the empty line. ok is false when it is not there.
func headersOf(b []byte) (h textproto.MIMEHeader, rest []byte, ok bool) {
	h = textproto.MIMEHeader{}
	for {
		line, after, found := bytes.Cut(b, []byte{'\n'})
		if !found || len(b)-len(after) > maxHeader {
			return h, b, false
		}
		line = bytes.TrimRight(line, "\r")
		if b = after; len(line) == 0 {
			return h, b, true
		}
		name, value, isHeader := bytes.Cut(line, []byte{':'})
		if !isHeader {
			return h, b, false
		}
		h.Add(string(bytes.TrimSpace(name)), string(bytes.TrimSpace(value)))
	}
}

// boundaryOf is the boundary that a content type names, "" when it is none of a
// multipart message.
func boundaryOf(contentType string) string {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil || !strings.HasPrefix(kind, "multipart/") {
		return ""
	}
	return params["boundary"]
}

// message is a part taken apart: the part's own headers, and the message in it.
type message struct {
	outer   textproto.MIMEHeader
	first   string // its first line
	headers textproto.MIMEHeader
	names   []string // of headers, as written
	body    []byte
}

func messageOf(part []byte) (m message, ok bool) {
	var rest []byte
	if m.outer, rest, ok = headersOf(part); !ok {
		return m, false
	}
	line, inner, _ := bytes.Cut(rest, []byte{'\n'})
	m.first = strings.TrimRight(string(line), "\r")
	if !bytes.Contains(line, []byte("HTTP/")) {
		return m, false
	}
	head := inner
	if m.headers, m.body, ok = headersOf(inner); !ok {
		if len(bytes.TrimSpace(inner)) > 0 {
			m.headers, m.body, ok = headersOf(append(bytes.Clone(inner), "\n\n"...)) // no body, and no empty line before it
			m.body = nil
		} else {
			m.headers, ok = textproto.MIMEHeader{}, true
		}
	}
	for line := range bytes.Lines(head) {
		name, _, isHeader := bytes.Cut(line, []byte{':'})
		if !isHeader {
			break
		}
		m.names = append(m.names, string(bytes.TrimSpace(name)))
	}
	return m, ok
}

// element shows a part as an object.
func (partMedium) element(item []byte, sec *section) (element, fault) {
	m, ok := messageOf(item)
	if !ok {
		return element{}, broken
	}
	out := []byte{'{'}
	add := func(name string, value []byte) {
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(append(append(out, quoted(name)...), ':'), value...)
	}
	if id := m.outer.Get("Content-ID"); id != "" {
		add("id", quoted(strings.Trim(id, "<>")))
	} else if id := m.headers.Get("Content-ID"); id != "" {
		add("id", quoted(strings.Trim(id, "<>")))
	}
	if strings.HasPrefix(m.first, "HTTP/") {
		add("status", quoted(m.first))
	} else if method, target, found := strings.Cut(m.first, " "); found {
		target, _, _ = strings.Cut(target, " HTTP/")
		add("method", quoted(method))
		add("url", quoted(target))
	}
	headers := []byte{'{'}
	for i, name := range m.names {
		if i > 0 {
			headers = append(headers, ',')
		}
		headers = append(append(append(headers, quoted(name)...), ':'), quoted(m.headers.Get(name))...)
	}
	add("headers", append(headers, '}'))
	if body := bytes.TrimSpace(m.body); len(body) > 0 {
		if e, f := parseElement(body); f == sound && checkStrict(body) == "" {
			add("body", e.raw)
		} else {
			add("body", quoted(string(body)))
		}
	}
	if sec != nil && sec.key != "" {
		add("atomicityGroup", quoted(sec.key))
	}
	e, f := parseElement(append(out, '}'))
	e.sec = sec
	return e, f
}

// payload takes a requested part apart.
func (partMedium) payload(_ *Dialect, item []byte, _ *section) model.Payload {
	p := model.Payload{Medium: model.JSON, Envelope: item, Known: true}
	m, ok := messageOf(item)
	if !ok {
		return p
	}
	method, target, _ := strings.Cut(m.first, " ")
	target, _, _ = strings.Cut(target, " HTTP/")
	p.Method, p.URL = method, model.Foreign(target)
	p.Headers = map[string]string{}
	for _, name := range m.names {
		p.Headers[name] = m.headers.Get(name)
	}
	if body := bytes.TrimSpace(m.body); len(body) > 0 {
		p.Body = body
	}
	return p
}
