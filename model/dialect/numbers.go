package dialect

// numbers are the places in the request that answers name themselves, where the
// API does not say whether it counts from 0 or from 1.
type numbers struct {
	any     bool
	least   int
	most    int
	fromOne int // answers joined by their id, whose number is one more than their place
	fromNil int // the same of those whose number is their place
	strange int // the same of others
}

// seen notes the number of an answer, and the item that it is to if its id says so.
func (n *numbers) seen(number, item int, known bool) {
	if !n.any {
		n.any, n.least, n.most = true, number, number
	}
	n.least, n.most = min(n.least, number), max(n.most, number)
	switch {
	case !known:
	case number == item:
		n.fromNil++
	case number == item+1:
		n.fromOne++
	default:
		n.strange++
	}
}

// base gives where the count begins. ok is false when the answers do not show it:
// then nothing is joined by their numbers.
func (n *numbers) base(asked int) (base int, ok bool) {
	ids := n.fromNil+n.fromOne > 0
	switch {
	case !n.any || n.strange > 0 || n.fromNil > 0 && n.fromOne > 0:
		return 0, false
	case ids && n.fromOne > 0, !ids && n.least == 1 && n.most == asked:
		return 1, n.least > 0 && n.most <= asked
	case ids, n.least == 0:
		return 0, n.most < asked
	}
	return 0, false
}

// placeNumbers joins the answers that no id has told by the places they name.
func (j *join) placeNumbers() {
	base, ok := j.numbers.base(len(j.asked))
	if !ok {
		return
	}
	rest := j.late[:0]
	for _, l := range j.late {
		i := l.index - base
		if l.index < 0 {
			rest = append(rest, l)
			continue
		}
		if l.record.ID.IsZero() {
			l.record.ID = j.asked[i].id
		}
		if j.item(i).has(answered) {
			j.double(i, l.record)
			continue
		}
		j.bind(i, l.group)
		j.place(i, l.record)
	}
	j.late = rest
}
