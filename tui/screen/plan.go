package screen

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"retriage/model"
	"retriage/triage"
	"retriage/triage/run"
	"retriage/tui/dialog"
	"retriage/tui/keys"
)

// Plan is what a retry would do, before anything is sent. Only its own key leads
// to a run, and where a wrong send hurts only after the count was typed.
type Plan struct {
	opt    triage.PlanOptions
	of     int  // items that the plan was made from
	all    int  // items of the batch
	chosen bool // they are a selection
	verify bool // read back when done
	steps  bool // canary steps
	rate   float64
	top    int // the first line of it that is shown

	ready bool
	draft triage.Draft
	open  uint64 // version of the session that the draft is of
}

// typedFrom is the number of items from which the count is typed everywhere.
const typedFrom = 100

// openPlan opens the plan of a selection, or of every open item (nil).
func openPlan(sc *Scene, items []int) []Effect {
	return []Effect{Push{NewPlan(sc.Profile, items)}}
}

// NewPlan is the plan of a retry of items; nil means every open item.
func NewPlan(pr model.Profile, items []int) *Plan {
	p := &Plan{chosen: items != nil, steps: true, rate: settings(pr).Rate}
	p.opt = triage.OptionsFor(pr)
	p.opt.Items = slices.Clone(items)
	p.verify = p.opt.Reads
	return p
}

// settings are the profile's, or the defaults when it has none.
func settings(pr model.Profile) model.Settings {
	if pr.Settings.Tries == 0 {
		return model.Defaults()
	}
	return pr.Settings
}

// Scopes implements Screen.
func (p *Plan) Scopes() []keys.Scope { return []keys.Scope{PlanView, Rows} }

// Facts implements Screen.
func (p *Plan) Facts(sc *Scene, st *keys.State) {
	st.Off = map[keys.Action]string{}
	st.Chosen = p.draft.Count()
	switch {
	case sc.ReadOnly != "":
		st.Off[keys.PlanGo] = sc.ReadOnly
	case sc.NoTarget != "":
		st.Off[keys.PlanGo] = sc.NoTarget
	case sc.RunOn:
		st.Off[keys.PlanGo] = "a run is going on already"
	case !p.ready:
		st.Off[keys.PlanGo] = "the plan is still being made"
	case p.draft.Count() == 0:
		st.Off[keys.PlanGo] = "the plan is empty: there is nothing to send"
	}
	if !p.opt.Reads {
		st.Off[keys.PlanVerify] = "this API offers no read of single items"
	}
	if len(p.draft.LeftOut) == 0 {
		st.Off[keys.PlanLeft] = "nothing is left out"
	}
	if !p.opt.MayDouble && !slices.ContainsFunc(p.draft.LeftOut, func(l model.LeftOutPart) bool { return triage.MayOverrule(l.Why) }) {
		st.Off[keys.PlanDouble] = "nothing is left out because it may be done twice"
	}
}

// draftAnswer is a plan as it was worked out.
type draftAnswer struct {
	draft   triage.Draft
	of, all int
	version uint64
}

// Refresh implements Screen.
func (p *Plan) Refresh(sc *Scene) []Effect {
	if p.ready && p.open == sc.S.Version() {
		return nil
	}
	return []Effect{p.work()}
}

// requestFacts is what a plan asks of the request of item i, with a target or without.
func requestFacts(e Engine, i int) (f triage.Facts, known bool) {
	if e.Runner != nil {
		return e.Runner.Facts(i)
	}
	f, _, known = run.FactsOf(e.Desk, i)
	return f, known
}

// work makes the draft. Whether the request of an item is known is on disk, so
// that is found out first, and not while the session waits.
func (p *Plan) work() Effect {
	opt := p.opt
	return Work{Name: "draft", Do: func(ctx context.Context, e Engine) any {
		items := opt.Items
		e.Desk.Look(func(s *triage.Session) {
			if items == nil {
				items = s.Items(triage.AllTab)
			}
		})
		known, facts := make(map[int]bool, len(items)), map[int]triage.Facts{}
		for _, i := range items {
			if ctx.Err() != nil {
				return nil
			}
			var f triage.Facts
			if f, known[i] = requestFacts(e, i); f != (triage.Facts{}) {
				facts[i] = f
			}
		}
		opt.Facts = func(i int) triage.Facts { return facts[i] }
		a := draftAnswer{of: len(items)}
		e.Desk.Look(func(s *triage.Session) {
			a.all = s.Len()
			a.draft, a.version = s.Draft(opt, func(i int) bool { return known[i] }), s.Version()
		})
		return a
	}}
}

// Apply implements Screen.
func (p *Plan) Apply(_ *Scene, _ string, answer any) []Effect {
	switch a := answer.(type) {
	case draftAnswer:
		p.draft, p.of, p.all, p.open, p.ready = a.draft, a.of, a.all, a.version, true
	case model.Plan:
		return []Effect{
			Start{func(ctx context.Context, r Runner) error { return r.Run(ctx, a) }},
			Replace{NewLive()},
		}
	case error:
		return []Effect{Say{"Nothing was sent: " + sentenceIn(planError(a))}}
	}
	return nil
}

func planError(err error) string {
	if errors.Is(err, run.ErrEmpty) {
		return "the plan is empty"
	}
	return err.Error()
}

// typed says why the count has to be typed, "" = a yes is enough.
func (p *Plan) typed(pr model.Profile) string {
	switch {
	case len(p.draft.MayDouble) > 0:
		return model.Plural(len(p.draft.MayDouble), "item") + " may be done twice"
	case pr.Prod:
		return "PROD"
	case p.draft.Count() > typedFrom:
		return "More than " + model.Number(typedFrom) + " items"
	case pr.KeyScope == "" || pr.KeyScope == model.NoKey:
		return "No idempotency key"
	}
	return ""
}

