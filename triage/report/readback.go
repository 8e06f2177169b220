package report

import (
	"fmt"
	"slices"
	"strings"

	"retriage/model"
	"retriage/triage"
)

// ReadBack is what the newest read of each item has shown. A failed item keeps
// its state whatever a read shows, so that the states do not tell. Read is the
// sum of the other counts.
type ReadBack struct {
	Read         int `json:"read"`
	Confirmed    int `json:"confirmed"`
	Differs      int `json:"differs"`
	NotFound     int `json:"not_found"`
	AsExpected   int `json:"as_expected"` // failed, and not there
	Unreadable   int `json:"unreadable"`
	Unverifiable int `json:"unverifiable"`
	Unknown      int `json:"unknown"`
	// Differing and Missing name the first of Differs and of NotFound.
	Differing []string `json:"differing,omitempty"`
	Missing   []string `json:"missing,omitempty"`
}

// maxNamed is how many items of one verdict a report names.
const maxNamed = 20

// readBack counts the verdicts of a session, nil = there is none.
func readBack(s *triage.Session) *ReadBack {
	var rb ReadBack
	var differs, missing []int
	for i, v := range s.Verdicts() {
		rb.Read++
		switch v.State {
		case model.Confirmed:
			rb.Confirmed++
		case model.Differs:
			rb.Differs++
			differs = append(differs, i)
		case model.NotFound:
			if v.Expected() {
				rb.AsExpected++
				continue
			}
			rb.NotFound++
			missing = append(missing, i)
		case model.Unverifiable:
			rb.Unverifiable++
		case model.Unknown:
			rb.Unknown++
		case model.Queued: // looked up, and waits to be sent
			rb.Read--
		default:
			rb.Unreadable++
		}
	}
	if rb.Read == 0 {
		return nil
	}
	rb.Differing, rb.Missing = named(s, differs), named(s, missing)
	return &rb
}

// named gives the ids of the first of some items, in the order of the batch.
func named(s *triage.Session, items []int) (ids []string) {
	slices.Sort(items)
	for _, i := range items[:min(len(items), maxNamed)] {
		id := s.Row(i).ID.Safe()
		if id == "" {
			id = fmt.Sprintf("#%d", i+1)
		}
		ids = append(ids, id)
	}
	return ids
}

// Words says it in one line. What is not as it was sent is named.
func (rb ReadBack) Words() string {
	text := model.Plural(rb.Read, "item") + " read back: " + model.Number(rb.Confirmed) + " confirmed"
	for _, part := range []struct {
		n     int
		what  string
		names []string
	}{
		{rb.Differs, "differ", rb.Differing}, {rb.NotFound, "not found", rb.Missing}, {rb.AsExpected, "failed, and not there, as expected", nil},
		{rb.Unreadable, "could not be read", nil}, {rb.Unverifiable, "cannot be read from this API", nil}, {rb.Unknown, "still unknown", nil},
	} {
		if part.n == 0 {
			continue
		}
		text += ", " + model.Number(part.n) + " " + part.what
		if len(part.names) > 0 {
			text += " (" + strings.Join(part.names[:min(len(part.names), shownNames)], " ") + more(part.n-shownNames) + ")"
		}
	}
	return text
}

// shownNames is how many of them a line names.
const shownNames = 5

func more(n int) string {
	if n <= 0 {
		return ""
	}
	return " and " + model.Number(n) + " more"
}
