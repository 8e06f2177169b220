package triage

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestSignature(t *testing.T) {
	rows := []struct{ name, message, want string }{
		{"nothing to mask", "email is required", "email is required"},
		{"empty", "", ""},
		{"number", "price must be over 0, got -4.50", "price must be over <n>, got <n>"},
		{"grouped number and unit", "1,048,576 bytes is over 1MB", "<n> bytes is over <n>MB"},
		{"exponent", "value 1.5e-7 is too small", "value <n> is too small"},
		{"percent", "99.5% used", "<n>% used"},
		{"uuid", "order 3F2504E0-4f89-11d3-9a0c-0305e82c3301 is gone", "order <uuid> is gone"},
		{"uuid in a path", "no /v1/orders/3f2504e0-4f89-11d3-9a0c-0305e82c3301/lines", "no /v<n>/orders/<uuid>/lines"},
		{"hex", "etag 9f86d081884c7d65 and 0xDEADbeef", "etag <hex> and <hex>"},
		{"hex word without digits is a word", "the facade failed", "the facade failed"},
		{"e-mail", "ann.o'hara? no: bob+x@mail.example.org is taken", "ann.o'hara? no: <email> is taken"},
		{"e-mail in brackets", "Invalid address <bob@example.org>.", "Invalid address <<email>>."},
		{"url", "see https://api.example.com/v1/items?id=7#a, please", "see <url>, please"},
		{"ip4", "10.0.0.7:8080 refused", "<ip> refused"},
		{"ip6", "peer 2001:db8::1 reset", "peer <ip> reset"},
		{"date", "2026-03-14 is a holiday", "<date> is a holiday"},
		{"timestamp", "at 2026-03-14T01:02:03.456Z.", "at <date>."},
		{"timestamp with zone", "at 2026-03-14T01:02:03+01:00", "at <date>"},
		{"date with slashes", "03/14/2026 is no date", "<date> is no date"},
		{"time", "locked since 12:34:56", "locked since <date>"},
		{"double quotes", `duplicate key "users_email" (x)`, "duplicate key <str> (x)"},
		{"escaped quote", `name "a\"b" is taken`, "name <str> is taken"},
		{"single quotes", "unknown field 'colour'", "unknown field <str>"},
		{"apostrophe", "can't read the user's name", "can't read the user's name"},
		{"apostrophe inside quotes", "name 'O'Neil' is taken", "name <str> is taken"},
		{"backquotes", "column `a b`", "column <str>"},
		{"typographic quotes", "name “Zoë” is taken", "name <str> is taken"},
		{"open quote", `broken "value here`, `broken "value here`},
		{"id with digits", "item-00412 of ord_17 in SKU19", "item-<n> of ord_<n> in SKU<n>"},
		{"long mixed id", "record 0015g00000XyZ12AAB is locked", "record <id> is locked"},
		{"version", "v1.2.3 is old", "v<n>.<n> is old"},
		{"utf-8", "größe 12 ist zu groß", "größe <n> ist zu groß"},
		{"document keeps its text", `{"error":"timed out","after":30}`, `{"error":"timed out","after":<n>}`},
		{"field path", "items[3].price is bad", "items[<n>].price is bad"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			if got := Signature(r.message); got != r.want {
				t.Errorf("Signature(%q)\n got %q\nwant %q", r.message, got, r.want)
			}
		})
	}
}

func TestSignatureOfLongMessageIsBounded(t *testing.T) {
	got := Signature("x" + strings.Repeat("é1 ", 1<<20))
	if len(got) > 3*signatureBytes || !utf8.ValidString(got) {
		t.Errorf("got %d bytes, valid %v", len(got), utf8.ValidString(got))
	}
}

// A message made to be slow must cost about what any other of its length does.
func BenchmarkSignatureWorstCase(b *testing.B) {
	for _, s := range []string{"1.", "\"", "'x", "00:00:00.1", "a@", "::1", "1-1-"} {
		message := strings.Repeat(s, signatureBytes) + "x"
		b.Run(s, func(b *testing.B) {
			for b.Loop() {
				Signature(message)
			}
		})
	}
}

