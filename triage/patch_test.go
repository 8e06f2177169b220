package triage

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"retriage/model"
)

func jsonPayload(body string) model.Payload {
	return model.Payload{Body: []byte(body), Known: true}
}

func xmlPayload(body string) model.Payload {
	return model.Payload{Body: []byte(body), Known: true, Medium: model.XML}
}

func set(pointer, raw string) model.Change {
	return model.Change{Part: model.Body, Pointer: pointer, New: model.Foreign(raw)}
}

func TestApplyKeepsEveryOtherByte(t *testing.T) {
	rows := []struct{ name, body, pointer, raw, want string }{
		{"big integer beside", `{"id":12345678901234567890,"a":1}`, "/a", "2", `{"id":12345678901234567890,"a":2}`},
		{"big integer itself", `{"id":1}`, "/id", "98765432109876543210", `{"id":98765432109876543210}`},
		{"digits of 1.10", `{"price":1.10,"tax":0.0,"e":1E+2,"a":"x"}`, "/a", `"y"`, `{"price":1.10,"tax":0.0,"e":1E+2,"a":"y"}`},
		{"key order", `{"z":1,"a":2,"m":3}`, "/a", "5", `{"z":1,"a":5,"m":3}`},
		{"unicode escapes", `{"caf\u00e9":"\u00fc\/","a":"<&>"}`, "/a", `"<b>&"`, `{"caf\u00e9":"\u00fc\/","a":"<b>&"}`},
		{"an escaped key is found", `{"caf\u00e9":1}`, "/café", "2", `{"caf\u00e9":2}`},
		{"spacing", " {\n\t\"a\" : 1 ,\r\n  \"b\":[ 1,2 ] }\n", "/b/1", "3", " {\n\t\"a\" : 1 ,\r\n  \"b\":[ 1,3 ] }\n"},
		{"nested arrays", `[[1,[2,{"a":[3]}]]]`, "/0/1/1/a/0", "4", `[[1,[2,{"a":[4]}]]]`},
		{"unknown fields", `{"@type":"x","a.b":{"*":1,"#":[]},"c":1}`, "/a.b/*", "2", `{"@type":"x","a.b":{"*":2,"#":[]},"c":1}`},
		{"slash and tilde in a key", `{"a/b":{"c~d":1}}`, "/a~1b/c~0d", "2", `{"a/b":{"c~d":2}}`},
		{"empty key", `{"":1,"a":2}`, "/", "3", `{"":3,"a":2}`},
		{"numeric key", `{"0":1,"1":2}`, "/1", "3", `{"0":1,"1":3}`},
		{"colon key", `{":1":1}`, "/:1", "3", `{":1":3}`},
		{"value that holds a brace", `{"a":"}{\"","b":1}`, "/b", "2", `{"a":"}{\"","b":2}`},
		{"a whole object", `{"a":{"b":1},"c":2}`, "/a", `{"x": 1}`, `{"a":{"x": 1},"c":2}`},
		{"the whole body", `{"a":1}`, "", ` [1, 2] `, `[1, 2]`},

		{"new member", `{"a":1}`, "/b", `"x"`, `{"a":1,"b":"x"}`},
		{"new member is spaced like the last", "{\n  \"a\": 1\n}", "/b", "2", "{\n  \"a\": 1,\n  \"b\": 2\n}"},
		{"new member after several", `{"a": 1, "b": 2}`, "/c", "3", `{"a": 1, "b": 2, "c": 3}`},
		{"new member of an empty object", `{ }`, "/a", "1", `{"a":1 }`},
		{"new key is escaped", `{}`, `/a"b`, "1", `{"a\"b":1}`},
		{"new element at the length", `[1, 2]`, "/2", "3", `[1, 2, 3]`},
		{"new element at the end", `{"a":[]}`, "/a/-", "3", `{"a":[3]}`},

		{"remove the first", `{"a":1, "b":2}`, "/a", "", `{"b":2}`},
		{"remove one between", `{"a":1, "b":2, "c":3}`, "/b", "", `{"a":1, "c":3}`},
		{"remove the last", "{\n \"a\":1,\n \"b\":2\n}", "/b", "", "{\n \"a\":1\n}"},
		{"remove the only", `{ "a":1 }`, "/a", "", `{  }`},
		{"remove an element", `[1,[2],3]`, "/1", "", `[1,3]`},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			p := jsonPayload(r.body)
			got, err := Apply(p, []model.Change{set(r.pointer, r.raw)})
			if err != nil {
				t.Fatal(err)
			}
			if string(got.Body) != r.want {
				t.Errorf("\n got %s\nwant %s", got.Body, r.want)
			}
			if string(p.Body) != r.body {
				t.Errorf("the bytes before were changed: %s", p.Body)
			}
			if !json.Valid(got.Body) {
				t.Errorf("not JSON any more: %s", got.Body)
			}
		})
	}
}

