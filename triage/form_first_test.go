package triage

import (
	"strings"
	"testing"

	"retriage/model"
)

func change(pointer, old, now string) model.Change {
	return model.Change{Part: model.Body, Pointer: pointer, Old: model.Foreign(old), New: model.Foreign(now)}
}

func TestNetChanges(t *testing.T) {
	for name, c := range map[string]struct {
		in   []model.Change
		want string
	}{
		"none":            {nil, ""},
		"two of a field":  {[]model.Change{change("/a", "1", "2"), change("/b", "1", "2"), change("/a", "2", "3")}, "/a  1 -> 3|/b  1 -> 2"},
		"there and back":  {[]model.Change{change("/a", "1", "2"), change("/a", "2", "1")}, ""},
		"added and again": {[]model.Change{change("/a", "", "1"), change("/a", "1", "2")}, "/a  2 added"},
		"added and gone":  {[]model.Change{change("/a", "", "1"), change("/a", "1", "")}, ""},
	} {
		var got []string
		for _, ch := range NetChanges(c.in) {
			got = append(got, ChangeLine(ch))
		}
		if s := strings.Join(got, "|"); s != c.want {
			t.Errorf("%s: %q, want %q", name, s, c.want)
		}
	}
}

func TestSinceFirst(t *testing.T) {
	for name, c := range map[string]struct{ first, now, want string }{
		"as it was":          {`{"a":1,"b":"x"}`, `{"a":1,"b":"x"}`, "a 1=1|b x=x"},
		"changed":            {`{"a":1}`, `{"a":2}`, "a 2=1"},
		"another type":       {`{"a":1}`, `{"a":"x"}`, "a x==1"},
		"dropped":            {`{"a":1,"b":2,"c":3}`, `{"a":1,"c":3}`, "a 1=1|b 2=2 gone|c 3=3"},
		"all dropped":        {`{"a":1,"b":2}`, `{"c":1}`, "a 1=1 gone|b 2=2 gone|c 1 new"},
		"added":              {`{"a":1}`, `{"a":1,"b":2}`, "a 1=1|b 2 new"},
		"a shorter list":     {`{"t":[1,2],"a":1}`, `{"t":[2],"a":1}`, "t[0] 2=2|a 1=1"},
		"an element changed": {`{"t":[1,2]}`, `{"t":[1,3]}`, "t[0] 1=1|t[1] 3=2"},
	} {
		body, outer := Form(model.Payload{Body: []byte(c.now), Known: true}, model.Failure{}, nil)
		body, _ = SinceFirst(body, outer, model.Payload{Body: []byte(c.first), Known: true})
		var got []string
		for _, f := range body {
			s := f.Label + " " + f.Text()
			if was, ok := f.WasText(); ok {
				s += "=" + was
			} else {
				s += " new"
			}
			if f.Gone {
				s += " gone"
			}
			got = append(got, s)
		}
		if s := strings.Join(got, "|"); s != c.want {
			t.Errorf("%s: %q, want %q", name, s, c.want)
		}
	}
}

func TestDroppedFields(t *testing.T) {
	for name, c := range map[string]struct {
		medium         model.Medium
		in, drop, want string
	}{
		"a member":         {model.JSON, `{"a":1,"b":2}`, "/a", `{"b":2}`},
		"elements":         {model.JSON, `{"t":[0,1,2,3,4,5,6,7,8,9,10]}`, "/t/2 /t/10 /t/9", `{"t":[0,1,3,4,5,6,7,8]}`},
		"an XML attribute": {model.XML, `<o id="1" x="2"><a>b</a></o>`, "/@x", `<o id="1"><a>b</a></o>`},
		"XML elements":     {model.XML, `<o><a>1</a><a>2</a><a>3</a></o>`, "/a/1 /a/2", `<o><a>1</a></o>`},
	} {
		p := model.Payload{Medium: c.medium, Body: []byte(c.in), Known: true}
		body, _ := Form(p, model.Failure{}, nil)
		texts := make([]string, len(body))
		for i := range body {
			texts[i] = body[i].Text()
			body[i].Drop = strings.Contains(c.drop+" ", body[i].Pointer+" ")
		}
		changes, _, err := Edits(p, body, texts)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got, err := Apply(p, changes); err != nil || string(got.Body) != c.want {
			t.Errorf("%s: %s (%v), want %s", name, got.Body, err, c.want)
		}
	}
}

func TestNamesItem(t *testing.T) {
	for name, c := range map[string]struct {
		medium model.Medium
		in     string
		id     model.ID
		want   string
	}{
		"id":                 {model.JSON, `{"a":"x","id":"x"}`, model.TextID("x"), "/id"},
		"a number":           {model.JSON, `{"id":7,"qty":7}`, model.NumberID("7"), "/id"},
		"only a price":       {model.JSON, `{"price":7}`, model.NumberID("7"), ""},
		"external id":        {model.JSON, `{"external_id":"x","meta":{"id":"x"}}`, model.TextID("x"), "/external_id"},
		"an XML attribute":   {model.XML, `<o id="x"><name>x</name></o>`, model.TextID("x"), "/@id"},
		"an item without id": {model.JSON, `{"id":""}`, model.ID{}, ""},
	} {
		body, _ := Form(model.Payload{Medium: c.medium, Body: []byte(c.in), Known: true}, model.Failure{}, nil)
		got := ""
		for _, f := range NamesItem(body, c.id) {
			if f.Names {
				got += f.Pointer
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestSlug(t *testing.T) {
	for in, want := range map[string]string{
		"Siobhán Ní Bhriain": "siobhan.ni.bhriain", "Siobha\u0301n": "siobhan", "Łukasz Żółć": "lukasz.zolc", "Jörg Groß": "jorg.gross",
		"Ægir Þór Øygård": "aegir.thor.oygard", "Đặng Thị": "dang.thi", "İbrahim Işık": "ibrahim.isik", "प्रिया": "", "名前 Tanaka": "tanaka",
	} {
		if got := slug(in); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

func TestDoubt(t *testing.T) {
	for _, c := range []struct{ old, now, want string }{
		{`"03/04/2026"`, `"2026-03-04"`, "month first; day and month could be swapped"},
		{`"3/4/2026 10:00"`, `"2026-04-03T10:00:00"`, "day first; day and month could be swapped"},
		{`"04/04/2026"`, `"2026-04-04"`, ""},
		{`"25/04/2026"`, `"2026-04-25"`, ""},
		{`"1.2.2026"`, `"2026-02-01"`, ""},
		{`"03/04/2026"`, `"cut"`, ""},
	} {
		if got := Doubt(change("/d", c.old, c.now)); got != c.want {
			t.Errorf("%s: %q, want %q", c.old, got, c.want)
		}
	}
}
