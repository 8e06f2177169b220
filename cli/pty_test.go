//go:build unix

package cli_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

// patience bounds how long a screen is waited for. A test that is right never
// comes near it.
const patience = 40 * time.Second

// terminal is the program on a pseudo-terminal, and what a person would see.
type terminal struct {
	t    *testing.T
	cmd  *exec.Cmd
	tty  *os.File
	ends chan error

	mu      sync.Mutex
	em      *vt.Emulator
	changed chan struct{} // gets a value when something was drawn
}

// startTerminal runs the program with a terminal of its own.
func startTerminal(t *testing.T, cols, rows int, env []string, args ...string) *terminal {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, args...)
	cmd.Env = append(append(os.Environ(), asProgram+"=1", "TERM=xterm-256color"), env...)
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: uint16(cols), Rows: uint16(rows)})
	if err != nil {
		t.Fatal(err)
	}
	term := &terminal{t: t, cmd: cmd, tty: tty, em: vt.NewEmulator(cols, rows), changed: make(chan struct{}, 1), ends: make(chan error, 1)}
	go term.draw()
	go term.answer()
	go func() { term.ends <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = tty.Close()
	})
	return term
}

// draw feeds what the program writes to the emulator.
func (term *terminal) draw() {
	buf := make([]byte, 64<<10)
	for {
		n, err := term.tty.Read(buf)
		if err != nil {
			return
		}
		term.mu.Lock()
		_, _ = term.em.Write(buf[:n])
		term.mu.Unlock()
		select {
		case term.changed <- struct{}{}:
		default:
		}
	}
}

// answer gives the emulator's replies to the program's questions back to it.
func (term *terminal) answer() {
	buf := make([]byte, 4096)
	for {
		n, err := term.em.Read(buf)
		if err != nil {
			return
		}
		if _, err := term.tty.Write(buf[:n]); err != nil {
			return
		}
	}
}

func (term *terminal) screen() string {
	term.mu.Lock()
	defer term.mu.Unlock()
	return term.em.String()
}

// wait waits until the screen shows every text.
func (term *terminal) wait(texts ...string) string {
	term.t.Helper()
	deadline := time.After(patience)
	for {
		shown, missing := term.screen(), ""
		for _, text := range texts {
			if !strings.Contains(shown, text) {
				missing = text
			}
		}
		if missing == "" {
			return shown
		}
		select {
		case <-term.changed:
		case <-deadline:
			term.t.Fatalf("the screen never shows %q:\n%s", missing, shown)
		}
	}
}

// keys types; what follows waits for what they show.
func (term *terminal) keys(text string) {
	term.t.Helper()
	if _, err := term.tty.WriteString(text); err != nil {
		term.t.Fatal(err)
	}
}

// end waits for the program to leave and gives its exit code.
func (term *terminal) end() int {
	term.t.Helper()
	select {
	case err := <-term.ends:
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return exit.ExitCode()
		}
		return 0
	case <-time.After(patience):
		term.t.Fatalf("the program does not leave:\n%s", term.screen())
		return -1
	}
}

// TestTheWholeWayByKeyboard goes from the demo's batch to its report with keys
// alone, on a small and on a middling terminal.
func TestTheWholeWayByKeyboard(t *testing.T) {
	for _, size := range []struct{ cols, rows int }{{80, 24}, {120, 40}} {
		t.Run(fmt.Sprintf("%dx%d", size.cols, size.rows), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			term := startTerminal(t, size.cols, size.rows, []string{"XDG_STATE_HOME=" + dir, "XDG_CONFIG_HOME=" + dir}, "demo")
			term.wait("400 items", "110 failed", "? help")
			term.keys("1") // the largest category: validation
			term.wait("item-0011", "0 selected", "row 1 of 38")
			term.keys("b") // the suggested fix for the whole cause
			term.wait("BULK FIX", "14 change", "a apply to 14")
			term.keys("a")
			term.wait("14 items changed", "* item-0011") // the list again: what is left fits only by making it up
			term.keys("u")                               // one key takes the whole rule back
			term.wait("Undone")
			term.keys("\x12") // ctrl+r does it again
			term.wait("Done again")
			term.keys("R")
			term.wait("NOTHING HAS BEEN SENT", "SEND", "14 edited")
			term.keys("y")
			term.wait("ENDED", "enter report")
			term.keys("\r")
			term.wait("REPORT", "110 failed at the start", "0 known outcomes sent again")
			term.keys("q")
			term.wait("of 24")
			term.keys("q")
			term.wait("400 items", "TOP CAUSES")
			term.keys("q")
			if code := term.end(); code != 0 {
				t.Errorf("exit code %d", code)
			}
		})
	}
}

