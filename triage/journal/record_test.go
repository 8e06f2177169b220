package journal

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"retriage/model"
)

func TestALineIsSumSpaceJSON(t *testing.T) {
	line := string(journalOf(t, note("a")))
	const want = `1076acc3 {"seq":1,"at":"2026-03-04T05:06:07Z","type":"note","note":{"i":-1,"text":"a"}}` + "\n"
	if line != want {
		t.Fatalf("got  %swant %s", line, want)
	}
	// The sum is CRC-32C (RFC 3720, appendix B.4: 32 bytes of zero give 8a9136aa).
	if got := string(head(make([]byte, 32))); got != "8a9136aa " {
		t.Errorf("sum of 32 zero bytes: %q", got)
	}
}

func TestTheFileIsPlainASCII(t *testing.T) {
	ev := note("\x1b]0;x\x07 \u202e \u2028 ü 😀 \x7f \xff <&>")
	ev.Who = "\u202eana"
	for i, b := range journalOf(t, append(story(), ev)...) {
		if b != '\n' && (b < 0x20 || b > 0x7e) {
			t.Fatalf("byte %d is %#x", i, b)
		}
	}
}

func TestWhatTheHookSeesIsWhatAReplaySees(t *testing.T) {
	for i, ev := range append(story(), note("\xff\xfe invalid \u202e"), note("😀")) {
		line, back, err := encode(stamp(ev, 1, testTime))
		if err != nil {
			t.Fatal(err)
		}
		events, _, _, err := Decode(bytes.NewReader(line))
		if err != nil {
			t.Fatalf("event %d: %v", i, err)
		}
		same(t, "replayed", events, []model.Event{back})
	}
}

func TestDecodeRefuses(t *testing.T) {
	good := journalOf(t, story()...)
	starts := lineStarts(good)
	third := starts[2]
	newer := opening()
	newer.Open.Version = FormatVersion + 1
	rows := []struct {
		name   string
		text   []byte
		events int
		torn   bool
		line   int // of the damage, 0 = none
	}{
		{"an empty file", nil, 0, false, 0},
		{"a whole journal", good, 6, false, 0},
		{"no line feed at the end", good[:len(good)-1], 5, true, 0},
		{"garbage only", []byte("hello"), 0, true, 0},
		{"zeros behind the end", append(bytes.Clone(good), make([]byte, 4096)...), 6, true, 0},
		{"a wrong sum at the end", flip(good, starts[5]), 5, true, 0},
		{"a wrong sum in the middle", flip(good, third+20), 2, false, 3},
		{"a wrong sum in the first record", flip(good, 20), 0, false, 1},
		{"an upper-case sum", append(bytes.ToUpper(good[:8]), good[8:]...), 0, false, 1},
		{"the last line feed flipped", flip(good, len(good)-1), 5, false, 6},
		{"the last line feed but one flipped", flip(good, starts[5]-1), 4, false, 5},
		{"an empty line", append(append(bytes.Clone(good[:third]), '\n'), good[third:]...), 2, false, 3},
		{"two bad lines at the end", append(bytes.Clone(good), "x\ny\n"...), 6, false, 7},
		{"a record twice", append(bytes.Clone(good[:third]), good[starts[1]:]...), 2, false, 3},
		{"a record gone", append(bytes.Clone(good[:starts[1]]), good[third:]...), 1, false, 2},
		{"a record gone before the last", append(bytes.Clone(good[:starts[4]]), good[starts[5]:]...), 4, false, 5},
		{"an unknown word", relined(t, good, `"state":"failed"`, `"state":"eaten"`), 4, false, 5},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			events, end, torn, err := Decode(bytes.NewReader(row.text))
			if row.line > 0 {
				if e := wantError[*CorruptError](t, err); e.Line != row.line {
					t.Errorf("damage in line %d, want %d (%v)", e.Line, row.line, e)
				}
			} else if err != nil {
				t.Fatal(err)
			}
			if len(events) != row.events || torn != row.torn {
				t.Errorf("%d events, torn %v; want %d, %v", len(events), torn, row.events, row.torn)
			}
			if end != int64(len(journalOf(t, story()[:row.events]...))) && row.events > 0 {
				t.Errorf("good is %d", end)
			}
		})
	}
	_, _, _, err := Decode(bytes.NewReader(journalOf(t, newer, note("x"))))
	if e := wantError[*NewerError](t, err); e.Version != FormatVersion+1 {
		t.Errorf("version %d", e.Version)
	}
}

// flip changes one byte.
func flip(text []byte, at int) []byte {
	text = bytes.Clone(text)
	text[at] ^= 1
	return text
}

