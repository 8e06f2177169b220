package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// operation is one request inside a $batch.
type operation struct {
	id      string   // as the caller numbers it
	request *request // nil: it could not be read
	item    *item    // what a POST /items creates
	needs   []string // dependsOn
}

// name gives what the call log shows: the item it is about.
func (op operation) name() string {
	switch {
	case op.item != nil:
		return op.item.name()
	case op.request != nil && op.request.arg != "":
		return op.request.arg
	}
	return op.id
}

// prepareGraph reads {"requests":[...]}, the JSON batch format that OData 4.01
// defines and Microsoft Graph serves.
func (s *Server) prepareGraph(req *request) {
	if checkJSON(req.body) == nil && lookup(req.body, "requests") == nil {
		req.prepared = problem(400, codeMalformed, `The body is not a batch: it has no array "requests"`)
		return
	}
	raws, refused := s.envelope(req.body, "requests")
	req.prepared = refused
	seen := map[string]bool{}
	for _, raw := range raws {
		op, ok := s.readOperation(raw, req)
		if !ok || seen[op.id] {
			req.prepared = problem(400, codeMalformed, `Every request needs an "id" of its own, a "method" and a "url"`)
			return
		}
		seen[op.id] = true
		req.ops = append(req.ops, op)
	}
}

func (s *Server) readOperation(raw []byte, outer *request) (operation, bool) {
	var in struct {
		ID        string            `json:"id"`
		Method    string            `json:"method"`
		URL       string            `json:"url"`
		Headers   map[string]string `json:"headers"`
		DependsOn []string          `json:"dependsOn"`
	}
	if json.Unmarshal(raw, &in) != nil || in.ID == "" || in.Method == "" || in.URL == "" {
		return operation{}, false
	}
	req := &request{
		method: strings.ToUpper(in.Method), path: "/" + strings.TrimPrefix(in.URL, "/"), host: outer.host,
		header: http.Header{}, at: outer.at, body: lookup(raw, "body"), entry: -1,
	}
	for name, value := range in.Headers {
		req.header.Set(name, value)
	}
	op := operation{id: in.ID, needs: in.DependsOn, request: req}
	if req.method == "POST" && req.path == "/items" && req.body != nil {
		op.item = readItem(req.body, s.schema, s.opt.MaxItemBytes)
	} else if arg, ok := match("/items/{id}", req.path); ok {
		req.arg = arg
	}
	return op, true
}

// graph answers POST /odata/$batch: 200, whatever became of the requests.
func (s *Server) graph(req *request) reply {
	if req.prepared != nil {
		return *req.prepared
	}
	t := &turn{at: req.at}
	b := []byte(`{"responses":[`)
	failed, final := map[string]bool{}, true
	for i, op := range req.ops {
		rep := s.operate(op, t, failed)
		failed[op.id] = rep.status >= 400
		final = final && (rep.status < 400 || rep.final)
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '\n')
		b = appendOperation(b, op.id, rep)
	}
	out := jsonReply(200, append(b, "\n]}"...))
	out.final = final
	return out
}

// operate runs one request of a $batch over the same endpoints as a call.
func (s *Server) operate(op operation, t *turn, failed map[string]bool) reply {
	for _, id := range op.needs {
		bad, answered := failed[id]
		if bad || !answered {
			return *problem(424, "FAILED_DEPENDENCY", "The request "+string(quote(id))+" it depends on has not succeeded")
		}
	}
	switch _, one := match("/items/{id}", op.request.path); {
	case op.item != nil:
		return itemReply(s.settle(op.item, t), op.item.id)
	case one && op.request.method == "GET":
		return s.getItem(op.request)
	case one && op.request.method == "PATCH":
		return s.patchItem(op.request)
	case one && op.request.method == "DELETE":
		return s.deleteItem(op.request)
	}
	return *problem(404, codeNotFound, "A batch can hold POST /items and GET, PATCH or DELETE /items/{id}")
}

// appendOperation appends one element of "responses". Header names are lower
// case here, as OData writes them.
func appendOperation(b []byte, id string, rep reply) []byte {
	b = fmt.Appendf(b, `{"id":%s,"status":%d,"headers":{`, quote(id), rep.status)
	names := []string{}
	for name := range rep.header {
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range names {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(b, quote(strings.ToLower(name))...), ':')
		b = append(b, quote(rep.header.Get(name))...)
	}
	b = append(b, '}')
	if len(rep.body) > 0 {
		b = append(b, `,"body":`...)
		b = append(b, strings.TrimRight(string(rep.body), "\n")...)
	}
	return append(b, '}')
}
