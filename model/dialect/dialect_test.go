package dialect

import (
	"bytes"
	"context"
	"testing"

	"retriage/model"
)

// file makes an input of text.
func file(text string) File {
	return File{Name: "test", R: bytes.NewReader([]byte(text)), Size: int64(len(text))}
}

// read opens and reads a response and, unless empty, a request.
func read(t *testing.T, response, request string) (*Reader, error) {
	t.Helper()
	var in Input
	if response != "" {
		in.Responses = []File{file(response)}
	}
	if request != "" {
		in.Requests = []File{file(request)}
	}
	r, err := Open(in)
	if err != nil {
		return nil, err
	}
	return r, r.Read(context.Background())
}

// mustRead is read for an input without a fault.
func mustRead(t *testing.T, response, request string) *Reader {
	t.Helper()
	r, err := read(t, response, request)
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	return r
}

// states lists how the items stand.
func states(b *model.Batch) (all []model.State) {
	for i := range b.Len() {
		all = append(all, b.State(i))
	}
	return all
}

func TestQuick(t *testing.T) {
	r := mustRead(t, `{"responses":[{"id":"a","status":201},{"id":"b","status":422,"error":{"code":"X","message":"m","field":"email"}},{"id":"c","status":200}],"summary":{"total":3,"succeeded":2,"failed":1}}`,
		`{"items":[{"id":"b","email":"x"},{"id":"a"},{"id":"z"},{"id":"c"}],"mode":"partial"}`)
	t.Log(r.Dialect().Name(), states(r.Batch()), r.Batch().Anomalies())
	it, err := r.Batch().Item(0)
	t.Logf("%+v %v %s", it, err, it.Payload.Body)
	out, ct, err := r.Dialect().Write(model.Chunk{Items: []model.SendItem{{ID: it.ID, Payload: it.Payload, Key: "k"}}}, model.Profile{KeyScope: "item", KeyField: "idempotency_key"})
	t.Logf("%s %s %v", out, ct, err)
	reply := r.Dialect().ParseReply([]byte(`{"responses":[{"id":"b","status":200}]}`), []model.SendItem{{Index: 7, ID: it.ID, Payload: it.Payload}})
	t.Logf("%+v", reply)
}
