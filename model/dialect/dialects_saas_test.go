package dialect_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"retriage/model"
	"retriage/model/dialect"
	"retriage/triage"
)

// text is an input that stands in the test itself.
func text(s string) []string { return []string{s + "\n"} }

// The words of failures that many rows have in common.
const (
	silent     = "unanswered/other/after_verify"
	notTried   = "failed/missing_dependency/safe"
	rolledBack = "failed/missing_dependency/safe/ALL_OR_NONE_OPERATION_ROLLED_BACK"
)

// TestSalesforce reads what is easily misread in answers of Salesforce.
func TestSalesforce(t *testing.T) {
	records := text(`{"allOrNone":false,"records":[{"attributes":{"type":"Lead"},"LastName":"Ito"},{"attributes":{"type":"Lead"},"LastName":"Oh"}]}`)
	calls := text(`{"compositeRequest":[{"method":"POST","url":"/a","referenceId":"a","body":{}},{"method":"POST","url":"/b","referenceId":"b","body":{}}]}`)
	checkSamples(t, "testdata", []sample{
		{name: "collections: a reason is no item", is: "salesforce-collections", response: text(`[{"message":"At most 200 records","errorCode":"EXCEEDED_MAX_SIZE_REQUEST","fields":[]}]`), refused: "0 EXCEEDED_MAX_SIZE_REQUEST"},
		{name: "collections: innocent rows were rolled back", is: "salesforce-collections", request: records,
			response: text(`[{"success":false,"errors":[{"statusCode":"ALL_OR_NONE_OPERATION_ROLLED_BACK","message":"x","fields":[]}]},{"success":false,"errors":[{"statusCode":"STRING_TOO_LONG","message":"x","fields":["LastName"]}]}]`),
			items:    lines(rolledBack, "failed/validation/after_edit/STRING_TOO_LONG")},
		{name: "collections: by order alone, and one is missing", is: "salesforce-collections", request: records, anomalies: lines("position"),
			response: text(`[{"id":"00Q1","success":true,"errors":[]}]`), items: lines("unknown/other/after_verify", silent)},
		{name: "collections: yes with an error is neither", is: "salesforce-collections", response: text(`[{"success":true,"errors":[{"statusCode":"X","message":"x"}]}]`),
			items: lines("unknown/other/after_verify/X")},
		{name: "composite: the innocent record inside stands first", is: "salesforce-composite",
			response: text(`{"compositeResponse":[{"referenceId":"a","httpStatusCode":200,"httpHeaders":{},"body":[{"success":false,"errors":[{"statusCode":"ALL_OR_NONE_OPERATION_ROLLED_BACK","message":"x"}]},{"success":false,"errors":[{"statusCode":"STRING_TOO_LONG","message":"y"}]}]}]}`),
			items:    lines("failed/validation/after_edit/STRING_TOO_LONG")},
		{name: "composite: a part may have been applied, so a locked row inside is no safe retry", is: "salesforce-composite",
			response: text(`{"compositeResponse":[{"referenceId":"a","httpStatusCode":200,"body":[{"success":true,"id":"1","errors":[]},{"success":false,"errors":[{"statusCode":"UNABLE_TO_LOCK_ROW","message":"x"}]}]}]}`),
			items:    lines("failed/conflict/after_edit/UNABLE_TO_LOCK_ROW")},
		{name: "composite: nothing inside is wrong", is: "salesforce-composite",
			response: text(`{"compositeResponse":[{"referenceId":"a","httpStatusCode":200,"body":[{"success":true,"id":"1","errors":[]}]},{"referenceId":"b","httpStatusCode":204,"body":null}]}`), items: lines("ok", "ok")},
		{name: "composite: 200 and no success", is: "salesforce-composite",
			response: text(`{"compositeResponse":[{"referenceId":"a","httpStatusCode":200,"body":{"success":false,"errors":[{"statusCode":"DUPLICATE_VALUE","message":"x"}]}}]}`), items: lines("failed/conflict/after_edit/DUPLICATE_VALUE")},
		{name: "composite in another order", is: "salesforce-composite", request: calls, ids: lines(`"a"`, `"b"`),
			response: text(`{"compositeResponse":[{"referenceId":"b","httpStatusCode":400,"body":[{"errorCode":"PROCESSING_HALTED","message":"x"}]},{"referenceId":"a","httpStatusCode":403,"body":[{"errorCode":"INSUFFICIENT_ACCESS_OR_READONLY","message":"x"}]}]}`),
			items:    lines("failed/permission/never/INSUFFICIENT_ACCESS_OR_READONLY", "failed/missing_dependency/safe/PROCESSING_HALTED")},
		{name: "composite refused whole", dialect: "salesforce-composite", response: text(`[{"message":"Limit of 25 reached","errorCode":"INVALID_INPUT"}]`), refused: "0 INVALID_INPUT"},
		{name: "bulk 2.0: only successes", is: "salesforce-bulk2", response: []string{"sf__Id,sf__Created,Name\n001,true,Ash\n"}, items: lines("ok")},
		{name: "bulk 2.0: nothing failed", is: "salesforce-bulk2", response: []string{"sf__Id,sf__Error,Name\n", "sf__Id,sf__Created,Name\n001,false,Ash\n"}, items: lines("ok")},
		{name: "bulk 2.0: not tried, beside failures", dialect: "salesforce-bulk2", response: []string{"Name,Key\nAsh,k1\n", "sf__Id,sf__Error,Name,Key\n,UNABLE_TO_LOCK_ROW,Oak,k2\n"},
			items: lines(notTried, "failed/conflict/safe/UNABLE_TO_LOCK_ROW")},
		{name: "bulk 2.0: not tried and done contradict each other", dialect: "salesforce-bulk2", response: []string{"Name,Key\nAsh,k1\n", "sf__Id,sf__Created,Name,Key\n001,true,Ash,k1\n"},
			items: lines("unknown/other/after_verify"), anomalies: lines("duplicate")},
	})
}

