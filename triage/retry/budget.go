package retry

import "time"

// The measures of a Budget, after gRPC A6 (retry throttling) and Brooker,
// "Fixing retries with token buckets and circuit breakers" (2022).
const (
	budgetSize   = 20.0
	budgetRefill = 0.1 // per success
	budgetCost   = 1.0
	budgetFloor  = 10 * time.Second // one retry in this time is always allowed
)

// Budget bounds how many requests to one host may be retries, so that a server
// in trouble gets less traffic and not more. It counts requests, not items. An
// item's first send is no retry, and what follows a 429 or an obeyed Retry-After
// costs nothing: the server asked for it. The zero Budget is full.
type Budget struct {
	spent float64
	last  time.Time // of the newest retry
}

// Allows says whether a retry may be sent now; if not, at is when the floor
// allows one.
func (b *Budget) Allows(now time.Time) (ok bool, at time.Time) {
	if b.Tokens() > budgetSize/2 || !now.Before(b.last.Add(budgetFloor)) {
		return true, now
	}
	return false, b.last.Add(budgetFloor)
}

// Retried takes the cost of one retry.
func (b *Budget) Retried(now time.Time) {
	b.spent = min(b.spent+budgetCost, budgetSize)
	b.last = now
}

// Succeeded puts a little back.
func (b *Budget) Succeeded() { b.spent = max(b.spent-budgetRefill, 0) }

// Tokens is what is left of 20.
func (b *Budget) Tokens() float64 { return budgetSize - b.spent }
