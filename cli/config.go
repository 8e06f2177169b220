package cli

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/adrg/xdg"
	"github.com/pelletier/go-toml/v2"

	"retriage/client"
	"retriage/model"
)

// maxConfig bounds a configuration file.
const maxConfig = 256 << 10

// config is config.toml. Unknown keys are refused with their line.
type config struct {
	Profiles map[string]profile `toml:"profile"`
}

// profile is one target as a user writes it.
type profile struct {
	BaseURL    string    `toml:"base_url"`
	BatchPath  string    `toml:"batch_path"`
	ItemPath   string    `toml:"item_path"`
	ItemURL    string    `toml:"item_url"`
	Dialect    string    `toml:"dialect"`
	Prod       bool      `toml:"prod"`
	User       string    `toml:"user"`
	Auth       string    `toml:"auth"`
	TokenFile  string    `toml:"token_file"`
	TokenCmd   []string  `toml:"token_cmd"`
	TokenEnv   string    `toml:"token_env"`
	Key        string    `toml:"idempotency"` // none, item or call
	KeyField   string    `toml:"idempotency_field"`
	KeyHeader  string    `toml:"idempotency_header"`
	Ignore     []string  `toml:"verify_ignore"`
	Decided    []int     `toml:"decided_statuses"`
	MaxItems   int       `toml:"max_items"`
	MaxBytes   int       `toml:"max_bytes"`
	Rate       float64   `toml:"rate"`
	Concurrent int       `toml:"concurrency"`
	Chunk      int       `toml:"chunk"`
	Tries      int       `toml:"tries"`
	Steps      []int     `toml:"steps"`
	Timeout    timeValue `toml:"timeout"`
	Settle     timeValue `toml:"settle"`
}

// timeValue is a duration such as "30s" in a file.
type timeValue time.Duration

// UnmarshalText reads "30s", "2m".
func (t *timeValue) UnmarshalText(b []byte) error {
	d, err := time.ParseDuration(string(b))
	if err != nil || d < 0 {
		return fmt.Errorf("a duration is written like 30s or 2m")
	}
	*t = timeValue(d)
	return nil
}

// target is where a run sends: the profile as data, and how to sign in.
type target struct {
	profile model.Profile
	auth    model.AuthSource
	// literal is a credential that never was on disk in our hands.
	literal model.Secret
}

// known says whether there is a target at all.
func (t target) known() bool { return t.profile.BaseURL != "" }

// credential is the client's form of the auth source.
func (t target) credential() client.Credential {
	c := client.Credential{Header: t.auth.Header}
	switch t.auth.Kind {
	case "bearer":
		c.Kind = client.Bearer
	case "basic":
		c.Kind = client.Basic
	case "header":
		c.Kind = client.Header
	}
	switch {
	case !t.literal.IsZero():
		c.Source = client.Literal{Secret: t.literal}
	case t.auth.File != "":
		c.Source = client.File(t.auth.File)
	case len(t.auth.Command) > 0:
		c.Source = client.Command(t.auth.Command)
	case t.auth.Env != "":
		c.Source = client.Env(t.auth.Env)
	}
	return c
}

// targetFlags are the flags that set or change a target.
type targetFlags struct {
	config, profile, baseURL, batchPath, itemPath, itemURL string
	auth, tokenFile, tokenEnv                              string
	rate                                                   float64
	concurrency, chunk, tries                              int
	timeout, settle                                        time.Duration
}

// loadTarget reads the profile that the flags name and lays the flags over it.
func loadTarget(f targetFlags) (target, error) {
	p := profile{}
	name := f.profile
	cfg, path, err := loadConfig(f.config)
	if err != nil {
		return target{}, err
	}
	if name == "" && len(cfg.Profiles) == 1 && f.baseURL == "" {
		for only := range cfg.Profiles {
			name = only
		}
	}
	if name != "" {
		var ok bool
		if p, ok = cfg.Profiles[name]; !ok {
			return target{}, fail(exitUsage, "no profile %q in %s; it has %s", model.Foreign(name).Safe(60), path, profileNames(cfg))
		}
	}
	t, err := p.target(name)
	if err != nil {
		return target{}, err
	}
	return f.over(t)
}

