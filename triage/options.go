package triage

import "retriage/model"

// PlanOptions say which items a plan takes in besides what is plainly ready.
type PlanOptions struct {
	// Items restricts the plan to a selection; nil means every open item.
	Items []int
	// AsIs sends unedited items too whose cause wants an edit or access first.
	AsIs bool
	// Unknown takes in items in state Unknown; they are looked up first, and
	// sent again only if they are not there.
	Unknown bool
	// MayDouble takes in what may have been applied and cannot be looked up, or
	// holds parts that are done: somebody has decided that it may be done twice.
	MayDouble bool
	// ByHand says that the requests are handed in by a person: nothing is looked
	// up before.
	ByHand bool
	// Facts tells what only an item's request says; nil = nothing more.
	Facts func(i int) Facts
	// Reads says whether the target offers a read of single items. Without it
	// nothing that may have been applied is sent again.
	Reads bool
	// Keys says that the target honours a key in each item (model.ItemKey), so
	// that what may have been applied and was not edited can be sent again under
	// the key it had, where there is no read.
	Keys bool
}

// Facts are what a plan asks of an item's request, which has to be read from the
// input. The zero Facts are those of an ordinary write.
type Facts struct {
	Unread   bool // nothing is known that the item could be read back by
	Harmless bool // it changes nothing, however often it is sent
	Repeats  bool // it would do again what is done already
}

// OptionsFor is what a target allows: looking items up, or else keys of their own
// under which the server does not apply an item twice.
func OptionsFor(p model.Profile) PlanOptions {
	return PlanOptions{Reads: p.ItemURL != "", Keys: p.ItemURL == "" && p.KeyScope == model.ItemKey}
}

// MayOverrule says whether an item that is left out for this reason is taken in by
// a decision that it may be done twice (PlanOptions.MayDouble).
func MayOverrule(why string) bool {
	return why == whyNoRead || why == whyNoAddress || why == whyByHand || why == whyRepeats
}

// facts are what is known of an item's request, of which parts may have been done
// in this session.
func (o PlanOptions) facts(e *entry, i int) (f Facts) {
	if o.Facts != nil {
		f = o.Facts(i)
	}
	if e != nil && e.answer.Partly && !f.Harmless {
		f.Repeats = true
	}
	return f
}

// doubt says why an item may be done twice if it is sent, "" = it may not: it was
// surely not applied, or it is looked up first, or it has a key of its own.
func (e *entry) doubt(opt PlanOptions, f Facts) string {
	switch {
	case e.class() != model.AfterVerify || f.Harmless || opt.Keys && !e.dirty:
		return ""
	case opt.ByHand:
		return whyByHand
	case !opt.Reads:
		return whyNoRead
	case f.Unread:
		return whyNoAddress
	}
	return ""
}
