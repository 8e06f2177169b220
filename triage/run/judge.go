package run

import (
	"fmt"
	"time"

	"retriage/model"
	"retriage/triage"
	"retriage/triage/retry"
)

// judge decides what a reply means. It keeps no state: the same reply, tasks,
// time and chance give the same ruling.
type judge struct {
	set      model.Settings
	classify func(model.Failure) triage.Filing
	now      time.Time
	random   float64
	reads    bool // the target lets items be read back
	keys     bool // it honours a key in each item
	itemPath bool // it has an individual endpoint
	once     bool // nothing is sent again
}

func (r *Runner) judge(j *job) judge {
	return judge{
		set: j.set, classify: r.cfg.Classifier.Classify, now: r.cfg.Now(), random: r.cfg.Float(),
		reads: r.reads(), keys: r.cfg.Profile.KeyScope == model.ItemKey, itemPath: r.cfg.Profile.ItemPath != "",
	}
}

// ruling is what a reply means: for each task of its parcel, in order
// (result.Items), and for the run.
type ruling struct {
	result model.Result
	split  bool      // the chunk is taken apart; nothing of it was applied
	hold   time.Time // nothing is sent before; zero = no wait
	parked bool      // the wait asked for is longer than is honoured
}

// rule judges a reply. It updates the tasks, which the caller has taken.
func (j judge) rule(p parcel, reply model.Reply) ruling {
	ru := ruling{result: model.Result{
		Kind: reply.Kind, Status: reply.Status, Fault: reply.Fault, Why: reply.Why.Safe(model.SafeLong), Took: reply.Took.Milliseconds(),
	}}
	switch reply.Kind {
	case model.Answered:
		j.answered(&ru, p, reply)
	case model.Rejected:
		j.rejected(&ru, p, reply)
	default:
		ru.result.Kind = model.AnswerUnknown
		for _, t := range p.tasks {
			ru.add(j.lost(t, ""))
		}
	}
	if !ru.split {
		bindUnits(p.tasks, ru.result.Items, func(_ *task, res model.ItemResult) bool {
			return j.reads && (res.State == model.Unknown || res.State == model.Failed && res.Class == model.AfterVerify)
		})
	}
	j.slowDown(&ru, p, reply)
	return ru
}

func (ru *ruling) add(res model.ItemResult) { ru.result.Items = append(ru.result.Items, res) }

// answered judges item by item. What the reply does not mention, or mentions
// without a yes or a no, may have been applied.
func (j judge) answered(ru *ruling, p parcel, reply model.Reply) {
	answers := make(map[int]model.Answer, len(reply.Outcomes))
	for _, o := range reply.Outcomes {
		answers[o.Index] = o.Answer
	}
	for _, t := range p.tasks {
		a, said := answers[t.index]
		switch {
		case !said || a.State == model.Unanswered:
			ru.add(j.lost(t, "the reply does not mention it"))
		case a.State == model.OK:
			t.tries++
			t.failures = 0
			ru.add(model.ItemResult{
				Index: t.index, State: model.OK, Status: a.Status, Spent: true,
				Location: a.Location, ETag: a.ETag, ServerID: a.ServerID, Why: a.Note.Safe(model.SafeShort),
			})
		case a.State == model.Failed && a.Failure != nil:
			res := j.failed(t, *a.Failure, a.Status, reply.RetryAfter)
			if res.Partly = a.Partly; res.Partly {
				keepBack(t, &res)
			}
			ru.add(res)
		default:
			ru.add(j.lost(t, "the reply says two things of it, or nothing clear"))
		}
	}
}

// keepBack ends an item of which parts were done: sent again as it is, it would do
// them twice.
func keepBack(t *task, res *model.ItemResult) {
	if t.harmless || res.State == model.Failed {
		return
	}
	res.State, res.NotBefore = model.Failed, nil
	res.Why = "some of its parts were done: not sent again as it is"
}

