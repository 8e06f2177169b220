package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"retriage/model"
)

// idMax is how many bytes one value of a URL template may have.
const idMax = 512

// errUnfilled says that a template wants something that the item does not have.
var errUnfilled = errors.New("nothing to fill it with")

// subject is the item that a template is filled for.
type subject struct {
	id, responseID string
	location       string
	payload        model.Payload
	// writing says that the URL is for a write. A read may take {request.url}
	// only where the request's URL names the item itself, not a collection.
	writing bool
}

// template is a URL template: alternatives, of which the first that can be
// filled is used.
type template struct{ alternatives []alternative }

// alternative is a list of literal text and placeholders in turn, beginning and
// ending with literal text.
type alternative struct {
	text   []string
	holder []string
	// segments is how many path segments a filled URL has.
	segments int
}

// A whole-URL placeholder gives an address of its own and stands alone.
const (
	requestURL = "request.url"
	location   = "response.headers.location"
)

// parseTemplate reads a template of a profile: alternatives separated by " | ",
// with {id}, {response.id}, {request.body./POINTER}, or, standing alone,
// {request.url} and {response.headers.location}.
func parseTemplate(t *target, raw string) (*template, error) {
	out := &template{}
	for one := range strings.SplitSeq(raw, " | ") {
		a, err := parseAlternative(strings.TrimSpace(one))
		if err != nil {
			return nil, err
		}
		if !a.alone() {
			u, err := a.build(t, func(string) (string, error) { return "x", nil })
			if err != nil {
				return nil, err
			}
			a.segments = strings.Count(u.EscapedPath(), "/")
		}
		out.alternatives = append(out.alternatives, a)
	}
	return out, nil
}

func parseAlternative(raw string) (alternative, error) {
	var a alternative
	rest := raw
	for {
		before, after, found := strings.Cut(rest, "{")
		a.text = append(a.text, before)
		if !found {
			break
		}
		holder, tail, closed := strings.Cut(after, "}")
		if !closed {
			return a, badAddress("the template %s has a { without }", safe(raw))
		}
		if err := knownHolder(holder); err != nil {
			return a, err
		}
		a.holder = append(a.holder, holder)
		rest = tail
	}
	whole := strings.Contains(raw, "{"+requestURL+"}") || strings.Contains(raw, "{"+location+"}")
	if whole && !a.alone() {
		return a, badAddress("in the template %s an address must stand alone", safe(raw))
	}
	return a, nil
}

func knownHolder(holder string) error {
	switch {
	case holder == "id", holder == "response.id", holder == requestURL, holder == location:
		return nil
	case strings.HasPrefix(holder, "request.body./"):
		return nil
	}
	return badAddress("the template knows no {%s}; it knows {id}, {response.id}, {request.url}, {request.body./POINTER}, {response.headers.location}", safe(holder))
}

// alone says whether the alternative is one whole-URL placeholder.
func (a alternative) alone() bool {
	return len(a.holder) == 1 && (a.holder[0] == requestURL || a.holder[0] == location) && a.text[0] == "" && a.text[1] == ""
}

// fill gives the URL of the first alternative that can be filled, and whether
// that is the item's own address and not one put together here. The error is
// errUnfilled when the item has nothing for any of them, and an *AddressError
// when it has, but what it has cannot be used.
func (tp *template) fill(t *target, s subject) (u *url.URL, own bool, err error) {
	result := errUnfilled
	for _, a := range tp.alternatives {
		u, err := a.fill(t, s)
		if err == nil {
			return u, a.alone(), nil
		}
		if errors.Is(result, errUnfilled) {
			result = err
		}
	}
	return nil, false, result
}

func (a alternative) fill(t *target, s subject) (*url.URL, error) {
	if a.alone() {
		ref, err := s.address(t, a.holder[0])
		if err != nil {
			return nil, err
		}
		return t.resolve(ref)
	}
	u, err := a.build(t, s.value)
	if err != nil {
		return nil, err
	}
	if strings.Count(u.EscapedPath(), "/") != a.segments {
		return nil, badAddress("%s has another number of path segments than its template", shownURL(u))
	}
	return u, nil
}

