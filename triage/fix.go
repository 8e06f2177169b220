package triage

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"retriage/model"
)

// Fix is one of the repairs that retriage knows.
type Fix struct {
	ID    string // for the command line and the journal
	Title string // for a screen
	// Marked says that the fix makes data up. It is offered, but never chosen
	// unless it is asked for by name.
	Marked bool
}

// Suggestion is a fix and what it would change in one item. Changes is empty for
// a fix that needs a fresh value: ApplyFix makes it.
type Suggestion struct {
	Fix     Fix
	Changes []model.Change
}

// UnknownFixError says that no fix has this id.
type UnknownFixError struct{ ID model.Untrusted }

func (e *UnknownFixError) Error() string {
	return "there is no fix named " + e.ID.Safe(model.SafeShort)
}

// ErrNoFresh says that a fix needs fresh values and got no source of them.
var ErrNoFresh = errors.New("this fix needs a source of fresh keys")

// recipe is how a fix works.
type recipe struct {
	Fix
	// fits says whether a failure is of the kind that the fix is for.
	fits func(r *repair) bool
	// repair gives the new raw value of a field, or ok = false.
	repair func(r *repair, f Field) (raw string, ok bool)
	// guess says whether a field that the server did not name may be meant; nil
	// means that any field which the repair changes may be.
	guess func(f Field) bool
	// single allows a guess only when it falls on one field.
	single bool
	// whole replaces all of the above.
	whole func(r *repair) []model.Change
	fresh bool
}

// recipes is the table of fixes, in the order in which they are offered.
var recipes = []recipe{
	{Fix: Fix{ID: "email-trim", Title: "Trim and lower-case the e-mail address"},
		fits: aboutMail, repair: trimMail, guess: isMailField},
	{Fix: Fix{ID: "email-placeholder", Title: "Put in a placeholder e-mail address (made up)", Marked: true},
		fits: aboutMail, repair: placeholderMail, guess: isMailField},
	{Fix: Fix{ID: "date-iso", Title: "Write the date as ISO 8601"},
		fits: aboutDates, repair: isoDate},
	{Fix: Fix{ID: "type-coerce", Title: "Change the value to the type that the server asks for"},
		fits: aboutTypes, repair: coerce, single: true},
	{Fix: Fix{ID: "length-cut", Title: "Cut the text to the length that the server allows"},
		fits: aboutLength, repair: cutLength, single: true},
	{Fix: Fix{ID: "fresh-key", Title: "Give the item a fresh idempotency key"},
		fits: aboutKeys, whole: freshKey, fresh: true},
}

// Fixes lists the fixes, in the order in which they are offered.
func Fixes() []Fix {
	out := make([]Fix, len(recipes))
	for i := range recipes {
		out[i] = recipes[i].Fix
	}
	return out
}

// Suggest lists the fixes that fit a failure and would change something in the
// item. It looks for the field that the failure names, else for fields that its
// message names, else for values that look wrong.
func Suggest(it model.Item, f model.Failure) []Suggestion {
	r := newRepair(it, f, nil)
	var out []Suggestion
	for i := range recipes {
		rec := &recipes[i]
		if !rec.fits(r) {
			continue
		}
		if rec.fresh {
			if len(r.keyFields()) > 0 {
				out = append(out, Suggestion{Fix: rec.Fix})
			}
			continue
		}
		if changes := rec.changes(r); len(changes) > 0 {
			out = append(out, Suggestion{rec.Fix, changes})
		}
	}
	return out
}

// ApplyFix gives what the fix changes in the item, nil when that is nothing.
// fresh gives a new idempotency key; it may be nil for the other fixes. The
// error is *UnknownFixError or ErrNoFresh.
func ApplyFix(id string, it model.Item, f model.Failure, fresh func() string) ([]model.Change, error) {
	i := slices.IndexFunc(recipes, func(rec recipe) bool { return rec.ID == id })
	if i < 0 {
		return nil, &UnknownFixError{model.Foreign(id)}
	}
	if recipes[i].fresh && fresh == nil {
		return nil, ErrNoFresh
	}
	return recipes[i].changes(newRepair(it, f, fresh)), nil
}

// Renewed says whether every key of an item is another one than in what was sent
// last: then a fresh one is there already, and one more would repair nothing.
func Renewed(it model.Item, sent model.Payload, f model.Failure) bool {
	places := newRepair(it, f, nil).keyFields()
	for _, p := range places {
		if p.in(it.Payload) == p.in(sent) {
			return false
		}
	}
	return len(places) > 0
}

// repair is one item on the bench.
type repair struct {
	item    model.Item
	failure model.Failure
	message string // lower case, as far as patterns look
	about   string // code, message and field in one, lower case
	fields  []Field
	fresh   func() string
}

func newRepair(it model.Item, f model.Failure, fresh func() string) *repair {
	message := strings.ToLower(firstBytes(f.Message.Wire(), patternBytes))
	return &repair{
		item: it, failure: f, message: message, fresh: fresh, fields: Fields(it.Payload),
		about: strings.ToLower(f.Code.Wire()) + " " + message + " " + strings.ToLower(f.Field.Wire()),
	}
}