// lost is the result of an item that got no trustworthy answer.
func (j judge) lost(t *task, why string) model.ItemResult {
	res := model.ItemResult{Index: t.index, State: model.Unknown, Spent: true, Why: why}
	if again := j.sureWords(t); again != "" && !j.once {
		if j.again(t, &res, false, -1); res.State == model.Failed {
			res.State = model.Unknown
		} else {
			res.Why = again
		}
		return res
	}
	t.tries++
	t.failures++
	t.costs = true
	return res
}

// sureWords says why a task may be sent again whatever became of it, "" = it may
// not be.
func (j judge) sureWords(t *task) string {
	switch {
	case t.harmless:
		return harmless
	case j.byKey():
		t.unsure, t.elder = true, false
		return sameKey
	}
	return ""
}

const harmless = "it changes nothing: sent again"

const sameKey = "may have been applied: sent again under the same key"

// byKey says whether what may have been applied is sent again under its key,
// since it cannot be looked up.
func (j judge) byKey() bool { return j.keys && !j.reads }

// failed judges the server's no to one item.
func (j judge) failed(t *task, f model.Failure, status int, replyAfter time.Duration) model.ItemResult {
	if f.Status == 0 {
		f.Status = status
	}
	after := max(f.RetryAfter, replyAfter)
	f.RetryAfter = after
	filing := j.classify(f)
	res := model.ItemResult{
		Index: t.index, State: model.Failed, Category: filing.Category, Rule: filing.Rule, Class: filing.Class,
		Status: f.Status, Code: f.Code, Message: cut(f.Message), Field: f.Field, Cause: f.Cause,
	}
	throttled := f.Status == statusTooMany || filing.Category == model.RateLimited
	t.anyway = f.Reason == model.RolledBack
	switch {
	case throttled:
		res.Class = model.Safe
		j.again(t, &res, true, after)
	case filing.Class == model.Safe:
		res.Spent = after < 0
		j.again(t, &res, false, after)
	case filing.Class == model.AfterVerify:
		j.unsure(t, &res, after)
	default:
		t.tries++
		res.Spent = true
	}
	return res
}

// statusTooMany is 429 (RFC 6585); net/http is not for this package.
const statusTooMany = 429

// unsure is a no behind which the item may have been applied all the same: it is
// looked up before anything else.
func (j judge) unsure(t *task, res *model.ItemResult, after time.Duration) {
	res.Spent = true
	if again := j.sureWords(t); again != "" {
		if t.harmless {
			res.Class = model.Safe
		}
		if j.again(t, res, false, after); res.State == model.Waiting {
			res.Why = again
		}
		return
	}
	t.tries++
	t.failures++
	t.costs = true
	if after >= 0 { // it holds for the next send, which comes after the look-up
		at := j.now.Add(after)
		t.after, res.NotBefore = at, &at
	}
	switch {
	case j.once:
		res.NotBefore, res.Why = nil, "may have been applied: look it up before it is sent again"
	case !j.reads:
		res.Why = "may have been applied, and this API offers no read: not sent again"
	case t.tries >= j.set.Tries:
		res.Why = tries(j.set.Tries) + " used; looked up once more"
	default:
		res.State, res.Why = model.Unknown, "may have been applied: looked up before it is sent again"
	}
}

// again makes an item wait for its next try, or ends it. res.Spent says whether
// the try counts.
func (j judge) again(t *task, res *model.ItemResult, throttled bool, after time.Duration) {
	if res.Spent {
		t.tries++
	}
	t.failures++
	if j.once {
		res.State = model.Failed
		return
	}
	delay, verdict := retry.Next(retry.State{
		Settings: j.set, Tries: t.tries, Failures: t.failures, Throttled: throttled,
		RetryAfter: after, Waited: t.waited, Random: j.random,
	})
	at := j.now.Add(delay)
	t.asked = after >= 0
	switch verdict {
	case retry.GiveUp:
		res.State, res.Why = model.Failed, tries(j.set.Tries)+" used"
	case retry.Park:
		res.State, res.Why = model.Failed, parkedWords(at, j.set.MaxWait)
	default:
		res.State, res.NotBefore = model.Waiting, &at
		t.notBefore = at
		t.costs = !throttled && after < 0
		if after >= 0 {
			t.waited += delay
		}
	}
}

