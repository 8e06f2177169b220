package tui

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"retriage/model"
	"retriage/triage/run"
	"retriage/tui/dialog"
	"retriage/tui/keys"
	"retriage/tui/screen"
)

// maxHeld bounds how many keys wait for what they act on.
const maxHeld = 256

// key takes a key in. Outside a field it waits for the paste guard.
func (m *Model) key(k tea.KeyPressMsg) tea.Cmd {
	if k.String() == "alt+esc" { // two in one read, as they come over a slow line
		k.Mod &^= tea.ModAlt
		return tea.Batch(m.key(k), m.key(k))
	}
	if m.typing() && m.guard.empty() {
		return m.dispatch(k)
	}
	ready, arm, dropped := m.guard.add(k, m.now)
	var cmds []tea.Cmd
	for _, r := range ready {
		cmds = append(cmds, m.dispatch(r))
	}
	if dropped > 0 {
		m.said = fmt.Sprintf("Pasted text was ignored: %d keys at once. Nothing was changed.", dropped)
	}
	if arm {
		gen := m.guard.gen
		cmds = append(cmds, tea.Tick(guardWindow, func(time.Time) tea.Msg { return guardMsg(gen) }))
	}
	return tea.Batch(cmds...)
}

func (m *Model) guardOver(gen int) tea.Cmd {
	var cmds []tea.Cmd
	for _, k := range m.guard.flush(gen) {
		cmds = append(cmds, m.dispatch(k))
	}
	return tea.Batch(cmds...)
}

// typing says whether keys that nobody binds are text.
func (m *Model) typing() bool { return m.table.Typing(m.scopes()) }

// scopes is the focus stack, innermost first.
func (m *Model) scopes() []keys.Scope {
	switch {
	case m.chord != "":
		return []keys.Scope{m.chord, keys.Always}
	case m.dialog != nil:
		return []keys.Scope{m.dialog.Scope, keys.Always}
	}
	return append(m.top().screen.Scopes(), screen.Global, keys.Always)
}

// state is what the table is asked with.
func (m *Model) state() keys.State {
	st := keys.State{ReadOnly: m.cfg.ReadOnly, NoTarget: m.noTarget(), NoSave: m.noSave(), Running: m.work.on, Depth: len(m.stack) - 1}
	if m.dialog != nil {
		st.Enter = m.dialog.Enter
	}
	m.scene(func(sc *screen.Scene) {
		st.Reading = sc.Reading
		m.top().screen.Facts(sc, &st)
	})
	return st
}

// dispatch lets a key act, or keeps it while what it acts on is on its way:
// typing ahead of a slow line or a large batch loses nothing.
func (m *Model) dispatch(k tea.KeyPressMsg) tea.Cmd {
	if k.String() == "ctrl+c" || len(m.held) == 0 && !m.waits(k) {
		return m.act(k)
	}
	m.hold(k)
	return nil
}

// hold keeps a key, or text that was pasted, for later.
func (m *Model) hold(msg tea.Msg) {
	if len(m.held) < maxHeld {
		m.held = append(m.held, msg)
	}
	m.aim()
}

// aim remembers the form that what is held was typed ahead of: with that form
// gone it must not run as commands of another screen.
func (m *Model) aim() {
	switch {
	case len(m.held) == 0:
		m.ahead = 0
	case m.formComes() || m.busy > 0 && m.formFollows():
		m.ahead = m.top().id
	}
}

// formComes says whether the form on top is on its way.
func (m *Model) formComes() bool {
	o, ok := m.top().screen.(screen.Opener)
	return ok && m.dialog == nil && o.Opening()
}

// formFollows says whether the form on top is being saved for the next one.
func (m *Model) formFollows() bool {
	o, ok := m.top().screen.(screen.Opener)
	return ok && o.GoesOn()
}

// waits says whether a key, or text that was pasted, has to wait: for a change
// that is being written, or for the rows or the form that it acts on.
func (m *Model) waits(msg tea.Msg) bool {
	if m.busy > 0 {
		return true
	}
	k, isKey := msg.(tea.KeyPressMsg)
	switch comes := m.formComes(); {
	case !isKey:
		return comes
	case m.plain || m.tooSmall() || m.dialog != nil:
		return false
	case comes:
		b, bound := m.table.Lookup(m.scopes(), k.String())
		return !bound || b.Action != keys.EditClose && !rowless[b.Action]
	case m.typing() || !m.state().Finding:
		return false
	}
	b, bound := m.table.Lookup(m.scopes(), k.String())
	return bound && !rowless[b.Action]
}