// word is what has to be typed: the count, and under ten with a word before it,
// so that no stray digit sends.
func (p *Plan) word() string {
	n := strconv.Itoa(p.draft.Count())
	if p.draft.Count() < 10 {
		return "send " + n
	}
	return n
}

// Do implements Screen.
func (p *Plan) Do(sc *Scene, k keys.Press) []Effect {
	if p.scroll(sc, k.Action) {
		return nil
	}
	switch k.Action {
	case keys.PlanGo:
		return p.confirm(sc, k)
	case keys.PlanAsIs:
		p.opt.AsIs = !p.opt.AsIs
		return []Effect{p.work()}
	case keys.PlanDouble:
		return p.double(k)
	case keys.PlanVerify:
		p.verify = !p.verify
	case keys.PlanSteps:
		p.steps = !p.steps
	case keys.RunSlower:
		p.rate = slower(p.rate)
	case keys.RunFaster:
		p.rate = faster(p.rate)
	case keys.PlanLeft:
		return p.leftOut(sc)
	case keys.Escape:
		return []Effect{Pop{}, Say{"Nothing was sent."}}
	}
	return nil
}

// doubleWord is what has to be typed before a plan takes in what may be done twice.
const doubleWord = "may double"

// double takes in what may have been applied and cannot be looked up, once that
// was typed, or takes it out again.
func (p *Plan) double(k keys.Press) []Effect {
	switch {
	case p.opt.MayDouble:
		p.opt.MayDouble = false
	case !k.Yes:
		d := dialog.Input(keys.PlanDouble, "These may have been applied. Type "+doubleWord+", then Enter, to take them in", "")
		d.Lines = []string{"They cannot be looked up. What was applied is done twice.", "esc goes back; they stay left out."}
		d.No = "They stay left out."
		return []Effect{Ask{d}}
	case strings.TrimSpace(k.Text) != doubleWord:
		return []Effect{Say{"They stay left out: " + strconv.Quote(doubleWord) + " has to be typed exactly."}}
	default:
		p.opt.MayDouble = true
	}
	return []Effect{p.work()}
}

// confirm asks, and starts the run on the right answer.
func (p *Plan) confirm(sc *Scene, k keys.Press) []Effect {
	why := p.typed(sc.Profile)
	switch {
	case k.Yes && why != "" && strings.TrimSpace(k.Text) != p.word():
		return []Effect{Say{"Nothing was sent: " + strconv.Quote(p.word()) + " has to be typed exactly."}}
	case k.Yes:
		return []Effect{p.freeze()}
	case why != "":
		begin := ""
		if len(k.Key) == 1 && k.Key[0] >= '0' && k.Key[0] <= '9' && p.draft.Count() >= 10 {
			begin = k.Key
		}
		d := dialog.Input(keys.PlanGo, why+": type "+p.word()+", then enter, to send "+model.Plural(p.draft.Count(), "item"), begin)
		d.Lines = []string{"to " + host(sc.Profile) + ". esc goes back; nothing is sent."}
		d.Enter = "send " + model.Number(p.draft.Count())
		d.No = "Nothing was sent."
		return []Effect{Ask{d}}
	case k.Key != "y":
		return []Effect{Say{"Nothing was sent. y sends the " + model.Plural(p.draft.Count(), "item") + "."}}
	}
	return []Effect{p.freeze()}
}

// host is where a profile sends to.
func host(pr model.Profile) string {
	_, rest, _ := strings.Cut(model.Origin(pr.BaseURL), "://")
	return model.Foreign(rest).Safe(model.SafeShort)
}

// freeze makes the plan of the draft: from here on its items are fixed.
func (p *Plan) freeze() Effect {
	draft, verify, steps, rate := p.draft, p.verify, p.steps, p.rate
	return Work{Name: "freeze", Do: func(_ context.Context, e Engine) any {
		if e.Runner == nil {
			return errors.New("there is no target to send to")
		}
		plan, err := e.Runner.Plan(draft, verify)
		if err != nil {
			return err
		}
		plan.Settings.Rate = rate
		if !steps {
			plan.Settings.Steps = nil
		}
		return plan
	}}
}

// leftOut opens the list of what is left out, and why.
func (p *Plan) leftOut(_ *Scene) []Effect {
	parts := p.draft.LeftOut
	return []Effect{Push{newSheet("LEFT OUT OF THE PLAN", func(_ context.Context, e Engine) []triage.DiffLine {
		var lines []triage.DiffLine
		e.Desk.Look(func(s *triage.Session) {
			for _, part := range parts {
				lines = append(lines, triage.DiffLine{Sign: heading, Text: model.Plural(part.Count, "item") + ": " + part.Why})
				for k, i := range part.Items {
					if k == 500 {
						lines = append(lines, triage.DiffLine{Sign: ' ', Text: "and " + model.Number(part.Count-k) + " more"})
						break
					}
					r := s.Row(i)
					text := idOf(s, i) + "   " + tabOf(r).Title()
					if !r.Message.IsZero() {
						text += "   " + r.Message.Safe(model.SafeShort)
					}
					lines = append(lines, triage.DiffLine{Sign: ' ', Text: text})
				}
				lines = append(lines, triage.DiffLine{Sign: ' '})
			}
		})
		return lines
	})}}
}

// paces are the steps that a rate is changed by, in requests per second.
var paces = []float64{0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000}

func slower(rate float64) float64 {
	for k := len(paces) - 1; k >= 0; k-- {
		if paces[k] < rate {
			return paces[k]
		}
	}
	return paces[0]
}

func faster(rate float64) float64 {
	for _, p := range paces {
		if p > rate {
			return p
		}
	}
	return paces[len(paces)-1]
}
