package cli

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"retriage/model"
	"retriage/model/dialect"
	"retriage/triage"
	"retriage/triage/run"
)

// call makes one HTTP call and gives the answer.
func call(t *testing.T, method, url, bearer, kind string, body []byte) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Accept", "application/json")
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// sit opens the answer of a peer with its request, ready to send.
func sit(t *testing.T, dir string, answer []byte, flags targetFlags) *sitting {
	t.Helper()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	w := OS()
	w.Out, w.Err = io.Discard, testWriter{t}
	a := &app{w: w, state: filepath.Join(dir, "state"), catalog: dialect.BuiltIn()}
	flags.config, flags.timeout, flags.settle = write("none.toml", ""), 5e9, 1e9
	if flags.auth != "" {
		flags.tokenFile = write("token", "secret")
	}
	var err error
	if a.target, err = loadTarget(flags); err != nil {
		t.Fatal(err)
	}
	s, err := a.openSitting(t.Context(), []string{write("answer.json", string(answer))}, []string{filepath.Join(dir, "request.json")}, change)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// settled checks where every item has come to; a state that is not named is
// confirmed.
func settled(t *testing.T, s *sitting, want map[int]model.State) {
	t.Helper()
	if err := s.runner.Verify(t.Context(), run.VerifyOptions{All: true}); err != nil {
		t.Fatal(err)
	}
	s.desk.Look(func(ts *triage.Session) {
		if ts.Counts().Sum() != s.batch.Len() {
			t.Errorf("states add up to %d of %d", ts.Counts().Sum(), s.batch.Len())
		}
		for i := range ts.Len() {
			row := ts.Row(i)
			state, special := want[i]
			if !special {
				state = model.Confirmed
			}
			if row.State != state {
				t.Errorf("item %d %s is %s, want %s: %s %s %v", i, row.ID, row.State, state, row.Code, row.Message, ts.History(i))
			}
		}
	})
}

// TestRealSCIMServer takes a bulk request that failed in eight ways to a verdict.
func TestRealSCIMServer(t *testing.T) {
	dir, base := peer(t, "scimmy")
	request, err := os.ReadFile(filepath.Join(dir, "request.json"))
	if err != nil {
		t.Fatal(err)
	}
	answer := call(t, http.MethodPost, base+"/scim/Bulk", "secret", "application/scim+json", request)
	s := sit(t, dir, answer, targetFlags{baseURL: base + "/scim", batchPath: "/Bulk", auth: "bearer"})
	if s.dialect.Name() != "scim-bulk" || s.batch.Len() != 10 || len(s.batch.Open()) != 8 {
		t.Fatalf("%s: %d items, open %v", s.dialect.Name(), s.batch.Len(), s.batch.Open())
	}
	mend(t, s, []repair{
		{"u2", model.Body, "/userName", `"second"`}, {"u3", model.Body, "/userName", `"third"`}, {"u5", model.Body, "/active", "true"},
		{"x1", model.URL, "", "/Users"}, {"x1", model.Body, "", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"x"}`},
	})
	send(t, s, s.draft(triage.PlanOptions{Unknown: true}))
	// u4 met a 500 and has no address: it was looked for by its name before it went
	// again.
	// What was to be changed was never there, and what was to be deleted is not.
	settled(t, s, map[int]model.State{4: model.Failed})
}

// TestRealCouchServer takes a _bulk_docs answer, whose rows are in no order, to a
// verdict: a conflict is mended by the revision that is there.
func TestRealCouchServer(t *testing.T) {
	dir, base := peer(t, "pouchdb")
	db := base + "/shop"
	call(t, http.MethodPut, db, "", "application/json", nil)
	call(t, http.MethodPut, db+"/p2", "", "application/json", []byte(`{"name":"old","price":1}`))
	call(t, http.MethodPut, db+"/_design/valid", "", "application/json", []byte(`{"validate_doc_update":"function(n,o,u){ if(n._deleted) return; if(n.type===\"vault\") throw({unauthorized:\"writer role needed\"}); if(typeof n.price!==\"number\"||n.price<0) throw({forbidden:\"price must be a number >= 0\"}); }"}`))
	request, err := os.ReadFile(filepath.Join(dir, "request.json"))
	if err != nil {
		t.Fatal(err)
	}
	answer := call(t, http.MethodPost, db+"/_bulk_docs", "", "application/json", request)
	s := sit(t, dir, answer, targetFlags{baseURL: db, batchPath: "/_bulk_docs"})
	if s.dialect.Name() != "couchdb-bulk-docs" || s.batch.Len() != 9 {
		t.Fatalf("%s: %d items, open %v", s.dialect.Name(), s.batch.Len(), s.batch.Open())
	}
	var there struct {
		Rev string `json:"_rev"`
	}
	decode(t, call(t, http.MethodGet, db+"/p2", "", "application/json", nil), &there)
	mend(t, s, []repair{
		{"p2", model.Body, "/_rev", `"` + there.Rev + `"`}, {"p3", model.Body, "/price", "1.10"}, {"p4", model.Body, "/type", `"shelf"`},
		{"p5", model.Body, "/_rev", ""}, {"p9", model.Body, "/price", "3"},
	})
	send(t, s, s.draft(triage.PlanOptions{Unknown: true}))
	// p1 was asked for twice, and which of its two answers is about which is not
	// known: the first is there, and nobody can say what became of the second.
	settled(t, s, map[int]model.State{6: model.Unknown})
}

func decode(t *testing.T, body []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(body, v); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
}
