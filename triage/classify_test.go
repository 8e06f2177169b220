package triage

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"retriage/model"
)

func fail(status int, code, message string) model.Failure {
	return model.Failure{Status: status, Code: model.Foreign(code), Message: model.Foreign(message), RetryAfter: -1}
}

// asked is a failure that named a time to come back.
func asked(f model.Failure) model.Failure { f.RetryAfter = time.Second; return f }

func mustClassifier(t testing.TB, dialect, user []model.Rule) *Classifier {
	t.Helper()
	c, err := NewClassifier(dialect, user)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestClassifyByTheGeneralTable(t *testing.T) {
	c := mustClassifier(t, nil, nil)
	rows := []struct {
		name     string
		f        model.Failure
		category model.Category
		class    model.RetryClass
		rule     string
	}{
		// The ten causes as the article words them.
		{"validation", fail(400, "VALIDATION_ERROR", "Invalid email format"), model.Validation, model.AfterEdit, "code VALIDATION_ERROR"},
		{"permission", fail(403, "PERMISSION_DENIED", "Insufficient permissions for resource"), model.Permission, model.Never, "code PERMISSION_DENIED"},
		{"rate limit", fail(429, "RATE_LIMITED", "slow down"), model.RateLimited, model.Safe, "code RATE_LIMITED"},
		{"xml without a code", fail(0, "", "Validation failed: duplicate key"), model.Conflict, model.AfterEdit, `message ~ "duplicate key"`},

		// Codes of many spellings.
		{"camel case", fail(400, "TooManyRequestsException", ""), model.RateLimited, model.Safe, "code TooManyRequestsException"},
		{"acronym", fail(0, "HTTPTimeout", ""), model.Timeout, model.AfterVerify, "code HTTPTimeout"},
		{"dots", fail(0, "service.PERM_DENIED", ""), model.Permission, model.Never, "code service.PERM_DENIED"},
		{"dashes", fail(0, "rate-limit-exceeded", ""), model.RateLimited, model.Safe, "code rate-limit-exceeded"},
		{"throughput", fail(0, "ProvisionedThroughputExceededException", ""), model.RateLimited, model.Safe, ""},
		{"grpc not found", fail(404, "NOT_FOUND", "customer 7 not found"), model.MissingDependency, model.AfterEdit, "code NOT_FOUND"},
		{"item not found", fail(0, "ErrorItemNotFound", ""), model.MissingDependency, model.AfterEdit, ""},
		{"version conflict", fail(409, "version_conflict_engine_exception", ""), model.Conflict, model.AfterEdit, ""},
		{"mapper", fail(400, "mapper_parsing_exception", "failed to parse field [count] of type [long]"), model.TypeMismatch, model.AfterEdit, "code mapper_parsing_exception"},
		{"rejected execution", fail(429, "es_rejected_execution_exception", ""), model.RateLimited, model.Safe, ""},
		{"assert", fail(422, "ASSERT_FAILED", ""), model.Validation, model.AfterEdit, ""},
		{"assert target", fail(422, "ASSERT_TARGET_EXISTS", ""), model.MissingDependency, model.AfterEdit, ""},
		{"foreign key", fail(400, "FOREIGN_KEY_VIOLATION", ""), model.MissingDependency, model.AfterEdit, ""},
		{"duplicate", fail(400, "DUPLICATES_DETECTED", ""), model.Conflict, model.AfterEdit, ""},
		{"exists", fail(0, "OBJECT_ALREADY_EXISTS", ""), model.Conflict, model.AfterEdit, ""},
		{"too large", fail(0, "document_too_large", ""), model.PayloadTooLarge, model.AfterEdit, ""},
		{"idempotency", fail(422, "IDEMPOTENCY_KEY_REUSED", ""), model.IdempotencyConflict, model.AfterEdit, ""},
		{"key in progress", fail(409, "idempotency_key_in_use", ""), model.IdempotencyConflict, model.Safe, ""},
		{"unavailable", fail(0, "UNAVAILABLE", ""), model.Backend, model.AfterVerify, ""},
		{"unavailable for a while", asked(fail(503, "UNAVAILABLE", "")), model.Backend, model.Safe, ""},
		{"turned away", fail(0, "CIRCUIT_OPEN", ""), model.Backend, model.Safe, ""},
		{"internal", fail(500, "INTERNAL", "oops"), model.Backend, model.AfterVerify, "code INTERNAL"},
		{"deadline", fail(504, "DEADLINE_EXCEEDED", ""), model.Timeout, model.AfterVerify, ""},
		{"type", fail(400, "TYPE_MISMATCH", ""), model.TypeMismatch, model.AfterEdit, ""},
		{"lock row", fail(400, "UNABLE_TO_LOCK_ROW", ""), model.Conflict, model.Safe, ""},
		{"halted", fail(400, "PROCESSING_HALTED", ""), model.MissingDependency, model.Safe, ""},
		{"json-rpc params", fail(0, "-32602", "Invalid params"), model.Validation, model.AfterEdit, "code -32602"},
		{"json-rpc method", fail(0, "-32601", "Method not found"), model.Validation, model.Never, ""},
		{"json-rpc internal", fail(0, "-32603", ""), model.Backend, model.AfterVerify, ""},
		{"postgres unique", fail(500, "23505", ""), model.Conflict, model.AfterEdit, ""},
		{"token limit", fail(0, "token_limit_exceeded", ""), model.RateLimited, model.Safe, ""},
		{"storage limit", fail(0, "STORAGE_LIMIT_EXCEEDED", ""), model.Backend, model.AfterVerify, ""},
		{"cancelled before its turn", fail(0, "batch_cancelled", ""), model.MissingDependency, model.Safe, ""},

		// A message stands above a vague code and above the status.
		{"unique under 500", fail(500, "INTERNAL", "UNIQUE constraint failed: users.email"), model.Conflict, model.AfterEdit, `message ~ "UNIQUE constraint"`},
		{"unique under 500, no code", fail(500, "", "ERROR: duplicate key value violates unique constraint"), model.Conflict, model.AfterEdit, ""},
		{"foreign key under 500", fail(500, "", "violates foreign key constraint"), model.MissingDependency, model.AfterEdit, `message ~ "foreign key"`},
		{"does not exist with 400", fail(400, "", "The customer does not exist"), model.MissingDependency, model.AfterEdit, `message ~ "does not exist"`},
		{"not found with 500 is the server's", fail(500, "", "handler not found"), model.Backend, model.AfterVerify, "status 500"},
		{"type under a validation code", fail(400, "VALIDATION_ERROR", "age must be a number"), model.TypeMismatch, model.AfterEdit, ""},
		{"a bound is no type", fail(400, "VALIDATION_ERROR", "price must be a number greater than 0"), model.Validation, model.AfterEdit, ""},
		{"type under a vague code", fail(400, "INVALID_FIELD", "Cannot deserialize value of type int"), model.TypeMismatch, model.AfterEdit, ""},
		{"expected type", fail(422, "", "expected type integer, got string"), model.TypeMismatch, model.AfterEdit, ""},
		{"timed out", fail(500, "", "upstream timed out"), model.Timeout, model.AfterVerify, `message ~ "timed out"`},
		{"time out", fail(0, "", "time out while reading"), model.Timeout, model.AfterVerify, ""},
		{"session timed out", fail(401, "", "session timed out"), model.Permission, model.Never, "status 401"},
		{"words in quotes do not count", fail(422, "", `title "timed out" is invalid`), model.Validation, model.AfterEdit, ""},
		{"json in the message counts", fail(502, "", `{"error":"read timed out"}`), model.Timeout, model.AfterVerify, ""},

		// Statuses.
		{"400", fail(400, "", ""), model.Validation, model.AfterEdit, "status 400"},
		{"401", fail(401, "", ""), model.Permission, model.Never, "status 401"},
		{"404", fail(404, "", ""), model.MissingDependency, model.AfterEdit, "status 404"},
		{"405", fail(405, "", ""), model.Validation, model.Never, "status 405"},
		{"408", fail(408, "", ""), model.Timeout, model.AfterVerify, "status 408"},
		{"409", fail(409, "", ""), model.Conflict, model.AfterEdit, "status 409"},
		{"412", fail(412, "", ""), model.Conflict, model.AfterEdit, "status 412"},
		{"413", fail(413, "", ""), model.PayloadTooLarge, model.AfterEdit, "status 413"},
		{"418", fail(418, "", ""), model.Validation, model.AfterEdit, "status 418"},
		{"422", fail(422, "", ""), model.Validation, model.AfterEdit, "status 422"},
		{"423", fail(423, "", ""), model.Conflict, model.AfterEdit, "status 423"},
		{"424", fail(424, "", ""), model.MissingDependency, model.Safe, "status 424"},
		{"428", fail(428, "", ""), model.Conflict, model.AfterEdit, "status 428"},
		{"429", fail(429, "", ""), model.RateLimited, model.Safe, "status 429"},
		{"500", fail(500, "", ""), model.Backend, model.AfterVerify, "status 500"},
		{"501", fail(501, "", ""), model.Validation, model.Never, "status 501"},
		{"502", fail(502, "", ""), model.Backend, model.AfterVerify, "status 502"},
		{"503", fail(503, "", ""), model.Backend, model.AfterVerify, "status 503"},
		{"503 with a time", asked(fail(503, "", "")), model.Backend, model.Safe, "status 503"},
		{"500 with a time", asked(fail(500, "", "")), model.Backend, model.AfterVerify, "status 500"},
		{"504", fail(504, "", ""), model.Timeout, model.AfterVerify, "status 504"},
		{"507", fail(507, "", ""), model.Backend, model.AfterVerify, "status 507"},
		{"nothing said", fail(0, "", ""), model.Other, model.AfterVerify, "no rule fits"},
		{"a code of no meaning", fail(0, "E17", ""), model.Other, model.AfterVerify, "no rule fits"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			got := c.Classify(r.f)
			if got.Category != r.category || got.Class != r.class || r.rule != "" && got.Rule != r.rule {
				t.Errorf("got %v %v %q, want %v %v %q", got.Category, got.Class, got.Rule, r.category, r.class, r.rule)
			}
			if again := c.Classify(r.f); again != got {
				t.Errorf("a second look gives %v", again)
			}
		})
	}
}

