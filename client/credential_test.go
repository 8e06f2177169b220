package client

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"retriage/model"
)

func literal(kind Kind, secret string) Credential {
	return Credential{Kind: kind, Header: "X-Api-Key", Source: Literal{model.NewSecret(secret)}}
}

func TestCredentialValues(t *testing.T) {
	for _, row := range []struct {
		name       string
		credential Credential
		want, why  string
	}{
		{"bearer", literal(Bearer, canary), "Authorization: Bearer " + canary, ""},
		{"line end at the end", literal(Bearer, canary+"\r\n"), "Authorization: Bearer " + canary, ""},
		{"basic", literal(Basic, "me:pa:ss wörd"), "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte("me:pa:ss wörd")), ""},
		{"header", literal(Header, "Token "+canary), "X-Api-Key: Token " + canary, ""},
		{"empty", literal(Bearer, "\n"), "", "the token is empty"},
		{"line end inside", literal(Bearer, "ab\ncd"), "", "a line end (LF) at byte 3"},
		{"carriage return inside", literal(Header, "ab\rX-Evil: 1"), "", "a carriage return (CR) at byte 3"},
		{"escape", literal(Bearer, canary+"\x1b[2J"), "", "an escape character (ESC)"},
		{"NUL", literal(Header, "a\x00"), "", "a NUL at byte 2"},
		{"C1", literal(Basic, "me:\u009b"), "", "the control character U+009B"},
		{"byte order mark", literal(Bearer, "\ufeff"+canary), "", "outside ASCII at byte 1"},
		{"invalid UTF-8", literal(Basic, "me:\xff"), "", "outside ASCII at byte 4"},
		{"the word Bearer", literal(Bearer, "Bearer "+canary), "", "without the word Bearer"},
		{"basic without a colon", literal(Basic, canary), "", "not of the form user:password"},
	} {
		t.Run(row.name, func(t *testing.T) {
			secret, err := row.credential.Load(t.Context())
			var bad *CredentialError
			if row.why != "" {
				if !errors.As(err, &bad) || !strings.Contains(err.Error(), row.why) || strings.Contains(err.Error(), canary) {
					t.Errorf("got %v, want %q", err, row.why)
				}
				return
			}
			name, value := row.credential.header(secret)
			if got := name + ": " + value.Reveal(); err != nil || got != row.want {
				t.Errorf("got %q, %v, want %q", got, err, row.want)
			}
		})
	}
}

func TestCredentialSources(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string, mode os.FileMode) File {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return File(path)
	}
	t.Setenv("RETRIAGE_TEST_CANARY", canary+"\n")
	t.Setenv("MY_API_TOKEN", canary)
	t.Setenv("MY_SETTING", "kept")
	link := filepath.Join(dir, "link")
	if err := os.Symlink(string(file("target", canary, 0o600)), link); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name   string
		source Source
		want   string // "" = an error
		why    string
	}{
		{"file", file("good", canary+"\n", 0o600), canary, ""},
		{"read-only file", file("ro", canary, 0o400), canary, ""},
		{"link to a good file", File(link), canary, ""},
		{"file open to the group", file("group", canary, 0o640), "", "is open to others (mode 0640)"},
		{"file open to all", file("world", canary, 0o604), "", "is open to others (mode 0604)"},
		{"no file", File(filepath.Join(dir, "none\x1b[2J")), "", "none␛[2J does not exist"},
		{"folder", File(dir), "", "is not a regular file"},
		{"device", File("/dev/zero"), "", "is not a regular file"},
		{"large file", file("large", strings.Repeat("x", secretMax+1), 0o600), "", "is larger than 64 KiB"},
		{"environment", Env("RETRIAGE_TEST_CANARY"), canary, ""},
		{"not in the environment", Env("RETRIAGE_TEST_NONE"), "", "RETRIAGE_TEST_NONE is not set"},
		{"command", Command{"printf", "%s\n", canary}, canary, ""},
		{"no shell", Command{"printf", "%s", "$HOME;`id`"}, "$HOME;`id`", ""},
		{"our tokens are not passed on", Command{"sh", "-c", "echo x$MY_API_TOKEN-$MY_SETTING"}, "x-kept", ""},
		{"command that fails", Command{"sh", "-c", "echo " + canary + " >&2; echo " + canary + "; exit 3"}, "", "ended with exit status 3"},
		{"command that is not there", Command{"/nonexistent/command"}, "", "cannot be run"},
		{"command that prints on and on", Command{"sh", "-c", "head -c 100000 /dev/zero"}, "", "more than 64 KiB"},
		{"no command", Command{}, "", "is empty"},
	} {
		t.Run(row.name, func(t *testing.T) {
			secret, err := Credential{Kind: Bearer, Source: row.source}.Load(t.Context())
			if secret.Reveal() != row.want || (err != nil) != (row.want == "") {
				t.Fatalf("got %q, %v", secret.Reveal(), err)
			}
			if err != nil && (!strings.Contains(err.Error(), row.why) || strings.Contains(err.Error(), canary)) {
				t.Errorf("got %q, want %q", err, row.why)
			}
		})
	}
}

