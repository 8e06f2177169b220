package triage

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"retriage/model"
)

func TestFieldsFlattenInOrder(t *testing.T) {
	p := jsonPayload(`{"name":"Ann","age":42,"price":1.10,"ok":true,"none":null,"tags":["a",{"x/y":1}],"empty":{},"list":[],
		"note":"line\nline"}`)
	want := []string{
		"/name name text Ann", "/age age integer 42", "/price price number 1.10", "/ok ok boolean true", "/none none null ",
		"/tags/0 tags[0] text a", "/tags/1/x~1y tags[1].x/y integer 1", "/empty empty object {}", "/list list array []",
		"/note note text line\nline long",
	}
	kinds := []string{"text", "number", "integer", "boolean", "null", "object", "array"}
	var got []string
	for _, f := range Fields(p) {
		line := fmt.Sprint(f.Pointer, " ", f.Label, " ", kinds[f.Kind], " ", f.Text())
		if f.Long {
			line += " long"
		}
		got = append(got, line)
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestFieldsOfOtherBodies(t *testing.T) {
	rows := []struct {
		name string
		p    model.Payload
		want string
	}{
		{"none", model.Payload{Known: true}, ""},
		{"not JSON", jsonPayload(`{"a":`), ""},
		{"a plain value", jsonPayload(`5`), "=body"},
		{"names twice are left out", jsonPayload(`{"a":{"b":1,"b":2},"c":3}`), "/c=c"},
		{"a safe label", jsonPayload("{\"a\u202eb\":1}"), "/a\u202eb=a⟨U+202E⟩b"},
		{"xml", xmlPayload(`<o:R xmlns:o="u" id="1"><a t="2">x</a><i><s/></i><i><s>y</s></i></o:R>`),
			"/@id=@id /a/@t=a.@t /a=a /i/0/s=i.0.s /i/1/s=i.1.s"},
		{"xml with mixed content", xmlPayload(`<r>text<a/></r>`), ""},
		{"xml that is none", xmlPayload(`<r>`), ""},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			var got []string
			for _, f := range Fields(r.p) {
				got = append(got, f.Pointer+"="+f.Label)
			}
			if strings.Join(got, " ") != r.want {
				t.Errorf("got %q, want %q", strings.Join(got, " "), r.want)
			}
		})
	}
}

func TestFieldsAreBounded(t *testing.T) {
	many := jsonPayload("[" + strings.Repeat("1,", 999) + "1]")
	if n := len(Fields(many)); n != maxFields {
		t.Errorf("%d fields", n)
	}
	deep := Fields(jsonPayload(strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100)))
	if len(deep) != 1 || deep[0].Kind != ObjectField {
		t.Errorf("deep: %d fields", len(deep))
	}
}

func TestFieldParse(t *testing.T) {
	rows := []struct{ name, raw, typed, want, err string }{
		{"text", `"a"`, `b "c" <d>`, `"b \"c\" <d>"`, ""},
		{"unchanged text keeps its escapes", `"\u00e9\/"`, "é/", `"\u00e9\/"`, ""},
		{"unchanged number keeps its digits", `1.10`, "1.10", `1.10`, ""},
		{"text that looks like a number stays text", `"1"`, "2", `"2"`, ""},
		{"retyped", `"1"`, "=2", `2`, ""},
		{"retyped to null", `"1"`, "= null", `null`, ""},
		{"retyped badly", `"1"`, "=x", ``, `f needs JSON after =, like =42 or ="text"`},
		{"text that begins with =", `"=1"`, `="=1"`, `"=1"`, ""},
		{"whole number", `1`, " -20 ", `-20`, ""},
		{"whole number of many digits", `1`, "12345678901234567890", `12345678901234567890`, ""},
		{"not whole", `1`, "1.5", ``, "f needs a whole number"},
		{"not a number", `1`, "x", ``, "f needs a whole number"},
		{"no number", `1`, "", ``, "f needs a whole number"},
		{"leading zero", `1`, "007", ``, "f needs a whole number"},
		{"number", `1.5`, "2.50", `2.50`, ""},
		{"whole in a number field", `1.5`, "2", `2`, ""},
		{"not a number either", `1.5`, "1,5", ``, "f needs a number, like 12.50"},
		{"boolean", `true`, "No", `false`, ""},
		{"not a boolean", `true`, "maybe", ``, "f needs true or false"},
		{"null stays", `null`, "", `null`, ""},
		{"null becomes text", `null`, "5", `"5"`, ""},
		{"object", `{}`, `{"a": 1}`, `{"a": 1}`, ""},
		{"not an object", `{}`, `[1]`, ``, `f needs an object, like {"name": "value"}`},
		{"list", `[]`, `["a"]`, `["a"]`, ""},
		{"broken list", `[]`, `["a"`, ``, `f needs a list, like ["a", "b"]`},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			f := Fields(jsonPayload(`{"f":` + r.raw + `}`))[0]
			got, err := f.Parse(r.typed)
			if got != r.want {
				t.Errorf("got %s, want %s", got, r.want)
			}
			var bad *FieldError
			if r.err == "" && err != nil || r.err != "" && (!errors.As(err, &bad) || err.Error() != r.err) {
				t.Errorf("error %v, want %q", err, r.err)
			}
		})
	}
}
