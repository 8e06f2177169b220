package tui

import (
	"context"
	"errors"
	"fmt"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"retriage/model"
	"retriage/tui/screen"
)

// frames is how often a second the terminal is written to at most.
const frames = 30

// Run shows the face until the operator leaves or ctx ends. When it returns no
// run goes on any more: one that did was stopped, and what it had in flight was
// awaited as long as the Runner waits. An error of Config.Open ends it and is
// given back as it is. opts come last and so decide: the colour
// profile, input and output.
func Run(ctx context.Context, cfg Config, opts ...tea.ProgramOption) error {
	inner, stop := context.WithCancel(ctx)
	defer stop()
	m := New(cfg)
	m.ctx = inner
	base := []tea.ProgramOption{tea.WithContext(inner), tea.WithFPS(frames)}
	if len(cfg.Env) > 0 {
		base = append(base, tea.WithEnvironment(cfg.Env))
	}
	_, err := tea.NewProgram(m, append(base, opts...)...).Run()
	stop()
	if m.work.over != nil {
		<-m.work.over
	}
	if kept := m.keep(context.WithoutCancel(ctx)); kept != nil {
		return fmt.Errorf("keep what was typed: %w", kept)
	}
	if errors.Is(err, tea.ErrProgramKilled) && ctx.Err() != nil && !errors.Is(err, tea.ErrProgramPanic) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("show screen: %w", err)
	}
	return m.failed
}

// synchronized asks for whole frames (mode 2026). Bubble Tea does not ask over
// SSH, where torn frames are seen most.
func synchronized() tea.Cmd { return tea.Raw(ansi.RequestModeSynchronizedOutput) }

// keep makes durable what stands in open forms. It is called when the program on
// the screen has ended, for whatever reason: an operator whose line was cut finds
// it again.
func (m *Model) keep(ctx context.Context) error {
	if m.cfg.ReadOnly != "" || m.cfg.Desk.ReadOnly() {
		return nil
	}
	var evs []model.Event
	for _, l := range m.stack {
		if k, ok := l.screen.(screen.Keeper); ok {
			m.scene(func(sc *screen.Scene) { evs = append(evs, k.Keep(sc)...) })
		}
	}
	if len(evs) == 0 {
		return nil
	}
	for k := range evs {
		evs[k].At, evs[k].Who = m.cfg.Now(), m.cfg.Who
	}
	return m.cfg.Desk.Commit(ctx, evs...)
}
