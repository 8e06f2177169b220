package dialect

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"retriage/model"
)

// dialectOf reads a dialect's text.
func dialectOf(t testing.TB, name, text string) *Catalog {
	t.Helper()
	c, err := BuiltIn().WithText(name, []byte("name = \""+name+"\"\ntitle = \"t\"\nsend = \"batch\"\n"+text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const (
	linesText = `medium = "jsonl"
[items]
at = ["@this"]
id = ["id"]
[verdict]
status = ["status"]
ok = [2]
failed = [4, 5]
[request]
at = ["@this"]
wrap = true
id = ["_id"]
pair = ["index", "create"]
operations = { index = "PUT", create = "POST", delete = "DELETE" }
address = ["_index & _id | url /_doc/"]
default = "ITEMS\n"
separator = "\n"
type = "application/x-ndjson"
`
	tableText = `medium = "csv"
[items]
at = ["@this"]
id = ["Id"]
request = ["@this"]
[verdict]
error = ["x__Error"]
[failure]
code = ["x__Error"]
[request]
at = ["@this"]
id = ["Id"]
dropColumns = ["x__*"]
separator = "\n"
default = "ITEMS"
type = "text/csv"
`
	partsText = `medium = "multipart"
[items]
at = ["@this"]
id = ["id"]
headers = "headers"
body = "body"
group = ["atomicityGroup"]
[verdict]
status = ["status"]
ok = [2]
failed = [4, 5]
[failure]
code = ["body.error.code"]
[request]
at = ["@this"]
id = ["id"]
method = "method"
url = "url"
headers = "headers"
body = "body"
group = "atomicityGroup"
`
)

// readAs reads texts of one dialect.
func readAs(t testing.TB, c *Catalog, name, response, request string) (*Reader, error) {
	t.Helper()
	in := Input{Dialect: name, Catalog: c}
	if response != "" {
		in.Responses = []File{file(response)}
	}
	if request != "" {
		in.Requests = []File{file(request)}
	}
	r, err := Open(in)
	if err != nil {
		t.Fatal(err)
	}
	return r, r.Read(t.Context())
}

// itemTexts are the bytes of the items' requests.
func itemTexts(t testing.TB, b *model.Batch, of func(model.Item) string) (all []string) {
	t.Helper()
	for i := range b.Len() {
		it, err := b.Item(i)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, of(it))
	}
	return all
}

func TestLines(t *testing.T) {
	c := dialectOf(t, "lines", linesText)
	pairs := "\ufeff{\"index\":{\"_index\":\"a b\",\"_id\":\"1\"}}\r\n{\"n\": 1.10}\r\n\r\n{\"delete\":{\"_index\":\"a\",\"_id\":\"2\"}}\r\n{\"create\":{\"_index\":\"a\"}}\n {\"index\":{}} \n"
	r, err := readAs(t, c, "lines", "", pairs)
	equal(t, "error", err, nil)
	got := itemTexts(t, r.Batch(), func(it model.Item) string {
		return it.Payload.Method + " " + it.Payload.URL.Wire() + " " + string(it.Payload.Body)
	})
	equal(t, "items", strings.Join(got, "\n"), "PUT /a%20b/_doc/1 {\"n\": 1.10}\nDELETE /a/_doc/2 \nPOST  {\"index\":{}}")
	items := sending(t, r.Batch(), 0, 1, 2)
	body, _, err := r.Dialect().Write(model.Chunk{Items: items}, model.Profile{})
	equal(t, "error", err, nil)
	equal(t, "written", string(body), "{\"index\":{\"_index\":\"a b\",\"_id\":\"1\"}}\r\n{\"n\": 1.10}\n{\"delete\":{\"_index\":\"a\",\"_id\":\"2\"}}\n{\"create\":{\"_index\":\"a\"}}\n {\"index\":{}}\n")
	items[0].Payload.Body = []byte("{\n \"n\": 2\n}")
	body, _, err = r.Dialect().Write(model.Chunk{Items: items[:1]}, model.Profile{})
	equal(t, "error", err, nil)
	equal(t, "edited", string(body), "{\"index\":{\"_index\":\"a b\",\"_id\":\"1\"}}\r\n{\"n\":2}\n")
}

// TestBrokenLines keeps what came before a line that is broken or cut off.
func TestBrokenLines(t *testing.T) {
	c := dialectOf(t, "lines", linesText)
	for name, row := range map[string]struct {
		text  string
		items int
		is    any
	}{
		"cut":             {"{\"id\":1,\"status\":200}\n{\"id\":2,\"sta", 1, new(*TruncatedError)},
		"broken":          {"{\"id\":1,\"status\":200}\n{\"id\":2,,}\n{\"id\":3}\n", 1, new(*SyntaxError)},
		"two in a line":   {"{\"id\":1,\"status\":200} {\"id\":2}\n", 0, new(*SyntaxError)},
		"unclosed inside": {"{\"id\":1,\"status\":200}\n{\"id\":2\n{\"id\":3}\n", 1, new(*SyntaxError)},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := readAs(t, c, "lines", row.text, "")
			switch want := row.is.(type) {
			case **TruncatedError:
				equal(t, "truncated", errors.As(err, want), true)
			case **SyntaxError:
				equal(t, "broken", errors.As(err, want), true)
				if name != "two in a line" {
					equal(t, "line", (*want).Line, 2)
				}
			}
			equal(t, "items", r.Batch().Len(), row.items)
		})
	}
}

