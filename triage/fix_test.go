package triage

import (
	"errors"
	"strings"
	"testing"

	"retriage/model"
)

func itemWith(body string) model.Item {
	return model.Item{Index: 6, ID: model.TextID("item-007"), Payload: jsonPayload(body)}
}

func failAt(field, code, message string) model.Failure {
	f := fail(422, code, message)
	f.Field = model.Foreign(field)
	return f
}

func changeLines(changes []model.Change) string {
	var out []string
	for _, c := range changes {
		out = append(out, ChangeLine(c))
	}
	return strings.Join(out, "; ")
}

func TestSuggest(t *testing.T) {
	rows := []struct {
		name, body string
		f          model.Failure
		want       string // id: changes | id: changes
	}{
		{"e-mail", `{"name":"Ann","email":"A @x.org "}`, failAt("", "VALIDATION_ERROR", "Invalid email format"),
			`email-trim: /email  "A @x.org " -> "a@x.org"`},
		{"e-mail without an @", `{"name":"Ann B. Lee","email":"none"}`, failAt("/email", "", "not a valid address"),
			`email-placeholder!: /email  "none" -> "ann.b.lee@example.invalid"`},
		{"e-mail in a field of another name", `{"contact_email":"A@X.ORG","title":"Mail"}`, failAt("", "", "email is invalid"),
			`email-trim: /contact_email  "A@X.ORG" -> "a@x.org"`},
		{"nothing to fix", `{"email":"a@x.org"}`, failAt("", "", "Invalid email format"), ""},
		{"date", `{"name":"1/2/2026","date":"03/14/2026"}`, failAt("", "", "date must be ISO 8601"),
			`date-iso: /date  "03/14/2026" -> "2026-03-14"`},
		{"type, by path", `{"items":[{"price":"1.10"},{"price":"2.50"}]}`, failAt("", "", "items[1].price must be a number"),
			`type-coerce: /items/1/price  "2.50" -> 2.50`},
		{"type, by the only value that fits", `{"sku":"A","qty":"42"}`, failAt("", "", "expected integer, got string"),
			`type-coerce: /qty  "42" -> 42`},
		{"type, two values would fit", `{"zip":"8000","qty":"42"}`, failAt("", "", "expected integer, got string"), ""},
		{"type, named by the server without its path", `{"order":{"qty":"42"},"zip":"1"}`, failAt("/qty", "", "must be an integer"),
			`type-coerce: /order/qty  "42" -> 42`},
		{"the server names a field that is not there", `{"qty":"42"}`, failAt("/count", "", "must be an integer"), ""},
		{"length", `{"name":"Zoë Quartermain","sku":"A"}`, failAt("/name", "", "is too long (maximum is 3 characters)"),
			`length-cut: /name  "Zoë Quartermain" -> "Zoë"`},
		{"another error", `{"email":"A@X.ORG","date":"03/14/2026"}`, failAt("", "CONFLICT", "already exists"), ""},
		{"key", `{"idempotency_key":"k1"}`, failAt("", "IDEMPOTENCY_KEY_REUSED", ""), `fresh-key: `},
		{"key that the item does not carry", `{"a":"k1"}`, failAt("", "IDEMPOTENCY_KEY_REUSED", ""), ``},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			var got []string
			for _, s := range Suggest(itemWith(r.body), r.f) {
				id := s.Fix.ID
				if s.Fix.Marked {
					id += "!"
				}
				got = append(got, id+": "+changeLines(s.Changes))
			}
			if g := strings.Join(got, " | "); g != r.want {
				t.Errorf("\n got %s\nwant %s", g, r.want)
			}
		})
	}
}

