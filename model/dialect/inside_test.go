package dialect

import (
	"testing"

	"retriage/model"
)

// TestWhatWasDoneInsideIsNotAskedForAgain reads a subrequest that is a collection
// of records of which some were made.
func TestWhatWasDoneInsideIsNotAskedForAgain(t *testing.T) {
	const yes, no = `{"id":"1","success":true,"errors":[]}`, `{"success":false,"errors":[{"statusCode":"REQUIRED_FIELD_MISSING","message":"x"}]}`
	for _, row := range []struct {
		name, method, answers, body string
		want                        string
		repeats, partly             bool
	}{
		{"some were", "POST", yes + "," + no, `{"allOrNone":false, "records":[{"a":1}, {"a":2.0}]}`, `{"allOrNone":false, "records":[{"a":2.0}]}`, false, true},
		{"none was", "POST", no + "," + no, `{"records":[{"a":1}, {"a":2}]}`, `{"records":[{"a":1}, {"a":2}]}`, false, false},
		{"all or none", "POST", yes + "," + no, `{"allOrNone":true,"records":[{"a":1}, {"a":2}]}`, `{"allOrNone":true,"records":[{"a":1}, {"a":2}]}`, false, true},
		{"not as many as were asked for", "POST", yes + "," + no, `{"records":[{"a":1}]}`, `{"records":[{"a":1}]}`, true, true},
		{"asked for in another way", "POST", yes + "," + no, `{"many":[1,2]}`, `{"many":[1,2]}`, true, true},
		{"deleted", "DELETE", yes + "," + no, ``, ``, false, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			body := ""
			if row.body != "" {
				body = `,"body":` + row.body
			}
			request := `{"compositeRequest":[{"method":"` + row.method + `","url":"/s","referenceId":"a"` + body + `},{"method":"GET","url":"/t","referenceId":"b"}]}`
			response := `{"compositeResponse":[{"referenceId":"a","httpStatusCode":200,"body":[` + row.answers + `]},{"referenceId":"b","httpStatusCode":200,"body":{}}]}`
			r, err := Open(Input{Responses: []File{file(response)}, Requests: []File{file(request)}, Dialect: "salesforce-composite"})
			if err != nil {
				t.Fatal(err)
			}
			if err := r.Read(t.Context()); err != nil {
				t.Fatal(err)
			}
			it := item(t, r.Batch(), 0)
			equal(t, "state", it.Answer.State, model.Failed)
			equal(t, "body", string(it.Payload.Body), row.want)
			equal(t, "repeats", it.Payload.Repeats, row.repeats)
			equal(t, "partly", it.Answer.Partly, row.partly)
			reply := r.Dialect().ParseReply([]byte(response), sending(t, r.Batch(), 0))
			if len(reply.Outcomes) != 1 || reply.Outcomes[0].Answer.Partly != row.partly {
				t.Errorf("a retry reads as %+v", reply)
			}
		})
	}
}
