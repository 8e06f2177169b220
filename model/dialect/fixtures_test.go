package dialect_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"retriage/model"
	"retriage/model/dialect"
	"retriage/triage"
)

// sample is an input and what its format means.
type sample struct {
	name     string
	response []string // files; a name with a line end is the text itself
	request  []string
	dialect  string // to ask for, "" = by the content
	is       string // the dialect that it has to be taken for
	// items in the order of the batch, one word each: the state's id, and for
	// what is not fine, after a slash, category, class and, if any, the code, e.g.
	// "failed/validation/after_edit/INVALID_EMAIL".
	items     []string
	ids       []string // of all items, if given
	anomalies []string // kinds, in order
	refused   string   // status and code of a refusal of the whole batch: "413 TOO_LARGE"
}

// checkSamples opens samples and compares what they mean; dir is where files are.
func checkSamples(t *testing.T, dir string, samples []sample) {
	t.Helper()
	for _, s := range samples {
		t.Run(s.name, func(t *testing.T) { s.check(t, dir) })
	}
}

// fixtures is the folder of real responses, which need not be there.
func fixtures(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("RETRIAGE_FIXTURES")
	if dir == "" {
		t.Skip("RETRIAGE_FIXTURES is not set")
	}
	return dir
}

func (s sample) check(t *testing.T, dir string) {
	t.Helper()
	r, err := dialect.Open(dialect.Input{Responses: filesOf(t, dir, s.response), Requests: filesOf(t, dir, s.request), Dialect: s.dialect})
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Dialect().Name(); s.is != "" && got != s.is {
		t.Errorf("taken for %s, want %s; candidates %+v", got, s.is, r.Candidates())
	}
	err = r.Read(t.Context())
	var refused *dialect.RefusedError
	if s.refused != "" {
		if !errors.As(err, &refused) || strings.TrimSpace(fmt.Sprint(refused.Status, " ", refused.Code.Safe(0))) != s.refused {
			t.Errorf("read: %v, want a refusal %s", err, s.refused)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	b := r.Batch()
	if got := words(t, r); !slices.Equal(got, s.items) {
		t.Errorf("items\n got %s\nwant %s", strings.Join(got, "\n     "), strings.Join(s.items, "\n     "))
	}
	if s.ids != nil {
		var ids []string
		for i := range b.Len() {
			it, err := b.Item(i)
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, string(it.ID.JSON()))
		}
		if !slices.Equal(ids, s.ids) {
			t.Errorf("ids %v, want %v", ids, s.ids)
		}
	}
	var kinds []string
	for _, a := range b.Anomalies() {
		kinds = append(kinds, a.Kind)
	}
	if !slices.Equal(kinds, s.anomalies) {
		t.Errorf("anomalies %v, want %v: %+v", kinds, s.anomalies, b.Anomalies())
	}
}

// words tells every item of a batch as a sample does.
func words(t *testing.T, r *dialect.Reader) (all []string) {
	t.Helper()
	c, err := triage.NewClassifier(r.Dialect().Rules(), nil)
	if err != nil {
		t.Fatal(err)
	}
	b := r.Batch()
	for i := range b.Len() {
		it, err := b.Item(i)
		if err != nil {
			t.Fatal(err)
		}
		word := b.State(i).String()
		if f := it.Answer.Failure; f != nil && b.State(i) != model.Ready {
			filing := c.Classify(*f)
			word += "/" + filing.Category.String() + "/" + filing.Class.String()
			if !f.Code.IsZero() {
				word += "/" + f.Code.Wire()
			}
		}
		all = append(all, word)
	}
	return all
}

func filesOf(t *testing.T, dir string, names []string) (files []dialect.File) {
	t.Helper()
	for _, name := range names {
		text := []byte(name)
		if !strings.Contains(name, "\n") {
			var err error
			if text, err = os.ReadFile(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
		files = append(files, dialect.File{Name: filepath.Base(strings.SplitN(name, "\n", 2)[0]), R: bytes.NewReader(text), Size: int64(len(text))})
	}
	return files
}

// retried writes a batch of only the items that are not fine, as their requests
// were read, and gives its text.
func retried(t *testing.T, s sample, dir string, made ...model.Made) string {
	t.Helper()
	r, err := dialect.Open(dialect.Input{Responses: filesOf(t, dir, s.response), Requests: filesOf(t, dir, s.request), Dialect: s.dialect})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	var c model.Chunk
	for _, i := range r.Batch().Open() {
		it, err := r.Batch().Item(i)
		if err != nil {
			t.Fatal(err)
		}
		c.Items = append(c.Items, model.SendItem{Index: i, ID: it.ID, Payload: it.Payload, Made: made})
	}
	body, _, err := r.Dialect().Write(c, r.Dialect().Complete(model.Profile{}))
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// TestEveryDialectHasSamples keeps a dialect from being added without a sample
// of the project's own.
func TestEveryDialectHasSamples(t *testing.T) {
	have := map[string]bool{}
	files, err := filepath.Glob("testdata/*.response.*")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		name, _, _ := strings.Cut(filepath.Base(f), ".")
		have[name] = true
	}
	for _, name := range dialect.Names() {
		if !have[name] {
			t.Errorf("testdata has no %s.response.*; there are %v", name, slices.Sorted(maps.Keys(have)))
		}
	}
}
