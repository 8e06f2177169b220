package dialect

import (
	"fmt"
	"slices"
	"strings"
)

// check says what a dialect's file lacks or gets wrong.
func (s *spec) check() error {
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("read dialect %q: %s", s.Name, fmt.Sprintf(format, args...))
	}
	switch {
	case !isWordOf(s.Name):
		return wrong("name has to be a word of small letters, digits and -")
	case len(s.Items.At) == 0:
		return wrong("items.at is missing: where is the list of items?")
	case mediumOf(s.Medium) == nil:
		return wrong("medium is %s, not %q", strings.Join(media, ", "), s.Medium)
	case s.Medium == "xml" && !s.Items.Many && twoOfOne(s.Items.At):
		return wrong("items.at names two lists of one element: only with items.many = true do both count")
	case s.Request.Medium != "" && mediumOf(s.Request.Medium) == nil:
		return wrong("request.medium is %s, not %q", strings.Join(media, ", "), s.Request.Medium)
	case !slices.Contains([]string{"batch", "each", "file"}, s.Send):
		return wrong(`send is "batch", "each" or "file", not %q`, s.Send)
	}
	if why := s.checkRules(); why != "" {
		return wrong("%s", why)
	}
	return nil
}

// twoOfOne says whether two lists are children of one element.
func twoOfOne(at []string) bool {
	seen := map[string]bool{}
	for _, p := range at {
		if i := strings.LastIndexByte(p, '.'); strings.HasSuffix(p, "[]") {
			if seen[p[:max(i, 0)]] {
				return true
			}
			seen[p[:max(i, 0)]] = true
		}
	}
	return false
}

// checkRules says what is wrong with the lists of rules, "" = nothing.
func (s *spec) checkRules() string {
	wrong := fmt.Sprintf
	for i, r := range s.Verdict.Rule {
		if !slices.Contains(verdicts, r.Verdict) {
			return wrong("verdict.rule %d gives %q; it may give %s", i+1, r.Verdict, strings.Join(verdicts, ", "))
		}
	}
	for _, r := range s.Request.Refs {
		if r.Mark.Regexp == nil || r.Mark.NumSubexp() < 1 || !slices.Contains([]string{"id", "location", "reference"}, r.Becomes) {
			return wrong(`request.refs wants mark, an expression with a group for the id, and becomes: "id", "location" or "reference"`)
		}
	}
	for _, means := range append(s.Unanswered.meanings(), s.Unanswered.Means) {
		if means != "" && means != isUnanswered && !slices.Contains([]string{isOK, isNotAttempted, isRolledBack, isUnknown}, means) {
			return wrong("unanswered means %q; it may mean unanswered, ok, not_attempted, rolled_back, unknown", means)
		}
	}
	for i, r := range s.Rule {
		if r.Category == 0 {
			return wrong("rule %d has no category", i+1)
		}
	}
	return ""
}

// media are the names that mediumOf knows.
var media = []string{"json", "jsonl", "csv", "xml", "multipart"}

const isUnanswered = "unanswered"

func (u unansweredSpec) meanings() (all []string) {
	for _, w := range u.When {
		all = append(all, w.Means)
	}
	return all
}

func isWordOf(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}
