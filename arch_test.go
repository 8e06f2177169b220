package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// rooms says which of our packages each package may import. A package that is
// not here may not exist.
var rooms = map[string][]string{
	"":               {"cli"},
	"cli":            {"*"},
	"model":          {},
	"model/dialect":  {"model"},
	"triage":         {"model"},
	"triage/retry":   {"model"},
	"triage/journal": {"model", "triage"},
	"triage/report":  {"model", "triage"},
	"triage/run":     {"model", "triage", "triage/retry", "triage/journal"},
	"client":         {"model", "model/dialect"},
	"client/sandbox": {},
	"themes":         {},
	"tui":            {"tui/*", "triage", "triage/*", "model", "themes"},
	"tui/keys":       {"model", "triage", "triage/*"},
	"tui/dialog":     {"tui/keys", "tui/widget", "model", "triage", "themes"},
	"tui/widget":     {"model", "triage", "themes"},
	"tui/screen":     {"tui/keys", "tui/dialog", "tui/widget", "triage", "triage/*", "model", "themes"},
}

// foreign says which packages of others may not be imported where, and why.
var foreign = []struct{ under, path, why string }{
	{"triage", "net/http", "decisions and runs know no HTTP"},
	{"tui", "net/http", "no network below tui"},
	{"model", "net", "no network in the words"},
	{"model/dialect", "net", "no network in the reader"},
	{"model/dialect", "os", "no disk in the reader: an io.ReaderAt comes in"},
	{"tui", "os", "no disk below tui"},
	{"triage/report", "os", "no disk in the report"},
}

// source is one Go file of the project, tests left out.
type source struct {
	pkg  string // folder below the root, "" = the root
	path string
	file *ast.File
}

func sources(t *testing.T) []source {
	t.Helper()
	var out []source
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && path != "." || d.Name() == "testdata") {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(filepath.Dir(path))
		out = append(out, source{strings.TrimPrefix(pkg, "."), path, f})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 20 {
		t.Fatalf("only %d files found: the test looks in the wrong folder", len(out))
	}
	return out
}

func imports(f *ast.File) []string {
	var paths []string
	for _, i := range f.Imports {
		if p, err := strconv.Unquote(i.Path.Value); err == nil {
			paths = append(paths, p)
		}
	}
	return paths
}

func TestImportDirections(t *testing.T) {
	for _, s := range sources(t) {
		allowed, known := rooms[s.pkg]
		if !known {
			t.Errorf("%s: the package %q is not in the folder map", s.path, s.pkg)
			continue
		}
		for _, p := range imports(s.file) {
			ours, isOurs := strings.CutPrefix(p, "retriage/")
			if isOurs && !permits(allowed, ours) {
				t.Errorf("%s: %q may not import %q", s.path, s.pkg, ours)
			}
			if strings.HasPrefix(p, "charm.land/") && !charmRoom(s.pkg) {
				t.Errorf("%s: %s belongs under tui, themes and cli", s.path, p)
			}
			for _, rule := range foreign {
				if p == rule.path && (s.pkg == rule.under || strings.HasPrefix(s.pkg, rule.under+"/")) {
					t.Errorf("%s imports %s: %s", s.path, p, rule.why)
				}
			}
		}
	}
}

func permits(allowed []string, pkg string) bool {
	return slices.ContainsFunc(allowed, func(a string) bool {
		below, wide := strings.CutSuffix(a, "*")
		return a == pkg || wide && strings.HasPrefix(pkg, below)
	})
}

func charmRoom(pkg string) bool {
	return pkg == "cli" || pkg == "themes" || pkg == "tui" || strings.HasPrefix(pkg, "tui/")
}

// The clock and the dice come in as data: nobody below reads them.
func TestNoClockWhereTimeIsData(t *testing.T) {
	for _, s := range sources(t) {
		timeless := s.pkg == "model" || s.pkg == "triage" || s.pkg == "triage/retry" || s.pkg == "triage/report" ||
			s.pkg == "tui" || strings.HasPrefix(s.pkg, "tui/")
		if !timeless {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, ok := sel.X.(*ast.Ident)
			if ok && x.Name == "time" && (sel.Sel.Name == "Now" || sel.Sel.Name == "Sleep" || sel.Sel.Name == "Since") {
				t.Errorf("%s calls time.%s: time comes in as data there", s.path, sel.Sel.Name)
			}
			return true
		})
	}
}

// Foreign text leaves through Safe: the exact bytes are for matching and sending.
func TestNoFaceTakesTextFromTheWire(t *testing.T) {
	for _, s := range sources(t) {
		face := s.pkg == "tui" || strings.HasPrefix(s.pkg, "tui/") || s.pkg == "triage/report"
		if !face {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "Wire" {
				t.Errorf("%s uses Wire: a face shows Safe text only", s.path)
			}
			return true
		})
	}
}

// Colours are the theme's.
func TestColoursOnlyInThemes(t *testing.T) {
	for _, s := range sources(t) {
		if s.pkg == "themes" {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := sel.X.(*ast.Ident); ok && x.Name == "lipgloss" && sel.Sel.Name == "Color" {
					t.Errorf("%s has a colour literal: colours live in themes", s.path)
				}
			}
			return true
		})
	}
}

func TestEveryPackageSaysWhatItPromises(t *testing.T) {
	docs := map[string]string{}
	for _, s := range sources(t) {
		if s.file.Doc != nil {
			docs[s.pkg] += s.file.Doc.Text()
		}
	}
	for pkg := range rooms {
		if strings.TrimSpace(docs[pkg]) == "" {
			t.Errorf("package %q has no comment", pkg)
		}
	}
}

// The folder map of the README is true.
func TestFolderMap(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for pkg := range rooms {
		if pkg != "" && !strings.Contains(string(readme), "`"+pkg+"/`") {
			t.Errorf("README's folder map lacks `%s/`", pkg)
		}
	}
}
