package dialect

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"retriage/model"
)

var keyed = model.Profile{KeyScope: model.ItemKey, KeyField: "idempotency_key"}

func TestWriteGeneric(t *testing.T) {
	r := mustRead(t, sample(t, "generic-207.response.json"), sample(t, "generic-207.request.json"))
	out, contentType, err := r.Dialect().Write(model.Chunk{Items: sending(t, r.Batch(), 1, 5)}, model.Profile{})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "content type", contentType, "application/json")
	equal(t, "batch", string(out),
		`{"ledger":7,"items":[{ "id" : "inv-2",  "amount": 1e2, "due": {"on": "tomorrow"} },{"id": "inv-5", "amount": 100000000000000000005}]}`)
}

// TestShapes writes a retry into the shape of the request that was read.
func TestShapes(t *testing.T) {
	cases := []struct{ name, request, want string }{
		{"items", `{"items":[{"id":1,"a":1},{"id":2}]}`, `{"items":[{"id":2}]}`},
		{"bare array", `[{"id":1,"a":1}, {"id":2} ]`, `[{"id":2}]`},
		{"requests", `{"requests":[{"id":1},{"id":2, "method":"PUT","url":"/x","body":{ }}]}`, `{"requests":[{"id":2, "method":"PUT","url":"/x","body":{ }}]}`},
		{"more members", `{"mode":"strict","items":[{"id":1},{"id":2}],"idempotency_key":"once","tenant":{"a":[1]}}`, `{"mode":"strict","items":[{"id":2}],"tenant":{"a":[1]}}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := mustRead(t, `{"responses":[{"id":1,"status":200},{"id":2,"status":500}]}`, c.request)
			out, _, err := r.Dialect().Write(model.Chunk{Items: sending(t, r.Batch(), 1)}, model.Profile{})
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "batch", string(out), c.want)
		})
	}
	d, _ := ByName("generic-207")
	out, _, err := d.Write(model.Chunk{Items: []model.SendItem{{Payload: model.Payload{Body: []byte(`{"a":1}`), Known: true}}}}, model.Profile{})
	equal(t, "no request was read", string(out), `{"items":[{"a":1}]}`)
	equal(t, "error", err, nil)
}

func TestKeyInJSON(t *testing.T) {
	d, _ := ByName("generic-207")
	cases := []struct{ name, body, want string }{
		{"at the end", `{ "id" : 1 , "n": 1e2 }`, `{ "id" : 1 , "n": 1e2 ,"idempotency_key":"k\"1"}`},
		{"in place", `{"idempotency_key" : "old", "n": 1}`, `{"idempotency_key" : "k\"1", "n": 1}`},
		{"not in a child", `{"x":{"idempotency_key":"old"}}`, `{"x":{"idempotency_key":"old"},"idempotency_key":"k\"1"}`},
		{"empty", `{}`, `{"idempotency_key":"k\"1"}`},
		{"no object", `[1]`, ""},
		{"a member twice", `{"a":1,"a":2}`, ""},
		{"a member twice, escaped", `{"a":1,"\u0061":2}`, ""},
		{"broken", `{"a":1,}`, ""},
		{"rest", `{"a":1} x`, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			it := model.SendItem{Key: `k"1`, Payload: model.Payload{Body: []byte(c.body), Known: true}}
			out, _, err := d.WriteOne(it, keyed)
			if (err != nil) != (c.want == "") {
				t.Fatalf("error: %v", err)
			}
			if err != nil {
				return
			}
			if !json.Valid(out) {
				t.Errorf("not JSON: %s", out)
			}
			equal(t, "body", strings.Join(strings.Fields(string(out)), ""), strings.Join(strings.Fields(c.want), ""))
			equal(t, "the start stays", strings.HasPrefix(string(out), c.want[:strings.IndexAny(c.want, ":]")]), true)
		})
	}
}