// relined replaces a word and makes the sums right again.
func relined(t *testing.T, text []byte, old, now string) []byte {
	t.Helper()
	if !bytes.Contains(text, []byte(old)) {
		t.Fatalf("no %s in the journal", old)
	}
	var out []byte
	for line := range strings.Lines(string(text)) {
		v := []byte(strings.Replace(strings.TrimSuffix(line[headLen:], "\n"), old, now, 1))
		out = append(append(append(out, head(v)...), v...), '\n')
	}
	return out
}

func TestCutAtEveryByteGivesTheWholeRecords(t *testing.T) {
	text := journalOf(t, story()...)
	all, _, _, err := Decode(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for cut := range len(text) + 1 {
		events, good, torn, err := Decode(bytes.NewReader(text[:cut]))
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		n := wholeLines(text[:cut])
		if len(events) != n || n > 0 && !reflect.DeepEqual(events, all[:n]) {
			t.Fatalf("cut at %d: got %v, want %v", cut, events, all[:n])
		}
		if torn != (good < int64(cut)) || good != int64(bytes.LastIndexByte(text[:cut], '\n')+1) {
			t.Fatalf("cut at %d: good %d, torn %v", cut, good, torn)
		}
	}
}

func TestACutJournalGoesOn(t *testing.T) {
	s := testStore(t)
	text := journalOf(t, note("a"), note("b"))
	all, _, _, err := Decode(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	stride := 1
	if testing.Short() {
		stride = 7
	}
	for cut := 0; cut <= len(text); cut += stride {
		put(t, s, testID, text[:cut])
		n := wholeLines(text[:cut])
		l, events := mustOpen(t, s, testID)
		same(t, "replay", events, all[:n])
		added := mustAppend(t, l, note("after"))
		mustClose(t, l)
		if torn := matches(t, s.path(testID), tornBase+"-*"); len(torn) > 0 {
			rest := text[bytes.LastIndexByte(text[:cut], '\n')+1 : cut]
			if len(torn) != 1 || !bytes.Equal(readAll(t, torn[0]), rest) {
				t.Fatalf("cut at %d: kept %v", cut, torn)
			}
			if err := os.Remove(torn[0]); err != nil {
				t.Fatal(err)
			}
		} else if cut > 0 && text[cut-1] != '\n' {
			t.Fatalf("cut at %d: the unfinished record was not kept", cut)
		}
		again, _, torn, err := Decode(bytes.NewReader(readAll(t, filepath.Join(s.path(testID), journalName))))
		if err != nil || torn {
			t.Fatalf("cut at %d: reopened: torn %v, %v", cut, torn, err)
		}
		same(t, "reopened", again, append(append([]model.Event(nil), all[:n]...), added...))
	}
}

func TestNoFlippedByteIsSilent(t *testing.T) {
	text := journalOf(t, story()...)
	all, _, _, err := Decode(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	last := lineStarts(text)[len(all)-1]
	unchanged := func(got, want []model.Event) {
		if len(got) != len(want) || len(got) > 0 && !reflect.DeepEqual(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
	for at := range text {
		for _, mask := range []byte{0x01, 0xff, text[at] ^ '\n'} {
			if mask == 0 {
				continue
			}
			bad := bytes.Clone(text)
			bad[at] ^= mask
			events, _, torn, err := Decode(bytes.NewReader(bad))
			switch {
			case err == nil && (!torn || at < last):
				t.Fatalf("byte %d ^ %#x was not seen", at, mask)
			case err == nil:
				unchanged(events, all[:len(all)-1])
			default:
				wantError[*CorruptError](t, err)
				unchanged(events, all[:len(events)])
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	text := journalOf(f, story()...)
	f.Add(text)
	f.Add(text[:len(text)-9])
	f.Add(flip(text, 300))
	f.Add([]byte("00000000 \n"))
	f.Add([]byte("\n\n\x00"))
	f.Fuzz(func(t *testing.T, text []byte) {
		events, good, torn, err := Decode(bytes.NewReader(text))
		if good < 0 || good > int64(len(text)) {
			t.Fatalf("good is %d of %d", good, len(text))
		}
		if err == nil && torn != (good < int64(len(text))) {
			t.Fatalf("good %d of %d, torn %v", good, len(text), torn)
		}
		again, end, tornAgain, errAgain := Decode(bytes.NewReader(text[:good]))
		if errAgain != nil || tornAgain || end != good || len(again) != len(events) {
			t.Fatalf("the good part alone: %d of %d events, good %d, torn %v, %v", len(again), len(events), end, tornAgain, errAgain)
		}
		var last int64
		for _, ev := range events {
			if ev.Seq <= last {
				t.Fatalf("number %d after %d", ev.Seq, last)
			}
			last = ev.Seq
		}
	})
}
