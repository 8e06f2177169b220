package screen

import "math/bits"

// Selection is a set of items that remembers how it came about, so that undo
// can take its steps back one by one. A step costs what it changed, whatever
// the size of the batch.
type Selection struct {
	words []uint64
	count int
	undo  []selectStep
	redo  []selectStep
}

// selectStep is a number of items that changed sides, and the newest local
// event of the session at that time: it puts both kinds of steps in one order.
type selectStep struct {
	items []int
	after int64
}

// maxSteps bounds how many selection steps can be undone.
const maxSteps = 200

// Has says whether item i is selected.
func (s *Selection) Has(i int) bool {
	w := i >> 6
	return w < len(s.words) && s.words[w]&(1<<(i&63)) != 0
}

// Len is the number of selected items.
func (s *Selection) Len() int { return s.count }

// Items lists the selected items in the order of the request.
func (s *Selection) Items() []int {
	out := make([]int, 0, s.count)
	for w, word := range s.words {
		for ; word != 0; word &= word - 1 {
			out = append(out, w<<6+bits.TrailingZeros64(word))
		}
	}
	return out
}

// Flip moves items to the other side, as one step that undo takes back. after
// is the newest local event of the session.
func (s *Selection) Flip(items []int, after int64) {
	if len(items) == 0 {
		return
	}
	s.flip(items)
	s.undo = append(s.undo, selectStep{items, after})
	if len(s.undo) > maxSteps {
		s.undo = s.undo[1:]
	}
	s.redo = nil
}

func (s *Selection) flip(items []int) {
	for _, i := range items {
		for i>>6 >= len(s.words) {
			s.words = append(s.words, make([]uint64, max(16, len(s.words)))...)
		}
		bit := uint64(1) << (i & 63)
		s.words[i>>6] ^= bit
		if s.words[i>>6]&bit != 0 {
			s.count++
		} else {
			s.count--
		}
	}
}

// CanUndo says whether the newest undoable thing is a step of the selection,
// when the newest undoable event of the session is top (0 = none).
func (s *Selection) CanUndo(top int64) bool {
	n := len(s.undo)
	return n > 0 && s.undo[n-1].after >= top
}

// Undo takes the newest step back and gives the number of items in it.
func (s *Selection) Undo() int {
	n := len(s.undo)
	step := s.undo[n-1]
	s.undo = s.undo[:n-1]
	s.redo = append(s.redo, step)
	s.flip(step.items)
	return len(step.items)
}

// CanRedo is CanUndo for the step that was undone last.
func (s *Selection) CanRedo(top int64) bool {
	n := len(s.redo)
	return n > 0 && s.redo[n-1].after <= top
}

// Redo does the step that was undone last again.
func (s *Selection) Redo() int {
	n := len(s.redo)
	step := s.redo[n-1]
	s.redo = s.redo[:n-1]
	s.undo = append(s.undo, step)
	s.flip(step.items)
	return len(step.items)
}
