package tui

import (
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"retriage/model"
)

// frames are the screens as an operator comes to them.
var goldenFrames = []struct {
	name string
	keys []string
	cfg  func(*Config)
}{
	{name: "overview"},
	{name: "overview read only", cfg: func(c *Config) { c.ReadOnly, c.Runner = "opened read only", nil }},
	{name: "list", keys: []string{"1", "j", "space", "space", "-"}},
	{name: "all", keys: []string{"0", "v", "j", "j"}},
	{name: "filter", keys: []string{"0", "/", "f", "i", "e", "l", "d", ":", "/", "p", "r", "i", "c", "e", "enter"}},
	{name: "filter wrong", keys: []string{"0", "/", "r", "e", ":", "("}},
	{name: "zoom", keys: []string{"1", "+"}},
	{name: "wide characters", keys: []string{"1", "/", "s", "k", "u", "enter"}},
	{name: "causes", keys: []string{"c", "j"}},
	{name: "help", keys: []string{"0", "?"}},
	{name: "diff", keys: []string{"0", "d"}},
	{name: "question", keys: []string{"0", "D"}},
	{name: "note", keys: []string{"0", "m", "h", "i"}},
}

func TestGolden(t *testing.T) {
	for _, size := range [][2]int{{40, 12}, {80, 24}, {120, 40}} {
		for _, f := range goldenFrames {
			t.Run(fmt.Sprintf("%s %dx%d", f.name, size[0], size[1]), func(t *testing.T) {
				m := goldenModel(t, f.cfg)
				send(m, tea.WindowSizeMsg{Width: size[0], Height: size[1]})
				for _, k := range f.keys {
					push(m, k)
				}
				exact(t, m)
				golden.RequireEqual(t, ansi.Strip(strings.Join(m.frame(), "\n"))+"\n")
			})
		}
	}
}

// TestGoldenMono has the styles in it: bold and reverse, and no colour.
func TestGoldenMono(t *testing.T) {
	for _, f := range goldenFrames {
		t.Run(f.name, func(t *testing.T) {
			m := goldenModel(t, f.cfg)
			send(m, tea.ColorProfileMsg{Profile: colorprofile.ASCII})
			send(m, tea.WindowSizeMsg{Width: 80, Height: 24})
			for _, k := range f.keys {
				push(m, k)
			}
			frame := strings.Join(m.frame(), "\n") + "\n"
			if strings.Contains(frame, "\x1b[3") || strings.Contains(frame, "\x1b[4") && !strings.Contains(frame, "\x1b[4m") {
				t.Error("there is colour in it")
			}
			golden.RequireEqual(t, frame)
		})
	}
}

func goldenModel(t *testing.T, set func(*Config)) *Model {
	t.Helper()
	w := newWorld(t, batch(t, 1204, 1204, orders))
	w.cfg.Runner = idle{}
	if set != nil {
		set(&w.cfg)
	}
	edit := &model.EditEvent{How: "form", Items: []model.ItemEdit{{Index: 7, Changes: []model.Change{
		{Part: model.Body, Pointer: "/price", Old: model.Foreign("-7"), New: model.Foreign("7")}}}}}
	if err := w.cfg.Desk.Commit(t.Context(), model.Event{Type: model.EvEdit, At: noon, Edit: edit}); err != nil {
		t.Fatal(err)
	}
	m := New(w.cfg)
	settle(m, m.refresh())
	return m
}

// TestTerminalShowsTheFrame holds what a terminal shows against what was drawn.
func TestTerminalShowsTheFrame(t *testing.T) {
	w := newWorld(t, batch(t, 1204, 1204, orders))
	tm := at(t, w, 100, 30)
	tm.sees("TOP CAUSES")
	tm.key("0")
	tm.sees("row 1 of 117")
	for range 60 {
		tm.key("j")
	}
	tm.sees("row 61 of 117")
	tm.key("G")
	tm.sees("row 117 of 117")
	tm.sees("01002   403 FORBIDDEN")
	shown := tm.lines()
	tm.p.Quit()
	tm.ended()
	for y, line := range tm.m.frame() {
		if want := strings.TrimRight(ansi.Strip(line), " "); shown[y] != want {
			t.Errorf("line %d is\n%q, drawn was\n%q", y, shown[y], want)
		}
	}
}
