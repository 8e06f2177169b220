package keys

import (
	"errors"
	"testing"
)

const (
	outer Scope = "outer"
	inner Scope = "inner"
	field Scope = "field"
)

func table() Table {
	return Table{
		{Scope: outer, Rows: []Binding{
			{Keys: []string{"q", "x"}, Action: "outer.q", Foot: "leave"},
			{Keys: []string{"d"}, Action: "outer.d", Foot: "drop", Danger: true, Off: func(st State) string { return st.ReadOnly }},
		}},
		{Scope: inner, Rows: []Binding{{Keys: []string{"q"}, Action: "inner.q", FootOf: func(st State) string {
			if st.Chosen > 1 {
				return "many"
			}
			return "one"
		}}}},
		{Scope: field, Field: true, Rows: []Binding{{Keys: []string{"enter"}, Action: "field.keep"}}},
		{Scope: Always, Rows: []Binding{{Keys: []string{"ctrl+c"}, Action: "stop"}}},
	}
}

func TestLookup(t *testing.T) {
	for name, c := range map[string]struct {
		scopes []Scope
		key    string
		want   Action
	}{
		"the inner scope wins":            {[]Scope{inner, outer, Always}, "q", "inner.q"},
		"what it does not bind goes on":   {[]Scope{inner, outer, Always}, "x", "outer.q"},
		"a field swallows":                {[]Scope{field, outer, Always}, "q", ""},
		"but not what is always there":    {[]Scope{field, outer, Always}, "ctrl+c", "stop"},
		"and not its own keys":            {[]Scope{field, outer, Always}, "enter", "field.keep"},
		"a scope that nobody knows is no": {[]Scope{"none"}, "q", ""},
	} {
		if b, ok := table().Lookup(c.scopes, c.key); b.Action != c.want || ok != (c.want != "") {
			t.Errorf("%s: got %q", name, b.Action)
		}
	}
}

func TestRowsShowWhatCanBeReached(t *testing.T) {
	rows := table().Rows([]Scope{inner, outer})
	if len(rows) != 3 || rows[0].Action != "inner.q" || rows[1].Label() != "x" {
		t.Errorf("rows %v", rows)
	}
}

func TestHintsFollowTheState(t *testing.T) {
	got := table().Hints([]Scope{inner, outer}, State{Chosen: 3})
	if len(got) != 3 || got[0] != (Hint{"q", "many", 2}) || got[2] != (Hint{"d", "drop", 0}) {
		t.Errorf("hints %v", got)
	}
	if got := table().Hints([]Scope{outer}, State{ReadOnly: "read only"}); len(got) != 1 {
		t.Errorf("a key that is off has the hint %v", got)
	}
}

func TestReason(t *testing.T) {
	b := table()[0].Rows[1]
	if why := b.Reason(State{Off: map[Action]string{"outer.d": "not here"}}); why != "not here" {
		t.Errorf("reason %q", why)
	}
	if why := b.Reason(State{}); why != "" {
		t.Errorf("reason %q for a key that is on", why)
	}
}

func TestCheckFindsTwoOwners(t *testing.T) {
	bad := Table{{Scope: outer, Rows: []Binding{{Keys: []string{"q"}, Action: "a"}, {Keys: []string{"q"}, Action: "b"}}}}
	var conflict *ConflictError
	if err := bad.Check(); !errors.As(err, &conflict) || conflict.A != "a" || conflict.B != "b" {
		t.Errorf("got %v", err)
	}
	if err := (Table{{Scope: outer, Rows: []Binding{{Action: "a"}}}}).Check(); err == nil {
		t.Error("an action without a key passes")
	}
	if err := table().Check(); err != nil {
		t.Error(err)
	}
}
