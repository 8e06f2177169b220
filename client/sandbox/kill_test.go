package sandbox

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain is also the process that TestSurvivesKill kills.
func TestMain(m *testing.M) {
	path := os.Getenv("SANDBOX_KILL_TEST")
	if path == "" {
		os.Exit(m.Run())
	}
	s, err := New(Options{StateFile: path})
	if err == nil {
		var base string
		if base, _, err = s.Listen(""); err == nil {
			fmt.Println(base)
			select {} // until it is killed
		}
	}
	fmt.Println(err)
	os.Exit(1)
}

// Everything that was answered before the process was killed is there after it.
func TestSurvivesKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "SANDBOX_KILL_TEST="+path)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	base, err := bufio.NewReader(out).ReadString('\n')
	must(t, err)
	client := &http.Client{Transport: &http.Transport{}}
	for i := range 20 {
		body := fmt.Sprintf(`[%s,%s]`, user(fmt.Sprintf("a%d", i)), user(fmt.Sprintf("b%d", i)))
		if status, _, err := send(t.Context(), client, strings.TrimSpace(base), "/batch", body); err != nil || status != 200 {
			t.Fatal(status, err)
		}
	}
	must(t, cmd.Process.Kill())
	_ = cmd.Wait() // it was killed: that is its error
	client.CloseIdleConnections()
	e := open(t, Options{StateFile: path}).Effects()
	equal(t, "items", len(e.Items), 40)
	equal(t, "doubled", len(e.Doubled()), 0)
}
