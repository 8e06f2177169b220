package sandbox

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func TestToken(t *testing.T) {
	for _, c := range []struct {
		name, method, path, auth string
		status                   int
		challenge                string
	}{
		{"none", "GET", "/items/a", "", 401, `Bearer realm="sandbox"`},
		{"wrong", "GET", "/items/a", "Bearer nope", 401, `error="invalid_token"`},
		{"empty", "GET", "/items/a", "Bearer ", 401, `error="invalid_token"`},
		{"basic", "POST", "/batch", "Basic " + DefaultToken, 401, `error="invalid_token"`},
		{"docs too", "GET", "/docs/validation/users", "", 401, "Bearer"},
		{"good", "GET", "/items/a", "Bearer " + DefaultToken, 404, ""},
		{"index needs none", "GET", "/", "", 200, ""},
		{"unknown path", "GET", "/nothing", "", 404, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := call(t, open(t, Options{}), c.method, c.path, `[`+user("a")+`]`, "Authorization", c.auth)
			equal(t, "status", w.Code, c.status)
			if got := w.Header().Get("WWW-Authenticate"); !strings.Contains(got, c.challenge) || (c.challenge == "") != (got == "") {
				t.Errorf("challenge %q, want %q", got, c.challenge)
			}
			if c.status != 200 {
				equal(t, "JSON", w.Header().Get("Content-Type"), "application/json")
			}
		})
	}
}

func TestAccessEndpoints(t *testing.T) {
	s := open(t, Options{User: "night", Resources: []string{"res-2", "res-1"}})
	for _, c := range []struct {
		name, method, path, body string
		status                   int
		want                     string
	}{
		{"who am I", "GET", "/auth/permissions", "", 200, `{"resources":["res-1","res-2"],"scopes":["items:read","items:write"],"user":"night"}`},
		{"allowed", "GET", "/resources/res-1/permissions", "", 200, `{"allowed":true,"permissions":["read","write"],"resource":"res-1","user":"night"}`},
		{"denied", "GET", "/resources/res-9/permissions", "", 200, `{"allowed":false,"permissions":[],"resource":"res-9","user":"night"}`},
		{"check, allowed", "GET", "/resources/res-1/check-access", "", 200, `{"allowed":true,"resource":"res-1"}`},
		{"check, denied", "GET", "/resources/a%2Fb/check-access", "", 403, `{"error":{"code":"PERMISSION_DENIED","message":"Insufficient permissions for resource \"a/b\""}}`},
		{"in bulk", "POST", "/auth/check-batch", `{"resources":["x","res-1","x"]}`, 200,
			`{"results":[{"resource":"x","allowed":false},{"resource":"res-1","allowed":true},{"resource":"x","allowed":false}],"allowed":["res-1"],"denied":["x","x"]}`},
		{"in bulk, a number", "POST", "/auth/check-batch", `{"resources":[1]}`, 400, ""},
		{"in bulk, null", "POST", "/auth/check-batch", `{"resources":[null]}`, 400, ""},
		{"in bulk, nothing", "POST", "/auth/check-batch", `{}`, 400, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := call(t, s, c.method, c.path, c.body)
			equal(t, "status", w.Code, c.status)
			if c.want != "" {
				equal(t, "body", strings.TrimSpace(w.Body.String()), c.want)
			}
		})
	}
	open1 := open(t, Options{})
	equal(t, "every resource", strings.Contains(call(t, open1, "GET", "/auth/permissions", "").Body.String(), `["*"]`), true)
	none := open(t, Options{Resources: []string{}})
	equal(t, "no resource", strings.Contains(call(t, none, "GET", "/auth/permissions", "").Body.String(), `"resources":[]`), true)
}

func TestValidateUser(t *testing.T) {
	s := open(t, Options{})
	equal(t, "valid", strings.TrimSpace(call(t, s, "POST", "/users/validate", user("a")).Body.String()), `{"valid":true}`)
	w := call(t, s, "POST", "/users/validate", `{"email":"X","age":"1","date":"1/2/26","bio":"`+strings.Repeat("b", 501)+`"}`)
	equal(t, "status", w.Code, 422)
	var got []string
	for _, e := range decode(t, w).Errors {
		got = append(got, e.Field+" "+e.Code)
	}
	equal(t, "every fault, in the order of refusal", strings.Join(got, ", "),
		"/age TYPE_MISMATCH, /date VALIDATION_ERROR, /email VALIDATION_ERROR, /id VALIDATION_ERROR, /name VALIDATION_ERROR, /bio PAYLOAD_TOO_LARGE")
	equal(t, "not an object", decode(t, call(t, s, "POST", "/users/validate", `[]`)).Errors[0].Code, codeType)
	equal(t, "field twice", decode(t, call(t, s, "POST", "/users/validate", user("a", `"age":1,"age":1`))).Errors[0].Field, "/age")
	equal(t, "malformed", call(t, s, "POST", "/users/validate", `{`).Code, 400)
	equal(t, "nothing stored", len(s.Effects().Items), 0)
}

// The served schema must be the one that decides: an item is valid by it if
// and only if the API says so.
func TestServedSchemaIsTheOneUsed(t *testing.T) {
	s := open(t, Options{})
	w := call(t, s, "GET", "/docs/validation/users", "")
	equal(t, "type", w.Header().Get("Content-Type"), "application/schema+json")
	doc, err := jsonschema.UnmarshalJSON(w.Body)
	must(t, err)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	must(t, c.AddResource("served.json", doc))
	schema, err := c.Compile("served.json")
	must(t, err)
	for _, it := range []string{
		user("a"), user("a", `"age":"1"`), user("a", `"date":"x"`), `{}`, `7`, user("a", `"bio":"`+strings.Repeat("b", 501)+`"`),
		user("a", `"role":"viewer"`, `"unknown":[1]`), user("a", `"balance":1.10`), user("a", `"external_ref":18446744073709551616`),
	} {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(it))
		must(t, err)
		equal(t, it, call(t, s, "POST", "/users/validate", it).Code == 200, schema.Validate(v) == nil)
	}
	var fields struct {
		Properties map[string]struct{ Title, Description, Type string }
	}
	must(t, json.Unmarshal(Schema(), &fields))
	for name, f := range fields.Properties {
		if f.Title == "" || f.Description == "" || f.Type == "" {
			t.Errorf("the form field %s lacks a title, a description or a type", name)
		}
	}
}
