package dialect

import (
	"bytes"
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"retriage/model"
)

// file makes an input of text.
func file(text string) File {
	return File{Name: "test", R: bytes.NewReader([]byte(text)), Size: int64(len(text))}
}

// read opens and reads a response and, unless empty, a request.
func read(t *testing.T, response, request string) (*Reader, error) {
	t.Helper()
	var in Input
	if response != "" {
		in.Responses = []File{file(response)}
	}
	if request != "" {
		in.Requests = []File{file(request)}
	}
	r, err := Open(in)
	if err != nil {
		return nil, err
	}
	return r, r.Read(context.Background())
}

// mustRead is read for an input without a fault.
func mustRead(t *testing.T, response, request string) *Reader {
	t.Helper()
	r, err := read(t, response, request)
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	return r
}

// sample reads a hand-written file.
func sample(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// states lists how the items stand, e.g. "ok failed unknown".
func states(b *model.Batch) string {
	var all []string
	for i := range b.Len() {
		all = append(all, b.State(i).String())
	}
	return strings.Join(all, " ")
}

// kinds lists the anomalies of a batch.
func kinds(b *model.Batch) string {
	var all []string
	for _, a := range b.Anomalies() {
		all = append(all, a.Kind)
	}
	return strings.Join(all, " ")
}

// item reads item i back.
func item(t *testing.T, b *model.Batch, i int) model.Item {
	t.Helper()
	it, err := b.Item(i)
	if err != nil {
		t.Fatal(err)
	}
	return it
}

// equal compares what a test got.
func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n got %v\nwant %v", what, got, want)
	}
}

// sending makes items to be sent out of items of a batch.
func sending(t *testing.T, b *model.Batch, indices ...int) (all []model.SendItem) {
	t.Helper()
	for _, i := range indices {
		it := item(t, b, i)
		all = append(all, model.SendItem{Index: i, ID: it.ID, Payload: it.Payload})
	}
	return all
}

func TestNames(t *testing.T) {
	if !slices.IsSorted(Names()) || len(Names()) < 20 {
		t.Errorf("names: %v", Names())
	}
	for _, name := range Names() {
		d, err := ByName(name)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "name", d.Name(), name)
		if d.Title() == "" || !slices.Contains([]string{"batch", "each", "file"}, d.SendMode()) {
			t.Errorf("%s has no title or no send mode", name)
		}
	}
}

func TestUnknownName(t *testing.T) {
	cases := []struct{ name, asked, near string }{
		{"a letter missing", "generic207", "generic-207"},
		{"letters swapped", "msgraph", "ms-graph"},
		{"a part", "soap", "soap-batch"},
		{"upper case", "OData", "odata-json"},
		{"nothing like it", "zebra", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := ByName(c.asked)
			var unknown *UnknownDialectError
			if !errors.As(err, &unknown) {
				t.Fatalf("got %v", err)
			}
			equal(t, "near", unknown.Near, c.near)
			if !strings.Contains(err.Error(), "generic-207, generic-jsonl") {
				t.Errorf("the names are not told: %v", err)
			}
		})
	}
}

func TestComplete(t *testing.T) {
	d, _ := ByName("ms-graph")
	p := d.Complete(model.Profile{KeyField: "mine"})
	equal(t, "items", p.MaxItems, 20)
	equal(t, "item URL", p.ItemURL, "{response.headers.location} | {request.url}")
	equal(t, "key field", p.KeyField, "mine")
	equal(t, "key scope", p.KeyScope, model.NoKey)
	equal(t, "dialect", p.Dialect, "ms-graph")
	if !slices.Contains(p.Decided, 429) || slices.Contains(p.Decided, 500) {
		t.Errorf("decided: %v", p.Decided)
	}
	d, _ = ByName("odata-json")
	equal(t, "items of OData", d.Complete(model.Profile{}).MaxItems, 100)
	equal(t, "kept", d.Complete(model.Profile{MaxItems: 7}).MaxItems, 7)
}

func TestLikeReplacesLists(t *testing.T) {
	d, _ := ByName("ms-graph")
	for _, m := range d.spec.Detect.Text {
		if m.Is == `"odata-version"` {
			t.Error("a list of the dialect it is like was kept")
		}
	}
	equal(t, "inherited", d.spec.Request.Group, "atomicityGroup")
	for _, r := range d.Rules() {
		if r.Name == "" || r.Category == model.None {
			t.Errorf("rule %+v", r)
		}
	}
}
