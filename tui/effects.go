package tui

import (
	"context"
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"retriage/model"
	"retriage/tui/screen"
)

// perform turns the effects of a screen into commands.
func (m *Model) perform(l *level, effects []screen.Effect) tea.Cmd {
	var cmds []tea.Cmd
	for _, e := range effects {
		cmds = append(cmds, m.effect(l, e))
	}
	return tea.Batch(cmds...)
}

func (m *Model) effect(l *level, e screen.Effect) tea.Cmd {
	switch e := e.(type) {
	case screen.Commit:
		return m.commit(e)
	case screen.Work:
		return m.ask(l, e)
	case screen.Start:
		return m.start(e)
	case screen.Steer:
		m.said = e.Said
		return m.steer(func(r screen.Runner) error { return e.Do(m.ctx, r) })
	case screen.Ask:
		m.dialog = &open{e.Dialog, m.now}
	case screen.Say:
		m.said = e.Text
	case screen.Copy:
		return m.copy(e)
	case screen.Save:
		return m.save(e)
	case screen.Quit:
		return m.quit()
	}
	return m.navigate(e)
}

// navigate opens and closes screens.
func (m *Model) navigate(e screen.Effect) tea.Cmd {
	switch e := e.(type) {
	case screen.Push:
		return m.push(e.Screen)
	case screen.Replace:
		m.drop()
		return m.push(e.Screen)
	case screen.Pop:
		return m.pop()
	case screen.Home:
		for len(m.stack) > 2 {
			m.drop()
		}
		return m.pop()
	case screen.Relay:
		return tea.Batch(m.pop(), m.relay(e))
	}
	return nil
}

func (m *Model) push(s screen.Screen) tea.Cmd {
	m.stack = append(m.stack, m.level(s))
	return m.refresh()
}

func (m *Model) pop() tea.Cmd {
	if len(m.stack) == 1 {
		return nil
	}
	m.drop()
	return m.refresh()
}

// drop takes the screen on top away and ends what it is still waiting for.
func (m *Model) drop() {
	l := m.top()
	for _, q := range l.asked {
		q.stop()
	}
	clear(l.asked)
	m.stack = m.stack[:len(m.stack)-1]
}

func (m *Model) relay(e screen.Relay) tea.Cmd {
	b, ok := m.table.Lookup(m.scopes(), e.Press.Key)
	if !ok {
		return nil
	}
	if why := b.Reason(m.state()); why != "" {
		m.said = fmt.Sprintf("%s is off: %s", e.Press.Key, dot(why))
		return nil
	}
	return m.do(e.Press)
}

// ask starts a screen's work; the same work that is still going on is stopped.
func (m *Model) ask(l *level, w screen.Work) tea.Cmd {
	old := l.asked[w.Name]
	if old.stop != nil {
		old.stop()
	}
	ctx, stop := context.WithCancel(m.ctx)
	gen := old.gen + 1
	l.asked[w.Name] = question{gen, stop}
	engine := screen.Engine{Desk: m.cfg.Desk, Runner: m.cfg.Runner, NewKey: m.cfg.NewKey}
	work := func() tea.Msg {
		defer stop()
		if ctx.Err() != nil {
			return nil // a newer one has taken its place
		}
		return answerMsg{l.id, w.Name, gen, w.Do(ctx, engine)}
	}
	if w.After > 0 {
		return tea.Tick(w.After, func(time.Time) tea.Msg { return work() })
	}
	return work
}

// commit writes events. Keys wait until it is done, so that none of them acts
// on a session that is about to change.
func (m *Model) commit(c screen.Commit) tea.Cmd {
	if m.cfg.ReadOnly != "" {
		m.said = "Nothing was changed: " + dot(m.cfg.ReadOnly)
		return nil
	}
	evs := make([]model.Event, len(c.Events))
	for i, ev := range c.Events {
		if ev.At.IsZero() {
			ev.At = m.now
		}
		if ev.Who == "" {
			ev.Who = m.cfg.Who
		}
		evs[i] = ev
	}
	m.busy++
	return func() tea.Msg { return committedMsg{m.cfg.Desk.Commit(m.ctx, evs...), c.Said} }
}

func (m *Model) committed(msg committedMsg) tea.Cmd {
	m.busy--
	m.said = msg.said
	if msg.err != nil {
		m.said = fmt.Sprintf("Nothing was changed: %s", dot(msg.err.Error()))
	}
	return m.refresh()
}

// start begins a run.
func (m *Model) start(s screen.Start) tea.Cmd {
	switch {
	case m.work.on:
		m.said = "A run is going on already. Nothing more was started."
		return nil
	case m.cfg.Runner == nil || m.cfg.ReadOnly != "" || m.cfg.NoTarget != "":
		m.said = "Nothing was sent: " + dot(parts(m.cfg.ReadOnly, m.noTarget()))
		return nil
	}
	over := make(chan struct{})
	m.work = running{on: true, over: over, snap: m.cfg.Runner.Snapshot()}
	return tea.Batch(m.tick(), func() tea.Msg {
		defer close(over)
		return overMsg{s.Do(m.ctx, m.cfg.Runner)}
	})
}

// steer calls one of the Runner's controls.
func (m *Model) steer(f func(screen.Runner) error) tea.Cmd {
	r := m.cfg.Runner
	if r == nil {
		return nil
	}
	return func() tea.Msg {
		if err := f(r); err != nil {
			return saidMsg{dot(err.Error())}
		}
		return nil
	}
}

// save exports items.
func (m *Model) save(s screen.Save) tea.Cmd {
	if m.cfg.Save == nil {
		return nil
	}
	return func() tea.Msg {
		said, err := m.cfg.Save(m.ctx, s.Path, s.Items)
		if err != nil {
			return saidMsg{"Nothing was written: " + dot(err.Error())}
		}
		return saidMsg{said}
	}
}

// copy brings text to the clipboard: by the terminal (OSC 52), and under tmux
// by its buffer too, since tmux drops what an application sends to the terminal.
func (m *Model) copy(c screen.Copy) tea.Cmd {
	m.said = c.Said
	osc := tea.SetClipboard(c.Text)
	if m.cfg.Tmux == nil {
		return osc
	}
	return tea.Batch(osc, func() tea.Msg {
		if err := m.cfg.Tmux(c.Text); err != nil {
			return nil // the terminal may have taken it
		}
		return saidMsg{c.Said + " It is in tmux's buffer too."}
	})
}
