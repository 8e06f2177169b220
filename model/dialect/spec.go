package dialect

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"retriage/model"
)

// spec is a dialect as its file words it. A path is relative to an item unless
// it is said to be of the top; see path. docs/dialects.md teaches the format.
type spec struct {
	Like   string // a dialect that this one is like: only what differs is said
	Name   string
	Title  string
	Medium string // "json", "jsonl", "csv", "xml" or "multipart"
	Send   string // "batch", "each" or "file"

	Items      itemsSpec
	Inside     insideSpec
	Verdict    verdictSpec
	Failure    failureSpec
	Success    successSpec
	Summary    summarySpec
	Request    requestSpec
	Unanswered unansweredSpec
	Profile    profileSpec
	Refusal    refusalSpec
	Detect     detectSpec
	Mask       []path // what may hold a person's data: its values are not shown
	Rule       []model.Rule

	want     wanted          // see Dialect; worked out once
	decisive map[string]bool // see Dialect
}

// itemsSpec: where the items of a response are, and who they are.
type itemsSpec struct {
	// At is where the list is: keys with dots, "@this" = the top itself, "*" =
	// a list under every name of an object, for XML local names. The first that
	// is there counts, with Many all of them.
	At       []string
	Many     bool
	Lists    []string // XML: children of an item that may be there several times
	Beside   []string // XML: children of the list that are no items
	Wrap     bool     // an item is wrapped in an object whose one member says what it is
	ID       []path
	IDs      []path // a list of ids: the answer is to all of them
	FoldID   bool   // upper and lower case of an id are one
	Index    []path // the place of the item in the request,
	Base     int    // counted from this, -1 = from 0 or 1, as the answers show
	Ordered  bool   // answers come in the order of the requests, one for each
	AnyOrder bool   // the order of answers never says anything
	Twins    bool   // where all answers come in the order of the requests, those of one id do too
	Units    bool   // answers come in order, one for each item or for a whole group; see units
	Rest     bool   // yes-answers whose ids are new settle the requests that are left
	Filtered bool   // every answer has a status, unless the response was asked to leave things out
	Headers  string // the member that holds an item's headers
	Body     string // the member that holds its body, where an item is a whole answer
	Group    []path // items of one group are applied together or not at all
	Request  []path // the original request, where the response repeats it
	NextPage []path // of the top: the response goes on elsewhere
}

// verdictSpec: what an item's yes and no look like. The first Rule that fits
// decides; without one, the status does, and then the error.
type verdictSpec struct {
	Rule         []verdictRule
	Status       []path
	OK           []int // 2 means 200 to 299
	Failed       []int
	OKWords      []string
	FailedWords  []string
	Error        []path // says something only when the item failed
	NotAttempted []int  // statuses of items that were never tried
}

// The verdicts that a rule can give.
const (
	isOK           = "ok"
	isFailed       = "failed"
	isNotAttempted = "not_attempted" // failed, for no fault of its own
	isRolledBack   = "rolled_back"   // failed, for no fault of its own
	isWarning      = "warning"       // ok, with a note
	isPending      = "pending"       // unknown: it is not finished
	isUnknown      = "unknown"
)

var verdicts = []string{isOK, isFailed, isNotAttempted, isRolledBack, isWarning, isPending, isUnknown}

// verdictRule decides when all that it says holds. A path alone has to say
// something; with Exists false, nothing; with Exists true it has to be there,
// null and empty or not.
type verdictRule struct {
	Name    string // shown beside the item where the answer has no message
	Path    path
	Exists  *bool
	Is      []string // texts, in any case; "true" and "false" too
	Match   pattern
	Status  []int
	List    []string // paths of At
	Key     []string // see path, "$key"
	Verdict string
	Class   *model.RetryClass
	Code    string // the code of an answer that has none
	// Category is where a failure goes that no rule files.
	Category model.Category
}

