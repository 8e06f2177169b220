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

// rounds are fewer in a short test.
func rounds(n int) int {
	if testing.Short() {
		return n / 4
	}
	return n
}

// growing is an input that is still coming.
type growing struct{ *strings.Reader }

func (g growing) Available() int64 { return g.Size() }

// TestCrewReadsTheSame reads inputs with a crew and without: what comes out is
// the same, errors and all.
func TestCrewReadsTheSame(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	odd := []string{
		`"},{\"id\""`, `"\\"`, `"\u007d"`, `[[[]]]`, `{"id":{"status":500}}`, `null`, `true`, `-1.50e3`, `"{[}]"`, `""`, `{"a":"}"}`, `[1,{"status":404}]`,
	}
	for round := range rounds(60) {
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
		sameWithCrew(t, "generic-207", text)
	}
}

// sameWithCrew reads a text without a crew, with one, and as a stream.
func sameWithCrew(t *testing.T, dialect, text string) {
	t.Helper()
	whole := File{R: strings.NewReader(text), Size: int64(len(text))}
	alone, _, aloneErr := readWhole(t, dialect, whole, sizes{})
	for name, f := range map[string]File{"crew": whole, "stream": {R: growing{strings.NewReader(text)}}} {
		crewed, stretches, err := readWhole(t, dialect, f, small)
		equal(t, name+": error", fmt.Sprint(err), fmt.Sprint(aloneErr))
		equal(t, name+": batch", crewed, alone)
		if len(text) > 8000 && aloneErr == nil && stretches == 0 {
			t.Errorf("%s: the crew did nothing", name)
		}
	}
}

// TestCrewOfEveryMedium does the same in all media that can be entered in their
// middle, over items that look as if others began inside of them.
func TestCrewOfEveryMedium(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	pick := func(of ...string) string { return of[rng.IntN(len(of))] }
	for _, row := range []struct {
		dialect, head, tail string
		item                func(i int) string
	}{
		{"generic-jsonl", "", "", func(i int) string {
			return fmt.Sprintf(`{"id":"i%d","status":%s,"data":{"x":"\n{\"id\":\"no\",\"status\":500}"}}`, i-rng.IntN(3), pick("200", "422", `"500"`)) + pick("\n", "\r\n", "\n \n")
		}},
		{"salesforce-bulk2", "\"sf__Id\",\"sf__Error\",Name,Text\n", "", func(i int) string {
			return fmt.Sprintf("%s,%s,n%d,%s", pick("003xx", ""), pick("", "CODE:message:Field --"), i, pick("plain", "\"two\n003,,lines,x\"", "\"a \"\"b\"\",c\"")) + pick("\n", "\r\n")
		}},
		{"soap-batch", "<BatchResponse>\n", "</BatchResponse>", func(i int) string {
			name := pick("CreateResponse", "DeleteResponse", "UpdateResponse")
			inner := pick("", "<![CDATA[</"+name+"><"+name+" id=\"no\" status=\"failure\">]]>", "<x><"+name+" id='in' status='success'/></x>", "<Error><Code>E1</Code><Message>a &lt; b</Message></Error>", "<!-- <"+name+"> -->")
			return fmt.Sprintf("<%s id=\"i%d\" status=\"%s\">%s</%s>", name, i, pick("success", "failure"), inner, name) + pick("", "\n  ", "<!-- x -->")
		}},
		{"elasticsearch-bulk", `{"took":1,"errors":true,"items":[`, `{"index":{"_id":"z","status":200}}]}`, func(i int) string {
			return fmt.Sprintf(`{%q:{"_index":"a","_id":"i%d","status":%s%s}},`, pick("index", "create", "delete", "update"), i, pick("200", "201", "404", "409"),
				pick("", `,"error":{"type":"t","reason":"r {\"index\":{"}`, `,"x":[{"index":{"_id":"no","status":500}},{"index":{"status":200}}]`))
		}},
		{"webdav", `<D:multistatus xmlns:D="DAV:">`, "<D:responsedescription>x</D:responsedescription></D:multistatus>", func(i int) string {
			return fmt.Sprintf("<D:response><D:href>/a/%d</D:href><D:status>HTTP/1.1 %s</D:status></D:response>\n", i, pick("423 Locked", "200 OK", "424 Failed Dependency"))
		}},
	} {
		for round := range rounds(12) {
			var b strings.Builder
			b.WriteString(row.head)
			for i := range 200 {
				b.WriteString(row.item(i))
			}
			text := b.String() + row.tail
			if round%4 == 3 {
				text = text[:len(text)*(50+rng.IntN(50))/100]
			}
			t.Run(row.dialect, func(t *testing.T) { sameWithCrew(t, row.dialect, text) })
		}
	}
}

