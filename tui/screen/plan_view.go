package screen

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"retriage/model"
	"retriage/triage"
	"retriage/tui/keys"
	"retriage/tui/widget"
)

// PlanView is the scope of the plan of a retry.
const PlanView keys.Scope = "retry plan"

func planKeys() []keys.Binding {
	const send, change = "SEND", "CHANGE THE PLAN"
	return []keys.Binding{
		{Keys: []string{"y", "enter", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}, Show: "y", Action: keys.PlanGo, Group: send, Danger: true,
			Text: "send what the plan says; asks for the count where a wrong send hurts", FootOf: func(st keys.State) string {
				return "send " + model.Number(st.Chosen)
			}},
		{Keys: []string{"esc"}, Action: keys.Escape, Text: "back, nothing sent", Foot: "back", Keep: true, Group: "LEAVE"},
		{Keys: []string{"l"}, Action: keys.PlanLeft, Text: "the items that are left out, and why", Foot: "left out", Group: "FIND"},
		{Keys: []string{"i"}, Action: keys.PlanAsIs, Text: "take in items as they are that want an edit or access first", Foot: "as is", Group: change},
		{Keys: []string{"d"}, Action: keys.PlanDouble, Text: "take in what may have been applied and cannot be looked up; it may be done twice", Foot: "may double", Group: change, Danger: true},
		{Keys: []string{"s"}, Action: keys.PlanSteps, Text: "a few items first, or all at once", Foot: "steps", Group: change},
		{Keys: []string{"<"}, Show: "< >", Action: keys.RunSlower, Text: "fewer requests a second; > more", Foot: "rate", Group: change},
		{Keys: []string{">"}, Action: keys.RunFaster, Text: "more requests a second", Group: change},
		{Keys: []string{"v"}, Action: keys.PlanVerify, Text: "read back when done, or not", Foot: "read back", Group: change},
	}
}

// View implements Screen.
func (p *Plan) View(sc *Scene) Picture {
	th := sc.Theme
	right := ""
	if sc.Profile.Prod {
		right = th.Prod.Render(" PROD ")
	}
	nothing := "NOTHING HAS BEEN SENT"
	if sc.Width < 60 {
		nothing = "NOTHING SENT"
	}
	lines := []string{
		header(sc, th.Strong.Render("RETRY PLAN")+"   "+th.OK.Render(nothing), right),
		widget.Rule(sc.Width, th),
	}
	if !p.ready {
		return Picture{Lines: append(lines, "", "   "+th.Faint.Render("making the plan …"))}
	}
	lines = append(lines, p.shown(sc, sc.Height-len(lines))...)
	return Picture{Lines: lines[:min(len(lines), sc.Height)], Left: p.question(sc)}
}

// shown is as much of the plan as there is room for, from where it is scrolled
// to. What stands outside is counted on the first or last line.
func (p *Plan) shown(sc *Scene, room int) []string {
	lines, airy := p.lines(sc, true), p.lines(sc, false)
	if len(airy) <= room {
		return airy
	}
	if len(lines) <= room || room < 3 {
		return lines
	}
	more := func(n int, where, how string) string {
		if sc.Asked { // its keys are the question's now
			how = ""
		}
		return sc.Theme.Wait.Render(fmt.Sprintf("   … %s %s%s", model.Plural(n, "more line"), where, how))
	}
	top := max(0, min(p.top, len(lines)-room))
	out := slices.Clone(lines[top : top+room])
	if top > 0 {
		out[0] = more(top+1, "above", "; k shows them")
	}
	if n := len(lines) - top - room; n > 0 {
		out[room-1] = more(n+1, "below", "; j shows them")
	}
	return out
}

// lines is the whole plan, with air between its parts unless it is tight.
func (p *Plan) lines(sc *Scene, tight bool) []string {
	var lines []string
	if !tight {
		lines = append(lines, "")
	}
	facts := p.facts(sc)
	roomy := !tight && sc.Height >= low+len(facts)+8
	for _, r := range facts {
		if roomy && (r.name == "STEPS" || r.name == "SAFETY" || r.name == "LEAVE OUT") {
			lines = append(lines, "")
		}
		lines = append(lines, p.factLines(sc, r)...)
	}
	return lines
}

// scroll moves the part of the plan that is shown; ok is false for another
// action.
func (p *Plan) scroll(sc *Scene, a keys.Action) (ok bool) {
	const head = 2
	room := max(1, sc.Height-head)
	// The window's cursor is its first line, so that each press moves what is seen.
	win := widget.Window{Cursor: p.top}.Fit(room, max(1, len(p.lines(sc, true))-room+1))
	if win, ok = moved(win, a); ok {
		p.top = win.Cursor
	}
	return ok
}

