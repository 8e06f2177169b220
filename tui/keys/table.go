package keys

import (
	"fmt"
	"slices"
)

// Scope is a place that owns keys. Its text is what help calls it.
type Scope string

// Action is what a key stands for; its text is the id used in configuration.
type Action string

// Binding is one row of the table.
type Binding struct {
	Keys   []string // as the terminal names them: "a", "ctrl+r", "space", "shift+tab"
	Show   string   // how the keys are printed, "" = Keys themselves
	Action Action
	Text   string             // what it does, for help
	Foot   string             // the same in one or two words, "" = never in the footer
	FootOf func(State) string // Foot where it depends on the state
	Group  string             // the heading it stands under in help
	Danger bool               // it leads to sending or throwing away
	Keep   bool               // its footer words have their place before others
	Off    func(State) string // why the key is off now, "" = it is on
}

// Reason says why the binding is off in a state, "" = it is on.
func (b Binding) Reason(st State) string {
	if why := st.Off[b.Action]; why != "" {
		return why
	}
	if b.Off == nil {
		return ""
	}
	return b.Off(st)
}

// Hint is the binding's footer words in a state, "" = none.
func (b Binding) Hint(st State) string {
	if b.FootOf != nil {
		return b.FootOf(st)
	}
	return b.Foot
}

// Label is how the binding's keys are printed.
func (b Binding) Label() string {
	if b.Show != "" {
		return b.Show
	}
	out := ""
	for i, k := range b.Keys {
		if i > 0 {
			out += " "
		}
		out += Name(k)
	}
	return out
}

// First is the key that stands for the binding in the footer.
func (b Binding) First() string {
	if b.Show != "" || len(b.Keys) == 0 {
		return b.Show
	}
	return Name(b.Keys[0])
}

// Name is a key as a screen prints it.
func Name(key string) string {
	switch key {
	case "up":
		return "↑"
	case "down":
		return "↓"
	case "left":
		return "←"
	case "right":
		return "→"
	}
	return key
}

// Section is the keys of one scope.
type Section struct {
	Scope Scope
	// Field says that a text field is open in this scope: a key that it does
	// not bind is text, and only the Always scope is looked at below it.
	Field bool
	Rows  []Binding
}

// Table is all keys of the program.
type Table []Section

// Always is the scope that even a text field leaves alone.
const Always Scope = "always"

// Row is a binding with the scope that owns it.
type Row struct {
	Scope Scope
	Binding
}

func (t Table) section(s Scope) (Section, bool) {
	i := slices.IndexFunc(t, func(sec Section) bool { return sec.Scope == s })
	if i < 0 {
		return Section{}, false
	}
	return t[i], true
}

// reach gives the sections that a key is looked up in, innermost first.
func (t Table) reach(scopes []Scope) []Section {
	var out []Section
	field := false
	for _, s := range scopes {
		sec, ok := t.section(s)
		if !ok || field && s != Always {
			continue
		}
		field = field || sec.Field
		out = append(out, sec)
	}
	return out
}

// Lookup finds the binding of a key in a stack of scopes, innermost first.
func (t Table) Lookup(scopes []Scope, key string) (Binding, bool) {
	for _, sec := range t.reach(scopes) {
		for _, b := range sec.Rows {
			if slices.Contains(b.Keys, key) {
				return b, true
			}
		}
	}
	return Binding{}, false
}

// Typing says whether a key that Lookup does not find is text.
func (t Table) Typing(scopes []Scope) bool {
	for _, s := range scopes {
		if sec, ok := t.section(s); ok && sec.Field {
			return true
		}
	}
	return false
}

// Rows lists what a stack of scopes can do, innermost first. A binding whose
// every key is taken by an inner scope is not among them.
func (t Table) Rows(scopes []Scope) []Row {
	var rows []Row
	taken := map[string]bool{}
	for _, sec := range t.reach(scopes) {
		for _, b := range sec.Rows {
			free := slices.DeleteFunc(slices.Clone(b.Keys), func(k string) bool { return taken[k] })
			if len(free) == 0 {
				continue
			}
			if len(free) < len(b.Keys) {
				b.Keys = free
			}
			rows = append(rows, Row{sec.Scope, b})
		}
		for _, b := range sec.Rows {
			for _, k := range b.Keys {
				taken[k] = true
			}
		}
	}
	return rows
}

// Hint is a key and what it does, for the footer.
type Hint struct {
	Key, Text string
	Rank      int // what has its place first: 0 sending and help, 1 what is kept, 2 the rest
}

// Hints lists the footer of a stack of scopes: what is on, in the table's order.
// Two keys that do the same take one place.
func (t Table) Hints(scopes []Scope, st State) []Hint {
	var hints []Hint
	there := map[string]bool{}
	for _, r := range t.Rows(scopes) {
		if text := r.Hint(st); text != "" && r.Reason(st) == "" && !there[text] {
			there[text] = true
			hints = append(hints, Hint{r.First(), text, rank(r.Binding)})
		}
	}
	return hints
}

func rank(b Binding) int {
	switch {
	case b.Danger || b.Action == Help:
		return 0
	case b.Keep:
		return 1
	}
	return 2
}

// ConflictError says that a table is no table.
type ConflictError struct {
	Scope Scope
	Key   string
	A, B  Action
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("key %q in %s: both %s and %s", e.Key, e.Scope, e.A, e.B)
}

// Check says what is wrong with a table: a *ConflictError for a key that has
// two owners in one scope, another error for an action without a key.
func (t Table) Check() error {
	for _, sec := range t {
		owner := map[string]Action{}
		for _, b := range sec.Rows {
			if len(b.Keys) == 0 {
				return fmt.Errorf("action %s in %s has no key", b.Action, sec.Scope)
			}
			for _, k := range b.Keys {
				if a, taken := owner[k]; taken {
					return &ConflictError{sec.Scope, k, a, b.Action}
				}
				owner[k] = b.Action
			}
		}
	}
	return nil
}

// Press is one key that found its binding.
type Press struct {
	Action Action
	Key    string
	// Yes says that the question which Action asks was answered with yes.
	Yes bool
	// Text is what was typed into the field that Action opened.
	Text string
}
