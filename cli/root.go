package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/adrg/xdg"
	"github.com/spf13/cobra"

	"retriage/model"
	"retriage/model/dialect"
	"retriage/themes"
)

// Version is the program's version.
const Version = "0.1.0"

// flags are the flags that all commands share.
type flags struct {
	targetFlags
	request   []string
	dialect   string
	query     string
	format    string
	output    string
	dryRun    bool
	yes       bool
	expect    int
	asIs      bool
	mayDouble bool
	fixes     []string
	verify    bool
	all       bool
	noInput   bool
	theme     string
	ascii     bool
	stateDir  string
	answers   []string // what came back for a written request
}

// app is one call of the program.
type app struct {
	w           World
	flags       flags
	target      target
	catalog     *dialect.Catalog // formats that ship, and the user's own
	state       string
	interactive bool
}

// Main runs one command line and gives its exit code.
func Main(args []string, w World) (code int) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Fprintf(w.Err, "retriage: a bug of ours ended it: %s. What was journaled is safe; go on with: retriage resume\n",
				model.Foreign(fmt.Sprint(r)).Safe(0))
			code = exitBug
		}
	}()
	a := &app{w: w}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(w.In)
	root.SetOut(w.Out)
	root.SetErr(w.Err)
	err := root.Execute()
	complain(w.Err, err)
	return codeOf(err)
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "retriage [open] (FILE | URL | -)...",
		Short: "Sort, fix, retry and verify a partly failed batch API call",
		Long: `retriage takes the response of a batch API call that partly failed, sorts the
failures by cause, helps to fix them, retries the chosen ones live, and reads
every item back. Nothing is sent before a plan was shown and confirmed.

  retriage demo                       try it on a sandbox of its own
  retriage response.json              look, fix, retry, verify
  curl ... | retriage                 the same, from a pipe
  retriage summary response.json      counts and causes, for a script`,
		Args:              cobra.ArbitraryArgs,
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
		PersistentPreRunE: func(c *cobra.Command, _ []string) error { return a.prepare(c) },
		RunE:              a.bare,
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		return fail(exitUsage, "%s. Nothing was done; see retriage --help", model.Foreign(err.Error()).Safe(0))
	})
	a.addFlags(root)
	root.AddCommand(a.openCommand(), a.viewCommand(), a.summaryCommand(), a.retryCommand(), a.verifyCommand(),
		a.resumeCommand(), a.demoCommand(), a.keysCommand(), a.runsCommand(), a.dialectsCommand(), a.fixCommand())
	return root
}

// addFlags declares the shared flags.
func (a *app) addFlags(c *cobra.Command) {
	f := c.PersistentFlags()
	f.StringVar(&a.flags.config, "config", "", "configuration file (default: config.toml in the user's configuration folder)")
	f.StringVar(&a.flags.profile, "profile", "", "profile of config.toml that says where to send")
	f.StringVar(&a.flags.baseURL, "base-url", "", "scheme, host and path of the API")
	f.StringVar(&a.flags.batchPath, "batch-path", "", "path of the batch endpoint below the base URL")
	f.StringVar(&a.flags.itemPath, "item-path", "", "path where one item alone is POSTed")
	f.StringVar(&a.flags.itemURL, "item-url", "", "template of the URL that an item is read from, e.g. /items/{id}")
	f.StringVar(&a.flags.auth, "auth", "", "how to sign in: bearer, basic, or \"header NAME\"")
	f.StringVar(&a.flags.tokenFile, "token-file", "", "file that holds the token, or user:password for basic; only you may read it")
	f.StringVar(&a.flags.tokenEnv, "token-env", "", "name of the environment variable that holds it")
	f.Float64Var(&a.flags.rate, "rate", 0, "requests per second (default 10)")
	f.IntVar(&a.flags.concurrency, "concurrency", 0, "requests at once (default 4)")
	f.IntVar(&a.flags.chunk, "chunk", 0, "items per request (default 100, or what the format allows)")
	f.IntVar(&a.flags.tries, "tries", 0, "sends of one item at most (default 5)")
	f.DurationVar(&a.flags.timeout, "timeout", 0, "time for one request (default 30s)")
	f.DurationVar(&a.flags.settle, "settle", 0, "age of a lost request before it is looked up (default timeout + 30s)")
	f.StringArrayVar(&a.flags.request, "request", nil, "the request file of the batch, joined by id; may be repeated")
	f.StringVar(&a.flags.dialect, "dialect", "", "format of the response, when it is not to be guessed")
	f.StringVar(&a.flags.theme, "theme", "auto", "auto, dark, light or mono")
	f.BoolVar(&a.flags.ascii, "ascii", false, "draw with ASCII characters only")
	f.BoolVar(&a.flags.noInput, "no-input", false, "never ask; refuse instead")
	f.StringVar(&a.flags.stateDir, "state-dir", "", "folder of the runs (default: the user's state folder)")
}