// TestSalesforceCodes files the codes of Salesforce in each of its dialects.
func TestSalesforceCodes(t *testing.T) {
	shapes := map[string]string{
		"salesforce-collections": `[{"success":false,"errors":[{"statusCode":%q,"message":"m","fields":[]}]}]`,
		"salesforce-composite":   `{"compositeResponse":[{"referenceId":"a","httpStatusCode":400,"body":[{"errorCode":%q,"message":"m"}]}]}`,
		"salesforce-bulk2":       "sf__Id,sf__Error,Name\n,%s:m:--,Ash\n",
	}
	for code, want := range map[string]string{
		"UNABLE_TO_LOCK_ROW":                            "conflict/safe",
		"REQUEST_LIMIT_EXCEEDED":                        "rate_limited/safe",
		"SERVER_UNAVAILABLE":                            "backend/after_verify",
		"UNKNOWN_EXCEPTION":                             "backend/after_verify",
		"QUERY_TIMEOUT":                                 "timeout/after_verify",
		"DUPLICATES_DETECTED":                           "conflict/after_edit",
		"DUPLICATE_VALUE":                               "conflict/after_edit",
		"DUPLICATE_EXTERNAL_ID":                         "conflict/after_edit",
		"ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE":        "conflict/after_edit",
		"REQUIRED_FIELD_MISSING":                        "validation/after_edit",
		"FIELD_CUSTOM_VALIDATION_EXCEPTION":             "validation/after_edit",
		"STRING_TOO_LONG":                               "validation/after_edit",
		"INVALID_EMAIL_ADDRESS":                         "validation/after_edit",
		"INVALID_FIELD":                                 "validation/after_edit",
		"MALFORMED_ID":                                  "validation/after_edit",
		"INVALID_CROSS_REFERENCE_KEY":                   "missing_dependency/after_edit",
		"ENTITY_IS_DELETED":                             "missing_dependency/after_edit",
		"INVALID_TYPE_ON_FIELD_IN_RECORD":               "type_mismatch/after_edit",
		"INSUFFICIENT_ACCESS_OR_READONLY":               "permission/never",
		"INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": "permission/never",
		"STORAGE_LIMIT_EXCEEDED":                        "backend/never",
	} {
		for name, shape := range shapes {
			t.Run(name+" "+code, func(t *testing.T) {
				sample{response: text(fmt.Sprintf(shape, code)), is: name, items: lines("failed/" + want + "/" + code)}.check(t, "")
			})
		}
	}
}

