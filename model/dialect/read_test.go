package dialect

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"retriage/model"
)

func TestReadGeneric(t *testing.T) {
	r := mustRead(t, sample(t, "generic-207.response.json"), "")
	b := r.Batch()
	equal(t, "dialect", r.Dialect().Name(), "generic-207")
	equal(t, "states", states(b), "ok failed failed ok failed failed unknown")
	equal(t, "anomalies", kinds(b), "")
	equal(t, "complete", b.Complete(), true)
	equal(t, "summary", b.Summary(), model.Summary{Total: 7, Succeeded: 2, Failed: 4})

	f, ok := b.Failure(1)
	equal(t, "known", ok, true)
	equal(t, "code", f.Failure.Code.Wire(), "VALIDATION_ERROR")
	equal(t, "message", f.Failure.Message.Wire(), "Due date is no date")
	equal(t, "field", f.Failure.Field.Wire(), "/due/on")
	equal(t, "wait", f.Failure.RetryAfter, time.Duration(-1))
	f, _ = b.Failure(2)
	equal(t, "status as text", f.Failure.Status, 403)
	f, _ = b.Failure(4)
	equal(t, "wait of the item", f.Failure.RetryAfter, 1500*time.Millisecond)
	f, _ = b.Failure(5)
	equal(t, "no status", f.Failure.Status, 0)
	equal(t, "wait of the error", f.Failure.RetryAfter, 2*time.Second)

	it := item(t, b, 0)
	equal(t, "id", it.ID, model.TextID("inv-1"))
	equal(t, "id of the server", it.Answer.ServerID.Wire(), "9001")
	equal(t, "known request", it.Payload.Known, false)
	if n, items := r.Progress(); n != int64(len(sample(t, "generic-207.response.json"))) || items != 7 {
		t.Errorf("progress: %d bytes, %d items", n, items)
	}
}

// TestVerdict asks what one answer says about its item.
func TestVerdict(t *testing.T) {
	cases := []struct{ name, item, want string }{
		{"number", `{"id":1,"status":200}`, "ok"},
		{"text", `{"id":1,"status":"400"}`, "failed"},
		{"text with reason", `{"id":1,"status":"201 Created"}`, "ok"},
		{"status line", `{"id":1,"status":"HTTP/1.1 423 Locked"}`, "failed"},
		{"word", `{"id":1,"status":"Success"}`, "ok"},
		{"word of failure", `{"id":1,"status":"failed"}`, "failed"},
		{"not modified", `{"id":1,"status":304}`, "ok"},
		{"redirect", `{"id":1,"status":302}`, "unknown"},
		{"continue", `{"id":1,"status":100}`, "unknown"},
		{"no HTTP status", `{"id":1,"status":2000}`, "unknown"},
		{"fraction", `{"id":1,"status":200.5}`, "unknown"},
		{"null status, error", `{"id":1,"status":null,"error":{"code":"X"}}`, "failed"},
		{"missing status, error", `{"id":1,"error":"no"}`, "failed"},
		{"missing status, null error", `{"id":1,"error":null}`, "unknown"},
		{"neither", `{"id":1,"data":{}}`, "unknown"},
		{"error beside success", `{"id":1,"status":200,"error":{"code":"X"}}`, "unknown"},
		{"empty error beside success", `{"id":1,"status":200,"error":{ }}`, "ok"},
		{"null error beside success", `{"id":1,"status":200,"error":null}`, "ok"},
		{"false error beside success", `{"id":1,"status":200,"error":false,"errors":[]}`, "ok"},
		{"status of the data", `{"id":1,"status":200,"data":{"status":500,"error":"x"}}`, "ok"},
		{"data before status", `{"data":{"status":200},"id":1,"status":500}`, "failed"},
		{"status twice", `{"id":1,"status":200,"status":500}`, "unknown"},
		{"error twice", `{"id":1,"status":500,"error":1,"error":2}`, "unknown"},
		{"escaped name", `{"id":1,"st\u0061tus":500}`, "failed"},
		{"no object", `"a"`, "unknown"},
		{"null", `null`, "unknown"},
		{"empty", `{}`, "unknown"},
		{"array", `[200]`, "unknown"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r, err := Open(Input{Responses: []File{file(`{"responses":[` + c.item + `]}`)}, Dialect: "generic-207"})
			if err != nil {
				t.Fatal(err)
			}
			if err := r.Read(context.Background()); err != nil {
				t.Fatal(err)
			}
			equal(t, "state", states(r.Batch()), c.want)
			equal(t, "read back", item(t, r.Batch(), 0).Answer.State.String(), c.want)
		})
	}
}