func TestApplyXML(t *testing.T) {
	const order = `<?xml version="1.0"?>
<o:Order xmlns:o="urn:x" id="7" note='a "b"'>
  <!-- keep -->
  <email type="home">A @x</email>
  <address><city>Bern &amp; Thun</city><zip/></address>
  <item><sku>1</sku></item><item><sku><![CDATA[2<]]></sku></item>
</o:Order>`
	rows := []struct{ name, pointer, raw, from, to string }{
		{"text", "/email", `"a@x"`, "A @x", "a@x"},
		{"text is escaped", "/address/city", `"<&>"`, "Bern &amp; Thun", "&lt;&amp;&gt;"},
		{"an empty element", "/address/zip", `"3000"`, "<zip/>", "<zip>3000</zip>"},
		{"a number as it is written", "/address/zip", `007.10`[2:], "<zip/>", "<zip>7.10</zip>"},
		{"attribute of the root", "/@id", `"8"`, `id="7"`, `id="8"`},
		{"attribute in single quotes", "/@note", `"it's"`, `'a "b"'`, `'it&apos;s'`},
		{"attribute of a child", "/email/@type", `"\"w\""`, `"home"`, `"&quot;w&quot;"`},
		{"second of equal siblings", "/item/1/sku", `"3"`, "<![CDATA[2<]]>", "3"},
		{"remove an element", "/address/zip", "", "<zip/>", ""},
		{"remove an attribute", "/@id", "", ` id="7"`, ""},
		{"new element", "/address/country", `"CH"`, "<zip/>", "<zip/><country>CH</country>"},
		{"new element on its line", "/phone", `"1"`, "</item>\n", "</item><phone>1</phone>\n"},
		{"new attribute", "/email/@lang", `"de"`, `type="home"`, `type="home" lang="de"`},
		{"new element in an empty one", "/address/zip/code", `"1"`, "<zip/>", "<zip><code>1</code></zip>"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			got, err := Apply(xmlPayload(order), []model.Change{set(r.pointer, r.raw)})
			if err != nil {
				t.Fatal(err)
			}
			if want := strings.Replace(order, r.from, r.to, 1); string(got.Body) != want {
				t.Errorf("\n got %s\nwant %s", got.Body, want)
			}
			if _, err := parseXML(got.Body); err != nil {
				t.Error("not XML any more")
			}
		})
	}
}