// failureSpec: what is said about a no. The first path that says something
// counts.
type failureSpec struct {
	Code       []path
	Message    []path
	Field      []path
	FieldMarks string  // characters that stand between the parts of a field's name
	FieldNever pattern // what a field's name does not look like
	RequestID  []path
	Retry      []waitSpec
	// List holds the single errors of an item that has several, and ListWhen
	// (RE2 on the code) tells when the first of them is the headline.
	List        path
	ListWhen    pattern
	ListCode    string
	ListMessage string
	ListField   string
}

// waitSpec is a path to a time to wait and its unit, "s" or "ms".
type waitSpec struct {
	Path path
	Unit string
}

func (w waitSpec) unit() time.Duration {
	if w.Unit == "ms" {
		return time.Millisecond
	}
	return time.Second
}

// successSpec: what is worth keeping of a yes.
type successSpec struct {
	Location []path
	ETag     []path
	ServerID []path
	Note     []path
}

// summarySpec: what the response says about itself; paths of the top. Flag is
// true when an item failed.
type summarySpec struct {
	Total, Succeeded, Failed, Flag []path
}

// insideSpec: an item that is a batch of its own. Answers is the list, in its
// answer, of what became of its parts, in order; Done says of one that it was
// done; Parts is that list in the body of its request; Whole says there that
// nothing is done unless all is.
type insideSpec struct {
	Answers path
	Done    path
	Parts   string
	Whole   string
}

// requestSpec: how a batch is asked for.
type requestSpec struct {
	Medium      string   // "" = that of the response
	At          []string // as in itemsSpec
	Many        bool     // as in itemsSpec
	Wrap        bool     // as in itemsSpec
	ID          []path
	DependsOn   string // member with the ids that must have worked before
	Group       string // member with the name of the item's group
	Method      string // members of an item that is a call of its own, with dots
	URL         string // for deeper ones; "" = the item itself is always the body
	Headers     string
	Body        string
	Operations  map[string]string // what "$key", or an XML element's name, is as a method
	Address     []path            // where an item that is no call stands on the server
	Deleted     []path            // says that an item is to go away
	Refs        []refSpec         // how one item speaks of what another makes
	Unique      []path            // two items with the same may not travel together
	Key         path              // the members that name an item, where it holds them alone
	KeyIn       path              // and where it holds them among others, as those with Key in the same list tell
	Pair        []string          // JSON lines: see query
	DropColumns []string          // CSV: columns to leave out, with * for any text
	Default     string            // a batch with ITEMS in it, where the response alone was read
	Keyed       string            // one list with KEY and ITEMS in it, where each "*" has its own
	Separator   string            // between two items, or two lists
	Calls       string            // the same as Default for items that are calls of their own
	Drop        []string          // members of the top that belong to that one call
	Type        string            // content type
}

// refSpec is how the request of one item speaks of what another makes: a text
// that Mark matches, with the other's id in its first group and what stays
// behind it in the second. Becomes says what takes its place: "id", the id that
// the server gave, "location", the path of its address, or "reference", the
// last two parts of it ("Patient/123"), or "nothing" where only the server can tell.
type refSpec struct {
	Mark    pattern
	Becomes string
	Needs   bool // only ids count that DependsOn names
	// Starts lets an id count all the same where a URL begins with it, but for the
	// words of Never, which stand for something else.
	Starts bool
	Never  []string
}

// unansweredSpec: what it means that an item is not mentioned: "unanswered",
// "ok", "not_attempted", "rolled_back" or "unknown". When goes before Means.
type unansweredSpec struct {
	Class model.RetryClass
	Means string
	When  []silence
}

// silence is what not being mentioned means if the top of the request, or of the
// response, says so.
type silence struct {
	Request  path
	Response path
	Is       []string // texts; none = it says anything
	Reached  bool     // Request is after how many failures the server stops (no number = one), and as many are there
	Means    string
}