func TestClassifyCollateralAndTheDialectsWord(t *testing.T) {
	c := mustClassifier(t, nil, nil)
	safe, never := model.Safe, model.Never
	with := func(f model.Failure, change func(*model.Failure)) model.Failure { change(&f); return f }
	rows := []struct {
		name string
		f    model.Failure
		want Filing
	}{
		{"rolled back", with(fail(500, "INTERNAL", ""), func(f *model.Failure) { f.Reason = model.RolledBack }),
			Filing{model.MissingDependency, model.Safe, "rolled back with the others"}},
		{"not attempted", with(fail(412, "", ""), func(f *model.Failure) { f.Reason = model.NotAttempted }),
			Filing{model.MissingDependency, model.Safe, "not attempted"}},
		{"not answered", with(fail(0, "", ""), func(f *model.Failure) { f.Reason = model.NotAnswered }),
			Filing{model.Other, model.AfterVerify, "not answered"}},
		{"caused by another", with(fail(404, "", ""), func(f *model.Failure) { f.Cause = model.TextID("a") }),
			Filing{model.MissingDependency, model.Safe, "status 404"}},
		{"dialect says safe", with(fail(500, "", ""), func(f *model.Failure) { f.Class = &safe }),
			Filing{model.Backend, model.Safe, "status 500"}},
		{"dialect stands above collateral", with(fail(424, "", ""), func(f *model.Failure) { f.Class, f.Cause = &never, model.TextID("a") }),
			Filing{model.MissingDependency, model.Never, "status 424"}},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			if got := c.Classify(r.f); got != r.want {
				t.Errorf("got %v, want %v", got, r.want)
			}
		})
	}
}

