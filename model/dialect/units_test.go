package dialect_test

import "testing"

// changesets is a request of a read, two changesets and a write.
var changesets = parts("q", "", "GET /A(7) HTTP/1.1\r\n\r\n") +
	"--q\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n" + parts("a", "0.0", "POST /A HTTP/1.1\r\n\r\n{\"a\":1}") + parts("a", "0.1", "POST /A HTTP/1.1\r\n\r\n{\"a\":2}") + "--a--\r\n" +
	"--q\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + parts("b", "1.0", "PATCH /B(1) HTTP/1.1\r\n\r\n{\"b\":1}") + parts("b", "1.1", "DELETE /B(2) HTTP/1.1\r\n\r\n") + "--b--\r\n" +
	parts("q", "", "POST /C HTTP/1.1\r\n\r\n{\"c\":1}") + "--q--\r\n"

// parts is one part of a multipart message.
func parts(boundary, id, message string) string {
	head := "--" + boundary + "\r\nContent-Type: application/http\r\n"
	if id != "" {
		head += "Content-ID: " + id + "\r\n"
	}
	return head + "\r\n" + message + "\r\n"
}

// TestAChangesetIsAnsweredAsOne joins what has no id by the order of the parts, in
// which a changeset that failed is one.
func TestAChangesetIsAnsweredAsOne(t *testing.T) {
	read := parts("r", "", "HTTP/1.1 200 OK\r\n\r\n{}")
	made := "--r\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" + parts("x", "0.0", "HTTP/1.1 201 Created\r\n\r\n{}") + parts("x", "0.1", "HTTP/1.1 201 Created\r\n\r\n{}") + "--x--\r\n"
	bare := "--r\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" + parts("x", "", "HTTP/1.1 201 Created\r\n\r\n{}") + parts("x", "", "HTTP/1.1 201 Created\r\n\r\n{}") + "--x--\r\n"
	named := parts("r", "", "HTTP/1.1 412 Precondition Failed\r\n\r\n{\"error\":{\"code\":\"null\",\"message\":\"x\",\"details\":[{\"code\":\"412\",\"@Core.ContentID\":\"1.1\"}]}}")
	unnamed := parts("r", "", "HTTP/1.1 412 Precondition Failed\r\n\r\n{\"error\":{\"code\":\"E\",\"message\":\"x\"}}")
	slow := parts("r", "", "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 2.5\r\n\r\n{}")
	unanswered := "unanswered/other/after_verify"
	for _, s := range []sample{
		{name: "the error names an operation", response: text(read + made + named + slow + "--r--"), anomalies: lines("position"),
			items: lines("ok", "ok", "ok", "failed/missing_dependency/safe", "failed/conflict/after_edit", "failed/rate_limited/safe")},
		{name: "the error names none", response: text(read + made + unnamed + slow + "--r--"), anomalies: lines("position"),
			items: lines("ok", "ok", "ok", "failed/conflict/after_edit/E", "failed/conflict/after_edit/E", "failed/rate_limited/safe")},
		{name: "no id in a changeset either", response: text(read + bare + unnamed + slow + "--r--"), anomalies: lines("position"),
			items: lines("ok", "ok", "ok", "failed/conflict/after_edit/E", "failed/conflict/after_edit/E", "failed/rate_limited/safe")},
		{name: "the server stopped at the failure", response: text(read + made + unnamed + "--r--"), anomalies: lines("position"),
			items: lines("ok", "ok", "ok", "failed/conflict/after_edit/E", "failed/conflict/after_edit/E", unanswered)},
		{name: "an answer is missing, and no failure says why", response: text(read + made + "--r--"), anomalies: lines("unmatched"),
			items: lines(unanswered, "ok", "ok", unanswered, unanswered, unanswered)},
		{name: "an id shows that the order is another", response: text(made + read + unnamed + slow + "--r--"), anomalies: lines("unmatched"),
			items: lines(unanswered, "ok", "ok", unanswered, unanswered, unanswered)},
		{name: "one yes to a whole changeset", response: text(read + made + read + slow + "--r--"), anomalies: lines("position"),
			items: lines("ok", "ok", "ok", "unknown/other/after_verify", "unknown/other/after_verify", "failed/rate_limited/safe")},
	} {
		s.request, s.is = text(changesets), "odata-multipart"
		t.Run(s.name, func(t *testing.T) { s.check(t, "") })
	}
}
