package dialog

import (
	"cmp"
	"time"

	"retriage/themes"
	"retriage/tui/keys"
	"retriage/tui/widget"
)

// Grace is how long a question takes no keys: those were on their way to what
// was there before it.
const Grace = 250 * time.Millisecond

// maxLines bounds what one paragraph of a dialog may take.
const maxLines = 4

// The scopes of dialogs.
const (
	Question keys.Scope = "question"
	Line     keys.Scope = "line of text"
	Resume   keys.Scope = "unfinished run"
)

// Dialog is a question or a field over a screen.
type Dialog struct {
	Scope keys.Scope
	Title string   // the question, safe
	Lines []string // what to know before answering, safe
	// About is the action that asked. A yes, or the text of the field, goes
	// back to the screen as this action with Press.Yes set.
	About keys.Action
	Field *Field // nil = no text is asked for
	Enter string // what enter does with the text, in a word or two, "" = it keeps it
	No    string // said after any other answer, e.g. "Nothing was changed."
}

// Ask is a question: y is yes, any other key is no.
func Ask(about keys.Action, title string, lines ...string) Dialog {
	return Dialog{Scope: Question, Title: title, Lines: lines, About: about, No: "Nothing was changed."}
}

// Input asks for a line of text, which begins as text.
func Input(about keys.Action, title, text string) Dialog {
	return Dialog{Scope: Line, Title: title, About: about, Field: NewField(text), No: "Nothing was changed."}
}

// Offer is Input for a text that is likely right: it is kept as it is, or the
// first key takes its place.
func Offer(about keys.Action, title, text string) Dialog {
	d := Input(about, title, text)
	d.Field.offered = true
	return d
}

// Deaf says whether the dialog, born at a time, takes no keys yet. A field
// always does: what is typed into it harms nothing.
func (d Dialog) Deaf(born, now time.Time) bool {
	return d.Field == nil && now.Sub(born) < Grace
}

// Sections are the rows of the key table that dialogs own.
func Sections() []keys.Section {
	return []keys.Section{
		{Scope: Question, Rows: []keys.Binding{
			{Keys: []string{"y"}, Action: keys.AnswerYes, Text: "yes", Foot: "yes", Group: "ANSWER"},
			{Keys: []string{"n", "esc", "enter"}, Show: "any other key", Action: keys.Cancel, Text: "no", Foot: "no", Group: "ANSWER"},
		}},
		{Scope: Line, Field: true, Rows: []keys.Binding{
			{Keys: []string{"enter"}, Action: keys.Accept, Text: "keep the text", Group: "ANSWER",
				FootOf: func(st keys.State) string { return cmp.Or(st.Enter, "keep") }},
			{Keys: []string{"esc"}, Action: keys.Cancel, Text: "close, change nothing", Foot: "close", Group: "ANSWER"},
		}},
		{Scope: Resume, Rows: []keys.Binding{
			{Keys: []string{"V"}, Action: keys.ResumeVerify, Text: "verify the unknown first", Foot: "verify first", Group: "ANSWER",
				Off: func(st keys.State) string { return st.NoTarget }},
			{Keys: []string{"c"}, Action: keys.ResumeGo, Text: "continue the run", Foot: "continue", Group: "ANSWER", Danger: true,
				Off: func(st keys.State) string { return st.NoTarget }},
			{Keys: []string{"R"}, Action: keys.ResumePlan, Text: "plan a retry anew in its place; nothing is sent yet", Foot: "plan anew", Group: "ANSWER",
				Off: func(st keys.State) string { return st.NoTarget }},
			{Keys: []string{"q", "esc"}, Action: keys.ResumeLook, Text: "look, decide later", Foot: "look", Group: "ANSWER"},
		}},
	}
}

// View draws the dialog: lines of exactly the width, a rule above them.
func View(d Dialog, width int, th themes.Theme) []string {
	lines := []string{widget.Rule(width, th)}
	for _, l := range widget.Wrap(d.Title, width-2, maxLines) {
		lines = append(lines, widget.Pad(" "+th.Strong.Render(l), width))
	}
	for _, l := range d.Lines {
		for _, w := range widget.Wrap(l, width-4, maxLines) {
			lines = append(lines, widget.Pad("   "+th.Text.Render(w), width))
		}
	}
	if d.Field != nil {
		lines = append(lines, widget.Pad("   "+d.Field.View(width-4, th), width))
	}
	return append(lines, widget.Pad("", width))
}
