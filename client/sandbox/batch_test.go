package sandbox

import (
	"strings"
	"testing"
	"time"
)

func TestBatchStatus(t *testing.T) {
	good, bad := user("a"), user("b", `"age":"42"`)
	deep := strings.Repeat("[", 100) + strings.Repeat("]", 100)
	for _, c := range []struct {
		name, body string
		status     int
		code       string
	}{
		{"all ok", `{"items":[` + good + `]}`, 200, ""},
		{"bare array", `[` + good + `]`, 200, ""},
		{"some failed", `{"items":[` + good + `,` + bad + `]}`, 207, ""},
		{"all failed", `{"items":[` + bad + `]}`, 207, ""},
		{"more members", `{"mode":"x","items":[` + good + `]}`, 200, ""},
		{"no items", `{"items":[]}`, 400, codeMalformed},
		{"items is no array", `{"items":{}}`, 400, codeMalformed},
		{"not a batch", `{"a":1}`, 400, codeMalformed},
		{"a word", `true`, 400, codeMalformed},
		{"malformed", `{"items":[`, 400, codeMalformed},
		{"two documents", `[` + good + `] []`, 400, codeMalformed},
		{"empty", ``, 400, codeMalformed},
		{"invalid UTF-8", "[{\"id\":\"\xff\"}]", 400, codeMalformed},
		{"too deep", `{"items":[` + deep + `]}`, 400, codeMalformed},
		{"endless number", `[{"id":"a","balance":1e99999999}]`, 400, codeMalformed},
		{"too many items", `[1,2,3,4]`, 413, codeSize},
		{"too many bytes", `[` + strings.Repeat(" ", 4000) + `]`, 413, codeSize},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t, Options{MaxItems: 3, MaxBody: 2000})
			w := call(t, s, "POST", "/batch", c.body)
			equal(t, "status", w.Code, c.status)
			equal(t, "type", w.Header().Get("Content-Type"), "application/json")
			if a := decode(t, w); c.code != "" {
				equal(t, "code", a.Error.Code, c.code)
			} else {
				equal(t, "location", w.Header().Get("Location"), "/batch-results/"+a.BatchID)
				equal(t, "sum", a.Summary.Succeeded+a.Summary.Failed, a.Summary.Total)
			}
		})
	}
}

// ruleOptions are a server on which every rule can be broken.
func ruleOptions() Options {
	return Options{
		Resources: []string{"res-1"},
		Stored: []rawJSON{
			rawJSON(`{"id":"boss","email":"boss@example.com","name":"Boss"}`),
			rawJSON(`{"id":"keyed","email":"keyed@example.com","name":"K","idempotency_key":"k-1"}`),
		},
		ItemFaults: []ItemFault{
			{ID: "busy", Status: 429, RetryAfter: 1500 * time.Millisecond},
			{ID: "down"}, {ID: "broken", Status: 500},
			{ID: "slow", Status: 504}, {ID: "landed", Status: 504, Landed: true},
		},
	}
}

var (
	longBio  = `"bio":"` + strings.Repeat("b", 501) + `"`
	hugeNote = `"notes":"` + strings.Repeat("n", DefaultMaxItemBytes) + `"`
)

