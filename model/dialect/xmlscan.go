package dialect

import (
	"bytes"
	"slices"
	"strconv"
	"unicode/utf8"
)

// xmlScan walks over XML in memory, checks that it is well formed, and shows an
// element as JSON: attributes as members "-name", elements as members, text as
// "_", and an element that has nothing but text as a string. Names lose their
// prefix. Nothing is expanded but the five entities and character references of
// XML 1.0 section 4.6; a document type is refused.
type xmlScan struct {
	*scan
	out   []byte   // JSON
	text  []byte   // text of the elements that are open
	named bool     // the outermost element writes its own name too
	want  wanted   // children of the outermost element that are written
	names [][]byte // of attributes of one element
	open  [][]byte // names of the elements that a skip is in
	// members are those of the outermost element, in out.
	members []member
	level   int    // of the element that is open
	parent  []byte // see endOfParent
	ended   bool
}

// startTag is a start tag as it stands.
type startTag struct {
	name   []byte // with its prefix
	closed bool   // <name/>
}

// local is a name without its prefix.
func local(name []byte) []byte { return name[bytes.IndexByte(name, ':')+1:] }

// need says whether a byte follows.
func (x *xmlScan) need() bool {
	if x.at == len(x.b) {
		return x.fail(short)
	}
	return true
}

// endTag passes the end tag of an element.
func (x *xmlScan) endTag(name []byte) bool {
	if !x.expect("</") {
		return false
	}
	for i := range name {
		if x.at+i == len(x.b) {
			return x.fail(short)
		}
		if x.b[x.at+i] != name[i] {
			return x.fail(broken)
		}
	}
	x.at += len(name)
	return x.space() && x.expect(">")
}

// endOfParent passes the end tag of the element parent if that follows, and notes
// in ended whether it did.
func (x *xmlScan) endOfParent() (ok bool) {
	if x.ended, ok = x.starts("</"); !ok || !x.ended {
		return ok
	}
	return x.endTag(x.parent)
}

// item passes an element that is an item.
func (x *xmlScan) item() bool { _, ok := x.element(1, false); return ok }

// expect passes exactly these bytes.
func (x *xmlScan) expect(text string) bool { return x.word(text) }

// starts says whether text follows; when the bytes end too early to tell, the
// scan is short.
func (x *xmlScan) starts(text string) (yes, ok bool) {
	rest := x.b[x.at:]
	if len(rest) >= len(text) {
		return string(rest[:len(text)]) == text, true
	}
	if string(rest) == text[:len(rest)] && !x.whole {
		return false, x.fail(short)
	}
	return false, true
}

// past passes an opening and everything up to the closing that ends it.
func (x *xmlScan) past(opening, closing string) bool {
	from := x.at + len(opening)
	i := bytes.Index(x.b[min(from, len(x.b)):], []byte(closing))
	if i < 0 {
		return x.fail(short)
	}
	x.at = from + i + len(closing)
	return true
}

// misc passes white space, comments and processing instructions.
func (x *xmlScan) misc() bool {
	for x.space() {
		if x.b[x.at] != '<' {
			return true
		}
		passed, ok := x.remark()
		if !passed || !ok {
			return ok
		}
	}
	return false
}

// trailing passes what may follow the last element, up to the end.
func (x *xmlScan) trailing() bool {
	return x.misc() || x.fault == short && x.whole && x.at == len(x.b)
}

// remark passes a comment or a processing instruction if one follows.
func (x *xmlScan) remark() (passed, ok bool) {
	for _, r := range [][2]string{{"<!--", "-->"}, {"<?", "?>"}} {
		yes, ok := x.starts(r[0])
		if !ok {
			return false, false
		}
		if yes {
			return true, x.past(r[0], r[1])
		}
	}
	return false, true
}

// name passes a name.
func (x *xmlScan) name() ([]byte, bool) {
	from := x.at
	for x.at < len(x.b) && isTag[x.b[x.at]] {
		x.at++
	}
	if !x.need() {
		return nil, false
	}
	if x.at == from {
		return nil, x.fail(broken)
	}
	return x.b[from:x.at], true
}