func TestApplyFix(t *testing.T) {
	rows := []struct{ name, id, body, field, message, want string }{
		{"trim: not asked about mail, still done", "email-trim", `{"email":" A@x "}`, "", "", `/email  " A@x " -> "a@x"`},
		{"trim: two @", "email-trim", `{"email":"A@x@y"}`, "", "", ""},
		{"placeholder: first and last name", "email-placeholder", `{"u":{"first_name":"Zoë","last_name":"O'Neil","email":""}}`, "", "",
			`/u/email  "" -> "zoe.o.neil@example.invalid"`},
		{"placeholder: null, no name", "email-placeholder", `{"email":null}`, "", "", `/email  null -> "item.007@example.invalid"`},
		{"placeholder: never over an address", "email-placeholder", `{"name":"Ann","email":"a@x"}`, "/email", "", ""},

		{"date: day over 12", "date-iso", `{"date":"14/03/2026"}`, "", "", `/date  "14/03/2026" -> "2026-03-14"`},
		{"date: slashes mean month first", "date-iso", `{"date":"03/04/2026"}`, "", "", `/date  "03/04/2026" -> "2026-03-04"`},
		{"date: unless the server says so", "date-iso", `{"date":"03/04/2026"}`, "", "dates come as DD/MM/YYYY", `/date  "03/04/2026" -> "2026-04-03"`},
		{"date: dots", "date-iso", `{"date":"4.3.2026"}`, "", "", `/date  "4.3.2026" -> "2026-03-04"`},
		{"date: year first", "date-iso", `{"date":"2026/03/14"}`, "", "", `/date  "2026/03/14" -> "2026-03-14"`},
		{"date: words", "date-iso", `{"date":"March 14, 2026"}`, "", "", `/date  "March 14, 2026" -> "2026-03-14"`},
		{"date: with a time", "date-iso", `{"at":"03/14/2026 1:05 PM"}`, "", "", `/at  "03/14/2026 1:05 PM" -> "2026-03-14T13:05:00"`},
		{"date: with a zone", "date-iso", `{"at":"2026/03/14 13:05:00 +0100"}`, "", "", `/at  "2026/03/14 13:05:00 +0100" -> "2026-03-14T13:05:00+01:00"`},
		{"date: no such day", "date-iso", `{"date":"02/30/2026"}`, "", "", ""},
		{"date: dashes are not guessed", "date-iso", `{"date":"03-04-2026"}`, "", "", ""},
		{"date: two digits of a year are not guessed", "date-iso", `{"date":"03/14/26"}`, "", "", ""},
		{"date: ISO already", "date-iso", `{"date":"2026-03-14"}`, "", "", ""},

		{"type: digits stay", "type-coerce", `{"p":"12345678901234567890.10"}`, "/p", "must be a number", `/p  "12345678901234567890.10" -> 12345678901234567890.10`},
		{"type: not whole", "type-coerce", `{"p":"1.5"}`, "/p", "must be an integer", ""},
		{"type: whole with a point", "type-coerce", `{"p":5.0}`, "/p", "must be an integer", `/p  5.0 -> 5`},
		{"type: leading zeros are left", "type-coerce", `{"p":"007"}`, "/p", "must be a number", ""},
		{"type: thousands are left", "type-coerce", `{"p":"1,204"}`, "/p", "must be a number", ""},
		{"type: boolean", "type-coerce", `{"p":"Yes"}`, "/p", "expected boolean", `/p  "Yes" -> true`},
		{"type: boolean of a number", "type-coerce", `{"p":0}`, "/p", "should be a boolean", `/p  0 -> false`},
		{"type: string", "type-coerce", `{"p":1.10}`, "/p", "must be a string, not a number", `/p  1.10 -> "1.10"`},
		{"type: Elasticsearch", "type-coerce", `{"count":"42"}`, "", "failed to parse field [count] of type [long]", `/count  "42" -> 42`},
		{"type: Java", "type-coerce", `{"count":"42"}`, "/count", "Cannot deserialize value of type `java.lang.Integer` from String", `/count  "42" -> 42`},
		{"type: PostgreSQL", "type-coerce", `{"count":" 42 "}`, "/count", `invalid input syntax for type integer: " 42 "`, `/count  " 42 " -> 42`},
		{"type: none named", "type-coerce", `{"p":"1"}`, "/p", "is wrong", ""},

		{"cut: at most", "length-cut", `{"n":"abcdef"}`, "/n", "must be at most 4 characters", `/n  "abcdef" -> "abcd"`},
		{"cut: or fewer", "length-cut", `{"n":"abcdef"}`, "", "n must be 4 characters or fewer", `/n  "abcdef" -> "abcd"`},
		{"cut: between", "length-cut", `{"n":"abcdef"}`, "/n", "length must be between 1 and 3", `/n  "abcdef" -> "abc"`},
		{"cut: column type", "length-cut", `{"n":"abcdef"}`, "", "value too long for type character varying(2)", `/n  "abcdef" -> "ab"`},
		{"cut: bytes end between characters", "length-cut", `{"n":"aéé"}`, "/n", "exceeds 4 bytes", `/n  "aéé" -> "aé"`},
		{"cut: no space left at the end", "length-cut", `{"n":"ab cd"}`, "/n", "maximum length is 3", `/n  "ab cd" -> "ab"`},
		{"cut: short enough", "length-cut", `{"n":"ab"}`, "/n", "maximum length is 3", ""},
		{"cut: a bound on a number is no length", "length-cut", `{"n":"abcdef","q":9}`, "", "quantity exceeds 5", ""},

		{"key: in a field", "fresh-key", `{"Idempotency-Key":"old","a":1}`, "", "", `/Idempotency-Key  "old" -> "new-key"`},
		{"key: in the named field", "fresh-key", `{"ref":"old"}`, "/ref", "", `/ref  "old" -> "new-key"`},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			got, err := ApplyFix(r.id, itemWith(r.body), failAt(r.field, "", r.message), func() string { return "new-key" })
			if err != nil {
				t.Fatal(err)
			}
			if g := changeLines(got); g != r.want {
				t.Errorf("\n got %s\nwant %s", g, r.want)
			}
			if _, err := Apply(jsonPayload(r.body), got); err != nil {
				t.Errorf("the changes do not apply: %v", err)
			}
		})
	}
}

