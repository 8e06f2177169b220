package dialect

import (
	"bytes"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"retriage/model"
)

// insideOf looks at the answer to an item that is a batch of its own and says
// which of its parts were done; some says that some were and some were not.
func (d *Dialect) insideOf(e *element) (done []bool, some bool) {
	spec := &d.spec.Inside
	if spec.Answers.text == "" {
		return nil, false
	}
	list := spec.Answers.in(e, d.spec.Items.Headers)
	if !list.IsArray() {
		return nil, false
	}
	list.ForEach(func(_, part gjson.Result) bool {
		done = append(done, part.IsObject() && spec.Done.of(part).Bool())
		return true
	})
	return done, slices.Contains(done, true) && slices.Contains(done, false)
}

// withoutDone takes the parts out of a request that the server has done. Where
// that cannot be, the request says that it would do them again.
func (d *Dialect) withoutDone(p model.Payload, done []bool) model.Payload {
	if !p.Known || p.Harmless() || strings.EqualFold(p.Method, "DELETE") { // what is gone is not deleted twice
		return p
	}
	p.Repeats = true
	body := gjson.ParseBytes(p.Body)
	parts := body.Get(gjson.Escape(d.spec.Inside.Parts))
	switch {
	case !body.IsObject():
		return p
	case d.spec.Inside.Whole != "" && body.Get(gjson.Escape(d.spec.Inside.Whole)).Bool():
		p.Repeats = false // nothing is done unless all is
		return p
	case !parts.IsArray() || parts.Index == 0:
		return p
	}
	var left [][]byte
	n := 0
	parts.ForEach(func(_, part gjson.Result) bool {
		if n < len(done) && !done[n] {
			left = append(left, []byte(part.Raw))
		}
		n++
		return true
	})
	if n != len(done) {
		return p
	}
	var b bytes.Buffer
	b.Write(p.Body[:parts.Index])
	b.WriteByte('[')
	b.Write(bytes.Join(left, []byte(",")))
	b.WriteByte(']')
	b.Write(p.Body[parts.Index+len(parts.Raw):])
	p.Body, p.Repeats = b.Bytes(), false
	return p
}
