package tui

import (
	"bytes"
	"image/color"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/vt"

	"retriage/tui/widget"
)

// term is a program on a terminal emulator: keys go in as a person's would, and
// what is looked at is what a person would see.
type term struct {
	t    testing.TB
	p    *tea.Program
	m    *Model
	done chan error

	mu  sync.Mutex
	em  *vt.Emulator
	raw bytes.Buffer
}

type termOptions struct {
	width, height int
	profile       colorprofile.Profile
	light         bool
}

// start runs the face on a terminal until the test ends.
func start(t testing.TB, cfg Config, o termOptions) *term {
	t.Helper()
	tm := &term{t: t, em: vt.NewEmulator(o.width, o.height), done: make(chan error, 1)}
	if o.light {
		tm.em.SetDefaultBackgroundColor(color.White)
	} else {
		tm.em.SetDefaultBackgroundColor(color.Black)
	}
	answers := make(chan []byte, 4096)
	in, keys := io.Pipe()
	go func() { // what the terminal says: keys, and answers to questions
		defer close(answers)
		buf := make([]byte, 1024)
		for {
			n, err := tm.em.Read(buf)
			if n > 0 {
				answers <- bytes.Clone(buf[:n])
			}
			if err != nil {
				return
			}
		}
	}()
	go func() {
		for b := range answers {
			if _, err := keys.Write(b); err != nil {
				continue
			}
		}
	}()
	tm.m = New(cfg)
	tm.p = tea.NewProgram(tm.m, tea.WithInput(in), tea.WithOutput(tm), tea.WithWindowSize(o.width, o.height),
		tea.WithoutSignalHandler(), tea.WithColorProfile(o.profile), tea.WithEnvironment([]string{"TERM=xterm-256color"}))
	go func() { _, err := tm.p.Run(); tm.done <- err }()
	t.Cleanup(func() {
		tm.p.Kill()
		<-tm.done
		_ = in.Close()
		if c, ok := tm.em.InputPipe().(io.Closer); ok {
			_ = c.Close()
		}
	})
	return tm
}

// Write is the terminal's screen. The renderer counts on a line end that also
// goes back to the first column when its input is no terminal.
func (tm *term) Write(b []byte) (int, error) {
	tm.mu.Lock()
	defer tm.mu.Unlock()
	tm.raw.Write(b)
	c := bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n"))
	c = bytes.ReplaceAll(c, []byte("\r\r\n"), []byte("\r\n"))
	_, err := tm.em.Write(c)
	return len(b), err
}

// lines is the screen as text.
func (tm *term) lines() []string {
	tm.mu.Lock()
	defer tm.mu.Unlock()
	out := make([]string, tm.em.Height())
	for y := range out {
		var b strings.Builder
		for x := 0; x < tm.em.Width(); {
			c := tm.em.CellAt(x, y)
			if c == nil || c.Content == "" {
				b.WriteByte(' ')
				x++
				continue
			}
			b.WriteString(c.Content)
			x += max(1, c.Width)
		}
		out[y] = strings.TrimRight(b.String(), " ")
	}
	return out
}

func (tm *term) text() string { return strings.Join(tm.lines(), "\n") + "\n" }

// bytes is how much was written to the terminal so far.
func (tm *term) bytes() int {
	tm.mu.Lock()
	defer tm.mu.Unlock()
	return tm.raw.Len()
}

// wait waits until the screen is as it should be.
func (tm *term) wait(what string, ok func(screen string) bool) {
	tm.t.Helper()
	deadline := time.After(time.Minute)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		if s := tm.text(); ok(s) {
			return
		}
		select {
		case <-deadline:
			tm.t.Fatalf("never seen: %s\n%s", what, tm.text())
		case err := <-tm.done:
			tm.done <- err
			if s := tm.text(); !ok(s) {
				tm.t.Fatalf("the program ended (%v) before: %s\n%s", err, what, s)
			}
			return
		case <-tick.C:
		}
	}
}