// fact is one line of a plan: what it is about, a number, and the words.
type fact struct {
	name, strong string
	words        []string
	alarm        bool
}

func (p *Plan) factLines(sc *Scene, f fact) []string {
	const name = 11
	th := sc.Theme
	indent := strings.Repeat(" ", 3+name)
	width := max(10, sc.Width-len(indent)-1)
	var lines []string
	for k, words := range f.words {
		strong := ""
		if k == 0 && f.strong != "" {
			strong = f.strong + " "
		}
		for j, l := range widget.Wrap(strong+words, width, 3) {
			style := th.Text
			if k > 0 {
				style = th.Faint
			}
			if f.alarm {
				style = th.Wait
			}
			text := style.Render(l)
			if j == 0 && strong != "" && strings.HasPrefix(l, f.strong) {
				text = th.Strong.Render(f.strong) + style.Render(l[len(f.strong):])
			}
			lead := indent
			if len(lines) == 0 {
				lead = "   " + th.Faint.Render(widget.Pad(f.name, name))
			}
			lines = append(lines, lead+text)
		}
	}
	return lines
}

// facts is the plan in words.
func (p *Plan) facts(sc *Scene) []fact {
	pr, set := sc.Profile, settings(sc.Profile)
	n := p.draft.Count()
	facts := []fact{p.sendFact(sc)}
	if k := sc.S.Resting(); k > 0 && n > 0 {
		facts = append(facts, fact{name: "INSTEAD", alarm: true, words: []string{
			"of the stopped run, which lets go of the " + model.Plural(k, "item") + " it holds"}})
	}
	if k := len(sc.S.DraftItems()); k > 0 {
		facts = append(facts, fact{name: "DRAFTS", alarm: true, words: []string{
			model.Plural(k, "item") + " with a draft: what was typed and not saved is not sent"}})
	}
	if left := p.leftFact(); left.words != nil {
		facts = append(facts, left)
	}
	if sc.NoTarget != "" {
		return append(facts, fact{name: "TARGET", words: []string{sentence(sc.NoTarget)}, alarm: true})
	}
	if n == 0 {
		return append(facts, fact{name: "EMPTY", alarm: true, words: []string{
			"There is nothing to send. Edit items first (e, b), or i takes them as they are."}})
	}
	facts = append(facts, fact{name: "STEPS", words: []string{p.stepWords(set)}})
	facts = append(facts,
		fact{name: "REQUESTS", words: []string{fmt.Sprintf("%s of at most %s", model.Plural(p.requests(pr), "request"), model.Plural(chunkSize(pr), "item"))}},
		fact{name: "LIMITS", words: []string{fmt.Sprintf("at most %s, %s at once", widget.Cap(p.rate), model.Number(set.Concurrency))}},
		fact{name: "TRIES", words: []string{fmt.Sprintf("up to %d each; waits from %s up to %s, or what the server asks, up to %s",
			set.Tries, span(set.Base), span(set.Cap), span(set.MaxWait))}},
		fact{name: "SAFETY", words: safetyWords(pr, set, p.opt.Reads), alarm: pr.KeyScope == "" || pr.KeyScope == model.NoKey},
		fact{name: "READ BACK", words: []string{p.readWords(set)}},
		fact{name: "TIME", words: []string{p.timeWords(set, pr)}},
	)
	return facts
}

// span is a set length of time, without seconds that are none.
func span(d time.Duration) string { return strings.TrimSuffix(model.Duration(d), " 00 s") }

func (p *Plan) sendFact(sc *Scene) fact {
	n := p.draft.Count()
	from := model.Number(p.of) + " open"
	if p.chosen {
		from = model.Number(p.of) + " selected"
	}
	to := "to " + target(sc.Profile)
	if sc.Profile.BaseURL == "" {
		to = ""
	}
	if sc.Profile.User != "" {
		to += ", as user " + model.Foreign(sc.Profile.User).Safe(60)
	}
	f := fact{name: "SEND", strong: model.Number(n) + " of " + from, words: []string{to}}
	var kinds []string
	for _, t := range p.draft.ByTab {
		kinds = append(kinds, model.Number(t.Count)+" "+t.Tab.Title())
	}
	if n > 0 {
		text := strings.Join(kinds, " · ")
		if p.draft.Edited > 0 {
			text += ", of them " + model.Number(p.draft.Edited) + " edited"
		}
		f.words = append(f.words, text)
	}
	if k := len(p.draft.Lookups); k > 0 {
		f.words = append(f.words, model.Plural(k, "item")+" looked up first: sent again only if not there")
	}
	if k := len(p.draft.MayDouble); k > 0 {
		f.words = append(f.words, model.Plural(k, "item")+" may be done twice, and not looked up: your decision")
	}
	return f
}

