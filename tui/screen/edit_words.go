package screen

import (
	"strings"

	"retriage/model"
	"retriage/triage"
	"retriage/tui/widget"
)

// failureWords is a failure in one line: the status, the code, where, and the
// server's words.
func failureWords(f model.Failure) string {
	var words []string
	if f.Status != 0 {
		words = append(words, statusText(f.Status))
	}
	if !f.Code.IsZero() {
		words = append(words, f.Code.Safe(60))
	}
	if !f.Field.IsZero() {
		words = append(words, "at "+f.Field.Safe(80))
	}
	text := strings.Join(words, " ")
	switch msg := f.Message.Safe(model.SafeLong); {
	case msg == "" && text == "":
		return "The server gave no reason."
	case msg == "":
		return text
	case text == "":
		return msg
	default:
		return text + ": " + msg
	}
}

func badWords(f model.Failure) string {
	if !f.Message.IsZero() {
		return f.Message.Safe(model.SafeShort)
	}
	return "the server refused this field"
}

// edges shows the blanks at both ends of a text, which are often what is wrong.
func edges(text string) string {
	inner := strings.Trim(text, " ")
	if inner == "" || len(inner) == len(text) {
		return text
	}
	left := strings.Index(text, inner)
	return strings.Repeat("·", left) + inner + strings.Repeat("·", len(text)-left-len(inner))
}

// wasWords is what a field was when the item was first sent.
func wasWords(r *editRow, cells int) string {
	switch {
	case r.field.First == "":
		return "not there"
	case r.was == "":
		return r.empty()
	}
	return widget.Show(model.Foreign(edges(r.was)), cells)
}

// emptied says whether the draft of a field looks as if it was meant to be no
// value at all.
func (r *editRow) emptied() bool {
	if r.field.Absent || r.field.Part == model.URL {
		return false
	}
	return r.text == "" || r.field.Part == model.Body && r.field.Kind == triage.TextField && strings.EqualFold(strings.TrimSpace(r.text), "null")
}

// dropHint tells the ways to no value.
func (r *editRow) dropHint() string {
	if r.field.Part != model.Body {
		return "ctrl+x drops it"
	}
	return "ctrl+x drops it, =null sends null"
}

// itemName is what an item is called when only its id and place are at hand.
func itemName(id model.ID, item int) string {
	if !id.IsZero() {
		return id.Safe()
	}
	return "#" + model.Number(item+1)
}