// TestHubSpot reads what is easily misread in answers of HubSpot.
func TestHubSpot(t *testing.T) {
	inputs := text(`{"inputs":[{"id":"1","properties":{}},{"id":"2","properties":{}},{"id":"3","properties":{}}]}`)
	const nameless = `{"status":"error","category":"VALIDATION_ERROR","message":"Invalid request"}`
	const invalid = "failed/validation/after_edit/VALIDATION_ERROR"
	checkSamples(t, "testdata", []sample{
		{name: "an error without a context, two items without an answer", is: "hubspot", request: inputs, anomalies: lines("unmatched"),
			response: text(`{"status":"COMPLETE","results":[{"id":"2","properties":{}}],"numErrors":1,"errors":[` + nameless + `]}`), items: lines(silent, "ok", silent)},
		{name: "an error without a context, one item without an answer", is: "hubspot", request: inputs, anomalies: lines("position"),
			response: text(`{"status":"COMPLETE","results":[{"id":"2","properties":{}},{"id":"3","properties":{}}],"numErrors":1,"errors":[` + nameless + `]}`), items: lines(invalid, "ok", "ok")},
		{name: "successes stand before errors whatever the order of the request", is: "hubspot", anomalies: lines("extra", "unmatched"),
			request:  text(`{"inputs":[{"objectWriteTraceId":"a","properties":{}},{"objectWriteTraceId":"b","properties":{}}]}`),
			response: text(`{"status":"COMPLETE","results":[{"id":"901","properties":{}}],"numErrors":1,"errors":[` + nameless + `]}`), items: lines(silent, silent)},
		{name: "an error about an id that nobody asked for", is: "hubspot", request: inputs, anomalies: lines("extra"),
			response: text(`{"status":"COMPLETE","results":[{"id":"1","properties":{}}],"numErrors":1,"errors":[{"status":"error","category":"OBJECT_NOT_FOUND","message":"x","context":{"ids":["9","3"]}}]}`),
			items:    lines("ok", silent, "failed/missing_dependency/after_edit/OBJECT_NOT_FOUND")},
		{name: "all of it worked, with new ids", is: "hubspot", request: text(`{"inputs":[{"properties":{"email":"a"}},{"properties":{"email":"b"}}]}`), anomalies: lines("position"),
			response: text(`{"status":"COMPLETE","results":[{"id":"8","properties":{}},{"id":"9","properties":{}}],"startedAt":"x","completedAt":"y"}`), items: lines("ok", "ok")},
		{name: "an association is known by its ends", is: "hubspot", request: text(`{"inputs":[{"from":{"id":"1"},"to":{"id":"7"}},{"from":{"id":"2"},"to":{"id":"7"}}]}`),
			response: text(`{"status":"COMPLETE","results":[{"from":{"id":"2"},"to":{"id":"7"},"properties":{}},{"from":{"id":"1"},"to":{"id":"7"},"properties":{}}],"startedAt":"x"}`),
			items:    lines("ok", "ok"), ids: lines(`"1/7"`, `"2/7"`)},
		{name: "a property is known by its name", is: "hubspot", request: text(`{"inputs":[{"name":"age__c","type":"number"},{"name":"hobby__c","type":"string"}]}`),
			response: text(`{"status":"COMPLETE","results":[{"name":"hobby__c","label":"Hobby"}],"numErrors":1,"errors":[{"status":"error","category":"OBJECT_ALREADY_EXISTS","message":"x","context":{"name":["age__c"]}}]}`),
			items:    lines("failed/conflict/after_edit/OBJECT_ALREADY_EXISTS", "ok")},
		{name: "the count of errors is not that of the list", is: "hubspot", anomalies: lines("summary"),
			response: text(`{"status":"COMPLETE","results":[{"id":"1","properties":{}}],"numErrors":2,"errors":[` + nameless + `]}`), items: lines("ok", invalid)},
		{name: "it is there already", is: "hubspot", response: text(`{"status":"COMPLETE","results":[],"numErrors":1,"errors":[{"status":"error","category":"CONFLICT","message":"Contact already exists. Existing ID: 17","context":{"objectWriteTraceId":["t"],"existingId":["17"]}}]}`),
			items: lines("failed/conflict/after_edit/CONFLICT"), ids: lines(`"t"`)},
		{name: "refused whole, with a list of reasons", is: "hubspot", response: text(`{"status":"error","message":"no","correlationId":"c","category":"VALIDATION_ERROR","errors":[{"message":"x","code":"PROPERTY_DOESNT_EXIST"}]}`), refused: "0 VALIDATION_ERROR"},
		{name: "refused whole, about an id", is: "hubspot", response: text(`{"status":"error","message":"Duplicate IDs found","correlationId":"c","category":"VALIDATION_ERROR","context":{"ids":["1"]}}`), refused: "0 VALIDATION_ERROR"},
	})
}

// TestFHIR reads what is easily misread in answers of FHIR servers.
func TestFHIR(t *testing.T) {
	bundle := func(entries string) []string {
		return text(`{"resourceType":"Bundle","type":"batch-response","entry":[` + entries + `]}`)
	}
	const throttled = `{"response":{"status":"429","outcome":{"issue":[{"severity":"error","code":"throttled"}]}}}`
	entries := text(`{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"DELETE","url":"Patient/1"}},{"request":{"method":"DELETE","url":"Patient/2"}}]}`)
	checkSamples(t, "testdata", []sample{
		{name: "every form of a status", is: "fhir-batch", response: bundle(`{"response":{"status":"201 Created"}},{"response":{"status":"201"}},{"response":{"status":200}},{"response":{"status":"304 Not Modified"}}`),
			items: lines("ok", "ok", "ok", "ok")},
		{name: "no status that can be read is a no, to be looked up", is: "fhir-batch", response: bundle(`{"response":{"status":"2O1"}},{"response":{"status":"OK"}},{"response":{"status":""}},{"response":{}},{"response":{"status":"200"}}`),
			items: lines("failed/other/after_verify", "failed/other/after_verify", "failed/other/after_verify", "failed/other/after_verify", "ok")},
		{name: "after one 429 the rest repeats it untried", is: "fhir-batch", response: bundle(throttled + "," + throttled), items: lines("failed/rate_limited/safe/throttled", "failed/rate_limited/safe/throttled")},
		{name: "a hint stands before the error", is: "fhir-batch", response: bundle(`{"response":{"status":"400","outcome":{"issue":[{"severity":"information","code":"informational"},{"severity":"error","code":"required"}]}}}`),
			items: lines("failed/validation/after_edit/required")},
		{name: "a warning on a success is no failure", is: "fhir-batch", response: bundle(`{"response":{"status":"200","outcome":{"issue":[{"severity":"warning","code":"invalid"}]}}}`), items: lines("ok")},
		{name: "several match a condition", is: "fhir-batch", response: bundle(`{"response":{"status":"412 Precondition Failed","outcome":{"issue":[{"severity":"error","code":"multiple-matches"}]}}}`), items: lines("failed/conflict/after_edit/multiple-matches")},
		{name: "a record was locked", is: "fhir-batch", response: bundle(`{"response":{"status":"409","outcome":{"issue":[{"severity":"error","code":"lock-error"}]}}}`), items: lines("failed/conflict/safe/lock-error")},
		{name: "by order alone, and one is missing", is: "fhir-batch", request: entries, response: bundle(`{"response":{"status":"204"}}`), items: lines("unknown/other/after_verify", silent), anomalies: lines("position")},
		{name: "a transaction that failed", is: "fhir-batch", response: text(`{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"conflict"}]}`), refused: "0 conflict"},
	})
}

