package triage

import "retriage/model"

// generalTable files what neither the user nor the dialect has a rule for. Codes
// are matched in their normal form (see normalCode). Its order is its logic:
// what the server says about itself first, then codes with one meaning, then
// what the message says, then codes that say little (INVALID_*, INTERNAL), then
// the status (RFC 9110; 423, 424 and 507: RFC 4918; 428, 429 and 431: RFC 6585).
//
// A message stands above a vague code and above the status, because a UNIQUE
// constraint that surfaces as "500 INTERNAL" fails for ever: sending it again
// cannot heal it.
var generalTable = []model.Rule{
	// What is not the item's own fault.
	{Name: "rolled back with the others", Reasons: []model.Reason{model.RolledBack},
		Category: model.MissingDependency, Class: model.Safe},
	{Name: "not attempted", Reasons: []model.Reason{model.NotAttempted},
		Category: model.MissingDependency, Class: model.Safe},
	{Name: "not answered", Reasons: []model.Reason{model.NotAnswered},
		Category: model.Other, Class: model.AfterVerify},

	// Codes with one meaning.
	{Code: `IDEMPOTENC.*(IN_USE|IN_PROGRESS|CONCURRENT|PENDING|LOCK)`, Category: model.IdempotencyConflict, Class: model.Safe},
	{Code: `IDEMPOTENC`, Category: model.IdempotencyConflict, Class: model.AfterEdit},
	{Code: `ROLLED_BACK|ROLLBACK|NOT_ATTEMPTED|PROCESSING_HALTED|PROCESSING_STOPPED|BATCH_CANCELL?ED|^ABORTED_DEPENDENCY`,
		Category: model.MissingDependency, Class: model.Safe},
	{Code: `FAILED_DEPENDENCY|DEPENDENCY_FAILED|DEPENDENT_REQUEST`, Category: model.MissingDependency, Class: model.Safe},
	{Code: `RATE_?LIMIT|THROTTL|TOO_MANY|TOO_BUSY|SERVER_BUSY|REQUEST_LIMIT|^((TOKEN|CALL|USAGE|API)_)?LIMIT_EXCEEDED|QUOTA|RESOURCE_EXHAUSTED|SLOW_?DOWN|OVERLOADED|PROVISIONED_THROUGHPUT|BANDWIDTH_LIMIT|REJECTED_EXECUTION|CONCURREN(T|CY)_LIMIT`,
		Category: model.RateLimited, Class: model.Safe},
	{Code: `TIMED?_?OUT|DEADLINE|^BATCH_EXPIRED|REQUEST_EXPIRED`, Category: model.Timeout, Class: model.AfterVerify},
	{Code: `TOO_(LARGE|BIG)|PAYLOAD_SIZE|SIZE_(LIMIT|EXCEEDED)|(ENTITY|REQUEST|MESSAGE|BODY|CONTENT|DOCUMENT|RECORD|FILE)_(TOO_LONG|SIZE)|MAX_?SIZE|EXCEEDS_MAX`,
		Category: model.PayloadTooLarge, Class: model.AfterEdit},
	{Code: `FOREIGN_KEY|MISSING_(DEPENDENCY|REFERENCE|PARENT|STUB)|ASSERT_TARGET|(DEPENDENCY|REFERENCE|PARENT|TARGET|RELATED)_.*(NOT_FOUND|MISSING)|(INVALID|BROKEN|DANGLING|UNRESOLVED)_(CROSS_)?(REF|REFERENCE)|CROSS_REFERENCE|UNRESOLVED|INTEGRITY_VIOLATION|ENTITY_IS_DELETED`,
		Category: model.MissingDependency, Class: model.AfterEdit},
	{Code: `TYPE_(MISMATCH|ERROR)|MISMATCHED_(TYPE|INPUT)|(INVALID|WRONG|INCORRECT|BAD|UNEXPECTED)_(DATA_)?TYPE|MAPPER_PARSING|DOCUMENT_PARSING|DESERIALI[SZ]|CAST_ERROR|CONVERSION|NUMBER_FORMAT|INVALID_(INTEGER|NUMBER|BOOLEAN|DATE_TIME|DATETIME)|NOT_A_NUMBER|^22P02$|^42804$`,
		Category: model.TypeMismatch, Class: model.AfterEdit},
	{Code: `DUPLICATE|ALREADY_(EXISTS|EXIST|IN_PROGRESS|TAKEN|USED)|UNIQUE|CONFLICT|VERSION_MISMATCH|STALE|OPTIMISTIC_LOCK|CONCURRENT_(MODIFICATION|UPDATE)|PRECONDITION|ETAG|IF_?MATCH|ENTITY_FAILED_IF|^EXISTS$|^23505$`,
		Category: model.Conflict, Class: model.AfterEdit},
	{Code: `^ABORTED$|DEADLOCK|LOCK_?ROW|ROW_?LOCK|^LOCKED$|_LOCKED$|SERIALI[SZ]ATION_FAILURE|^40001$|^40P01$`,
		Category: model.Conflict, Class: model.Safe},
	{Code: `PERM(ISSION)?(_|S_)?(DENIED|ERROR)|PERMISSIONS?$|FORBIDDEN|ACCESS_DENIED|DENIED|UNAUTHORI[SZ]ED|UNAUTHENTICATED|NOT_AUTHORI[SZ]ED|AUTH(ENTICATION|ORIZATION)?_(REQUIRED|EXPIRED|FAILED|FAILURE|ERROR)|INSUFFICIENT_(ACCESS|PERMISSION|PRIVILEGE|SCOPE|RIGHTS)|(INVALID|EXPIRED|MISSING)_(TOKEN|SCOPES?|CREDENTIALS|API_KEY|AUTH)|TOKEN_EXPIRED|BILLING|PAYMENT_REQUIRED|CLUSTER_BLOCK`,
		Category: model.Permission, Class: model.Never},
	{Code: `UPSTREAM_TIME`, Category: model.Timeout, Class: model.AfterVerify},
	{Code: `MAINTENANCE|CIRCUIT_OPEN`, Category: model.Backend, Class: model.Safe},
	{Code: `UNAVAILABLE|TRY_?AGAIN|RETRY_LATER|NODE_?DOWN`, Category: model.Backend, Class: model.AfterVerify},
	{Code: `METHOD_NOT_(ALLOWED|FOUND)|NOT_(IMPLEMENTED|SUPPORTED)|UNSUPPORTED_(METHOD|OPERATION|MEDIA)|UNIMPLEMENTED|^_32601$`,
		Category: model.Validation, Class: model.Never},

	// A type error that is worded as a validation error.
	{Code: `VALIDATION|INVALID`, Message: strongType, Category: model.TypeMismatch, Class: model.AfterEdit},
	{Code: `VALIDATION|ASSERT|UNPROCESSABLE|CONSTRAINT_?VIOLATION|CHECK_VIOLATION|REQUIRED|_MISSING$|^MISSING|MALFORMED|TOO_LONG|TOO_SHORT|OUT_OF_RANGE|BAD_FORMAT|FORMAT_ERROR|SYNTAX|DOESNT_EXIST|^_32(700|600|602)$`,
		Category: model.Validation, Class: model.AfterEdit},
	{Code: `NOT_FOUND|NO_SUCH|(DOES_NOT|NOT)_EXIST|DOCUMENT_MISSING|GONE$`, Category: model.MissingDependency, Class: model.AfterEdit},

	// What the message says, whatever the status. 401 and 403 know better.
	{Statuses: []int{401, 403}, Category: model.Permission, Class: model.Never},
	{Message: `idempotency[- _]?key`, Category: model.IdempotencyConflict, Class: model.AfterEdit},
	{Message: `foreign key|(referenced|related|parent) [a-z_ ]{0,30}(does not exist|not found|is missing)|missing (dependency|reference)|violates referential`,
		Category: model.MissingDependency, Class: model.AfterEdit},
	{Message: `unique constraint|duplicate (key|entry|value|record|id)|already exists|already (taken|in use|been (used|taken|created))|has been modified|version conflict|(was|were) (changed|modified|updated) (by|since)|stale (object|version)|etag`,
		Category: model.Conflict, Class: model.AfterEdit},
	{Message: `deadlock|could not (serialize|obtain lock)|unable to (obtain|get|acquire) (exclusive )?(access|lock)|lock wait`,
		Category: model.Conflict, Class: model.Safe},
	{Message: strongType, Category: model.TypeMismatch, Class: model.AfterEdit},
	{Message: `(payload|request|body|entity|message|document|file|item|record|attachment)( is| was|'s)? too (large|big)|(exceeds|over|above) the (maximum|max|allowed|permitted)?[a-z ]{0,20}(payload|request|body|message|document) size|(bytes|KB|KiB|MB|MiB)\b.{0,40}(limit|maximum|allowed)`,
		Category: model.PayloadTooLarge, Class: model.AfterEdit},
	{Message: `too many requests|rate.?limit|throttl|quota exceeded|slow down`, Category: model.RateLimited, Class: model.Safe},
	{Message: `timed? ?out|deadline exceeded`, Statuses: []int{0, 1, 2, 3, 408, 5}, Category: model.Timeout, Class: model.AfterVerify},
	{Message: `permission denied|access denied|forbidden|not (authori[sz]ed|permitted|allowed to)|unauthori[sz]ed|insufficient (access|permission|privilege|scope|rights)|lacks? (the )?(scope|permission|role)`,
		Statuses: []int{0, 1, 2, 3, 4}, Category: model.Permission, Class: model.Never},
	{Message: `service (is )?(temporarily )?unavailable|temporarily unavailable|try again later|under maintenance`,
		Statuses: []int{0, 1, 2, 3, 5}, Category: model.Backend, Class: model.AfterVerify},

	// Statuses with one meaning.
	{Statuses: []int{408, 504}, Category: model.Timeout, Class: model.AfterVerify},
	{Statuses: []int{409, 412, 423, 428}, Category: model.Conflict, Class: model.AfterEdit},
	{Statuses: []int{413, 431}, Category: model.PayloadTooLarge, Class: model.AfterEdit},
	{Statuses: []int{424}, Category: model.MissingDependency, Class: model.Safe},
	{Statuses: []int{429}, Category: model.RateLimited, Class: model.Safe},
	{Statuses: []int{405, 501, 505}, Category: model.Validation, Class: model.Never},
	{Statuses: []int{402, 407, 451, 511}, Category: model.Permission, Class: model.Never},
	{Statuses: []int{425}, Category: model.Backend, Class: model.Safe},
	{Statuses: []int{503}, Category: model.Backend, Class: model.AfterVerify}, // but see comeBack

	// What says little by itself.
	{Message: `(does not|doesn't|do not) exist|not found|no such|unknown (id|reference|parent)`, Statuses: []int{0, 1, 2, 3, 4},
		Category: model.MissingDependency, Class: model.AfterEdit},
	{Code: `INVALID|BAD_REQUEST|ILLEGAL|WRONG|UNKNOWN_(FIELD|PROPERTY|COLUMN|DOCUMENT)|PARSE|MUTABILITY|NO_TARGET`,
		Category: model.Validation, Class: model.AfterEdit},
	{Statuses: []int{404, 410}, Category: model.MissingDependency, Class: model.AfterEdit},
	{Statuses: []int{4}, Category: model.Validation, Class: model.AfterEdit},
	{Code: `UPSTREAM|INTERNAL|BACKEND|SERVER_(ERROR|FAULT)|BAD_GATEWAY|PROXY|UNREACHABLE|API_ERROR|TRANSIENT|DATABASE|STORAGE|UNKNOWN_(EXCEPTION|ERROR)|WRITE_QUORUM|^_32(603|0[0-9][0-9])$`,
		Category: model.Backend, Class: model.AfterVerify},
	{Message: `internal (server )?error|bad gateway|upstream|connection (refused|reset|closed)|unexpected (server )?error|unhandled exception`,
		Category: model.Backend, Class: model.AfterVerify},
	{Statuses: []int{5}, Category: model.Backend, Class: model.AfterVerify},
	{Message: `\b(invalid|required|malformed|must (be|not|have|match|contain)|too (long|short|small|large)|(may|can)(not| not) be|validation|not valid|out of range|at (least|most))\b`,
		Category: model.Validation, Class: model.AfterEdit},
}

// strongType is wording that leaves no doubt that a value has the wrong type.
const strongType = `must be (of type |an? )?(number|integer|string|boolean|bool|array|list|object|float|decimal|numeric)( value)?\b([.,;!)]|$| not | but |, )|` +
	`expected (type |an? )?(number|integer|string|boolean|bool|array|list|object|float|decimal|int|long)\b|` +
	`type mismatch|wrong type|incorrect (data )?type|invalid type|is not of type|cannot (be converted|deserialize|cast|parse .{0,40}(as|to|into) (an? )?(int|num|bool|date|float|double))|` +
	`cannot convert|failed to (deserialize|parse field .{0,60}of type)|invalid input syntax for (type )?[a-z]+|not a valid (integer|number|boolean|value for the type)|(NumberFormat|ClassCast)Exception`
