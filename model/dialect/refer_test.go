package dialect

import (
	"errors"
	"strings"
	"testing"

	"retriage/model"
)

func TestAReferenceGoesWithWhatItNames(t *testing.T) {
	request := `{"requests":[` +
		`{"id":"1","method":"post","url":"/Orders","headers":{},"body":{}},` +
		`{"id":"2","dependsOn":["1"],"method":"post","url":"/$1/Lines","headers":{},"body":{}},` +
		`{"id":"3","dependsOn":["1"],"method":"post","url":"/Notes","headers":{},"body":{"Order@odata.bind":"$1"}},` +
		`{"id":"4","dependsOn":["1"],"method":"post","url":"/Notes","headers":{},"body":{"Cost":"$1.50","All":"$10"}},` +
		`{"id":"5","atomicityGroup":"g","method":"post","url":"/Notes","headers":{},"body":{"Cost":"$1"}},` +
		`{"id":"6","atomicityGroup":"g","method":"post","url":"/Notes","headers":{},"body":{}}]}`
	response := `{"responses":[{"id":"1","status":503},{"id":"2","status":424},{"id":"3","status":424},{"id":"4","status":424},{"id":"5","status":400},{"id":"6","status":424}]}`
	r, err := Open(Input{Responses: []File{file(response)}, Requests: []File{file(request)}, Dialect: "odata-json"})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	b := r.Batch()
	for _, c := range []struct {
		name  string
		items []int
		gone  string // what is missed, "" = nothing
	}{
		{"with it", []int{0, 1, 2, 3}, ""},
		{"url", []int{1}, "1"},
		{"body", []int{2}, "1"},
		{"an amount, and a longer id", []int{3}, ""},
		{"nothing that it depends on", []int{4, 5}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, _, err := r.Dialect().Write(model.Chunk{Items: sending(t, b, c.items...)}, model.Profile{})
			var ref *ReferenceError
			if errors.As(err, &ref) != (c.gone != "") || ref != nil && ref.Missing.Wire() != c.gone {
				t.Fatalf("error %v, wrote %s", err, out)
			}
			if err != nil && !strings.Contains(err.Error(), "refers to 1,") {
				t.Errorf("it says %v", err)
			}
		})
	}
	for i, refs := range []int{0, 1, 1, 0, 0, 0} {
		f, _ := b.Failure(i)
		equal(t, "references", len(f.Failure.Refs), refs)
		equal(t, "in a group", f.Failure.Group != "", i > 3)
	}
	f, _ := b.Failure(4)
	g, _ := b.Failure(5)
	equal(t, "one group", f.Failure.Group, g.Failure.Group)
}

// TestAReferenceBecomesWhatWasMade sends an item without what it speaks of: the
// address of what was made takes its place, and nothing else changes.
func TestAReferenceBecomesWhatWasMade(t *testing.T) {
	d, err := ByName("odata-json")
	if err != nil {
		t.Fatal(err)
	}
	envelope := `{"id":"2","dependsOn":["1"],"method":"post","url":"/$1/Lines?x=1","headers":{},"body":{"Order@odata.bind":"$1", "Cost":"$1.50", "$1":true,"at":"$1/Items"}}`
	payload := jsonMedium{}.payload(d, []byte(envelope), nil)
	made := []model.Made{{ID: model.TextID("1"), Location: model.Foreign("https://api.example.com/v4/Orders(7)")}}
	out, _, err := d.Write(model.Chunk{Items: []model.SendItem{{ID: model.TextID("2"), Payload: payload, Made: made}}}, model.Profile{})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "written", string(out), `{"requests":[{"id":"2","method":"post","url":"/v4/Orders(7)/Lines?x=1","headers":{},`+
		`"body":{"Order@odata.bind":"/v4/Orders(7)", "Cost":"$1.50", "$1":true,"at":"/v4/Orders(7)/Items"}}]}`)
}

// A URL that begins with another item's id is a reference whether or not the
// request says that it depends on it; the words of OData are none.
func TestAURLThatBeginsWithAnItemNeedsNoWordOfIt(t *testing.T) {
	d, err := ByName("odata-json")
	if err != nil {
		t.Fatal(err)
	}
	made := []model.Made{{ID: model.TextID("1"), Location: model.Foreign("https://api.example.com/v4/Orders(7)")}}
	for url, want := range map[string]string{
		"$1": "/v4/Orders(7)", "/$1/Lines": "/v4/Orders(7)/Lines", "$9": "", "$metadata": "$metadata", "$crossjoin(A,B)": "$crossjoin(A,B)", "Orders/$count": "Orders/$count",
	} {
		payload := jsonMedium{}.payload(d, []byte(`{"id":"2","method":"get","url":"`+url+`"}`), nil)
		got, err := d.Resolve(model.SendItem{ID: model.TextID("2"), Payload: payload, Made: made})
		if (err != nil) != (want == "") || err == nil && got.URL.Wire() != want {
			t.Errorf("%s becomes %q, %v", url, got.URL.Wire(), err)
		}
	}
}

func TestAReferenceToAFieldIsNotLeftDangling(t *testing.T) {
	d, err := ByName("salesforce-composite")
	if err != nil {
		t.Fatal(err)
	}
	payload := jsonMedium{}.payload(d, []byte(`{"method":"POST","url":"/s","referenceId":"b","body":{"N":"@{a.Name}"}}`), nil)
	made := []model.Made{{ID: model.TextID("a"), ServerID: model.Foreign("001A")}}
	_, _, err = d.Write(model.Chunk{Items: []model.SendItem{{Index: 4, ID: model.TextID("b"), Payload: payload, Made: made}}}, model.Profile{})
	var one *ItemError
	var ref *ReferenceError
	if !errors.As(err, &ref) || !errors.As(err, &one) || one.Item() != 4 {
		t.Errorf("it says %v", err)
	}
}
