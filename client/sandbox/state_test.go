package sandbox

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func stateOptions(path string) Options {
	return Options{
		StateFile: path, Resources: []string{},
		Stored:     []rawJSON{rawJSON(`{"id":"old","email":"old@example.com","name":"Old"}`)},
		Faults:     []Fault{{Kind: Refuse, On: "POST /items", Call: 3}, {Kind: Expire, Call: 10}},
		ItemFaults: []ItemFault{{ID: "down", Times: 2}},
	}
}

func TestStateSurvives(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sandbox.jsonl")
	odd := "{ \"id\":\"odd\",\t\"email\":\"odd@example.com\",\"name\":\"\\u2028<é>\",\"balance\":1.10 ,\"idempotency_key\":\"k\"}"
	s := open(t, stateOptions(path))
	first := call(t, s, "POST", "/batch", `[`+odd+`,`+user("bad", `"idempotency_key":"kb"`, `"age":""`)+`]`, keyHeader, "c")
	equal(t, "first", first.Code, 207)
	equal(t, "item call 1", call(t, s, "POST", "/items", user("down")).Code, 503)
	equal(t, "item call 2", call(t, s, "POST", "/items", user("gone")).Code, 201)
	equal(t, "delete", call(t, s, "DELETE", "/items/gone", "").Code, 204)
	must(t, s.Put(rawJSON(`{"id":"theirs","email":"t@example.com","name":"T"}`)))
	must(t, s.Remove("old"))
	must(t, s.Grant("res-7"))
	result := call(t, s, "GET", "/batch-results/b-000001", "").Body.String()

	// The process is killed here: nothing is closed, and the last line is torn.
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	_, err = f.WriteString(`{"t":"put","id":"torn","body":"{\"id`)
	must(t, err)
	must(t, f.Close())

	s = open(t, stateOptions(path))
	body, _ := s.Item("odd")
	equal(t, "bytes", string(body), strings.Replace(odd, `,"idempotency_key":"k"`, "", 1))
	equal(t, "effects", fmt.Sprint(s.Effects().Items, s.Effects().Keys), "map[gone:2 odd:1] map[k:1]")
	equal(t, "call replayed", call(t, s, "POST", "/batch", `[`+odd+`,`+user("bad", `"idempotency_key":"kb"`, `"age":""`)+`]`, keyHeader, "c").Body.String(), first.Body.String())
	a := batch(t, s, odd, user("bad", `"idempotency_key":"kb"`, `"age":""`), user("new", `"idempotency_key":"k"`), user("r", `"resource_id":"res-7"`))
	equal(t, "item keys and grants", codes(a), "201, 400 TYPE_MISMATCH, 409 IDEMPOTENCY_CONFLICT, 201")
	equal(t, "replayed", a.Responses[0].Replayed && a.Responses[1].Replayed, true)
	equal(t, "numbering", a.BatchID, "b-000002")
	equal(t, "batch results", call(t, s, "GET", "/batch-results/b-000001", "").Body.String(), result)
	for id, want := range map[string]int{"odd": 200, "theirs": 200, "old": 404, "gone": 404, "torn": 404} {
		equal(t, id, call(t, s, "GET", "/items/"+id, "").Code, want)
	}
	equal(t, "item call 3 is still scripted", decode(t, call(t, s, "POST", "/items", user("x"))).Error.Code, codeUnavailable)
	equal(t, "second meeting", call(t, s, "POST", "/items", user("down")).Code, 503)
	equal(t, "third", call(t, s, "POST", "/items", user("down")).Code, 201)
}

func TestExpiryAndRenewalSurvive(t *testing.T) {
	o := Options{StateFile: filepath.Join(t.TempDir(), "s"), Faults: []Fault{{Kind: Expire}}}
	s := open(t, o)
	equal(t, "expires", call(t, s, "POST", "/items", user("a")).Code, 401)
	s = open(t, o)
	equal(t, "still", call(t, s, "GET", "/items/a", "").Code, 401)
	must(t, s.Renew("new"))
	s = open(t, o)
	equal(t, "renewed", call(t, s, "POST", "/items", user("a"), "Authorization", "Bearer new").Code, 201)
}

func TestStateFileIsPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sandbox.jsonl")
	open(t, Options{StateFile: path})
	info, err := os.Stat(path)
	must(t, err)
	equal(t, "mode", info.Mode().Perm(), os.FileMode(0o600))
}

// Whatever byte the file was cut at, the sandbox opens with the whole lines
// before it and can go on.
func TestStateCutAtEveryByte(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "whole")
	s := open(t, Options{StateFile: path})
	call(t, s, "POST", "/items", user("a", `"idempotency_key":"k"`), keyHeader, "c")
	call(t, s, "POST", "/items", user("b"))
	must(t, s.Close())
	whole, err := os.ReadFile(path)
	must(t, err)
	cut := filepath.Join(dir, "cut")
	for n := range whole {
		must(t, os.WriteFile(cut, whole[:n], 0o600))
		s, err := New(Options{StateFile: cut})
		if err != nil {
			t.Fatalf("cut at byte %d: %v", n, err)
		}
		_, a := s.Item("a")
		_, b := s.Item("b")
		if b && !a {
			t.Fatalf("cut at byte %d: the second write without the first", n)
		}
		must(t, s.Close())
		after, err := os.ReadFile(cut)
		must(t, err)
		if !bytes.HasPrefix(whole, after) || (len(after) > 0 && after[len(after)-1] != '\n') {
			t.Fatalf("cut at byte %d: the file ends in %q", n, after)
		}
	}
}

func TestStateRefusals(t *testing.T) {
	dir := t.TempDir()
	damaged := filepath.Join(dir, "damaged")
	must(t, os.WriteFile(damaged, []byte("{\"t\":\"seen\"}\n{\"t\":\n{\"t\":\"seen\"}\n"), 0o600))
	for _, c := range []struct{ name, path, want string }{
		{"damaged in the middle", damaged, "line 2 is damaged"},
		{"a folder", dir, "open the sandbox state"},
		{"no folder", filepath.Join(dir, "none", "x"), "open the sandbox state"},
		{"a device", os.DevNull, "not a regular file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := New(Options{StateFile: c.path})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestStateThatCanNotBeWritten(t *testing.T) {
	s := open(t, Options{StateFile: filepath.Join(t.TempDir(), "s")})
	must(t, s.journal.file.Close())
	w := call(t, s, "POST", "/items", user("a"))
	equal(t, "status", w.Code, 500)
	equal(t, "code", decode(t, w).Error.Code, codeInternal)
	equal(t, "reads go on", call(t, s, "GET", "/items/old", "").Code, 500)
	if s.Close() == nil {
		t.Error("closing tells nothing of the failure")
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