func TestCredentialIsChecked(t *testing.T) {
	for _, c := range []Credential{
		{Kind: Bearer}, {Kind: "other", Source: Env("X")}, {Kind: Header, Source: Env("X")}, {Kind: Header, Header: "X Y", Source: Env("X")},
		{Kind: Header, Header: "host", Source: Env("X")}, {Kind: Header, Header: "X\r\nY", Source: Env("X")},
	} {
		var bad *CredentialError
		if _, err := New(Config{Credential: c}); !errors.As(err, &bad) {
			t.Errorf("%+v: got %v", c, err)
		}
	}
}

func TestRefreshReadsTheCredentialAgain(t *testing.T) {
	var seen []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Header.Get("X-Api-Key"))
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer server.Close()
	path := filepath.Join(t.TempDir(), "token")
	write := func(s string) {
		if err := os.WriteFile(path, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg := at(server.URL)
	cfg.Credential = Credential{Kind: Header, Header: "x-api-key", Source: File(path)}
	c := open(t, cfg)
	write("one")
	r := prepare(t, c, batch(1))
	send(t, c, r)
	write("two")
	send(t, c, r)
	if err := c.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	send(t, c, r)
	write("a\tb")
	if err := c.Refresh(t.Context()); err == nil {
		t.Error("a bad token was taken")
	}
	send(t, c, r)
	if got := strings.Join(seen, " "); got != "one one two two" {
		t.Errorf("the server saw %q", got)
	}
}

func TestSecretsAreNeverPrinted(t *testing.T) {
	for _, credential := range []Credential{literal(Bearer, canary), literal(Basic, "me:"+canary), literal(Header, canary)} {
		cfg := at(serve(t, 400, nil, `{"error":{"message":"Basic `+base64.StdEncoding.EncodeToString([]byte("me:"+canary))+` and `+canary+`"}}`).URL)
		cfg.Credential = credential
		c := open(t, cfg)
		r := prepare(t, c, batch(1))
		reply := send(t, c, r)
		_, load := Credential{Kind: Bearer, Source: Literal{model.NewSecret(canary + " ")}}.Load(t.Context())
		reading, err := c.Probe(t.Context(), probeOf("a"))
		if err != nil {
			t.Fatal(err)
		}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			for _, value := range []any{c, cfg, credential, r, reply, reply.Why.Wire(), load, reading, string(reading.Body), c.known, c.writes} {
				got := fmt.Sprintf(verb, value)
				for _, form := range []string{canary, fmt.Sprintf("%x", canary), base64.StdEncoding.EncodeToString([]byte("me:" + canary))} {
					if strings.Contains(got, form) {
						t.Errorf("%s of %T prints the secret", verb, value)
					}
				}
			}
		}
	}
}
