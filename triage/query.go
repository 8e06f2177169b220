package triage

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"retriage/model"
)

// Query is a parsed filter: the one language of `/` on a screen and of -q on a
// command line. Its terms all have to hold. The zero Query matches everything.
//
//	text            in id, code, message or field; capitals only if it has some
//	!term           not that term
//	"two words"     one text with a space
//	re:EXPR         RE2 on code and message
//	id:X code:X     equal, or with * as a wildcard; lists as a,b
//	status:429      a number, or a class such as 5xx; lists as a,b
//	field:/price    the failing field, or one below it
//	category:a,b    categories by id; state:a,b states by id
type Query struct {
	Text  string // as it was typed
	terms []term
}

type term struct {
	not  bool
	test func(*subject) bool
}

// maxQuery bounds a query, so that a regular expression stays small.
const maxQuery = 1024

// QueryError says what is wrong with a query.
type QueryError struct {
	Term model.Untrusted
	Why  string
}

func (e *QueryError) Error() string { return fmt.Sprintf("filter %s: %s", e.Term.Safe(60), e.Why) }

// ParseQuery reads a query; a bad one is a *QueryError.
func ParseQuery(text string) (Query, error) {
	q := Query{Text: text}
	if len(text) > maxQuery {
		return q, &QueryError{model.Foreign(text), fmt.Sprintf("longer than %d bytes", maxQuery)}
	}
	for _, word := range splitQuery(text) {
		t := term{}
		body := word
		if strings.HasPrefix(word, "!") && len(word) > 1 {
			t.not, body = true, word[1:]
		}
		test, err := parseTerm(body)
		if err != nil {
			return q, &QueryError{model.Foreign(word), err.Error()}
		}
		t.test = test
		q.terms = append(q.terms, t)
	}
	return q, nil
}

// IsZero says whether the query matches everything.
func (q Query) IsZero() bool { return len(q.terms) == 0 }

// subject is what a query looks at: an item and its newest failure, nil = none.
type subject struct {
	*entry
	failure *model.Failure
}

// Match says whether item i fits the query. An item that is fine and untouched
// is matched by its state alone, since nothing else of it is in memory.
func (s *Session) Match(q Query, i int) bool {
	e := subject{entry: s.peek(i)}
	if e.entry == nil {
		e.entry = &entry{index: i, base: model.OK, filing: &noFiling, touched: &untouched}
	} else if f, ok := s.failure(e.entry); ok {
		e.failure = &f
	}
	for _, t := range q.terms {
		if t.test(&e) == t.not {
			return false
		}
	}
	return true
}

// splitQuery cuts at spaces outside double quotes.
func splitQuery(text string) []string {
	var words []string
	var cur strings.Builder
	quoted := false
	for _, r := range text {
		switch {
		case r == '"':
			quoted = !quoted
		case r == ' ' && !quoted:
			if cur.Len() > 0 {
				words = append(words, cur.String())
				cur.Reset()
			}
		default:
			cur.WriteRune(r)
		}
	}
	if cur.Len() > 0 {
		words = append(words, cur.String())
	}
	return words
}

func parseTerm(word string) (func(*subject) bool, error) {
	key, value, found := strings.Cut(word, ":")
	if !found {
		return textTerm(word), nil
	}
	switch key {
	case "re":
		return regexpTerm(value)
	case "id":
		return listTerm(value, func(e *subject) string { return e.id.Wire() }), nil
	case "code":
		return listTerm(value, func(e *subject) string {
			if e.failure == nil {
				return ""
			}
			return e.failure.Code.Wire()
		}), nil
	case "status":
		return statusTerm(value)
	case "field":
		return fieldTerm(value), nil
	case "category":
		return categoryTerm(value)
	case "state":
		return stateTerm(value)
	}
	return textTerm(word), nil
}

func textTerm(text string) func(*subject) bool {
	fold := text == strings.ToLower(text)
	has := func(s string) bool {
		if fold {
			s = strings.ToLower(s)
		}
		return strings.Contains(s, text)
	}
	return func(e *subject) bool {
		if has(e.id.Wire()) {
			return true
		}
		f := e.failure
		return f != nil && (has(f.Message.Wire()) || has(f.Code.Wire()) || has(f.Field.Wire()))
	}
}