// sees waits for a text on the screen.
func (tm *term) sees(want string) {
	tm.t.Helper()
	tm.wait("text "+want, func(s string) bool { return strings.Contains(s, want) })
}

// lost waits for a text to leave the screen.
func (tm *term) lost(text string) {
	tm.t.Helper()
	tm.wait("no text "+text, func(s string) bool { return !strings.Contains(s, text) })
}

// key presses keys by name: "j", "enter", "ctrl+r"; each is a press of its own.
func (tm *term) key(names ...string) {
	for _, n := range names {
		tm.send(keyOf(n))
	}
}

// send presses one key. The emulator keeps its modes unguarded.
func (tm *term) send(k uv.KeyPressEvent) {
	tm.mu.Lock()
	defer tm.mu.Unlock()
	tm.em.SendKey(k)
}

// pastes pastes text as a terminal does that says so.
func (tm *term) pastes(text string) {
	tm.mu.Lock()
	defer tm.mu.Unlock()
	tm.em.Paste(text)
}

// typed types text as a person would into a field.
func (tm *term) typed(text string) {
	for _, r := range text {
		tm.send(uv.KeyPressEvent{Code: r, Text: string(r)})
	}
}

var keyNames = map[string]rune{"enter": uv.KeyEnter, "esc": uv.KeyEscape, "space": ' ', "up": uv.KeyUp, "down": uv.KeyDown,
	"backspace": uv.KeyBackspace, "pgdown": uv.KeyPgDown, "tab": uv.KeyTab}

func keyOf(name string) uv.KeyPressEvent {
	if rest, ok := strings.CutPrefix(name, "ctrl+"); ok {
		return uv.KeyPressEvent{Code: rune(rest[0]), Mod: uv.ModCtrl}
	}
	if code, ok := keyNames[name]; ok {
		return uv.KeyPressEvent{Code: code}
	}
	r := []rune(name)[0]
	return uv.KeyPressEvent{Code: r, Text: name}
}

// ended waits for the program to leave.
func (tm *term) ended() {
	tm.t.Helper()
	select {
	case err := <-tm.done:
		tm.done <- err
		if err != nil {
			tm.t.Fatalf("the program ended with %v", err)
		}
	case <-time.After(time.Minute):
		tm.t.Fatalf("the program did not end\n%s", tm.text())
	}
}

// exact checks that the frame fills the screen to the cell, without anything
// that a terminal would act upon.
func exact(t *testing.T, m *Model) {
	t.Helper()
	frame := m.frame()
	if len(frame) != m.look.height {
		t.Fatalf("%d lines on a screen of %d", len(frame), m.look.height)
	}
	for y, line := range frame {
		if w := widget.Width(line); w != m.look.width {
			t.Fatalf("line %d is %d cells wide, the screen %d: %q", y, w, m.look.width, line)
		}
		for _, r := range stripStyles(line) {
			if r < 0x20 || r == 0x7f {
				t.Fatalf("line %d has the control character %U: %q", y, r, line)
			}
		}
	}
}

// stripStyles takes SGR sequences out, and only those.
func stripStyles(s string) string {
	var b strings.Builder
	for {
		i := strings.Index(s, "\x1b[")
		if i < 0 {
			return b.String() + s
		}
		j := strings.IndexFunc(s[i+2:], func(r rune) bool { return r != ';' && r != ':' && (r < '0' || r > '9') })
		if j < 0 || s[i+2+j] != 'm' {
			return b.String() + s
		}
		b.WriteString(s[:i])
		s = s[i+2+j+1:]
	}
}

// resize changes the size of the terminal.
func (tm *term) resize(width, height int) {
	tm.mu.Lock()
	tm.em.Resize(width, height)
	tm.mu.Unlock()
	tm.p.Send(tea.WindowSizeMsg{Width: width, Height: height})
}