// rowless actions do the same whatever rows there are.
var rowless = map[keys.Action]bool{
	keys.Leave: true, keys.Back: true, keys.Interrupt: true, keys.Suspend: true, keys.Redraw: true, keys.Help: true, keys.Plain: true,
	keys.TabNext: true, keys.TabPrev: true, keys.TabAt: true, keys.Escape: true,
}

// release lets the keys act that need not wait any longer, in their order.
func (m *Model) release() tea.Cmd {
	if m.ahead != 0 && m.ahead != m.top().id {
		m.said = strings.TrimSpace(fmt.Sprintf("%s %s typed ahead of the form; nothing of that was done.", m.said, model.Plural(len(m.held), "key")))
		m.held, m.ahead = nil, 0
		return nil
	}
	var cmds []tea.Cmd
	for len(m.held) > 0 && !m.waits(m.held[0]) {
		next := m.held[0]
		m.held = m.held[1:]
		switch next := next.(type) {
		case tea.KeyPressMsg:
			cmds = append(cmds, m.act(next))
		case tea.PasteMsg:
			cmds = append(cmds, m.pasted(next.Content))
		}
	}
	m.aim()
	return tea.Batch(cmds...)
}

// act is the one road of a key to its action.
func (m *Model) act(k tea.KeyPressMsg) tea.Cmd {
	name := k.String()
	if m.plain {
		m.plain = false
		return nil
	}
	if m.dialog != nil && m.dialog.Deaf(m.dialog.born, m.now) {
		return nil
	}
	m.said = ""
	b, bound := m.table.Lookup(m.scopes(), name)
	if !bound {
		return m.unbound(k)
	}
	if m.tooSmall() && !smallActions[b.Action] {
		return nil
	}
	m.chord = ""
	if why := b.Reason(m.state()); why != "" {
		m.said = fmt.Sprintf("%s is off: %s", keys.Name(name), dot(why))
		return nil
	}
	return m.do(keys.Press{Action: b.Action, Key: name})
}

// smallActions are what a screen too small to show anything still does.
var smallActions = map[keys.Action]bool{keys.Leave: true, keys.Interrupt: true, keys.Suspend: true, keys.Redraw: true}

// unbound is a key that nobody owns: text for a field, a no to a question.
func (m *Model) unbound(k tea.KeyPressMsg) tea.Cmd {
	switch {
	case m.chord != "":
		m.chord = ""
		m.said = "Nothing was copied."
		return nil
	case m.dialog != nil && m.dialog.Field != nil:
		m.dialog.Field.Type(k)
		return nil
	case m.dialog != nil && m.dialog.Scope == dialog.Question:
		return m.closeDialog(keys.Cancel)
	case m.dialog != nil:
		return nil
	}
	ty, ok := m.top().screen.(screen.Typist)
	if !ok || !m.typing() {
		m.said = m.deadWords(k.String())
		return nil
	}
	var effects []screen.Effect
	m.scene(func(sc *screen.Scene) { effects = ty.Type(sc, k) })
	return m.perform(m.top(), effects)
}

// deadWords says what a key that does nothing here does elsewhere.
func (m *Model) deadWords(key string) string {
	name := model.Foreign(keys.Name(key)).Safe(20)
	if b, ok := m.table.Lookup(m.scopes(), "R"); ok && key == "r" && b.Action == keys.PlanRetry {
		return "r does nothing here; R plans a retry."
	}
	if b, ok := m.table.Lookup([]keys.Scope{screen.List}, key); ok {
		return fmt.Sprintf("%s works in a list of items: %s.", name, b.Text)
	}
	return name + " does nothing here; ? shows the keys."
}

// paste takes pasted text: it goes into a field or nowhere. Keys that came
// before it act first.
func (m *Model) paste(text string) tea.Cmd {
	first := m.guardOver(m.guard.gen)
	msg := tea.PasteMsg{Content: text}
	if m.typing() && m.dialog == nil && (len(m.held) > 0 || m.waits(msg)) {
		m.hold(msg)
		return first
	}
	return tea.Batch(first, m.pasted(text))
}

func (m *Model) pasted(text string) tea.Cmd {
	ty, ok := m.top().screen.(screen.Typist)
	switch {
	case !m.typing():
		m.said = "Pasted text was ignored: there is no field to take it."
		return nil
	case m.dialog != nil:
		m.dialog.Field.Paste(text)
		return nil
	case !ok:
		return nil
	}
	var effects []screen.Effect
	m.scene(func(sc *screen.Scene) { effects = ty.Paste(sc, text) })
	return m.perform(m.top(), effects)
}

