package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// route is one endpoint.
type route struct {
	method, path string
	handle       func(*Server, *request) reply // called with the server locked
	prepare      func(*Server, *request)       // reads the body, before the lock
	open         bool                          // needs no token
	writes       bool                          // a POST that writes items: faults, keys and the call limit apply
}

// routes gives every endpoint. {id} stands for one segment.
func routes() []route {
	return []route{
		{method: "GET", path: "/", handle: (*Server).index, open: true},
		{method: "POST", path: "/batch", handle: (*Server).batch, prepare: (*Server).prepareBatch, writes: true},
		{method: "GET", path: "/batch-results/{id}", handle: (*Server).batchResult},
		{method: "POST", path: "/items", handle: (*Server).createItem, prepare: (*Server).prepareItem, writes: true},
		{method: "GET", path: "/items/{id}", handle: (*Server).getItem},
		{method: "PATCH", path: "/items/{id}", handle: (*Server).patchItem},
		{method: "DELETE", path: "/items/{id}", handle: (*Server).deleteItem},
		{method: "POST", path: "/users/validate", handle: (*Server).validateUser},
		{method: "GET", path: "/docs/validation/users", handle: (*Server).userRules},
		{method: "GET", path: "/auth/permissions", handle: (*Server).permissions},
		{method: "POST", path: "/auth/check-batch", handle: (*Server).checkBatch},
		{method: "GET", path: "/resources/{id}/permissions", handle: (*Server).resourcePermissions},
		{method: "GET", path: "/resources/{id}/check-access", handle: (*Server).checkAccess},
		{method: "POST", path: "/odata/$batch", handle: (*Server).graph, prepare: (*Server).prepareGraph, writes: true},
		{method: "POST", path: "/soap", handle: (*Server).soap, prepare: (*Server).prepareSOAP, writes: true},
	}
}

// find gives the endpoint a call is for and notes its {id}, or a 404 or 405.
func find(req *request) (*route, *reply) {
	method := req.method
	if method == "HEAD" {
		method = "GET"
	}
	var allowed []string
	for _, rt := range routes() {
		arg, ok := match(rt.path, req.path)
		switch {
		case !ok:
		case rt.method != method:
			allowed = append(allowed, rt.method)
		default:
			req.arg = arg
			return &rt, nil
		}
	}
	if allowed == nil {
		return &route{}, problem(404, codeNotFound, "There is no such endpoint; GET / lists them")
	}
	slices.Sort(allowed)
	rep := problem(405, codeMethod, "This endpoint does not know the method "+string(quote(method)))
	rep.header.Set("Allow", strings.Join(allowed, ", ")) // RFC 9110, 15.5.6
	return &route{}, rep
}

// match compares an escaped path with a pattern and gives the {id} in it.
func match(pattern, path string) (arg string, ok bool) {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return "", false
	}
	for i := range want {
		part, err := url.PathUnescape(got[i])
		if err != nil {
			return "", false
		}
		if want[i] == "{id}" && part != "" {
			arg = part
		} else if want[i] != part {
			return "", false
		}
	}
	return arg, true
}

// index is the answer to GET /.
func (s *Server) index(req *request) reply {
	text := `retriage sandbox: a small batch API in memory

POST /batch                          {"items":[{"id":"item-001","email":"a@example.com","name":"A"}]}
GET  /batch-results/{batch_id}       the same answer with each item's request
POST /items                          one item
GET  /items/{id}                     the stored item, byte for byte (also PATCH, DELETE)
POST /users/validate                 check one item without storing it
GET  /docs/validation/users          the JSON Schema of an item
GET  /auth/permissions               what the token may do
POST /auth/check-batch               {"resources":["res-1","res-2"]}
GET  /resources/{id}/permissions
GET  /resources/{id}/check-access    200 or 403
POST /odata/$batch                   {"requests":[{"id":"1","method":"POST","url":"/items","body":{}}]}
POST /soap                           <BatchRequest><CreateRequest id="item-001">...</CreateRequest></BatchRequest>

Everything but this page needs a bearer token:

  curl -s http://` + req.host + `/batch -H "Authorization: Bearer $TOKEN" \
    -d '{"items":[{"id":"item-001","email":"a@example.com","name":"A"}]}'
`
	return reply{status: 200, header: http.Header{"Content-Type": {"text/plain; charset=utf-8"}}, body: []byte(text)}
}
