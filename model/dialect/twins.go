package dialect

import (
	"maps"
	"slices"
)

// nextTwin gives an answer to the first of the items of one id that has none yet;
// i is the first of them all.
func (j *join) nextTwin(i int, t *told) {
	for _, k := range append([]int{i}, j.twins[i]...) {
		if !j.item(k).has(answered) {
			j.bind(k, t.group)
			j.place(k, t.record)
			return
		}
	}
	j.double(i, t.record)
}

// doubtTwins takes back what was given to items of one id when there are fewer
// answers than items: which of them has none is not known.
func (j *join) doubtTwins() {
	if !j.d.spec.Items.Twins {
		return
	}
	for _, i := range slices.Sorted(maps.Keys(j.twins)) {
		all := append([]int{i}, j.twins[i]...)
		open := slices.DeleteFunc(slices.Clone(all), func(k int) bool { return j.item(k).has(answered) })
		if len(open) == 0 || len(open) == len(all) {
			continue
		}
		first := j.recorded(i)
		for _, k := range all {
			first.ID = j.asked[k].id
			j.unknown(k, first)
		}
	}
}
