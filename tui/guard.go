package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// guardWindow is the time in which no person presses more than maxKeys
// different keys: faster ones are text, pasted into a terminal that does not say
// so.
const (
	guardWindow = 10 * time.Millisecond
	maxKeys     = 3
)

// guard holds keys until it is sure that a person pressed them. Without it a
// pasted line would run as commands, its q first of all.
type guard struct {
	keys    []tea.KeyPressMsg
	since   time.Time // when the first of keys came
	gen     int       // of the window that began with it
	deaf    time.Time // keys are dropped until then: the paste goes on
	dropped int       // in this paste
}

func (g *guard) empty() bool { return len(g.keys) == 0 && g.deaf.IsZero() }

// add takes a key. ready are the keys that may act now, in order; arm asks for a
// flush when the window is over; dropped is the length of a paste so far.
func (g *guard) add(k tea.KeyPressMsg, now time.Time) (ready []tea.KeyPressMsg, arm bool, dropped int) {
	if now.Before(g.deaf) {
		g.deaf = now.Add(guardWindow)
		g.dropped++
		return nil, false, g.dropped
	}
	g.deaf = time.Time{}
	if len(g.keys) > 0 && now.Sub(g.since) > guardWindow {
		ready, g.keys = g.keys, nil
	}
	g.keys = append(g.keys, k)
	if pasted(g.keys) {
		g.dropped = len(g.keys)
		g.keys, g.deaf = nil, now.Add(guardWindow)
		return ready, false, g.dropped
	}
	if len(g.keys) == 1 {
		g.since = now
		g.gen++
		return ready, true, 0
	}
	return ready, false, 0
}

// flush gives the keys of a window that is over.
func (g *guard) flush(gen int) []tea.KeyPressMsg {
	if gen != g.gen {
		return nil
	}
	ready := g.keys
	g.keys = nil
	return ready
}

// pasted says whether keys of one window are text: too many different ones, or
// a line end among others. A key held down repeats, however fast.
func pasted(ks []tea.KeyPressMsg) bool {
	seen := map[string]bool{}
	for _, k := range ks {
		seen[k.String()] = true
	}
	return len(seen) > maxKeys || len(seen) > 1 && seen["enter"]
}
