package dialect_test

import (
	"errors"
	"strings"
	"testing"

	"retriage/model"
	"retriage/model/dialect"
)

// ownSamples are the project's own, one for each dialect and each trap.
var ownSamples = []sample{
	{name: "elasticsearch", response: []string{"elasticsearch-bulk.response.json"}, request: []string{"elasticsearch-bulk.request.ndjson"}, is: "elasticsearch-bulk",
		items: []string{"ok", "failed/type_mismatch/after_edit/mapper_parsing_exception", "ok", "failed/conflict/after_verify/version_conflict_engine_exception", "ok",
			"failed/rate_limited/safe/es_rejected_execution_exception", "failed/permission/never/cluster_block_exception"},
		ids: []string{`"p 1"`, `"p2"`, `"p3"`, `"p4"`, `"Xy7"`, `"p2"`, `"p9"`}, anomalies: []string{"warning", "warning"}},
	{name: "elasticsearch: a deleted document was not there", response: []string{`{"took":1,"errors":false,"items":[{"delete":{"_index":"a","_id":"1","result":"not_found","status":404}}]}` + "\n"},
		is: "elasticsearch-bulk", items: []string{"ok"}, anomalies: []string{"warning"}},
	{name: "elasticsearch: a flag without an error", response: []string{`{"took":1,"errors":true,"items":[{"index":{"_index":"a","_id":"1","status":201}}]}` + "\n"},
		is: "elasticsearch-bulk", items: []string{"ok"}, anomalies: []string{"summary"}},
	{name: "elasticsearch: only errors, their order lost", request: []string{"elasticsearch-bulk.request.ndjson"},
		response: []string{`{"items":[{"index":{"error":{"type":"mapper_parsing_exception","reason":"x"}}},{"index":{"error":{"type":"mapper_parsing_exception","reason":"y"}}}]}` + "\n"},
		is:       "elasticsearch-bulk", anomalies: []string{"position", "partial"},
		items: []string{"unknown/type_mismatch/after_edit/mapper_parsing_exception", "unknown/type_mismatch/after_edit/mapper_parsing_exception",
			"unanswered/other/after_verify", "unanswered/other/after_verify", "unanswered/other/after_verify", "unanswered/other/after_verify", "unanswered/other/after_verify"}},
	{name: "elasticsearch: refused whole", response: []string{`{"error":{"type":"illegal_argument_exception","reason":"The bulk request must be terminated by a newline"},"status":400}` + "\n"},
		dialect: "elasticsearch-bulk", refused: "400 illegal_argument_exception"},
	{name: "opensearch", response: []string{"opensearch-bulk.response.json"}, is: "opensearch-bulk",
		items: []string{"ok", "failed/missing_dependency/after_edit/document_missing_exception"}},
	{name: "couchdb in no order", response: []string{"couchdb-bulk-docs.response.json"}, request: []string{"couchdb-bulk-docs.request.json"}, is: "couchdb-bulk-docs",
		items: []string{"failed/conflict/after_edit/conflict", "failed/validation/after_edit/forbidden", "ok", "failed/permission/never/unauthorized"},
		ids:   []string{`"soup"`, `"pie"`, `"old"`, `"vault"`}},
	{name: "couchdb without new edits: silence is a yes", request: []string{`{"new_edits":false,"docs":[{"_id":"a"},{"_id":"b"}]}` + "\n"},
		response: []string{`[{"id":"b","rev":"1-x","error":"forbidden","reason":"no"}]` + "\n"}, is: "couchdb-bulk-docs", items: []string{"ok", "failed/validation/after_edit/forbidden"}},
	{name: "couchdb refused whole", response: []string{`{"error":"doc_validation","reason":"Bad special document member: _foo"}` + "\n"}, dialect: "couchdb-bulk-docs", refused: "0 doc_validation"},
	{name: "json-rpc: a number is no text", response: []string{"json-rpc.response.json"}, request: []string{"json-rpc.request.json"}, is: "json-rpc",
		items: []string{"ok", "failed/validation/after_edit/-32602", "unknown/other/after_verify", "failed/validation/never/-32601", "failed/timeout/after_verify/-32000"},
		ids:   []string{"1", `"1"`, `""`, "2", "3"}, anomalies: []string{"unmatched"}},
	{name: "json-rpc refused whole", response: []string{`{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}` + "\n"}, is: "json-rpc", refused: "0 -32700"},
	{name: "dynamodb with its request", response: []string{"dynamodb-batch-write.response.json"}, request: []string{"dynamodb-batch-write.request.json"}, is: "dynamodb-batch-write",
		items: []string{"ok", "failed/rate_limited/safe/Unprocessed", "failed/rate_limited/safe/Unprocessed"}},
	{name: "dynamodb, nothing left", response: []string{"{\"UnprocessedItems\":{}}\n"}, request: []string{"dynamodb-batch-write.request.json"}, is: "dynamodb-batch-write", items: []string{"ok", "ok", "ok"}},
	{name: "sqs", response: []string{"sqs-batch.response.json"}, request: []string{"sqs-batch.request.json"}, is: "sqs-batch",
		items: []string{"ok", "failed/validation/after_edit/InvalidMessageContents", "failed/backend/safe/InternalError"}},
	{name: "kinesis by order", response: []string{"kinesis-put-records.response.json"}, request: []string{"kinesis-put-records.request.json"}, is: "kinesis-put-records",
		items: []string{"failed/rate_limited/safe/ProvisionedThroughputExceededException", "ok", "failed/backend/safe/InternalFailure"}},
	{name: "kinesis, a record short: nothing is known", response: []string{`{"FailedRecordCount":1,"Records":[{"ErrorCode":"InternalFailure","ErrorMessage":"x"},{"SequenceNumber":"1","ShardId":"s"}]}` + "\n"},
		request: []string{"kinesis-put-records.request.json"}, is: "kinesis-put-records", items: []string{"unknown/backend/safe/InternalFailure", "unknown/other/after_verify", "unanswered/other/after_verify"}, anomalies: []string{"position"}},
	{name: "salesforce collections", response: []string{"salesforce-collections.response.json"}, request: []string{"salesforce-collections.request.json"}, is: "salesforce-collections",
		items: []string{"failed/missing_dependency/safe/ALL_OR_NONE_OPERATION_ROLLED_BACK", "failed/validation/after_edit/REQUIRED_FIELD_MISSING", "ok"}},
	{name: "salesforce: the same container is a refusal", response: []string{`[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]` + "\n"}, is: "salesforce-collections", refused: "0 INVALID_SESSION_ID"},
	{name: "salesforce composite: 200 with refused records inside", response: []string{"salesforce-composite.response.json"}, request: []string{"salesforce-composite.request.json"}, is: "salesforce-composite",
		items: []string{"ok", "failed/validation/after_edit/REQUIRED_FIELD_MISSING", "failed/missing_dependency/safe/PROCESSING_HALTED", "failed/missing_dependency/after_edit/ENTITY_IS_DELETED"}},
	{name: "salesforce composite batch: what follows an error is not tried", response: []string{"salesforce-composite-batch.response.json"}, request: []string{"salesforce-composite-batch.request.json"}, is: "salesforce-composite-batch",
		items: []string{"ok", "failed/validation/after_edit/REQUIRED_FIELD_MISSING", "failed/missing_dependency/safe/BATCH_PROCESSING_HALTED"}},
	{name: "salesforce composite batch: its request", response: []string{"salesforce-composite-batch.request.json"}, is: "salesforce-composite-batch", items: []string{"ready", "ready", "ready"}},
	{name: "salesforce composite batch: a flag that is not so", is: "salesforce-composite-batch", items: []string{"ok"}, anomalies: []string{"summary"},
		response: []string{`{"hasErrors":true,"results":[{"statusCode":200,"result":{"Id":"1"}}]}` + "\n"}},
	{name: "salesforce tree: what is not listed was rolled back", response: []string{"salesforce-tree.response.json"}, request: []string{"salesforce-tree.request.json"}, is: "salesforce-tree",
		items: []string{"failed/missing_dependency/safe", "failed/validation/after_edit/INVALID_EMAIL_ADDRESS", "failed/missing_dependency/safe"}, ids: []string{`"r1"`, `"r2"`, `"r3"`}},
	{name: "salesforce tree: all made", request: []string{"salesforce-tree.request.json"}, is: "salesforce-tree", items: []string{"ok", "ok", "ok"},
		response: []string{`{"hasErrors":false,"results":[{"referenceId":"r3","id":"3"},{"referenceId":"r1","id":"1"},{"referenceId":"r2","id":"2"}]}` + "\n"}},
	{name: "salesforce tree: its request", response: []string{"salesforce-tree.request.json"}, is: "salesforce-tree", items: []string{"ready", "ready", "ready"}},
	{name: "salesforce bulk 2.0, columns in another order", response: []string{"salesforce-bulk2.response.csv"}, request: []string{"salesforce-bulk2.request.csv"}, is: "salesforce-bulk2",
		items: []string{"unanswered/other/after_verify", "failed/type_mismatch/after_edit/INVALID_FIELD", "failed/conflict/safe/UNABLE_TO_LOCK_ROW"}},
	{name: "salesforce bulk 2.0, three files", dialect: "salesforce-bulk2", is: "salesforce-bulk2", request: []string{"salesforce-bulk2.request.csv"},
		response: []string{"sf__Id,sf__Created,Name,Close,Key\n00A,true,\"Oak, big\",2024-01-02,k1\n", "sf__Id,sf__Error,Name,Close,Key\n,UNABLE_TO_LOCK_ROW,Elm,soon,k2\n", "Name,Close,Key\nAsh,2024-01-03,k3\n"},
		items:    []string{"ok", "failed/conflict/safe/UNABLE_TO_LOCK_ROW", "failed/missing_dependency/safe"}},
	{name: "salesforce bulk 2.0, never tried", response: []string{"Name,Key\nAsh,k3\n"}, dialect: "salesforce-bulk2", items: []string{"failed/missing_dependency/safe"}},
	{name: "hubspot: errors name trace ids, successes new ids", response: []string{"hubspot.response.json"}, request: []string{"hubspot.request.json"}, is: "hubspot",
		items:     []string{"ok", "failed/conflict/after_edit/CONFLICT", "failed/validation/after_edit/PROPERTY_DOESNT_EXIST"},
		anomalies: []string{"position"}},
	{name: "hubspot: one error about many", is: "hubspot", request: []string{`{"inputs":[{"id":"1","properties":{}},{"id":"2","properties":{}},{"id":"3","properties":{}}]}` + "\n"},
		response: []string{`{"status":"COMPLETE","results":[{"id":"2","properties":{}}],"errors":[{"status":"error","category":"OBJECT_NOT_FOUND","message":"x","context":{"ids":["1","3"]}}],"numErrors":1}` + "\n"},
		items:    []string{"failed/missing_dependency/after_edit/OBJECT_NOT_FOUND", "ok", "failed/missing_dependency/after_edit/OBJECT_NOT_FOUND"}},
	{name: "hubspot refused whole", response: []string{`{"status":"error","message":"Duplicate IDs","correlationId":"c","category":"VALIDATION_ERROR","errors":[{"message":"x"}]}` + "\n"}, dialect: "hubspot", refused: "0 VALIDATION_ERROR"},
	{name: "fhir", response: []string{"fhir-batch.response.json"}, request: []string{"fhir-batch.request.json"}, is: "fhir-batch",
		items: []string{"ok", "failed/validation/after_edit/required", "failed/conflict/after_edit", "failed/other/after_verify"},
		ids:   []string{`"urn:uuid:aa"`, `"urn:uuid:bb"`, `""`, `""`}},
	{name: "fhir: a transaction that failed", response: []string{`{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"invalid","details":{"text":"no"}}]}` + "\n"}, is: "fhir-batch", refused: "0 invalid"},
	{name: "scim: after two failures the rest is not tried", response: []string{"scim-bulk.response.json"}, request: []string{"scim-bulk.request.json"}, is: "scim-bulk",
		items: []string{"ok", "failed/conflict/after_edit/uniqueness", "failed/conflict/after_edit", "failed/missing_dependency/safe", "failed/missing_dependency/safe"},
		ids:   []string{`"ann"`, `"bob"`, `"Users/u-7"`, `"team"`, `"Users/u-8"`}},
	{name: "scim refused whole", response: []string{`{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"413","detail":"too large"}` + "\n"}, dialect: "scim-bulk", refused: "413"},
	{name: "openai", response: []string{"openai-batch.response.jsonl"}, request: []string{"openai-batch.request.jsonl"}, is: "openai-batch",
		items: []string{"ok", "failed/rate_limited/safe/rate_limit_exceeded", "failed/timeout/safe/batch_expired", "unanswered/other/safe"}},
	{name: "openai: an input that was refused", response: []string{"openai-batch-errors.response.json"}, is: "openai-batch-errors",
		request: []string{"{\"custom_id\":\"r-1\",\"method\":\"POST\",\"url\":\"/v1/c\",\"body\":{}}\n{\"custom_id\":\"r-2\",\"method\":\"POST\",\"url\":\"/v1/c\",\"body\":{}}\n{\"custom_id\":\"r-1\",\"method\":\"POST\",\"url\":\"/v1/d\",\"body\":{}}\n"},
		items:   []string{"failed/missing_dependency/safe", "failed/validation/after_edit/invalid_json_line", "failed/conflict/after_edit/duplicate_custom_id"}, ids: []string{`"r-1"`, `"r-2"`, `"r-1"`}, anomalies: []string{"duplicate"}},
	{name: "openai: an input that was refused, alone", response: []string{"openai-batch-errors.response.json"}, is: "openai-batch-errors", ids: []string{`"line:2"`, `"line:3"`},
		items: []string{"failed/validation/after_edit/invalid_json_line", "failed/conflict/after_edit/duplicate_custom_id"}},
	{name: "couchdb: two documents of one id", is: "couchdb-bulk-docs", request: []string{`{"docs":[{"_id":"a","v":1},{"_id":"b"},{"_id":"a","v":2}]}` + "\n"}, anomalies: []string{"duplicate"},
		response: []string{`[{"ok":true,"id":"a","rev":"1-x"},{"ok":true,"id":"b","rev":"1-y"},{"id":"a","error":"conflict","reason":"x"}]` + "\n"}, items: []string{"ok", "ok", "failed/conflict/after_edit/conflict"}},
	{name: "couchdb: two documents of one id, and rows in no order", is: "couchdb-bulk-docs", request: []string{`{"docs":[{"_id":"a","v":1},{"_id":"b"},{"_id":"a","v":2}]}` + "\n"}, anomalies: []string{"duplicate"},
		response: []string{`[{"id":"a","error":"forbidden","reason":"x"},{"ok":true,"id":"a","rev":"1-x"},{"ok":true,"id":"b","rev":"1-y"}]` + "\n"}, items: []string{"unknown/validation/after_edit/forbidden", "ok", "unknown/validation/after_edit/forbidden"}},
	{name: "couchdb: two documents of one id, and one answer", is: "couchdb-bulk-docs", request: []string{`{"docs":[{"_id":"a","v":1},{"_id":"b"},{"_id":"a","v":2}]}` + "\n"}, anomalies: []string{"duplicate"},
		response: []string{`[{"ok":true,"id":"a","rev":"1-x"},{"ok":true,"id":"b","rev":"1-y"}]` + "\n"}, items: []string{"unknown/other/after_verify", "ok", "unknown/other/after_verify"}},
	{name: "couchdb: nothing but silence, which the request explains", is: "couchdb-bulk-docs", request: []string{`{"new_edits":false,"docs":[{"_id":"a"},{"_id":"b"}]}` + "\n"}, response: []string{"[]\n"}, items: []string{"ok", "ok"}},
	{name: "json-rpc: a batch that is too large", is: "json-rpc", refused: "0 -32600", request: []string{"json-rpc.request.json"},
		response: []string{`[{"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"batch too large"}}]` + "\n"}},
	{name: "json-rpc: codes of servers", is: "json-rpc", items: []string{"failed/timeout/after_verify/-32002", "failed/rate_limited/safe/429", "failed/rate_limited/safe/-32005", "failed/backend/after_verify/-32005"},
		response: []string{`[{"jsonrpc":"2.0","id":1,"error":{"code":-32002,"message":"m"}},{"jsonrpc":"2.0","id":2,"error":{"code":429,"message":"m"}},{"jsonrpc":"2.0","id":3,"error":{"code":-32005,"message":"limit exceeded"}},{"jsonrpc":"2.0","id":4,"error":{"code":-32005,"message":"m"}}]` + "\n"}},
	{name: "sqs: whose fault it is", is: "sqs-batch", items: []string{"failed/backend/safe/Odd", "failed/validation/after_edit/Odd", "failed/rate_limited/safe/RequestThrottled"},
		response: []string{`{"Failed":[{"Id":"a","SenderFault":false,"Code":"Odd"},{"Id":"b","SenderFault":true,"Code":"Odd"},{"Id":"c","SenderFault":false,"Code":"RequestThrottled"}]}` + "\n"}},
	{name: "sqs in XML", response: []string{"sqs-batch-xml.response.xml"}, is: "sqs-batch-xml", ids: []string{`"a"`, `"b"`, `"c"`, `"d"`},
		items: []string{"ok", "failed/validation/after_edit/InvalidMessageContents", "ok", "failed/backend/safe/InternalError"}},
	{name: "sqs in XML, refused", response: []string{"<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>\n"}, dialect: "sqs-batch-xml", refused: "0 AccessDenied"},
	{name: "scim: a code where scimType belongs", is: "scim-bulk", items: []string{"failed/conflict/after_edit/uniqueness"},
		response: []string{`{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkResponse"],"Operations":[{"method":"POST","bulkId":"a","status":409,"response":{"code":"uniqueness","detail":"x"}}]}` + "\n"}},
	{name: "sqs: messages deleted", is: "sqs-batch", items: []string{"ok", "ok", "failed/validation/after_edit/ReceiptHandleIsInvalid"},
		response: []string{`{"Successful":[{"Id":"a"},{"Id":"b"}],"Failed":[{"Id":"c","SenderFault":true,"Code":"ReceiptHandleIsInvalid"}]}` + "\n"}},
	{name: "zimbra: whose fault it is", is: "zimbra", items: []string{"failed/backend/after_verify/service.FAILURE", "failed/validation/after_edit/mail.ODD"},
		response: []string{`<BatchResponse xmlns="urn:zimbra" xmlns:soap="s"><soap:Fault><soap:Code><soap:Value>soap:Receiver</soap:Value></soap:Code><soap:Detail><Error><Code>service.FAILURE</Code></Error></soap:Detail></soap:Fault><soap:Fault><soap:Code><soap:Value>soap:Sender</soap:Value></soap:Code><soap:Detail><Error><Code>mail.ODD</Code></Error></soap:Detail></soap:Fault></BatchResponse>` + "\n"}},
	{name: "anthropic: the error is a level deeper", response: []string{"anthropic-batch.response.jsonl"}, request: []string{"anthropic-batch.request.json"}, is: "anthropic-batch",
		items: []string{"ok", "failed/validation/after_edit/invalid_request_error", "failed/timeout/safe/expired", "failed/other/safe/canceled", "failed/rate_limited/safe/overloaded_error"}},
	{name: "webdav", response: []string{"webdav.response.xml"}, request: []string{"webdav.request.json"}, is: "webdav", anomalies: []string{"warning"},
		items: []string{"ok", "failed/conflict/after_edit/lock-token-submitted", "failed/missing_dependency/safe", "unanswered/other/after_verify"},
		ids:   []string{`"/dav/a b.txt"`, `"/dav/locked"`, `"/dav"`, `"/dav/c.txt"`}},
	{name: "zimbra: after a fault the rest is not tried", response: []string{"zimbra.response.xml"}, request: []string{"zimbra.request.xml"}, is: "zimbra",
		items: []string{"ok", "failed/permission/never/service.PERM_DENIED", "failed/missing_dependency/safe"}},
	{name: "odata multipart: a changeset fails whole", response: []string{"odata-multipart.response.txt"}, request: []string{"odata-multipart.request.txt"}, is: "odata-multipart",
		items: []string{"ok", "failed/missing_dependency/safe", "failed/conflict/after_edit"}},
	{name: "answers in lines", response: []string{"generic-jsonl.response.jsonl"}, is: "generic-jsonl", items: []string{"ok", "failed/validation/after_edit/validation_failed"}, ids: []string{`"a1"`, "2"}},
	{name: "every form of a status", is: "generic-207", response: []string{`{"responses":[{"id":1,"status":400},{"id":2,"status":"400"},{"id":3,"status":"201 Created"},{"id":4,"status":"HTTP/1.1 423 Locked"},{"id":5,"data":{}},{"id":6,"status":422.0},{"id":7,"status":422.5},{"id":8,"status":"200.0"}]}` + "\n"},
		items: []string{"failed/validation/after_edit", "failed/validation/after_edit", "ok", "failed/conflict/after_edit", "unknown/other/after_verify", "failed/validation/after_edit", "unknown/other/after_verify", "ok"}},
	{name: "graph asks to wait for parts of a second", dialect: "ms-graph", is: "ms-graph", response: []string{`{"responses":[{"id":"1","status":429,"headers":{"Retry-After":"2.128"},"body":{"error":{"code":"TooManyRequests","message":"x"}}}]}` + "\n"},
		items: []string{"failed/rate_limited/after_verify/TooManyRequests"}},
}