// itemRules are payloads, each with what the API says to it.
var itemRules = []struct {
	name, item, want, field, message string
}{
	{"sound", user("a", `"date":"2026-03-14","age":42,"active":true,"role":"admin","resource_id":"res-1","manager_id":"boss"`), "201", "", ""},
	{"age is text", user("a", `"age":"42"`), "400 TYPE_MISMATCH", "/age", `Type mismatch: "age" must be integer, got string`},
	{"age is a fraction", user("a", `"age":4.5`), "400 TYPE_MISMATCH", "/age", ""},
	{"active is a word", user("a", `"active":"yes"`), "400 TYPE_MISMATCH", "/active", ""},
	{"id is a number", `{"id":7,"email":"a@b.co","name":"N"}`, "400 TYPE_MISMATCH", "/id", ""},
	{"item is a number", `7`, "400 TYPE_MISMATCH", "", ""},
	{"type before format", `{"id":"a","email":"A B","name":"N","age":"x"}`, "400 TYPE_MISMATCH", "/age", ""},
	{"no e-mail", `{"id":"a","name":"N"}`, "400 VALIDATION_ERROR", "/email", `Missing required field "email"`},
	{"no id", `{"email":"a@b.co","name":"N"}`, "400 VALIDATION_ERROR", "/id", ""},
	{"e-mail in upper case", `{"id":"a","email":"A@EXAMPLE.COM","name":"N"}`, "400 VALIDATION_ERROR", "/email", "Invalid email format"},
	{"e-mail with a space", `{"id":"a","email":" a@example.com","name":"N"}`, "400 VALIDATION_ERROR", "/email", "Invalid email format"},
	{"e-mail without @", `{"id":"a","email":"n/a","name":"N"}`, "400 VALIDATION_ERROR", "/email", "Invalid email format"},
	{"US date", user("a", `"date":"03/14/2026"`), "422 VALIDATION_ERROR", "/date", "Invalid date format, expected ISO 8601 (YYYY-MM-DD)"},
	{"no such day", user("a", `"date":"2026-02-30"`), "422 VALIDATION_ERROR", "/date", ""},
	{"role", user("a", `"role":"owner"`), "422 VALIDATION_ERROR", "/role", `Invalid value for "role": must be one of member, admin, viewer`},
	{"too old", user("a", `"age":151`), "422 VALIDATION_ERROR", "/age", `Invalid value for "age": the maximum is 150`},
	{"not born", user("a", `"age":-1`), "422 VALIDATION_ERROR", "/age", ""},
	{"empty name", `{"id":"a","email":"a@b.co","name":""}`, "422 VALIDATION_ERROR", "/name", ""},
	{"long name", `{"id":"a","email":"a@b.co","name":"` + strings.Repeat("n", 121) + `"}`, "422 VALIDATION_ERROR", "/name", ""},
	{"id is a path", `{"id":"../x","email":"a@b.co","name":"N"}`, "422 VALIDATION_ERROR", "/id", ""},
	{"field twice", user("a", `"age":1,"age":2`), "400 VALIDATION_ERROR", "/age", `Field "age" appears twice`},
	{"long bio", user("a", longBio), "413 PAYLOAD_TOO_LARGE", "/bio", `Field "bio" is too large: 501 characters, the limit is 500`},
	{"huge item", user("a", hugeNote), "413 PAYLOAD_TOO_LARGE", "", ""},
	{"format before size", user("a", hugeNote, `"role":"owner"`), "422 VALIDATION_ERROR", "/role", ""},
	{"permission", user("a", `"resource_id":"res-9"`), "403 PERMISSION_DENIED", "/resource_id", `Insufficient permissions for resource "res-9"`},
	{"size before permission", user("a", `"resource_id":"res-9"`, longBio), "413 PAYLOAD_TOO_LARGE", "/bio", ""},
	{"manager", user("a", `"manager_id":"ghost"`), "424 MISSING_DEPENDENCY", "/manager_id", `Referenced manager "ghost" does not exist`},
	{"permission before manager", user("a", `"manager_id":"ghost","resource_id":"x"`), "403 PERMISSION_DENIED", "/resource_id", ""},
	{"e-mail is taken", `{"id":"a","email":"boss@example.com","name":"N"}`, "409 CONFLICT", "/email", `E-mail "boss@example.com" is already taken`},
	{"manager before e-mail", `{"id":"a","email":"boss@example.com","name":"N","manager_id":"ghost"}`, "424 MISSING_DEPENDENCY", "/manager_id", ""},
	{"id is taken", `{"id":"boss","email":"b@example.com","name":"N"}`, "409 ALREADY_EXISTS", "/id", `Item "boss" already exists with other content`},
	{"already there", `{"name":"Boss", "id":"boss","email":"boss@example.com"}`, "200", "", ""},
	{"key of another", user("a", `"idempotency_key":"k-1"`), "409 IDEMPOTENCY_CONFLICT", "/idempotency_key", ""},
	{"id before key", `{"id":"boss","email":"b@example.com","name":"N","idempotency_key":"k-1"}`, "409 ALREADY_EXISTS", "/id", ""},
	{"item limit", user("busy"), "429 RATE_LIMITED", "", ""},
	{"upstream 503", user("down"), "503 UPSTREAM_ERROR", "", ""},
	{"upstream 500", user("broken"), "500 UPSTREAM_ERROR", "", ""},
	{"timeout", user("slow"), "504 TIMEOUT", "", "processing timed out"},
	{"script after rules", user("slow", `"age":"1"`), "400 TYPE_MISMATCH", "/age", ""},
}

