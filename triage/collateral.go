package triage

import (
	"strings"

	"retriage/model"
)

// linkCauses finds, for what failed because something else was missing, the item
// of this batch that it names: then it is collateral, and is worth sending again
// once that item is through. first is the first entry to look at.
func (s *Session) linkCauses(first int) {
	for e := range s.entries.from(first) {
		if cause, ok := s.causeOf(e); ok {
			s.count(e, -1)
			f, _ := s.failure(e)
			f.Cause = cause
			e.own()
			e.newest = &f
			s.file(e, &f)
			s.count(e, +1)
		}
	}
}

// causeOf is the open item that the failure of e names, if it names one.
func (s *Session) causeOf(e *entry) (model.ID, bool) {
	if e.filing.Category != model.MissingDependency {
		return model.ID{}, false
	}
	f, failed := s.failure(e)
	if !failed || !f.Cause.IsZero() {
		return model.ID{}, false
	}
	for _, name := range quoted(f.Message.Wire()) {
		k, ok := s.openIDs()[name]
		if ok && s.entries.at(k).index != e.index {
			return s.entries.at(k).id, true
		}
	}
	return model.ID{}, false
}

// openIDs finds entries by the text of their id. It is made when first needed:
// most batches need it never.
func (s *Session) openIDs() map[string]int {
	if len(s.byID) != s.entries.n {
		s.byID = make(map[string]int, s.entries.n)
		for k := range s.entries.n {
			s.byID[s.entries.at(k).id.Wire()] = k
		}
	}
	return s.byID
}

// maxNames bounds how many quoted words of one message are looked at.
const maxNames = 4

// quoted lists the words that a message puts in quotes.
func quoted(message string) []string {
	var out []string
	for len(out) < maxNames {
		open := strings.IndexAny(message, "\"'`")
		if open < 0 {
			break
		}
		rest := message[open+1:]
		end := strings.IndexByte(rest, message[open])
		if end < 0 {
			break
		}
		if end > 0 {
			out = append(out, rest[:end])
		}
		message = rest[end+1:]
	}
	return out
}
