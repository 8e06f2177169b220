package dialect

import (
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"retriage/model"
)

// failure reads what an item's no says.
func (d *Dialect) failure(e *element, v verdict) *model.Failure {
	e.lends = true // what is kept is copied below
	defer e.lendNoMore()
	spec := &d.spec.Failure
	f := e.newFailure()
	f.Status, f.RetryAfter = v.status, d.wait(e)
	code, message := d.code(e, v.status), d.message(e)
	field := d.field(text(d.first(e, spec.Field)))
	if first := d.headline(e, code); first.Exists() {
		code = either(text(first.Get(spec.ListCode)), code)
		message = either(text(first.Get(spec.ListMessage)), message)
		field = either(d.field(text(first.Get(spec.ListField))), field)
	}
	f.Code, f.Message, f.Field = model.Foreign(e.keep(code)), model.Foreign(e.keep(message)), model.Foreign(e.keep(field))
	f.RequestID = model.Foreign(e.keep(text(d.first(e, spec.RequestID))))
	if f.Reason = v.reason; v.reason != model.OwnFault {
		f.Class = class(model.Safe)
	}
	if v.rule != nil {
		v.rule.mark(f)
	}
	return f
}

// mark puts what a verdict rule says for itself into a failure.
func (r *verdictRule) mark(f *model.Failure) {
	if f.Code.IsZero() {
		f.Code = model.Foreign(r.Code)
	}
	if f.Message.IsZero() {
		f.Message = model.Foreign(r.Name)
	}
	if r.Class != nil {
		f.Class = r.Class
	}
	f.Blames = r.Category
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func class(c model.RetryClass) *model.RetryClass { return &c }

// code finds the API's own word for a failure. A bare number is none as long as
// something better is there, and one that repeats the status never is.
func (d *Dialect) code(e *element, status int) string {
	number := ""
	for i := range d.spec.Failure.Code {
		s := text(d.spec.Failure.Code[i].in(e, d.spec.Items.Headers))
		if s == "" || s == "null" { // some servers word that there is none
			continue
		}
		if !isNumber(s) {
			return s
		}
		if number == "" && s != strconv.Itoa(status) {
			number = s
		}
	}
	return number
}

// isNumber says whether a text is a whole number.
func isNumber(s string) bool {
	digits := strings.TrimLeft(s, "+-")
	return digits != "" && strings.Trim(digits, "0123456789") == ""
}

// headline gives the first of an item's single errors, when the code says no
// more than that there are several.
func (d *Dialect) headline(e *element, code string) gjson.Result {
	if !d.spec.Failure.ListWhen.matches(code) {
		return gjson.Result{}
	}
	return d.spec.Failure.List.in(e, d.spec.Items.Headers).Get("0")
}

// pointerEscape protects what means something in a JSON Pointer (RFC 6901
// section 3).
var pointerEscape = strings.NewReplacer("~", "~0", "/", "~1")

// field makes a JSON Pointer (RFC 6901) of a field's name as the API writes it.
func (d *Dialect) field(name string) string {
	if d.spec.Failure.FieldNever.matches(name) {
		return ""
	}
	if name == "" || name[0] == '/' {
		return name
	}
	parts := strings.FieldsFunc(strings.TrimPrefix(name, "$."), func(r rune) bool {
		return strings.ContainsRune(d.spec.Failure.FieldMarks, r)
	})
	if len(parts) == 0 {
		return ""
	}
	var b strings.Builder
	for _, part := range parts {
		b.WriteString("/" + pointerEscape.Replace(part))
	}
	return b.String()
}

// wait is the longest time that an item asks to wait, negative = it says
// nothing.
func (d *Dialect) wait(e *element) time.Duration {
	longest := time.Duration(-1)
	for i := range d.spec.Failure.Retry {
		w := &d.spec.Failure.Retry[i]
		if s := text(w.Path.in(e, d.spec.Items.Headers)); s != "" {
			longest = max(longest, waitOf(s, w.unit()))
		}
	}
	return longest
}
