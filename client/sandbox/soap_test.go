package sandbox

import (
	"encoding/xml"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestSOAP(t *testing.T) {
	s := open(t, Options{ItemFaults: []ItemFault{{ID: "busy", Status: 429, RetryAfter: 1500 * time.Millisecond}}})
	create := func(id, fields string) string {
		return `<CreateRequest id="` + id + `"><email>` + id + `@example.com</email><name>N &amp; <![CDATA[<M>]]></name>` + fields + `</CreateRequest>`
	}
	body := `<BatchRequest>` +
		create("a", `<age> 42 </age><active>true</active><balance>1.10</balance><external_ref>123456789012345678901</external_ref><note>7</note>`) +
		create("b", `<age>old</age>`) + create("c", `<active>yes</active>`) + create("d", `<date>03/14/2026</date>`) +
		create("busy", ``) + `<CreateRequest><name>N</name></CreateRequest></BatchRequest>`
	want := []string{
		"a success", "b failure TYPE_MISMATCH", "c failure TYPE_MISMATCH",
		"d failure VALIDATION_ERROR Validation failed: Invalid date format, expected ISO 8601 (YYYY-MM-DD)",
		"busy failure RATE_LIMITED 1.5", " failure VALIDATION_ERROR Validation failed: Missing required field \"email\"",
	}
	for _, wrap := range []string{"%s", `<?xml version="1.0"?><s:Envelope xmlns:s="` + soapEnvelope + `"><s:Body>%s</s:Body></s:Envelope>`} {
		w := call(t, s, "POST", "/soap", fmt.Sprintf(wrap, body))
		equal(t, "status", w.Code, 200)
		equal(t, "wrapped as it was sent", strings.Contains(w.Body.String(), "Envelope"), wrap != "%s")
		type response struct {
			ID     string `xml:"id,attr"`
			Status string `xml:"status,attr"`
			Error  struct {
				Code  string `xml:"code,attr"`
				After string `xml:"retryAfter,attr"`
				Text  string `xml:",chardata"`
			}
		}
		var got struct {
			Bare    []response `xml:"CreateResponse"`
			Wrapped []response `xml:"Body>BatchResponse>CreateResponse"`
		}
		must(t, xml.Unmarshal(w.Body.Bytes(), &got))
		for i, r := range append(got.Bare, got.Wrapped...) {
			line := strings.Join([]string{r.ID, r.Status, r.Error.Code, r.Error.After + r.Error.Text}, " ")
			if i == 4 && wrap != "%s" {
				equal(t, "the second time it passes", r.Status, "success")
				continue
			}
			if !strings.HasPrefix(line, want[i]) {
				t.Errorf("got %q, want %q", line, want[i])
			}
		}
	}
	stored, _ := s.Item("a")
	equal(t, "stored", string(stored), `{"id":"a","email":"a@example.com","name":"N & <M>","age":42,"active":true,"balance":1.10,"external_ref":123456789012345678901,"note":"7"}`)
	if d := s.Effects().Doubled(); d != nil {
		t.Errorf("applied twice: %v", d)
	}
}

func TestSOAPRefusals(t *testing.T) {
	one := `<CreateRequest id="a"/>`
	for _, c := range []struct {
		name, body string
		status     int
	}{
		{"empty", ``, 400},
		{"not XML", `{"items":[]}`, 400},
		{"no requests", `<BatchRequest/>`, 400},
		{"request outside of a batch", one, 400},
		{"cut", `<BatchRequest>` + one, 400},
		{"cut in a field", `<BatchRequest><CreateRequest id="a"><email>a`, 400},
		{"field in a field", `<BatchRequest><CreateRequest><a><b/></a></CreateRequest></BatchRequest>`, 400},
		{"entities", `<!DOCTYPE x [<!ENTITY y "z">]><BatchRequest><CreateRequest><name>&y;</name></CreateRequest></BatchRequest>`, 400},
		{"unknown entity", `<BatchRequest><CreateRequest><name>&y;</name></CreateRequest></BatchRequest>`, 400},
		{"too deep", strings.Repeat("<a>", 1000), 400},
		{"too many", `<BatchRequest>` + strings.Repeat(one, 4) + `</BatchRequest>`, 413},
	} {
		w := call(t, open(t, Options{MaxItems: 3}), "POST", "/soap", c.body)
		equal(t, c.name, w.Code, c.status)
		if !strings.Contains(w.Body.String(), "<soap:Fault>") {
			t.Errorf("%s: no fault in %q", c.name, w.Body)
		}
	}
}