func isName(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || classes[c]&digit != 0 || c == '_' || c == '-' || c == '.' || c == ':' || c >= utf8.RuneSelf
}

// start passes a start tag and writes its attributes as members.
func (x *xmlScan) start() (t startTag, ok bool) {
	if !x.expect("<") || !x.need() {
		return t, false
	}
	if x.b[x.at] == '!' {
		return t, x.fail(dtd)
	}
	if t.name, ok = x.name(); !ok {
		return t, false
	}
	x.names = x.names[:0]
	for {
		if !x.space() {
			return t, false
		}
		switch x.b[x.at] {
		case '>':
			x.at++
			return t, true
		case '/':
			t.closed = true
			return t, x.expect("/>")
		}
		if !x.attribute() {
			return t, false
		}
	}
}

// maxAttributes is how many attributes one element may have: each is compared
// with all others.
const maxAttributes = 256

func (x *xmlScan) attribute() bool {
	if classes[x.b[x.at-1]]&blank == 0 {
		return x.fail(broken) // attributes stand apart
	}
	name, ok := x.name()
	if !ok {
		return false
	}
	if len(x.names) == maxAttributes || slices.ContainsFunc(x.names, func(other []byte) bool { return bytes.Equal(name, other) }) {
		return x.fail(broken)
	}
	x.names = append(x.names, name)
	if !x.space() || !x.expect("=") || !x.space() {
		return false
	}
	quote := x.b[x.at]
	if quote != '"' && quote != '\'' {
		return x.fail(broken)
	}
	x.at++
	from := len(x.text)
	if !x.chars(quote) {
		return false
	}
	x.at++
	if string(name) != "xmlns" && !bytes.HasPrefix(name, []byte("xmlns:")) {
		x.begin("-", local(name))
		x.out = appendJSON(x.out, x.text[from:])
		x.end()
	}
	x.text = x.text[:from]
	return true
}

// begin begins a member of the element that is open; its value is written to out.
func (x *xmlScan) begin(prefix string, name []byte) {
	x.out = append(append(x.out, comma(x.out)...), '"')
	at := len(x.out)
	x.out = append(append(append(x.out, prefix...), name...), '"', ':')
	if x.level == 1 {
		x.members = append(x.members, member{name: x.out[at : len(x.out)-2], from: len(x.out), src: len(x.out)})
	}
}

// end ends the member that was begun last.
func (x *xmlScan) end() {
	if x.level == 1 {
		x.members[len(x.members)-1].to = len(x.out)
	}
}

// appendName begins a member of the object that is open in out.
func appendName[T string | []byte](out []byte, name T) []byte {
	return append(appendJSON(append(out, comma(out)...), name), ':')
}

// comma is what stands before the next member of the object that is open in out.
func comma(out []byte) string {
	if len(out) == 0 || out[len(out)-1] == '{' {
		return ""
	}
	return ","
}

// chars passes text up to a byte that ends it and appends its meaning to text.
func (x *xmlScan) chars(end byte) bool {
	for x.at < len(x.b) {
		switch c := x.b[x.at]; c {
		case end:
			return true
		case '<':
			return x.fail(broken)
		case '&':
			if !x.reference() {
				return false
			}
		default:
			x.text = append(x.text, c)
			x.at++
		}
	}
	return x.fail(short)
}

// maxReference is longer than any reference that is allowed.
const maxReference = 12

// reference passes an entity or character reference.
func (x *xmlScan) reference() bool {
	rest := x.b[x.at:min(len(x.b), x.at+maxReference)]
	i := bytes.IndexByte(rest, ';')
	if i < 0 && len(rest) < maxReference {
		return x.fail(short)
	}
	if i < 0 {
		return x.fail(entity)
	}
	name := string(rest[1:i])
	if c, ok := entities[name]; ok {
		x.text = append(x.text, c)
		x.at += i + 1
		return true
	}
	r, ok := charReference(name)
	if !ok {
		return x.fail(entity)
	}
	x.text = utf8.AppendRune(x.text, r)
	x.at += i + 1
	return true
}

