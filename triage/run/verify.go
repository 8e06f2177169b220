package run

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"retriage/model"
	"retriage/triage"
)

// verdictBatch and verdictWait bound how many verdicts one journal event holds,
// and how long the first of them waits for the others.
const (
	verdictBatch = 32
	verdictWait  = time.Second
)

// Verify reads items back and writes down what it saw, what matters most first
// (Session.ReadOrder). It only reads. It returns nil when it went to its end,
// whatever it saw, and otherwise what Run returns.
func (r *Runner) Verify(ctx context.Context, opt VerifyOptions) error {
	j, err := r.begin(ctx, settingsOf(r.cfg.Profile))
	if err != nil {
		return err
	}
	if err = Recover(context.WithoutCancel(ctx), r.cfg.Desk, r.cfg.Now); err == nil {
		err = r.verify(ctx, j, opt)
	}
	return r.finish(j, err)
}

// verify is one pass over what opt asks for.
func (r *Runner) verify(ctx context.Context, j *job, opt VerifyOptions) error {
	order, sampled := r.readList(j, opt)
	r.mu.Lock()
	j.verifying, j.readsFrom = true, r.cfg.Now()
	j.reads = ReadProgress{Total: len(order), Sampled: sampled}
	if !r.reads() {
		j.gates.reads.SetRate(0) // there is nothing to wait for
	}
	r.changed()
	r.mu.Unlock()

	p := &pass{r: r, j: j, ctx: ctx, slots: make(chan struct{}, max(j.set.Readers, 1))}
	order, due := r.settledFirst(j, order)
	for _, i := range order {
		if p.let(due[i]); !p.admit() {
			break
		}
		p.working.Go(func() { p.item(i) })
	}
	p.working.Wait()
	if err := p.flush(1); err != nil {
		r.fail(j, err)
	}
	if err := r.chores(ctx, j); err != nil {
		r.fail(j, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return j.ending
}

// settledFirst puts what was sent only just now, with an answer that says
// nothing, behind all others, and tells when it may be read: before that it may
// still be applied, so that "not there" would mean nothing.
func (r *Runner) settledFirst(j *job, order []int) (all []int, due map[int]time.Time) {
	due = map[int]time.Time{}
	if !r.reads() { // nothing is read, so nothing can be read too early
		return order, due
	}
	now := r.cfg.Now()
	r.cfg.Desk.Look(func(s *triage.Session) {
		for _, i := range order {
			row, at := s.Row(i), s.SentAt(i)
			if at.IsZero() || row.Base != model.Unknown && row.Class != model.AfterVerify {
				continue
			}
			if at = settled(at, now, j.set.Settle); at.After(now) {
				due[i] = at
			}
		}
	})
	if len(due) == 0 {
		return order, due
	}
	all = slices.Clone(order)
	slices.SortStableFunc(all, func(a, b int) int { return due[a].Compare(due[b]) })
	return all, due
}

// let waits until what was sent has settled.
func (p *pass) let(due time.Time) {
	now := p.r.cfg.Now()
	if !due.After(now) {
		return
	}
	if err := p.flush(1); err != nil {
		p.r.fail(p.j, err)
	}
	p.r.mu.Lock()
	p.j.settling = due
	p.r.log.add(Line{At: now, Item: -1, State: model.Waiting, Text: "waits " + model.Duration(due.Sub(now)) + ": " + atWork})
	p.r.mu.Unlock()
	p.pause(due)
}

// atWork is why a reading back waits.
const atWork = "what was sent last may still be at work"

// pass is one verification under way. Its context is that of the call it serves.
type pass struct {
	r       *Runner
	j       *job
	ctx     context.Context
	slots   chan struct{} // one for each read under way
	working sync.WaitGroup

	mu    sync.Mutex
	found []model.ItemVerdict // not written yet
	first time.Time           // when the oldest of them was found
}

// admit waits until one more read may begin; false means that the pass is over.
func (p *pass) admit() bool {
	for {
		if err := p.r.chores(p.ctx, p.j); err != nil {
			p.r.fail(p.j, err)
		}
		select {
		case p.slots <- struct{}{}:
		case <-p.j.wire.reads.Done():
			p.r.fail(p.j, p.ctx.Err())
			return false
		}
		ok, at, over := p.mayRead()
		if over {
			return false
		}
		if ok {
			return true
		}
		<-p.slots
		p.r.wait(p.ctx, p.j, at)
	}
}

// mayRead asks the gates for one read.
func (p *pass) mayRead() (ok bool, at time.Time, over bool) {
	p.r.mu.Lock()
	defer p.r.mu.Unlock()
	if p.j.ending != nil {
		return false, at, true
	}
	now := p.r.cfg.Now()
	if ok, at = p.j.gates.pickRead(now); ok {
		p.j.gates.reads.Sent(now)
		p.j.reading++
	}
	return ok, at, false
}

// item reads one item, as often as it takes, and keeps the verdict.
func (p *pass) item(i int) {
	var (
		tries int
		at    time.Time
	)
	f, err := p.r.read(p.j, i)
	for err == nil && p.r.retryRead(p.j, f, &tries, &at) {
		if !p.pause(at) {
			err = context.Canceled
			break
		}
		f, err = p.r.read(p.j, i)
	}
	p.r.mu.Lock()
	p.j.reading--
	p.r.mu.Unlock()
	<-p.slots
	if err != nil {
		return // the pass is over, and nothing is known of the item
	}
	v := p.r.proven(p.j, f)
	p.mu.Lock()
	if len(p.found) == 0 {
		p.first = p.r.cfg.Now()
	}
	p.found = append(p.found, v)
	p.mu.Unlock()
	if err := p.flush(verdictBatch); err != nil {
		p.r.fail(p.j, err)
	}
}

// pause waits until a read may be tried again, and as long as the run is paused;
// false means that the pass is over.
func (p *pass) pause(until time.Time) bool {
	for {
		if !sleep(p.j.wire.reads, max(until.Sub(p.r.cfg.Now()), time.Millisecond)) {
			return false
		}
		p.r.mu.Lock()
		paused := p.j.gates.pause.Kind != ""
		p.r.mu.Unlock()
		if !paused {
			return true
		}
		until = p.r.cfg.Now().Add(verdictWait)
	}
}

// flush writes the verdicts found if there are enough of them, or if the oldest
// has waited long enough.
func (p *pass) flush(enough int) error {
	p.mu.Lock()
	found := p.found
	if len(found) == 0 || len(found) < enough && p.r.cfg.Now().Sub(p.first) < verdictWait {
		p.mu.Unlock()
		return nil
	}
	p.found = nil
	p.mu.Unlock()
	if err := p.r.commit(p.ctx, model.Event{Type: model.EvVerify, Verify: &model.VerifyEvent{Items: found}}); err != nil {
		return err
	}
	p.r.mu.Lock()
	defer p.r.mu.Unlock()
	now := p.r.cfg.Now()
	for _, v := range found {
		p.j.reads.count(v)
		p.r.log.finished(now)
		if v.State != model.Confirmed && !v.Expected() {
			p.r.log.add(Line{At: now, Item: v.Index, State: v.State, Status: v.Status, Text: verdictWords(v)})
		}
	}
	p.r.changed()
	return nil
}

func verdictWords(v model.ItemVerdict) string {
	text := "read back: " + v.State.Words()
	if v.Note != "" {
		text += ": " + v.Note
	}
	return text
}

// count adds one verdict up.
func (p *ReadProgress) count(v model.ItemVerdict) {
	p.Done++
	switch {
	case v.Expected():
		p.AsExpected++
	case v.State == model.Confirmed:
		p.Confirmed++
	case v.State == model.Differs:
		p.Differs++
	case v.State == model.NotFound:
		p.NotFound++
	case v.State == model.Unverifiable:
		p.Unverifiable++
	case v.State == model.Unknown:
		p.Unknown++
	default:
		p.Unreadable++
	}
}

// minSample is how many untouched items a sample has at least: with none wrong
// among them, under 5 % of all are wrong at 95 % confidence.
const minSample = 60

// readList is what to read, in order, and the sample in words if there is one.
func (r *Runner) readList(j *job, opt VerifyOptions) (order []int, sampled string) {
	if opt.Items != nil {
		return opt.Items, ""
	}
	var touched, rest []int
	r.cfg.Desk.Look(func(s *triage.Session) {
		order = s.ReadOrder(r.reads())
		for _, i := range order {
			if s.Touched(i) || s.State(i) == model.Unknown {
				touched = append(touched, i)
			} else {
				rest = append(rest, i)
			}
		}
	})
	if j.resumed && j.ps != nil {
		read := func(i int) (yes bool) {
			r.cfg.Desk.Look(func(*triage.Session) { yes = j.ps.Read(i) })
			return yes
		}
		order, touched, rest = slices.DeleteFunc(order, read), slices.DeleteFunc(touched, read), slices.DeleteFunc(rest, read)
	}
	room := int(j.set.ReadRate * j.set.VerifyFor.Seconds())
	if opt.All || j.set.ReadRate <= 0 || len(order) <= room {
		return order, ""
	}
	n := min(len(rest), max(room-len(touched), minSample))
	sample := r.sample(rest, n)
	return append(touched, sample...), sampleWords(len(touched), n, len(rest))
}

// sample draws n of the items evenly, without replacement, and keeps the order
// of what matters most.
func (r *Runner) sample(from []int, n int) []int {
	at := make([]int, len(from))
	for k := range at {
		at[k] = k
	}
	for k := range n {
		other := k + int(r.cfg.Float()*float64(len(at)-k))
		at[k], at[other] = at[other], at[k]
	}
	slices.Sort(at[:n])
	out := make([]int, n)
	for k := range out {
		out[k] = from[at[k]]
	}
	return out
}

// sampleWords says what a sample is worth, by the rule of three: if none of n
// drawn at random is wrong, at most 3/n of all are, at 95 % confidence.
func sampleWords(touched, n, rest int) string {
	if n == rest {
		return ""
	}
	return fmt.Sprintf("all %s sent or read here, and %s of the other %s at random: if none of those is wrong, under %.1f %% of them are (95 %% confidence)",
		model.Number(touched), model.Number(n), model.Number(rest), 300/float64(max(n, 1)))
}