// TestSCIM reads what is easily misread in answers of SCIM servers.
func TestSCIM(t *testing.T) {
	asked := func(stop string) []string {
		return text(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],` + stop + `"Operations":[{"method":"POST","path":"/Users","bulkId":"ann","data":{"userName":"ann"}},` +
			`{"method":"PATCH","path":"/Users/u-7","data":[{"op":"remove","path":"nickName"}]},{"method":"DELETE","path":"/Users/u-8"}]}`)
	}
	answered := func(operations string) []string {
		return text(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkResponse"],"Operations":[` + operations + `]}`)
	}
	const annOK, annTaken = `{"method":"POST","bulkId":"ann","location":"https://h/v2/Users/u-1","status":"201"}`, `{"method":"POST","bulkId":"ann","status":"409","response":{"scimType":"uniqueness","detail":"x","status":"409"}}`
	const taken = "failed/conflict/after_edit/uniqueness"
	checkSamples(t, "testdata", []sample{
		{name: "stopped at the first failure", is: "scim-bulk", request: asked(`"failOnErrors":1,`), response: answered(annTaken), items: lines(taken, notTried, notTried)},
		{name: "it would have gone on: silence says nothing", is: "scim-bulk", request: asked(`"failOnErrors":2,`), response: answered(annTaken), items: lines(taken, silent, silent)},
		{name: "stopped without a failure: silence says nothing", is: "scim-bulk", request: asked(`"failOnErrors":1,`), response: answered(annOK), items: lines("ok", silent, silent)},
		{name: "silence without failOnErrors", is: "scim-bulk", request: asked(""), response: answered(annTaken), items: lines(taken, silent, silent)},
		{name: "an answer that fits no item may be that of a silent one", is: "scim-bulk", request: asked(`"failOnErrors":1,`), anomalies: lines("extra"),
			response: answered(`{"method":"POST","bulkId":"nobody","status":"409","response":{"scimType":"uniqueness","status":"409"}}`), items: lines(silent, silent, silent)},
		{name: "absolute and relative addresses, in another order", is: "scim-bulk", request: asked(""), ids: lines(`"ann"`, `"Users/u-7"`, `"Users/u-8"`),
			response: answered(`{"method":"DELETE","location":"/scim/v2/Users/u-8","status":"204"},{"method":"PATCH","location":"https://h/v2/Users/u-7/","status":"412","response":{"detail":"x"}},` + annOK),
			items:    lines("ok", "failed/conflict/after_edit", "ok")},
		{name: "a server that leaves the bulkId out", dialect: "scim-bulk", request: asked(""), anomalies: lines("position"),
			response: text(`{"Operations":[{"method":"POST","location":"https://h/v2/Users/u-1","status":201},{"method":"PATCH","location":"/Users/u-7","status":{"code":"200"}},{"method":"DELETE","location":"/Users/u-8","status":"404","response":{"code":"404","detail":"x"}}]}`),
			items:    lines("ok", "ok", "failed/missing_dependency/after_edit")},
		{name: "what it refers to was not made", is: "scim-bulk", response: answered(`{"method":"POST","bulkId":"team","status":"409","response":{"detail":"bulkId:ann could not be resolved","status":"409"}}`), items: lines("failed/missing_dependency/safe")},
		{name: "what must not be shown", is: "scim-bulk", response: answered(`{"method":"POST","bulkId":"a","status":"403","response":{"scimType":"sensitive","status":"403"}},{"method":"POST","bulkId":"b","status":"400","response":{"scimType":"mutability","status":"400"}}`),
			items: lines("failed/permission/never/sensitive", "failed/validation/after_edit/mutability")},
		{name: "too large as a whole", is: "scim-bulk", response: text(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"413","detail":"The size exceeds the maxPayloadSize (1048576)."}`), refused: "413"},
	})
}

// told is what the first failure of an input says.
func told(t *testing.T, response []string, name string) *model.Failure {
	t.Helper()
	r, err := dialect.Open(dialect.Input{Responses: filesOf(t, "testdata", response), Dialect: name})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i := range r.Batch().Len() {
		it, err := r.Batch().Item(i)
		if err != nil {
			t.Fatal(err)
		}
		if it.Answer.Failure != nil {
			return it.Answer.Failure
		}
	}
	t.Fatal("nothing failed")
	return nil
}

// TestFailuresAreWorded reads what a failure says, and where: one wording for
// one cause, and the field as it stands in the item's body.
func TestFailuresAreWorded(t *testing.T) {
	bulk := func(said string) []string { return []string{"sf__Id,sf__Error,Name\n,\"" + said + "\",Ash\n"} }
	hub := func(said string) []string {
		return text(`{"results":[],"numErrors":1,"errors":[{"status":"error",` + said + `}]}`)
	}
	for _, row := range []struct {
		name, dialect              string
		response                   []string
		code, message, field, file string
	}{
		{"bulk 2.0, with a field", "salesforce-bulk2", bulk("INVALID_FIELD:Due to, 'x:y' is not a valid value for the type xsd:date:CloseDate --"),
			"INVALID_FIELD", "Due to, 'x:y' is not a valid value for the type xsd:date", "/CloseDate", "type_mismatch"},
		{"bulk 2.0, several fields", "salesforce-bulk2", bulk("REQUIRED_FIELD_MISSING:Required fields are missing: [A, B]:A,B --"), "REQUIRED_FIELD_MISSING", "Required fields are missing: [A, B]", "/A", "validation"},
		{"bulk 2.0, no field", "salesforce-bulk2", bulk("DUPLICATES_DETECTED:Use one of these records?:--"), "DUPLICATES_DETECTED", "Use one of these records?", "", "conflict"},
		{"bulk 2.0, several lines", "salesforce-bulk2", bulk("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY:T: execution of BeforeInsert\n\ncaused by: System.X: no:--"),
			"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "T: execution of BeforeInsert\n\ncaused by: System.X: no", "", "other"},
		{"bulk 2.0, a code alone", "salesforce-bulk2", bulk("UNABLE_TO_LOCK_ROW"), "UNABLE_TO_LOCK_ROW", "", "", "conflict"},
		{"bulk 2.0, a reference to nothing", "salesforce-bulk2", bulk("INVALID_FIELD:Foreign key external ID: k9 not found for field Key__c in entity Account:--"),
			"INVALID_FIELD", "Foreign key external ID: k9 not found for field Key__c in entity Account", "", "missing_dependency"},
		{"collections: the first of several", "salesforce-collections", []string{"salesforce-collections.response.json"}, "ALL_OR_NONE_OPERATION_ROLLED_BACK", "Record rolled back", "", "missing_dependency"},
		{"composite: a record's field is not the subrequest's", "salesforce-composite", []string{"salesforce-composite.response.json"}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", "", "validation"},
		{"hubspot: a message that is a list", "hubspot", hub(`"category":"VALIDATION_ERROR","message":"Property values were not valid: [{\"isValid\":false,\"message\":\"Property \\\"size\\\" does not exist\",\"error\":\"PROPERTY_DOESNT_EXIST\",\"name\":\"size\"}]"`),
			"PROPERTY_DOESNT_EXIST", `Property "size" does not exist`, "/properties/size", "validation"},
		{"hubspot: a message that is nearly a list", "hubspot", hub(`"category":"VALIDATION_ERROR","message":"Not valid: [{\"isValid\":}]"`), "VALIDATION_ERROR", `Not valid: [{"isValid":}]`, "", "validation"},
		{"hubspot: a field of its own", "hubspot", hub(`"category":"VALIDATION_ERROR","message":"no","errors":[{"code":"INVALID_INTEGER","message":"no","context":{"propertyName":["size"]}}]`), "INVALID_INTEGER", "no", "/properties/size", "type_mismatch"},
		{"fhir: a person's data", "fhir-batch", []string{"fhir-batch.response.json"}, "required", "Observation.code for '…' born # is missing", "/code/coding/0", "validation"},
		{"scim: the server's own code", "scim-bulk", []string{"scim-bulk.response.json"}, "uniqueness", "userName is taken", "", "conflict"},
	} {
		t.Run(row.name, func(t *testing.T) {
			f := told(t, row.response, row.dialect)
			if f.Code.Wire() != row.code || f.Message.Wire() != row.message || f.Field.Wire() != row.field {
				t.Errorf("got  %q %q %q\nwant %q %q %q", f.Code.Wire(), f.Message.Wire(), f.Field.Wire(), row.code, row.message, row.field)
			}
			d, err := dialect.BuiltIn().ByName(row.dialect)
			if err != nil {
				t.Fatal(err)
			}
			c, err := triage.NewClassifier(d.Rules(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.Classify(*f).Category.String(); got != row.file {
				t.Errorf("filed under %s, want %s", got, row.file)
			}
		})
	}
}

// TestPersonsDataIsNowhere looks for a person's data in what else a screen shows
// than failures: a refusal, and the note of a success.
func TestPersonsDataIsNowhere(t *testing.T) {
	r, err := dialect.Open(dialect.Input{Responses: filesOf(t, "", text(`{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"invalid","diagnostics":"'Ann Oak', 1970, is a duplicate"}]}`))})
	if err != nil {
		t.Fatal(err)
	}
	var refused *dialect.RefusedError
	if err := r.Read(t.Context()); !errors.As(err, &refused) || refused.Message.Wire() != "'…', #, is a duplicate" {
		t.Errorf("refusal: %v", err)
	}
	r, err = dialect.Open(dialect.Input{Responses: filesOf(t, "", text(`{"resourceType":"Bundle","type":"batch-response","entry":[{"response":{"status":"200","outcome":{"issue":[{"severity":"warning","code":"value","details":{"text":"'Ann Oak' is an odd name"}}]}}}]}`))})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	it, err := r.Batch().Item(0)
	if err != nil {
		t.Fatal(err)
	}
	if got := it.Answer.Note.Wire(); got != "'…' is an odd name" {
		t.Errorf("note: %s", got)
	}
}

// TestRequestAmongAnswers refuses to take answers for what is still to be sent.
func TestRequestAmongAnswers(t *testing.T) {
	plain, failed := "Name,Key\nAsh,k1\n", "sf__Id,sf__Error,Name,Key\n,UNABLE_TO_LOCK_ROW,Oak,k2\n"
	_, err := dialect.Open(dialect.Input{Responses: filesOf(t, "", []string{plain, failed})})
	var none *dialect.NotBatchError
	if !errors.As(err, &none) || !strings.Contains(none.Why, "--dialect salesforce-bulk2") {
		t.Errorf("a request before its answer: %v", err)
	}
	_, err = dialect.Open(dialect.Input{Responses: filesOf(t, "", []string{failed, plain})})
	var one *dialect.FileError
	if !errors.As(err, &none) || !errors.As(err, &one) || one.Name != "Name,Key" || !strings.Contains(none.Why, "--dialect salesforce-bulk2") || !strings.Contains(none.Why, "--request") {
		t.Errorf("a request behind its answer: %v", err)
	}
	calls := `{"requests":[{"id":"1","method":"GET","url":"/a"}]}` + "\n"
	r, err := dialect.Open(dialect.Input{Responses: filesOf(t, "", []string{calls, calls})})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := words(t, r); !slices.Equal(got, lines("ready", "ready")) {
		t.Errorf("two requests: %v", got)
	}
}

// TestNothingIsGuessed refuses what no format claims, and says what to do.
func TestNothingIsGuessed(t *testing.T) {
	for _, row := range []struct{ name, text, says string }{
		{"a table without the columns of a result", "a,b\n1,2\n", "--dialect salesforce-bulk2"},
		{"prose with a comma in each line", "hello world, this is\nsome text, foo\n", "--dialect salesforce-bulk2"},
		{"a log", "2026-01-01,ERROR,boom\n2026-01-02,INFO,ok\n", "--dialect salesforce-bulk2"},
		{"results with an id and a status", `{"results":[{"id":"a","status":201},{"id":"b","status":422,"error":{"code":"x"}}]}`, "--dialect"},
		{"results and no errors", `{"results":[{"id":"a","status":200},{"id":"b","status":503}],"errors":[]}`, "--dialect"},
		{"a page of a list", `{"count":2,"results":[{"id":1,"name":"ash"},{"id":2,"name":"oak"}]}`, "--dialect"},
		{"a status of another API's", `{"status":"ok","results":[{"id":1,"name":"ash"}]}`, "--dialect"},
		{"compressed", "\x1f\x8b\b\x00", "gunzip"},
		{"an archive", "PK\x03\x04junk", "zip"},
		{"UTF-16", "\xff\xfe{\x00\"\x00a\x00", "UTF-8"},
		{"UTF-16 without a mark", "{\x00\"\x00a\x00\"\x00:\x00", "UTF-8"},
		{"another encoding", `<?xml version="1.0" encoding="ISO-8859-1"?><multistatus xmlns="DAV:"/>`, "convert it to UTF-8"},
		{"a document type", `<!DOCTYPE x [<!ENTITY a "b">]><multistatus xmlns="DAV:"/>`, "DOCTYPE"},
		{"a page", "<!doctype html><html></html>", "HTML"},
		{"one answer of JSON-RPC", `{"jsonrpc":"2.0","id":1,"result":5}`, "--dialect"},
	} {
		_, err := dialect.Open(dialect.Input{Responses: filesOf(t, "", []string{row.text + "\n"})})
		var none *dialect.NotBatchError
		if !errors.As(err, &none) || !strings.Contains(none.Why, row.says) {
			t.Errorf("%s: %v", row.name, err)
		}
	}
}

// TestRefusalsBesideAList finds what refuses a batch whose list is there and
// empty, and takes no count for one.
func TestRefusalsBesideAList(t *testing.T) {
	checkSamples(t, "", []sample{
		{name: "generic", is: "generic-207", response: text(`{"responses":[],"error":{"code":"batch_invalid","message":"no"}}`), refused: "0 batch_invalid"},
		{name: "generic, a count", is: "generic-207", response: text(`{"responses":[],"errors":0,"summary":{"total":0}}`)},
		{name: "generic, no errors", is: "generic-207", response: text(`{"responses":[],"errors":[],"error":null}`)},
		{name: "elasticsearch", is: "elasticsearch-bulk", response: text(`{"took":0,"errors":true,"items":[],"error":{"type":"x","reason":"y"}}`), refused: "0 x"},
		{name: "elasticsearch, nothing asked", is: "elasticsearch-bulk", response: text(`{"took":0,"errors":false,"items":[]}`)},
		{name: "kinesis", is: "kinesis-put-records", response: text(`{"FailedRecordCount":0,"Records":[],"__type":"a#B","message":"no"}`), refused: "0 B"},
		{name: "scim", is: "scim-bulk", response: text(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkResponse"],"Operations":[],"detail":"no","status":"413"}`), refused: "413"},
		{name: "an error beside items is told", is: "generic-207", response: text(`{"responses":[{"id":1,"status":200}],"error":{"code":"partial","message":"x"}}`), items: lines("ok"), anomalies: lines("summary")},
	})
}

