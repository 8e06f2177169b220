package dialect

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"retriage/model"
)

// wanted makes items that a reply should answer.
func itemsAsked(ids ...string) (all []model.SendItem) {
	for i, id := range ids {
		all = append(all, model.SendItem{Index: 100 + i, ID: model.TextID(id)})
	}
	return all
}

func TestParseReply(t *testing.T) {
	ok := func(id string) string { return `{"id":"` + id + `","status":201}` }
	bad := func(id string) string { return `{"id":"` + id + `","status":400,"error":{"code":"X","field":"f"}}` }
	list := func(all ...string) string { return `{"responses":[` + strings.Join(all, ",") + `]}` }
	cases := []struct {
		name, body string
		outcomes   string // index:state
		extra      int
		problem    string // "" = none
	}{
		{"both", list(bad("b"), ok("a")), "100:ok 101:failed", 0, ""},
		{"one missing", list(ok("b")), "101:ok", 0, ""},
		{"none", list(), "", 0, ""},
		{"one unclear", list(ok("a"), `{"id":"b"}`), "100:ok", 0, ""},
		{"contradiction", list(ok("a"), bad("a"), ok("b")), "101:ok", 0, ""},
		{"error beside success", list(`{"id":"a","status":200,"error":{"code":"X"}}`, ok("b")), "101:ok", 0, ""},
		{"not asked for", list(ok("a"), ok("z"), ok("b")), "100:ok 101:ok", 1, ""},
		{"of another type", list(`{"id":1,"status":200}`), "", 1, ""},
		{"by position", list(`{"status":200}`, `{"status":400}`), "100:ok 101:failed", 0, ""},
		{"by position, too few", list(`{"status":200}`), "", 0, ""},
		{"empty", "", "", 0, "empty"},
		{"HTML", "<html></html>", "", 0, "no JSON"},
		{"cut", list(ok("a"))[:30], "", 0, "cut off"},
		{"member twice", `{"responses":[{"id":"a","status":200,"data":{"x":1,"x":2}}]}`, "", 0, "twice"},
		{"list twice", `{"responses":[],"responses":[]}`, "", 0, "twice"},
		{"rest", list(ok("a")) + "{}", "", 0, "more text"},
		{"too deep", `{"responses":[` + strings.Repeat("[", 300) + strings.Repeat("]", 300) + `]}`, "", 0, "deeper"},
		{"too long", `{"responses":[` + strings.Repeat("1,", maxTokens) + `1]}`, "", 0, "1,000,000 values"},
		{"no batch", `{"hello":1}`, "", 0, "no answer to a batch"},
		{"no object", `7`, "", 0, "no JSON"},
	}
	d, _ := ByName("generic-207")
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := d.ParseReply([]byte(c.body), itemsAsked("a", "b"))
			var all []string
			for _, o := range got.Outcomes {
				all = append(all, fmt.Sprintf("%d:%s", o.Index, o.Answer.State))
				if (o.Answer.Failure != nil) != (o.Answer.State == model.Failed) {
					t.Errorf("outcome %+v", o)
				}
			}
			equal(t, "outcomes", strings.Join(all, " "), c.outcomes)
			equal(t, "extra", len(got.Extra), c.extra)
			if !strings.Contains(got.Problem, c.problem) || (got.Problem == "") != (c.problem == "") {
				t.Errorf("problem: %q", got.Problem)
			}
		})
	}
}

func TestReplyRefusal(t *testing.T) {
	d, _ := ByName("odata-json")
	got := d.ParseReply([]byte(`{"error":{"code":"BATCH_TOO_MANY_REQ","message":"At most 100"}}`), itemsAsked("a"))
	if got.Refusal == nil || got.Refusal.Code.Wire() != "BATCH_TOO_MANY_REQ" || len(got.Outcomes) > 0 || got.Problem != "" {
		t.Errorf("%+v", got)
	}
}

// TestReplyGroups: a reply is read with what the requests say of groups and
// references.
func TestReplyGroups(t *testing.T) {
	r := mustRead(t, "", sample(t, "odata-json.request.json"))
	d := r.Dialect()
	got := d.ParseReply([]byte(`{"responses":[{"id":"2","status":400},{"id":"3","status":424},{"id":"4","status":201,"headers":{"location":"x"}},{"id":"5","status":400}]}`),
		sending(t, r.Batch(), 1, 2, 3, 4))
	equal(t, "outcomes", len(got.Outcomes), 4)
	equal(t, "cause", got.Outcomes[1].Answer.Failure.Cause, model.TextID("2"))
	equal(t, "rolled back", got.Outcomes[2].Answer.State, model.Failed)
	equal(t, "reason", got.Outcomes[2].Answer.Failure.Reason, model.RolledBack)
}