// changes tries the field that the failure names, then those that the message
// names, then those that look wrong; the first that give a change are it.
func (rec *recipe) changes(r *repair) []model.Change {
	if rec.whole != nil {
		return rec.whole(r)
	}
	if !r.failure.Field.IsZero() {
		return rec.over(r, r.fieldsAt(r.failure.Field.Wire()))
	}
	if out := rec.over(r, r.fieldsInMessage()); len(out) > 0 {
		return out
	}
	guesses := r.fields
	if rec.guess != nil {
		guesses = slices.DeleteFunc(slices.Clone(guesses), func(f Field) bool { return !rec.guess(f) })
	}
	out := rec.over(r, guesses)
	if rec.single && len(out) > 1 {
		return nil
	}
	return out
}

func (rec *recipe) over(r *repair, fields []Field) []model.Change {
	var out []model.Change
	for _, f := range fields {
		raw, ok := rec.repair(r, f)
		if !ok || raw == f.Raw {
			continue
		}
		if c, err := ChangeTo(r.item.Payload, model.Body, f.Pointer, raw); err == nil {
			out = append(out, c)
		}
	}
	return out
}

// fieldsAt lists the fields at or below a pointer. APIs that name a field of a
// nested object without its path are met by the name.
func (r *repair) fieldsAt(pointer string) []Field {
	if pointer[0] != '/' {
		pointer = "/" + pointer
	}
	under := r.where(func(f Field) bool { return f.Pointer == pointer || strings.HasPrefix(f.Pointer, pointer+"/") })
	if len(under) > 0 {
		return under
	}
	name := pointer[strings.LastIndexByte(pointer, '/')+1:]
	return r.where(func(f Field) bool { return strings.EqualFold(fieldName(f), name) })
}

// fieldsInMessage lists the fields whose path stands in the message, or else
// those whose name does.
func (r *repair) fieldsInMessage() []Field {
	split := func(c rune) bool { return strings.ContainsRune(" \t\r\n,;:'\"`()<>“”«»=", c) }
	paths := make(map[string]bool)
	for w := range strings.FieldsFuncSeq(r.message, split) {
		paths[strings.Trim(w, ".!?")] = true
	}
	byPath := r.where(func(f Field) bool {
		return paths[strings.ToLower(f.Pointer)] || strings.ContainsAny(f.Label, ".[") && paths[strings.ToLower(f.Label)]
	})
	if len(byPath) > 0 {
		return byPath
	}
	words := make(map[string]bool)
	inWord := func(c rune) bool { return c != '_' && c != '-' && c < 0x80 && !isWord(byte(c)) }
	for w := range strings.FieldsFuncSeq(r.message, inWord) {
		words[w] = true
	}
	return r.where(func(f Field) bool { return words[strings.ToLower(fieldName(f))] })
}

func (r *repair) where(keep func(Field) bool) []Field {
	var out []Field
	for _, f := range r.fields {
		if keep(f) {
			out = append(out, f)
		}
	}
	return out
}

// fieldName is the last name of a field's path; an element of a list has that of
// its list.
func fieldName(f Field) string {
	parts, err := pointerParts(f.Pointer)
	if err != nil {
		return ""
	}
	for i := len(parts) - 1; i >= 0; i-- {
		if !isIndex(parts[i]) {
			return strings.TrimPrefix(parts[i], "@")
		}
	}
	return ""
}

// keyNames are what APIs call the field or header of an idempotency key, without
// joints and in lower case.
var keyNames = []string{"idempotencykey", "xidempotencykey", "idempotencytoken", "clientrequesttoken", "clienttoken",
	"messagededuplicationid", "requestid", "xrequestid", "objectwritetraceid"}

func isKeyName(name string) bool {
	return slices.Contains(keyNames, strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(name)))
}

// keyPlace is where an item carries its key.
type keyPlace struct {
	part    model.Part
	pointer string
}

// in is the key that a payload has there, "" = none.
func (k keyPlace) in(p model.Payload) string {
	if k.part == model.Header {
		return p.Headers[k.pointer]
	}
	raw, _ := Get(p, k.pointer)
	return raw
}

// keyFields finds where the item carries its idempotency key: the field that the
// failure names, else a field or a header of a known name.
func (r *repair) keyFields() []keyPlace {
	var fields []Field
	if !r.failure.Field.IsZero() {
		fields = r.fieldsAt(r.failure.Field.Wire())
	}
	if len(fields) != 1 {
		fields = r.where(func(f Field) bool { return isKeyName(fieldName(f)) })
	}
	var out []keyPlace
	for _, f := range fields {
		out = append(out, keyPlace{model.Body, f.Pointer})
	}
	for _, name := range slices.Sorted(maps.Keys(r.item.Payload.Headers)) {
		if isKeyName(name) {
			out = append(out, keyPlace{model.Header, name})
		}
	}
	return out
}

// freshKey puts one new key into every place that carries the item's key.
func freshKey(r *repair) []model.Change {
	places := r.keyFields()
	if len(places) == 0 {
		return nil
	}
	key := r.fresh()
	var out []model.Change
	for _, p := range places {
		raw := key
		if p.part == model.Body {
			raw = quoteJSON(key)
		}
		if c, err := ChangeTo(r.item.Payload, p.part, p.pointer, raw); err == nil {
			out = append(out, c)
		}
	}
	return out
}
