package dialect

// wanted are the members of an answer that a dialect looks at. A walk shows
// these alone, so that it need not look closely at the rest. nil = all.
type wanted map[string]bool

// has says whether a member is wanted.
func (w wanted) has(name []byte) bool {
	return w == nil || w[string(name)]
}

// wanted collects the first names of all paths by which an answer is told of. A
// path that does not begin with a plain name may look at anything.
func (s *spec) wanted() wanted {
	if len(s.Mask) > 0 {
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
					w[s.Items.Headers] = true
				case one.first != "":
					w[one.first] = true
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
		w[name] = true
	}
	if !all {
		return nil
	}
	return w
}