func TestClassifyAsksTheUserThenTheDialectThenTheTable(t *testing.T) {
	dialect := []model.Rule{
		{Codes: []string{"E17"}, Category: model.Timeout, Class: model.AfterVerify},
		{Code: "^E", Message: "quota of .* is used up", Category: model.RateLimited, Class: model.Safe},
		{Statuses: []int{5}, Codes: []string{"flaky"}, Category: model.Backend, Class: model.Safe},
	}
	user := []model.Rule{{Name: "our E18", Codes: []string{"e18"}, Category: model.Conflict}}
	c := mustClassifier(t, dialect, user)
	rows := []struct {
		name string
		f    model.Failure
		want Filing
	}{
		{"user's rule, case alike", fail(400, "E18", "quota of x is used up"), Filing{model.Conflict, model.AfterEdit, "our E18"}},
		{"dialect's exact code", fail(400, "E17", ""), Filing{model.Timeout, model.AfterVerify, "code E17"}},
		{"code and exact message", fail(0, "E1", "Quota of 'x' is used up"),
			Filing{model.RateLimited, model.Safe, `code E1 and message ~ "Quota of 'x' is used up"`}},
		{"status class and code", fail(599, "FLAKY", ""), Filing{model.Backend, model.Safe, "code FLAKY"}},
		{"status class does not hold", fail(400, "FLAKY", ""), Filing{model.Validation, model.AfterEdit, "status 400"}},
		{"none fits", fail(429, "E1", ""), Filing{model.RateLimited, model.Safe, "status 429"}},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			if got := c.Classify(r.f); got != r.want {
				t.Errorf("got %v, want %v", got, r.want)
			}
		})
	}
}