// readWhole reads a file and tells all that came of it, and how many stretches a
// crew has passed.
func readWhole(t *testing.T, dialect string, f File, s sizes) (all string, stretches int, err error) {
	t.Helper()
	r, err := Open(Input{Responses: []File{f}, Dialect: dialect})
	if err != nil {
		return "", 0, err
	}
	r.sizes = s
	err = r.Read(t.Context())
	var b strings.Builder
	for i := range r.Batch().Len() {
		it, ierr := r.Batch().Item(i)
		fmt.Fprintf(&b, "%d %s %s %v %.40q", i, r.Batch().State(i), it.ID.JSON(), ierr, it.Raw)
		if rec, bad := r.Batch().Failure(i); bad {
			fmt.Fprintf(&b, " %s %d %q %q %v %v", rec.ID.JSON(), rec.Failure.Status, rec.Failure.Code.Wire(), rec.Failure.Message.Wire(), rec.Response, rec.Request)
		}
		b.WriteByte('\n')
	}
	fmt.Fprint(&b, r.Batch().Anomalies())
	return b.String(), r.stretches, err
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

// TestIdsThatStopRising finds an id among those that were not kept because each
// was above the one before.
func TestIdsThatStopRising(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"responses":[`)
	for i := range 3000 {
		fmt.Fprintf(&b, `{"id":"i%05d","status":200},`, i)
	}
	text := b.String() + `{"id":"i00007","status":500},{"id":"a","status":422},{"id":"i02999","status":200}]}`
	r, err := Open(Input{Responses: []File{{R: strings.NewReader(text), Size: int64(len(text))}}, Dialect: "generic-207"})
	if err != nil {
		t.Fatal(err)
	}
	r.sizes = small
	if err := r.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	all := r.Batch()
	if all.Len() != 3001 || all.State(7) != model.Unknown || all.State(2999) != model.OK || all.State(3000) != model.Failed {
		t.Errorf("%d items, %s, %s, %s", all.Len(), all.State(7), all.State(2999), all.State(3000))
	}
	equal(t, "anomalies", kinds(all), "duplicate")
}

// TestRepeatedIds compares what a reading makes of ids that come again, in runs
// that rise and in any order, in one file and in two, with what they are.
func TestRepeatedIds(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	for round := range rounds(400) {
		var ids []int
		for range 1 + rng.IntN(4) {
			from := rng.IntN(30)
			for k := range 1 + rng.IntN(40) {
				ids = append(ids, from+k)
			}
		}
		if round%4 == 3 {
			rng.Shuffle(len(ids), func(i, k int) { ids[i], ids[k] = ids[k], ids[i] })
		}
		states, order := map[int]model.State{}, []int(nil)
		texts := []string{"", ""}
		for k, id := range ids {
			state, status := model.OK, 200
			if rng.IntN(3) == 0 {
				state, status = model.Failed, 500
			}
			if old, there := states[id]; !there {
				order = append(order, id)
				states[id] = state
			} else if old != state {
				states[id] = model.Unknown
			}
			half := min(round%2, k*2/len(ids))
			texts[half] += fmt.Sprintf(`,{"id":"i%03d","status":%d}`, id, status)
		}
		var want, got []string
		for _, id := range order {
			want = append(want, fmt.Sprintf("i%03d %s", id, states[id]))
		}
		in := Input{Dialect: "generic-207"}
		for _, text := range texts {
			text = `{"responses":[` + strings.TrimPrefix(text, ",") + `]}`
			in.Responses = append(in.Responses, File{R: strings.NewReader(text), Size: int64(len(text))})
		}
		r, err := Open(in)
		if err != nil {
			t.Fatal(err)
		}
		r.sizes = small
		if err := r.Read(t.Context()); err != nil {
			t.Fatal(err)
		}
		for i := range r.Batch().Len() {
			it, err := r.Batch().Item(i)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, it.ID.Wire()+" "+r.Batch().State(i).String())
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%v\n got %v\nwant %v", ids, got, want)
		}
	}
}

// TestRequestsOfOneId are never told apart by their answers, wherever they stand.
func TestRequestsOfOneId(t *testing.T) {
	request := func(ids ...string) string { return `{"items":[{"id":"` + strings.Join(ids, `"},{"id":"`) + `"}]}` }
	r := mustRead(t, `{"responses":[{"id":"a","status":200},{"id":"b","status":500},{"id":"c","status":500}]}`, request("a", "b", "a", "b", "c"))
	equal(t, "states", states(r.Batch()), "unknown unknown unknown unknown failed")
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
		table.add(h, item)
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