// TestLostLink closes the terminal in the middle of a run, as a dropped SSH
// connection does.
func TestLostLink(t *testing.T) {
	dir := t.TempDir()
	env := []string{"XDG_STATE_HOME=" + dir, "XDG_CONFIG_HOME=" + dir}
	term := startTerminal(t, 80, 24, env, "demo")
	term.wait("400 items", "? help")
	term.keys("R")
	term.wait("NOTHING HAS BEEN SENT", "y send")
	term.keys("y")
	term.wait("RUN ")
	if err := term.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	if code := term.end(); code != 129 {
		t.Errorf("exit code %d, want 129", code)
	}
	again := startTerminal(t, 80, 24, env, "resume")
	again.wait("was not finished", "V verify first", "c continue")
	again.keys("q")
}

// TestTheFormatIsAskedFor where two fit about as well: it is read as the one that
// was picked, and not opened at all when none was.
func TestTheFormatIsAskedFor(t *testing.T) {
	dir := t.TempDir()
	file := dir + "/graph.json"
	if err := os.WriteFile(file, []byte(`{"responses":[{"id":"1","status":200,"body":{}},{"id":"2","status":429,"body":{"error":{"code":"throttled","message":"slow down"}}}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	env := []string{"XDG_STATE_HOME=" + dir, "XDG_CONFIG_HOME=" + dir}
	term := startTerminal(t, 80, 24, env, file)
	term.wait("Which format is graph.json?", "odata-json", "ms-graph")
	term.keys("j")
	term.wait("> ms-graph")
	term.keys("\r")
	term.wait("2 items", "1 failed", "Rate limit")
	term.keys("q")
	if code := term.end(); code != 1 {
		t.Errorf("exit code %d", code)
	}
	term = startTerminal(t, 80, 24, env, file)
	term.wait("Which format is graph.json?")
	term.keys("q")
	if code := term.end(); code != 2 {
		t.Errorf("left without a choice: exit code %d", code)
	}
}

// TestTheScreenEndsWithTheCodeItPrints leaves the screen after what decides the
// exit code beside what is left open.
func TestTheScreenEndsWithTheCodeItPrints(t *testing.T) {
	folder := t.TempDir()
	input := filepath.Join(folder, "rate.json")
	body := `{"responses":[{"id":"a","status":429,"error":{"code":"RATE_LIMITED","message":"slow down"},"request":{"id":"a","email":"a@example.com","name":"A","date":"2026-03-14"}}],"summary":{"total":1,"succeeded":0,"failed":1}}`
	if err := os.WriteFile(input, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }))
	defer refusing.Close()
	leave := func(why ...string) func(*terminal) {
		return func(term *terminal) {
			term.keys("R")
			term.wait("NOTHING HAS BEEN SENT", "y send")
			term.keys("y")
			term.wait("esc close")
			term.keys("send 1\r")
			term.wait(append(why, "PAUSED")...)
			term.keys("\x03")
			term.keys("\x03")
		}
	}
	for _, row := range []struct {
		name, line string
		args       []string
		do         func(*terminal)
		want       int
	}{
		{"refused sign-in", "Exit code 4: the sign-in was refused", []string{input, "--base-url", refusing.URL, "--batch-path", "/batch"}, leave("does not accept the sign-in", "none is set", "Start again with --auth"), 4},
		{"server away", "Exit code 5: the server could not be reached", []string{input, "--base-url", "http://127.0.0.1:1", "--batch-path", "/batch", "--tries", "1"}, leave("refused the connection"), 5},
		{"view", "Exit code 0: view only looks", []string{"view", input}, func(term *terminal) { term.keys("q") }, 0},
		{"demo", "Exit code 0: a demo is not judged", []string{"demo"}, func(term *terminal) { term.keys("q") }, 0},
		{"open", "Exit code 1: some items still fail", []string{input}, func(term *terminal) { term.keys("q") }, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			dir := t.TempDir()
			term := startTerminal(t, 80, 24, []string{"XDG_STATE_HOME=" + dir, "XDG_CONFIG_HOME=" + dir}, row.args...)
			term.wait("? help", "failed")
			row.do(term)
			if code := term.end(); code != row.want {
				t.Errorf("exit code %d, want %d", code, row.want)
			}
			term.wait(row.line)
		})
	}
}

// TestARunThatIsOpenElsewhereOpensReadOnly opens a demo's run twice: its sandbox
// belongs to the first.
func TestARunThatIsOpenElsewhereOpensReadOnly(t *testing.T) {
	dir := t.TempDir()
	env := []string{"XDG_STATE_HOME=" + dir, "XDG_CONFIG_HOME=" + dir}
	first := startTerminal(t, 80, 24, env, "demo")
	first.wait("400 items", "? help")
	second := startTerminal(t, 80, 24, env, "resume")
	second.wait("400 items", "READ ONLY")
	second.keys("R")
	second.wait("R is off: in use by", "leave it there")
	second.keys("q")
	if code := second.end(); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	first.keys("q")
	if code := first.end(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}
