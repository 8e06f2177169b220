package dialect

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"

	"retriage/model"
)

// xmlMedium is XML with one element whose children are the items.
type xmlMedium struct{}

// xmlWalk passes one input; see jsonWalk for the outline.
type xmlWalk struct {
	w       *window
	q       query
	visit   visitor
	sec     *section
	scan    xmlScan
	here    scan // of xmlScan
	out     []byte
	found   bool
	headEnd int64 // where the list's start tag ends
	tailAt  int64 // where the list's end tag begins, 0 = nowhere
}

func (xmlMedium) walk(w *window, q query, visit visitor) (outline, error) {
	x := &xmlWalk{w: w, q: q, visit: visit}
	err := x.document(q.at)
	o := outline{found: x.found, top: x.out}
	if err == nil && x.headEnd > 0 {
		o.frame, err = x.frame()
	}
	return o, err
}

// frame reads what stands around the items, unless it is large.
func (x *xmlWalk) frame() (*frame, error) {
	end := x.w.offset()
	if x.headEnd > smallMember || end-x.tailAt > smallMember {
		return nil, nil
	}
	f := &frame{head: make([]byte, x.headEnd), tail: make([]byte, end-x.tailAt)}
	if _, err := x.w.r.ReadAt(f.head, 0); err != nil && err != io.EOF {
		return nil, err
	}
	if _, err := x.w.r.ReadAt(f.tail, x.tailAt); err != nil && err != io.EOF {
		return nil, err
	}
	return f, nil
}

// pass runs a step over XML, see window.pass. It is done several times for each
// item, so it makes nothing that has to be collected.
func (x *xmlWalk) pass(step func(*xmlScan) bool) error {
	s := &x.scan
	s.scan = &x.here
	for {
		x.here = scan{b: x.w.buf[x.w.at:], whole: x.w.ended}
		s.out, s.text, s.members = s.out[:0], s.text[:0], s.members[:0]
		if step(s) {
			x.w.at += x.here.at
			return nil
		}
		if err := x.w.again(&x.here); err != nil {
			return err
		}
	}
}

func (x *xmlWalk) document(at []string) error {
	if err := x.w.begin(); err != nil {
		return err
	}
	if x.w.buf[x.w.at] != '<' {
		return &NotBatchError{Why: "it is no XML"}
	}
	if err := x.declaration(); err != nil {
		return err
	}
	if err := x.pass((*xmlScan).misc); err != nil {
		return err
	}
	x.out = append(x.out, '{')
	err := x.element(splitPaths(at))
	x.out = append(x.out, '}')
	var syntax *SyntaxError
	if errors.As(err, &syntax) && !x.found && len(x.out) == len("{}") {
		if syntax.Why == dtd.words() {
			return &NotBatchError{Why: syntax.Why}
		}
		return &NotBatchError{Why: "it is XML or HTML without a list of items that is known"}
	}
	if err != nil {
		return err
	}
	if err = x.pass((*xmlScan).trailing); err != nil || x.w.at == len(x.w.buf) {
		return err
	}
	return x.w.syntax(x.w.offset(), "more text follows the end of the batch")
}

// encoding finds what an XML declaration says about the bytes.
var encoding = regexp.MustCompile(`encoding\s*=\s*["']([^"']*)["']`)

// declaration refuses encodings that are not UTF-8 or a part of it.
func (x *xmlWalk) declaration() error {
	head := x.w.buf[x.w.at:]
	end := bytes.Index(head, []byte("?>"))
	if !bytes.HasPrefix(head, []byte("<?xml")) || end < 0 {
		return nil
	}
	m := encoding.FindSubmatch(head[:end])
	if m == nil || slices.Contains([]string{"utf-8", "utf8", "us-ascii"}, strings.ToLower(string(m[1]))) {
		return nil
	}
	return &NotBatchError{Why: "its encoding is " + model.Foreign(string(m[1])).Safe(20) + "; convert it to UTF-8"}
}

