package dialect

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"time"

	"github.com/pelletier/go-toml/v2"

	"retriage/model"
)

//go:embed apis/*.toml
var apis embed.FS

// spec is a dialect as its file words it. A path is relative to an item unless
// it is said to be of the top.
type spec struct {
	Like   string // a dialect that this one is like: only what differs is said
	Name   string
	Title  string
	Medium string // "json" or "xml"
	Send   string // "batch", "each" or "file"

	Items      itemsSpec
	Verdict    verdictSpec
	Failure    failureSpec
	Success    successSpec
	Summary    summarySpec
	Request    requestSpec
	Unanswered unansweredSpec
	Profile    profileSpec
	Refusal    refusalSpec
	Detect     detectSpec
	Rule       []model.Rule
}

// itemsSpec: where the items of a response are, and who they are.
type itemsSpec struct {
	At       []string // where the list is: keys with dots, "@this" = the top itself, for XML local names
	ID       []path
	FoldID   bool   // upper and lower case of an id are one
	Headers  string // the member that holds an item's headers
	Body     string // the member that holds its body, where an item is a whole answer
	Group    []path // items of one group are applied together or not at all
	Request  []path // the original request, where the response repeats it
	NextPage []path // of the top: the response goes on elsewhere
}

// verdictSpec: what an item's yes and no look like.
type verdictSpec struct {
	Status       []path
	OK           []int // 2 means 200 to 299
	Failed       []int
	OKWords      []string
	FailedWords  []string
	Error        []path // says something only when the item failed
	NotAttempted []int  // statuses of items that were never tried
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

// summarySpec: what the response says about itself; paths of the top.
type summarySpec struct {
	Total, Succeeded, Failed []path
}

// requestSpec: how a batch is asked for.
type requestSpec struct {
	At         []string // as in itemsSpec
	ID         []path
	DependsOn  string // member with the ids that must have worked before
	Group      string // member with the name of the item's group
	Method     string // members of an item that is a call of its own,
	URL        string // "" = the item itself is always the body
	Headers    string
	Body       string
	Operations map[string]string // XML: what an element's name stands for as a method
	Default    string            // a batch with ITEMS in it, where the response alone was read
	Separator  string            // between two items
	Calls      string            // the same for items that are calls of their own
	Drop       []string          // members of the top that belong to that one call
	Type       string            // content type
}

// unansweredSpec: what it means that an item is not mentioned.
type unansweredSpec struct{ Class model.RetryClass }

// profileSpec: what model.Profile gets where the user says nothing.
type profileSpec struct {
	MaxItems, MaxBytes int
	KeyScope           model.KeyScope
	KeyField           string
	KeyHeader          string
	ItemURL            string
	Decided            []int
}

// refusalSpec: how a refusal of the whole batch looks; paths of the top. When
// lists sets of paths: all paths of one set must say something.
type refusalSpec struct {
	When    [][]path
	Status  []path
	Code    []path
	Message []path
}

// detectSpec: what speaks for this dialect, beside its list of items.
type detectSpec struct {
	Base   int      // weight when the list of items is there
	Asked  []mark   // members of a requested item
	Items  []string // members that most items have one of
	Never  []string // members that no item has
	Top    []mark   // members of the top
	Member []mark   // members of an item
	Text   []mark   // text anywhere in the first bytes
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
	var like struct{ Like string }
	if err := toml.Unmarshal(b, &like); err != nil {
		return nil, fmt.Errorf("read dialect: %w", err)
	}
	var s spec
	if like.Like != "" {
		first, err := base(like.Like)
		if err != nil {
			return nil, fmt.Errorf("read dialect %q: %w", like.Like, err)
		}
		if err := decode(first, &s); err != nil {
			return nil, err
		}
		s.Rule = nil
	}
	if err := decode(b, &s); err != nil {
		return nil, err
	}
	if s.Name == "" || len(s.Items.At) == 0 || mediumOf(s.Medium) == nil {
		return nil, fmt.Errorf("read dialect %q: name, medium and items.at are needed", s.Name)
	}
	return &s, nil
}

func decode(b []byte, s *spec) error {
	if err := toml.NewDecoder(bytes.NewReader(b)).DisallowUnknownFields().Decode(s); err != nil {
		return fmt.Errorf("read dialect: %w", err)
	}
	return nil
}

// builtIn reads the dialects that ship with the program.
func builtIn() ([]*spec, error) {
	files, err := fs.Glob(apis, "apis/*.toml")
	if err != nil {
		return nil, err
	}
	base := func(name string) ([]byte, error) { return apis.ReadFile("apis/" + name + ".toml") }
	var all []*spec
	for _, name := range files {
		b, err := apis.ReadFile(name)
		if err != nil {
			return nil, err
		}
		s, err := parseSpec(b, base)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, s)
	}
	return all, nil
}