func TestReplyXML(t *testing.T) {
	d, _ := ByName("soap-batch")
	got := d.ParseReply([]byte(`<BatchResponse><R id="b" status="failure"><Error code="X">m</Error></R><R id="a" status="success"/></BatchResponse>`), itemsAsked("a", "b"))
	equal(t, "outcomes", len(got.Outcomes), 2)
	equal(t, "code", got.Outcomes[1].Answer.Failure.Code.Wire(), "X")
	for _, body := range []string{"", "{}", "<html><br></html>", "<BatchResponse><R", "<!DOCTYPE a><BatchResponse/>"} {
		if got := d.ParseReply([]byte(body), itemsAsked("a")); got.Problem == "" || len(got.Outcomes) > 0 {
			t.Errorf("%q: %+v", body, got)
		}
	}
}

func TestReplyIDsInAnyCase(t *testing.T) {
	d, _ := ByName("ms-graph")
	got := d.ParseReply([]byte(`{"responses":[{"id":"A","status":200}]}`), itemsAsked("a"))
	equal(t, "outcomes", len(got.Outcomes), 1)
	d, _ = ByName("odata-json")
	got = d.ParseReply([]byte(`{"responses":[{"id":"A","status":200}]}`), itemsAsked("a"))
	equal(t, "outcomes of OData", len(got.Outcomes), 0)
}

func TestParseOne(t *testing.T) {
	cases := []struct {
		name, dialect, body string
		status              int
		headers             map[string]string
		want                string // state code message field wait
	}{
		{"made", "generic-207", `{"id":"u1","status":"failed"}`, 201, nil, "ok"},
		{"no body", "generic-207", "", 204, nil, "ok"},
		{"failed", "generic-207", `{"error":{"code":"X","message":"m","field":"a.b"}}`, 422, nil, "failed X m /a/b -1ns"},
		{"problem", "generic-207", `{"type":"t","title":"T","detail":"d","status":400}`, 400, nil, "failed t d  -1ns"},
		{"text", "generic-207", "upstream is down", 502, nil, "failed  upstream is down  -1ns"},
		{"page", "generic-207", "<html>x</html>", 502, nil, "failed    -1ns"},
		{"asked to wait", "generic-207", `{"error":{"code":"R","message":"m","retry_after":1}}`, 429, map[string]string{"RETRY-AFTER": "3"}, "failed R m  3s"},
		{"error in a success", "generic-207", `{"error":{"code":"X","message":"m"}}`, 200, nil, "unknown X m  -1ns"},
		{"redirect", "generic-207", "", 302, nil, "failed    -1ns"},
		{"OData", "odata-json", `{"error":{"code":"ASSERT","message":"m","target":"sku"}}`, 400, nil, "failed ASSERT m /sku -1ns"},
		{"XML", "soap-batch", `<R id="1" status="failure"><Error code="X">m</Error></R>`, 400, nil, "failed X m  -1ns"},
		{"XML that says no", "soap-batch", `<R id="1" status="failure"><Error code="X">m</Error></R>`, 200, nil, "failed X m  -1ns"},
		{"XML that says yes", "soap-batch", `<R id="1" status="success"/>`, 200, nil, "ok"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d, _ := ByName(c.dialect)
			a := d.ParseOne(c.status, c.headers, []byte(c.body), model.SendItem{ID: model.TextID("u1")})
			got := a.State.String()
			if f := a.Failure; f != nil {
				got = fmt.Sprintf("%s %s %s %s %s", a.State, f.Code, f.Message, f.Field, f.RetryAfter)
			}
			equal(t, "answer", got, c.want)
			equal(t, "status", a.Status, c.status)
		})
	}
	d, _ := ByName("generic-207")
	a := d.ParseOne(201, map[string]string{"Location": "/u/1", "ETag": `"7"`}, []byte(`{"id":"u1"}`), model.SendItem{})
	equal(t, "location", a.Location.Wire()+a.ETag.Wire()+a.ServerID.Wire(), `/u/1"7"u1`)
	equal(t, "date", waitOf(time.Now().Add(time.Hour).UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT"), time.Second) > 59*time.Minute, true)
}

// Where the API says that silence is safe, what a reply does not mention may be
// sent again; a reply that mentions nothing is none.
func TestWhatAReplyDoesNotMention(t *testing.T) {
	for name, c := range map[string]struct {
		reply string
		want  string
	}{
		"one of two":  {`{"custom_id":"a","response":{"status_code":200,"body":{}},"error":null}` + "\n", "ok failed:unanswered"},
		"none of two": {`{"custom_id":"z","response":{"status_code":200,"body":{}},"error":null}` + "\n", ""},
	} {
		d, err := ByName("openai-batch")
		if err != nil {
			t.Fatal(err)
		}
		items := []model.SendItem{{ID: model.TextID("a")}, {ID: model.TextID("b")}}
		var got []string
		for _, o := range d.ParseReply([]byte(c.reply), items).Outcomes {
			word := o.Answer.State.String()
			if o.Answer.Failure != nil {
				word += ":" + string(o.Answer.Failure.Reason)
			}
			got = append(got, word)
		}
		equal(t, name, strings.Join(got, " "), c.want)
	}
}
