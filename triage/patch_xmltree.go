package triage

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
)

// xmlNode is an element by its offsets in the body. Names are as written, with
// their prefix.
type xmlNode struct {
	name            string
	start, end      int // of the element
	inner, innerEnd int // between its tags; inner == innerEnd == end when it closes itself
	attrs           []xmlAttr
	children        []*xmlNode
	text            string // decoded, known when the element is closed
	chars           []byte
	extra           bool // holds a comment or an instruction
	selfClosed      bool
}

// xmlAttr is an attribute: start is the space before its name, value and
// valueEnd are inside the quotes.
type xmlAttr struct {
	name, text             string
	start, value, valueEnd int
	end                    int
	quote                  byte
}

// maxXMLTokens bounds the work on one body.
const maxXMLTokens = 1_000_000

var errXML = errors.New("not one well-formed element")

// parseXML reads a body of one root element. It knows the five entities of XML
// and character references, and no others; a DOCTYPE is refused.
func parseXML(body []byte) (*xmlNode, error) {
	d := xml.NewDecoder(bytes.NewReader(body))
	t := xmlTree{body: body}
	for range maxXMLTokens {
		from := int(d.InputOffset())
		tok, err := d.RawToken()
		if errors.Is(err, io.EOF) && t.root != nil && len(t.open) == 0 {
			return t.root, nil
		}
		if err != nil {
			return nil, errXML
		}
		if err := t.add(tok, from, int(d.InputOffset())); err != nil {
			return nil, err
		}
	}
	return nil, errXML
}

// xmlTree is a tree that is being read.
type xmlTree struct {
	body []byte
	root *xmlNode
	open []*xmlNode
}

// add takes the token that stands at from to to.
func (t *xmlTree) add(tok xml.Token, from, to int) error {
	var top *xmlNode
	if len(t.open) > 0 {
		top = t.open[len(t.open)-1]
	}
	switch tok := tok.(type) {
	case xml.StartElement:
		return t.start(tok, top, from, to)
	case xml.EndElement:
		if top == nil || top.name != rawName(tok.Name) {
			return errXML
		}
		top.close(from, to)
		t.open = t.open[:len(t.open)-1]
	case xml.CharData:
		if top != nil {
			top.chars = append(top.chars, tok...)
		} else if len(bytes.TrimSpace(tok)) > 0 {
			return errXML
		}
	case xml.Directive:
		return errXML
	default:
		if top != nil {
			top.extra = true
		}
	}
	return nil
}

func (t *xmlTree) start(tok xml.StartElement, top *xmlNode, from, to int) error {
	if top == nil && t.root != nil || len(t.open) >= maxDepth {
		return errXML
	}
	n, err := startNode(t.body, from, to, tok)
	if err != nil {
		return err
	}
	if top != nil {
		top.children = append(top.children, n)
	} else {
		t.root = n
	}
	t.open = append(t.open, n)
	return nil
}

func rawName(n xml.Name) string {
	if n.Space == "" {
		return n.Local
	}
	return n.Space + ":" + n.Local
}

// startNode reads the start tag at body[from:to] again for the offsets of its
// attributes, which encoding/xml does not tell.
func startNode(body []byte, from, to int, t xml.StartElement) (*xmlNode, error) {
	n := &xmlNode{name: rawName(t.Name), start: from, inner: to, selfClosed: body[to-2] == '/'}
	i := from + 1 + len(n.name)
	for _, a := range t.Attr {
		at := xmlAttr{name: rawName(a.Name), text: a.Value, start: i}
		for i < to && isSpace(body[i]) {
			i++
		}
		if !bytes.HasPrefix(body[i:to], []byte(at.name)) {
			return nil, errXML
		}
		i += len(at.name)
		for i < to && (isSpace(body[i]) || body[i] == '=') {
			i++
		}
		if i >= to || body[i] != '"' && body[i] != '\'' {
			return nil, errXML
		}
		at.quote, at.value = body[i], i+1
		length := bytes.IndexByte(body[at.value:to], at.quote)
		if length < 0 {
			return nil, errXML
		}
		at.valueEnd = at.value + length
		at.end = at.valueEnd + 1
		i = at.end
		if slices.ContainsFunc(n.attrs, func(a xmlAttr) bool { return a.name == at.name }) {
			return nil, errXML
		}
		n.attrs = append(n.attrs, at)
	}
	return n, nil
}

func (n *xmlNode) close(from, to int) {
	n.innerEnd, n.end, n.text, n.chars = from, to, string(n.chars), nil
	if n.selfClosed {
		n.innerEnd, n.end = n.inner, n.inner
	}
}
