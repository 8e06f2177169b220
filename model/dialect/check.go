package dialect

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// check says what a dialect's file lacks or gets wrong, and where; "" = nothing.
func (s *spec) check() (place, string) {
	for _, look := range []func() (place, string){s.checkHead, s.checkRules, s.checkMeanings, s.checkRequest, s.checkProfile} {
		if at, why := look(); why != "" {
			return at, why
		}
	}
	return place{}, ""
}

// checkHead looks at what the file is about and where its items are.
func (s *spec) checkHead() (place, string) {
	wrong := func(key, value, format string, args ...any) (place, string) {
		return place{key: key, value: value}, fmt.Sprintf(format, args...)
	}
	switch {
	case !isWordOf(s.Name):
		return wrong("name", s.Name, "name has to be a word of small letters, digits and -")
	case len(s.Items.At) == 0:
		return wrong("items.at", "", "items.at is missing: it says where the list of items is")
	case mediumOf(s.Medium) == nil:
		return wrong("medium", s.Medium, "medium is %s, not %s", strings.Join(media, ", "), quotedWord(s.Medium))
	case s.Medium == "xml" && !s.Items.Many && twoOfOne(s.Items.At):
		return wrong("items.at", "", "items.at names two lists of one element: only with items.many = true do both count")
	case s.Request.Medium != "" && mediumOf(s.Request.Medium) == nil:
		return wrong("request.medium", s.Request.Medium, "request.medium is %s, not %s", strings.Join(media, ", "), quotedWord(s.Request.Medium))
	case !slices.Contains(sendModes, s.Send):
		return wrong("send", s.Send, "send is %s, not %s", strings.Join(sendModes, ", "), quotedWord(s.Send))
	}
	return place{}, ""
}

var sendModes = []string{"batch", "each", "file"}

func quotedWord(s string) string { return fmt.Sprintf("%q", shown(s)) }

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

// checkRules looks at the lists of rules.
func (s *spec) checkRules() (place, string) {
	for i, r := range s.Verdict.Rule {
		if !slices.Contains(verdicts, r.Verdict) {
			return place{key: "verdict.rule", value: r.Verdict}, fmt.Sprintf("verdict.rule %d gives %s; it may give %s", i+1, quotedWord(r.Verdict), strings.Join(verdicts, ", "))
		}
	}
	for i, r := range s.Rule {
		at := place{key: "rule.", n: i}
		switch {
		case r.Category == 0:
			return at, fmt.Sprintf("rule %d has no category", i+1)
		case len(r.Codes)+len(r.Statuses)+len(r.Reasons) == 0 && r.Code+r.Message == "":
			return at, fmt.Sprintf("rule %d fits every failure: it has to say codes, code, message, statuses or reasons", i+1)
		}
		for key, text := range map[string]string{"code": r.Code, "message": r.Message} {
			if _, err := regexp.Compile(text); err != nil {
				return place{key: "rule." + key, value: text, n: i}, fmt.Sprintf("rule %d: its %s is no expression: %v", i+1, key, err)
			}
		}
	}
	return place{}, ""
}

// checkMeanings looks at what silence means.
func (s *spec) checkMeanings() (place, string) {
	for _, means := range append(s.Unanswered.meanings(), s.Unanswered.Means) {
		if means != "" && means != isUnanswered && !slices.Contains([]string{isOK, isNotAttempted, isRolledBack, isUnknown}, means) {
			return place{key: "unanswered.means", value: means},
				fmt.Sprintf("unanswered means %s; it may mean unanswered, ok, not_attempted, rolled_back, unknown", quotedWord(means))
		}
	}
	return place{}, ""
}

// checkRequest looks at how a batch is asked for.
func (s *spec) checkRequest() (place, string) {
	ask := &s.Request
	for _, r := range ask.Refs {
		if r.Mark.Regexp == nil || r.Mark.NumSubexp() < 1 || !slices.Contains([]string{"id", "location", "reference", "nothing"}, r.Becomes) {
			return place{key: "request.refs"}, `request.refs wants mark, an expression with a group for the id, and becomes: "id", "location", "reference" or "nothing"`
		}
	}
	for key, text := range map[string]string{"default": ask.Default, "calls": ask.Calls, "keyed": ask.Keyed} {
		if text != "" && !strings.Contains(text, itemsMark) {
			return place{key: "request." + key, value: text}, "request." + key + " has no ITEMS in it, so nothing would be sent"
		}
	}
	return place{}, ""
}

// holders are the placeholders of an address. Of them a whole address stands alone.
var (
	holders     = regexp.MustCompile(`\{[^}]*\}`)
	innerHolder = regexp.MustCompile(`^\{(id|response\.id|request\.body\./.*)\}$`)
	wholeHolder = regexp.MustCompile(`^\{(request\.url|response\.headers\.location)\}$`)
)

// checkProfile looks at limits and addresses.
func (s *spec) checkProfile() (place, string) {
	p := &s.Profile
	for key, n := range map[string]int{"maxItems": p.MaxItems, "maxBytes": p.MaxBytes} {
		if n < 0 {
			return place{key: "profile." + key}, fmt.Sprintf("profile.%s is %d; it is a number above 0, or 0 for no limit", key, n)
		}
	}
	for one := range strings.SplitSeq(p.ItemURL, " | ") {
		if one = strings.TrimSpace(one); wholeHolder.MatchString(one) {
			continue
		}
		for _, h := range holders.FindAllString(one, -1) {
			switch {
			case wholeHolder.MatchString(h):
				return place{key: "profile.itemURL", value: p.ItemURL}, "profile.itemURL: " + shown(h) + " is an address of its own and stands alone"
			case !innerHolder.MatchString(h):
				return place{key: "profile.itemURL", value: p.ItemURL}, "profile.itemURL: there is no " + shown(h) +
					"; there are {id}, {response.id}, {request.url}, {request.body./POINTER}, {response.headers.location}"
			}
		}
	}
	return place{}, ""
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