// TestYesAndNoIsUnknown believes no answer that says both.
func TestYesAndNoIsUnknown(t *testing.T) {
	checkSamples(t, "", []sample{
		{name: "json-rpc", is: "json-rpc", response: text(`[{"jsonrpc":"2.0","id":1,"result":5,"error":{"code":-32000,"message":"x"}},{"jsonrpc":"2.0","id":2,"result":null,"error":{"code":-32602,"message":"x"}},{"jsonrpc":"2.0","id":3,"result":null},{"jsonrpc":"2.0","id":4,"result":0,"error":null}]`),
			items: lines("unknown/backend/after_verify/-32000", "failed/validation/after_edit/-32602", "ok", "ok")},
		{name: "hubspot", is: "hubspot", response: text(`{"status":"COMPLETE","results":[{"id":"1"},{"id":"2","status":422},{"id":"3","error":"x"},{"id":"4","status":"error"},{"id":"5","errors":[]}]}`),
			items: lines("ok", "unknown/other/after_verify", "unknown/other/after_verify", "unknown/other/after_verify", "ok")},
	})
}

// TestRepliesOfSaaS reads replies to a retry: what a server refuses whole was
// refused, and what came by order alone is not known when an answer is missing.
func TestRepliesOfSaaS(t *testing.T) {
	items := []model.SendItem{{Index: 0}, {Index: 1}}
	for _, row := range []struct{ name, reply, refused, states string }{
		{"salesforce-composite", `[{"errorCode":"INVALID_SESSION_ID","message":"x"}]`, "INVALID_SESSION_ID", ""},
		{"salesforce-collections", `[{"errorCode":"INVALID_SESSION_ID","message":"x"}]`, "INVALID_SESSION_ID", ""},
		{"salesforce-collections", `[{"id":"1","success":true,"errors":[]},{"success":false,"errors":[{"statusCode":"X","message":"x"}]}]`, "", "0 ok, 1 failed"},
		{"salesforce-collections", `[{"id":"1","success":true,"errors":[]}]`, "", ""},
		{"fhir-batch", `{"resourceType":"Bundle","type":"batch-response","entry":[{"response":{"status":"200"}}]}`, "", ""},
		{"hubspot", `{"status":"error","category":"VALIDATION_ERROR","message":"x"}`, "VALIDATION_ERROR", ""},
	} {
		t.Run(row.name+" "+row.refused+row.states, func(t *testing.T) {
			d, err := dialect.BuiltIn().ByName(row.name)
			if err != nil {
				t.Fatal(err)
			}
			got, refused := d.ParseReply([]byte(row.reply), items), ""
			if got.Refusal != nil {
				refused = got.Refusal.Code.Wire()
			}
			var states []string
			for _, o := range got.Outcomes {
				states = append(states, fmt.Sprint(o.Index, " ", o.Answer.State))
			}
			if refused != row.refused || strings.Join(states, ", ") != row.states {
				t.Errorf("refused %q, %v; %+v", refused, states, got)
			}
		})
	}
}

