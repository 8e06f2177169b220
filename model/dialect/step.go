package dialect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	urlpath "path"
	"regexp"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// step changes what a path has found. It gives false where nothing is left.
type step func(texts []string) ([]string, bool)

// stepOf reads a step as a dialect's file words it:
//
//	lower            lower case
//	strip TEXT       without TEXT at the beginning
//	match REGEX      the first group of an RE2, or all that it matches; no match = nothing
//	path             of a URL its path, decoded, without a slash at the end
//	last             the last part of a path
//	url TEXT         the joined parts as an address: escaped, TEXT between them
//	prefix TEXT      with TEXT before it
//	row PATTERN      of an object all values in the order of their names, without
//	                 those whose names match, e.g. sf__*
//	canonical        JSON with sorted names and no white space
//	json PATH        of a text that is JSON itself, what a gjson path leads to
func stepOf(words string) (step, error) {
	name, arg, _ := strings.Cut(strings.TrimSpace(words), " ")
	switch name {
	case "prefix":
		return each(func(s string) (string, bool) { return arg + s, true }), nil
	case "row":
		return each(func(s string) (string, bool) { return rowOf(s, arg) }), nil
	case "lower":
		return each(func(s string) (string, bool) { return strings.ToLower(s), true }), nil
	case "strip":
		return each(func(s string) (string, bool) { return strings.TrimPrefix(s, arg), true }), nil
	case "path":
		return each(pathOf), nil
	case "last":
		return each(lastOf), nil
	case "canonical":
		return each(canonical), nil
	case "json":
		return each(func(s string) (string, bool) { return jsonIn(s, arg) }), nil
	case "url":
		return func(texts []string) ([]string, bool) {
			for i, s := range texts {
				texts[i] = url.PathEscape(s)
			}
			return []string{"/" + strings.Join(texts, arg)}, true
		}, nil
	case "match":
		re, err := regexp.Compile(arg)
		if err != nil {
			return nil, fmt.Errorf("step %q: %w", words, err)
		}
		return each(func(s string) (string, bool) {
			m := re.FindStringSubmatch(s)
			if m == nil {
				return "", false
			}
			return m[min(1, len(m)-1)], true
		}), nil
	}
	return nil, fmt.Errorf("there is no step %q; there are lower, strip, prefix, match, path, last, url, row, canonical, json", name)
}

// each is a step of every single text.
func each(f func(string) (string, bool)) step {
	return func(texts []string) ([]string, bool) {
		for i, s := range texts {
			var ok bool
			if texts[i], ok = f(s); !ok {
				return nil, false
			}
		}
		return texts, true
	}
}

// pathOf makes the addresses of one thing alike: absolute or not, escaped or
// not, with a slash at the end or without (RFC 4918 section 8.3).
func pathOf(s string) (string, bool) {
	u, err := url.Parse(s)
	if err != nil {
		return s, true
	}
	if u.Path == "" {
		return "", false
	}
	if p := strings.TrimRight(u.Path, "/"); p != "" {
		return p, true
	}
	return "/", true
}

func lastOf(s string) (string, bool) {
	s = strings.TrimRight(s, "/")
	s = s[strings.LastIndexByte(s, '/')+1:]
	return s, s != ""
}

// rowOf tells a row by its values: by their names' order, since columns may stand
// in any.
func rowOf(s, without string) (string, bool) {
	values := gjson.Parse(s).Map()
	var all []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if drop, err := urlpath.Match(without, name); err == nil && !drop {
			all = append(all, values[name].String())
		}
	}
	return strings.Join(all, ", "), len(all) > 0
}

// jsonIn looks into a text that is JSON itself.
func jsonIn(s, path string) (string, bool) {
	if !gjson.Valid(s) {
		return "", false
	}
	found := text(gjson.Get(s, path))
	return found, found != ""
}

// canonical makes two ways to write one JSON value alike.
func canonical(s string) (string, bool) {
	var v any
	dec := json.NewDecoder(strings.NewReader(s))
	dec.UseNumber()
	if dec.Decode(&v) != nil {
		return s, true
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if enc.Encode(v) != nil {
		return s, true
	}
	return strings.TrimSuffix(b.String(), "\n"), true
}
