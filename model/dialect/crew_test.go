package dialect

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"retriage/model"
)

// small are stretches so short that a small input has many of them.
var small = sizes{alone: 300, stretch: 700, stream: 500, overlap: 40}

// growing is an input that is still coming.
type growing struct{ *strings.Reader }

func (g growing) Available() int64 { return g.Reader.Size() }

// TestCrewReadsTheSame reads inputs with a crew and without: what comes out is
// the same, errors and all.
func TestCrewReadsTheSame(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	odd := []string{
		`"},{\"id\""`, `"\\"`, `"\u007d"`, `[[[]]]`, `{"id":{"status":500}}`, `null`, `true`, `-1.50e3`, `"{[}]"`, `""`, `{"a":"}"}`, `[1,{"status":404}]`,
	}
	for round := range 60 {
		var b strings.Builder
		b.WriteString(`{"responses":[`)
		for i := range 50 + rng.IntN(400) {
			if i > 0 {
				b.WriteString([]string{",", " ,\n", ",\r\n\t"}[rng.IntN(3)])
			}
			x, y := odd[rng.IntN(len(odd))], odd[rng.IntN(len(odd))]
			switch rng.IntN(6) {
			case 0:
				fmt.Fprintf(&b, `{"data":%s,"id":"i%d","status":%d,"more":%s}`, x, i, 200+rng.IntN(350), y)
			case 1:
				fmt.Fprintf(&b, `{"id":%d,"status":422,"error":{"code":"C%d","message":%q}}`, i, i%5, strings.Repeat("m", rng.IntN(900)))
			case 2:
				fmt.Fprintf(&b, `{"id":"i%d","status":500,"request":{"x":%s}}`, rng.IntN(i+1), x)
			case 3:
				fmt.Fprintf(&b, `{"id":"i%d","status":200,"status":500,"data":%s}`, i, x)
			case 4:
				b.WriteString(x)
			default:
				fmt.Fprintf(&b, `{"\u0069d":"e%d","status":"201 Created","data":%s}`, i, y)
			}
		}
		text := b.String() + `],"summary":{"total":3}}`
		if round%5 == 4 {
			text = text[:len(text)*rng.IntN(100)/100]
		}
		whole := File{R: strings.NewReader(text), Size: int64(len(text))}
		alone, aloneErr := readWhole(t, whole, sizes{})
		for name, f := range map[string]File{"crew": whole, "stream": {R: growing{strings.NewReader(text)}}} {
			crewed, err := readWhole(t, f, small)
			equal(t, name+": error", fmt.Sprint(err), fmt.Sprint(aloneErr))
			equal(t, name+": batch", crewed, alone)
		}
	}
}

// readWhole reads a file of generic-207 and tells all that came of it.
func readWhole(t *testing.T, f File, s sizes) (string, error) {
	t.Helper()
	r, err := Open(Input{Responses: []File{f}, Dialect: "generic-207"})
	if err != nil {
		return "", err
	}
	r.sizes = s
	err = r.Read(t.Context())
	var b strings.Builder
	for i := range r.Batch().Len() {
		fmt.Fprintf(&b, "%d %s", i, r.Batch().State(i))
		if rec, bad := r.Batch().Failure(i); bad {
			fmt.Fprintf(&b, " %s %d %q %q %v %v", rec.ID.JSON(), rec.Failure.Status, rec.Failure.Code.Wire(), rec.Failure.Message.Wire(), rec.Response, rec.Request)
		}
		b.WriteByte('\n')
	}
	fmt.Fprint(&b, r.Batch().Anomalies())
	return b.String(), err
}

// stopping is an input that ends the reading of itself in the middle.
type stopping struct {
	io.ReaderAt
	at   int64
	stop func()
}

func (s stopping) ReadAt(p []byte, off int64) (int, error) {
	if off >= s.at {
		s.stop()
	}
	return s.ReaderAt.ReadAt(p, off)
}

// TestStoppedReadingIsKept keeps what was read before an operator stopped it, and
// says that the rest is missing; and a reading that was called off is not done.
func TestStoppedReadingIsKept(t *testing.T) {
	text := generic(6 << 20)
	for _, cause := range []error{ErrStopped, context.Canceled} {
		ctx, stop := context.WithCancelCause(t.Context())
		r, err := Open(Input{Responses: []File{{R: stopping{bytes.NewReader(text), 3 << 20, func() { stop(cause) }}}}})
		if err != nil {
			t.Fatal(err)
		}
		err = r.Read(ctx)
		n := r.Batch().Len()
		equal(t, "error", errors.Is(err, cause), true)
		equal(t, "complete", r.Batch().Complete(), cause == ErrStopped) //nolint:errorlint // the very one
		if n == 0 || n > 16000 {
			t.Errorf("%d items were read", n)
		}
		if cause == ErrStopped { //nolint:errorlint // the very one
			equal(t, "anomalies", kinds(r.Batch()), "truncated")
		}
	}
}

func TestIDTable(t *testing.T) {
	var table idTable
	rng := rand.New(rand.NewPCG(3, 4))
	want := map[hash]int{}
	for item := range 60_000 {
		h := hash(rng.Uint64()) | 1
		if item > 9_000 && item%3 == 0 {
			continue // an item without an id
		}
		table.add(h, item, item%2 == 0)
		want[h] = item
	}
	for h, item := range want {
		if got, ok := table.find(h); !ok || got != item {
			t.Fatalf("found %d, %v, want %d", got, ok, item)
		}
		if _, ok := table.find(h ^ 1<<40); ok && want[h^1<<40] == 0 {
			t.Fatal("found what is not there")
		}
	}
	if hashID([]byte("1"), true) == hashID([]byte("1"), false) {
		t.Error("1 is \"1\"")
	}
	if d := newDialect(known(t, "ms-graph")); d.hashOf(model.TextID("A")) != d.hashOf(model.TextID("a")) {
		t.Error("ids that differ in case are two")
	}
}

func known(t *testing.T, name string) *spec {
	t.Helper()
	d, err := ByName(name)
	if err != nil {
		t.Fatal(err)
	}
	return d.spec
}
