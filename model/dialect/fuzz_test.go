package dialect

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"testing"

	"retriage/model"
)

// sampleText is a hand-written file, for tables and seeds.
func sampleText(name string) string {
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		panic(err)
	}
	return string(b)
}

var samples = []string{
	"generic-207.response.json", "generic-207.request.json", "odata-json.response.json", "odata-json.request.json",
	"ms-graph.response.json", "ms-graph.request.json", "soap-batch.response.xml", "soap-batch.request.xml",
}

// FuzzRead: whatever the bytes, reading ends with an error or a batch, never with
// fewer items than it counted. An item that is sound can be read back; one that
// is not says so.
func FuzzRead(f *testing.F) {
	for _, name := range samples {
		f.Add([]byte(sampleText(name)), []byte(nil))
	}
	f.Add([]byte(sampleText(samples[0])), []byte(sampleText(samples[1])))
	f.Add([]byte(sampleText(samples[2])), []byte(sampleText(samples[3])))
	f.Add([]byte(sampleText(samples[6])), []byte(sampleText(samples[7])))
	f.Add([]byte(`{"responses":[{"id":1,"id":1,"status":"\ud800"},{}`), []byte(`[{"id":1},{"id":1}]`))
	f.Fuzz(func(t *testing.T, response, request []byte) {
		for _, name := range append(Names(), "") {
			in := Input{Responses: []File{{R: bytes.NewReader(response), Size: int64(len(response))}}, Dialect: name}
			if len(request) > 0 {
				in.Requests = []File{{R: bytes.NewReader(request), Size: int64(len(request))}}
			}
			r, err := Open(in)
			if err != nil {
				continue
			}
			err = r.Read(context.Background())
			b := r.Batch()
			if !b.Complete() {
				t.Fatalf("not complete: %v", err)
			}
			for i := range b.Len() {
				it, err := b.Item(i)
				if errors.Is(err, ErrBroken) && r.Dialect().want != nil {
					continue
				}
				if err != nil {
					t.Fatalf("item %d of %d: %v", i, b.Len(), err)
				}
				if _, failed := b.Failure(i); failed != (b.State(i) != model.OK) {
					t.Fatalf("item %d is %s, and has a failure: %t", i, b.State(i), failed)
				}
				writeBack(t, r.Dialect(), it)
			}
		}
	})
}

// writeBack writes an item that was read: JSON stays JSON.
func writeBack(t *testing.T, d *Dialect, it model.Item) {
	send := model.SendItem{ID: it.ID, Payload: it.Payload, Key: "k"}
	out, _, err := d.WriteOne(send, model.Profile{KeyScope: model.ItemKey, KeyField: "idempotency_key"})
	if err == nil && it.Payload.Medium == model.JSON && out != nil && !json.Valid(out) {
		t.Fatalf("no JSON: %q", out)
	}
}

// FuzzReply: whatever the bytes, an item has at most one outcome, and none when
// there is a problem.
func FuzzReply(f *testing.F) {
	for _, name := range samples {
		f.Add([]byte(sampleText(name)))
	}
	f.Add([]byte(`{"responses":[{"id":"a","status":200},{"id":"a","status":500},{"id":"inv-1"}]}`))
	asked := []model.SendItem{{Index: 0, ID: model.TextID("inv-1")}, {Index: 1, ID: model.TextID("2")}, {Index: 2, ID: model.TextID("p1")}}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, name := range Names() {
			d, err := ByName(name)
			if err != nil {
				t.Fatal(err)
			}
			got := d.ParseReply(body, asked)
			seen := map[int]bool{}
			for _, o := range got.Outcomes {
				if seen[o.Index] || o.Answer.State != model.OK && o.Answer.State != model.Failed {
					t.Fatalf("outcome %+v", o)
				}
				seen[o.Index] = true
			}
			if got.Problem != "" && (len(got.Outcomes)+len(got.Extra) > 0 || got.Refusal != nil) {
				t.Fatalf("a problem and more: %+v", got)
			}
			d.ParseOne(200, nil, body, asked[0])
		}
	})
}

// FuzzScan: the scanner takes what encoding/json takes, and nothing else.
func FuzzScan(f *testing.F) {
	for _, s := range []string{`{"a":[1,-2.5e+3,"\u00e9\n",true,false,null,{}]}`, `01`, `"\x"`, `[1,]`, `-`, `1.`, " 7 ", `{"a" :1}`, "\"\x01\""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		e, fault := parseElement(b)
		if valid := json.Valid(b); valid != (fault == sound) && fault != deep {
			t.Fatalf("%q: encoding/json says %t, the scanner %v", b, valid, fault)
		}
		if fault == sound && !json.Valid(e.raw) {
			t.Fatalf("raw is no JSON: %q", e.raw)
		}
		if why := checkStrict(b); why == "" && !json.Valid(b) {
			t.Fatalf("%q passed the strict check", b)
		}
	})
}
