package triage

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"retriage/model"
)

// The notes of a verdict, as a screen says them.
const (
	noteNotCompared = "present, not compared"
	noteGone        = "gone, as it was asked for"
	noteStillThere  = "still there, although it was to be deleted"
	noteGet         = "a GET changes nothing, so nothing is read back"
	noteNoRead      = "this API offers no read"
	noteEmpty       = "the read came back empty"
	noteNoJSON      = "the read is not valid JSON"
	noteNoXML       = "the read is neither valid XML nor valid JSON"
	noteTwice       = "the read holds a name twice, and which value counts is not known"
)

// NotCompared is the note of an item that is there, but of which nothing could
// be compared: that it is there says nothing about a change of it.
const NotCompared = noteNotCompared

// maxDeltas is how many differing fields a verdict lists.
const maxDeltas = 100

// Compare says what a read of the server makes of an item that was sent. The
// result lacks Index and Was, which the caller knows.
//
// What it asks depends on the method (method, else the payload's; RFC 9110, 9.3,
// and RFC 5789): after POST, PUT and PATCH every field that was sent is there
// and equal, and the server may have more; after DELETE the item is gone; a GET
// needs no read. Numbers are equal by value at any size (1.10 is 1.1), strings
// exactly, lists element by element; a null that was sent is also met by no
// field. What stands under a pointer of ignore, and keyField (a name or a
// pointer), is left out. A read that wraps the item in one member of a known
// name (data, item, result, resource, _source) is looked at inside it. A PATCH
// whose body is a list of operations (RFC 6902) cannot be compared.
//
// An XML payload is compared text by text with an XML or a JSON read; prefixes
// and the attributes of its root, which belong to the envelope, are left out.
func Compare(sent model.Payload, got model.Reading, method string, ignore []string, keyField string) model.ItemVerdict {
	if method == "" {
		method = sent.Method
	}
	method = strings.ToUpper(method)
	v := model.ItemVerdict{Status: got.Status, SentSHA: hashOf(sent.Body), GotSHA: hashOf(got.Body)}
	switch {
	case method == "GET" || method == "HEAD":
		v = model.ItemVerdict{State: model.Confirmed, Note: noteGet} // whatever was read is not about it
	case got.NoRead:
		v.State, v.Note = model.Unverifiable, noteNoRead
	case got.Status == 404 || got.Status == 410:
		v.State = model.NotFound
		if method == "DELETE" {
			v.State, v.Note = model.Confirmed, noteGone
		}
	case got.Status < 200 || got.Status > 299:
		v.State, v.Note = model.Unreadable, unreadableNote(got)
	case method == "DELETE":
		v.State, v.Note = model.Differs, noteStillThere
	default:
		compareBodies(&v, sent, got.Body, method, newSkipped(ignore, keyField))
	}
	return v
}

// unreadableNote says why a read gave no item.
func unreadableNote(got model.Reading) string {
	switch {
	case !got.Why.IsZero():
		return got.Why.Safe(model.SafeShort)
	case got.Status == 0:
		return "the read got no answer"
	case got.Status == 401 || got.Status == 403:
		return "the read was refused with status " + strconv.Itoa(got.Status) + ": it needs access"
	}
	return "the read was answered with status " + strconv.Itoa(got.Status)
}

