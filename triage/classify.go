package triage

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"retriage/model"
)

// Filing is where a failure belongs and why.
type Filing struct {
	Category model.Category
	Class    model.RetryClass
	// Rule is the words a screen shows next to an item: a rule's name, or what
	// it matched, e.g. `code VALIDATION_ERROR`, `status 403`, `message ~ "foreign key"`.
	Rule string
}

// RuleError says that a rule cannot be used.
type RuleError struct {
	Rule  string // its name, or "rule 3" counted from 1
	Field string // "code" or "message"
	Err   error
}

func (e *RuleError) Error() string {
	return fmt.Sprintf("%s: the %s pattern cannot be read: %v", e.Rule, e.Field, e.Err)
}

func (e *RuleError) Unwrap() error { return e.Err }

// Classifier files failures by a list of rules; the first that fits decides. It
// may be used by several goroutines at once, and the same failure always gets
// the same filing.
type Classifier struct {
	own     []compiled // the user's rules, then the dialect's: on the exact text
	general []compiled // on the normal form of the code and the signature of the message

	mu   sync.RWMutex
	memo map[memoKey]Filing // of the general rules
}

// memoKey is all that the general rules look at.
type memoKey struct {
	code   string
	status int
	reason model.Reason
	mask   string
}

// memoSize bounds the memory that a server's ever new wordings can take.
const memoSize = 8192

// patternBytes is how much of a message a pattern sees.
const patternBytes = 4096

// compiled is a rule with its patterns ready.
type compiled struct {
	model.Rule
	code, message *regexp.Regexp
}

// NewClassifier puts the user's rules before the dialect's and both before the
// general table. Patterns are RE2; one that cannot be read is a *RuleError.
func NewClassifier(dialect, user []model.Rule) (*Classifier, error) {
	c := &Classifier{general: generalRules(), memo: make(map[memoKey]Filing)}
	for _, rules := range [][]model.Rule{user, dialect} {
		own, err := compileRules(rules)
		if err != nil {
			return nil, err
		}
		c.own = append(c.own, own...)
	}
	return c, nil
}

func compileRules(rules []model.Rule) ([]compiled, error) {
	out := make([]compiled, 0, len(rules))
	for i, r := range rules {
		name := r.Name
		if name == "" {
			name = "rule " + strconv.Itoa(i+1)
		}
		cr := compiled{Rule: r}
		var err error
		if r.Code != "" {
			if cr.code, err = regexp.Compile(r.Code); err != nil {
				return nil, &RuleError{name, "code", err}
			}
		}
		if r.Message != "" {
			if cr.message, err = regexp.Compile("(?i)" + r.Message); err != nil {
				return nil, &RuleError{name, "message", err}
			}
		}
		out = append(out, cr)
	}
	return out, nil
}

// generalRules compiles the general table once for the program.
var generalRules = sync.OnceValue(func() []compiled {
	rules, err := compileRules(generalTable)
	if err != nil {
		panic(err) // the table is part of the program, and its test compiles it
	}
	return rules
})

// Classify files a failure. The dialect's word on retrying stands above the
// rule's, and what failed only because another item did is safe to send again.
func (c *Classifier) Classify(f model.Failure) Filing {
	filing := c.file(f)
	if filing.Rule == noRule && f.Blames != model.None {
		filing = Filing{Category: f.Blames, Class: model.AfterVerify, Rule: "by whom the server blames"}
		if f.Blames == model.Validation {
			filing.Class = model.AfterEdit
		}
	}
	if filing.Category == model.MissingDependency && !f.Cause.IsZero() {
		filing.Class = model.Safe
	}
	if f.Class != nil {
		filing.Class = *f.Class
	}
	return filing
}

// noRule is the rule of what no rule files.
const noRule = "no rule fits"

// statusAway is 503; net/http is not for this package.
const statusAway = 503

// comeBack makes safe what a server turned away and named a time for: it does so
// before it begins (RFC 9110, section 15.6.4). Without a time a 503 is often the
// word of a proxy, or of a server that broke off after the write.
func comeBack(filing Filing, f model.Failure) Filing {
	if f.Status == statusAway && f.RetryAfter >= 0 && filing.Category == model.Backend {
		filing.Class = model.Safe
	}
	return filing
}

