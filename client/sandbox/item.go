package sandbox

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// The error codes of items, and of calls that are refused whole.
const (
	codeType        = "TYPE_MISMATCH"
	codeValidation  = "VALIDATION_ERROR"
	codeSize        = "PAYLOAD_TOO_LARGE"
	codePermission  = "PERMISSION_DENIED"
	codeDependency  = "MISSING_DEPENDENCY"
	codeConflict    = "CONFLICT"
	codeExists      = "ALREADY_EXISTS"
	codeIdempotency = "IDEMPOTENCY_CONFLICT"
	codeRate        = "RATE_LIMITED"
	codeUpstream    = "UPSTREAM_ERROR"
	codeTimeout     = "TIMEOUT"

	codeNotFound     = "NOT_FOUND"
	codePrecondition = "PRECONDITION_FAILED"
	codeMalformed    = "MALFORMED_REQUEST"
	codeUnauthorized = "UNAUTHORIZED"
	codeExpired      = "TOKEN_EXPIRED"
	codeMethod       = "METHOD_NOT_ALLOWED"
	codeKeyReused    = "IDEMPOTENCY_KEY_REUSED"
	codeKeyInUse     = "IDEMPOTENCY_KEY_IN_USE"
	codeUnavailable  = "SERVICE_UNAVAILABLE"
	codeInternal     = "INTERNAL"
)

// failure is why an item, or a whole call, was refused.
type failure struct {
	status     int
	code       string
	message    string
	field      string        // JSON Pointer into the item, or ""
	retryAfter time.Duration // 0 is none
	final      bool          // the payload alone caused it: the same payload fails for ever
}

// item is one item of a request, read but not yet applied.
type item struct {
	raw     []byte   // as it was sent
	body    []byte   // as it is stored: raw without idempotency_key
	idJSON  []byte   // the id as it was sent, or null
	id, key string   // "" if absent or of another type
	refs    refs     // what the checks against the store look at
	sum     [32]byte // of the canonical body: equal payloads have equal sums
	refusal *failure // what the payload alone is refused for, or nil
}

// refs are the fields of an item that point outside it.
type refs struct{ email, resource, manager string }

// name gives the id as the call log shows it.
func (it *item) name() string {
	if it.id != "" {
		return it.id
	}
	return string(it.idJSON)
}

// readItem reads one JSON value, which must have passed checkJSON, and runs
// every check that needs nothing but the payload.
func readItem(raw []byte, schema *jsonschema.Schema, maxBytes int) *item {
	it := &item{raw: raw, body: raw, idJSON: []byte("null")}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		it.refusal = &failure{status: 400, code: codeValidation, message: "The item is not valid JSON", final: true}
		return it
	}
	fields, ok := doc.(map[string]any)
	if !ok {
		it.refusal = &failure{status: 400, code: codeType, message: "Type mismatch: an item must be an object", final: true}
		return it
	}
	ms := members(raw)
	if id := valueOf(raw, ms, "id"); id != nil {
		it.idJSON = id
	}
	it.id, it.key = text(fields, "id"), text(fields, "idempotency_key")
	it.refs = refs{text(fields, "email"), text(fields, "resource_id"), text(fields, "manager_id")}
	it.refusal = refuse(ms, violations(schema, doc), len(raw), maxBytes)
	if _, ok := fields["idempotency_key"]; ok {
		it.body = without(raw, "idempotency_key")
		delete(fields, "idempotency_key")
	}
	canonical, _ := json.Marshal(fields) // decoded JSON always encodes; names come out sorted
	it.sum = sha256.Sum256(canonical)
	return it
}

// refuse gives the first thing the API refuses a payload for, or nil.
func refuse(ms []member, broken []violation, size, maxBytes int) *failure {
	if name := duplicate(ms); name != "" {
		return &failure{
			status: 400, code: codeValidation, final: true, field: pointer([]string{name}),
			message: "Field " + string(quote(name)) + " appears twice",
		}
	}
	if len(broken) > 0 && broken[0].phase < phaseSize {
		return &broken[0].failure
	}
	if size > maxBytes {
		return &failure{
			status: 413, code: codeSize, final: true,
			message: fmt.Sprintf("Item is too large: %d bytes, the limit is %d", size, maxBytes),
		}
	}
	if len(broken) > 0 {
		return &broken[0].failure
	}
	return nil
}

func text(fields map[string]any, name string) string {
	s, _ := fields[name].(string)
	return s
}

// result is what became of one item.
type result struct {
	idJSON   []byte
	request  []byte // the item as it was sent
	status   int
	data     []byte   // the stored item, when it went well
	failure  *failure // why not, when it did not
	replayed bool     // an earlier result was given again
}

func (r result) ok() bool { return r.failure == nil }

// final reports whether the same payload would always get this result, so
// that it may be stored under an idempotency key.
func (r result) final() bool { return r.failure == nil || r.failure.final }

// appendError appends the error object of a failure.
func appendError(b []byte, f *failure) []byte {
	b = append(b, `{"code":`...)
	b = append(b, quote(f.code)...)
	b = append(b, `,"message":`...)
	b = append(b, quote(f.message)...)
	if f.field != "" {
		b = append(b, `,"field":`...)
		b = append(b, quote(f.field)...)
	}
	return append(b, '}')
}

// appendRetryAfter appends how long to wait, in seconds with decimals, which
// the header of that name can not tell.
func appendRetryAfter(b []byte, f *failure) []byte {
	if f.retryAfter <= 0 {
		return b
	}
	b = append(b, `,"retry_after":`...)
	return strconv.AppendFloat(b, f.retryAfter.Seconds(), 'f', -1, 64)
}

// appendResult appends a result as one element of "responses".
func appendResult(b []byte, r result, withRequest bool) []byte {
	b = append(b, `{"id":`...)
	b = append(b, r.idJSON...)
	b = fmt.Appendf(b, `,"status":%d`, r.status)
	if withRequest {
		b = append(b, `,"request":`...)
		b = append(b, r.request...)
	}
	if r.ok() {
		b = append(b, `,"data":`...)
		b = append(b, r.data...)
	} else {
		b = append(b, `,"error":`...)
		b = appendError(b, r.failure)
		b = appendRetryAfter(b, r.failure)
	}
	if r.replayed {
		b = append(b, `,"replayed":true`...)
	}
	return append(b, '}')
}
