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

func TestAFieldTakesTheTypeThatTheFailureAsksFor(t *testing.T) {
	const body = `{"age":"62","note":"a"}`
	for _, row := range []struct{ message, typed, want, wrong string }{
		{"must be integer, got string", "62", `{"age":62,"note":"a"}`, ""},
		{"must be integer, got string", " 63 ", `{"age":63,"note":"a"}`, ""},
		{"must be integer, got string", "62x", "", `age needs a whole number; ="62x" sends text`},
		{"must be integer, got string", "6.5", "", `age needs a whole number; ="6.5" sends text`},
		{"must be integer, got string", "", "", `age needs a whole number; ="" sends text`},
		{"must be integer, got string", "a\"b", "", `age needs a whole number; ="..." sends text`},
		{"must be integer, got string", `="62x"`, `{"age":"62x","note":"a"}`, ""},
		{"must be integer, got string", "=null", `{"age":null,"note":"a"}`, ""},
		{"should be a number", "6.50", `{"age":6.50,"note":"a"}`, ""},
		{"expected boolean", "yes", `{"age":true,"note":"a"}`, ""},
		{"expected boolean", "62", "", `age needs true or false; ="62" sends text`},
		{"must be a string", "63", `{"age":"63","note":"a"}`, ""},
		{"is too large", "63", `{"age":"63","note":"a"}`, ""},
	} {
		p := model.Payload{Body: []byte(body), Known: true}
		fields, _ := Form(p, model.Failure{Field: model.Foreign("/age"), Message: model.Foreign(row.message)}, nil)
		changes, _, err := Edits(p, fields[:1], []string{row.typed})
		if err != nil {
			if err.Error() != row.wrong {
				t.Errorf("%s, %q: %v, want %q", row.message, row.typed, err, row.wrong)
			}
			continue
		}
		after, err := Apply(p, changes)
		if err != nil || string(after.Body) != row.want || row.wrong != "" {
			t.Errorf("%s, %q: %s, %v, want %s", row.message, row.typed, after.Body, err, row.want)
		}
	}
}

func TestATypeIsAskedForOnlyWhereAnotherOneIs(t *testing.T) {
	ask := func(body, field, message string, medium model.Medium) (asks []string) {
		p := model.Payload{Body: []byte(body), Known: true, Medium: medium}
		fields, _ := Form(p, model.Failure{Field: model.Foreign(field), Message: model.Foreign(message)}, nil)
		for _, f := range fields {
			if f.Asks {
				asks = append(asks, f.Label+" "+f.WantWords())
			}
		}
		return asks
	}
	for _, row := range []struct {
		body, field, message string
		medium               model.Medium
		want                 string
	}{
		{`{"age":62}`, "/age", "must be integer", model.JSON, ""},
		{`{"age":62}`, "/age", "must be a number", model.JSON, ""},
		{`{"age":6.5}`, "/age", "must be an integer", model.JSON, "age whole number"},
		{`{"age":"6"}`, "", "must be an integer", model.JSON, ""},
		{`{}`, "/age", "must be an integer", model.JSON, "age whole number"},
		{`{"age":{"a":"1"}}`, "/age", "must be an integer", model.JSON, "age.a whole number"},
		{`{"age":[]}`, "/age", "must be an integer", model.JSON, ""},
		{`<item><age>6</age></item>`, "/age", "must be an integer", model.XML, ""},
	} {
		if got := strings.Join(ask(row.body, row.field, row.message, row.medium), ", "); got != row.want {
			t.Errorf("%s %s: asks for %q, want %q", row.body, row.message, got, row.want)
		}
	}
}
