package dialect

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"

	"retriage/model"
)

//go:embed apis/*.toml
var apis embed.FS

// Catalog is the dialects that are known. It does not change.
type Catalog struct {
	specs []*spec
	texts map[string][]byte // the file of each, by name
}

// BuiltIn is the dialects that ship with the program. The embedded files are
// read by a test, so a program that was built from a tested tree has all of them.
func BuiltIn() *Catalog {
	c, err := builtIn()
	if err != nil {
		panic("dialect: " + err.Error())
	}
	return c
}

var builtIn = sync.OnceValues(func() (*Catalog, error) {
	sub, err := fs.Sub(apis, "apis")
	if err != nil {
		return nil, err
	}
	return (&Catalog{}).With(sub)
})

// With adds the dialects of a folder, each in a file NAME.toml. One that has the
// name of a dialect that is there takes its place. Errors name the file, and the
// line where the file cannot be read; the dialects of the other files are there
// all the same.
func (c *Catalog) With(folder fs.FS) (*Catalog, error) {
	files, err := fs.Glob(folder, "*.toml")
	if err != nil {
		return c, fmt.Errorf("look for dialects: %w", err)
	}
	all := &Catalog{specs: slices.Clone(c.specs), texts: maps.Clone(c.texts)}
	if all.texts == nil {
		all.texts = map[string][]byte{}
	}
	var errs []error
	for _, file := range files {
		text, err := fs.ReadFile(folder, file)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", file, err))
			continue
		}
		all.texts[strings.TrimSuffix(file, ".toml")] = text
	}
	// Every start of the program waits for this, so the files are read at once.
	specs, wrong := make([]*spec, len(files)), make([]error, len(files))
	var reading sync.WaitGroup
	for i, file := range files {
		if name := strings.TrimSuffix(file, ".toml"); all.texts[name] != nil {
			reading.Go(func() { specs[i], wrong[i] = all.parse(name) })
		}
	}
	reading.Wait()
	for i, file := range files {
		switch {
		case wrong[i] != nil:
			errs = append(errs, fmt.Errorf("%s: %w", file, wrong[i]))
		case specs[i] != nil:
			all.put(specs[i])
		}
	}
	slices.SortFunc(all.specs, byName)
	return all, errors.Join(errs...)
}

// WithText is With for the one file of a dialect.
func (c *Catalog) WithText(name string, text []byte) (*Catalog, error) {
	all := &Catalog{specs: slices.Clone(c.specs), texts: maps.Clone(c.texts)}
	all.texts[name] = text
	s, err := all.parse(name)
	if err == nil {
		all.put(s)
	}
	slices.SortFunc(all.specs, byName)
	return all, err
}

func byName(a, b *spec) int { return strings.Compare(a.Name, b.Name) }

// parse reads the file of a name.
func (c *Catalog) parse(name string) (*spec, error) {
	s, err := parseSpec(c.texts[name], func(base string) ([]byte, error) {
		text, ok := c.texts[base]
		if !ok {
			return nil, fmt.Errorf("there is no dialect %s", model.Foreign(base).Safe(model.SafeShort))
		}
		return text, nil
	})
	if err == nil && s.Name != name {
		err = fmt.Errorf("it calls itself %s; the file has to have that name", model.Foreign(s.Name).Safe(model.SafeShort))
	}
	return s, err
}

// put takes a dialect in, in the place of one of its name.
func (c *Catalog) put(s *spec) {
	c.specs = append(slices.DeleteFunc(c.specs, func(old *spec) bool { return old.Name == s.Name }), s)
}

// Names lists the dialects, sorted.
func (c *Catalog) Names() []string {
	names := make([]string, len(c.specs))
	for i, s := range c.specs {
		names[i] = s.Name
	}
	return names
}

// Text is the file of a dialect, nil when there is none of that name.
func (c *Catalog) Text(name string) []byte { return slices.Clone(c.texts[name]) }

// ByName finds a dialect. The error is an *UnknownDialectError.
func (c *Catalog) ByName(name string) (*Dialect, error) {
	for _, s := range c.specs {
		if s.Name == name {
			return newDialect(s), nil
		}
	}
	return nil, &UnknownDialectError{Asked: model.Foreign(name), Near: nearest(name, c.Names()), Known: c.Names()}
}

// Names lists the dialects that ship with the program, sorted.
func Names() []string { return BuiltIn().Names() }

// ByName finds a dialect that ships with the program. The error is an
// *UnknownDialectError.
func ByName(name string) (*Dialect, error) { return BuiltIn().ByName(name) }