func TestApplyRefuses(t *testing.T) {
	rows := []struct {
		name    string
		p       model.Payload
		c       model.Change
		because string
	}{
		{"body that is not JSON", jsonPayload(`{"a":1`), set("/a", "2"), "not valid JSON"},
		{"new value that is not JSON", jsonPayload(`{"a":1}`), set("/a", "x"), "new value is not valid JSON"},
		{"two values", jsonPayload(`{"a":1}`), set("/a", `1,"b":2`), "new value is not valid JSON"},
		{"name that stands twice", jsonPayload(`{"a":1,"b":2,"\u0061":3}`), set("/a", "2"), "stands there twice"},
		{"name that stands twice on the way", jsonPayload(`{"a":{"b":1},"a":{"b":2}}`), set("/a/b", "2"), "stands there twice"},
		{"index beyond the end", jsonPayload(`{"a":[1,2]}`), set("/a/200000000", "2"), "the list has 2 items"},
		{"index with a zero", jsonPayload(`[1,2]`), set("/01", "2"), "counted in numbers"},
		{"negative index", jsonPayload(`[1,2]`), set("/-1", "2"), "counted in numbers"},
		{"name in a list", jsonPayload(`[1,2]`), set("/a", "2"), "counted in numbers"},
		{"below a plain value", jsonPayload(`{"a":1}`), set("/a/b", "2"), "plain value"},
		{"below what is not there", jsonPayload(`{"a":1}`), set("/b/c", "2"), "no such field"},
		{"remove what is not there", jsonPayload(`{"a":1}`), set("/b", ""), "no such field"},
		{"remove everything", jsonPayload(`{"a":1}`), set("", ""), "leave the item out"},
		{"pointer without a slash", jsonPayload(`{"a":1}`), set("a", "2"), "starts with /"},
		{"bad escape", jsonPayload(`{"a~x":1}`), set("/a~x", "2"), "~ is written ~0"},
		{"too deep a body", jsonPayload(strings.Repeat("[", 257) + strings.Repeat("]", 257)), set("/0", "2"), "deeper than"},
		{"unknown request", model.Payload{}, set("/a", "2"), "open it with its request file"},
		{"no body", model.Payload{Known: true}, set("/a", "2"), "has no body"},
		{"no such part", jsonPayload(`{}`), model.Change{Part: "cookie"}, "a change is about"},
		{"header of two lines", jsonPayload(`{}`), model.Change{Part: model.Header, Pointer: "X", New: model.Foreign("a\r\nB: c")}, "one line"},
		{"header name", jsonPayload(`{}`), model.Change{Part: model.Header, Pointer: "X Y", New: model.Foreign("a")}, "no name for a header"},
		{"method", jsonPayload(`{}`), model.Change{Part: model.Method, New: model.Foreign("P T")}, "a method is"},

		{"xml: not well-formed", xmlPayload(`<a><b></a>`), set("/b", `"x"`), "not well-formed"},
		{"xml: two roots", xmlPayload(`<a/><b/>`), set("/b", `"x"`), "not well-formed"},
		{"xml: doctype", xmlPayload(`<!DOCTYPE a [<!ENTITY x "y">]><a><b>&x;</b></a>`), set("/b", `"x"`), "not well-formed"},
		{"xml: unknown entity", xmlPayload(`<a><b>&x;</b></a>`), set("/b", `"x"`), "not well-formed"},
		{"xml: attribute twice", xmlPayload(`<a x="1" x="2"><b/></a>`), set("/b", `"x"`), "not well-formed"},
		{"xml: element of elements", xmlPayload(`<a><b><c/></b></a>`), set("/b", `"x"`), "fields of its own"},
		{"xml: which of two", xmlPayload(`<a><b/><b/></a>`), set("/b", `"x"`), "add its place"},
		{"xml: beyond the siblings", xmlPayload(`<a><b/></a>`), set("/b/2", `"x"`), "no such field"},
		{"xml: an object", xmlPayload(`<a><b/></a>`), set("/b", `{}`), "holds text"},
		{"xml: control character", xmlPayload(`<a><b/></a>`), set("/b", `"\u0000"`), "U+0000"},
		{"xml: comment inside", xmlPayload(`<a><b>x<!--y--></b></a>`), set("/b", `"x"`), "comment"},
		{"xml: element name", xmlPayload(`<a><b/></a>`), set("/x><y", `"x"`), "no such field"},
		{"xml: attribute name", xmlPayload(`<a><b/></a>`), set("/@x y", `"x"`), "no name"},
		{"xml: fields below text", xmlPayload(`<a><b>t</b></a>`), set("/b/c", `"x"`), "holds text"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			_, err := Apply(r.p, []model.Change{r.c})
			var refusal *PatchError
			if !errors.As(err, &refusal) || !strings.Contains(err.Error(), r.because) {
				t.Fatalf("got %v, want a refusal with %q", err, r.because)
			}
			if _, err := ChangeTo(r.p, r.c.Part, r.c.Pointer, r.c.New.Wire()); err == nil {
				t.Error("ChangeTo allows what Apply refuses")
			}
		})
	}
}

func TestApplyErrorIsSafeToShow(t *testing.T) {
	_, err := Apply(jsonPayload("{\"\x1b\u202e\":1,\"\x1b\u202e\":2}"), []model.Change{set("/\x1b\u202e", "2")})
	if err == nil || strings.ContainsAny(err.Error(), "\x1b\u202e") {
		t.Errorf("%q", err)
	}
}

