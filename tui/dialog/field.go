package dialog

import (
	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"retriage/themes"
)

// Field is a line of text under edit. It never reads a clipboard by itself (over
// SSH that would be the wrong machine's) and its cursor does not blink.
type Field struct {
	in      textinput.Model
	offered bool // the text is ours: what is typed takes its place
}

// maxField bounds what can be typed or pasted into a line.
const maxField = 4096

// NewField is a field that holds text, the cursor behind it.
func NewField(text string) *Field {
	in := textinput.New()
	in.Prompt, in.CharLimit = "", maxField
	in.KeyMap.Paste = key.NewBinding(key.WithDisabled())
	in.SetValue(text)
	in.CursorEnd()
	in.Focus()
	return &Field{in: in}
}

// Type gives a key to the field and says whether its text changed.
func (f *Field) Type(k tea.KeyPressMsg) bool {
	before := f.in.Value()
	if f.offered && (k.Text != "" || k.Code == tea.KeyBackspace) {
		f.in.SetValue("")
	}
	f.offered = false
	f.in, _ = f.in.Update(k)
	return f.in.Value() != before
}

// Paste puts text in at the cursor; line ends become spaces.
func (f *Field) Paste(text string) bool {
	before := f.in.Value()
	if f.offered {
		f.in.SetValue("")
	}
	f.offered = false
	f.in, _ = f.in.Update(tea.PasteMsg{Content: text})
	return f.in.Value() != before
}

// Value is the text.
func (f *Field) Value() string { return f.in.Value() }

// SetValue replaces the text and puts the cursor behind it.
func (f *Field) SetValue(text string) { f.in.SetValue(text); f.in.CursorEnd() }

// View draws the field in at most width cells, its cursor included.
func (f *Field) View(width int, th themes.Theme) string {
	in := f.in
	in.SetWidth(max(width-1, 1))
	st := textinput.Styles{}
	st.Focused.Text, st.Blurred.Text = th.Strong, th.Strong
	if f.offered {
		st.Focused.Text = th.Faint
	}
	st.Cursor.Color = lipgloss.NoColor{}
	st.Cursor.Blink = false
	in.SetStyles(st)
	return in.View()
}
