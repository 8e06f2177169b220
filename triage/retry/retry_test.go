package retry

import (
	"math"
	"slices"
	"testing"
	"time"

	"retriage/model"
)

var epoch = time.Date(2026, 8, 22, 1, 12, 45, 0, time.UTC)

func TestNext(t *testing.T) {
	set := model.Defaults()
	for _, row := range []struct {
		name    string
		state   State
		delay   time.Duration
		verdict Verdict
	}{
		{"no jitter is no delay", State{Tries: 1, Failures: 1, RetryAfter: -1}, 0, Again},
		{"first, transient", State{Tries: 1, Failures: 1, RetryAfter: -1, Random: 0.5}, 250 * time.Millisecond, Again},
		{"first, throttled", State{Failures: 1, Throttled: true, RetryAfter: -1, Random: 0.5}, 500 * time.Millisecond, Again},
		{"doubles", State{Tries: 4, Failures: 4, RetryAfter: -1, Random: 0.5}, 2 * time.Second, Again},
		{"capped", State{Tries: 1, Failures: 40, RetryAfter: -1, Random: 0.5}, 15 * time.Second, Again},
		{"never overflows", State{Tries: 1, Failures: math.MaxInt, RetryAfter: -1, Random: 0.5}, 15 * time.Second, Again},
		{"tries used", State{Tries: 5, Failures: 1, RetryAfter: 0}, 0, GiveUp},
		{"Retry-After 0", State{Tries: 1, Failures: 1, RetryAfter: 0, Random: 0.5}, 262500 * time.Microsecond, Again},
		{"Retry-After is longer", State{Tries: 1, Failures: 1, RetryAfter: 8 * time.Second}, 8 * time.Second, Again},
		{"and jitter only adds", State{Tries: 1, Failures: 1, RetryAfter: 8 * time.Second, Random: 0.5}, 8400 * time.Millisecond, Again},
		{"ours is longer", State{Tries: 1, Failures: 9, RetryAfter: time.Second, Random: 0.5}, 15750 * time.Millisecond, Again},
		{"the longest that is honoured", State{Tries: 1, RetryAfter: 5 * time.Minute}, 5 * time.Minute, Again},
		{"longer is parked", State{Tries: 1, RetryAfter: 5*time.Minute + 1}, 5*time.Minute + 1, Park},
		{"for ever is parked", State{Tries: 1, RetryAfter: math.MaxInt64}, math.MaxInt64, Park},
		{"asked for too often", State{Tries: 1, RetryAfter: time.Minute, Waited: 24*time.Minute + 1}, time.Minute, Park},
	} {
		t.Run(row.name, func(t *testing.T) {
			row.state.Settings = set
			delay, verdict := Next(row.state)
			if delay != row.delay || verdict != row.verdict {
				t.Errorf("got %v %v, want %v %v", delay, verdict, row.delay, row.verdict)
			}
		})
	}
}

func FuzzNextNeverUndercuts(f *testing.F) {
	f.Add(int64(8e9), 3, 0.5, true)
	f.Add(int64(math.MaxInt64), math.MaxInt, 0.999, false)
	f.Add(int64(-1), 0, 0.0, false)
	f.Fuzz(func(t *testing.T, after int64, failures int, random float64, throttled bool) {
		if !(random >= 0 && random < 1) {
			return
		}
		set := model.Defaults()
		delay, verdict := Next(State{Settings: set, Tries: 1, Failures: failures, RetryAfter: time.Duration(after), Random: random, Throttled: throttled})
		switch {
		case delay < 0 || verdict == GiveUp:
			t.Errorf("delay %v, verdict %v", delay, verdict)
		case after >= 0 && delay < time.Duration(after):
			t.Errorf("%v undercuts %v", delay, time.Duration(after))
		case verdict == Again && delay > set.MaxWait+set.MaxWait/10:
			t.Errorf("waits %v", delay)
		}
	})
}

func TestBudget(t *testing.T) {
	var b Budget
	now := epoch
	n := 0
	for ok, _ := b.Allows(now); ok && n < 100; ok, _ = b.Allows(now) {
		b.Retried(now)
		n++
	}
	if n != 10 {
		t.Errorf("%d retries at once, want 10: only the upper half is spent", n)
	}
	ok, at := b.Allows(now)
	if ok || !at.Equal(now.Add(10*time.Second)) {
		t.Errorf("the floor allows one at %v", at)
	}
	if ok, _ := b.Allows(at); !ok {
		t.Error("the floor does not allow one")
	}
	for range 20 {
		b.Succeeded()
	}
	if ok, _ := b.Allows(now); !ok || math.Abs(b.Tokens()-12) > 1e-9 {
		t.Errorf("after 20 successes %v tokens", b.Tokens())
	}
	for range 1000 {
		b.Succeeded()
	}
	if b.Tokens() != 20 {
		t.Errorf("%v tokens, want 20 at most", b.Tokens())
	}
}

