package triage

import (
	"fmt"
	"slices"
	"testing"
)

// Of the kinds of sessionOf, 5 to 9 (503, 500, 504, unanswered and unknown) may
// have been applied; 3 (429) was surely not.
func TestADraftOfWhatMayHaveBeenApplied(t *testing.T) {
	all := func(f Facts) func(int) Facts { return func(int) Facts { return f } }
	for _, row := range []struct {
		name    string
		opt     PlanOptions
		items   []int
		lookups []int
		double  []int
		left    string // the reason for item 6
	}{
		{"with a read", PlanOptions{Reads: true, Unknown: true}, []int{3, 5, 6, 7, 8, 9}, []int{5, 6, 7, 8, 9}, nil, ""},
		{"with no read", PlanOptions{Unknown: true}, []int{3}, nil, nil, whyNoRead},
		{"with nothing to read by", PlanOptions{Reads: true, Unknown: true, Facts: all(Facts{Unread: true})}, []int{3}, nil, nil, whyNoAddress},
		{"handed in", PlanOptions{ByHand: true}, []int{3}, nil, nil, whyByHand},
		{"by decision", PlanOptions{MayDouble: true}, []int{3, 5, 6, 7, 8, 9}, nil, []int{5, 6, 7, 8, 9}, ""},
		{"by decision, with a read", PlanOptions{Reads: true, MayDouble: true}, []int{3, 5, 6, 7, 8, 9}, []int{5, 6, 7, 8, 9}, nil, ""},
		{"by decision, handed in", PlanOptions{ByHand: true, MayDouble: true}, []int{3, 5, 6, 7, 8, 9}, nil, []int{5, 6, 7, 8, 9}, ""},
		{"what changes nothing", PlanOptions{Facts: all(Facts{Harmless: true})}, []int{3, 5, 6, 7, 8, 9}, nil, nil, ""},
		{"under its own key", PlanOptions{Keys: true, Unknown: true}, []int{3, 5, 6, 7, 8, 9}, nil, nil, ""},
		{"what repeats parts", PlanOptions{Reads: true, Facts: all(Facts{Repeats: true})}, nil, nil, nil, whyRepeats},
		{"what repeats parts, by decision", PlanOptions{Reads: true, MayDouble: true, Facts: all(Facts{Repeats: true})},
			[]int{3, 5, 6, 7, 8, 9}, nil, []int{3, 5, 6, 7, 8, 9}, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := sessionOf(t, 10)
			d := s.Draft(row.opt, func(int) bool { return true })
			for _, c := range []struct {
				what      string
				got, want []int
			}{{"items", d.Items, row.items}, {"looked up", d.Lookups, row.lookups}, {"may double", d.MayDouble, row.double}} {
				if !slices.Equal(c.got, c.want) {
					t.Errorf("%s %v, want %v", c.what, c.got, c.want)
				}
			}
			left := ""
			for _, l := range d.LeftOut {
				if slices.Contains(l.Items, 6) {
					left = l.Why
				}
			}
			if left != row.left {
				t.Errorf("item 6 is left out: %q, want %q", left, row.left)
			}
			if left != "" && !MayOverrule(left) {
				t.Errorf("nobody may overrule %q", left)
			}
			if MayOverrule(whyNotEdited) || fmt.Sprint(s.Totals()) != fmt.Sprint(Totals{}) {
				t.Error("a draft has changed something")
			}
		})
	}
}
