package screen

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"retriage/tui/keys"
)

func TestTableHasNoConflict(t *testing.T) {
	if err := Table().Check(); err != nil {
		t.Error(err)
	}
}

// TestEveryActionHasAKey holds the constants of package keys against the table:
// an action that no key leads to is dead, and one that is named nowhere else is
// a string literal away from the table.
func TestEveryActionHasAKey(t *testing.T) {
	bound := map[keys.Action]bool{}
	for _, sec := range Table() {
		for _, b := range sec.Rows {
			bound[b.Action] = true
		}
	}
	named := actionConstants(t)
	for a, name := range named {
		if !bound[a] {
			t.Errorf("no key leads to %s (%q)", name, a)
		}
	}
	for a := range bound {
		if named[a] == "" {
			t.Errorf("action %q is no constant of package keys", a)
		}
	}
}

func actionConstants(t *testing.T) map[keys.Action]string {
	t.Helper()
	files, err := filepath.Glob("../keys/*.go")
	if err != nil {
		t.Fatal(err)
	}
	out := map[keys.Action]string{}
	for _, path := range files {
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, src, 0)
		if err != nil || strings.HasSuffix(path, "_test.go") {
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			v, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if id, ok := v.Type.(*ast.Ident); !ok || id.Name != "Action" {
				return true
			}
			text, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			out[keys.Action(text)] = v.Names[0].Name
			return true
		})
	}
	return out
}

// TestEveryRowCanBeShown: help shows each binding, and says what it does.
func TestEveryRowCanBeShown(t *testing.T) {
	for _, sec := range Table() {
		for _, b := range sec.Rows {
			if b.Text == "" || b.Group == "" || b.Label() == "" {
				t.Errorf("%s in %s has no words for help", b.Action, sec.Scope)
			}
			if strings.HasSuffix(b.Text, ".") || strings.Contains(b.Text, "!") && b.Action != keys.Filter {
				t.Errorf("%s in %s: %q", b.Action, sec.Scope, b.Text)
			}
		}
	}
}

// TestHelpShowsTheTable: no more and no less than what can be reached.
func TestHelpShowsTheTable(t *testing.T) {
	tab := Table()
	for _, s := range []Screen{NewOverview(), NewList(), NewCauses(false), newDiff(0)} {
		scopes := append(s.Scopes(), Global, keys.Always)
		rows := tab.Rows(scopes)
		h, ok := NewHelp("here", rows, keys.State{}).(*help)
		if !ok {
			t.Fatal("help is no help")
		}
		if len(h.found) != len(rows) {
			t.Errorf("%s: %d rows in help, %d in the table", scopes[0], len(h.found), len(rows))
		}
		for _, r := range rows {
			b, ok := tab.Lookup(scopes, r.Keys[0])
			if !ok || b.Action != r.Action {
				t.Errorf("%s: help says %s does %s, the table %s", scopes[0], r.Keys[0], r.Action, b.Action)
			}
		}
	}
}

// TestOffIsASentence: whatever a state forbids, it says why.
func TestOffIsASentence(t *testing.T) {
	states := []keys.State{{}, {ReadOnly: "opened read only"}, {NoTarget: "no target", Rows: 1}, {Reading: true, Rows: 1},
		{NoUndo: "nothing to undo", NoRedo: "nothing to redo", Rows: 1, Depth: 1}}
	for _, st := range states {
		for _, sec := range Table() {
			for _, b := range sec.Rows {
				if why := b.Reason(st); why != "" && (len(why) < 8 || strings.HasSuffix(why, ".")) {
					t.Errorf("%s in %s is off because of %q", b.Action, sec.Scope, why)
				}
			}
		}
	}
}