func TestClassifyShowsForeignTextSafely(t *testing.T) {
	c := mustClassifier(t, []model.Rule{{Code: "BAD", Category: model.Validation}}, nil)
	got := c.Classify(fail(400, "BAD\x1b[31m"+strings.Repeat("x", 500), ""))
	if strings.ContainsRune(got.Rule, 0x1b) || len(got.Rule) > 120 {
		t.Errorf("rule %q", got.Rule)
	}
}

func TestNewClassifierNamesTheBadRule(t *testing.T) {
	rows := []struct {
		name string
		rule model.Rule
		want string
	}{
		{"named", model.Rule{Name: "mine", Code: "("}, "mine: the code pattern cannot be read"},
		{"without a name", model.Rule{Message: "(?<x"}, "rule 1: the message pattern cannot be read"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			_, err := NewClassifier(nil, []model.Rule{r.rule})
			var bad *RuleError
			if !errors.As(err, &bad) || !strings.HasPrefix(err.Error(), r.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestClassifierIsForSeveralGoroutines(t *testing.T) {
	c := mustClassifier(t, nil, nil)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 500 {
				if got := c.Classify(fail(400, fmt.Sprint("VALIDATION_", i), "x")); got.Category != model.Validation {
					t.Errorf("got %v", got)
				}
			}
		})
	}
	wg.Wait()
}

func TestClassifierMemoryIsBounded(t *testing.T) {
	c := mustClassifier(t, nil, nil)
	for i := range memoSize + 100 {
		f := fail(400, fmt.Sprint("E", i), "")
		f.Reason = model.RolledBack
		c.Classify(f)
	}
	if len(c.memo) > memoSize {
		t.Errorf("%d remembered", len(c.memo))
	}
}

func BenchmarkClassify100k(b *testing.B) {
	codes, messages, _ := generated(100_000)
	failures := make([]model.Failure, len(codes))
	for i := range codes {
		failures[i] = fail(400+i%3, codes[i], messages[i])
	}
	for b.Loop() {
		c := mustClassifier(b, nil, nil)
		for _, f := range failures {
			c.Classify(f)
		}
	}
}
