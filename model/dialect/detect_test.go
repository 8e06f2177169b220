package dialect

import (
	"strings"
	"testing"
)

func TestDetect(t *testing.T) {
	cases := []struct{ name, head, want string }{
		{"generic", `{"responses":[{"id":1,"status":200,"data":{}}]}`, "generic-207"},
		{"generic, bare", `{"responses":[{"id":1,"status":200}]}`, "generic-207"},
		{"generic, summary first", `{"summary":{"total":1},"responses":[{"id":1,"status":200}]}`, "generic-207"},
		{"generic, cut", string(generic(100_000)[:headSize]), "generic-207"},
		{"generic, cut in the first item", `{"responses":[{"id":1,"data":"` + strings.Repeat("x", headSize), "generic-207"},
		{"OData", sampleText("odata-json.response.json"), "odata-json"},
		{"OData request", sampleText("odata-json.request.json"), "odata-json"},
		{"Graph", sampleText("ms-graph.response.json"), "ms-graph"},
		{"calls", `{"requests":[{"id":1,"method":"POST","url":"/x","body":{}}]}`, "generic-207"},
		{"items", `{"items":[{"id":1}]}`, "generic-207"},
		{"bare array", `[{"id":1,"email":"x"}]`, "generic-207"},
		{"SOAP", sampleText("soap-batch.response.xml"), "soap-batch"},
		{"SOAP request", sampleText("soap-batch.request.xml"), "soap-batch"},
		{"SOAP fault", `<s:Envelope><s:Body><s:Fault><faultcode>c</faultcode></s:Fault></s:Body></s:Envelope>`, "soap-batch"},
		{"refusal", `{"error":{"code":"X","message":"m"}}`, "generic-207"},
		{"JSON-RPC", `[{"jsonrpc":"2.0","id":1,"result":2}]`, "json-rpc"},
		{"bulk of a search engine", `{"took":3,"errors":true,"items":[{"index":{"_id":"1","status":201}}]}`, "elasticsearch-bulk"},
		{"array of answers", `[{"id":"a","status":400,"error":"x"}]`, ""},
		{"array with errors", `[{"id":"a","error":"conflict","reason":"x"},{"id":"b"}]`, "couchdb-bulk-docs"},
		{"items with a status of their own", `{"items":[{"id":"a","status":"active"},{"id":"b","status":"failed"}]}`, "generic-207"},
		{"list of records", `[{"success":true,"id":"1","errors":[]}]`, "salesforce-collections"},
		{"documents", `[{"ok":true,"id":"a","rev":"1-x"}]`, "couchdb-bulk-docs"},
		{"other XML", `<multistatus><response/></multistatus>`, ""},
		{"words", "hello", ""},
		{"nothing", "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := ""
			if all := Detect([]byte(c.head)); len(all) > 0 {
				got = all[0].Name
				for _, a := range all {
					if a.Why == "" {
						t.Errorf("%s has no reason", a.Name)
					}
				}
			}
			equal(t, "dialect", got, c.want)
		})
	}
}

func TestReasons(t *testing.T) {
	all := Detect([]byte(`{"responses":[{"id":1,"status":200,"data":{}}],"summary":{}}`))
	equal(t, "why", all[0].Why, "it has responses[], data, summary")
}

func TestForcedDialect(t *testing.T) {
	r, err := Open(Input{Responses: []File{file(`{"responses":[{"id":1,"status":200,"data":{}}]}`)}, Dialect: "odata-json"})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "dialect", r.Dialect().Name(), "odata-json")
	equal(t, "best", r.Candidates()[0].Name, "generic-207")
	if _, err := Open(Input{Responses: []File{file("{}")}, Dialect: "nope"}); err == nil {
		t.Error("an unknown dialect was opened")
	}
}

// TestItemsFarBehind opens an input whose items come after something large.
func TestItemsFarBehind(t *testing.T) {
	r := mustRead(t, `{"blob":"`+strings.Repeat("x", 2*headSize)+`","responses":[{"id":1,"status":500}]}`, "")
	equal(t, "states", states(r.Batch()), "failed")
}