func TestFreshKeyIsOneKeyInEveryPlace(t *testing.T) {
	it := itemWith(`{"idempotencyKey":"a"}`)
	it.Payload.Headers = map[string]string{"Idempotency-Key": "a"}
	n := 0
	got, err := ApplyFix("fresh-key", it, failAt("", "", ""), func() string { n++; return "k" })
	if want := `/idempotencyKey  "a" -> "k"; header Idempotency-Key  a -> k`; err != nil || n != 1 || changeLines(got) != want {
		t.Errorf("%d calls, %s, %v", n, changeLines(got), err)
	}
}

func TestApplyFixErrors(t *testing.T) {
	var unknown *UnknownFixError
	if _, err := ApplyFix("nope\x1b", itemWith(`{}`), model.Failure{}, nil); !errors.As(err, &unknown) || strings.Contains(err.Error(), "\x1b") {
		t.Errorf("got %v", err)
	}
	if _, err := ApplyFix("fresh-key", itemWith(`{"idempotency_key":"k"}`), model.Failure{}, nil); !errors.Is(err, ErrNoFresh) {
		t.Errorf("got %v", err)
	}
}

func TestFixesAreNamedAndOnlyThePlaceholderMakesDataUp(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Fixes() {
		if f.ID == "" || f.Title == "" || seen[f.ID] || f.Marked != (f.ID == "email-placeholder") {
			t.Errorf("%+v", f)
		}
		seen[f.ID] = true
	}
}

func TestFixesWorkOnXML(t *testing.T) {
	it := model.Item{Payload: xmlPayload(`<r><email> A@X.org</email><day>03/14/2026</day></r>`)}
	changes, err := ApplyFix("email-trim", it, failAt("", "", ""), nil)
	if err != nil {
		t.Fatal(err)
	}
	more, err := ApplyFix("date-iso", it, failAt("/day", "", ""), nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Apply(it.Payload, append(changes, more...))
	if want := `<r><email>a@x.org</email><day>2026-03-14</day></r>`; err != nil || string(got.Body) != want {
		t.Errorf("got %s, %v", got.Body, err)
	}
}

func TestAKeyIsRenewedUntilItIsSent(t *testing.T) {
	it := itemWith(`{"idempotency_key":"k1","a":1}`)
	f := failAt("", "IDEMPOTENCY_KEY_REUSED", "")
	if Renewed(it, it.Payload, f) {
		t.Error("the key that was sent is taken for a fresh one")
	}
	if sent := itemWith(`{"idempotency_key":"k0","a":1}`).Payload; !Renewed(it, sent, f) {
		t.Error("another key than the one that was sent is none")
	}
	if Renewed(itemWith(`{"a":1}`), itemWith(`{"a":2}`).Payload, f) {
		t.Error("an item without a key has a fresh one")
	}
}
