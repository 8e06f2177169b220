package triage

import (
	"strings"
	"testing"

	"retriage/model"
)

func diffText(lines []DiffLine) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteByte(l.Sign)
		b.WriteString(l.Text + "\n")
	}
	return b.String()
}

func TestDiffLines(t *testing.T) {
	before := jsonPayload(`{"a":1,"b":2,"c":3,"d":4,"email":"A @x","f":6,"g":7,"h":8,"i":12345678901234567890,"j":10,"k":11,"l":12,"m":1.10}`)
	after, err := Apply(before, []model.Change{set("/email", `"a@x"`), set("/m", "1.20")})
	if err != nil {
		t.Fatal(err)
	}
	want := ` …
   "b": 2,
   "c": 3,
   "d": 4,
-  "email": "A @x",
+  "email": "a@x",
   "f": 6,
   "g": 7,
   "h": 8,
 …
   "j": 10,
   "k": 11,
   "l": 12,
-  "m": 1.10
+  "m": 1.20
 }
`
	if got := diffText(DiffLines(before, after)); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got := DiffLines(before, before); len(got) != 0 {
		t.Errorf("no difference gave %v", got)
	}
}

func TestDiffLinesOfOtherParts(t *testing.T) {
	p := xmlPayload(`<r><a>1</a><b>2</b></r>`)
	p.Method, p.URL = "PUT", model.Foreign("/x")
	p.Headers = map[string]string{"Authorization": "Bearer s3cret", "If-Match": "1"}
	q, err := Apply(p, []model.Change{set("/b", `"3"`), {Part: model.Header, Pointer: "If-Match", New: model.Foreign("2")}})
	if err != nil {
		t.Fatal(err)
	}
	want := ` PUT /x
 Authorization: •••
-If-Match: 1
+If-Match: 2
 <r>
 <a>1</a>
-<b>2</b>
+<b>3</b>
 </r>
`
	if got := diffText(DiffLines(p, q)); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestDiffLinesAreSafe(t *testing.T) {
	p := jsonPayload("{\"a\":\"x\u202e\"}")
	for _, q := range []model.Payload{jsonPayload(`{"a":"y"}`), jsonPayload("not JSON \x1b[31m"), jsonPayload(strings.Repeat("[", 5000))} {
		if got := diffText(DiffLines(p, q)); strings.ContainsAny(got, "\x1b\u202e") || got == "" {
			t.Errorf("got %q", got)
		}
	}
}

func TestDifferencesInLongValuesAreInSight(t *testing.T) {
	long := strings.Repeat("é", 400)
	p, q := jsonPayload(`{"a":"`+long+`x"}`), jsonPayload(`{"a":"`+long+`y"}`)
	lines := DiffLines(p, q)
	if got := diffText(lines); !strings.Contains(got, `éx"`) || !strings.Contains(got, `éy"`) {
		t.Errorf("got %s", got)
	}
	got := ChangeLine(Diff(p, q)[0])
	if want := "/a  …" + strings.Repeat("é", 20) + `x" -> …` + strings.Repeat("é", 20) + `y"`; got != want {
		t.Errorf("got %s", got)
	}
}

func TestDiffLinesOfDeepBodiesStaySmall(t *testing.T) {
	deep := strings.Repeat(strings.Repeat("[", 190)+strings.Repeat("]", 190)+",", 5000)
	p, q := jsonPayload("["+deep+"1]"), jsonPayload("["+deep+"2]")
	if got := DiffLines(p, q); len(got) == 0 || len(got) > 50 {
		t.Errorf("%d lines", len(got))
	}
}

func TestDiffLinesOfHugeBodies(t *testing.T) {
	a, b := jsonPayload(strings.Repeat(" ", diffBodyBytes)+"1"), jsonPayload("2")
	if got := DiffLines(a, b); len(got) != 1 || !strings.Contains(got[0].Text, "too large") {
		t.Errorf("got %v", got)
	}
	if got := DiffLines(a, a); got != nil {
		t.Errorf("got %v", got)
	}
}

func TestChangeLine(t *testing.T) {
	rows := []struct {
		name string
		c    model.Change
		want string
	}{
		{"set", model.Change{Part: model.Body, Pointer: "/email", Old: model.Foreign(`"A @x"`), New: model.Foreign(`"a@x"`)}, `/email  "A @x" -> "a@x"`},
		{"added", model.Change{Part: model.Body, Pointer: "/a", New: model.Foreign(`1`)}, `/a  1 added`},
		{"removed", model.Change{Part: model.Body, Pointer: "/a", Old: model.Foreign(`1`)}, `/a  1 removed`},
		{"url", model.Change{Part: model.URL, Old: model.Foreign(`/a`), New: model.Foreign("/b")}, `url  /a -> /b`},
		{"secret header", model.Change{Part: model.Header, Pointer: "X-Api-Key", Old: model.Foreign(`a`), New: model.Foreign("b")}, `header X-Api-Key  ••• -> •••`},
		{"hostile", model.Change{Part: model.Body, Pointer: "/a\x1b", New: model.Foreign("\"\x1b]0;x\"")}, `/a␛  "␛]0;x" added`},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			if got := ChangeLine(r.c); got != r.want {
				t.Errorf("got %q, want %q", got, r.want)
			}
		})
	}
}