func (p *Plan) leftFact() fact {
	total := 0
	var words []string
	for _, part := range p.draft.LeftOut {
		total += part.Count
		words = append(words, model.Number(part.Count)+" "+part.Why)
	}
	if total == 0 {
		return fact{}
	}
	return fact{name: "LEAVE OUT", strong: model.Number(total), words: append([]string{"  l shows which"}, words...)}
}

func (p *Plan) stepWords(set model.Settings) string {
	sizes := set.Steps
	if !p.steps {
		sizes = nil
	}
	steps := triage.Steps(p.draft.Count(), sizes)
	if len(steps) < 2 {
		return "all at once"
	}
	var words []string
	for _, s := range steps {
		words = append(words, model.Number(s))
	}
	return strings.Join(words, ", then ") + fmt.Sprintf(". Pauses and asks if more than %.0f%% of a step fail.", set.StopAt*100)
}

// chunkSize is how many items go into one request at most.
func chunkSize(pr model.Profile) int {
	n := max(1, settings(pr).Chunk)
	if pr.MaxItems > 0 {
		n = min(n, pr.MaxItems)
	}
	return n
}

func (p *Plan) requests(pr model.Profile) int {
	size, n := chunkSize(pr), 0
	sizes := settings(pr).Steps
	if !p.steps {
		sizes = nil
	}
	for _, s := range triage.Steps(p.draft.Count(), sizes) {
		n += (s + size - 1) / size
	}
	return n
}

// safetyWords says what keeps an item from being done twice.
func safetyWords(pr model.Profile, set model.Settings, reads bool) []string {
	breaker := fmt.Sprintf("breaker opens at %.0f of the last %d requests failed", set.BreakerRate*float64(set.BreakerSize), set.BreakerSize)
	switch pr.KeyScope {
	case model.ItemKey:
		return []string{"an idempotency key on every item · " + breaker}
	case model.CallKey:
		return []string{"an idempotency key on every request · " + breaker}
	}
	if !reads {
		return []string{"no idempotency key, no read: what gets no answer stays unknown, not sent again", breaker}
	}
	return []string{"no idempotency key: what gets no answer is looked up, never sent again blindly", breaker}
}

// reads is how many items are read back when the run is done: all of them when
// that fits into the time set for it, else what was sent and a sample.
func (p *Plan) reads(set model.Settings) (n int, sample bool) {
	fits := int(set.ReadRate * set.VerifyFor.Seconds())
	if fits <= 0 || p.all <= fits {
		return p.all, false
	}
	return max(fits, p.draft.Count()), true
}

func (p *Plan) readWords(set model.Settings) string {
	n, sample := p.reads(set)
	switch {
	case !p.opt.Reads:
		return "not possible: this API offers no read. ok stays the server's word."
	case !p.verify:
		return "no; V does it later"
	case sample:
		return "what was sent and a random sample of the rest, about " + model.Number(n) + " items, when done"
	}
	return "all " + model.Plural(n, "item") + ", when done"
}

// timeWords estimates from the pace alone; what the server asks for comes on top.
func (p *Plan) timeWords(set model.Settings, pr model.Profile) string {
	seconds := 0.0
	if p.rate > 0 {
		seconds = float64(p.requests(pr)) / p.rate
	}
	if k := len(p.draft.Lookups); k > 0 && set.ReadRate > 0 {
		seconds += float64(k) / set.ReadRate
	}
	if p.verify && set.ReadRate > 0 {
		n, _ := p.reads(set)
		seconds += float64(n) / set.ReadRate
	}
	return widget.Left(time.Duration(seconds*float64(time.Second))) + ", plus waits the server asks for"
}

// question is the status line: how this plan is confirmed.
func (p *Plan) question(sc *Scene) string {
	th := sc.Theme
	switch {
	case p.draft.Count() == 0 || sc.NoTarget != "" || sc.ReadOnly != "":
		return th.Faint.Render("nothing can be sent")
	case p.typed(sc.Profile) != "":
		return th.Text.Render(p.typed(sc.Profile)+": ") + th.Strong.Render("type "+p.word()) + th.Text.Render(", then Enter, to send")
	}
	return th.Text.Render("y sends " + model.Plural(p.draft.Count(), "item") + " to " + host(sc.Profile))
}