// TestRetriesAreReadAgain writes what failed and reads it as a request: the same
// items, within what the API takes at once.
func TestRetriesAreReadAgain(t *testing.T) {
	made := []model.Made{
		{ID: model.TextID("ann"), Location: model.Foreign("https://id.example.com/v2/Users/u-1")},
		{ID: model.TextID("urn:uuid:aa"), Location: model.Foreign("https://fhir.example.com/r4/Patient/77")},
		{ID: model.TextID("acct"), ServerID: model.Foreign("001A")},
		{ID: model.TextID("con"), ServerID: model.Foreign("003Z")},
	}
	for _, row := range []struct {
		name, response, request string
		maxItems                int
		ids                     []string
	}{
		{"salesforce-collections", "salesforce-collections.response.json", "salesforce-collections.request.json", 200, lines(`""`, `""`)},
		{"salesforce-composite", "salesforce-composite.response.json", "salesforce-composite.request.json", 25, lines(`"many"`, `"late"`, `"gone"`)},
		{"salesforce-bulk2", "salesforce-bulk2.response.csv", "salesforce-bulk2.request.csv", 0, lines(`"2024-01-02, k1, Oak, big"`, `"soon, k2, Elm"`, `"2024-01-03, k3, Ash"`)},
		{"hubspot", "hubspot.response.json", "hubspot.request.json", 100, lines(`"t2"`, `"t3"`)},
		{"fhir-batch", "fhir-batch.response.json", "fhir-batch.request.json", 500, lines(`"urn:uuid:bb"`, `""`, `""`)},
		{"scim-bulk", "scim-bulk.response.json", "scim-bulk.request.json", 0, lines(`"bob"`, `"Users/u-7"`, `"team"`, `"Users/u-8"`)},
	} {
		t.Run(row.name, func(t *testing.T) {
			again := retried(t, sample{response: []string{row.response}, request: []string{row.request}}, "testdata", made...)
			ready := slices.Repeat([]string{"ready"}, len(row.ids))
			asked := sample{response: text(strings.TrimSpace(again)), is: row.name, items: ready, ids: row.ids}
			if strings.HasSuffix(row.request, ".csv") { // a table alone does not say what it is
				asked.response, asked.request, asked.dialect = nil, asked.response, row.name
			}
			asked.check(t, "")
			d, err := dialect.BuiltIn().ByName(row.name)
			if err != nil {
				t.Fatal(err)
			}
			if got := d.Complete(model.Profile{}).MaxItems; row.maxItems > 0 && got != row.maxItems {
				t.Errorf("%d items at most, want %d", got, row.maxItems)
			}
		})
	}
}

