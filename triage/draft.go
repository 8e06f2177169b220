package triage

import (
	"slices"

	"retriage/model"
)

// applyDraft keeps what was typed into a form and not saved, or forgets it.
func (s *Session) applyDraft(d *model.DraftEvent) error {
	if err := s.has(d.Item); err != nil {
		return err
	}
	if len(d.Fields) == 0 {
		delete(s.drafts, d.Item)
		return nil
	}
	if s.drafts == nil {
		s.drafts = map[int][]model.DraftField{}
	}
	s.drafts[d.Item] = d.Fields
	return nil
}

// FormDraft gives what was typed into the form of item i and not saved; nil =
// nothing.
func (s *Session) FormDraft(i int) []model.DraftField { return s.drafts[i] }

// DraftText is the text of a field of a draft, to be edited and not to be shown as
// it is.
func DraftText(f model.DraftField) string { return f.Text.Wire() }

// DraftItems lists the open items with such a draft, in the order of the request.
func (s *Session) DraftItems() []int {
	var items []int
	for i := range s.drafts {
		if !s.State(i).Done() {
			items = append(items, i)
		}
	}
	slices.Sort(items)
	return items
}