func TestKeyOfCalls(t *testing.T) {
	const one = `{"id":"1","method":"POST","url":"/x","headers":{"content-type":"a/b"},"body":{"n":1}}`
	r := mustRead(t, "", `{"requests":[`+one+`,{"id":"2","method":"GET","url":"/y","headers":{}}]}`)
	items := sending(t, r.Batch(), 0, 1)
	items[0].Key, items[1].Key = "k1", "k2"
	out, _, err := r.Dialect().Write(model.Chunk{Items: items[:1]}, keyed)
	equal(t, "error", err, nil)
	equal(t, "in the body", string(out), `{"requests":[{"id":"1","method":"POST","url":"/x","headers":{"content-type":"a/b"},"body":{"n":1,"idempotency_key":"k1"}}]}`)
	out, _, err = r.Dialect().Write(model.Chunk{Items: items[:1]}, model.Profile{KeyScope: model.ItemKey, KeyField: "headers.Idempotency-Key"})
	equal(t, "error", err, nil)
	equal(t, "in the headers", string(out), `{"requests":[{"id":"1","method":"POST","url":"/x","headers":{"content-type":"a/b","Idempotency-Key":"k1"},"body":{"n":1}}]}`)
	out, _, err = r.Dialect().WriteOne(items[0], keyed)
	equal(t, "error", err, nil)
	equal(t, "alone", string(out), `{"n":1,"idempotency_key":"k1"}`)
	out, _, err = r.Dialect().Write(model.Chunk{Items: items[1:]}, keyed)
	equal(t, "error", err, nil)
	equal(t, "no body, no key", string(out), `{"requests":[{"id":"2","method":"GET","url":"/y","headers":{}}]}`)
	_, _, err = r.Dialect().Write(model.Chunk{Items: items[:1]}, model.Profile{KeyScope: model.CallKey, KeyField: "idempotency_key"})
	equal(t, "key of the call", err, nil)
}

func TestEditedCalls(t *testing.T) {
	const one = `{ "id": "1",  "url": "/x", "method":"POST", "headers": {"A":"1", "B":"2"} , "body": {"n": 1.0}, "if":"*" }`
	cases := []struct {
		name string
		edit func(*model.Payload)
		want string
	}{
		{"nothing", func(*model.Payload) {}, one},
		{"body", func(p *model.Payload) { p.Body = []byte(`{"n": 2}`) }, strings.Replace(one, `{"n": 1.0}`, `{"n": 2}`, 1)},
		{"URL", func(p *model.Payload) { p.URL = model.Foreign("/y?a=1&b=<2>") }, strings.Replace(one, `"/x"`, `"/y?a=1&b=<2>"`, 1)},
		{"method", func(p *model.Payload) { p.Method = "PUT" }, strings.Replace(one, "POST", "PUT", 1)},
		{"header", func(p *model.Payload) { p.Headers["B"] = "3" }, strings.Replace(one, `"B":"2"`, `"B":"3"`, 1)},
		{"new header", func(p *model.Payload) { p.Headers["If-Match"] = "*" }, strings.Replace(one, `"B":"2"`, `"B":"2","If-Match":"*"`, 1)},
		{"header gone", func(p *model.Payload) { delete(p.Headers, "A") }, strings.Replace(one, `{"A":"1", "B":"2"}`, `{ "B":"2"}`, 1)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := mustRead(t, "", `{"requests":[`+one+`]}`)
			items := sending(t, r.Batch(), 0)
			c.edit(&items[0].Payload)
			out, _, err := r.Dialect().Write(model.Chunk{Items: items}, model.Profile{})
			equal(t, "error", err, nil)
			equal(t, "batch", string(out), `{"requests":[`+c.want+`]}`)
		})
	}
	r := mustRead(t, "", `{"requests":[`+one+`]}`)
	items := sending(t, r.Batch(), 0)
	items[0].Payload.Body = []byte(`{"n":`)
	if _, _, err := r.Dialect().Write(model.Chunk{Items: items}, model.Profile{}); err == nil {
		t.Error("a broken body was written")
	}
}

