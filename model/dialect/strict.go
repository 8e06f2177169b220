package dialect

import (
	"fmt"

	"retriage/model"
)

// checkStrict sees to it that JSON is sound and means one thing only: whole, no
// member twice in an object, at most maxDepth deep and maxTokens long. Readers
// differ in which of two equal members counts (RFC 8259 section 4), so what has
// them is neither believed nor edited. It gives "" or what is wrong.
func checkStrict(b []byte) string {
	s := scan{b: b, whole: true}
	c := checker{scan: &s}
	ok := s.space() && c.value(0)
	switch {
	case ok && !s.space():
		return ""
	case ok:
		return "more text follows its end"
	case c.why != "":
		return c.why
	case s.fault == short:
		return "it is cut off"
	case s.fault == deep:
		return fmt.Sprintf("it is nested deeper than %d levels", maxDepth)
	}
	return fmt.Sprintf("it is broken at byte %s", model.Number(s.at))
}

// checker is a scan that remembers names.
type checker struct {
	*scan
	tokens int
	why    string
}

func (c *checker) value(depth int) bool {
	if c.tokens++; c.tokens > maxTokens {
		c.why = fmt.Sprintf("it has more than %s values", model.Number(maxTokens))
		return false
	}
	if c.at == len(c.b) {
		return c.fail(short)
	}
	if depth++; depth > maxDepth {
		return c.fail(deep)
	}
	switch c.b[c.at] {
	case '{':
		return c.object(depth)
	case '[':
		return c.array(depth)
	}
	return c.scan.value(depth)
}

func (c *checker) object(depth int) bool {
	empty, ok := c.open('}')
	var names nameSet
	for last := empty; ok && !last; {
		var name []byte
		if name, ok = c.key(); !ok {
			break
		}
		if !names.add(string(plainName(name))) {
			c.why = "it has a member twice in one object"
			return false
		}
		if ok = c.value(depth); ok {
			last, ok = c.next('}')
		}
	}
	return ok
}

func (c *checker) array(depth int) bool {
	empty, ok := c.open(']')
	for last := empty; ok && !last; {
		if ok = c.value(depth); ok {
			last, ok = c.next(']')
		}
	}
	return ok
}

// nameSet is a set of names, quick for the few that most objects have.
type nameSet struct {
	few  []string
	many map[string]bool
}

// add says false when the name was there.
func (n *nameSet) add(name string) bool {
	if n.many == nil && len(n.few) < 16 {
		for _, old := range n.few {
			if old == name {
				return false
			}
		}
		n.few = append(n.few, name)
		return true
	}
	if n.many == nil {
		n.many = make(map[string]bool, 64)
		for _, old := range n.few {
			n.many[old] = true
		}
	}
	if n.many[name] {
		return false
	}
	n.many[name] = true
	return true
}
