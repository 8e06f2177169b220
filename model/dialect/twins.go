package dialect

// settleTwins joins the answers to items of one id by their places, if all answers
// have come in the order of the requests and none is missing. Otherwise which of
// them is about which item is not known.
func (j *join) settleTwins() {
	inOrder := !j.shuffled && j.answers == len(j.asked)
	for _, l := range j.twinned {
		if inOrder {
			j.bind(l.position, l.group)
			j.place(l.position, l.record)
		} else if i, ok := j.find(l.record.ID); ok {
			j.ambiguous(i, l.record)
		}
	}
	j.twinned = nil
}