var entities = map[string]byte{"lt": '<', "gt": '>', "amp": '&', "apos": '\'', "quot": '"'}

func charReference(name string) (rune, bool) {
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	digits, base := name[1:], 10
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n == 0 || n > utf8.MaxRune || n >= 0xd800 && n < 0xe000 {
		return 0, false
	}
	return rune(n), true
}

// element passes one element and writes it; bare lets one that has nothing but
// text be a string.
func (x *xmlScan) element(depth int, bare bool) (name []byte, ok bool) {
	if depth > maxDepth {
		return nil, x.fail(deep)
	}
	from, text := len(x.out), len(x.text)
	x.level = depth
	x.out = append(x.out, '{')
	if x.named && depth == 1 {
		x.nameItself()
	}
	t, ok := x.start()
	if !ok {
		return nil, false
	}
	if !t.closed {
		if ok = x.content(depth); !ok || !x.endTag(t.name) {
			return nil, false
		}
	}
	words := bytes.TrimSpace(x.text[text:])
	if bare && len(x.out) == from+1 {
		x.out = appendJSON(x.out[:from], words)
	} else {
		if len(words) > 0 {
			x.begin("_", nil)
			x.out = appendJSON(x.out, words)
			x.end()
		}
		x.out = append(x.out, '}')
	}
	x.text = x.text[:text]
	return t.name, true
}

// content passes what is between a start tag and its end tag.
func (x *xmlScan) content(depth int) bool {
	for {
		if !x.plain() {
			return false
		}
		if x.at+1 == len(x.b) {
			return x.fail(short)
		}
		switch x.b[x.at+1] {
		case '/':
			return true
		case '!', '?':
			if !x.markup() {
				return false
			}
		default:
			if !x.child(depth) {
				return false
			}
		}
	}
}

// plain passes text up to the next markup.
func (x *xmlScan) plain() bool {
	for x.at < len(x.b) {
		switch c := x.b[x.at]; c {
		case '<':
			return true
		case '&':
			if !x.reference() {
				return false
			}
		default:
			x.text = append(x.text, c)
			x.at++
		}
	}
	return x.fail(short)
}

// markup passes a comment, a CDATA section or a processing instruction.
func (x *xmlScan) markup() bool {
	if passed, ok := x.remark(); passed || !ok {
		return ok
	}
	const cdata = "<![CDATA["
	yes, ok := x.starts(cdata)
	if !ok {
		return false
	}
	if !yes {
		return x.fail(dtd)
	}
	from := x.at + len(cdata)
	if !x.past(cdata, "]]>") {
		return false
	}
	x.text = append(x.text, x.b[from:x.at-len("]]>")]...)
	return true
}

// nameItself writes the name of the element that follows as its first member: it
// may be all that tells a yes from a no.
func (x *xmlScan) nameItself() {
	s := scan{b: x.b, at: x.at + 1, whole: x.whole}
	peek := xmlScan{scan: &s}
	if name, ok := peek.name(); ok {
		x.begin("$name", nil)
		x.out = appendJSON(x.out, local(name))
		x.end()
	}
}

// child passes an element inside another.
func (x *xmlScan) child(depth int) bool {
	s := scan{b: x.b, at: x.at + 1, whole: x.whole}
	peek := xmlScan{scan: &s}
	name, ok := peek.name()
	if !ok {
		x.at = s.at
		return x.fail(s.fault)
	}
	if depth == 1 && x.want != nil && !x.want.has(local(name)) {
		return x.skip(depth + 1)
	}
	x.begin("", local(name))
	_, ok = x.element(depth+1, true)
	x.level = depth
	x.end()
	return ok
}

// appendJSON appends text as a JSON string.
func appendJSON[T string | []byte](out []byte, text T) []byte {
	const hex = "0123456789abcdef"
	out = append(out, '"')
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c < 0x20:
			out = append(out, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			out = append(out, c)
		}
	}
	return append(out, '"')
}