// prepare reads what every command needs.
func (a *app) prepare(c *cobra.Command) error {
	xdg.Reload()
	a.state = filepath.Join(xdg.StateHome, "retriage")
	setIf(&a.state, a.flags.stateDir)
	if err := a.check(c); err != nil {
		return err
	}
	a.loadDialects()
	var err error
	a.target, err = loadTarget(a.flags.targetFlags)
	return err
}

// check refuses flags that make no sense, before anything is done.
func (a *app) check(c *cobra.Command) error {
	f := a.flags
	for _, row := range []struct {
		flag string
		ok   bool
		want string
	}{
		{"rate", f.rate > 0 && f.rate <= maxRate, "more than 0 and at most 10000"},
		{"concurrency", f.concurrency > 0 && f.concurrency <= 256, "1 to 256"},
		{"chunk", f.chunk > 0, "1 or more"},
		{"tries", f.tries > 0 && f.tries <= 100, "1 to 100"},
		{"timeout", f.timeout >= time.Millisecond, "1ms or more"},
		{"settle", f.settle >= 0, "0s or more"},
		{"theme", f.theme == "auto" || knownTheme(f.theme), "auto, " + strings.Join(themes.Names(), ", ")},
		{"format", f.format == "text" || f.format == "json" || f.format == "md", "text, json or md"},
		{"batch-path", !isURL(f.batchPath), "a path below the base URL"},
	} {
		if flag := c.Flags().Lookup(row.flag); flag != nil && flag.Changed && !row.ok {
			return fail(exitUsage, "--%s is %s, not %s. Nothing was done.", row.flag, row.want, model.Foreign(flag.Value.String()).Safe(60))
		}
	}
	return nil
}

// maxRate bounds requests per second: more would be a load test.
const maxRate = 10_000

func knownTheme(name string) bool {
	_, ok := themes.ByName(name)
	return ok
}

// bare is retriage without a command: open what is named, or show the way.
func (a *app) bare(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		if a.w.InTTY {
			return c.Help()
		}
		args = []string{"-"}
	}
	for _, arg := range args {
		if !isInput(arg) {
			return fail(exitUsage, "no command and no file %s%s. Nothing was done; see retriage --help",
				model.Foreign(arg).Safe(model.SafeShort), meant(c, arg))
		}
	}
	return a.openOrSummarise(args)
}

// some wants at least one argument, and none that is empty.
func some(what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) > 0 && !slices.Contains(args, "") {
			return nil
		}
		return fail(exitUsage, "%s wants %s. Nothing was done; see %s --help", c.Name(), what, c.CommandPath())
	}
}

// none wants no argument.
func none(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return fail(exitUsage, "%s takes no argument, and there is %s. Nothing was done; see %s --help",
		c.Name(), model.Foreign(args[0]).Safe(60), c.CommandPath())
}

// isInput says whether a bare argument is meant as an input: a path that is
// there, a URL, or a pipe.
func isInput(arg string) bool {
	if arg == "-" || isURL(arg) {
		return true
	}
	_, err := os.Stat(arg)
	return err == nil || !errors.Is(err, os.ErrNotExist) || strings.ContainsAny(arg, "./")
}

func meant(c *cobra.Command, arg string) string {
	near := c.SuggestionsFor(arg)
	if len(near) == 0 {
		return ""
	}
	return " (did you mean " + near[0] + "?)"
}
