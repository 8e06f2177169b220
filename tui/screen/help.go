package screen

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"retriage/tui/dialog"
	"retriage/tui/keys"
	"retriage/tui/widget"
)

// HelpField is the scope of the help screen: what is typed searches it.
const HelpField keys.Scope = "help"

func helpKeys() []keys.Binding {
	return []keys.Binding{
		{Keys: []string{"enter"}, Action: keys.Accept, Text: "do it", Foot: "do it", Group: "MOVE"},
		{Keys: []string{"down"}, Action: keys.Down, Text: "next line", Group: "MOVE"},
		{Keys: []string{"up"}, Action: keys.Up, Text: "previous line", Group: "MOVE"},
		{Keys: []string{"pgdown"}, Action: keys.PageDown, Text: "half a page down", Group: "MOVE"},
		{Keys: []string{"pgup"}, Action: keys.PageUp, Text: "half a page up", Group: "MOVE"},
		{Keys: []string{"esc", "?", "f1"}, Action: keys.Cancel, Text: "close", Foot: "close", Group: "LEAVE"},
	}
}

// help is the key table as it is for the screen below: search, and Enter does
// what the line says, as if its key had been pressed there.
type help struct {
	of    string // the screen below
	rows  []keys.Row
	state keys.State
	field *dialog.Field
	found []keys.Row
	win   widget.Window
}

// NewHelp is help for a screen: the rows that it can reach, and the state that
// says which of them are off.
func NewHelp(of string, rows []keys.Row, st keys.State) Screen {
	h := &help{of: of, rows: byGroup(rows), state: st, field: dialog.NewField("")}
	h.search()
	return h
}

// headings is the order of the headings in help.
var headings = []string{"MOVE", "FIND", "SELECT", "CHANGE here", "SEND", "TAKE AWAY", "ANSWER", "LEAVE"}

// byGroup puts rows of one heading together.
func byGroup(rows []keys.Row) []keys.Row {
	rank := func(r keys.Row) int {
		if i := slices.Index(headings, r.Group); i >= 0 {
			return i
		}
		return len(headings)
	}
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b keys.Row) int { return rank(a) - rank(b) })
	return rows
}

func (h *help) search() {
	want := strings.ToLower(strings.TrimSpace(h.field.Value()))
	h.found = nil
	for _, r := range h.rows {
		text := strings.ToLower(r.Text + " " + r.Label() + " " + string(r.Action))
		if strings.Contains(text, want) {
			h.found = append(h.found, r)
		}
	}
	h.win = h.win.Fit(h.win.Height, len(h.found)).To(0)
}

// Scopes implements Screen.
func (h *help) Scopes() []keys.Scope { return []keys.Scope{HelpField} }

// Facts implements Screen.
func (h *help) Facts(*Scene, *keys.State) {}

// Apply implements Screen.
func (h *help) Apply(*Scene, string, any) []Effect { return nil }

// Refresh implements Screen.
func (h *help) Refresh(sc *Scene) []Effect {
	h.win = h.win.Fit(h.height(sc), len(h.found))
	return nil
}

func (h *help) height(sc *Scene) int { return max(1, sc.Height-4) }

// Do implements Screen.
func (h *help) Do(_ *Scene, p keys.Press) []Effect {
	if win, ok := moved(h.win, p.Action); ok {
		h.win = win
		return nil
	}
	if p.Action == keys.Accept && len(h.found) > 0 {
		b := h.found[h.win.Cursor]
		return []Effect{Relay{keys.Press{Action: b.Action, Key: b.Keys[0]}}}
	}
	return []Effect{Pop{}}
}

// Type implements Typist.
func (h *help) Type(_ *Scene, k tea.KeyPressMsg) []Effect {
	if h.field.Type(k) {
		h.search()
	}
	return nil
}

// Paste implements Typist.
func (h *help) Paste(_ *Scene, text string) []Effect {
	if h.field.Paste(text) {
		h.search()
	}
	return nil
}

// View implements Screen.
func (h *help) View(sc *Scene) Picture {
	th := sc.Theme
	lines := []string{
		header(sc, th.Strong.Render("Help")+th.Faint.Render("   "+h.of), th.Faint.Render("type to search")),
		" " + th.Accent.Render("/ ") + h.field.View(sc.Width-6, th),
		widget.Rule(sc.Width, th),
	}
	win := h.win.Fit(h.height(sc), len(h.found))
	from, to := win.Rows()
	group := ""
	for k := from; k < to; k++ {
		lines = append(lines, h.row(sc, k, group))
		group = h.found[k].Group
	}
	if len(h.found) == 0 {
		lines = append(lines, "", "   "+th.Faint.Render("No key does that."))
	}
	left := th.Faint.Render("lower case stays here; R, V and D ask first")
	if len(h.found) > 0 {
		if why := h.found[win.Cursor].Reason(h.state); why != "" { // in full, which the line may not be
			left = th.Wait.Render("off: " + why)
		}
	}
	return Picture{Lines: lines, Left: left}
}

// row is one binding: its heading where that begins, keys, text, and why it is
// off here.
func (h *help) row(sc *Scene, k int, group string) string {
	const headWidth, keyWidth = 14, 18
	th, b := sc.Theme, h.found[k]
	head := ""
	if sc.Width >= 70 {
		if b.Group != group {
			head = b.Group
		}
		head = th.Faint.Render(widget.Pad(" "+head, headWidth))
	}
	why := b.Reason(h.state)
	text := th.Text
	if why != "" {
		text = th.Faint
	}
	line := head + " " + th.Key.Render(widget.Pad(b.Label(), keyWidth)) + " " + text.Render(b.Text)
	if why != "" {
		line += th.Wait.Render("   off: " + why)
	}
	if k == h.win.Cursor {
		return th.Lit(th.Cursor, widget.Pad(line, sc.Width))
	}
	return line
}