// do carries an action out: the root's own here, all others in the screen.
func (m *Model) do(p keys.Press) tea.Cmd {
	if m.dialog != nil && p.Action != keys.Suspend && p.Action != keys.Redraw {
		return m.closeDialog(p.Action)
	}
	switch p.Action {
	case keys.Leave, keys.Back:
		return m.leave()
	case keys.Interrupt:
		return m.interrupt()
	case keys.Suspend:
		return m.suspend()
	case keys.Redraw:
		return tea.ClearScreen
	case keys.Plain:
		m.plain = true
		return nil
	case keys.Help:
		return m.help()
	case keys.CopyMenu:
		m.chord = screen.CopyTo
		return nil
	}
	return m.toScreen(p)
}

func (m *Model) toScreen(p keys.Press) tea.Cmd {
	var effects []screen.Effect
	m.scene(func(sc *screen.Scene) { effects = m.top().screen.Do(sc, p) })
	return m.perform(m.top(), effects)
}

// closeDialog ends the dialog with an answer.
func (m *Model) closeDialog(a keys.Action) tea.Cmd {
	d := m.dialog
	m.dialog = nil
	switch a {
	case keys.AnswerYes, keys.Accept:
		p := keys.Press{Action: d.About, Yes: true}
		if d.Field != nil {
			p.Text = d.Field.Value()
		}
		if p.Action == keys.Leave {
			return m.stopAndLeave()
		}
		return m.toScreen(p)
	case keys.ResumeGo, keys.ResumeVerify, keys.ResumePlan:
		return m.toScreen(keys.Press{Action: a})
	case keys.ResumeLook:
		m.said = "The run was left as it is. R goes back to it."
		return nil
	}
	if m.said = d.No; d.About == keys.Leave {
		m.said = m.runWords() + "."
	}
	return nil
}

// leave goes back one screen; from the first it leaves the program.
func (m *Model) leave() tea.Cmd {
	if len(m.stack) > 1 {
		return m.pop()
	}
	return m.quit()
}

func (m *Model) quit() tea.Cmd {
	if !m.work.on {
		return tea.Quit
	}
	d := dialog.Ask(keys.Leave, "Stop the run and leave?",
		"It goes on only while this program is open. What is in flight is awaited, the rest is not sent.",
		"The run can be resumed later; nothing is sent twice.")
	m.dialog = &open{d, m.now}
	return nil
}

func (m *Model) stopAndLeave() tea.Cmd {
	if !m.work.on {
		return tea.Quit
	}
	m.work.leaving = true
	m.said = "Stopping: what is in flight is awaited."
	return m.steer(func(r screen.Runner) error { r.Cancel(); return nil })
}

// again is how long a second ctrl+c counts as one.
const again = 2 * time.Second

// interrupt is ctrl+c: it stops what is going on, and the second time leaves.
func (m *Model) interrupt() tea.Cmd {
	second := m.now.Sub(m.work.interrupt) < again
	m.work.interrupt = m.now
	switch {
	case m.cfg.StopReading != nil && !second:
		m.cfg.StopReading()
		m.said = "Reading stops; what was read is kept. ctrl+c again leaves."
		return nil
	case m.work.on && second:
		m.work.leaving = true
		return m.steer(func(r screen.Runner) error { r.Abort(); return nil })
	case second:
		return tea.Quit
	case m.work.on && m.work.snap.Phase != run.Draining:
		m.said = "Stopping: awaiting what is in flight. ctrl+c again: leave, that is unknown."
		return m.steer(func(r screen.Runner) error { r.Cancel(); return nil })
	case m.work.on:
		m.said = "Stopping already. ctrl+c again: leave, what is in flight is unknown."
		return nil
	}
	m.said = "Nothing is going on. q goes back; ctrl+c again leaves."
	return nil
}

// suspend is ctrl+z. A stopped process cannot hear an answer, so a run is held
// and what is in flight awaited first.
func (m *Model) suspend() tea.Cmd {
	if !m.work.on {
		return tea.Suspend
	}
	m.work.suspending = true
	m.said = "To the shell as soon as nothing is in flight; the run waits meanwhile."
	return m.steer(func(r screen.Runner) error { r.Pause(); return nil })
}

func (m *Model) resumed() tea.Cmd {
	if !m.work.on {
		return nil
	}
	m.said = "Back from the shell: the run goes on."
	return tea.Batch(m.tick(), m.steer(func(r screen.Runner) error { r.Continue(); return nil }))
}

// help opens the table as it is for the screen on top.
func (m *Model) help() tea.Cmd {
	scopes := m.scopes()
	st := m.state()
	return m.push(screen.NewHelp(string(scopes[0]), m.table.Rows(scopes), st))
}