func TestItemRules(t *testing.T) {
	for _, c := range itemRules {
		t.Run(c.name, func(t *testing.T) {
			s := open(t, ruleOptions())
			a := batch(t, s, c.item)
			equal(t, "result", codes(a), c.want)
			if e := a.Responses[0].Error; e != nil {
				equal(t, "field", e.Field, c.field)
				if c.message != "" {
					equal(t, "message", e.Message, c.message)
				}
				if e.Message == "" {
					t.Error("the failure says nothing")
				}
			}
		})
	}
}

func TestRepairs(t *testing.T) {
	s := open(t, ruleOptions())
	for _, c := range []struct{ name, broken, repaired, want string }{
		{"e-mail", `{"id":"e1","email":"E1@X.COM","name":"N"}`, `{"id":"e1","email":"e1@x.com","name":"N"}`, "201"},
		{"e-mail, not enough", `{"id":"e2","email":" E2@x.com","name":"N"}`, `{"id":"e2","email":"E2@x.com","name":"N"}`, "400 VALIDATION_ERROR"},
		{"date", user("d1", `"date":"03/14/2026"`), user("d1", `"date":"2026-03-14"`), "201"},
		{"date, not enough", user("d2", `"date":"03/14/2026"`), user("d2", `"date":"14.03.2026"`), "422 VALIDATION_ERROR"},
		{"type", user("t1", `"age":"42"`), user("t1", `"age":42`), "201"},
		{"size", user("s1", `"bio":"`+strings.Repeat("é", 501)+`"`), user("s1", `"bio":"`+strings.Repeat("é", 500)+`"`), "201"},
		{"manager", user("m1", `"manager_id":"ghost"`), user("m1", `"manager_id":"boss"`), "201"},
		{"key", user("k1", `"idempotency_key":"k-1"`), user("k1", `"idempotency_key":"k-2"`), "201"},
		{"backend", user("down"), user("down"), "201"},
		{"timeout", user("slow"), user("slow"), "201"},
		{"timeout that landed", user("landed"), user("landed"), "200"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if a := batch(t, s, c.broken); a.Summary.Failed != 1 {
				t.Fatalf("the broken item went well: %s", codes(a))
			}
			equal(t, "repaired", codes(batch(t, s, c.repaired)), c.want)
		})
	}
	if d := s.Effects().Doubled(); len(d) > 0 {
		t.Errorf("applied twice: %v", d)
	}
}

func TestManagerEarlierInTheBatch(t *testing.T) {
	s := open(t, Options{})
	a := batch(t, s, user("kid", `"manager_id":"mum"`), user("mum"), user("kid2", `"manager_id":"mum"`))
	equal(t, "results", codes(a), "424 MISSING_DEPENDENCY, 201, 201")
	equal(t, "again", codes(batch(t, s, user("kid", `"manager_id":"mum"`))), "201")
}

