package triage

import (
	"fmt"
	"strings"
	"testing"

	"retriage/model"
)

func verdictLine(v model.ItemVerdict) string {
	out := v.State.String()
	for _, f := range v.Fields {
		out += fmt.Sprintf(" %s=%s|%s", f.Pointer, f.Sent, f.Got)
	}
	if v.Note != "" {
		out += " (" + v.Note + ")"
	}
	return out
}

func TestCompareJSON(t *testing.T) {
	rows := []struct{ name, sent, got, want string }{
		{"equal", `{"a":1,"b":"x"}`, `{"a":1,"b":"x"}`, "confirmed"},
		{"the server has more", `{"a":{"b":1}}`, `{"id":7,"a":{"b":1,"c":2},"z":[]}`, "confirmed"},
		{"numbers by value", `{"a":1.10,"b":1e2,"c":0.0,"d":-0,"e":1}`, `{"a":1.1,"b":100,"c":0,"d":0,"e":1.000}`, "confirmed"},
		{"big numbers exactly", `{"a":12345678901234567890}`, `{"a":12345678901234567891}`, "differs /a=12345678901234567890|12345678901234567891"},
		{"big numbers written differently", `{"a":12345678901234567890}`, `{"a":1234567890123456789e1}`, "confirmed"},
		{"exponents beyond work", `{"a":1e999999999999}`, `{"a":2e999999999999}`, "differs /a=1e999999999999|2e999999999999"},
		{"same escapes", `{"a":"\u00e9\/"}`, `{"a":"é/"}`, "confirmed"},
		{"strings exactly", `{"a":"x"}`, `{"a":"x "}`, `differs /a="x"|"x "`},
		{"type counts", `{"a":"5"}`, `{"a":5}`, `differs /a="5"|5`},
		{"boolean", `{"a":true}`, `{"a":false}`, `differs /a=true|false`},
		{"absent", `{"a":{"b":1}}`, `{"a":{}}`, `differs /a/b=1|`},
		{"null is met by none", `{"a":null,"b":1}`, `{"b":1}`, "confirmed"},
		{"null and a value", `{"a":null}`, `{"a":1}`, "differs /a=null|1"},
		{"lists element by element", `{"a":[1,{"b":2}]}`, `{"a":[1.0,{"b":2,"id":9}]}`, "confirmed"},
		{"list element", `{"a":[1,{"b":2}]}`, `{"a":[1,{"b":3}]}`, "differs /a/1/b=2|3"},
		{"list length", `{"a":[1,2]}`, `{"a":[1]}`, "differs /a=[1,2]|[1]"},
		{"order of a list", `{"a":[1,2]}`, `{"a":[2,1]}`, "differs /a/0=1|2 /a/1=2|1"},
		{"object and list", `{"a":{}}`, `{"a":[]}`, "differs /a={}|[]"},
		{"ignored", `{"a":1,"b":{"c":2},"key":"k","n":1}`, `{"a":2,"b":{"c":3},"n":1}`, "confirmed"},
		{"ignored alone", `{"a":1}`, `{}`, "confirmed (present, not compared)"},
		{"wrapped", `{"n":1}`, `{"data":{"n":2},"meta":{}}`, "differs /n=1|2"},
		{"not wrapped when a field is beside", `{"n":1,"m":2}`, `{"data":{"n":9},"n":1,"m":2}`, "confirmed"},
		{"pointer is escaped", `{"x/y":1}`, `{"x/y":2}`, "differs /x~1y=1|2"},
		{"name twice in the read", `{"n":1}`, `{"n":1,"n":2}`, "unreadable (the read holds a name twice, and which value counts is not known)"},
		{"not JSON", `{"n":1}`, `{"n":1`, "unreadable (the read is not valid JSON)"},
		{"a web page", `{"n":1}`, `<html><body>Sign in</body></html>`, "unreadable (the read is not valid JSON)"},
		{"empty", `{"n":1}`, ` `, "unreadable (the read came back empty)"},
		{"too deep", `{"n":1}`, strings.Repeat("[", 300) + strings.Repeat("]", 300), "unreadable (the read is not valid JSON)"},
		{"nothing was sent", ``, `{"n":1}`, "confirmed (present, not compared)"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			sent, got := jsonPayload(r.sent), model.Reading{Status: 200, Body: []byte(r.got)}
			v := Compare(sent, got, "PUT", nil, "")
			if strings.HasPrefix(r.name, "ignored") {
				v = Compare(sent, got, "POST", []string{"/a", "/b"}, "key")
			}
			if g := verdictLine(v); g != r.want {
				t.Errorf("\n got %s\nwant %s", g, r.want)
			}
		})
	}
}