// hashOf is the SHA-256 of a body in lower-case hex, "" of none.
func hashOf(body []byte) string {
	if len(body) == 0 {
		return ""
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

func compareBodies(v *model.ItemVerdict, sent model.Payload, got []byte, method string, skip skipped) {
	got = bytes.TrimSpace(got)
	if note := notAnItem(sent, got); note != "" {
		v.State, v.Note = model.Unreadable, note
		return
	}
	c := comparison{skip: skip}
	switch {
	case !hasBody(sent):
	case sent.Medium == model.XML:
		c.xml(sent.Body, got)
	case sent.Medium == model.CSV:
		row, read := looseRow(Shown(sent), got)
		c.json(row, read)
	case checkJSON(sent.Body, "") != nil || method == "PATCH" && rootNode(sent.Body).array:
	default:
		c.json(sent.Body, got)
	}
	c.conclude(v)
}

func hasBody(sent model.Payload) bool { return sent.Known && len(bytes.TrimSpace(sent.Body)) > 0 }

// notAnItem says why a body that came with a yes is no item that what was sent
// could be compared with: a web page in its place, above all.
func notAnItem(sent model.Payload, got []byte) string {
	if len(got) == 0 {
		return noteEmpty
	}
	if got[0] != '<' {
		if checkJSON(got, "") != nil {
			return noteNoJSON
		}
		return ""
	}
	switch {
	case hasBody(sent) && sent.Medium != model.XML:
		return noteNoJSON
	case !readableXML(got):
		return noteNoXML
	}
	return ""
}

// comparison collects what is not as it was sent.
type comparison struct {
	skip     skipped
	compared int
	deltas   []model.FieldDelta
	more     int
	twice    bool
}

func (c *comparison) conclude(v *model.ItemVerdict) {
	v.Fields = c.deltas
	switch {
	case c.twice:
		v.State, v.Note, v.Fields = model.Unreadable, noteTwice, nil
	case len(c.deltas) > 0:
		v.State = model.Differs
		if c.more > 0 {
			v.Note = "and " + countFields(c.more) + " more"
		}
	default:
		v.State = model.Confirmed
		if c.compared == 0 {
			v.Note = noteNotCompared
		}
	}
}

func countFields(n int) string {
	if n == 1 {
		return "1 field"
	}
	return strconv.Itoa(n) + " fields"
}

func (c *comparison) differs(pointer, sent, got string) {
	if len(c.deltas) == maxDeltas {
		c.more++
		return
	}
	c.deltas = append(c.deltas, model.FieldDelta{Pointer: pointer, Sent: model.Foreign(sent), Got: model.Foreign(got)})
}

// skipped are the pointers that a comparison leaves out.
type skipped []string

func newSkipped(ignore []string, keyField string) skipped {
	out := slices.Clone(ignore)
	switch {
	case keyField == "":
	case keyField[0] == '/':
		out = append(out, keyField)
	default:
		out = append(out, pointerTo("", keyField))
	}
	return out
}

func (s skipped) has(pointer string) bool {
	return slices.ContainsFunc(s, func(p string) bool {
		return p != "" && (pointer == p || strings.HasPrefix(pointer, p+"/"))
	})
}

// wrappers are names of a member that a read may wrap its item in.
var wrappers = []string{"data", "item", "result", "resource", "_source"}

func (c *comparison) json(sent, got []byte) {
	want, have := rootNode(sent), rootNode(got)
	if want.object && have.object {
		have = unwrap(sent, got, want, have)
	}
	c.values("", sent, got, want, have)
}

// unwrap looks inside a wrapper, if the read has one and none of the fields that
// were sent beside it.
func unwrap(sent, got []byte, want, have jsonSpan) jsonSpan {
	names := make(map[string]bool)
	for _, m := range members(sent, want) {
		names[m.name] = true
	}
	inside := have
	for _, m := range members(got, have) {
		if names[m.name] {
			return have
		}
		if n := spanAt(got, m.value, m.end); n.object && isWrapper(m.name) {
			inside = n
		}
	}
	return inside
}

func (c *comparison) values(pointer string, sent, got []byte, want, have jsonSpan) {
	if c.skip.has(pointer) {
		return
	}
	switch {
	case want.object && have.object:
		c.objects(pointer, sent, got, want, have)
	case want.array && have.array:
		old, now := members(sent, want), members(got, have)
		if len(old) != len(now) {
			c.compared++
			c.differs(pointer, want.raw(sent), have.raw(got))
			return
		}
		if len(old) == 0 {
			c.compared++
		}
		for i := range old {
			c.values(pointerTo(pointer, strconv.Itoa(i)), sent, got,
				spanAt(sent, old[i].value, old[i].end), spanAt(got, now[i].value, now[i].end))
		}
	default:
		c.compared++
		if a, b := want.raw(sent), have.raw(got); !sameScalar(a, b) {
			c.differs(pointer, a, b)
		}
	}
}

func (c *comparison) objects(pointer string, sent, got []byte, want, have jsonSpan) {
	now := members(got, have)
	at := make(map[string]int, len(now))
	for i, m := range now {
		if _, ok := at[m.name]; ok {
			c.twice = true
		}
		at[m.name] = i
	}
	for _, m := range members(sent, want) {
		p, value := pointerTo(pointer, m.name), spanAt(sent, m.value, m.end)
		i, ok := at[m.name]
		switch {
		case ok:
			c.values(p, sent, got, value, spanAt(got, now[i].value, now[i].end))
		case c.skip.has(p):
		default:
			c.compared++
			if raw := value.raw(sent); raw != "null" {
				c.differs(p, raw, "")
			}
		}
	}
}

func isWrapper(name string) bool { return slices.Contains(wrappers, name) }
