package screen

import (
	"context"
	"fmt"
	"strings"

	"retriage/model"
	"retriage/triage"
	"retriage/tui/dialog"
	"retriage/tui/keys"
)

// place is where an action on the batch is pressed: the item under the cursor
// (negative = none), and the items that an action takes.
type place struct {
	item   int
	chosen func() []int // the selection, else the item under the cursor
	shown  func() []int // what is shown, for an export without a selection
}

// doBatch carries out what overview, list and causes have in common.
func doBatch(sc *Scene, p keys.Press, at place) []Effect {
	switch p.Action {
	case keys.Undo:
		return undo(sc)
	case keys.Redo:
		return redo(sc)
	case keys.Note:
		return note(sc, p, at.item)
	case keys.Refile:
		return refile(sc, p, at.chosen())
	case keys.PlanRetry:
		return plan(sc)
	case keys.VerifyPlan:
		if sc.RunOn {
			return openLive(sc)
		}
		return openVerify(sc, sc.Face.Selection.Items())
	case keys.RunReport:
		return []Effect{Push{NewReport()}}
	case keys.ResumeGo, keys.ResumeVerify, keys.ResumePlan:
		return resume(sc, p.Action)
	case keys.Export:
		return export(sc, p, at)
	case keys.CopyID:
		return copyIDs(sc, at.chosen())
	case keys.CopyError:
		return copyError(sc, at.item)
	case keys.CopyItem:
		return copyItem(at.item)
	}
	return nil
}

// plan leads to the plan of a retry, or to the run that goes on already.
func plan(sc *Scene) []Effect {
	switch {
	case sc.RunOn:
		return openLive(sc)
	case sc.S.Unfinished() != nil:
		return []Effect{Ask{ResumeQuestion(sc.S, sc.RunID)}}
	}
	return planAnew(sc)
}

// planAnew opens the plan of the selection, or of all that is open.
func planAnew(sc *Scene) []Effect {
	if items := sc.Face.Selection.Items(); len(items) > 0 {
		return openPlan(sc, items)
	}
	return openPlan(sc, nil)
}

// ResumeQuestion is the dialog about a run that the session has not finished.
// It is named by the run's id, the one that resume wants; "" = by the plan's.
func ResumeQuestion(s *triage.Session, id string) dialog.Dialog {
	ps := s.Running()
	if id == "" {
		id = model.Foreign(ps.Plan.ID).Safe(40)
	}
	all := s.Progress(ps)[0]
	unknown := all.Unknown + all.InFlight
	d := dialog.Dialog{Scope: dialog.Resume, Title: "The run " + id + " was not finished."}
	again := ""
	if all.Waiting > 0 {
		again = ", " + model.Number(all.Waiting) + " for another try"
	}
	d.Lines = append(d.Lines, fmt.Sprintf("%s of %s answered, %s sent without an answer%s, %s not sent.",
		model.Number(all.OK+all.Failed), model.Number(all.Total), model.Number(unknown), again, model.Number(all.Left)))
	if unknown > 0 {
		d.Lines = append(d.Lines, "Those without an answer count as unknown: they may have been applied.")
	}
	if all.Gone > 0 {
		d.Lines = append(d.Lines, goneWords(all.Gone)+", c does not send "+plural(all.Gone, "it", "them")+".")
	}
	return d
}

// resume goes on with an unfinished run, or first looks up what is unknown, or
// leads to another plan in its place.
func resume(sc *Scene, a keys.Action) []Effect {
	ps := sc.S.Running()
	switch {
	case a == keys.ResumeVerify:
		return openVerify(sc, sc.S.Items(triage.UnknownTab))
	case ps != nil && ps.Plan.ByHand():
		return []Effect{Say{"Nothing was sent: the request was handed in. Bring its answer: retriage resume --answer."}}
	case a == keys.ResumePlan:
		return planAnew(sc)
	}
	return append([]Effect{resumed()}, openLive(sc)...)
}

func resumed() Effect {
	return Start{func(ctx context.Context, r Runner) error { return r.Resume(ctx) }}
}

func note(sc *Scene, p keys.Press, item int) []Effect {
	if !p.Yes {
		title := "Note on the whole batch"
		if item >= 0 {
			title = "Note on " + idOf(sc.S, item)
		}
		return []Effect{Ask{dialog.Input(keys.Note, title, "")}}
	}
	text := strings.TrimSpace(p.Text)
	if text == "" {
		return []Effect{Say{"The note was empty: nothing was kept."}}
	}
	ev := model.Event{Type: model.EvNote, Note: &model.NoteEvent{Item: item, Text: text}}
	return []Effect{Commit{[]model.Event{ev}, "The note is kept; the report will show it."}}
}

