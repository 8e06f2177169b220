package dialect

// wanted are the members of an answer that a dialect looks at. A walk shows
// these alone, so that it need not look closely at the rest. nil = all.
type wanted map[string][]byte

// has says whether a member is wanted.
func (w wanted) has(name []byte) bool {
	if w == nil {
		return true
	}
	_, ok := w[string(name)]
	return ok
}

// wanted collects the first names of all paths by which an answer is told of. A
// path that does not begin with a plain name may look at anything.
func (s *spec) wanted() wanted {
	if s.Items.Wrap || len(s.Mask) > 0 {
		return nil
	}
	w := wanted{}
	all := true
	add := func(paths ...path) {
		for _, p := range paths {
			for _, one := range append([]path{p}, p.parts...) {
				switch {
				case one.whole != "":
					all = false
				case one.header != "":
					w[s.Items.Headers] = []byte(s.Items.Headers)
				case one.first != "":
					w[one.first] = []byte(one.first)
				}
			}
		}
	}
	for _, paths := range [][]path{
		s.Items.ID, s.Items.IDs, s.Items.Index, s.Items.Group, s.Items.Request, s.Verdict.Status, s.Verdict.Error,
		s.Failure.Code, s.Failure.Message, s.Failure.Field, s.Failure.RequestID, {s.Failure.List},
	} {
		add(paths...)
	}
	for _, r := range s.Verdict.Rule {
		add(r.Path)
	}
	for _, r := range s.Failure.Retry {
		add(r.Path)
	}
	for _, name := range append(s.Items.Lists, s.Refusal.Item...) {
		w[name] = []byte(name)
	}
	if !all {
		return nil
	}
	return w
}
