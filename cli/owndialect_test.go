package cli

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// acme is an API that nothing ships for: rows go in under their keys, and come
// back as outcomes under references.
type acme struct {
	mu   sync.Mutex
	rows map[string]map[string]any
	puts int
}

func (a *acme) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	if key, one := strings.CutPrefix(r.URL.Path, "/rows/"); one {
		row, there := a.rows[key]
		if !there {
			w.WriteHeader(http.StatusNotFound)
		}
		_ = json.NewEncoder(w).Encode(row)
		return
	}
	var in struct{ Rows []map[string]any }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	var out []map[string]any
	for _, row := range in.Rows {
		key, _ := row["key"].(string)
		a.puts++
		if email, _ := row["email"].(string); strings.TrimSpace(email) != email {
			out = append(out, map[string]any{"ref": "row:" + key, "outcome": "REJECTED", "why": "INVALID_EMAIL: is not an e-mail address", "where": "email"})
			continue
		}
		a.rows[key] = row
		out = append(out, map[string]any{"ref": "row:" + key, "outcome": "DONE"})
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"import": map[string]any{"rows": out}})
}

const acmeDialect = `name = "acme-import"
title = "ACME import"
medium = "json"
send = "batch"
[items]
at = ["import.rows"]
id = ["ref | strip row:"]
[verdict]
rule = [{ path = "outcome", is = ["DONE"], verdict = "ok" }, { path = "outcome", is = ["REJECTED"], verdict = "failed" }]
[failure]
code = ["why | match ^([A-Z_]+):"]
message = ["why | match ^[A-Z_]+: (.*)$"]
field = ["where"]
[request]
at = ["rows"]
id = ["key"]
default = '{"rows":[ITEMS]}'
separator = ","
type = "application/json"
[profile]
itemURL = "/rows/{id}"
[detect]
base = 60
items = ["outcome"]
askedItems = ["key"]
`

// TestOwnDialect takes an API that nothing ships for from a partly failed
// response to verified, by a file of the user's alone.
func TestOwnDialect(t *testing.T) {
	server := &acme{rows: map[string]map[string]any{}}
	web := httptest.NewServer(server)
	defer web.Close()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	request := `{"rows":[{"key":"a","email":"a@example.com","n":1.10},{"key":"b","email":" B@Example.com","n":2},{"key":"c","email":"c@example.com ","n":3}]}`
	answer := call(t, http.MethodPost, web.URL+"/import", "", "application/json", []byte(request))
	write("dialects/acme-import.toml", acmeDialect)
	config := write("config.toml", "")
	var out, errs bytes.Buffer
	w := OS()
	w.In, w.Out, w.Err, w.InTTY, w.OutTTY = nil, &out, &errs, false, false
	code := Main([]string{
		"retry", write("answer.json", string(answer)), "--request", write("request.json", request), "--config", config, "--state-dir", filepath.Join(dir, "state"),
		"--base-url", web.URL, "--batch-path", "/import", "--fix", "suggested", "--yes", "--expect", "2", "--rate", "1000", "--settle", "10ms",
	}, w)
	if code != 0 || !strings.Contains(out.String(), "All 3 items confirmed") {
		t.Errorf("exit %d\n%s\n%s", code, out.String(), errs.String())
	}
	if server.puts != 5 || len(server.rows) != 3 {
		t.Errorf("%d rows sent, %d are there", server.puts, len(server.rows))
	}
}