// TestReferencesOfSaaS writes retries whose items speak of others: of what is
// done by what it has become, of what travels along as it stands.
func TestReferencesOfSaaS(t *testing.T) {
	made := []model.Made{{ID: model.TextID("a"), ServerID: model.Foreign("001A"), Location: model.Foreign("https://h/v2/Users/001A")}, {ID: model.TextID("urn:uuid:a"), Location: model.Foreign("https://h/r4/Patient/1/_history/2")}}
	for _, row := range []struct{ name, request, response, want string }{
		{"composite: an id in an address, before a query, and in either case",
			`{"allOrNone":false,"compositeRequest":[{"method":"POST","url":"/s","referenceId":"a","body":{}},{"method":"PATCH","url":"/s/@{a.Id}?x=1","referenceId":"b","body":{"P":"@{a.id}","Q":"mail @{a.id}"}},{"method":"POST","url":"/s","referenceId":"c","body":{"P":"@{b.id}"}}]}`,
			`{"compositeResponse":[{"referenceId":"a","httpStatusCode":201,"body":{"id":"001A","success":true}},{"referenceId":"b","httpStatusCode":400,"body":[{"errorCode":"X","message":"x"}]},{"referenceId":"c","httpStatusCode":400,"body":[{"errorCode":"X","message":"x"}]}]}`,
			`{"allOrNone":false,"compositeRequest":[{"method":"PATCH","url":"/s/001A?x=1","referenceId":"b","body":{"P":"001A","Q":"mail @{a.id}"}},{"method":"POST","url":"/s","referenceId":"c","body":{"P":"@{b.id}"}}]}`},
		{"scim: an id in a path and in a PATCH",
			`{"failOnErrors":3,"Operations":[{"method":"POST","path":"/Users","bulkId":"a","data":{}},{"method":"PATCH","path":"/Users/bulkId:a","bulkId":"b","data":[{"op":"add","path":"manager","value":"bulkId:a"}]},{"method":"POST","path":"/Groups","bulkId":"c","data":{"members":[{"value":"bulkId:b"}]}}]}`,
			`{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkResponse"],"Operations":[{"method":"POST","bulkId":"a","status":"201","location":"https://h/v2/Users/001A"},{"method":"PATCH","bulkId":"b","status":"400"},{"method":"POST","bulkId":"c","status":"409"}]}`,
			`{"failOnErrors":3,"Operations":[{"method":"PATCH","path":"/Users/001A","bulkId":"b","data":[{"op":"add","path":"manager","value":"001A"}]},{"method":"POST","path":"/Groups","bulkId":"c","data":{"members":[{"value":"bulkId:b"}]}}]}`},
		{"fhir: a reference without the version, and conditions kept",
			`{"resourceType":"Bundle","type":"batch","entry":[{"fullUrl":"urn:uuid:a","resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient"}},{"fullUrl":"urn:uuid:b","resource":{"subject":{"reference":"urn:uuid:a"}},"request":{"method":"POST","url":"Observation","ifNoneExist":"identifier=1"}},{"resource":{"focus":{"reference":"urn:uuid:b"}},"request":{"method":"POST","url":"Task"}}]}`,
			`{"resourceType":"Bundle","type":"batch-response","entry":[{"response":{"status":"201"}},{"response":{"status":"400"}},{"response":{"status":"400"}}]}`,
			`{"resourceType":"Bundle","type":"batch","entry":[{"fullUrl":"urn:uuid:b","resource":{"subject":{"reference":"Patient/1"}},"request":{"method":"POST","url":"Observation","ifNoneExist":"identifier=1"}},{"resource":{"focus":{"reference":"urn:uuid:b"}},"request":{"method":"POST","url":"Task"}}]}`},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := retried(t, sample{response: text(row.response), request: text(row.request)}, "", made...); strings.TrimSpace(got) != row.want {
				t.Errorf("got  %s\nwant %s", got, row.want)
			}
		})
	}
}

// TestFixturesAreToldApart sees to it that no real answer of these APIs needs to
// be asked about.
func TestFixturesAreToldApart(t *testing.T) {
	dir := fixtures(t)
	for folder, name := range map[string]string{
		"salesforce-collections": "salesforce-collections", "salesforce-bulk2": "salesforce-bulk2", "hubspot": "hubspot", "fhir-batch": "fhir-batch", "scim-bulk": "scim-bulk",
		"generic-207": "generic-207", "ms-graph-batch": "ms-graph",
	} {
		files, err := filepath.Glob(filepath.Join(dir, folder, "*"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no files, %v", folder, err)
		}
		for _, f := range files {
			base := filepath.Base(f)
			if strings.HasSuffix(base, ".doc.txt") || strings.HasPrefix(base, "job-info") || strings.Contains(base, "request") || base == "unprocessedrecords.csv" {
				continue // refused, or not an answer
			}
			head, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			if c := dialect.Detect(head); len(c) == 0 || c[0].Name != name || !c[0].Sure {
				t.Errorf("%s: %+v", base, c)
			}
		}
	}
}