func TestItemBucket(t *testing.T) {
	now := time.Unix(1000, 0)
	s := open(t, Options{ItemRate: 2, ItemBurst: 3, Now: func() time.Time { return now }})
	a := batch(t, s, user("a"), user("b"), user("x", `"age":""`), user("c"), user("d"), user("e"))
	equal(t, "results", codes(a), "201, 201, 400 TYPE_MISMATCH, 201, 429 RATE_LIMITED, 429 RATE_LIMITED")
	equal(t, "first wait", a.Responses[4].RetryAfter, 0.5)
	equal(t, "second wait", a.Responses[5].RetryAfter, 1.0)

	now = now.Add(499 * time.Millisecond)
	w := call(t, s, "POST", "/items", user("d"))
	equal(t, "too early", w.Code, 429)
	equal(t, "header", w.Header().Get("Retry-After"), "1")
	now = now.Add(time.Millisecond)
	equal(t, "in time", call(t, s, "POST", "/items", user("d")).Code, 201)
	now = now.Add(-time.Hour)
	equal(t, "a clock set back earns nothing", call(t, s, "POST", "/items", user("e")).Code, 429)
	now = now.Add(500 * time.Millisecond)
	equal(t, "and goes on from there", call(t, s, "POST", "/items", user("e")).Code, 201)
}

func TestCallBucket(t *testing.T) {
	now := time.Unix(1000, 0)
	s := open(t, Options{CallRate: 0.5, CallBurst: 1, Now: func() time.Time { return now }})
	equal(t, "first", call(t, s, "POST", "/items", user("a")).Code, 201)
	w := call(t, s, "POST", "/batch", `[`+user("b")+`]`)
	equal(t, "second", w.Code, 429)
	equal(t, "Retry-After", w.Header().Get("Retry-After"), "2")
	equal(t, "reads are free", call(t, s, "GET", "/items/a", "").Code, 200)
	now = now.Add(2 * time.Second)
	equal(t, "third", call(t, s, "POST", "/batch", `[`+user("b")+`]`).Code, 200)
}

func TestBytesAreKept(t *testing.T) {
	sent := "{ \"z\" : 1.10,\t\"id\":\"a\",\"email\":\"a@example.com\", \"name\":\"<& \\u00e9 é>\" ,\n" +
		" \"idempotency_key\" : \"k\", \"external_ref\":123456789012345678901234567890 , \"x\": {\"b\":1e2,\"a\":[ ]} }"
	want := strings.Replace(sent, "\"idempotency_key\" : \"k\", ", "", 1)
	s := open(t, Options{})
	w := call(t, s, "POST", "/batch", `{"items":[ `+sent+` ]}`)
	a := decode(t, w)
	equal(t, "stored in the answer", string(a.Responses[0].Data), want)
	equal(t, "read back", call(t, s, "GET", "/items/a", "").Body.String(), want)
	res := decode(t, call(t, s, "GET", w.Header().Get("Location"), ""))
	equal(t, "request", string(res.Responses[0].Request), sent)
	equal(t, "summary", res.Summary, a.Summary)
}

func TestBatchResults(t *testing.T) {
	s := open(t, Options{})
	batch(t, s, user("a"), `7`)
	a := decode(t, call(t, s, "GET", "/batch-results/b-000001", ""))
	equal(t, "results", codes(a), "201, 400 TYPE_MISMATCH")
	equal(t, "id of no object", string(a.Responses[1].ID), "null")
	equal(t, "request of no object", string(a.Responses[1].Request), "7")
	for _, id := range []string{"b-000002", "1", "b-1", "x", "b-000001%20"} {
		equal(t, id, call(t, s, "GET", "/batch-results/"+id, "").Code, 404)
	}
	for range keptBatches {
		batch(t, s, user("a"))
	}
	equal(t, "the oldest is forgotten", call(t, s, "GET", "/batch-results/b-000001", "").Code, 404)
	equal(t, "the newest is not", call(t, s, "GET", "/batch-results/b-001001", "").Code, 200)
}
