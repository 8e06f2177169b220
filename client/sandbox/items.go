package sandbox

import (
	"bytes"
	"net/url"
	"slices"
	"strings"
)

// prepareItem reads the one item of POST /items.
func (s *Server) prepareItem(req *request) {
	if err := checkJSON(req.body); err != nil {
		req.prepared = problem(400, codeMalformed, sentence(err))
		return
	}
	raw := bytes.TrimSpace(req.body)
	req.items = []*item{readItem(raw, s.schema, s.opt.MaxItemBytes)}
}

// createItem answers POST /items.
func (s *Server) createItem(req *request) reply {
	if req.prepared != nil {
		return *req.prepared
	}
	return itemReply(s.settle(req.items[0], &turn{at: req.at}), req.items[0].id)
}

// itemReply answers a call about one item with what became of it.
func itemReply(r result, id string) reply {
	if !r.ok() {
		rep := failureReply(r.failure)
		if r.replayed {
			rep.header.Set("Idempotency-Replayed", "true")
		}
		return rep
	}
	rep := jsonReply(r.status, bytes.Clone(r.data))
	rep.final = true
	rep.header.Set("Location", itemPath(id))
	rep.header.Set("Etag", stored{body: r.data}.etag())
	if r.replayed {
		rep.header.Set("Idempotency-Replayed", "true")
	}
	return rep
}

func itemPath(id string) string { return "/items/" + url.PathEscape(id) }

func missing(id string) reply {
	return *problem(404, codeNotFound, "There is no item "+string(quote(id)))
}

// getItem answers GET /items/{id} with the stored bytes.
func (s *Server) getItem(req *request) reply {
	it, ok := s.store.items[req.arg]
	if !ok {
		return missing(req.arg)
	}
	rep := jsonReply(200, bytes.Clone(it.body))
	rep.body = it.body // no line end: these are the stored bytes
	rep.header.Set("Etag", it.etag())
	if listed(req.header.Get("If-None-Match"), it.etag()) {
		return reply{status: 304, header: rep.header}
	}
	return rep
}

// listed reports whether a condition header (RFC 9110, 13.1) names the etag.
func listed(header, etag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		part = strings.TrimSpace(part)
		if part == "*" || strings.TrimPrefix(part, "W/") == etag {
			return true
		}
	}
	return false
}

// target gives the item a PATCH or DELETE is for, or why it can not be changed.
func (s *Server) target(req *request) (stored, *reply) {
	it, ok := s.store.items[req.arg]
	if !ok {
		rep := missing(req.arg)
		return it, &rep
	}
	if want := req.header.Get("If-Match"); want != "" && !listed(want, it.etag()) {
		return it, problem(412, codePrecondition, "The item has changed: If-Match does not name its ETag")
	}
	return it, nil
}

// patchItem answers PATCH /items/{id}: a merge patch (RFC 7396) of the top
// level. Fields it does not name keep their bytes; null removes one.
func (s *Server) patchItem(req *request) reply {
	if err := checkJSON(req.body); err != nil {
		return *problem(400, codeMalformed, sentence(err))
	}
	old, refused := s.target(req)
	if refused != nil {
		return *refused
	}
	changes := members(req.body)
	if changes == nil {
		return *problem(400, codeMalformed, "A patch must be an object")
	}
	if slices.ContainsFunc(changes, func(m member) bool { return m.name == "id" }) {
		return failureReply(&failure{status: 422, code: codeValidation, message: "The id of an item can not be changed", field: "/id"})
	}
	body := bytes.Clone(old.body)
	for _, m := range changes {
		value := req.body[m.value:m.end]
		if string(value) == "null" {
			body = without(body, m.name)
		} else {
			body = with(body, m.name, value)
		}
	}
	it := readItem(body, s.schema, s.opt.MaxItemBytes)
	return itemReply(s.settle(it, &turn{at: req.at, replace: true}), it.id)
}

// deleteItem answers DELETE /items/{id}: 204, or 404 if it is not there.
func (s *Server) deleteItem(req *request) reply {
	if _, refused := s.target(req); refused != nil {
		return *refused
	}
	s.discard(req.arg)
	return reply{status: 204, header: map[string][]string{}}
}
