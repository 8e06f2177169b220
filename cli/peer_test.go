package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"retriage/model"
	"retriage/model/dialect"
	"retriage/triage"
	"retriage/triage/run"
)

// peer is a real batch server in a folder of RETRIAGE_PEERS, copied and started.
func peer(t *testing.T, name string) (dir, base string) {
	t.Helper()
	peers := os.Getenv("RETRIAGE_PEERS")
	if peers == "" {
		t.Skip("RETRIAGE_PEERS names no folder of real servers")
	}
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("Node.js is not installed")
	}
	dir = filepath.Join(t.TempDir(), name)
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(peers, name))); err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := fmt.Sprint(ln.Addr().(*net.TCPAddr).Port)
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("bash", "start.sh", port)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("start %s: %v\n%s", name, err, out)
	}
	t.Cleanup(func() {
		pid, err := os.ReadFile(filepath.Join(dir, "pid."+port))
		if err == nil {
			_ = exec.Command("kill", strings.TrimSpace(string(pid))).Run()
		}
	})
	return dir, "http://127.0.0.1:" + port
}

// post sends a body as a user and gives the answer.
func post(t *testing.T, url, user, password string, body []byte) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.SetBasicAuth(user, password)
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

// repair is one change that mends an item of the batch.
type repair struct {
	id      string
	part    model.Part
	pointer string
	to      string
}

// TestRealODataServer takes a batch of 20 requests that fails in a dozen ways
// from a real OData server to a verdict in which nothing is left that could be
// repaired.
func TestRealODataServer(t *testing.T) {
	dir, base := peer(t, "cap-sqljs")
	service := base + "/odata/v4/shop"
	request, err := os.ReadFile(filepath.Join(dir, "request.json"))
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	answer := write("answer.json", string(post(t, service+"/$batch", "reader", "r", request)))

	w := OS()
	w.Out, w.Err = io.Discard, testWriter{t}
	a := &app{w: w, state: filepath.Join(dir, "state"), catalog: dialect.BuiltIn()}
	a.target, err = loadTarget(targetFlags{
		config: write("none.toml", ""), baseURL: service, batchPath: "/$batch", auth: "basic", tokenFile: write("writer", "writer:w"),
		timeout: 5e9, settle: 1e9,
	})
	if err != nil {
		t.Fatal(err)
	}
	s, err := a.openSitting(t.Context(), []string{answer}, []string{filepath.Join(dir, "request.json")}, change)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if s.dialect.Name() != "odata-json" || s.batch.Len() != 20 {
		t.Fatalf("%s with %d items", s.dialect.Name(), s.batch.Len())
	}

	mend(t, s, []repair{
		{"r2", model.Body, "/sku", `"ABC-0002"`}, {"r2", model.Body, "/name", `"Two"`}, {"r2", model.Body, "/price", `1.10`}, {"r2", model.Body, "/state", `"active"`},
		{"r3", model.Body, "/ID", "3"}, {"r4", model.Body, "/sku", `"ABC-0004"`},
		{"r9", model.Header, "if-match", "*"}, {"r10", model.Header, "if-match", "*"},
		{"r11", model.Body, "/ID", "11"}, {"r11", model.Body, "/bogus", ""},
		{"r12", model.Body, "/category_ID", "null"}, {"r15", model.Body, "/sku", `"ABC-0015"`},
	})
	d := s.draft(triage.PlanOptions{Unknown: true})
	send(t, s, d)
	// r6 was refused to the reader; the writer may, so it is sent as it is.
	send(t, s, s.draft(triage.PlanOptions{Items: []int{index(t, s, "r6")}, AsIs: true}))
	if err := s.runner.Verify(t.Context(), run.VerifyOptions{All: true}); err != nil {
		t.Fatal(err)
	}

	// What no edit can mend: a GET of what is not there, a read-only entity, an
	// unknown entity. And r8 and r9 were overtaken by r10, which changed the same
	// row: to say that they are as sent would be untrue.
	want := map[string]model.State{
		"r5": model.Failed, "r7": model.Failed, "r19": model.Failed, "r8": model.Differs, "r9": model.Differs,
	}
	s.desk.Look(func(ts *triage.Session) {
		if ts.Counts().Sum() != 20 {
			t.Errorf("states add up to %d", ts.Counts().Sum())
		}
		for i := range ts.Len() {
			row := ts.Row(i)
			id := row.ID.Wire()
			if id == "" {
				it, err := s.batch.Item(i)
				if err != nil {
					t.Fatal(err)
				}
				id = it.ID.Wire()
			}
			state, special := want[id]
			if !special {
				state = model.Confirmed
			}
			if row.State != state {
				t.Errorf("%s is %s, want %s: %s %s", id, row.State, state, row.Code, row.Message)
			}
		}
	})
}

func mend(t *testing.T, s *sitting, repairs []repair) {
	t.Helper()
	for _, r := range repairs {
		i := index(t, s, r.id)
		_, now, _, err := s.desk.Payload(i)
		if err != nil {
			t.Fatal(err)
		}
		c, err := triage.ChangeTo(now, r.part, r.pointer, r.to)
		if err != nil {
			t.Fatalf("%s %s: %v", r.id, r.pointer, err)
		}
		ev := model.Event{Type: model.EvEdit, Edit: &model.EditEvent{How: "form", Items: []model.ItemEdit{{Index: i, Changes: []model.Change{c}}}}}
		if err := s.desk.Commit(t.Context(), ev); err != nil {
			t.Fatal(err)
		}
	}
}

func send(t *testing.T, s *sitting, d triage.Draft) {
	t.Helper()
	t.Logf("sends %d, looks up %d, leaves out %v", d.Count(), len(d.Lookups), d.LeftOut)
	plan, err := s.runner.Plan(d, false)
	if err != nil {
		t.Fatal(err)
	}
	plan.Settings.StopAt = 1 // what fails here is looked at one by one below
	if err := s.runner.Run(context.WithoutCancel(t.Context()), plan); err != nil {
		t.Errorf("run: %v", err)
	}
}

func index(t *testing.T, s *sitting, id string) int {
	t.Helper()
	for i := range s.batch.Len() {
		it, err := s.batch.Item(i)
		if err != nil {
			t.Fatal(err)
		}
		if it.ID.Wire() == id {
			return i
		}
	}
	t.Fatalf("no item %s", id)
	return -1
}

type testWriter struct{ t *testing.T }

func (w testWriter) Write(p []byte) (int, error) {
	w.t.Log(strings.TrimRight(string(p), "\n"))
	return len(p), nil
}