func TestCompareByMethodAndStatus(t *testing.T) {
	sent := jsonPayload(`{"n":1}`)
	rows := []struct {
		name, method string
		sent         model.Payload
		got          model.Reading
		want         string
	}{
		{"not there", "POST", sent, model.Reading{Status: 404}, "not_found"},
		{"gone", "PUT", sent, model.Reading{Status: 410}, "not_found"},
		{"deleted", "DELETE", sent, model.Reading{Status: 404}, "confirmed (gone, as it was asked for)"},
		{"deleted, lower case", "delete", sent, model.Reading{Status: 410}, "confirmed (gone, as it was asked for)"},
		{"not deleted", "DELETE", sent, model.Reading{Status: 200, Body: []byte(`{"n":1}`)}, "differs (still there, although it was to be deleted)"},
		{"get", "GET", sent, model.Reading{Status: 500}, "confirmed (a GET changes nothing, so nothing is read back)"},
		{"no read", "POST", sent, model.Reading{NoRead: true}, "unverifiable (this API offers no read)"},
		{"forbidden", "POST", sent, model.Reading{Status: 403}, "unreadable (the read was refused with status 403: it needs access)"},
		{"server error", "POST", sent, model.Reading{Status: 502, Body: []byte("<html>")}, "unreadable (the read was answered with status 502)"},
		{"redirect", "POST", sent, model.Reading{Status: 302}, "unreadable (the read was answered with status 302)"},
		{"no answer", "POST", sent, model.Reading{Fault: model.TimedOut, Why: model.Foreign("no answer within 30 s\x1b")}, "unreadable (no answer within 30 s␛)"},
		{"no answer, no reason", "POST", sent, model.Reading{}, "unreadable (the read got no answer)"},
		{"patch", "PATCH", sent, model.Reading{Status: 200, Body: []byte(`{"n":1,"m":2}`)}, "confirmed"},
		{"patch that differs", "PATCH", sent, model.Reading{Status: 200, Body: []byte(`{"n":2}`)}, "differs /n=1|2"},
		{"list of operations", "PATCH", jsonPayload(`[{"op":"remove","path":"/n"}]`), model.Reading{Status: 200, Body: []byte(`{}`)},
			"confirmed (present, not compared)"},
		{"unknown request", "", model.Payload{}, model.Reading{Status: 200, Body: []byte(`{"n":1}`)}, "confirmed (present, not compared)"},
		{"unknown request, a web page", "", model.Payload{}, model.Reading{Status: 200, Body: []byte(`<html><p>Sign in</p></html>`)},
			"unreadable (the read is neither valid XML nor valid JSON)"},
		{"the payload's own method", "", model.Payload{Method: "DELETE", Known: true}, model.Reading{Status: 404}, "confirmed (gone, as it was asked for)"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			v := Compare(r.sent, r.got, r.method, nil, "")
			if g := verdictLine(v); g != r.want {
				t.Errorf("\n got %s\nwant %s", g, r.want)
			}
			if r.method == "GET" {
				if v.Status != 0 || v.GotSHA != "" {
					t.Errorf("a GET counts as read back: %+v", v)
				}
				return
			}
			if v.Status != r.got.Status || (v.SentSHA == "") != (len(r.sent.Body) == 0) || (v.GotSHA == "") != (len(r.got.Body) == 0) {
				t.Errorf("got %+v", v)
			}
		})
	}
}

func TestCompareXML(t *testing.T) {
	const sent = `<o:Create xmlns:o="u" id="c1"><email>a@x</email><qty u="kg">1.10</qty><tag>a</tag><tag>b</tag><none/></o:Create>`
	rows := []struct{ name, got, want string }{
		{"XML, other prefix and layout", "<p:Create xmlns:p='u'>\n <email> a@x </email><qty u='kg'>1.10</qty><tag>a</tag><tag>b</tag><id>7</id></p:Create>", "confirmed"},
		{"XML inside envelopes", `<Envelope><Body><Item><email>b@x</email><qty u="g">1.10</qty><tag>a</tag></Item></Body></Envelope>`,
			`differs /email="a@x"|"b@x" /qty/@u="kg"|"g" /tag/1="b"|`},
		{"JSON", `{"email":"a@x","qty":1.1,"tag":["a","b"],"id":7}`, "confirmed"},
		{"JSON under its name", `{"create":{"email":"a@x","qty":"1.10","tag":["a","c"],"none":null}}`, `differs /tag/1="b"|"c"`},
		{"JSON without", `{"id":7}`, `differs /email="a@x"| /qty="1.10"| /tag/0="a"| /tag/1="b"|`},
		{"a web page", `<HTML><p/></HTML>`, "unreadable (the read is neither valid XML nor valid JSON)"},
		{"cut off", `<Create><email>`, "unreadable (the read is neither valid XML nor valid JSON)"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			v := Compare(xmlPayload(sent), model.Reading{Status: 200, Body: []byte(r.got)}, "POST", nil, "")
			if g := verdictLine(v); g != r.want {
				t.Errorf("\n got %s\nwant %s", g, r.want)
			}
		})
	}
}

func TestCompareListsABoundedNumberOfFields(t *testing.T) {
	var sent strings.Builder
	for i := range maxDeltas + 2 {
		fmt.Fprintf(&sent, `,"f%d":1`, i)
	}
	v := Compare(jsonPayload("{"+sent.String()[1:]+"}"), model.Reading{Status: 200, Body: []byte(`{}`)}, "PUT", nil, "")
	if len(v.Fields) != maxDeltas || v.Note != "and 2 fields more" {
		t.Errorf("%d fields, %q", len(v.Fields), v.Note)
	}
}

func FuzzCompare(f *testing.F) {
	f.Add(`{"a":[1,2.0,{"b":null}]}`, `{"data":{"a":[1,2,{}]}}`)
	f.Add(`<a><b>1</b></a>`, `{"b":1.0}`)
	f.Add(`<a><b x="1">1</b></a>`, `<e><a><b/></a></e>`)
	f.Fuzz(func(t *testing.T, sent, got string) {
		for _, p := range []model.Payload{jsonPayload(sent), xmlPayload(sent)} {
			v := Compare(p, model.Reading{Status: 200, Body: []byte(got)}, "PUT", nil, "")
			if (v.State == model.Differs) != (len(v.Fields) > 0) {
				t.Fatalf("%+v", v)
			}
			same := Compare(p, model.Reading{Status: 200, Body: []byte(sent)}, "PUT", nil, "")
			if same.State == model.Differs {
				t.Fatalf("%s differs from itself: %v", sent, same.Fields)
			}
		}
	})
}