// rejected judges a chunk that was refused whole: surely nothing was applied.
func (j judge) rejected(ru *ruling, p parcel, reply model.Reply) {
	content := reply.Fault == model.TooBig || reply.Fault == model.BadBatch
	ru.split = content && len(units(p.tasks)) > 1
	for _, t := range p.tasks {
		res := model.ItemResult{Index: t.index, State: model.Queued, Status: reply.Status}
		switch {
		case content && !ru.split || p.mode == model.Alone && reply.Fault == model.Refused: // one unit
			j.unfit(t, &res, p.mode, reply)
		case reply.Fault == model.Throttled:
			j.wholeAgain(t, &res, true, reply)
		case reply.Fault == model.Unreachable:
			res.Status = 0
			j.wholeAgain(t, &res, false, reply)
		case reply.Fault == model.Unavailable || reply.Fault == model.ServerError || reply.Fault == model.TimedOut:
			res.Spent = true
			j.wholeAgain(t, &res, reply.Fault == model.Unavailable, reply)
		}
		ru.add(res)
	}
}

// wholeAgain is again for a refusal that is about the server and not about the
// item. Only an item that it ends is filed under it.
func (j judge) wholeAgain(t *task, res *model.ItemResult, throttled bool, reply model.Reply) {
	j.again(t, res, throttled, reply.RetryAfter)
	if res.State == model.Failed {
		j.file(res, reply)
		res.Class = model.Safe
	}
}

// unfit judges a single item that the server refuses whole: the individual
// endpoint is asked, and if there is none, or it says the same, it has failed.
func (j judge) unfit(t *task, res *model.ItemResult, mode model.Mode, reply model.Reply) {
	if mode == model.InBatch && j.itemPath && len(t.unit) == 1 {
		t.alone = true
		res.Why = "refused in a batch of one: sent alone"
		return
	}
	t.tries++
	res.Spent = true
	res.State = model.Failed
	j.file(res, reply)
	if res.Class == model.AfterVerify || res.Class == model.Safe {
		res.Class = model.AfterEdit
	}
}

// file puts an item under the words of the whole reply.
func (j judge) file(res *model.ItemResult, reply model.Reply) {
	f := model.Failure{Status: reply.Status, Message: reply.Why, RetryAfter: -1}
	filing := j.classify(f)
	res.Status, res.Message = f.Status, cut(f.Message)
	res.Category, res.Rule, res.Class = filing.Category, filing.Rule, filing.Class
	if res.Category == model.None {
		res.Category = model.Other
	}
}

// slowDown holds the whole run when the server as a whole asks for a slower
// pace: with 429 and 503, and wherever a failed request names a time.
func (j judge) slowDown(ru *ruling, p parcel, reply model.Reply) {
	asked := reply.Fault == model.Throttled || reply.Fault == model.Unavailable
	if reply.Kind == model.Answered || !asked && reply.RetryAfter < 0 {
		return
	}
	failures := 1
	for _, t := range p.tasks {
		failures = max(failures, t.failures)
	}
	delay, verdict := retry.Next(retry.State{
		Settings: j.set, Tries: -1, Failures: failures, Throttled: true, RetryAfter: reply.RetryAfter, Random: j.random,
	})
	ru.hold, ru.parked = j.now.Add(delay), verdict == retry.Park
}

// cut keeps what a journal holds of a message.
func cut(m model.Untrusted) model.Untrusted {
	if s := m.Wire(); len(s) > model.SafeLong {
		return model.Foreign(s[:model.SafeLong])
	}
	return m
}

func tries(n int) string {
	if n == 1 {
		return "1 try"
	}
	return fmt.Sprintf("%d tries", n)
}

func parkedWords(at time.Time, limit time.Duration) string {
	return fmt.Sprintf("the server asks to wait until %s, and waits longer than %s are not made: send it again after that",
		at.UTC().Format(time.RFC3339), model.Duration(limit))
}