func regexpTerm(expr string) (func(*subject) bool, error) {
	re, err := regexp.Compile(expr)
	if err != nil {
		return nil, fmt.Errorf("not a regular expression (RE2)")
	}
	return func(e *subject) bool {
		return e.failure != nil && (re.MatchString(e.failure.Message.Wire()) || re.MatchString(e.failure.Code.Wire()))
	}, nil
}

func listTerm(list string, get func(*subject) string) func(*subject) bool {
	var wants []string
	for _, w := range strings.Split(list, ",") {
		wants = append(wants, strings.ToLower(w))
	}
	return func(e *subject) bool {
		got := strings.ToLower(get(e))
		return slices.ContainsFunc(wants, func(want string) bool { return wildcard(want, got) })
	}
}

// wildcard matches * with any run of characters.
func wildcard(pattern, s string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return s == pattern
	}
	if !strings.HasPrefix(s, parts[0]) {
		return false
	}
	s = s[len(parts[0]):]
	for _, mid := range parts[1 : len(parts)-1] {
		k := strings.Index(s, mid)
		if k < 0 {
			return false
		}
		s = s[k+len(mid):]
	}
	return strings.HasSuffix(s, parts[len(parts)-1])
}

func statusTerm(list string) (func(*subject) bool, error) {
	type span struct{ lo, hi int }
	var spans []span
	for _, w := range strings.Split(list, ",") {
		if len(w) == 3 && strings.HasSuffix(strings.ToLower(w), "xx") && w[0] >= '1' && w[0] <= '5' {
			lo := int(w[0]-'0') * 100
			spans = append(spans, span{lo, lo + 99})
			continue
		}
		n, err := strconv.Atoi(w)
		if err != nil {
			return nil, fmt.Errorf("a status is a number such as 429, or a class such as 5xx")
		}
		spans = append(spans, span{n, n})
	}
	return func(e *subject) bool {
		return e.failure != nil && slices.ContainsFunc(spans, func(s span) bool {
			return e.failure.Status >= s.lo && e.failure.Status <= s.hi
		})
	}, nil
}

func fieldTerm(pointer string) func(*subject) bool {
	if !strings.HasPrefix(pointer, "/") {
		pointer = "/" + pointer
	}
	return func(e *subject) bool {
		if e.failure == nil {
			return false
		}
		f := e.failure.Field.Wire()
		return f == pointer || strings.HasPrefix(f, pointer+"/")
	}
}

func categoryTerm(list string) (func(*subject) bool, error) {
	var wants []model.Category
	for _, w := range strings.Split(list, ",") {
		c, ok := model.ParseCategory(w)
		if !ok || c == model.None {
			return nil, fmt.Errorf("categories are %s", names(model.Categories()))
		}
		wants = append(wants, c)
	}
	return func(e *subject) bool {
		tab, open := e.tab()
		return open && slices.Contains(wants, tab.Category())
	}, nil
}

func stateTerm(list string) (func(*subject) bool, error) {
	var wants []model.State
	for _, w := range strings.Split(list, ",") {
		st, ok := model.ParseState(w)
		if !ok {
			return nil, fmt.Errorf("states are %s", names(model.States()))
		}
		wants = append(wants, st)
	}
	return func(e *subject) bool { return slices.Contains(wants, e.state()) }, nil
}

func names[T fmt.Stringer](all []T) string {
	var words []string
	for _, a := range all {
		words = append(words, a.String())
	}
	return strings.Join(words, ", ")
}

// Select lists the items that fit a query in the order of the request: among the
// open ones, unless the query asks for a state.
func (s *Session) Select(q Query) []int {
	var out []int
	for i := range s.slots.n {
		if s.Match(q, i) && (strings.Contains(q.Text, "state:") || s.needsWork(i)) {
			out = append(out, i)
		}
	}
	return out
}

// needsWork says whether item i needs something.
func (s *Session) needsWork(i int) bool {
	e := s.peek(i)
	if e == nil {
		return false
	}
	_, open := e.tab()
	return open
}
