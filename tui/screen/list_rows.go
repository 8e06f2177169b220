package screen

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"retriage/triage"
	"retriage/tui/widget"
)

// rowSet is what a list shows: items in the order of the request.
type rowSet struct {
	ready bool
	items []int
	total int // in the tab, without the filter
	tab   triage.Tab
	cause *triage.Group
	id    int // cells that the ids want
	field int // cells that the fields want
}

const rowsWork = "rows"

// ask looks for the rows of the face's tab, cause and filter.
func (l *list) ask(sc *Scene) Effect {
	f := sc.Face
	r := rowSet{ready: true, tab: f.Tab, cause: f.Cause}
	query := ""
	if !f.QueryOff {
		query = f.Query
	}
	return Work{Name: rowsWork, Do: func(ctx context.Context, e Engine) any { return findRows(ctx, e, r, query) }}
}

func findRows(ctx context.Context, e Engine, r rowSet, query string) rowSet {
	var all []int
	e.Desk.Look(func(s *triage.Session) {
		if r.cause != nil {
			all = s.Members(*r.cause)
			return
		}
		all = s.Items(r.tab)
	})
	r.total = len(all)
	q, err := parseQuery(query)
	if err != nil || q.IsZero() {
		r.items = all
	} else {
		r.items = match(ctx, e, q, all)
	}
	e.Desk.Look(func(s *triage.Session) {
		for _, i := range r.items[:min(len(r.items), chunk)] {
			row := s.Row(i)
			r.id = max(r.id, widget.Width(idOf(s, i)))
			r.field = max(r.field, widget.Width(row.Field.Safe(40)))
		}
	})
	return r
}

// match keeps the items that fit a query. It looks at a chunk under one lock, so
// that it never holds anybody up for long.
func match(ctx context.Context, e Engine, q triage.Query, all []int) []int {
	kept := make([]int, 0, len(all)/4)
	for from := 0; from < len(all) && ctx.Err() == nil; from += chunk {
		e.Desk.Look(func(s *triage.Session) {
			for _, i := range all[from:min(from+chunk, len(all))] {
				if s.Match(q, i) {
					kept = append(kept, i)
				}
			}
		})
	}
	return kept
}

// queryFields are what a filter can ask about, before the colon.
var queryFields = []string{"re", "id", "code", "status", "field", "category", "state"}

// parseQuery reads a filter. A word and a colon that look like a field and are
// none are an error here: a typo would otherwise be a search that finds nothing.
func parseQuery(text string) (triage.Query, error) {
	q, err := triage.ParseQuery(text)
	if err != nil {
		return q, err
	}
	for _, word := range strings.Fields(text) {
		name, value, ok := strings.Cut(strings.TrimPrefix(word, "!"), ":")
		if !ok || value == "" || strings.HasPrefix(value, "//") || !letters(name) || slices.Contains(queryFields, name) {
			continue
		}
		return q, &triage.QueryError{Why: fmt.Sprintf("no field %q: %s", name, strings.Join(queryFields, " "))}
	}
	return q, nil
}

// letters says whether a text is a word of ASCII letters.
func letters(s string) bool {
	return len(s) > 1 && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz") == ""
}