// refile moves items to another category: the operator knows better than the
// rule that filed them.
func refile(sc *Scene, p keys.Press, items []int) []Effect {
	if !p.Yes {
		d := dialog.Offer(keys.Refile, "File "+model.Plural(len(items), "item")+" under which cause?", sc.S.Category(items[0]).String())
		d.Lines, d.Enter = []string{categoryIDs()}, "move"
		return []Effect{Ask{d}}
	}
	to, ok := categoryOf(strings.TrimSpace(p.Text))
	if !ok {
		return []Effect{Say{"There is no such cause. Nothing was moved; f lists them."}}
	}
	ev := model.Event{Type: model.EvRefile, Refile: &model.RefileEvent{Items: items, To: to}}
	return []Effect{Commit{[]model.Event{ev}, model.Plural(len(items), "item") + " moved to " + to.Title() + ". u undoes it."}}
}

func categoryIDs() string {
	var ids []string
	for _, c := range model.Categories() {
		ids = append(ids, c.String())
	}
	return strings.Join(ids, " ")
}

// categoryOf finds a category by its id, its title, or the beginning of either.
func categoryOf(text string) (model.Category, bool) {
	if text == "" {
		return model.None, false
	}
	low := strings.ToLower(text)
	for _, c := range model.Categories() {
		if strings.HasPrefix(c.String(), low) || strings.HasPrefix(strings.ToLower(c.Title()), low) {
			return c, true
		}
	}
	return model.None, false
}

// export writes the selection, or else all that is shown, to a file.
func export(sc *Scene, p keys.Press, at place) []Effect {
	items := sc.Face.Selection.Items()
	if len(items) == 0 {
		items = at.shown()
	}
	if !p.Yes {
		title := fmt.Sprintf("Export %s to a file; its ending says how: .json .jsonl .csv .md", model.Plural(len(items), "item"))
		d := dialog.Offer(keys.Export, title, "items.csv")
		d.Enter = "write"
		return []Effect{Ask{d}}
	}
	path := strings.TrimSpace(p.Text)
	if path == "" {
		return []Effect{Say{"No file was named: nothing was written."}}
	}
	return []Effect{Save{path, items}}
}

// idOf is what a screen calls item i.
func idOf(s *triage.Session, i int) string {
	if id := s.Row(i).ID; !id.IsZero() {
		return id.Safe()
	}
	return fmt.Sprintf("#%d", i+1)
}

func copyIDs(sc *Scene, items []int) []Effect {
	var ids []string
	for _, i := range items {
		ids = append(ids, idOf(sc.S, i))
	}
	if len(ids) == 0 {
		return []Effect{Say{"There is no item here. Nothing was copied."}}
	}
	return []Effect{Copy{strings.Join(ids, "\n"), "Copied " + model.Plural(len(ids), "id") + "."}}
}

func copyError(sc *Scene, item int) []Effect {
	f, ok := sc.S.Failure(item)
	if item < 0 || !ok {
		return []Effect{Say{"This item has no error. Nothing was copied."}}
	}
	var words []string
	for _, w := range []string{statusText(f.Status), f.Code.Safe(model.SafeShort), f.Field.Safe(model.SafeShort), f.Message.Safe(0)} {
		if w != "" {
			words = append(words, w)
		}
	}
	text := idOf(sc.S, item) + " " + strings.Join(words, " ")
	return []Effect{Copy{text, "Copied the error of " + idOf(sc.S, item) + "."}}
}

func statusText(status int) string {
	if status == 0 {
		return ""
	}
	return fmt.Sprint(status)
}

// copyWork is the name of the work behind copyItem; its answer is a Copy.
const copyWork = "copy"

// copyItem copies the body of an item as it would be sent now.
func copyItem(item int) []Effect {
	if item < 0 {
		return []Effect{Say{"Nothing was copied: no item is under the cursor. enter opens the items; x exports them."}}
	}
	return []Effect{Work{Name: copyWork, Do: func(_ context.Context, e Engine) any {
		it, now, _, err := e.Desk.Payload(item)
		switch {
		case err != nil:
			return Say{"Nothing was copied: " + sentenceIn(err.Error())}
		case !now.Known:
			return Say{"Nothing was copied: what was sent is not in this file."}
		}
		return Copy{string(now.Body), fmt.Sprintf("Copied the body of %s, %s.", it.ID.Safe(), model.Size(int64(len(now.Body))))}
	}}}
}

// applyShared takes the answers of work that doBatch started.
func applyShared(name string, answer any) []Effect {
	if e, ok := answer.(Effect); ok && name == copyWork {
		return []Effect{e}
	}
	return nil
}