func (c *Classifier) file(f model.Failure) Filing {
	if len(c.own) > 0 {
		message := firstBytes(f.Message.Wire(), patternBytes)
		for i := range c.own {
			if c.own[i].fits(f.Code.Wire(), message, f.Status, f.Reason) {
				return c.own[i].filing(f.Code.Wire(), message, f.Status)
			}
		}
	}
	var buf [512]byte
	mask := appendSignature(buf[:0], f.Message.Wire())
	c.mu.RLock()
	filing, ok := c.memo[memoKey{f.Code.Wire(), f.Status, f.Reason, string(mask)}]
	c.mu.RUnlock()
	if !ok {
		filing = c.remember(f, string(mask))
	}
	return comeBack(filing, f)
}

// remember works out what the general table says and keeps it.
func (c *Classifier) remember(f model.Failure, mask string) Filing {
	code := normalCode(firstBytes(f.Code.Wire(), patternBytes))
	filing := Filing{Category: model.Other, Class: model.AfterVerify, Rule: noRule}
	for i := range c.general {
		r := &c.general[i]
		if !r.fits(code, mask, f.Status, f.Reason) {
			continue
		}
		filing = r.filing(f.Code.Wire(), mask, f.Status)
		break
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.memo) < memoSize {
		c.memo[memoKey{f.Code.Wire(), f.Status, f.Reason, mask}] = filing
	}
	return filing
}

// fits says whether every condition of the rule holds.
func (r *compiled) fits(code, message string, status int, reason model.Reason) bool {
	switch {
	case len(r.Statuses) > 0 && !slices.ContainsFunc(r.Statuses, func(s int) bool { return hasStatus(s, status) }):
		return false
	case len(r.Reasons) > 0 && !slices.Contains(r.Reasons, reason):
		return false
	case len(r.Codes) > 0 && !slices.ContainsFunc(r.Codes, func(c string) bool { return strings.EqualFold(c, code) }):
		return false
	case r.code != nil && !r.code.MatchString(code):
		return false
	}
	return r.message == nil || r.message.MatchString(message)
}

// hasStatus says whether status is what a rule names: itself, or a class such as
// 5 for 500 to 599. Zero names an item without a status.
func hasStatus(want, status int) bool {
	if want > 0 && want < 10 {
		return status/100 == want
	}
	return want == status
}

// filing words what the rule matched.
func (r *compiled) filing(code, message string, status int) Filing {
	out := Filing{Category: r.Category, Class: r.Class, Rule: r.Name}
	if out.Rule != "" {
		return out
	}
	var words []string
	if len(r.Codes) > 0 || r.code != nil {
		words = append(words, "code "+model.Foreign(code).Safe(ruleWords))
	}
	if r.message != nil {
		words = append(words, `message ~ "`+model.Foreign(r.message.FindString(message)).Safe(ruleWords)+`"`)
	}
	if len(words) == 0 && len(r.Statuses) > 0 {
		words = append(words, "status "+strconv.Itoa(status))
	}
	out.Rule = strings.Join(words, " and ")
	return out
}

// ruleWords is how many bytes of foreign text a filing's words hold.
const ruleWords = 60

// firstBytes is at most the first n bytes of s, cut between characters.
func firstBytes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// normalCode brings the many ways to write a code into one, so that the general
// table needs one pattern for each meaning: TooManyRequestsException,
// service.PERM_DENIED and rate-limited become TOO_MANY_REQUESTS_EXCEPTION,
// SERVICE_PERM_DENIED and RATE_LIMITED.
func normalCode(code string) string {
	out := make([]byte, 0, len(code)+4)
	for i := range len(code) {
		c := code[i]
		switch {
		case c >= 'a' && c <= 'z':
			c -= 'a' - 'A'
		case c >= 'A' && c <= 'Z':
			if i > 0 && (isLower(code[i-1]) || i+1 < len(code) && isLower(code[i+1]) && isUpper(code[i-1])) {
				out = append(out, '_')
			}
		case c >= '0' && c <= '9':
		default:
			c = '_'
		}
		out = append(out, c)
	}
	return string(out)
}

func isLower(c byte) bool { return c >= 'a' && c <= 'z' }
func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }
