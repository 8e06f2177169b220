package tui

import (
	"context"
	"errors"
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"retriage/model"
	"retriage/themes"
	"retriage/triage"
	"retriage/triage/run"
	"retriage/tui/dialog"
	"retriage/tui/keys"
	"retriage/tui/screen"
)

// Model is the whole face as Bubble Tea sees it.
type Model struct {
	cfg   Config
	ctx   context.Context // of everything that is started from here
	table keys.Table
	face  *screen.Face
	look  look
	now   time.Time // when the message in hand came

	stack  []*level // screens, the one on top last
	ids    int
	dialog *open
	chord  keys.Scope // the second key of a two-key command is awaited in it
	said   string     // stands in the status line until the next key
	plain  bool       // the frame stands on the normal screen as plain text

	guard guard
	busy  int       // commits that are not on disk yet
	held  []tea.Msg // keys and pasted text that wait for what they act on
	ahead int       // the level whose form they were typed ahead of, 0 = none

	failed  error  // why the input could not be opened after all
	version uint64 // of the session when the top screen last looked
	work    running
	ticking bool
}

// look is how the screen is drawn.
type look struct {
	width, height int
	profile       colorprofile.Profile
	light         bool
	theme         themes.Theme
}

// level is a screen of the stack with the questions that it has asked.
type level struct {
	id     int
	screen screen.Screen
	asked  map[string]question
}

type question struct {
	gen  uint64
	stop context.CancelFunc
}

// open is a dialog and since when it is there.
type open struct {
	dialog.Dialog
	born time.Time
}

// running is what is known of a run that was started from here.
type running struct {
	on         bool
	snap       run.Snapshot
	over       chan struct{} // closed when it is over
	interrupt  time.Time     // when ctrl+c was last pressed
	leaving    bool          // leave the program when it is over
	suspending bool          // go to the shell when nothing is in flight
}

// New makes the face. A run that the session has not finished is asked about
// first.
func New(cfg Config) *Model {
	if cfg.Open != nil {
		cfg.ReadOnly, cfg.NoTarget = stillReading, stillReading
	}
	m := &Model{cfg: cfg, ctx: context.Background(), table: screen.Table(), face: screen.NewFace(), now: cfg.Now()}
	m.look.profile = colorprofile.TrueColor
	m.retheme()
	m.stack = []*level{m.level(screen.NewOverview())}
	m.askUnfinished()
	return m
}

// askUnfinished asks about a run that was not finished.
func (m *Model) askUnfinished() {
	if m.cfg.Runner == nil || m.cfg.ReadOnly != "" {
		return
	}
	m.cfg.Desk.Look(func(s *triage.Session) {
		if s.Unfinished() != nil {
			m.dialog = &open{screen.ResumeQuestion(s, m.cfg.RunID), m.now}
		}
	})
}

// opening waits for the end of the reading.
func (m *Model) opening() tea.Cmd {
	if m.cfg.Open == nil {
		return nil
	}
	return func() tea.Msg {
		o, err := m.cfg.Open(m.ctx)
		return openedMsg{o, err}
	}
}

// opened takes over what the input turned out to be.
func (m *Model) opened(msg openedMsg) tea.Cmd {
	o := msg.opened
	m.cfg.Open, m.cfg.StopReading, m.cfg.HowFar = nil, nil, nil
	if msg.err != nil {
		m.failed = msg.err
		return tea.Quit
	}
	m.cfg.Runner, m.cfg.RunID, m.cfg.ReadOnly, m.cfg.NoTarget = o.Runner, o.RunID, o.ReadOnly, o.NoTarget
	m.cfg.Profile = o.Profile
	m.said = o.Said
	m.askUnfinished()
	return m.refresh()
}

func (m *Model) level(s screen.Screen) *level {
	m.ids++
	return &level{id: m.ids, screen: s, asked: map[string]question{}}
}

func (m *Model) top() *level { return m.stack[len(m.stack)-1] }

// Init asks the terminal about itself and lets the first screen look around.
func (m *Model) Init() tea.Cmd {
	var sync tea.Cmd
	if m.cfg.remote() {
		sync = synchronized()
	}
	return tea.Batch(tea.RequestBackgroundColor, sync, m.refresh(), m.tick(), m.opening())
}

// The messages of our own commands.
type (
	guardMsg  int // the paste guard's window is over
	tickMsg   struct{}
	answerMsg struct {
		level int
		name  string
		gen   uint64
		value any
	}
	committedMsg struct {
		err  error
		said string
	}
	overMsg   struct{ err error }
	openedMsg struct {
		opened Opened
		err    error
	}
	saidMsg struct{ text string }
)

// Update routes one message.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	m.now = m.cfg.Now()
	cmd := m.route(msg)
	if m.cfg.Desk.Version() != m.version {
		cmd = tea.Batch(cmd, m.refresh())
	}
	if len(m.held) > 0 {
		cmd = tea.Batch(cmd, m.release())
	}
	return m, cmd
}

func (m *Model) route(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		return m.key(msg)
	case guardMsg:
		return m.guardOver(int(msg))
	case tea.PasteMsg:
		return m.paste(msg.Content)
	case tea.WindowSizeMsg:
		m.look.width, m.look.height = msg.Width, msg.Height
		return m.refresh()
	case tea.ColorProfileMsg:
		m.look.profile = msg.Profile
		return m.retheme()
	case tea.BackgroundColorMsg:
		m.look.light = !msg.IsDark()
		return m.retheme()
	case tea.ResumeMsg:
		return m.resumed()
	case answerMsg:
		return m.answer(msg)
	case committedMsg:
		return m.committed(msg)
	case tickMsg:
		return m.ticked()
	case overMsg:
		return m.runOver(msg.err)
	case openedMsg:
		return m.opened(msg)
	case saidMsg:
		m.said = msg.text
	}
	return nil
}