// profileSpec: what model.Profile gets where the user says nothing.
type profileSpec struct {
	MaxItems, MaxBytes int
	KeyScope           model.KeyScope
	KeyField           string
	KeyHeader          string
	ItemURL            string
	// Search is the list of a search in what is read, SearchTotal how many it
	// found in all, and SearchBy the members that tell which of them is the item:
	// a server may not know a filter and answer with everything.
	Search      path
	SearchTotal path
	SearchBy    []path
	Ignore      []string // JSON Pointers that a read may differ in
	Decided     []int
}

// refusalSpec: how a refusal of the whole batch looks; paths of the top. When
// lists sets of paths: all paths of one set must say something, and none of
// Unless may be there (nothing said: none of the lists of items). Beside lists
// sets of texts and objects that refuse a batch also where its list is there and
// empty. Item lists members that the first item of a list has only when the list
// is no list of items but of reasons. Lone are paths of the one item that there is,
// which say something when it is the answer to the whole batch.
type refusalSpec struct {
	When    [][]path
	Beside  [][]path
	Unless  []path
	Item    []string
	Lone    []path
	Status  []path
	Code    []path
	Message []path
}

// detectSpec: what speaks for this dialect, beside its list of items.
type detectSpec struct {
	Base       int      // weight when the list of items is there
	Same       string   // a dialect that reads alike: nobody is asked which of the two it is
	Asked      []mark   // members of a requested item
	Least      int      // how many items show that it is a list at all
	Items      []string // members that most items have one of
	Each       []string // members that most items have all of
	Never      []string // members that no item has
	Must       []path   // of the top: what every response has
	Any        []path   // of the top: of which every response has one
	Key        []string // what "$key" may be
	AskedItems []string // members that most requested items have one of
	AskedKey   []string // the same in a request
	Top        []mark   // members of the top
	Member     []mark   // members of an item
	Text       []mark   // text anywhere in the first bytes
}

// mark is one sign and how much it weighs.
type mark struct {
	Is     string
	Weight int
}

// pattern is a regular expression in a dialect's file.
type pattern struct{ *regexp.Regexp }

// UnmarshalText compiles the expression.
func (p *pattern) UnmarshalText(b []byte) (err error) {
	p.Regexp, err = regexp.Compile(string(b))
	return err
}

func (p pattern) matches(s string) bool { return p.Regexp != nil && p.MatchString(s) }

// parseSpec reads a dialect's file; a key that is not known is an error. base
// gives the file of a dialect that another is like.
func parseSpec(b []byte, base func(name string) ([]byte, error)) (*spec, error) {
	var s spec
	if err := s.layer(b, base, nil); err != nil {
		return nil, err
	}
	s.want, s.decisive = s.wanted(), map[string]bool{}
	for _, p := range append(s.Verdict.Status[:len(s.Verdict.Status):len(s.Verdict.Status)], s.Verdict.Error...) {
		s.decisive[p.first] = p.first != ""
	}
	if at, why := s.check(); why != "" {
		return &s, &fileError{at.lineIn(b), why}
	}
	return &s, nil
}

// layer reads what a file says over what the dialect says that it is like. below
// names the files that lead here.
func (s *spec) layer(b []byte, base func(name string) ([]byte, error), below []string) error {
	var like struct{ Name, Like string }
	if err := toml.Unmarshal(b, &like); err != nil {
		return worded(b, err)
	}
	if like.Like != "" {
		at := place{key: "like", value: like.Like}.lineIn(b)
		below = append(below, like.Name)
		if slices.Contains(below, like.Like) {
			return &fileError{at, "it is like itself"}
		}
		first, err := base(like.Like)
		if err == nil {
			err = s.layer(first, base, below)
		}
		if err != nil {
			return &fileError{at, "it is like " + shown(like.Like) + ", and " + strings.TrimPrefix(err.Error(), "read dialect: ")}
		}
		s.Rule = nil
	}
	return decode(b, s)
}

func decode(b []byte, s *spec) error {
	return worded(b, toml.NewDecoder(bytes.NewReader(b)).DisallowUnknownFields().Decode(s))
}