func TestSignatureWithoutMaskDoesNotAllocate(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { Signature("the referenced customer does not exist") }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzSignature(f *testing.F) {
	for _, s := range []string{"", "item-00412 'x' 10.0.0.1", `"`, "a@b://c", "::1:2:3", "2026-13-45T99:99", "\xff\xfe12", "''''''", "{\"a\":1}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Signature(s)
		if again := Signature(s); again != got {
			t.Fatalf("two answers: %q and %q", got, again)
		}
		if utf8.ValidString(s) && !utf8.ValidString(got) {
			t.Fatalf("valid text became invalid: %q", got)
		}
		if len(got) > 5*len(s)+5 {
			t.Fatalf("%d bytes became %d", len(s), len(got))
		}
		tm := NewTemplates()
		if n := tm.Add("c", s); n != tm.Add("c", s) {
			t.Fatal("the same message got two clusters")
		}
	})
}

// templates40 are forty errors as APIs word them, under four codes; a verb
// stands for what varies: %d number, %s name, %u uuid, %m mail, %q quoted, %w a
// plain word.
var templates40 = []string{
	"VALIDATION_ERROR|email %m is not a valid address", "VALIDATION_ERROR|price must be greater than 0, got %d",
	"VALIDATION_ERROR|field %q is required", "VALIDATION_ERROR|quantity %d exceeds the maximum of %d",
	"VALIDATION_ERROR|name is too long (%d characters, at most %d)", "VALIDATION_ERROR|currency %s is not supported here",
	"VALIDATION_ERROR|unknown property %q in the request", "VALIDATION_ERROR|start date %t is after the end date %t",
	"VALIDATION_ERROR|phone number %d has no country prefix", "VALIDATION_ERROR|sku %s contains characters that are not allowed",
	"CONFLICT|customer %u was modified by %w", "CONFLICT|duplicate entry %q for key %q", "CONFLICT|sku %s already exists in catalog %s",
	"CONFLICT|version %d is not the current version %d", "CONFLICT|account %d is locked by session %u",
	"CONFLICT|user %m is already a member of team %w", "CONFLICT|order %d was already paid",
	"CONFLICT|slot %t has been taken by another booking", "CONFLICT|the basket %u is closed", "CONFLICT|a transfer from %w is pending since %t",
	"NOT_FOUND|referenced customer %u does not exist", "NOT_FOUND|no product with sku %s in store %d",
	"NOT_FOUND|warehouse %s has no bin %s", "NOT_FOUND|parent category %d not found", "NOT_FOUND|price list %q is archived",
	"NOT_FOUND|user %w not found in tenant %w today", "NOT_FOUND|host %i is not part of cluster %w",
	"NOT_FOUND|attachment %x is missing from the store", "NOT_FOUND|bucket for %l was deleted", "NOT_FOUND|coupon %s expired on %t",
	"BACKEND|upstream %i timed out after %d ms", "BACKEND|could not obtain a connection from pool %w within %d ms",
	"BACKEND|shard %d of index %w is unavailable", "BACKEND|deadlock found when trying to get lock on row %d",
	"BACKEND|request %u failed with an internal error", "BACKEND|service %w returned status %d",
	"BACKEND|replica %i lags %d seconds behind", "BACKEND|queue %s is full (%d messages)",
	"BACKEND|certificate of %l expired on %t", "BACKEND|worker %w crashed while handling job %x",
}

func fillTemplate(r *rand.Rand, form string) string {
	var b strings.Builder
	for i := 0; i < len(form); i++ {
		if form[i] != '%' {
			b.WriteByte(form[i])
			continue
		}
		i++
		switch form[i] {
		case 'd':
			fmt.Fprint(&b, r.IntN(100000))
		case 's':
			b.WriteString([]string{"EUR", "SKU-A12", "WIDGET_9", "CHF", "B-77", "USD"}[r.IntN(6)])
		case 'w':
			b.WriteString([]string{"alice", "bob", "carol", "acme", "globex", "initech"}[r.IntN(6)])
		case 'q':
			fmt.Fprintf(&b, "%q", fmt.Sprint("value ", r.IntN(1000)))
		case 'u':
			fmt.Fprintf(&b, "%08x-%04x-4%03x-8%03x-%012x", r.Uint32(), r.IntN(1<<16), r.IntN(1<<12), r.IntN(1<<12), r.Int64N(1<<48))
		case 'm':
			fmt.Fprintf(&b, "user%d@example.org", r.IntN(1000))
		case 't':
			fmt.Fprintf(&b, "2026-%02d-%02d", 1+r.IntN(12), 1+r.IntN(28))
		case 'i':
			fmt.Fprintf(&b, "10.0.%d.%d", r.IntN(256), r.IntN(256))
		case 'x':
			fmt.Fprintf(&b, "%08xa1", r.Uint32())
		case 'l':
			fmt.Fprintf(&b, "https://h%d.example.com/", r.IntN(100))
		}
	}
	return b.String()
}

