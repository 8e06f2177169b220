package dialect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
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
//	canonical        JSON with sorted names and no white space
func stepOf(words string) (step, error) {
	name, arg, _ := strings.Cut(strings.TrimSpace(words), " ")
	switch name {
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
	return nil, fmt.Errorf("there is no step %q; there are lower, strip, match, path, last, url, canonical", name)
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
