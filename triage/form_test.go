package triage

import (
	"strings"
	"testing"

	"retriage/model"
)

func formOf(t *testing.T, body, field string, headers map[string]string) (fields, outer []FormField) {
	t.Helper()
	p := model.Payload{URL: model.Foreign("/v2/orders"), Headers: headers, Body: []byte(body), Known: true}
	return Form(p, model.Failure{Field: model.Foreign(field), Message: model.Foreign("is wrong")}, nil)
}

func TestFormPutsTheFailingFieldFirst(t *testing.T) {
	const body = `{"sku":"A","price":-1,"customer":{"email":"x","name":"y"},"a/b":1}`
	for name, c := range map[string]struct{ field, want string }{
		"a pointer":           {"/price", "price"},
		"a nested pointer":    {"/customer/email", "customer.email"},
		"an escaped name":     {"/a~1b", "a/b"},
		"without its slash":   {"price", "price"},
		"the object around":   {"/customer", "customer.email customer.name"},
		"a bare nested name":  {"email", "customer.email"},
		"nothing":             {"", ""},
		"absent, to be added": {"/currency", "currency"},
		"absent, no pointer":  {"currency", ""},
	} {
		fields, _ := formOf(t, body, c.field, nil)
		var bad []string
		for i, f := range fields {
			if f.Bad {
				bad = append(bad, f.Label)
				if i >= len(bad) {
					t.Errorf("%s: %s is not among the first", name, f.Label)
				}
			}
		}
		if got := strings.Join(bad, " "); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestFormKnowsCredentials(t *testing.T) {
	_, outer := formOf(t, `{}`, "", map[string]string{"Authorization": "Bearer x", "If-Match": `"v1"`, "X-Api-Key": "k"})
	for _, f := range outer {
		if want := f.Label == "Authorization" || f.Label == "X-Api-Key"; f.Secret != want {
			t.Errorf("%s: secret = %v", f.Label, f.Secret)
		}
	}
}

func TestEditsOfAForm(t *testing.T) {
	p := model.Payload{Headers: map[string]string{"If-Match": `"v1"`}, Body: []byte(`{"price":-1,"note":"a"}`), Known: true}
	body, outer := Form(p, model.Failure{Field: model.Foreign("/currency")}, nil)
	all := append(body, outer...)
	texts := make([]string, len(all))
	for i, f := range all {
		texts[i] = f.Text()
	}
	if changes, at, err := Edits(p, all[1:], texts[1:]); err != nil || at != -1 || len(changes) != 0 {
		t.Fatalf("an untouched form changes %v at %d, %v", changes, at, err)
	}
	set := func(label, text string) {
		for i, f := range all {
			if f.Label == label {
				texts[i] = text
			}
		}
	}
	set("currency", "EUR")
	set("price", "19.90")
	set("If-Match", `"v2"`)
	changes, _, err := Edits(p, all, texts)
	if err != nil {
		t.Fatal(err)
	}
	after, err := Apply(p, changes)
	if err != nil || string(after.Body) != `{"price":19.90,"note":"a","currency":"EUR"}` || after.Headers["If-Match"] != `"v2"` {
		t.Errorf("%s %v, %v", after.Body, after.Headers, err)
	}
	set("price", "x")
	if _, at, err := Edits(p, all, texts); err == nil || all[at].Label != "price" {
		t.Errorf("a wrong number: at %d, %v", at, err)
	}
	set("price", "1")
	set("If-Match", "a\nb")
	if _, at, err := Edits(p, all, texts); err == nil || all[at].Label != "If-Match" {
		t.Errorf("a header of two lines: at %d, %v", at, err)
	}
}

func TestAfterAChange(t *testing.T) {
	f := FormField{Part: model.Body, Field: Field{Pointer: "/n", Label: "n", Kind: TextField, Raw: `"12"`}}
	for name, c := range map[string]struct {
		change model.Change
		want   string
		ok     bool
	}{
		"another text": {model.Change{Part: model.Body, Pointer: "/n", New: model.Foreign(`"13"`)}, "13", true},
		"another type": {model.Change{Part: model.Body, Pointer: "/n", New: model.Foreign(`12`)}, "=12", true},
		"not its own":  {model.Change{Part: model.Body, Pointer: "/m", New: model.Foreign(`12`)}, "", false},
		"a header":     {model.Change{Part: model.Header, Pointer: "/n", New: model.Foreign(`12`)}, "", false},
	} {
		text, ok := f.After(c.change)
		if text != c.want || ok != c.ok {
			t.Errorf("%s: %q %v", name, text, ok)
		}
		if raw, err := f.Parse(text); ok && (err != nil || raw != c.change.New.Wire()) {
			t.Errorf("%s: reads back as %q, %v", name, raw, err)
		}
	}
}