// messages120k are n messages of the forty templates, and which each is of.
func generated(n int) (codes, messages []string, of []int) {
	r := rand.New(rand.NewPCG(1, 2))
	for range n {
		k := r.IntN(len(templates40))
		code, form, _ := strings.Cut(templates40[k], "|")
		codes, messages, of = append(codes, code), append(messages, fillTemplate(r, form)), append(of, k)
	}
	return codes, messages, of
}

func TestTemplatesFindTheTrueFortyUnmixed(t *testing.T) {
	codes, messages, of := generated(20_000)
	tm := NewTemplates()
	holds, first := map[int]int{}, map[int]int{}
	for i := range messages {
		n := tm.Add(codes[i], messages[i])
		if was, ok := holds[n]; ok && was != of[i] {
			t.Fatalf("cluster %q mixes %q and %q", tm.Text(n), templates40[was], templates40[of[i]])
		}
		holds[n] = of[i]
		if was, ok := first[of[i]]; ok && was != n {
			t.Errorf("%q is in two clusters: %q and %q", templates40[of[i]], tm.Text(was), tm.Text(n))
		}
		first[of[i]] = n
	}
	if tm.Len() != len(templates40) {
		t.Errorf("%d clusters of %d templates", tm.Len(), len(templates40))
	}
}

func TestTemplatesKeepDifferentErrorsApart(t *testing.T) {
	rows := []struct {
		name, a, b string
		same       bool
		text       string
	}{
		{"required and invalid", "email is required", "email is invalid", false, ""},
		{"short prose", "insufficient funds", "insufficient permissions", false, ""},
		{"taken and too long", "the name is taken", "the name is long", false, ""},
		{"types", "price must be a number", "price must be a string", false, ""},
		{"not", "the user is now allowed here", "the user is not allowed here", false, ""},
		{"plain names", "user alice not found here", "user bob not found here", true, "user <*> not found here"},
		{"short with data", "Unknown SKU_9", "Unknown EUR", false, ""},
		{"short with two data words", "bad currency EUR", "bad currency USD", true, "bad currency <*>"},
		{"only values differ", "item 4 is late", "item 5 is late", true, "item <n> is late"},
		{"lengths differ", "user bob not found", "user bob not found today", false, ""},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			tm := NewTemplates()
			a, b := tm.Add("c", r.a), tm.Add("c", r.b)
			if (a == b) != r.same {
				t.Fatalf("same = %v, want %v: %q and %q", a == b, r.same, tm.Text(a), tm.Text(b))
			}
			if r.same && tm.Text(a) != r.text {
				t.Errorf("text %q, want %q", tm.Text(a), r.text)
			}
			if tm.Add("c", r.a) != a || tm.Add("other", r.a) == a {
				t.Error("a number changed, or two codes share it")
			}
		})
	}
}

func TestTemplatesAreBounded(t *testing.T) {
	tm := NewTemplates()
	r := rand.New(rand.NewPCG(3, 4))
	letter := func() string { return fmt.Sprintf("%c%c%c", 'g'+r.IntN(15), 'g'+r.IntN(15), 'g'+r.IntN(15)) }
	for i := range 21_000 {
		tm.Add("c", letter()+letter()+letter()+strings.Repeat(" "+letter(), i%40))
	}
	if tm.Len() > clustersPerCode+1 {
		t.Errorf("%d clusters", tm.Len())
	}
	if got := len(tm.codes["c"].masks); got > masksPerCode {
		t.Errorf("%d signatures kept", got)
	}
}

func BenchmarkTemplates120k(b *testing.B) {
	codes, messages, _ := generated(120_000)
	for b.Loop() {
		tm := NewTemplates()
		for i := range messages {
			tm.Add(codes[i], messages[i])
		}
	}
}