// build puts the values in, escaped for the path or, behind a "?", for the
// query, and reads the result back to see that it still is inside the target.
func (a alternative) build(t *target, value func(string) (string, error)) (*url.URL, error) {
	var b strings.Builder
	for i, text := range a.text {
		b.WriteString(text)
		if i == len(a.holder) {
			break
		}
		v, err := value(a.holder[i])
		if err != nil {
			return nil, err
		}
		if strings.HasSuffix(text, "'") {
			v = strings.ReplaceAll(v, "'", "''") // an OData string literal
		}
		if strings.HasSuffix(text, "%22") { // a text of a SCIM filter (RFC 7644, 3.4.2.2)
			v = strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(v)
		}
		if strings.Contains(b.String(), "?") {
			v = url.QueryEscape(v)
		} else {
			v = url.PathEscape(v)
		}
		b.WriteString(v)
	}
	if !strings.Contains(a.text[0], "://") {
		return t.path(b.String())
	}
	u, err := url.Parse(b.String())
	if err != nil {
		return nil, badAddress("the template does not give a URL")
	}
	return u, t.inside(u)
}

// value gives the text for a placeholder inside a URL.
func (s subject) value(holder string) (string, error) {
	var v string
	switch holder {
	case "id":
		v = s.id
	case "response.id":
		v = s.responseID
	default:
		var err error
		if v, err = bodyValue(s.payload, strings.TrimPrefix(holder, "request.body.")); err != nil {
			return "", err
		}
	}
	if v == "" {
		return "", fmt.Errorf("fill {%s}: %w", safe(holder), errUnfilled)
	}
	return v, usableInURL(holder, v)
}

// usableInURL refuses values that could change the path or hide in it.
func usableInURL(holder, v string) error {
	switch {
	case v == "." || v == "..":
		return badAddress("{%s} is %s, which would name another path", safe(holder), v)
	case len(v) > idMax:
		return badAddress("{%s} is longer than %d bytes", safe(holder), idMax)
	case strings.ContainsFunc(v, unicode.IsControl):
		return badAddress("{%s} is %s, which holds a control character", safe(holder), safe(v))
	}
	return nil
}

// address gives the text for a placeholder that is a whole URL.
func (s subject) address(t *target, holder string) (string, error) {
	if holder == location {
		if s.location == "" {
			return "", fmt.Errorf("fill {%s}: %w", holder, errUnfilled)
		}
		return s.location, nil
	}
	ref := s.payload.URL.Wire()
	if ref == "" || !s.writing && !namesItem(s.payload.Method) {
		return "", fmt.Errorf("fill {%s}: %w", holder, errUnfilled)
	}
	// "$1/orders" stands for the URL of another item's result (OData 4.01, part 1, 11.7.7.2).
	if first := strings.TrimLeft(ref, "/"); strings.HasPrefix(first, "$") {
		return "", badAddress("%s refers to another item of the batch", safe(ref))
	}
	return t.rooted(ref), nil
}

// namesItem says whether a request of this method names the item itself by its
// URL. A POST names what the item is to be added to.
func namesItem(method string) bool {
	switch strings.ToUpper(method) {
	case "PUT", "PATCH", "DELETE", "MERGE", "GET", "HEAD":
		return true
	}
	return false
}

// bodyValue finds a text or a number in a JSON body by a JSON Pointer (RFC 6901).
func bodyValue(p model.Payload, pointer string) (string, error) {
	missing := fmt.Errorf("fill {request.body.%s}: %w", safe(pointer), errUnfilled)
	if p.Medium != model.JSON || len(p.Body) == 0 {
		return "", missing
	}
	decoder := json.NewDecoder(bytes.NewReader(p.Body))
	decoder.UseNumber()
	var node any
	if err := decoder.Decode(&node); err != nil {
		return "", missing
	}
	for token := range strings.SplitSeq(pointer[1:], "/") {
		token = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
		switch n := node.(type) {
		case map[string]any:
			node = n[token]
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(n) {
				return "", missing
			}
			node = n[i]
		default:
			return "", missing
		}
	}
	switch v := node.(type) {
	case string:
		return v, nil
	case json.Number:
		return v.String(), nil
	}
	return "", missing
}