func TestReferencesLeftOut(t *testing.T) {
	request := `{"requests":[{"id":"1","method":"POST","url":"/a"},{"id":"2","method":"POST","url":"/b"},
		{"id":"3","dependsOn":["1", "2"],"method":"POST","url":"/c"},{"id":4,"method":"POST","url":"/d","dependsOn":["1"]}]}`
	cases := []struct {
		name  string
		items []int
		want  string
	}{
		{"all there", []int{0, 1, 2}, `"dependsOn":["1", "2"]`},
		{"one gone", []int{1, 2}, `"dependsOn":["2"]`},
		{"all gone", []int{2}, `{"id":"3","method":"POST","url":"/c"}`},
		{"last member", []int{3}, `{"id":4,"method":"POST","url":"/d"}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := mustRead(t, "", request)
			out, _, err := r.Dialect().Write(model.Chunk{Items: sending(t, r.Batch(), c.items...)}, model.Profile{})
			equal(t, "error", err, nil)
			if !strings.Contains(string(out), c.want) || !json.Valid(out) {
				t.Errorf("%s is not in %s", c.want, out)
			}
		})
	}
}

func TestNothingToWrite(t *testing.T) {
	r := mustRead(t, sample(t, "generic-207.response.json"), "")
	_, _, err := r.Dialect().Write(model.Chunk{Items: sending(t, r.Batch(), 1)}, model.Profile{})
	if !errors.Is(err, ErrNoRequest) {
		t.Errorf("got %v", err)
	}
}

// TestRoundTrip: what is written of unedited items holds their exact bytes, in
// order, and reads back as them.
func TestRoundTrip(t *testing.T) {
	value := rapid.OneOf(
		rapid.Map(rapid.String(), func(s string) string { b, _ := json.Marshal(s); return string(b) }),
		rapid.SampledFrom([]string{"1", "-0.50", "1e3", "12345678901234567890", "null", "[ ]", `{"a" : [1,{}]}`, `"\u00e9\/"`, "true"}),
	)
	rapid.Check(t, func(t *rapid.T) {
		space := rapid.SampledFrom([]string{"", " ", "\n\t", "\r\n"})
		n := rapid.IntRange(1, 6).Draw(t, "n")
		calls := rapid.Bool().Draw(t, "calls")
		var all []string
		for i := range n {
			gap := space.Draw(t, "gap")
			id, _ := json.Marshal(i)
			one := "{" + gap + `"id":` + gap + string(id) + "," + gap + `"x":` + value.Draw(t, "value") + gap + "}"
			if calls {
				one = `{"id":` + string(id) + gap + `,"method":"POST","url":"/x","headers":{},"body":` + gap + one + "}"
			}
			all = append(all, one)
		}
		at := rapid.SampledFrom([]string{"items", "requests"}).Draw(t, "at")
		text := `{"` + at + `":[` + strings.Join(all, space.Draw(t, "sep")+",") + "]}"
		r, err := Open(Input{Requests: []File{file(text)}, Dialect: "generic-207"})
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Read(t.Context()); err != nil {
			t.Fatal(err)
		}
		var items []model.SendItem
		for i := range n {
			it, err := r.Batch().Item(i)
			if err != nil {
				t.Fatal(err)
			}
			items = append(items, model.SendItem{Index: i, ID: it.ID, Payload: it.Payload})
		}
		out, _, err := r.Dialect().Write(model.Chunk{Items: items}, model.Profile{})
		if err != nil {
			t.Fatal(err)
		}
		if want := `{"` + at + `":[` + strings.Join(all, ",") + "]}"; string(out) != want {
			t.Fatalf("got  %s\nwant %s", out, want)
		}
	})
}

// TestOddNames sets members whose names mean something in a path.
func TestOddNames(t *testing.T) {
	for _, name := range []string{"a.b", "1", "-1", "@this", "a|b", "a*b?", "#", `q"uote`, `back\slash`, "é", ":c", "a:b", "{x}", "[0]", "!", "x y", "~", "%"} {
		t.Run(name, func(t *testing.T) {
			object, err := setRaw([]byte(`{"z":1}`), name, []byte(`"one"`))
			if err != nil {
				t.Fatal(err)
			}
			object, err = setRaw(object, name, []byte(`"two"`))
			if err != nil {
				t.Fatal(err)
			}
			var got map[string]any
			if err := json.Unmarshal(object, &got); err != nil || len(got) != 2 || got[name] != "two" {
				t.Fatalf("%s: %v, %v", object, got, err)
			}
			object, err = splice(object, []change{{sjsonName(name), nil}})
			equal(t, "error", err, nil)
			equal(t, "gone", string(object), `{"z":1}`)
		})
	}
}

// Two requests about one item may not go in one BatchWriteItem. Which members name
// an item of a table is known from what is deleted there.
func TestAPutAndADeleteOfOneItemClash(t *testing.T) {
	d, err := ByName("dynamodb-batch-write")
	if err != nil {
		t.Fatal(err)
	}
	put := func(table, key, more string) model.SendItem {
		return model.SendItem{ID: model.TextID("put " + key), Payload: model.Payload{Known: true, List: table,
			Body: []byte(`{"PutRequest":{"Item":{"v":{"N":"1"},"pk":{"S": "` + key + `"}` + more + `}}}`)}}
	}
	del := func(table, key string) model.SendItem {
		return model.SendItem{ID: model.TextID("delete " + key), Payload: model.Payload{Known: true, List: table,
			Body: []byte(`{"DeleteRequest":{"Key":{"pk":{"S":"` + key + `"}}}}`)}}
	}
	for name, c := range map[string]struct {
		items []model.SendItem
		clash bool
	}{
		"one item":          {[]model.SendItem{put("M", "a", ""), del("M", "a")}, true},
		"two puts of one":   {[]model.SendItem{put("M", "a", ""), put("M", "a", `,"w":{"N":"2"}`), del("M", "b")}, true},
		"two items":         {[]model.SendItem{put("M", "a", ""), del("M", "b")}, false},
		"of two tables":     {[]model.SendItem{put("M", "a", ""), del("N", "a")}, false},
		"puts, key unknown": {[]model.SendItem{put("M", "a", ""), put("M", "b", "")}, false},
	} {
		_, _, err := d.Write(model.Chunk{Items: c.items}, model.Profile{})
		var clash *ClashError
		if errors.As(err, &clash) != c.clash || !c.clash && err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