// retheme picks the theme that fits what is known of the terminal.
func (m *Model) retheme() tea.Cmd {
	th, ok := themes.ByName(m.cfg.Theme)
	if !ok {
		th = themes.For(m.look.profile, !m.look.light)
	}
	th = th.Fit(m.look.profile)
	th.ASCII = m.cfg.ASCII
	m.look.theme = th
	if len(m.stack) == 0 {
		return nil
	}
	return m.refresh()
}

// scene runs f with the world as it is now. f must not look at the desk itself.
func (m *Model) scene(f func(sc *screen.Scene)) {
	m.cfg.Desk.Look(func(s *triage.Session) {
		f(&screen.Scene{
			S: s, Now: m.now, Width: m.look.width, Height: max(0, m.look.height-bottom-len(m.over())), Theme: m.look.theme,
			Name: m.cfg.Name, RunID: m.cfg.RunID, Profile: m.cfg.Profile, ReadOnly: m.cfg.ReadOnly, NoTarget: m.noTarget(), Lenient: m.cfg.Lenient, NoAuth: m.cfg.NoAuth, Asked: m.dialog != nil,
			Face: m.face, Run: m.work.snap, RunOn: m.work.on, Reading: !s.Batch().Complete(), HowFar: m.howFar(), NoSave: m.noSave(), Remote: m.cfg.remote(),
		})
	})
}

func (m *Model) howFar() string {
	if m.cfg.HowFar == nil {
		return ""
	}
	return m.cfg.HowFar()
}

func (m *Model) noSave() string {
	if m.cfg.Save == nil {
		return "nothing can be written from here; retriage list writes files"
	}
	return ""
}

func (m *Model) noTarget() string {
	if m.cfg.NoTarget == "" && m.cfg.Runner == nil {
		return "there is no target to send to"
	}
	return m.cfg.NoTarget
}

// refresh lets the screen on top look at what has changed.
func (m *Model) refresh() tea.Cmd {
	m.version = m.cfg.Desk.Version()
	if m.tooSmall() {
		return nil
	}
	var effects []screen.Effect
	m.scene(func(sc *screen.Scene) { effects = m.top().screen.Refresh(sc) })
	return m.perform(m.top(), effects)
}

// answer gives an answer to the screen that asked, if it still wants it.
func (m *Model) answer(msg answerMsg) tea.Cmd {
	for _, l := range m.stack {
		if l.id != msg.level || l.asked[msg.name].gen != msg.gen {
			continue
		}
		var effects []screen.Effect
		m.scene(func(sc *screen.Scene) { effects = l.screen.Apply(sc, msg.name, msg.value) })
		return m.perform(l, effects)
	}
	return nil
}

// ticked takes the newest state of a run over.
func (m *Model) ticked() tea.Cmd {
	m.ticking = false
	var cmd tea.Cmd
	if m.cfg.Runner != nil && m.work.on {
		// A pace and a rest of time change by time alone.
		old := m.work.snap.Generation
		if m.work.snap = m.cfg.Runner.Snapshot(); m.work.snap.Generation != old {
			cmd = m.refresh()
		}
	}
	if m.work.suspending && m.work.snap.InFlight == 0 {
		m.work.suspending = false
		return tea.Batch(cmd, tea.Suspend)
	}
	return tea.Batch(cmd, m.tick())
}

// tick asks for the next look at a run; nothing ticks while nothing moves.
func (m *Model) tick() tea.Cmd {
	if m.ticking || !m.moving() {
		return nil
	}
	m.ticking = true
	reading := m.reading()
	return tea.Tick(m.cfg.pace(), func(time.Time) tea.Msg {
		if reading {
			m.cfg.Desk.Absorb()
		}
		return tickMsg{}
	})
}

func (m *Model) moving() bool { return m.work.on || m.cfg.Watching || m.reading() }

// reading says whether there are items that the session does not know yet.
func (m *Model) reading() bool {
	more := false
	m.cfg.Desk.Look(func(s *triage.Session) { more = !s.Batch().Complete() || s.Batch().Len() > s.Len() })
	return more
}

func (m *Model) runOver(err error) tea.Cmd {
	m.work.on, m.work.suspending = false, false
	m.work.snap = m.cfg.Runner.Snapshot()
	m.scene(m.face.DropDone)
	switch {
	case errors.Is(err, run.ErrCancelled):
		m.said = m.stopWords()
	case err != nil && m.ctx.Err() == nil:
		m.said = "The run ended: " + dot(err.Error())
	default:
		m.said = "" // what was last said of the run holds no more
	}
	if m.work.leaving {
		return tea.Quit
	}
	return m.refresh()
}

// stopWords says what a run that was stopped has sent and what not.
func (m *Model) stopWords() string {
	snap := m.work.snap
	if len(snap.Progress) == 0 {
		if snap.Reads.Total > 0 {
			return fmt.Sprintf("Stopped: %s of %s read back, the rest was not read.", model.Number(snap.Reads.Done), model.Number(snap.Reads.Total))
		}
		return "Stopped. Nothing more was sent."
	}
	p := snap.Progress[0]
	text := fmt.Sprintf("Stopped: %s ok, %s failed", model.Number(p.OK), model.Number(p.Failed))
	if n := p.Unknown + p.InFlight; n > 0 {
		text += fmt.Sprintf(", %s unknown", model.Number(n))
	}
	if p.Waiting > 0 {
		text += fmt.Sprintf(", %s for another try", model.Number(p.Waiting))
	}
	text += fmt.Sprintf("; %s not sent", model.Number(p.Left))
	if p.Gone > 0 {
		text += fmt.Sprintf(", %s taken out", model.Number(p.Gone))
	}
	return text + "."
}
