package dialect

import (
	"errors"
	"strings"
	"testing"
	"time"

	"retriage/model"
)

func TestReadSOAP(t *testing.T) {
	r := mustRead(t, sample(t, "soap-batch.response.xml"), sample(t, "soap-batch.request.xml"))
	b := r.Batch()
	equal(t, "dialect", r.Dialect().Name(), "soap-batch")
	equal(t, "states", states(b), "ok failed failed unanswered")
	equal(t, "anomalies", kinds(b), "")
	f, _ := b.Failure(1)
	equal(t, "message", f.Failure.Message.Wire(), "Validation failed: duplicate key")
	equal(t, "code", f.Failure.Code.Wire(), "")
	f, _ = b.Failure(2)
	equal(t, "message", f.Failure.Message.Wire(), "No right to delete <p3>")
	equal(t, "code", f.Failure.Code.Wire(), "PERMISSION_DENIED")
	equal(t, "wait", f.Failure.RetryAfter, 500*time.Millisecond)

	it := item(t, b, 1)
	equal(t, "body", string(it.Payload.Body), `<b:CreateRequest id='p2' ><b:Name><![CDATA[<none>]]></b:Name></b:CreateRequest>`)
	equal(t, "medium", it.Payload.Medium, model.XML)
	equal(t, "id", it.ID, model.TextID("p2"))
	equal(t, "method", item(t, b, 2).Payload.Method, "DELETE")
	equal(t, "answer", string(item(t, b, 0).Raw), `<CreateResponse id="p1" status="success"/>`)
}

func TestSOAPForms(t *testing.T) {
	const items = `<CreateResponse id="a" status="success"/><CreateResponse id="b" status="failure"><Error>no</Error></CreateResponse>`
	cases := []struct{ name, text, want string }{
		{"bare", `<BatchResponse>` + items + `</BatchResponse>`, "ok failed"},
		{"declaration", `<?xml version="1.0"?><!-- x --><BatchResponse>` + items + `</BatchResponse><!-- y -->` + "\n", "ok failed"},
		{"prefixes", `<x:BatchResponse xmlns:x="u"><x:CreateResponse id="a" status="success"/><x:R id="b" status="failure"/></x:BatchResponse>`, "ok failed"},
		{"SOAP", `<S:Envelope xmlns:S="u"><S:Header/><S:Body><BatchResponse>` + items + `</BatchResponse></S:Body></S:Envelope>`, "ok failed"},
		{"byte order mark", "\ufeff<BatchResponse>" + items + `</BatchResponse>`, "ok failed"},
		{"code and status inside", `<BatchResponse><R id="a" status="failure"><Error><Code>X</Code><Status>422</Status><Message>m</Message></Error></R></BatchResponse>`, "failed"},
		{"no status, error", `<BatchResponse><R id="a"><Error>m</Error></R></BatchResponse>`, "failed"},
		{"no status", `<BatchResponse><R id="a"/></BatchResponse>`, "unknown"},
		{"error beside success", `<BatchResponse><R id="a" status="success"><Error>m</Error></R></BatchResponse>`, "unknown"},
		{"status in the data", `<BatchResponse><R id="a" status="success"><Data status="failure"><Error>x</Error></Data></R></BatchResponse>`, "ok"},
		{"angle bracket in an attribute", `<BatchResponse><R id="a>b" status='success'/></BatchResponse>`, "ok"},
		{"empty", `<BatchResponse/>`, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			equal(t, "states", states(mustRead(t, c.text, "").Batch()), c.want)
		})
	}
	b := mustRead(t, cases[5].text, "").Batch()
	f, _ := b.Failure(0)
	equal(t, "status of the error", f.Failure.Status, 422)
	equal(t, "code", f.Failure.Code.Wire(), "X")
}