func TestApplyOtherParts(t *testing.T) {
	p := jsonPayload(`{}`)
	p.Method, p.URL, p.Headers = "POST", model.Foreign("/a"), map[string]string{"If-Match": "1", "X": "y"}
	got, err := Apply(p, []model.Change{
		{Part: model.Method, New: model.Foreign("PUT")}, {Part: model.URL, New: model.Foreign("/b")},
		{Part: model.Header, Pointer: "if-match", New: model.Foreign("2")}, {Part: model.Header, Pointer: "x"},
		{Part: model.Header, Pointer: "Prefer", New: model.Foreign("z")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got.Method != "PUT" || got.URL.Wire() != "/b" || len(got.Headers) != 2 || got.Headers["If-Match"] != "2" || got.Headers["Prefer"] != "z" {
		t.Errorf("got %+v", got)
	}
	if len(p.Headers) != 2 || p.Headers["If-Match"] != "1" {
		t.Errorf("the headers before were changed: %v", p.Headers)
	}
	back, err := Apply(got, Diff(got, p))
	if err != nil || back.Method != "POST" || back.URL != p.URL || back.Headers["If-Match"] != "1" || back.Headers["X"] != "y" || len(back.Headers) != 2 {
		t.Errorf("and back: %+v, %v", back, err)
	}
}

func TestGetAndChangeTo(t *testing.T) {
	p := jsonPayload(`{"a":{"b":[1.10,"x"]},"n":null}`)
	x := xmlPayload(`<r id="7"><p:a>1 &lt; 2</p:a><b><c/></b></r>`)
	rows := []struct {
		name, pointer, want string
		p                   model.Payload
		ok                  bool
	}{
		{"number keeps its digits", "/a/b/0", "1.10", p, true},
		{"object", "/a", `{"b":[1.10,"x"]}`, p, true},
		{"whole", "", `{"a":{"b":[1.10,"x"]},"n":null}`, p, true},
		{"null", "/n", "null", p, true},
		{"absent", "/q", "", p, false},
		{"behind the last", "/a/b/-", "", p, false},
		{"xml text, prefix left out", "/a", `"1 < 2"`, x, true},
		{"xml attribute", "/@id", `"7"`, x, true},
		{"xml element of elements", "/b", `""`, x, false},
		{"xml absent", "/q", "", x, false},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			got, ok := Get(r.p, r.pointer)
			if ok != r.ok || ok && got != r.want {
				t.Errorf("got %s, %v", got, ok)
			}
		})
	}
	c, err := ChangeTo(p, model.Body, "/a/b/0", "2")
	if err != nil || c.Old.Wire() != "1.10" || c.New.Wire() != "2" {
		t.Errorf("got %v, %v", c, err)
	}
}

func TestDiff(t *testing.T) {
	rows := []struct{ name, before, after, want string }{
		{"same", `{"a":1}`, `{"a":1}`, ""},
		{"laid out anew, keys moved", `{"a":1,"b":"\u00e9"}`, "{\n \"b\": \"é\",\n \"a\": 1}", ""},
		{"leaf", `{"a":{"b":1},"c":2}`, `{"a":{"b":3},"c":2}`, "/a/b  1 -> 3"},
		{"digits are a change", `{"a":1.1}`, `{"a":1.10}`, "/a  1.1 -> 1.10"},
		{"added and removed", `{"a":1}`, `{"b":2}`, "/a  1 removed; /b  2 added"},
		{"type", `{"a":"1"}`, `{"a":[1]}`, `/a  "1" -> [1]`},
		{"appended", `[1]`, `[1,2,3]`, "/1  2 added; /2  3 added"},
		{"removed inside", `[1,2,3,4]`, `[1,4]`, "/2  3 removed; /1  2 removed"},
		{"shorter and different", `[1,2,3]`, `[4,2]`, "/0  1 -> 4; /2  3 removed"},
		{"name twice", `{"x":{"a":1,"a":2}}`, `{"x":{"a":1}}`, `/x  {"a":1,"a":2} -> {"a":1}`},
		{"not JSON", `oops`, `{"a":1}`, `body  oops -> {"a":1}`},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			var lines []string
			for _, c := range Diff(jsonPayload(r.before), jsonPayload(r.after)) {
				lines = append(lines, ChangeLine(c))
			}
			if got := strings.Join(lines, "; "); got != r.want {
				t.Errorf("\n got %s\nwant %s", got, r.want)
			}
		})
	}
}

func TestDiffXML(t *testing.T) {
	rows := []struct{ name, before, after, want string }{
		{"texts and attributes", `<r><a x="1">p</a><b/><b>q</b></r>`, `<r><a x="2">p</a><b/><b>r</b></r>`, `/a/@x  "1" -> "2"; /b/1  "q" -> "r"`},
		{"built differently", `<r><a/></r>`, `<r><b/></r>`, `body  "<r><a/></r>" -> "<r><b/></r>"`},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			var lines []string
			changes := Diff(xmlPayload(r.before), xmlPayload(r.after))
			for _, c := range changes {
				lines = append(lines, ChangeLine(c))
			}
			if got := strings.Join(lines, "; "); got != r.want {
				t.Errorf("\n got %s\nwant %s", got, r.want)
			}
			if got, err := Apply(xmlPayload(r.before), changes); err != nil || string(got.Body) != r.after {
				t.Errorf("applied: %s, %v", got.Body, err)
			}
		})
	}
}

