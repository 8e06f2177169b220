package triage

import (
	"strconv"
	"strings"
)

// sameScalar compares two raw JSON values that are not both objects or both
// lists.
func sameScalar(a, b string) bool {
	switch {
	case a == b:
		return true
	case a == "" || b == "":
		return false
	case a[0] == '"' && b[0] == '"':
		return sameString(a, b)
	}
	return sameNumber(a, b)
}

// sameNumber compares two numbers by value, exactly and without working out
// their digits: 1e400 and 1.0 cost the same.
func sameNumber(a, b string) bool {
	x, ok := parseDecimal(a)
	if !ok {
		return false
	}
	y, ok := parseDecimal(b)
	return ok && x == y
}

// decimal is a number as sign, digits without zeros at either end, and the power
// of ten of its last digit; one value has one form.
type decimal struct {
	negative bool
	digits   string
	exponent int
}

// maxExponent is the largest exponent that is worked with; numbers beyond it are
// equal only when they are written alike.
const maxExponent = 1 << 30

func parseDecimal(s string) (decimal, bool) {
	if !isJSONNumber(s) {
		return decimal{}, false
	}
	var d decimal
	s, d.negative = strings.CutPrefix(s, "-")
	mantissa, power := s, ""
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		mantissa, power = s[:i], s[i+1:]
	}
	if power != "" {
		n, err := strconv.Atoi(power)
		if err != nil || n > maxExponent || n < -maxExponent {
			return decimal{}, false
		}
		d.exponent = n
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	d.exponent -= len(fraction)
	d.digits = strings.TrimLeft(whole+fraction, "0")
	short := strings.TrimRight(d.digits, "0")
	d.exponent += len(d.digits) - len(short)
	d.digits = short
	if short == "" {
		return decimal{}, true
	}
	return d, true
}

// readableXML says whether a read is an XML element and not a web page.
func readableXML(got []byte) bool {
	root, err := parseXML(got)
	return err == nil && !strings.EqualFold(root.name, "html")
}

// xml compares the texts of an XML payload with a readable read. A payload that
// is not XML after all is not compared.
func (c *comparison) xml(sent, got []byte) {
	want, err := parseXML(sent)
	if err != nil {
		return
	}
	if got[0] == '<' {
		if have, err := parseXML(got); err == nil {
			c.elementXML("", want, inside(have, want))
		}
		return
	}
	have := rootNode(got)
	if have.object {
		have = unwrapNamed(got, have, want)
	}
	c.elementJSON("", want, got, have)
}

// inside goes down from the element of a read to the one that was sent: of its
// name, or an only child within envelopes until a field of it is found.
func inside(have, want *xmlNode) *xmlNode {
	for n := have; ; n = n.children[0] {
		if localName(n.name) == localName(want.name) || sharesChild(n, want) {
			return n
		}
		if len(n.children) != 1 {
			return have
		}
	}
}

func sharesChild(n, want *xmlNode) bool {
	for _, c := range want.children {
		if len(n.named(localName(c.name))) > 0 {
			return true
		}
	}
	return false
}

func (c *comparison) elementXML(pointer string, want, have *xmlNode) {
	if c.skip.has(pointer) {
		return
	}
	if pointer != "" {
		for _, a := range want.attrs {
			if !strings.HasPrefix(a.name, "xmlns") {
				pl := findAttr(have, "@"+a.name)
				text, ok := "", pl.node != nil
				if ok {
					text = have.attrs[pl.attr].text
				}
				c.text(pointerTo(pointer, "@"+a.name), a.text, text, ok)
			}
		}
	}
	if want.leaf() {
		if pointer != "" {
			c.text(pointer, want.text, have.text, have.leaf())
		}
		return
	}
	pointers := childPointers(pointer, want)
	seen := make(map[string]int)
	for i, child := range want.children {
		name := localName(child.name)
		same := namedLocally(have, name)
		if k := seen[name]; k < len(same) {
			c.elementXML(pointers[i], child, same[k])
		} else {
			c.absent(pointers[i], child)
		}
		seen[name]++
	}
}

func namedLocally(n *xmlNode, name string) []*xmlNode {
	var out []*xmlNode
	for _, c := range n.children {
		if localName(c.name) == name {
			out = append(out, c)
		}
	}
	return out
}

// text compares one text; space around it is layout.
func (c *comparison) text(pointer, want, have string, found bool) {
	if c.skip.has(pointer) {
		return
	}
	c.compared++
	want, have = strings.TrimSpace(want), strings.TrimSpace(have)
	switch {
	case !found && want == "":
	case !found:
		c.differs(pointer, quoteJSON(want), "")
	case want != have:
		c.differs(pointer, quoteJSON(want), quoteJSON(have))
	}
}

// absent reports every text of an element that the read does not have.
func (c *comparison) absent(pointer string, want *xmlNode) {
	if want.leaf() {
		c.text(pointer, want.text, "", false)
		return
	}
	for i, p := range childPointers(pointer, want) {
		c.absent(p, want.children[i])
	}
}

// unwrapNamed looks inside the member of a JSON read that is named like the
// element that was sent, or like a wrapper.
func unwrapNamed(got []byte, have jsonSpan, want *xmlNode) jsonSpan {
	inside := have
	for _, m := range members(got, have) {
		for _, child := range want.children {
			if localName(child.name) == m.name {
				return have
			}
		}
		n := spanAt(got, m.value, m.end)
		if n.object && (strings.EqualFold(m.name, localName(want.name)) || isWrapper(m.name)) {
			inside = n
		}
	}
	return inside
}

// elementJSON compares the texts of an element with a JSON value: children with
// members of their name, several of one name with the elements of a list.
func (c *comparison) elementJSON(pointer string, want *xmlNode, got []byte, have jsonSpan) {
	if c.skip.has(pointer) {
		return
	}
	if want.leaf() {
		if pointer != "" {
			c.textJSON(pointer, want.text, have.raw(got))
		}
		return
	}
	if !have.object {
		c.absent(pointer, want)
		return
	}
	lists := make(map[string][]jsonSpan)
	for _, m := range members(got, have) {
		n := spanAt(got, m.value, m.end)
		if _, ok := lists[m.name]; ok {
			c.twice = true
		}
		lists[m.name] = []jsonSpan{n}
		if n.array {
			lists[m.name] = elements(got, n)
		}
	}
	pointers := childPointers(pointer, want)
	seen := make(map[string]int)
	for i, child := range want.children {
		name := localName(child.name)
		if k := seen[name]; k < len(lists[name]) {
			c.elementJSON(pointers[i], child, got, lists[name][k])
		} else {
			c.absent(pointers[i], child)
		}
		seen[name]++
	}
}

func elements(body []byte, n jsonSpan) []jsonSpan {
	var out []jsonSpan
	for _, m := range members(body, n) {
		out = append(out, spanAt(body, m.value, m.end))
	}
	return out
}

// textJSON compares an element's text with a JSON value: a string as text, a
// number by value, null as no text.
func (c *comparison) textJSON(pointer, want, raw string) {
	if raw == "null" {
		c.text(pointer, want, "", false)
		return
	}
	have := raw
	if rawKind(raw) == TextField {
		have = decodeString(raw)
	} else if sameNumber(strings.TrimSpace(want), raw) {
		have = want
	}
	c.text(pointer, want, have, true)
}