func TestBrokenXML(t *testing.T) {
	const one = `<BatchResponse><R id="a" status="success"/>`
	cases := []struct{ name, text, want string }{
		{"cut", one, "cut"},
		{"cut in a tag", one + `<R id="b`, "cut"},
		{"cut in a comment", one + `<!-- `, "cut"},
		{"wrong end", one + `</Batch>`, "broken"},
		{"wrong end inside", one + `<R><a></b></R></BatchResponse>`, "broken"},
		{"rest", one + `</BatchResponse>x`, "broken"},
		{"second root", one + `</BatchResponse><x/>`, "broken"},
		{"text between items", one + `hello</BatchResponse>`, "broken"},
		{"attribute twice", one + `<R id="1" id="2"/></BatchResponse>`, "broken"},
		{"attributes too close", one + `<R id="1"status="2"/></BatchResponse>`, "broken"},
		{"bare ampersand", one + `<R>a & b, and much more</R></BatchResponse>`, "broken"},
		{"entity", one + `<R>&lol;</R></BatchResponse>`, "broken"},
		{"bad character", one + `<R>&#0;</R></BatchResponse>`, "broken"},
		{"document type", `<!DOCTYPE x [<!ENTITY a "b">]>` + one + `</BatchResponse>`, "not"},
		{"document type inside", one + `<R><!ENTITY a "b"></R></BatchResponse>`, "broken"},
		{"too deep", one + strings.Repeat("<a>", 300) + strings.Repeat("</a>", 300) + `</BatchResponse>`, "limit"},
		{"other encoding", `<?xml version="1.0" encoding="ISO-8859-1"?>` + one + `</BatchResponse>`, "not"},
		{"fault of SOAP 1.1", `<s:Envelope><s:Body><s:Fault><faultcode>s:Client</faultcode><faultstring>No</faultstring></s:Fault></s:Body></s:Envelope>`, "refused"},
		{"fault of SOAP 1.2", `<s:Envelope><s:Body><s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code><s:Reason><s:Text xml:lang="en">No</s:Text></s:Reason></s:Fault></s:Body></s:Envelope>`, "refused"},
		{"HTML", `<html><body><p>x<br></body></html>`, "not"},
		{"JSON", `{"responses":[]}`, "not"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r, err := Open(Input{Responses: []File{file(c.text)}, Dialect: "soap-batch"})
			if err != nil {
				t.Fatal(err)
			}
			err = r.Read(t.Context())
			equal(t, "error", kindOf(err), c.want)
			if refused := new(RefusedError); errors.As(err, &refused) {
				equal(t, "message", refused.Message.Wire(), "No")
			}
			if c.want == "cut" || c.want == "broken" {
				equal(t, "states", states(r.Batch()), "ok")
			}
		})
	}
}

func TestWriteSOAP(t *testing.T) {
	request := sample(t, "soap-batch.request.xml")
	r := mustRead(t, sample(t, "soap-batch.response.xml"), request)
	d, b := r.Dialect(), r.Batch()
	out, contentType, err := d.Write(model.Chunk{Items: sending(t, b, 1, 3)}, model.Profile{})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "content type", contentType, "text/xml; charset=utf-8")
	text := string(out)
	for _, want := range []string{`<b:Session>s-1</b:Session>`, `<b:BatchRequest mode="continue">`, string(item(t, b, 1).Payload.Body), `</soap:Envelope>`} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is missing in %s", want, text)
		}
	}
	again := mustRead(t, "", text).Batch()
	equal(t, "items", again.Len(), 2)
	equal(t, "bytes", string(item(t, again, 1).Payload.Body), string(item(t, b, 3).Payload.Body))
}

func TestKeyInXML(t *testing.T) {
	d, _ := ByName("soap-batch")
	cases := []struct{ name, field, body, want string }{
		{"closed", "key", `<R id="1"/>`, `<R id="1"><key>k&amp;1</key></R>`},
		{"at the end", "key", `<b:R><b:N>x</b:N> </b:R>`, `<b:R><b:N>x</b:N> <b:key>k&amp;1</b:key></b:R>`},
		{"in place", "key", `<R><key>old</key><n/></R>`, `<R><key>k&amp;1</key><n/></R>`},
		{"not in a child", "key", `<R><n><key>old</key></n></R>`, `<R><n><key>old</key></n><key>k&amp;1</key></R>`},
		{"attribute", "@key", `<R id="1"/>`, `<R key="k&amp;1" id="1"/>`},
		{"attribute in place", "@key", `<R id="1" key = 'old'>x</R>`, `<R id="1" key = "k&amp;1">x</R>`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			it := model.SendItem{Key: "k&1", Payload: model.Payload{Medium: model.XML, Body: []byte(c.body), Known: true}}
			out, _, err := d.WriteOne(it, model.Profile{KeyScope: model.ItemKey, KeyField: c.field})
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "body", string(out), c.want)
		})
	}
	_, _, err := d.WriteOne(model.SendItem{Payload: model.Payload{Body: []byte(`<R>`), Known: true}}, model.Profile{})
	if err == nil {
		t.Error("a broken body was written")
	}
}
