package sandbox

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// keptBatches is how many answered batches can be read again.
const keptBatches = 1000

// batches holds the answers for GET /batch-results. The server's lock guards it.
type batches struct {
	last    *int
	results map[int][]result
	saved   map[int][]byte // read from the state file
}

func newBatches() batches {
	return batches{new(int), map[int][]result{}, map[int][]byte{}}
}

// add keeps the results of a batch under the next number.
func (b batches) add(results []result) (n int) {
	*b.last++
	b.results[*b.last] = results
	b.trim()
	return *b.last
}

func (b batches) recall(n int, body []byte) {
	*b.last = max(*b.last, n)
	b.saved[n] = body
	b.trim()
}

func (b batches) trim() {
	delete(b.results, *b.last-keptBatches)
	delete(b.saved, *b.last-keptBatches)
}

// body gives the answer with requests of batch n.
func (b batches) body(n int) ([]byte, bool) {
	if results, ok := b.results[n]; ok {
		return batchBody(n, results, true), true
	}
	saved, ok := b.saved[n]
	return bytes.Clone(saved), ok
}

func batchID(n int) string { return fmt.Sprintf("b-%06d", n) }

// batchBody words the answer to a batch.
func batchBody(n int, results []result, withRequests bool) []byte {
	b := append([]byte(`{"batch_id":`), quote(batchID(n))...)
	b = append(b, `,"responses":[`...)
	failed := 0
	for i, r := range results {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '\n')
		b = appendResult(b, r, withRequests)
		if !r.ok() {
			failed++
		}
	}
	return fmt.Appendf(b, "\n],\"summary\":{\"total\":%d,\"succeeded\":%d,\"failed\":%d}}", len(results), len(results)-failed, failed)
}

// prepareBatch reads {"items":[...]} or a bare array.
func (s *Server) prepareBatch(req *request) {
	raws, refused := s.envelope(req.body, "items")
	req.prepared = refused
	for _, raw := range raws {
		req.items = append(req.items, readItem(raw, s.schema, s.opt.MaxItemBytes))
	}
}

// envelope gives the elements of the array in b: b itself, or its member name.
func (s *Server) envelope(b []byte, name string) ([][]byte, *reply) {
	if err := checkJSON(b); err != nil {
		return nil, problem(400, codeMalformed, sentence(err))
	}
	raws, ok := elements(b)
	if !ok {
		raws, ok = elements(lookup(b, name))
	}
	switch {
	case !ok:
		return nil, problem(400, codeMalformed, fmt.Sprintf("The body is not a batch: it has no array %q", name))
	case len(raws) == 0:
		return nil, problem(400, codeMalformed, fmt.Sprintf("The batch is empty: %q holds nothing", name))
	case len(raws) > s.opt.MaxItems:
		return nil, problem(413, codeSize, fmt.Sprintf("The batch holds %d items, the limit is %d", len(raws), s.opt.MaxItems))
	}
	return raws, nil
}

func sentence(err error) string {
	text := err.Error()
	return strings.ToUpper(text[:1]) + text[1:]
}

// batch answers POST /batch: 200 if every item went well, else 207.
func (s *Server) batch(req *request) reply {
	if req.prepared != nil {
		return *req.prepared
	}
	t := &turn{at: req.at}
	results := make([]result, len(req.items))
	status, final := 200, true
	for i, it := range req.items {
		results[i] = s.settle(it, t)
		final = final && results[i].final()
		if !results[i].ok() {
			status = 207
		}
	}
	n := s.batches.add(results)
	if s.journal.file != nil {
		s.journal.add(record{T: recBatch, N: n, Body: string(batchBody(n, results, true))})
	}
	rep := jsonReply(status, batchBody(n, results, false))
	rep.final = final
	rep.header.Set("Location", "/batch-results/"+batchID(n))
	return rep
}

// batchResult answers GET /batch-results/{id}.
func (s *Server) batchResult(req *request) reply {
	n, err := strconv.Atoi(strings.TrimPrefix(req.arg, "b-"))
	body, ok := s.batches.body(n)
	if err != nil || !ok || req.arg != batchID(n) {
		return *problem(404, codeNotFound, "There is no batch "+string(quote(req.arg)))
	}
	return jsonReply(200, body)
}
