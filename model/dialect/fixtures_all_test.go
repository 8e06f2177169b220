package dialect_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"retriage/model/dialect"
)

// lines are the words of a sample.
func lines(words ...string) []string { return words }

// TestFixtures opens real responses of every API: what each format means.
func TestFixtures(t *testing.T) {
	ready := func(n int) []string { return strings.Fields(strings.Repeat("ready ", n)) }
	rows := []sample{
		{name: "generic-207/responses-summary.example.json", is: "generic-207", items: lines("ok", "failed/validation/after_edit/validation_failed", "failed/rate_limited/safe/rate_limited")},
		{name: "ms-graph-batch/partial-success-with-missing-datetime.json", is: "ms-graph", items: lines("failed/validation/after_edit/InvalidRequest", "failed/missing_dependency/after_edit/ExtensionError", "ok")},
		{name: "ms-graph-batch/subscriptions-partial-success.json", is: "ms-graph", items: lines("failed/missing_dependency/after_edit/BadRequest", "ok")},
		{name: "ms-graph-batch/sdk-dotnet-409-and-binary.json", is: "ms-graph", items: lines("ok", "failed/conflict/after_edit/20117", "ok")},
		{name: "ms-graph-batch/request.doc.json", is: "ms-graph", items: ready(5)},
		{name: "elasticsearch-bulk/bulk_response_1a.json", is: "elasticsearch-bulk", items: lines("ok", "failed/conflict/after_verify/version_conflict_engine_exception")},
		{name: "elasticsearch-bulk/bulk_response_2.json", is: "elasticsearch-bulk", anomalies: lines("warning"), items: lines("ok", "failed/conflict/after_verify/version_conflict_engine_exception", "ok", "ok")},
		{name: "elasticsearch-bulk/olivere-failed.json", is: "elasticsearch-bulk", anomalies: lines("warning"), items: lines("ok", "failed/validation/after_edit/routing_missing_exception", "ok", "ok")},
		{name: "elasticsearch-bulk/response-delete-404-errors-false.json", is: "elasticsearch-bulk", anomalies: lines("warning"), items: lines("ok", "ok", "ok", "ok")},
		{name: "elasticsearch-bulk/response-failed-actions.json", is: "elasticsearch-bulk", items: lines("failed/missing_dependency/after_edit/document_missing_exception", "failed/missing_dependency/after_edit/document_missing_exception", "ok")},
		{name: "elasticsearch-bulk/response-filter_path-items.error.json", is: "elasticsearch-bulk", anomalies: lines("partial"), items: lines("failed/missing_dependency/after_edit/document_missing_exception", "failed/missing_dependency/after_edit/document_missing_exception")},
		{name: "elasticsearch-bulk/request-mixed.ndjson", is: "elasticsearch-bulk", items: ready(4)},
		{name: "elasticsearch-bulk/request-failed-actions.ndjson", is: "elasticsearch-bulk", items: ready(3)},
		{name: "opensearch-bulk/bulk_response_1a.json", is: "elasticsearch-bulk", items: lines("ok", "failed/conflict/after_verify/version_conflict_engine_exception")},
		{name: "couchdb-bulk-docs/conflict.doc.json", is: "couchdb-bulk-docs", request: lines("couchdb-bulk-docs/request-update.doc.json"),
			items: lines("failed/conflict/after_edit/conflict", "failed/conflict/after_edit/conflict", "failed/conflict/after_edit/conflict")},
		{name: "couchdb-bulk-docs/forbidden.doc.json", is: "couchdb-bulk-docs", items: lines("failed/validation/after_edit/forbidden")},
		{name: "couchdb-bulk-docs/request-update.doc.json", is: "couchdb-bulk-docs", items: ready(3)},
		{name: "salesforce-collections/create-partial-allOrNone-false.doc.json", is: "salesforce-collections", items: lines("failed/conflict/after_edit/DUPLICATES_DETECTED", "ok")},
		{name: "salesforce-collections/create-partial-but-allOrNone.json", is: "salesforce-collections", request: lines("salesforce-collections/create-request-payload.json"),
			items: lines("failed/validation/after_edit/REQUIRED_FIELD_MISSING", "failed/missing_dependency/safe/ALL_OR_NONE_OPERATION_ROLLED_BACK")},
		{name: "salesforce-collections/update-partial-but-allOrNone.json", is: "salesforce-collections", items: lines("failed/missing_dependency/safe/ALL_OR_NONE_OPERATION_ROLLED_BACK", "failed/validation/after_edit/INVALID_FIELD")},
		{name: "salesforce-collections/update-err-each-no-ids.json", is: "salesforce-collections", items: lines("failed/validation/after_edit/MISSING_ARGUMENT", "failed/validation/after_edit/MISSING_ARGUMENT")},
		{name: "salesforce-collections/create-err-bad-request.json", is: "salesforce-collections", refused: "0 REQUIRED_FIELD_MISSING"},
		{name: "salesforce-collections/create-request-payload.json", is: "salesforce-collections", items: ready(2)},
		{name: "salesforce-bulk2/failedResults-lock-row.csv", is: "salesforce-bulk2", items: lines("failed/conflict/safe/UNABLE_TO_LOCK_ROW", "failed/conflict/safe/UNABLE_TO_LOCK_ROW")},
		{name: "salesforce-bulk2/failedResults-partial-failure.csv", is: "salesforce-bulk2", request: lines("salesforce-bulk2/request-opportunities.csv"),
			items: lines("unanswered/other/after_verify", "unanswered/other/after_verify", "failed/type_mismatch/after_edit/INVALID_FIELD", "unanswered/other/after_verify",
				"unanswered/other/after_verify", "unanswered/other/after_verify", "unanswered/other/after_verify", "unanswered/other/after_verify")},
		{name: "salesforce-bulk2/unprocessedrecords.csv", dialect: "salesforce-bulk2", items: lines("failed/missing_dependency/safe")},
		{name: "salesforce-bulk2/request-opportunities.csv", is: "salesforce-bulk2", items: ready(8)},
		{name: "salesforce-bulk2/request-opportunities.csv", dialect: "salesforce-bulk2", items: slices.Repeat(lines("failed/missing_dependency/safe"), 8)},
		{name: "fhir-batch/batch-response-bare-status.assembled.json", is: "fhir-batch", items: lines("ok", "failed/missing_dependency/after_edit/not-found", "failed/rate_limited/safe/throttled", "failed/rate_limited/safe/throttled")},
		{name: "scim-bulk/bulk_response-error_invalid_syntax.json", is: "scim-bulk", items: lines("failed/validation/after_edit/invalidSyntax")},
		{name: "scim-bulk/bulk_response-multiple_errors.json", is: "scim-bulk", request: lines("scim-bulk/bulk_request-multiple_operations.json"),
			items: lines("failed/validation/after_edit/invalidSyntax", "failed/conflict/after_edit", "failed/conflict/after_edit", "failed/missing_dependency/after_edit")},
		{name: "scim-bulk/error-payload_too_large.json", is: "scim-bulk", refused: "413"},
		{name: "scim-bulk/bulk_request-temporary_identifier.json", is: "scim-bulk", items: ready(2)},
		{name: "scim-bulk/bulk_request-multiple_operations.json", is: "scim-bulk", items: ready(4)},
		{name: "dynamodb-batchwrite/batch-write-request.json", is: "dynamodb-batch-write", items: ready(3)},
		{name: "sqs/send-message-batch-partial.json", is: "sqs-batch", items: lines("failed/validation/after_edit/InvalidParameterValue", "ok")},
		{name: "sqs/send-message-batch-success.json", is: "sqs-batch", items: lines("ok", "ok")},
		{name: "kinesis-putrecords/put-records-partial.json", is: "kinesis-put-records", items: lines("ok", "failed/rate_limited/safe/ProvisionedThroughputExceededException", "failed/backend/safe/InternalFailure")},
		{name: "openai-batch/output-line-success.doc.jsonl", is: "openai-batch", items: lines("ok")},
		{name: "openai-batch/error-lines.assembled.jsonl", is: "openai-batch", items: lines("failed/timeout/safe/batch_expired", "failed/validation/after_edit/invalid_request_error")},
		{name: "openai-batch/input-line.doc.jsonl", is: "openai-batch", items: ready(1)},
		{name: "anthropic-batches/results.assembled.jsonl", is: "anthropic-batch", items: lines("ok", "failed/validation/after_edit/invalid_request_error", "failed/timeout/safe/expired", "failed/other/safe/canceled")},
		{name: "jsonrpc-batch/spec-response.doc.json", is: "json-rpc", request: lines("jsonrpc-batch/spec-request.doc.json"), anomalies: lines("unmatched"),
			items: lines("ok", "unknown/other/after_verify", "ok", "unknown/other/after_verify", "failed/validation/never/-32601", "ok")},
		{name: "jsonrpc-batch/spec-request.doc.json", is: "json-rpc", items: ready(6)},
		{name: "hubspot/create-err-partial-success.json", is: "hubspot", items: lines("ok", "failed/conflict/after_edit/CONFLICT")},
		{name: "hubspot/update-err-partial-success.json", is: "hubspot", items: lines("ok", "failed/missing_dependency/after_edit/OBJECT_NOT_FOUND")},
		{name: "hubspot/multi-status-trace-id.doc.json", is: "hubspot", items: lines("ok", "failed/validation/after_edit/PROPERTY_DOESNT_EXIST")},
		{name: "hubspot/associations-err-contact-to-contact.json", is: "hubspot", items: lines("failed/validation/after_edit/VALIDATION_ERROR", "failed/validation/after_edit/VALIDATION_ERROR")},
		{name: "hubspot/properties-batch-create-response.json", is: "hubspot", items: lines("ok", "ok", "failed/conflict/after_edit/OBJECT_ALREADY_EXISTS", "failed/conflict/after_edit/OBJECT_ALREADY_EXISTS")},
		{name: "hubspot/read-multi-207.json", is: "hubspot", items: lines("ok", "failed/validation/after_edit/VALIDATION_ERROR")},
		{name: "hubspot/create-err-conflict.json", is: "hubspot", refused: "0 CONFLICT"},
		{name: "hubspot/create-err-many-invalid-properties.json", is: "hubspot", refused: "0 VALIDATION_ERROR"},
		{name: "hubspot/update-err-duplicate-ids.json", is: "hubspot", refused: "0 VALIDATION_ERROR"},
		{name: "webdav-multistatus/delete-423-locked.xml", is: "webdav", items: lines("failed/conflict/after_edit/lock-token-submitted")},
		{name: "webdav-multistatus/lock-403-424.doc.xml", is: "webdav", items: lines("failed/permission/never", "failed/missing_dependency/safe")},
		{name: "webdav-multistatus/propfind-mixed-200-403.xml", is: "webdav", items: lines("ok", "ok", "failed/permission/never", "failed/backend/safe")},
		{name: "webdav-multistatus/propfind-two-propstats-200-404.xml", is: "webdav", anomalies: lines("warning"), items: lines("ok")},
	}
	for i := range rows {
		rows[i].response = lines(rows[i].name)
	}
	checkSamples(t, fixtures(t), rows)
}

// TestFixturesAreComplete opens every real response that there is: none is left
// out of the table above without a word.
func TestFixturesAreComplete(t *testing.T) {
	dir := fixtures(t)
	files, err := filepath.Glob(filepath.Join(dir, "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		name := filepath.Base(f)
		info, err := os.Stat(f)
		if err != nil || info.IsDir() {
			continue
		}
		// A table of no columns but one's own may be anything.
		refused := strings.HasSuffix(name, ".doc.txt") || strings.HasPrefix(name, "job-info") || name == "unprocessedrecords.csv"
		r, err := dialect.Open(dialect.Input{Responses: filesOf(t, dir, []string{strings.TrimPrefix(f, dir+"/")})})
		if err == nil {
			err = r.Read(t.Context())
		}
		var whole *dialect.RefusedError
		if err != nil && !errors.As(err, &whole) != refused || err == nil && refused {
			t.Errorf("%s: %v", name, err)
		}
	}
}