// TestLayout reads the same two items in every way that JSON may be laid out.
func TestLayout(t *testing.T) {
	const two = `{"id":"a","status":200},{"id":"b","status":500}`
	deep := strings.Repeat("[", 200) + strings.Repeat("]", 200)
	cases := []struct{ name, text string }{
		{"plain", `{"responses":[` + two + `]}`},
		{"byte order mark", "\ufeff" + `{"responses":[` + two + `]}`},
		{"white space", " \r\n\t{ \"responses\" : [ " + strings.ReplaceAll(two, ",", " ,\r\n ") + " ] } \r\n"},
		{"summary first", `{"summary":{"total":2,"succeeded":1,"failed":1},"responses":[` + two + `]}`},
		{"large member beside", `{"x":"` + strings.Repeat("y", 3<<20) + `","responses":[` + two + `]}`},
		{"large list beside", `{"x":[[` + strings.Repeat(`{"responses":[1,"]"]},`, 20_000) + `1]],"responses":[` + two + `],"z":1}`},
		{"brackets in strings", `{"x":"}]{[\"\\","responses":[` + two + `]}`},
		{"escaped list name", `{"respons\u0065s":[` + two + `]}`},
		{"deep, but not too deep", `{"x":` + deep + `,"responses":[` + two + `]}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r, err := Open(Input{Responses: []File{file(c.text)}, Dialect: "generic-207"})
			if err != nil {
				t.Fatal(err)
			}
			if err := r.Read(context.Background()); err != nil {
				t.Fatal(err)
			}
			equal(t, "states", states(r.Batch()), "ok failed")
			equal(t, "anomalies", kinds(r.Batch()), "")
			it := item(t, r.Batch(), 1)
			if !strings.HasPrefix(string(it.Raw), "{") || !strings.HasSuffix(string(it.Raw), "}") {
				t.Errorf("raw bytes: %q", it.Raw)
			}
		})
	}
}

// TestLargeItems reads items that do not fit into the window.
func TestLargeItems(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"responses":[`)
	sizes := []int{1 << 20, 10, 5 << 20, 3, windowSize - 40, windowSize, 1}
	for i, n := range sizes {
		if i > 0 {
			b.WriteString(" , ")
		}
		fmt.Fprintf(&b, `{"data":"%s","id":%d,"status":%d}`, strings.Repeat("d", n), i, 200+i%2*300)
	}
	b.WriteString(`],"summary":{"total":7}}`)
	r := mustRead(t, b.String(), "")
	equal(t, "states", states(r.Batch()), "ok failed ok failed ok failed ok")
	for i, n := range sizes {
		if got := len(item(t, r.Batch(), i).Raw); got < n {
			t.Errorf("item %d has %d bytes", i, got)
		}
	}
}

func TestBrokenInput(t *testing.T) {
	const one = `{"responses":[{"id":1,"status":200},`
	cases := []struct {
		name, text, want string
		items            int
	}{
		{"nothing", "", "empty", 0},
		{"white space", " \n ", "not", 0},
		{"words", "hello", "not", 0},
		{"HTTP headers", "HTTP/1.1 429 Too Many Requests\nRetry-After: 2\n\n{}", "not", 0},
		{"UTF-16", "\xff\xfe{\x00", "not", 0},
		{"HTML", "<!DOCTYPE html><html><br></html>", "not", 0},
		{"other JSON", `{"name":"x"}`, "not", 0},
		{"a number", `7`, "not", 0},
		{"list of numbers", `[1,2]`, "not", 0},
		{"cut between items", one, "cut", 1},
		{"cut in an item", one + "\n" + `{"id":2,"sta`, "cut", 1},
		{"cut in a string", one + `{"id":"a\`, "cut", 1},
		{"cut after the list", one + `{"id":2,"status":200}]`, "cut", 2},
		{"cut in a number", one + `{"id":2,"status":20`, "cut", 1},
		{"broken item", one + `{"id":2 "status":200}]}`, "broken", 1},
		{"two commas", one + `,{"id":2}]}`, "broken", 1},
		{"comma at the end", one + `]}`, "broken", 1},
		{"leading zero", one + `{"id":01}]}`, "broken", 1},
		{"single quotes", one + `{'id':1}]}`, "broken", 1},
		{"bad escape", one + `{"id":"\x"}]}`, "broken", 1},
		{"control character", one + "{\"id\":\"a\nb\"}]}", "broken", 1},
		{"bad word", one + `{"id":nul}]}`, "broken", 1},
		{"rest", one + `{"id":2,"status":200}]} x`, "broken", 2},
		{"second document", one + `{"id":2,"status":200}]}{}`, "broken", 2},
		{"second list", one + `{"id":2,"status":200}],"responses":[]}`, "broken", 2},
		{"too deep", one + `{"id":2,"x":` + strings.Repeat("[", 300) + strings.Repeat("]", 300) + `}]}`, "limit", 1},
		{"refused", `{"error":{"code":"TOO_MANY","message":"At most 100"}}`, "refused", 0},
		{"refused as a problem", `{"type":"about:blank","title":"Nope","status":413}`, "refused", 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r, err := read(t, c.text, "")
			equal(t, "error", kindOf(err), c.want)
			if r != nil {
				equal(t, "items", r.Batch().Len(), c.items)
			}
		})
	}
}

// kindOf names the type of an error.
func kindOf(err error) string {
	var (
		cut     *TruncatedError
		syntax  *SyntaxError
		not     *NotBatchError
		limit   *LimitError
		refused *RefusedError
	)
	switch {
	case err == nil:
		return "none"
	case errors.Is(err, ErrEmpty):
		return "empty"
	case errors.As(err, &cut):
		return "cut"
	case errors.As(err, &syntax):
		return "broken"
	case errors.As(err, &not):
		return "not"
	case errors.As(err, &limit):
		return "limit"
	case errors.As(err, &refused):
		return "refused"
	}
	return err.Error()
}

func TestPlaceOfAFault(t *testing.T) {
	_, err := read(t, "{\"responses\":[\n {\"id\":1,\"status\":200},\n {\"id\":2,,}\n]}", "")
	var syntax *SyntaxError
	if !errors.As(err, &syntax) {
		t.Fatal(err)
	}
	equal(t, "line", syntax.Line, 3)
	equal(t, "column", syntax.Column, 10)
	equal(t, "text", err.Error(), "the input is broken at line 3, column 10, after 1 item: this cannot stand here")

	_, err = read(t, "{\"responses\":[\n {\"id\":1,\"status\":200},\n {\"id\":2", "")
	equal(t, "text", err.Error(), "the input is cut off at line 3, column 8, after 1 item")
}

func TestTooLargeItem(t *testing.T) {
	text := `{"responses":[{"id":1,"status":200},{"id":2,"data":"` + strings.Repeat("x", maxItem+windowSize) + `"}]}`
	r, err := Open(Input{Responses: []File{file(text)}, Dialect: "generic-207"})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "error", kindOf(r.Read(context.Background())), "limit")
	equal(t, "items", r.Batch().Len(), 1)
}

func TestTruncatedKeepsTheSum(t *testing.T) {
	r, err := read(t, `{"responses":[{"id":"a","status":200},{"id":"b","st`, `{"items":[{"id":"b"},{"id":"a"},{"id":"c"}]}`)
	equal(t, "error", kindOf(err), "cut")
	equal(t, "states", states(r.Batch()), "unanswered ok unanswered")
	equal(t, "anomalies", kinds(r.Batch()), "truncated")
	equal(t, "complete", r.Batch().Complete(), true)
}

func TestRefusedHasNoItems(t *testing.T) {
	r, err := read(t, `{"error":{"code":"TOO_MANY","message":"At most \u001b[31m100","status":413}}`, `{"items":[{"id":"b"}]}`)
	var refused *RefusedError
	if !errors.As(err, &refused) {
		t.Fatal(err)
	}
	equal(t, "items", r.Batch().Len(), 0)
	equal(t, "text", err.Error(), "the server refused the whole batch with status 413, code TOO_MANY: At most ␛[31m100")
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r, err := Open(Input{Responses: []File{file(string(generic(1 << 20)))}})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Read(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	equal(t, "complete", r.Batch().Complete(), false)
	if n := r.Batch().Len(); n == 0 || n > 300 {
		t.Errorf("%d items were read", n)
	}
}

func TestEmptyBatch(t *testing.T) {
	r := mustRead(t, `{"responses":[],"summary":{"total":0,"succeeded":0,"failed":0}}`, "")
	equal(t, "items", r.Batch().Len(), 0)
	equal(t, "anomalies", kinds(r.Batch()), "")
	equal(t, "complete", r.Batch().Complete(), true)
}

func TestWaitOf(t *testing.T) {
	cases := []struct {
		text string
		unit time.Duration
		want time.Duration
	}{
		{"2.128", time.Second, 2128 * time.Millisecond},
		{"0", time.Second, 0},
		{"1500", time.Millisecond, 1500 * time.Millisecond},
		{"30s", time.Second, 30 * time.Second},
		{"PT30S", time.Second, 30 * time.Second},
		{"PT1.5S", time.Millisecond, 1500 * time.Millisecond},
		{"P1DT2H3M", time.Second, 26*time.Hour + 3*time.Minute},
		{"PT", time.Second, -1},
		{"P", time.Second, -1},
		{"P1M", time.Second, -1},
		{"P999999D", time.Second, maxWait},
		{"-1", time.Second, -1},
		{"NaN", time.Second, -1},
		{"soon", time.Second, -1},
		{"", time.Second, -1},
		{"99999999999", time.Second, maxWait},
		{"1e400", time.Second, -1},
		{"Sun, 06 Nov 1994 08:49:37 GMT", time.Second, 0},
		{"Sunday, 06-Nov-94 08:49:37 GMT", time.Second, 0},
		{"Sun Nov  6 08:49:37 1994", time.Second, 0},
	}
	for _, c := range cases {
		equal(t, c.text, waitOf(c.text, c.unit), c.want)
	}
}

// What is broken inside an item shows when it is looked at, and takes nothing
// else with it.
func TestBrokenInside(t *testing.T) {
	b := mustRead(t, `{"responses":[{"id":"a","status":200,"data":{"x" 1}},{"id":"b","status":400,"error":{"code":"BAD"}}]}`, "").Batch()
	if b.Len() != 2 || b.State(0) != model.OK || b.State(1) != model.Failed {
		t.Fatalf("%d items, %s, %s", b.Len(), b.State(0), b.State(1))
	}
	if _, err := b.Item(0); !errors.Is(err, ErrBroken) {
		t.Fatalf("the broken item: %v", err)
	}
	if it, err := b.Item(1); err != nil || it.ID != model.TextID("b") {
		t.Fatalf("the other: %v, %v", it.ID, err)
	}
}