func TestOwnSamples(t *testing.T) { checkSamples(t, "testdata", ownSamples) }

// TestRetriesAreWritten writes a batch of what failed in the shape of its
// request, byte for byte.
func TestRetriesAreWritten(t *testing.T) {
	made := []model.Made{
		{ID: model.TextID("ann"), Location: model.Foreign("https://id.example.com/v2/Users/u-1")},
		{ID: model.TextID("urn:uuid:aa"), Location: model.Foreign("https://fhir.example.com/r4/Patient/77")},
		{ID: model.TextID("acct"), ServerID: model.Foreign("001A")},
		{ID: model.TextID("con"), ServerID: model.Foreign("003Z")},
	}
	for name, row := range map[string]struct{ response, request, want string }{
		"elasticsearch": {"elasticsearch-bulk.response.json", "elasticsearch-bulk.request.ndjson",
			"{\"create\":{\"_index\":\"parts\",\"_id\":\"p2\"}}\n{\"name\":\"nut\",\"count\":\"many\"}\n{\"create\":{\"_index\":\"parts\",\"_id\":\"p4\"}}\n{\"name\":\"washer\"}\n" +
				"{\"index\":{\"_index\":\"parts\",\"_id\":\"p2\"}}\n{\"name\":\"nut\"}\n{\"delete\":{\"_index\":\"locked\",\"_id\":\"p9\"}}\n"},
		"dynamodb": {"dynamodb-batch-write.response.json", "dynamodb-batch-write.request.json",
			`{"RequestItems":{"Songs":[{"DeleteRequest":{"Key":{"Id":{"S":"b"}}}}],"Bands":[{"PutRequest":{"Item":{"Id":{"S":"a"}}}}]},"ReturnConsumedCapacity":"TOTAL"}`},
		"dynamodb alone": {"dynamodb-batch-write.response.json", "",
			`{"RequestItems":{"Songs":[{"DeleteRequest":{"Key":{"Id":{"S":"b"}}}}],"Bands":[{"PutRequest": {"Item":{"Id":{"S":"a"}}}}]}}`},
		"salesforce collections": {"salesforce-collections.response.json", "salesforce-collections.request.json",
			`{"allOrNone":true,"records":[{"attributes":{"type":"Lead"},"LastName":"Ito"},{"attributes":{"type":"Lead"},"Email":"x"}]}`},
		"salesforce composite": {"salesforce-composite.response.json", "salesforce-composite.request.json",
			`{"allOrNone":false,"compositeRequest":[{"method":"POST","url":"/services/data/v62.0/composite/sobjects","referenceId":"many","body":{"records":[{"FirstName":"B"}]}},` +
				`{"method":"PATCH","url":"/services/data/v62.0/sobjects/Contact/003Z","referenceId":"late","body":{"AccountId":"001A"}},` +
				`{"method":"DELETE","url":"/services/data/v62.0/sobjects/Lead/00Q","referenceId":"gone"}]}`},
		"salesforce bulk 2.0":       {"salesforce-bulk2.response.csv", "salesforce-bulk2.request.csv", "Name,Close,Key\n\"Oak, big\",2024-01-02,k1\nElm,soon,k2\nAsh,2024-01-03,k3\n"},
		"salesforce bulk 2.0 alone": {"salesforce-bulk2.response.csv", "", "Close,Name,Key\n\"soon\",\"Elm\",\"k2\"\n\"2024-01-03\",\"Ash\",\"k3\"\n"},
		"fhir": {"fhir-batch.response.json", "fhir-batch.request.json",
			`{"resourceType":"Bundle","type":"batch","entry":[{"fullUrl":"urn:uuid:bb","resource":{"resourceType":"Observation","subject":{"reference":"Patient/77"},"code":{"text":"x"}},"request":{"method":"POST","url":"Observation"}},` +
				`{"resource":{"resourceType":"Patient","id":"9"},"request":{"method":"PUT","url":"Patient/9","ifMatch":"W/\"1\""}},{"request":{"method":"DELETE","url":"Patient/8"}}]}`},
		"scim": {"scim-bulk.response.json", "scim-bulk.request.json",
			`{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"failOnErrors":2,"Operations":[{"method":"POST","path":"/Users","bulkId":"bob","data":{"userName":"bob"}},{"method":"PUT","path":"/Users/u-7","data":{"userName":"cy"}},` +
				`{"method":"POST","path":"/Groups","bulkId":"team","data":{"displayName":"Team","members":[{"value":"u-1"}]}},{"method":"DELETE","path":"/Users/u-8"}]}`},
		"openai": {"openai-batch.response.jsonl", "openai-batch.request.jsonl",
			"{\"custom_id\": \"q2\", \"method\": \"POST\", \"url\": \"/v1/chat/completions\", \"body\": {\"model\": \"m\"}}\n{\"custom_id\": \"q3\", \"method\": \"POST\", \"url\": \"/v1/chat/completions\", \"body\": {\"model\": \"m\"}}\n{\"custom_id\": \"q4\", \"method\": \"POST\", \"url\": \"/v1/chat/completions\", \"body\": {\"model\": \"m\"}}\n"},
		"anthropic": {"anthropic-batch.response.jsonl", "anthropic-batch.request.json", `{"requests":[{"custom_id":"b","params":{"max_tokens":-5}},{"custom_id":"c","params":{}},{"custom_id":"d","params":{}},{"custom_id":"e","params":{}}]}`},
		"zimbra":    {"zimbra.response.xml", "zimbra.request.xml", "<BatchRequest xmlns=\"urn:zimbra\" onerror=\"stop\"><SendMsgRequest requestId=\"2\"><m>x</m></SendMsgRequest>\n<NoOpRequest requestId=\"3\"/></BatchRequest>"},
		"hubspot":   {"hubspot.response.json", "hubspot.request.json", `{"inputs":[{"objectWriteTraceId":"t2","properties":{"email":"b@example.com"}},{"objectWriteTraceId":"t3","properties":{"size":"x"}}]}`},
		"kinesis":   {"kinesis-put-records.response.json", "kinesis-put-records.request.json", `{"StreamName":"clicks","Records":[{"Data":"YQ==","PartitionKey":"a"},{"Data":"Yw==","PartitionKey":"c"}]}`},
		"couchdb":   {"couchdb-bulk-docs.response.json", "couchdb-bulk-docs.request.json", `{"docs":[{"_id":"soup","_rev":"1-a","servings":4},{"_id":"pie","price":-1},{"_id":"vault","x":1}]}`},
		"json-rpc":  {"json-rpc.response.json", "json-rpc.request.json", `[{"jsonrpc":"2.0","method":"add","params":[2],"id":"1"},{"jsonrpc":"2.0","method":"log","params":[3]},{"jsonrpc":"2.0","method":"nope","id":2},{"jsonrpc":"2.0","method":"slow","id":3}]`},
	} {
		t.Run(name, func(t *testing.T) {
			s := sample{response: []string{row.response}}
			if row.request != "" {
				s.request = []string{row.request}
			}
			if got := strings.TrimRight(retried(t, s, "testdata", made...), "\n"); got != strings.TrimRight(row.want, "\n") {
				t.Errorf("got  %s\nwant %s", got, row.want)
			}
		})
	}
}