func TestPace(t *testing.T) {
	p := NewPace(10)
	if p.At().After(epoch) {
		t.Error("the first request waits")
	}
	p.Sent(epoch)
	for _, row := range []struct {
		name string
		do   func()
		gap  time.Duration
		rate float64
	}{
		{"ours", func() {}, 100 * time.Millisecond, 10},
		{"the server allows less", func() { p.Limit(2) }, 500 * time.Millisecond, 2},
		{"a reply that says nothing", func() { p.Limit(0) }, 500 * time.Millisecond, 2},
		{"the server allows more", func() { p.Limit(50) }, 100 * time.Millisecond, 10},
		{"changed by hand", func() { p.SetRate(1) }, time.Second, 1},
		{"next to nothing", func() { p.SetRate(1e-300) }, time.Hour, 1e-300},
		{"no limit of ours", func() { p.SetRate(0) }, 20 * time.Millisecond, 50},
	} {
		row.do()
		if gap := p.At().Sub(epoch); gap != row.gap || p.Rate() != row.rate {
			t.Errorf("%s: gap %v at %v/s, want %v at %v/s", row.name, gap, p.Rate(), row.gap, row.rate)
		}
	}
}

func TestBreaker(t *testing.T) {
	now := epoch
	b := NewBreaker(model.Defaults())
	record := func(failed bool, n int) (changed bool) {
		for range n {
			changed = b.Record(failed, false, now)
		}
		return changed
	}
	if record(true, 9) {
		t.Error("it opened before there were 10")
	}
	if !record(false, 1) {
		t.Error("9 of 10 did not open it")
	}
	if b.Record(true, false, now) || b.Probe(now.Add(29*time.Second)) {
		t.Error("something counted while it was open")
	}
	now = now.Add(30 * time.Second)
	if !b.Probe(now) || b.Probe(now) {
		t.Error("not exactly one probe")
	}
	if b.Record(false, false, now) {
		t.Error("a late reply closed it")
	}
	if state, _ := b.State(); !b.Record(true, true, now) || state != HalfOpen {
		t.Errorf("the probe failed, and it is %s", state)
	}
	if state, until := b.State(); state != Open || !until.Equal(now.Add(30*time.Second)) {
		t.Errorf("%s until %v", state, until)
	}
	b.Hurry(now)
	if !b.Probe(now) || !b.Record(false, true, now) || len(b.Last()) != 0 {
		t.Error("a good probe does not close and clear it")
	}
	if record(true, 4) || record(false, 6) {
		t.Error("4 of 10 opened it")
	}
	if !record(true, 1) && record(true, 1) {
		t.Error("the window does not slide")
	}
}

func TestBreakerUnprobed(t *testing.T) {
	b := NewBreaker(model.Defaults())
	for range 10 {
		b.Record(true, false, epoch)
	}
	later := epoch.Add(time.Minute)
	b.Probe(later)
	b.Unprobed()
	if !b.Probe(later) {
		t.Error("the probe that was not sent is lost")
	}
}

func TestWhatFailsForTheBreaker(t *testing.T) {
	for fault, want := range map[model.Fault]bool{
		model.NoFault: false, model.Unreachable: true, model.LostReply: true, model.TimedOut: true, model.ServerError: true,
		model.Unavailable: true, model.NotABatch: true, model.Throttled: false, model.SignIn: false, model.TooBig: false,
		model.BadBatch: false, model.Refused: false, model.Redirected: false, model.BadTLS: false, model.Interrupted: false,
	} {
		if got := Failure(fault) && Counts(fault); got != want {
			t.Errorf("%q fails: %v, want %v", fault, got, want)
		}
	}
}

func TestJudge(t *testing.T) {
	set := model.Defaults()
	for _, row := range []struct {
		sent, failed int
		want         StepVerdict
	}{
		{0, 0, GoOn}, {1, 0, GoOn}, {1, 1, Stop}, {4, 3, GoOn}, {4, 4, Stop},
		{5, 1, GoOn}, {5, 2, Stop}, {20, 4, GoOn}, {20, 5, Stop},
	} {
		if got := Judge(Step{row.sent, row.failed}, set); got != row.want {
			t.Errorf("%d of %d failed: %v, want %v", row.failed, row.sent, got, row.want)
		}
	}
}

func TestBisect(t *testing.T) {
	chunk := []int{1, 2, 3, 4, 5}
	a, b := Bisect(chunk)
	if !slices.Equal(a, []int{1, 2, 3}) || !slices.Equal(b, []int{4, 5}) {
		t.Errorf("%v %v", a, b)
	}
	if _ = append(a, 9); chunk[3] != 4 {
		t.Error("the halves share room to grow")
	}
	if a, b = Bisect([]int{1}); len(a) != 1 || len(b) != 0 {
		t.Errorf("%v %v", a, b)
	}
}
