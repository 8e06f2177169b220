package dialect

import (
	"strings"

	"github.com/tidwall/gjson"
)

// path is where something stands in an element: a gjson path relative to it,
// or "header:NAME", a header of the item in any case.
type path struct {
	first  string // the own member it begins with, "" = not a plain one
	rest   string // gjson path inside that member
	whole  string // gjson path from the element, when first is ""
	header string // name in lower case
}

// UnmarshalText reads a path as a dialect's file words it.
func (p *path) UnmarshalText(b []byte) error {
	text := string(b)
	if name, ok := strings.CutPrefix(text, "header:"); ok {
		p.header = strings.ToLower(name)
		return nil
	}
	first, rest, _ := strings.Cut(text, ".")
	if strings.ContainsAny(first, `\@#*?|{[(!`) {
		p.whole = text
		return nil
	}
	p.first, p.rest = first, rest
	return nil
}

// in looks the path up. headers is the name of the member that holds them.
func (p path) in(e *element, headers string) gjson.Result {
	switch {
	case p.header != "":
		return header(e.get(headers), p.header)
	case p.whole != "":
		return gjson.GetBytes(e.raw, p.whole)
	}
	value := e.get(p.first)
	if value == nil {
		return gjson.Result{}
	}
	if p.rest == "" {
		return gjson.ParseBytes(value)
	}
	return gjson.GetBytes(value, p.rest)
}

// of looks the path up in JSON that is not an item.
func (p path) of(top gjson.Result) gjson.Result {
	switch {
	case p.whole != "":
		return top.Get(p.whole)
	case p.rest != "":
		return top.Get(p.first + "." + p.rest)
	}
	return top.Get(p.first)
}

// header finds a header by its name in lower case: names are case-insensitive
// (RFC 9110 section 5.1), and APIs differ in how they write them.
func header(object []byte, name string) (found gjson.Result) {
	gjson.ParseBytes(object).ForEach(func(key, value gjson.Result) bool {
		if strings.EqualFold(key.Str, name) {
			found = value
			return false
		}
		return true
	})
	if found.IsArray() {
		return found.Get("0")
	}
	return found
}

// says tells whether a value says anything: null, false and what is empty do
// not.
func says(r gjson.Result) bool {
	switch r.Type {
	case gjson.Null, gjson.False:
		return false
	case gjson.String:
		return strings.TrimSpace(r.Str) != ""
	case gjson.JSON:
		return strings.Trim(r.Raw, "{}[] \t\r\n") != ""
	}
	return true
}

// text is a value as foreign text: a string's content, a number's digits.
func text(r gjson.Result) string {
	switch r.Type {
	case gjson.String:
		return r.Str
	case gjson.Number:
		return r.Raw
	}
	return ""
}

func parse(b []byte) gjson.Result { return gjson.ParseBytes(b) }