func TestTable(t *testing.T) {
	c := dialectOf(t, "table", tableText)
	text := "\"Id\",x__Error,Name,\"Long \"\"Name\"\"\"\r\n1,,\"a, b\",\"two\r\nlines \"\"x\"\"\"\r\n\r\n2,BAD,é,\r\n3,BAD,plain,text"
	r, err := readAs(t, c, "table", text, "")
	equal(t, "error", err, nil)
	b := r.Batch()
	equal(t, "items", b.Len(), 3)
	bodies := itemTexts(t, b, func(it model.Item) string { return string(it.Payload.Body) })
	equal(t, "first", bodies[0], "\"Id\",Name,\"Long \"\"Name\"\"\"\n1,\"a, b\",\"two\r\nlines \"\"x\"\"\"")
	equal(t, "open", len(b.Open()), 3) // a row without an error says neither yes nor no here
	body, kind, err := r.Dialect().Write(model.Chunk{Items: sending(t, b, 1, 2)}, model.Profile{})
	equal(t, "error", err, nil)
	equal(t, "written", string(body), "\"Id\",Name,\"Long \"\"Name\"\"\"\n2,é,\n3,plain,text\n")
	equal(t, "type", kind, "text/csv")
}

// TestTableUnderItsRequest writes rows under the header of the request, whose
// columns stand in another order and are parted by something else.
func TestTableUnderItsRequest(t *testing.T) {
	c := dialectOf(t, "table", tableText)
	request := "Name;Id\r\na;1\r\n\"b;c\";2\r\n"
	r, err := readAs(t, c, "table", "x__Error,Id,Name\nBAD,2,\"b;c\"\nBAD,1,a\n", request)
	equal(t, "error", err, nil)
	body, _, err := r.Dialect().Write(model.Chunk{Items: sending(t, r.Batch(), 0, 1)}, model.Profile{})
	equal(t, "error", err, nil)
	equal(t, "written", string(body), request)
	items := sending(t, r.Batch(), 0)
	items[0].Payload.Body = []byte("Id,Name\n1,\"x;y\"")
	body, _, err = r.Dialect().Write(model.Chunk{Items: items}, model.Profile{})
	equal(t, "error", err, nil)
	equal(t, "in order", string(body), "Name;Id\r\n\"x;y\";1\r\n")
	items[0].Payload.Body = []byte("Id\n1")
	_, _, err = r.Dialect().Write(model.Chunk{Items: items}, model.Profile{})
	var missing *ColumnError
	equal(t, "a column is missing", errors.As(err, &missing), true)
}

func TestBrokenTables(t *testing.T) {
	c := dialectOf(t, "table", tableText)
	for name, text := range map[string]string{
		"ragged": "Id,x__Error\n1,BAD\n2\n", "too many": "Id,x__Error\n1,BAD\n2,a,b\n", "open quote": "Id,x__Error\n1,BAD\n2,\"a\n",
		"after a quote": "Id,x__Error\n1,BAD\n2,\"a\"b\n",
	} {
		t.Run(name, func(t *testing.T) {
			r, err := readAs(t, c, "table", text, "")
			var syntax *SyntaxError
			var cut *TruncatedError
			if !errors.As(err, &syntax) && !errors.As(err, &cut) || r.Batch().Len() != 1 {
				t.Errorf("%d items, error %v", r.Batch().Len(), err)
			}
		})
	}
	_, err := readAs(t, c, "table", "Id,x__Error,Id\n1,,\n", "")
	equal(t, "twice", err != nil && strings.Contains(err.Error(), "called Id"), true)
}

const partsRequest = "--b1\r\nContent-Type: application/http\r\nContent-ID: 1\r\n\r\nPATCH /Orders(1) HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{\"price\": 1.10}\r\n" +
	"--b1\r\nContent-Type: multipart/mixed; boundary=c1\r\n\r\n--c1\r\nContent-Type: application/http\r\nContent-ID: 2\r\n\r\nPOST /Orders HTTP/1.1\r\nContent-Length: 7\r\n\r\n{\"a\":1}\r\n" +
	"--c1\r\nContent-Type: application/http\r\nContent-ID: 3\r\n\r\nDELETE /Orders(2) HTTP/1.1\r\n\r\n\r\n--c1--\r\n--b1--\r\n"

const partsResponse = "--r\r\nContent-Type: application/http\r\nContent-ID: 1\r\n\r\nHTTP/1.1 412 Precondition Failed\r\nContent-Type: application/json\r\n\r\n{\"error\":{\"code\":\"OLD\"}}\r\n" +
	"--r\r\nContent-Type: multipart/mixed; boundary=rc\r\n\r\n--rc\r\nContent-Type: application/http\r\nContent-ID: 2\r\n\r\nHTTP/1.1 201 Created\r\nLocation: /Orders(9)\r\n\r\n{}\r\n" +
	"--rc\r\nContent-Type: application/http\r\nContent-ID: 3\r\n\r\nHTTP/1.1 404 Not Found\r\n\r\nno such order\r\n--rc--\r\n--r--\r\nepilogue"