// element passes one element: the list, the way to it, or something else.
func (x *xmlWalk) element(paths [][]string) error {
	var t startTag
	err := x.pass(func(s *xmlScan) (ok bool) {
		from := s.at
		t, ok = s.start()
		s.at = from // only looked at
		t.name = bytes.Clone(t.name)
		return ok
	})
	if err != nil {
		return err
	}
	name := string(local(t.name))
	var deeper [][]string
	for _, p := range paths {
		if p[0] == name && len(p) == 1 && !x.found {
			return x.list(t, "")
		}
		if only, isList := strings.CutSuffix(p[len(p)-1], "[]"); isList && p[0] == name && len(p) == 2 && !x.found {
			return x.list(t, only)
		}
		if p[0] == name && len(p) > 1 {
			deeper = append(deeper, p[1:])
		}
	}
	if len(deeper) > 0 && !t.closed {
		return x.inside(t, deeper)
	}
	return x.other(name)
}

// inside passes the children of an element on the way to the list.
func (x *xmlWalk) inside(t startTag, paths [][]string) error {
	if err := x.begin(t); err != nil {
		return err
	}
	for {
		done, err := x.end(t)
		if err == nil && !done {
			err = x.element(paths)
		}
		if done || err != nil {
			x.out = append(x.out, '}')
			return err
		}
	}
}

// begin passes a start tag and writes its attributes into the outline.
func (x *xmlWalk) begin(t startTag) error {
	if err := x.pass(func(s *xmlScan) bool { _, ok := s.start(); return ok }); err != nil {
		return err
	}
	x.out = append(append(appendName(x.out, local(t.name)), '{'), x.scan.out...)
	return nil
}

// end passes white space and comments, and the end tag if it follows.
func (x *xmlWalk) end(t startTag) (done bool, err error) {
	if err := x.pass((*xmlScan).misc); err != nil {
		return false, err
	}
	at := x.w.offset()
	x.scan.parent = t.name
	err = x.pass((*xmlScan).endOfParent)
	done = x.scan.ended
	if done && err == nil && x.found && x.tailAt == 0 {
		x.tailAt = at
	}
	return done, err
}

// other passes an element that has nothing to do with the items.
func (x *xmlWalk) other(name string) error {
	err := x.pass(func(s *xmlScan) bool { _, ok := s.element(1, true); return ok })
	if err != nil || len(x.scan.out) > smallMember {
		return err
	}
	x.out = append(appendName(x.out, name), x.scan.out...)
	return nil
}

// list passes the element whose children are the items; only, unless it is "",
// is what the children are called that are items.
func (x *xmlWalk) list(t startTag, only string) error {
	x.found = true
	x.sec = x.q.begin(section{from: x.w.offset()})
	if err := x.begin(t); err != nil {
		return err
	}
	defer func() { x.out = append(x.out, '}') }()
	if t.closed {
		return nil
	}
	x.headEnd = x.w.offset()
	if done, err := x.end(t); done || err != nil {
		return err
	}
	return x.q.list(x.w, &xmlList{xmlWalk: x, t: t, only: only}, x.visit)
}

func (xmlMedium) element(item []byte, sec *section) (element, fault) {
	s := scan{b: item, whole: true}
	x := xmlScan{scan: &s, named: true}
	if !x.misc() {
		return element{}, s.fault
	}
	if _, ok := x.element(1, false); !ok {
		return element{}, s.fault
	}
	if !x.trailing() || x.at < len(item) {
		return element{}, broken
	}
	e, f := parseElement(x.out)
	e.sec = sec
	return e.gathered(), f
}

// gathered puts the members that the dialect says may stand there several times
// into one list each, also where there is one only: paths read alike then.
func (e element) gathered() element {
	if e.sec == nil || len(e.sec.lists) == 0 {
		return e
	}
	out := []byte{'{'}
	done := map[string]bool{}
	for _, m := range e.members {
		name := string(m.name)
		if !slices.Contains(e.sec.lists, name) {
			out = append(appendName(out, name), e.raw[m.from:m.to]...)
			continue
		}
		if done[name] {
			continue
		}
		done[name] = true
		out = append(appendName(out, name), '[')
		for _, twin := range e.members {
			if string(twin.name) != name {
				continue
			}
			if out[len(out)-1] != '[' {
				out = append(out, ',')
			}
			out = append(out, e.raw[twin.from:twin.to]...)
		}
		out = append(out, ']')
	}
	all, f := parseElement(append(out, '}'))
	if f != sound {
		return e
	}
	all.sec, all.op = e.sec, e.op
	return all
}
