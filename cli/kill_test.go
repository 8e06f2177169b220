package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"retriage/client/sandbox"
)

// rig is a sandbox and a program that retries 2,000 items against it.
type rig struct {
	t      *testing.T
	dir    string
	server *sandbox.Server
	web    *httptest.Server
	posts  chan struct{} // one for each POST that came in
}

func newRig(t *testing.T, o sandbox.Options, n int) *rig {
	t.Helper()
	server, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, dir: t.TempDir(), server: server, posts: make(chan struct{}, 1<<16)}
	r.web = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Method == http.MethodPost {
			r.posts <- struct{}{}
		}
		server.ServeHTTP(w, req)
	}))
	t.Cleanup(func() { r.web.CloseClientConnections(); r.web.Close(); _ = server.Close() })
	r.write("token", []byte(sandbox.DefaultToken), 0o600)
	r.writeBatch(n)
	return r
}

func (r *rig) write(name string, data []byte, mode os.FileMode) {
	r.t.Helper()
	if err := os.WriteFile(filepath.Join(r.dir, name), data, mode); err != nil {
		r.t.Fatal(err)
	}
}

// writeBatch writes a request of n items and a response in which all were
// turned away by a rate limit.
func (r *rig) writeBatch(n int) {
	var req, resp bytes.Buffer
	req.WriteString(`{"items":[`)
	resp.WriteString(`{"responses":[`)
	for i := range n {
		if i > 0 {
			req.WriteByte(',')
			resp.WriteByte(',')
		}
		fmt.Fprintf(&req, `{"id":"item-%04d","email":"u%d@example.com","name":"U %d","date":"2026-03-14"}`, i, i, i)
		fmt.Fprintf(&resp, `{"id":"item-%04d","status":429,"error":{"code":"RATE_LIMITED","message":"Too many requests"}}`, i)
	}
	req.WriteString(`]}`)
	fmt.Fprintf(&resp, `],"summary":{"total":%d,"succeeded":0,"failed":%d}}`, n, n)
	r.write("request.json", req.Bytes(), 0o600)
	r.write("response.json", resp.Bytes(), 0o600)
}

func (r *rig) command(args ...string) *exec.Cmd {
	exe, err := os.Executable()
	if err != nil {
		r.t.Fatal(err)
	}
	cmd := exec.Command(exe, args...)
	cmd.Dir = r.dir
	cmd.Env = append(os.Environ(), asProgram+"=1", "XDG_STATE_HOME="+r.dir+"/state", "XDG_CONFIG_HOME="+r.dir+"/config", "TERM=dumb")
	return cmd
}

func (r *rig) retry(n int) *exec.Cmd {
	return r.command("retry", "response.json", "--request", "request.json", "--base-url", r.web.URL, "--batch-path", "/batch",
		"--item-path", "/items", "--item-url", "/items/{id}", "--token-file", "token", "--yes", "--expect", strconv.Itoa(n),
		"--rate", "400", "--chunk", "20", "--timeout", "400ms", "--settle", "600ms", "--verify=false", "-f", "json")
}

// killAfter starts a command and kills it once n more POSTs have come in. It
// says whether the command had ended by itself before.
func (r *rig) killAfter(cmd *exec.Cmd, n int) (ended bool, out []byte) {
	r.t.Helper()
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	for range n {
		select {
		case <-r.posts:
		case <-done:
			if cmd.ProcessState.ExitCode() == 2 {
				r.t.Fatalf("%s", stderr.Bytes())
			}
			return true, stdout.Bytes()
		}
	}
	_ = cmd.Process.Kill()
	<-done
	return false, nil
}

type counts struct {
	Total  int            `json:"total"`
	States map[string]int `json:"states"`
	Retry  struct {
		SentTwice int `json:"sent_twice"`
	} `json:"retry"`
}

// TestKilledTenTimes kills a retry of 2,000 items ten times at random moments,
// against a server that takes no idempotency keys, applies whatever it is sent
// twice twice, and loses one reply in ten after the write has landed.
func TestKilledTenTimes(t *testing.T) {
	const n, kills = 2000, 10
	r := newRig(t, sandbox.Options{Careless: true, LossRate: 0.1, Seed: 7, MaxItems: 1000}, n)
	rng := rand.New(rand.NewPCG(7, 7))
	ended, _ := r.killAfter(r.retry(n), 1+rng.IntN(8))
	for k := 1; k < kills && !ended; k++ {
		ended, _ = r.killAfter(r.command("resume", "--yes", "-f", "json"), 1+rng.IntN(10))
	}
	if ended {
		t.Fatal("the retry ended before it was killed ten times: the rig is too gentle")
	}
	ended, out := r.killAfter(r.command("resume", "--yes", "-f", "json"), 1<<30)
	if !ended {
		t.Fatal("the last resume did not end")
	}
	r.judge(out, n)
}

// TestSameRetryTwice runs one command twice on a server without keys.
func TestSameRetryTwice(t *testing.T) {
	const n = 200
	r := newRig(t, sandbox.Options{Careless: true}, n)
	_, out := r.killAfter(r.retry(n), 1<<30)
	r.judge(out, n)
	again := r.retry(n)
	err := again.Run()
	if err == nil || again.ProcessState.ExitCode() != 7 {
		t.Errorf("the second call ends with %v, want exit code 7", err)
	}
	r.judge(out, n)
}

// judge asks the server what was applied, and the report whether it adds up.
func (r *rig) judge(out []byte, n int) {
	r.t.Helper()
	effects := r.server.Effects()
	if twice := effects.Doubled(); len(twice) > 0 {
		r.t.Errorf("%d items applied twice: %v", len(twice), twice)
	}
	if got := len(effects.Items); got != n {
		r.t.Errorf("%d of %d items applied: %d lost", got, n, n-got)
	}
	var c counts
	if err := json.Unmarshal(out, &c); err != nil {
		r.t.Fatalf("report %q: %v", out, err)
	}
	sum := 0
	for _, k := range c.States {
		sum += k
	}
	if sum != n || c.Total != n {
		r.t.Errorf("states add up to %d, total %d, want %d", sum, c.Total, n)
	}
	if done := c.States["ok"] + c.States["confirmed"]; done != n {
		r.t.Errorf("%d of %d done: %v", done, n, c.States)
	}
	if c.Retry.SentTwice != 0 {
		r.t.Errorf("the report says %d sent twice", c.Retry.SentTwice)
	}
}

// TestSignalsLeaveTheRunToBeResumed stops a retry by each signal in its middle:
// the exit code tells which, and resume sends the rest.
func TestSignalsLeaveTheRunToBeResumed(t *testing.T) {
	for _, row := range []struct {
		name string
		sig  os.Signal
		code int
	}{
		{"interrupt", os.Interrupt, 130},
		{"terminate", syscall.SIGTERM, 143},
		{"hang up", syscall.SIGHUP, 129},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			const n = 200
			r := newRig(t, sandbox.Options{Careless: true}, n)
			cmd := r.retry(n)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			<-r.posts
			<-r.posts
			if err := cmd.Process.Signal(row.sig); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait()
			if got := cmd.ProcessState.ExitCode(); got != row.code {
				t.Fatalf("exit code %d, want %d", got, row.code)
			}
			if len(r.server.Effects().Items) == n {
				t.Fatal("the retry was over before the signal came")
			}
			_, out := r.killAfter(r.command("resume", "--yes", "-f", "json"), 1<<30)
			r.judge(out, n)
		})
	}
}