func profileNames(cfg config) string {
	if len(cfg.Profiles) == 0 {
		return "none"
	}
	var names []string
	for n := range cfg.Profiles {
		names = append(names, model.Foreign(n).Safe(60))
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

func loadConfig(path string) (config, string, error) {
	named := path != ""
	if !named {
		path = filepath.Join(xdg.ConfigHome, "retriage", "config.toml")
	}
	var cfg config
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) && !named {
		return cfg, path, nil
	}
	if err != nil {
		return cfg, path, fail(exitUsage, "cannot read the configuration: %v", err)
	}
	if info.Size() > maxConfig {
		return cfg, path, fail(exitUsage, "%s is larger than %d bytes", path, maxConfig)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return cfg, path, fail(exitUsage, "cannot read the configuration: %v", err)
	}
	dec := toml.NewDecoder(strings.NewReader(string(raw))).DisallowUnknownFields()
	if err := dec.Decode(&cfg); err != nil {
		return cfg, path, fail(exitUsage, "%s: %s", path, configWords(err))
	}
	return cfg, path, nil
}

// configWords says where a configuration is wrong.
func configWords(err error) string {
	var strict *toml.StrictMissingError
	if errors.As(err, &strict) && len(strict.Errors) > 0 {
		row, _ := strict.Errors[0].Position()
		return fmt.Sprintf("line %d: unknown key %q", row, strings.Join(strict.Errors[0].Key(), "."))
	}
	var dec *toml.DecodeError
	if errors.As(err, &dec) {
		row, col := dec.Position()
		return fmt.Sprintf("line %d column %d: %s", row, col, dec.Error())
	}
	return err.Error()
}

// target turns what the user wrote into the profile, with the defaults in.
func (p profile) target(name string) (target, error) {
	s := model.Defaults()
	setIf(&s.Rate, p.Rate)
	setIf(&s.Concurrency, p.Concurrent)
	setIf(&s.Chunk, p.Chunk)
	setIf(&s.Tries, p.Tries)
	setIf(&s.Timeout, time.Duration(p.Timeout))
	s.Settle = s.Timeout + 30*time.Second
	setIf(&s.Settle, time.Duration(p.Settle))
	if p.Steps != nil {
		s.Steps = p.Steps
	}
	t := target{
		profile: model.Profile{
			Name: name, BaseURL: p.BaseURL, BatchPath: p.BatchPath, ItemPath: p.ItemPath, ItemURL: p.ItemURL,
			Dialect: p.Dialect, Prod: p.Prod, User: p.User, KeyScope: model.KeyScope(p.Key), KeyField: p.KeyField,
			KeyHeader: p.KeyHeader, Ignore: p.Ignore, Decided: p.Decided, MaxItems: p.MaxItems, MaxBytes: p.MaxBytes,
			Settings: s,
		},
		auth: model.AuthSource{File: p.TokenFile, Command: p.TokenCmd, Env: p.TokenEnv},
	}
	switch t.profile.KeyScope {
	case "", model.NoKey, model.ItemKey, model.CallKey:
	default:
		return t, fail(exitUsage, "profile %s: idempotency is none, item or call, not %q", name, model.Foreign(p.Key).Safe(60))
	}
	return t, t.setAuth(p.Auth)
}

func setIf[T comparable](to *T, v T) {
	var zero T
	if v != zero {
		*to = v
	}
}

// setAuth reads "bearer", "basic" or "header NAME"; a token source alone means
// bearer.
func (t *target) setAuth(auth string) error {
	kind, header, _ := strings.Cut(strings.TrimSpace(auth), " ")
	switch kind {
	case "":
		if t.auth.Kind == "" && (t.auth.File != "" || t.auth.Env != "" || len(t.auth.Command) > 0) {
			t.auth.Kind = "bearer"
		}
		return nil
	case "none", "bearer", "basic":
	case "header":
		if t.auth.Header = strings.TrimSpace(header); t.auth.Header == "" {
			return fail(exitUsage, "auth \"header\" needs the header's name, as in: header X-Api-Key")
		}
	default:
		return fail(exitUsage, "auth is bearer, basic or header NAME, not %q", model.Foreign(auth).Safe(60))
	}
	t.auth.Kind = kind
	return nil
}

// over lays the flags over a target.
func (f targetFlags) over(t target) (target, error) {
	p := &t.profile
	setIf(&p.BaseURL, f.baseURL)
	setIf(&p.BatchPath, f.batchPath)
	setIf(&p.ItemPath, f.itemPath)
	setIf(&p.ItemURL, f.itemURL)
	setIf(&p.Settings.Rate, f.rate)
	setIf(&p.Settings.Concurrency, f.concurrency)
	setIf(&p.Settings.Chunk, f.chunk)
	setIf(&p.Settings.Tries, f.tries)
	if f.timeout > 0 {
		p.Settings.Timeout, p.Settings.Settle = f.timeout, f.timeout+30*time.Second
	}
	setIf(&p.Settings.Settle, f.settle)
	if f.tokenFile != "" || f.tokenEnv != "" {
		t.auth.File, t.auth.Env, t.auth.Command = f.tokenFile, f.tokenEnv, nil
	}
	if err := t.setAuth(f.auth); err != nil {
		return t, err
	}
	if p.BaseURL == "" {
		return t, nil
	}
	u, err := url.Parse(p.BaseURL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return t, fail(exitUsage, "base URL %q is not of the form https://host/path; nothing was sent", model.Foreign(p.BaseURL).Safe(120))
	}
	if u.User != nil {
		return t, fail(exitUsage, "the base URL must not hold a password; use token_file, token_cmd or token_env")
	}
	if p.Settings.Rate < 0 || p.Settings.Concurrency < 0 || p.Settings.Chunk < 0 || p.Settings.Tries < 0 {
		return t, fail(exitUsage, "rate, concurrency, chunk and tries must be more than 0")
	}
	return t, nil
}
