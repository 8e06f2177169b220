package dialect

import (
	"fmt"
	"strings"
	"testing"

	"retriage/model"
)

// stated tells every item of a batch by its id, its state and its code.
func stated(t *testing.T, r *Reader) string {
	t.Helper()
	var all []string
	b := r.Batch()
	for i := range b.Len() {
		it, err := b.Item(i)
		if err != nil {
			t.Fatal(err)
		}
		word := it.ID.Wire() + " " + b.State(i).String()
		if f := it.Answer.Failure; f != nil && !f.Code.IsZero() {
			word += " " + f.Code.Wire()
		}
		all = append(all, strings.TrimSpace(word))
	}
	return strings.Join(all, ", ")
}

const deletedText = `medium = "xml"
[items]
at = ["Result.Done[]", "Result.Error[]"]
many = true
id = ["Key"]
[verdict]
rule = [{ list = ["Result.Done[]"], verdict = "ok" }, { list = ["Result.Error[]"], verdict = "failed" }]
[failure]
code = ["Code"]
[request]
at = ["Ask.Object[]"]
id = ["Key"]
[unanswered]
when = [{ request = "Ask.Quiet", is = ["true"], means = "ok" }]
`

// TestListsOfOneElement reads children that are called by what they mean, in any
// order.
func TestListsOfOneElement(t *testing.T) {
	c := dialectOf(t, "deleted", deletedText)
	ask := "<Ask><Quiet>%s</Quiet><Object><Key>a</Key></Object><Object><Key>b</Key></Object><Object><Key>c</Key></Object></Ask>"
	for _, row := range []struct{ name, quiet, response, want string }{
		{"mixed", "false", "<Result><Id>x</Id><Done><Key>a</Key></Done><Error><Key>b</Key><Code>Denied</Code></Error><Done><Key>c</Key></Done></Result>", "a ok, b failed Denied, c ok"},
		{"one kind only, what is not named is fine", "true", "<Result><Error><Key>b</Key><Code>Denied</Code></Error></Result>", "a ok, b failed Denied, c ok"},
		{"one kind only", "false", "<Result><Error><Key>b</Key><Code>Denied</Code></Error></Result>", "a unanswered, b failed Denied, c unanswered"},
		{"neither", "true", "<Result/>", "a ok, b ok, c ok"},
	} {
		r, err := readAs(t, c, "deleted", row.response, fmt.Sprintf(ask, row.quiet))
		equal(t, row.name, err, nil)
		equal(t, row.name, stated(t, r), row.want)
	}
	_, err := BuiltIn().WithText("deleted", []byte("name = \"deleted\"\ntitle = \"t\"\nsend = \"batch\"\n"+strings.Replace(deletedText, "many = true\n", "", 1)))
	if err == nil || !strings.Contains(err.Error(), "many") {
		t.Errorf("two lists of which one would be passed over: %v", err)
	}
}

const numberedText = `medium = "json"
[items]
at = ["errors.*"]
index = ["$key"]
[verdict]
rule = [{ path = "@this", verdict = "failed" }]
[failure]
code = ["status"]
message = ["message", "@this"]
[request]
at = ["rows"]
id = ["n"]
[unanswered]
means = "ok"
`

// TestItemsUnderNames reads items that stand under names of their own, such as
// the numbers of requests.
func TestItemsUnderNames(t *testing.T) {
	c := dialectOf(t, "numbered", numberedText)
	ask := `{"rows":[{"n":"a"},{"n":"b"},{"n":"c"},{"n":"d"}]}`
	for _, row := range []struct{ name, response, want string }{
		{"objects", `{"errors":{"2":{"status":"BAD","message":"x"},"0":{"status":"BUSY"}}}`, "a failed BUSY, b ok, c failed BAD, d ok"},
		{"texts", `{"errors":{"1":"no"}}`, "a ok, b failed, c ok, d ok"},
		{"lists", `{"errors":{"3":[{"status":"BAD"}]}}`, "a ok, b ok, c ok, d failed BAD"},
		{"none", `{"errors":{}}`, "a ok, b ok, c ok, d ok"},
		{"a number beyond the request", `{"errors":{"9":{"status":"BAD"}}}`, "a unanswered, b unanswered, c unanswered, d unanswered"},
	} {
		r, err := readAs(t, c, "numbered", row.response, ask)
		equal(t, row.name, err, nil)
		equal(t, row.name, stated(t, r), row.want)
	}
}

// TestNoListIsNotNothing refuses what stands in the place of a list.
func TestNoListIsNotNothing(t *testing.T) {
	for _, response := range []string{`{"Successful":[{"Id":"a"}],"Failed":{"Id":"b","Code":"x"}}`, `{"Successful":[{"Id":"a"}],"Failed":"b"}`} {
		r, err := readAs(t, BuiltIn(), "sqs-batch", response, "")
		if err == nil || !strings.Contains(err.Error(), "Failed") {
			t.Errorf("%s: %v, %s", response, err, stated(t, r))
		}
	}
	for _, response := range []string{`{"Successful":[{"Id":"a"}],"Failed":null}`, `{"Successful":[{"Id":"a"}]}`} {
		r, err := readAs(t, BuiltIn(), "sqs-batch", response, "")
		equal(t, response, err, nil)
		equal(t, response, r.Batch().State(0), model.OK)
	}
}