func TestParts(t *testing.T) {
	c := dialectOf(t, "parts", partsText)
	for _, ends := range []string{"\r\n", "\n"} {
		request, response := strings.ReplaceAll(partsRequest, "\r\n", ends), strings.ReplaceAll(partsResponse, "\r\n", ends)
		r, err := readAs(t, c, "parts", response, request)
		equal(t, "error", err, nil)
		b := r.Batch()
		equal(t, "items", b.Len(), 3)
		equal(t, "open", len(b.Open()), 3)
		first, _ := b.Failure(0)
		equal(t, "status", first.Failure.Status, 412)
		equal(t, "code", first.Failure.Code.Wire(), "OLD")
		second, _ := b.Failure(1)
		equal(t, "rolled back with its changeset", second.Failure.Reason, model.RolledBack)
		items := sending(t, b, 0, 1, 2)
		body, kind, err := r.Dialect().Write(model.Chunk{Items: items}, model.Profile{})
		equal(t, "error", err, nil)
		for _, it := range items {
			equal(t, "byte for byte", bytes.Contains(body, it.Payload.Envelope), true)
		}
		again, err := readAs(t, c, "parts", "", "Content-Type: "+kind+"\r\n\r\n"+string(body))
		equal(t, "error", err, nil)
		equal(t, "items again", again.Batch().Len(), 3)
		group := itemTexts(t, again.Batch(), func(it model.Item) string { return it.Payload.List })
		equal(t, "one changeset", group[0] == "" && group[1] != "" && group[1] == group[2], true)
		items[1].Payload.Body = []byte(`{"a":123}`)
		body, _, err = r.Dialect().Write(model.Chunk{Items: items[1:2]}, model.Profile{})
		equal(t, "error", err, nil)
		equal(t, "length", strings.Contains(string(body), "Content-Length: 9\r\n\r\n{\"a\":123}\r\n"), true)
	}
	for _, cut := range []int{40, 200, len(partsResponse) - 20} {
		r, err := readAs(t, c, "parts", partsResponse[:cut], "")
		var truncated *TruncatedError
		if !errors.As(err, &truncated) {
			t.Errorf("cut at %d: %d items, %v", cut, r.Batch().Len(), err)
		}
	}
}

// FuzzMedia reads anything as each medium: what is read is written and read
// again as the same items.
func FuzzMedia(f *testing.F) {
	names := []string{"lines", "table", "parts"}
	texts := []string{linesText, tableText, partsText}
	var catalogs []*Catalog
	for i, name := range names {
		catalogs = append(catalogs, dialectOf(f, name, texts[i]))
	}
	f.Add(uint8(0), []byte("{\"index\":{\"_id\":\"1\"}}\n{\"a\":1}\n{\"delete\":{}}\n"))
	f.Add(uint8(1), []byte("Id,Name\n1,\"a \"\"b\"\"\"\n"))
	f.Add(uint8(1), []byte("Id;Name\r\n\r\n1;\"a\r\nb\"\r\n"))
	f.Add(uint8(2), []byte(partsRequest))
	f.Add(uint8(2), []byte(partsResponse))
	f.Fuzz(func(t *testing.T, which uint8, text []byte) {
		k := int(which) % len(names)
		in := Input{Requests: []File{{R: bytes.NewReader(text), Size: int64(len(text))}}, Dialect: names[k], Catalog: catalogs[k]}
		r, err := Open(in)
		if err != nil || r.Read(t.Context()) != nil || r.Batch().Len() == 0 {
			return
		}
		var items []model.SendItem
		for i := range r.Batch().Len() {
			it, err := r.Batch().Item(i)
			if err != nil {
				t.Fatalf("item %d: %v", i, err)
			}
			items = append(items, model.SendItem{Index: i, ID: it.ID, Payload: it.Payload})
		}
		body, kind, err := r.Dialect().Write(model.Chunk{Items: items}, model.Profile{})
		if err != nil {
			return // a name twice, or another unsound body, is refused
		}
		if names[k] == "parts" {
			body = append([]byte("Content-Type: "+kind+"\r\n\r\n"), body...)
		}
		in.Requests[0] = File{R: bytes.NewReader(body), Size: int64(len(body))}
		again, err := Open(in)
		if err == nil {
			err = again.Read(t.Context())
		}
		if err != nil || again.Batch().Len() != len(items) {
			t.Fatalf("wrote %q: %v", body, err)
		}
		for i := range items {
			it, err := again.Batch().Item(i)
			if err != nil || !bytes.Equal(it.Payload.Body, items[i].Payload.Body) {
				t.Fatalf("item %d was %q, is %q (%v)", i, items[i].Payload.Body, it.Payload.Body, err)
			}
		}
	})
}
