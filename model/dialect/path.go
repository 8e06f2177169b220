package dialect

import (
	"fmt"
	"strings"

	"github.com/tidwall/gjson"
)

// path is where something stands in an element. In a dialect's file it is one of
//
//	error.code               a gjson path relative to the item
//	header:retry-after       a header of the item, its name in any case
//	$key                     the name that "*" stood for in the list's path, or
//	                         the one member that an item is wrapped in
//	$list                    the path of the list that the item stands in
//	_index & _id             several paths, joined by a slash: all must be there
//
// and may go on with steps, each after a bar in spaces: see stepOf.
type path struct {
	first  string // the own member it begins with, "" = not a plain one
	second string // the member of that one, "" = first is all, or rest is not plain
	rest   string // gjson path inside what these two lead to
	whole  string // gjson path from the element, when first is ""
	header string // name in lower case
	about  string // "$key" or "$list"
	parts  []path // of a joined path; the other fields but steps are empty
	steps  []step
	text   string // as the file words it
}

// UnmarshalText reads a path as a dialect's file words it.
func (p *path) UnmarshalText(b []byte) error {
	words := strings.Split(string(b), " | ")
	*p = path{text: string(b)}
	for _, w := range words[1:] {
		s, err := stepOf(w)
		if err != nil {
			return fmt.Errorf("path %q: %w", b, err)
		}
		p.steps = append(p.steps, s)
	}
	if joined := strings.Split(words[0], " & "); len(joined) > 1 {
		p.parts = make([]path, len(joined))
		for i, part := range joined {
			p.parts[i].place(part)
		}
		return nil
	}
	p.place(words[0])
	return nil
}

// place reads where a path without steps leads to.
func (p *path) place(text string) {
	if name, ok := strings.CutPrefix(text, "header:"); ok {
		p.header = strings.ToLower(name)
		return
	}
	if text == "$key" || text == "$list" {
		p.about = text
		return
	}
	first, rest, _ := strings.Cut(text, ".")
	if !isPlain(first) {
		p.whole = text
		return
	}
	p.first, p.rest = first, rest
	if second, deeper, _ := strings.Cut(rest, "."); isPlain(second) && strings.Trim(second, "0123456789") != "" {
		p.second, p.rest = second, deeper
	}
}

// isPlain says whether a part of a gjson path is a name and nothing else.
func isPlain(part string) bool { return !strings.ContainsAny(part, `\@#*?|{[(!%<>=`) }

// in looks the path up. headers is the name of the member that holds them.
func (p *path) in(e *element, headers string) gjson.Result {
	if len(p.steps) == 0 && p.parts == nil {
		return p.at(e, headers)
	}
	texts := make([]string, 0, 4)
	for i := range max(1, len(p.parts)) {
		one := p
		if p.parts != nil {
			one = &p.parts[i]
		}
		r := one.at(e, headers)
		if !r.Exists() || r.Type == gjson.Null || p.parts != nil && !says(r) {
			return gjson.Result{}
		}
		if r.Type == gjson.JSON {
			texts = append(texts, r.Raw)
			continue
		}
		texts = append(texts, text(r))
	}
	for _, s := range p.steps {
		var ok bool
		if texts, ok = s(texts); !ok {
			return gjson.Result{}
		}
	}
	return textResult(strings.Join(texts, "/"))
}

// at looks up a path without steps.
func (p *path) at(e *element, headers string) gjson.Result {
	switch {
	case p.header != "":
		return header(e.get(headers), p.header)
	case p.about == "$key":
		return textResult(e.key())
	case p.about == "$list":
		return textResult(e.list())
	case p.whole == "@this":
		return gjson.ParseBytes(e.raw)
	case p.whole != "":
		return gjson.GetBytes(e.raw, p.whole)
	}
	value := e.get(p.first)
	if p.second != "" && value != nil {
		value = e.inner(p.first, value).get(p.second)
	}
	if value == nil {
		return gjson.Result{}
	}
	json := e.text(value)
	if p.rest == "" {
		return gjson.Parse(json)
	}
	return gjson.Get(json, p.rest)
}

// plain says whether the path is the name of an own member and no more.
func (p *path) plain() bool {
	return p.first != "" && p.second == "" && p.rest == "" && len(p.steps) == 0 && p.parts == nil
}

// digits gives a status that stands plainly in an element as three digits, 0 when
// it does not: very many do, and need not be taken apart.
func (p *path) digits(e *element) int {
	if !p.plain() {
		return 0
	}
	v := e.get(p.first)
	if len(v) != 3 || v[0] < '1' || v[0] > '5' || v[1] < '0' || v[1] > '9' || v[2] < '0' || v[2] > '9' {
		return 0
	}
	return int(v[0]-'0')*100 + int(v[1]-'0')*10 + int(v[2]-'0')
}

// textResult is a text as a value, none for an empty one.
func textResult(s string) gjson.Result {
	if s == "" {
		return gjson.Result{}
	}
	return gjson.Result{Type: gjson.String, Str: s, Raw: string(quoted(s))}
}

// of looks the path up in JSON that is not an item.
func (p *path) of(top gjson.Result) gjson.Result {
	e := element{raw: []byte(top.Raw)}
	if top.IsArray() && len(p.steps) == 0 && p.parts == nil {
		return top.Get(p.text)
	}
	if top.IsObject() {
		e, _ = parseElement(e.raw)
	}
	return p.in(&e, "headers")
}

// header finds a header by its name in lower case: names are case-insensitive
// (RFC 9110 section 5.1), and APIs differ in how they write them: as members of
// an object, or as a list of {"name", "value"}.
func header(headers []byte, name string) (found gjson.Result) {
	all := gjson.ParseBytes(headers)
	if all.IsArray() {
		for _, h := range all.Array() {
			if strings.EqualFold(h.Get("name").Str, name) {
				return h.Get("value")
			}
		}
		return gjson.Result{}
	}
	all.ForEach(func(key, value gjson.Result) bool {
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