// canonical is a JSON body with its keys sorted and its numbers as written.
func canonical(t *testing.T, body []byte) string {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func FuzzApplyDiff(f *testing.F) {
	for _, s := range [][2]string{
		{`{"a":1.10,"b":[1,{"c":"\u00e9"}]}`, `{"b":[{"c":"e"}],"a":1.1,"d":null}`},
		{`[1,2,3]`, `[2,3]`}, {`{"a":{},"a":1}`, `{"a":[]}`}, {`{"":{"/":{"~":0}}}`, `{"":{"/":{"~":12345678901234567890}}}`},
		{`"\ud800"`, `"\udc00"`}, {`{"a":1}`, `[]`}, {` [ [ ] , 1 ] `, `[[0],1]`}, {"{\"\xff\":1,\"\xfe\":2}", "{\"\xff\":3}"},
	} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		before, after := jsonPayload(a), jsonPayload(b)
		changes := Diff(before, after)
		got, err := Apply(before, changes)
		if !json.Valid(after.Body) || jsonDepth(after.Body) > maxDepth {
			return
		}
		if err != nil {
			t.Fatalf("%s -> %s: %v", a, b, err)
		}
		if canonical(t, got.Body) != canonical(t, after.Body) {
			t.Fatalf("%s -> %s gave %s by %v", a, b, got.Body, changes)
		}
		if string(before.Body) != a {
			t.Fatal("the bytes before were changed")
		}
		if json.Valid(before.Body) && jsonDepth(before.Body) <= maxDepth {
			for _, fd := range Fields(before) {
				checkOneEdit(t, before, fd)
			}
		}
	})
}

// checkOneEdit sets one leaf and sees that only its bytes change, and that
// setting it back gives the first bytes.
func checkOneEdit(t *testing.T, p model.Payload, fd Field) {
	t.Helper()
	c, err := ChangeTo(p, model.Body, fd.Pointer, `"new"`)
	if err != nil {
		t.Fatalf("%s in %s: %v", fd.Pointer, p.Body, err)
	}
	if c.Old.Wire() != fd.Raw {
		t.Fatalf("%s: old %s, field %s", fd.Pointer, c.Old.Wire(), fd.Raw)
	}
	got, err := Apply(p, []model.Change{c})
	if err != nil {
		t.Fatal(err)
	}
	if fd.Pointer != "" && len(got.Body) != len(p.Body)-len(fd.Raw)+len(`"new"`) {
		t.Fatalf("%s set in %s gave %s", fd.Pointer, p.Body, got.Body)
	}
	back, err := Apply(got, []model.Change{set(fd.Pointer, fd.Raw)})
	if err != nil || fd.Pointer != "" && string(back.Body) != string(p.Body) {
		t.Fatalf("and back: %s, %v", back.Body, err)
	}
}

// Every leaf of real requests and responses can be set and set back.
func TestApplyOnRealBodies(t *testing.T) {
	dir := os.Getenv("RETRIAGE_FIXTURES")
	if dir == "" {
		t.Skip("RETRIAGE_FIXTURES is not set")
	}
	files := 0
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".json" {
			return err
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		for _, fd := range Fields(jsonPayload(string(body))) {
			checkOneEdit(t, jsonPayload(string(body)), fd)
		}
		return nil
	})
	if err != nil || files == 0 {
		t.Errorf("%d files, %v", files, err)
	}
}

func FuzzApplyXML(f *testing.F) {
	for _, s := range []string{`<a b="1"><c>x</c><d/></a>`, `<a>&lt;<![CDATA[x]]></a>`, `<p:a xmlns:p='u'><p:b>1</p:b><b/></p:a>`, `<a><!-- --><b>t</b></a>`, `<a`} {
		f.Add(s, "x<&>\"' ]]>")
	}
	f.Fuzz(func(t *testing.T, body, text string) {
		p := xmlPayload(body)
		for _, fd := range Fields(p) {
			c, err := ChangeTo(p, model.Body, fd.Pointer, quoteJSON(text))
			if err != nil {
				continue
			}
			got, err := Apply(p, []model.Change{c})
			if err != nil {
				t.Fatal(err)
			}
			raw, ok := Get(got, fd.Pointer)
			if !ok || decodeString(raw) != decodeString(quoteJSON(text)) {
				t.Fatalf("%s in %s: set %q, read %s", fd.Pointer, body, text, raw)
			}
		}
	})
}
