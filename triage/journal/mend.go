package journal

import (
	"fmt"

	"retriage/model"
)

// Lost says whether ev is the mark that a repair left in place of damaged
// records, and which numbers they had. It is a verify event that makes every
// item unknown which a lost record may have sent, so that it is looked up
// before it is sent again; or a note on the run, when there is no such item.
// What the operator did in those records (edits, notes) is gone.
func Lost(ev model.Event) (from, to int64, ok bool) {
	if ev.Type != model.EvNote && ev.Type != model.EvVerify || ev.Ref < 1 || ev.Ref >= ev.Seq {
		return 0, 0, false
	}
	return ev.Ref + 1, ev.Seq, true
}

// follows says whether ev may stand after the event with number last: it has
// the next number, or is the mark for the numbers in between.
func follows(last int64, ev model.Event) bool {
	_, _, mark := Lost(ev)
	return ev.Seq == last+1 || mark && ev.Ref == last
}

// mending is how the records that are whole become a journal again.
type mending struct {
	drop  map[int64]bool        // records that mean nothing without a lost one
	marks map[int64]model.Event // what goes in front of the record with that number
	end   *model.Event          // what goes behind the last record
}

// mend plans the repair of a journal of which only events can be read. open
// says that the damage reaches to its end.
func mend(events []model.Event, open bool) mending {
	m := mending{drop: orphans(events), marks: map[int64]model.Event{}}
	var kept []model.Event
	for _, ev := range events {
		if !m.drop[ev.Seq] {
			kept = append(kept, ev)
		}
	}
	var last int64
	for k, ev := range kept {
		if !follows(last, ev) {
			m.marks[ev.Seq] = mark(last, ev.Seq-1, atRisk(kept[:k], kept[k:]))
		}
		last = ev.Seq
	}
	if open || len(events) > 0 && m.drop[events[len(events)-1].Seq] {
		// How many there were cannot be known.
		end := mark(last, last+1, atRisk(kept, nil))
		m.end = &end
	}
	return m
}

// mark is what stands for the records after number last up to number to.
func mark(last, to int64, items []int) model.Event {
	text := fmt.Sprintf("records %d to %d of the journal were damaged: what was sent is not known", last+1, to)
	ev := model.Event{Seq: to, Ref: last, Type: model.EvNote, Note: &model.NoteEvent{Item: -1, Text: text}}
	if len(items) == 0 {
		return ev
	}
	ev.Type, ev.Note, ev.Verify = model.EvVerify, nil, &model.VerifyEvent{}
	for _, i := range items {
		ev.Verify.Items = append(ev.Verify.Items, model.ItemVerdict{Index: i, State: model.Unknown, Was: model.Queued, Note: text})
	}
	return ev
}

// orphans finds the undo and redo events whose object is lost.
func orphans(events []model.Event) map[int64]bool {
	drop, undone := map[int64]bool{}, map[int64]bool{}
	for _, ev := range events {
		switch ev.Type {
		case model.EvEdit, model.EvRule, model.EvLeave, model.EvRefile:
			undone[ev.Seq] = false
		case model.EvUndo, model.EvRedo:
			is, there := undone[ev.Ref]
			if !there || is == (ev.Type == model.EvUndo) {
				drop[ev.Seq] = true
				continue
			}
			undone[ev.Ref] = !is
		}
	}
	return drop
}

// atRisk lists the items of the plan in force that a record between before and
// after may have sent: those that before leaves unsettled and of which after
// says nothing.
func atRisk(before, after []model.Event) []int {
	var plan []int
	unsettled := map[int]bool{}
	for _, ev := range before {
		switch {
		case ev.Plan != nil:
			plan, unsettled = ev.Plan.Items, map[int]bool{}
			for _, i := range plan {
				unsettled[i] = true
			}
		case ev.End != nil:
			plan = nil
		}
		touch(ev, func(i int, moving bool) { unsettled[i] = moving })
	}
	told := map[int]bool{}
	for _, ev := range after {
		touch(ev, func(i int, _ bool) { told[i] = true })
	}
	var items []int
	for _, i := range plan {
		if unsettled[i] && !told[i] {
			items = append(items, i)
		}
	}
	return items
}

// touch calls f for each item that ev tells the fate of; moving says that the
// plan may yet send it, or has just done so.
func touch(ev model.Event, f func(item int, moving bool)) {
	switch {
	case ev.Intent != nil:
		for _, i := range ev.Intent.Items {
			f(i, true)
		}
	case ev.Outcome != nil:
		for _, r := range ev.Outcome.Items {
			f(r.Index, r.State.Moving())
		}
	case ev.Verify != nil:
		for _, v := range ev.Verify.Items {
			f(v.Index, v.State == model.Queued)
		}
	}
}
