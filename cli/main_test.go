package cli_test

import (
	"fmt"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"retriage/cli"
	"retriage/client/sandbox"
)

// asProgram makes this test binary behave as the program itself.
const asProgram = "RETRIAGE_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(cli.Main(os.Args[1:], cli.OS()))
	}
	testscript.Main(m, map[string]func(){
		"retriage": func() { os.Exit(cli.Main(os.Args[1:], cli.OS())) },
	})
}

// TestScripts runs the commands as a shell would. Beside testscript's own verbs
// there are
//
//	sandbox [careless]   starts a sandbox API; sets $BASE and writes the token file
//	applied ID N         asserts how often the write of an item was applied
//	posts N              asserts how many calls wrote at all
//	code N CMD...        asserts an exit code
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("XDG_STATE_HOME", env.WorkDir+"/state")
			env.Setenv("XDG_CONFIG_HOME", env.WorkDir+"/config")
			env.Setenv("TERM", "dumb")
			env.Values[serverKey{}] = new(*sandbox.Server)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"sandbox": startSandbox, "applied": assertApplied, "posts": assertPosts, "code": assertCode,
		},
	})
}

type serverKey struct{}

func startSandbox(ts *testscript.TestScript, _ bool, args []string) {
	server, err := sandbox.New(sandbox.Options{Careless: len(args) > 0 && args[0] == "careless"})
	ts.Check(err)
	web := httptest.NewServer(server)
	ts.Defer(func() { web.Close(); ts.Check(server.Close()) })
	*ts.Value(serverKey{}).(**sandbox.Server) = server
	ts.Setenv("BASE", web.URL)
	ts.Check(os.WriteFile(ts.MkAbs("token"), []byte(sandbox.DefaultToken+"\n"), 0o600))
}

func server(ts *testscript.TestScript) *sandbox.Server {
	return *ts.Value(serverKey{}).(**sandbox.Server)
}

func assertApplied(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	if got := server(ts).Effects().Items[args[0]]; got != want {
		ts.Fatalf("%s was applied %d times, want %d", args[0], got, want)
	}
}

func assertPosts(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if got := server(ts).Effects().Posts; got != want {
		ts.Fatalf("%d calls wrote, want %d", got, want)
	}
}

// assertCode runs a command and wants its exit code.
func assertCode(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if err != nil {
		got = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if got != args[0] {
		ts.Fatalf("exit code %s, want %s (%s)", got, args[0], fmt.Sprint(args[1:]))
	}
}