// TestPersonsDataIsNotShown masks what a dialect's file says may hold a person's
// data, and keeps the wording that says what is wrong.
func TestPersonsDataIsNotShown(t *testing.T) {
	r, err := dialect.Open(dialect.Input{Responses: filesOf(t, "testdata", []string{"fhir-batch.response.json"})})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	it, err := r.Batch().Item(1)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(it.Raw), "Ann") || !strings.Contains(string(it.Raw), "not shown") {
		t.Errorf("raw: %s", it.Raw)
	}
	if got := it.Answer.Failure.Message.Wire(); strings.Contains(got, "Ann") || strings.Contains(got, "1970") || !strings.Contains(got, "is missing") {
		t.Errorf("message: %s", got)
	}
}

// TestOwnSamplesAreToldApart sees to it that no sample needs to be asked about.
func TestOwnSamplesAreToldApart(t *testing.T) {
	for _, s := range ownSamples {
		if s.is == "" || s.refused != "" || len(s.response) == 0 || s.dialect != "" {
			continue
		}
		r, err := dialect.Open(dialect.Input{Responses: filesOf(t, "testdata", s.response)})
		if err != nil {
			t.Errorf("%s: %v", s.name, err)
			continue
		}
		if c := r.Candidates(); c[0].Name == s.is && !c[0].Sure {
			t.Errorf("%s: %+v", s.name, c)
		}
	}
}

// TestARequestAmongAnswers refuses a request that was given as an answer: its
// items would count as never tried, and those that were done would be sent again.
func TestARequestAmongAnswers(t *testing.T) {
	files := filesOf(t, "testdata", []string{"salesforce-bulk2.response.csv", "salesforce-bulk2.request.csv"})
	var not *dialect.NotBatchError
	if _, err := dialect.Open(dialect.Input{Responses: files}); !errors.As(err, &not) || !strings.Contains(err.Error(), "--request") {
		t.Errorf("opened: %v", err)
	}
	if _, err := dialect.Open(dialect.Input{Responses: files[:1], Requests: files[1:]}); err != nil {
		t.Error(err)
	}
}
