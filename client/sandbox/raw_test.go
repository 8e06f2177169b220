package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
)

func unmarshal(t testing.TB, b []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatalf("%v in %q", err, b)
	}
}

func TestWithoutAndWith(t *testing.T) {
	for _, c := range []struct{ name, in, without, with string }{
		{"first", `{"k":1, "b":2}`, `{"b":2}`, `{"k":9, "b":2}`},
		{"middle", `{"a":0 ,"k" : [1,{"k":2}] , "b":2}`, `{"a":0 ,"b":2}`, `{"a":0 ,"k" : 9 , "b":2}`},
		{"last", `{"a":0 , "k":"x" }`, `{"a":0  }`, `{"a":0 , "k":9 }`},
		{"only", ` { "k":true } `, ` {  } `, ` { "k":9 } `},
		{"none", `{ "a":"k" }`, `{ "a":"k" }`, `{ "a":"k","k":9 }`},
		{"empty", `{ }`, `{ }`, `{ "k":9}`},
		{"escaped name", `{"\u006b":1}`, `{}`, `{"\u006b":9}`},
		{"tricky text", `{"a":"}\\\",{","k":"\"}"}`, `{"a":"}\\\",{"}`, `{"a":"}\\\",{","k":9}`},
	} {
		equal(t, c.name+" without", string(without([]byte(c.in), "k")), c.without)
		equal(t, c.name+" with", string(with([]byte(c.in), "k", []byte("9"))), c.with)
	}
}

func TestCheckJSON(t *testing.T) {
	for _, c := range []struct {
		in   string
		want error
	}{
		{`{"a":[1,-2.5e10,"x"]}`, nil},
		{`{"a":"[[[[1e9999"}`, nil},
		{`1e0000000000001`, nil},
		{`1e9999`, errBigNumber},
		{string(bytes.Repeat([]byte("9"), maxNumber+1)), errBigNumber},
		{string(bytes.Repeat([]byte("9"), maxNumber)), nil},
		{string(bytes.Repeat([]byte("["), 1<<20)), errTooDeep},
		{"\"\xff\"", errNotUTF8},
		{`{"a"`, errNotJSON},
		{`"`, errNotJSON},
		{`"\`, errNotJSON},
	} {
		if got := checkJSON([]byte(c.in)); !errors.Is(got, c.want) {
			t.Errorf("%.40q: got %v, want %v", c.in, got, c.want)
		}
	}
}

// Cutting an object into members must agree with the JSON package.
func FuzzMembers(f *testing.F) {
	f.Add([]byte(`{"a":1,"b":{"c":[true,null]},"idempotency_key":"k"}`))
	f.Add([]byte(" {\"a\" : \"\\\"}\" ,\n\"b\":-1.5e3 } "))
	f.Fuzz(func(t *testing.T, b []byte) {
		if checkJSON(b) != nil {
			return
		}
		var want map[string]json.RawMessage
		if json.Unmarshal(b, &want) != nil || want == nil {
			return
		}
		ms := members(b)
		got := map[string]string{}
		for _, m := range ms {
			got[m.name] = string(b[m.value:m.end])
		}
		for name, value := range want {
			if got[name] != string(value) {
				t.Fatalf("%q: member %q is %q, want %q", b, name, got[name], value)
			}
		}
		if duplicate(ms) == "" {
			cut, set := without(b, "idempotency_key"), with(b, "idempotency_key", []byte(`[9]`))
			if !json.Valid(cut) || lookup(cut, "idempotency_key") != nil {
				t.Fatalf("%q: cut to %q", b, cut)
			}
			if !json.Valid(set) || string(lookup(set, "idempotency_key")) != `[9]` {
				t.Fatalf("%q: set to %q", b, set)
			}
		}
	})
}
