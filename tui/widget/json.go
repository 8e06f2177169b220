package widget

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"retriage/model"
	"retriage/themes"
)

// What JSON and XML show at most, so that no payload can fill the memory.
const (
	maxLines = 2000
	maxDepth = 40
)

// JSON writes a JSON value over several lines of at most that width, with the
// names of fields coloured. mark tells, by JSON Pointer (RFC 6901), which fields
// are lit and what is said at the end of their line; a field that is not there
// lights the nearest one around it. What is no JSON is shown as safe text.
func JSON(raw []byte, mark map[string]string, width int, th themes.Theme) []string {
	if !json.Valid(raw) {
		return plainLines(raw, width, th)
	}
	p := jsonPrinter{width: width, th: th, mark: nearest(gjson.ParseBytes(raw), mark)}
	p.value("", "", gjson.ParseBytes(raw), "", 0)
	return p.lines
}

func plainLines(raw []byte, width int, th themes.Theme) []string {
	lines := model.Foreign(string(raw)).Block(maxLines, max(32, 12*width))
	for i, l := range lines {
		lines[i] = th.Text.Render(Clip(l, width))
	}
	return lines
}

// nearest moves every mark whose field is absent to what is there around it.
func nearest(root gjson.Result, mark map[string]string) map[string]string {
	out := make(map[string]string, len(mark))
	for ptr, note := range mark {
		at := ptr
		for at != "" && !Exists(root, at) {
			at = at[:max(0, strings.LastIndexByte(at, '/'))]
		}
		if at != ptr {
			note = strings.TrimSuffix(ptr+": "+note, ": ")
		}
		if out[at] != "" {
			note = out[at] + "; " + note
		}
		out[at] = note
	}
	return out
}

// Exists says whether a JSON Pointer leads to a value of root.
func Exists(root gjson.Result, pointer string) bool {
	_, ok := Lookup(root, pointer)
	return ok
}

// Lookup gives the value that a JSON Pointer (RFC 6901) leads to.
func Lookup(root gjson.Result, pointer string) (v gjson.Result, ok bool) {
	if pointer == "" {
		return root, true
	}
	if pointer[0] != '/' {
		return v, false
	}
	v = root
	for _, step := range strings.Split(pointer[1:], "/") {
		name := strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
		found, n := false, 0
		var next gjson.Result
		v.ForEach(func(key, value gjson.Result) bool {
			if v.IsObject() && key.String() == name || v.IsArray() && strconv.Itoa(n) == step {
				next, found = value, true
			}
			n++
			return !found
		})
		if !found {
			return v, false
		}
		v = next
	}
	return v, true
}

type jsonPrinter struct {
	width int
	th    themes.Theme
	mark  map[string]string
	lines []string
}

// value writes one value; lead is the field's name with its colon, "" inside an
// array; tail is the comma after it.
func (p *jsonPrinter) value(ptr, lead string, v gjson.Result, tail string, depth int) {
	open, end := "{", "}"
	switch {
	case v.IsArray():
		open, end = "[", "]"
	case !v.IsObject():
		p.line(ptr, depth, lead, p.scalar(v.Raw)+tail)
		return
	}
	n := 0
	v.ForEach(func(_, _ gjson.Result) bool { n++; return true })
	switch {
	case n == 0:
		p.line(ptr, depth, lead, open+end+tail)
		return
	case depth >= maxDepth:
		p.line(ptr, depth, lead, open+ellipsis+end+tail)
		return
	}
	p.line(ptr, depth, lead, open)
	k := 0
	v.ForEach(func(key, value gjson.Result) bool {
		name, comma, step := "", ",", strconv.Itoa(k)
		if k++; k == n {
			comma = ""
		}
		if v.IsObject() {
			name = p.scalar(key.Raw) + ":"
			step = strings.NewReplacer("~", "~0", "/", "~1").Replace(key.String())
		}
		p.value(ptr+"/"+step, name, value, comma, depth+1)
		return len(p.lines) <= maxLines
	})
	p.line("\x00", depth, "", end+tail)
}

// scalar is the exact text of a value, safe, no longer than a line needs.
func (p *jsonPrinter) scalar(raw string) string {
	return model.Foreign(raw).Safe(max(32, 12*p.width))
}

func (p *jsonPrinter) line(ptr string, depth int, lead, rest string) {
	switch {
	case len(p.lines) > maxLines:
		return
	case len(p.lines) == maxLines:
		p.lines = append(p.lines, p.th.Faint.Render(Clip("… more than is shown here", p.width)))
		return
	}
	note, lit := p.mark[ptr]
	if lead != "" {
		lead = p.th.Field.Render(lead) + " "
	}
	indent := blank(min(2*depth, p.width/2))
	if !lit {
		p.lines = append(p.lines, Clip(indent+lead+p.th.Text.Render(rest), p.width))
		return
	}
	p.lines = append(p.lines, noted(indent+lead+rest, note, p.width, p.th))
}

// noted is a lit line of exactly width, with a note at its end. The value keeps
// at least half of the line.
func noted(line, note string, width int, th themes.Theme) string {
	if note != "" {
		room := max(width-Width(line)-4, width/2-4)
		note = "← " + Clip(model.Foreign(note).Safe(max(32, 12*width)), room) + " "
	}
	return th.Lit(th.Bad, Sides(line, note, width))
}
