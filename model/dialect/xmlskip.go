package dialect

import "bytes"

// skip passes an element by its tags alone, whose names have to fit. What else is
// broken inside is noticed when the item is read back.
func (x *xmlScan) skip(depth int) bool {
	x.open = x.open[:0]
	for {
		i := bytes.IndexByte(x.b[x.at:], '<')
		if i < 0 || x.at+i+1 >= len(x.b) {
			x.at = len(x.b)
			return x.fail(short)
		}
		x.at += i
		ok := false
		switch x.b[x.at+1] {
		case '/':
			ok = x.skipEnd()
		case '!', '?':
			from := len(x.text)
			ok = x.markup()
			x.text = x.text[:from]
		default:
			ok = depth+len(x.open) <= maxDepth && x.skipStart()
			if !ok && depth+len(x.open) > maxDepth {
				return x.fail(deep)
			}
		}
		if !ok || len(x.open) == 0 {
			return ok
		}
	}
}

// skipEnd passes an end tag, which has to be that of the element opened last.
func (x *xmlScan) skipEnd() bool {
	name := x.open[len(x.open)-1]
	end := x.at + len("</") + len(name)
	if end < len(x.b) && x.b[end] == '>' && string(x.b[end-len(name):end]) == string(name) {
		x.at = end + 1
		x.open = x.open[:len(x.open)-1]
		return true
	}
	if !x.endTag(name) {
		return false
	}
	x.open = x.open[:len(x.open)-1]
	return true
}

// skipStart passes a start tag up to its end, which no quoted text holds.
func (x *xmlScan) skipStart() bool {
	i := x.at + 1
	for i < len(x.b) && isTag[x.b[i]] {
		i++
	}
	name := x.b[x.at+1 : i]
	for ; i < len(x.b); i++ {
		switch c := x.b[i]; c {
		case '>':
			if x.b[i-1] != '/' {
				x.open = append(x.open, name)
			}
			x.at = i + 1
			return true
		case '<':
			x.at = i
			return x.fail(broken)
		case '"', '\'':
			n := bytes.IndexByte(x.b[i+1:], c)
			if n < 0 {
				x.at = len(x.b)
				return x.fail(short)
			}
			i += n + 1
		}
	}
	x.at = len(x.b)
	return x.fail(short)
}

// isTag are the bytes that the name in a tag goes on with.
var isTag = func() (t [256]bool) {
	for c := range t {
		t[c] = isName(byte(c))
	}
	return t
}()

// tagName is the name of the start tag that b begins with.
func tagName(b []byte) []byte {
	i := 1
	for i < len(b) && isTag[b[i]] {
		i++
	}
	return b[min(1, len(b)):min(i, len(b))]
}
