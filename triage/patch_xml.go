package triage

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"retriage/model"
)

// leaf says whether an element holds text alone.
func (n *xmlNode) leaf() bool { return len(n.children) == 0 }

// named lists the children with a name: as written, or, when there are none,
// with that name behind their prefix.
func (n *xmlNode) named(name string) []*xmlNode {
	var exact, local []*xmlNode
	for _, c := range n.children {
		if c.name == name {
			exact = append(exact, c)
		} else if localName(c.name) == name {
			local = append(local, c)
		}
	}
	if len(exact) > 0 {
		return exact
	}
	return local
}

func localName(name string) string { return name[strings.IndexByte(name, ':')+1:] }

// xmlPlace is where a pointer leads: an element, one of its attributes, or the
// name of either that is not there yet.
type xmlPlace struct {
	node  *xmlNode // the element, or nil when it is not there
	attr  int      // index of the attribute, -1 = the element itself
	under *xmlNode // the element above what is not there, or of a missing attribute
	name  string   // of what is not there; an attribute's begins with @
}

func findXML(root *xmlNode, pointer string) (xmlPlace, error) {
	parts, err := pointerParts(pointer)
	if err != nil {
		return xmlPlace{}, err
	}
	n := root
	for i := 0; i < len(parts); i++ {
		part := parts[i]
		last := i == len(parts)-1
		if strings.HasPrefix(part, "@") {
			if !last {
				return xmlPlace{}, refused(pointer, "an attribute has no fields")
			}
			return findAttr(n, part), nil
		}
		same := n.named(part)
		at := 0
		if !last && isIndex(parts[i+1]) {
			i++
			at, _ = strconv.Atoi(parts[i])
			last = i == len(parts)-1
		} else if len(same) > 1 {
			return xmlPlace{}, refused(pointer, "there are %d of that name; add its place, like %s/0", len(same),
				model.Foreign(pointer).Safe(model.SafeShort))
		}
		switch {
		case at < len(same):
			n = same[at]
		case at == len(same) && last && isXMLName(part):
			return xmlPlace{attr: -1, under: n, name: part}, nil
		default:
			return xmlPlace{}, refused(pointer, "there is no such field")
		}
	}
	return xmlPlace{node: n, attr: -1}, nil
}

func findAttr(n *xmlNode, part string) xmlPlace {
	for i, a := range n.attrs {
		if a.name == part[1:] {
			return xmlPlace{node: n, attr: i}
		}
	}
	return xmlPlace{attr: -1, under: n, name: part}
}

func isIndex(s string) bool {
	return s != "" && len(s) < 8 && digitsLen(s) == len(s) && (s == "0" || s[0] != '0')
}

// isXMLName says whether s can name an element (the ASCII part of XML 1.0, 2.3,
// and any letter beyond it).
func isXMLName(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := isLower(c|0x20) || c == '_' || c >= utf8.RuneSelf
		if !letter && (i == 0 || !isDigit(c) && strings.IndexByte("-.:", c) < 0) {
			return false
		}
	}
	return s != "" && utf8.ValidString(s)
}

func getXML(body []byte, pointer string) (string, bool) {
	if len(body) == 0 {
		return "", false
	}
	if pointer == "" {
		return quoteJSON(string(body)), true
	}
	root, err := parseXML(body)
	if err != nil {
		return "", false
	}
	pl, err := findXML(root, pointer)
	switch {
	case err != nil || pl.node == nil:
		return "", false
	case pl.attr >= 0:
		return quoteJSON(pl.node.attrs[pl.attr].text), true
	}
	return quoteJSON(pl.node.text), pl.node.leaf()
}

