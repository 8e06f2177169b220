package report

import (
	"strings"

	"retriage/model"
	"retriage/triage"
)

// todo says what is left to do for the items of a tab: by what each of them says
// about being sent again, which a category alone does not tell.
func todo(s *triage.Session, tab triage.Tab) string {
	if tab.Category() == model.None {
		return triage.Advice(tab)
	}
	var of [model.Never + 1]int
	classes := 0
	for _, i := range s.Items(tab) {
		c := s.Class(i)
		if of[c]++; of[c] == 1 {
			classes++
		}
	}
	var parts, order []string
	counts := map[string]int{} // by what there is to do, which two classes may share
	for _, c := range []model.RetryClass{model.Safe, model.AfterEdit, model.AfterVerify, model.Never} {
		switch {
		case of[c] == 0:
		case classes == 1:
			return task(tab, c)
		default:
			text := task(tab, c)
			if _, known := counts[text]; !known {
				order = append(order, text)
			}
			counts[text] += of[c]
		}
	}
	if len(order) == 1 {
		return order[0]
	}
	for _, text := range order {
		parts = append(parts, model.Number(counts[text])+" "+text)
	}
	return strings.Join(parts, "; ")
}

// task is what there is to do for items of one class.
func task(tab triage.Tab, c model.RetryClass) string {
	category := tab.Category()
	switch c {
	case model.Safe:
		if category == model.MissingDependency {
			return triage.Advice(tab)
		}
		return "retry as is"
	case model.AfterVerify:
		return "looked up first, then retried: may have been applied"
	case model.Never:
		if category == model.Permission {
			return triage.Advice(tab)
		}
		return "not to be sent again as it is"
	}
	switch category {
	case model.RateLimited, model.Backend, model.Timeout, model.Other, model.Permission:
		return "edit first"
	}
	return triage.Advice(tab)
}
