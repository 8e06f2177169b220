package dialect_test

import "testing"

// TestXMLTraps reads what XML formats put where nobody looks for it.
func TestXMLTraps(t *testing.T) {
	dav := func(responses string) []string {
		return text(`<D:multistatus xmlns:D="DAV:">` + responses + `</D:multistatus>`)
	}
	stat := func(status, more string) string {
		return `<D:propstat><D:prop><x/></D:prop><D:status>HTTP/1.1 ` + status + `</D:status>` + more + `</D:propstat>`
	}
	checkSamples(t, "", []sample{
		{name: "soap: a summary is no item", is: "soap-batch", items: lines("ok", "failed/other/after_verify/X"),
			response: text(`<BatchResponse><CreateResponse id="a" status="success"/><Summary total="2" succeeded="1" failed="1"/><UpdateResponse id="b" status="failure"><Error code="X">m</Error></UpdateResponse></BatchResponse>`)},
		{name: "soap: a summary that is not so", is: "soap-batch", items: lines("ok"), anomalies: lines("summary"),
			response: text(`<e:Envelope xmlns:e="x"><e:Body><BatchResponse><CreateResponse id="a" status="success"/><Summary total="5" succeeded="5" failed="0"/></BatchResponse></e:Body></e:Envelope>`)},
		{name: "webdav: not set since another failed, which comes later", is: "webdav", items: lines("failed/conflict/after_edit/cannot-modify"),
			response: dav(`<D:response><D:href>/p</D:href>` + stat("424 Failed Dependency", "") + stat("409 Conflict", "<D:error><D:cannot-modify/></D:error>") + `</D:response>`)},
		{name: "webdav: not set since another failed, which comes first", is: "webdav", items: lines("failed/conflict/after_edit"),
			response: dav(`<D:response><D:href>/p</D:href>` + stat("409 Conflict", "") + stat("424 Failed Dependency", "") + `</D:response>`)},
		{name: "webdav: not tried", is: "webdav", items: lines("failed/missing_dependency/safe"),
			response: dav(`<D:response><D:href>/p</D:href>` + stat("424 Failed Dependency", "") + `</D:response>`)},
		{name: "webdav: some properties are there", is: "webdav", items: lines("ok"), anomalies: lines("warning"),
			response: dav(`<D:response><D:href>/p</D:href>` + stat("404 Not Found", "") + stat("200 OK", "") + `</D:response>`)},
		{name: "webdav: no property is there", is: "webdav", items: lines("failed/missing_dependency/after_edit"),
			response: dav(`<D:response><D:href>/p</D:href>` + stat("404 Not Found", "") + `</D:response>`)},
		{name: "webdav: one answer about several", is: "webdav", items: lines("failed/permission/never", "failed/permission/never", "failed/conflict/after_edit"), ids: lines(`"/m 1"`, `"/m2"`, `"/m3"`),
			response: dav(`<D:response><D:href>https://h/m%201/</D:href><D:href>/m2</D:href><D:status>HTTP/1.1 403 Forbidden</D:status></D:response><D:response><D:href>/m3</D:href><D:status>HTTP/1.1 423 Locked</D:status></D:response>`)},
		{name: "webdav: one yes about several", is: "webdav", items: lines("ok", "ok"), ids: lines(`"/m2"`, `"/m1"`), request: text(`{"requests":[{"method":"DELETE","url":"/m2"},{"method":"DELETE","url":"/m1"}]}`),
			response: dav(`<D:response><D:href>/m1</D:href><D:href>/m2</D:href><D:status>HTTP/1.1 200 OK</D:status></D:response>`)},
	})
}
