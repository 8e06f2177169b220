package model

// Unmatched is an answer that fits no item: under an id that was not requested, or
// under none. It is in no count, and never dropped without a word.
type Unmatched struct {
	Position int // among the answers of all files, from 0
	ID       ID
	State    State // what it says: OK, Failed or Unknown
	Status   int   // 0 = none
	Code     Untrusted
	Message  Untrusted
	Text     Untrusted // the beginning of the answer as it stands, where it has neither
}

// MaxUnmatched is how many of them a batch keeps.
const MaxUnmatched = 100

// Leave records the answers that fit no item, and how many there are in all. It is
// for the one reader of the batch, before Finish.
func (b *Batch) Leave(n int, all []Unmatched) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.unmatched, b.unmatchedOf = all, n
}

// Unmatched lists the answers that fit no item, at most MaxUnmatched of the n that
// there are, known when Complete.
func (b *Batch) Unmatched() (all []Unmatched, n int) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.unmatched, b.unmatchedOf
}