// setXML is body with the text at pointer set to the text of raw, or removed.
func setXML(body []byte, pointer, raw string) ([]byte, error) {
	text, err := xmlText(pointer, raw)
	if err != nil {
		return nil, err
	}
	if pointer == "" {
		if _, err := parseXML([]byte(text)); err != nil {
			return nil, refused(pointer, "the new body is not well-formed XML with one root element")
		}
		return []byte(text), nil
	}
	if len(body) == 0 {
		return nil, refused(pointer, "this request has no body")
	}
	root, err := parseXML(body)
	if err != nil {
		return nil, refused(pointer, "the body is not well-formed XML, so it cannot be edited field by field; edit it as raw text")
	}
	pl, err := findXML(root, pointer)
	if err != nil {
		return nil, err
	}
	if pl.node == nil {
		return addXML(body, pl, pointer, raw, text)
	}
	if pl.attr >= 0 {
		a := pl.node.attrs[pl.attr]
		if raw == "" {
			return splice(body, a.start, a.end, ""), nil
		}
		return splice(body, a.value, a.valueEnd, escapeXML(text, true)), nil
	}
	return setElement(body, pl.node, root, pointer, raw, text)
}

func setElement(body []byte, n, root *xmlNode, pointer, raw, text string) ([]byte, error) {
	switch {
	case raw == "" && n == root:
		return nil, refused(pointer, "the whole body cannot be removed; leave the item out instead")
	case raw == "":
		return splice(body, n.start, n.end, ""), nil
	case !n.leaf():
		return nil, refused(pointer, "this element has fields of its own; edit one of them")
	case n.extra:
		return nil, refused(pointer, "this element holds a comment, which would be lost; edit it as raw text")
	case n.selfClosed:
		slash := n.end - len("/>")
		return splice(body, slash, n.end, ">"+escapeXML(text, false)+"</"+n.name+">"), nil
	}
	return splice(body, n.inner, n.innerEnd, escapeXML(text, false)), nil
}

// addXML adds an attribute behind the others, or an element behind its siblings.
func addXML(body []byte, pl xmlPlace, pointer, raw, text string) ([]byte, error) {
	up := pl.under
	if raw == "" {
		return nil, refused(pointer, "there is no such field")
	}
	if name, isAttr := strings.CutPrefix(pl.name, "@"); isAttr {
		if !isXMLName(name) {
			return nil, refused(pointer, "this is no name for an attribute")
		}
		at := up.start + 1 + len(up.name)
		if len(up.attrs) > 0 {
			at = up.attrs[len(up.attrs)-1].end
		}
		return splice(body, at, at, " "+name+`="`+escapeXML(text, true)+`"`), nil
	}
	element := "<" + pl.name + ">" + escapeXML(text, false) + "</" + pl.name + ">"
	switch {
	case len(up.children) > 0:
		last := up.children[len(up.children)-1]
		return splice(body, last.end, last.end, indentBefore(body, last.start)+element), nil
	case strings.TrimSpace(up.text) != "" || up.extra:
		return nil, refused(pointer, "the element above holds text, not fields")
	case up.selfClosed:
		return splice(body, up.end-len("/>"), up.end, ">"+element+"</"+up.name+">"), nil
	}
	return splice(body, up.inner, up.inner, element), nil
}

// indentBefore is the white space before an element.
func indentBefore(body []byte, at int) string {
	from := at
	for from > 0 && isSpace(body[from-1]) {
		from--
	}
	return string(body[from:at])
}

// xmlText is the text that a raw JSON value stands for in XML.
func xmlText(pointer, raw string) (string, error) {
	if raw == "" {
		return "", nil
	}
	var v any
	d := json.NewDecoder(strings.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&v); err != nil || !json.Valid([]byte(raw)) {
		return "", refused(pointer, "the new value is not valid JSON")
	}
	text := raw
	switch t := v.(type) {
	case string:
		text = t
	case json.Number, bool:
	default:
		return "", refused(pointer, "an XML field holds text: a string, a number, true or false")
	}
	for _, r := range text {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xfffe || r == 0xffff {
			return "", refused(pointer, "XML cannot hold the character U+%04X", r)
		}
	}
	return text, nil
}

var (
	textEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#xD;")
	attrEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;",
		"\r", "&#xD;", "\n", "&#xA;", "\t", "&#x9;")
)

func escapeXML(s string, attr bool) string {
	if attr {
		return attrEscaper.Replace(s)
	}
	return textEscaper.Replace(s)
}
