package screen

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"retriage/model"
	"retriage/themes"
	"retriage/triage"
	"retriage/triage/run"
	"retriage/tui/keys"
	"retriage/tui/widget"
)

// noon is the time of the tests.
var noon = time.Date(2026, 8, 22, 3, 12, 39, 0, time.UTC)

// benchItem is one item of a test batch.
type benchItem struct {
	id, body string
	fail     *model.Failure
	state    model.State
	headers  map[string]string
	unknown  bool // its request is not known
}

// benchDecoder finds an item by the number that its response is.
type benchDecoder []benchItem

func (d benchDecoder) DecodeItem(response, _ model.Piece) (model.Item, error) {
	var k int
	if err := json.Unmarshal(response.Bytes, &k); err != nil {
		return model.Item{}, err
	}
	it := d[k]
	p := model.Payload{Method: "POST", URL: model.Foreign("/v2/orders"), Headers: it.headers, Body: []byte(it.body), Known: !it.unknown}
	return model.Item{ID: model.TextID(it.id), Payload: p, Answer: model.Answer{Failure: it.fail}}, nil
}

// benchLog is a journal in memory.
type benchLog struct {
	mu    sync.Mutex
	seq   int64
	f     func(model.Event)
	fails error
}

func (l *benchLog) Append(_ context.Context, evs ...model.Event) ([]model.Event, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fails != nil {
		return nil, l.fails
	}
	for k := range evs {
		l.seq++
		evs[k].Seq, evs[k].At = l.seq, noon
		l.f(evs[k])
	}
	return evs, nil
}

func (l *benchLog) OnDurable(f func(model.Event)) { l.f = f }
func (l *benchLog) Err() error                    { return l.fails }

// bench drives screens as the root does, but at once.
type bench struct {
	t       *testing.T
	desk    *run.Desk
	log     *benchLog
	face    *Face
	stack   []Screen
	width   int
	height  int
	theme   themes.Theme
	profile model.Profile
	now     time.Time
	snap    run.Snapshot
	runOn   bool
	runner  *benchRunner
	said    string
	dialog  *Ask
	events  []model.Event
}

func newBench(t *testing.T, items ...benchItem) *bench {
	t.Helper()
	var src bytes.Buffer
	d := benchDecoder(items)
	var records []model.Record
	for k, it := range items {
		text := fmt.Sprintf("%d\n", k)
		r := model.Record{ID: model.TextID(it.id), State: it.state, Failure: it.fail, Response: model.Span{Off: int64(src.Len()), Len: len(text)}}
		src.WriteString(text)
		records = append(records, r)
	}
	b := model.NewBatch([]io.ReaderAt{bytes.NewReader(src.Bytes())}, d)
	b.Append(records...)
	b.Finish(model.NoSummary, nil)
	c, err := triage.NewClassifier(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	log := &benchLog{}
	be := &bench{
		t: t, log: log, desk: run.NewDesk(triage.NewSession(b, c), log), face: NewFace(), width: 80, height: 21,
		theme: themes.Mono(), now: noon, runner: &benchRunner{},
		profile: model.Profile{
			Name: "shop", BaseURL: "https://api.example.com/v2", BatchPath: "/orders:batch", ItemURL: "https://api.example.com/v2/orders/{id}",
			Prod: true, User: "ops-bot", KeyScope: model.ItemKey, KeyField: "idempotency_key", Settings: model.Defaults(),
		},
	}
	be.runner.b = be
	return be
}

// benchRunner notes what it was asked for.
type benchRunner struct {
	b     *bench
	calls []string
	plan  model.Plan
	rate  float64
	opt   run.VerifyOptions
	err   error
}

func (r *benchRunner) note(s string) { r.calls = append(r.calls, s) }

func (r *benchRunner) Run(_ context.Context, p model.Plan) error {
	r.plan = p
	r.note("run")
	return r.err
}
func (r *benchRunner) Resume(context.Context) error { r.note("resume"); return r.err }
func (r *benchRunner) Verify(_ context.Context, o run.VerifyOptions) error {
	r.opt = o
	r.note("verify")
	return r.err
}
func (r *benchRunner) Refresh(context.Context) error { r.note("refresh"); return r.err }
func (r *benchRunner) Pause()                        { r.note("pause") }
func (r *benchRunner) Continue()                     { r.note("continue") }
func (r *benchRunner) Cancel()                       { r.note("cancel") }
func (r *benchRunner) Abort()                        { r.note("abort") }
func (r *benchRunner) SetRate(v float64)             { r.rate = v; r.note("rate") }
func (r *benchRunner) ProbeNow()                     { r.note("probe") }
func (r *benchRunner) Snapshot() run.Snapshot        { return r.b.snap }
func (r *benchRunner) Facts(i int) (triage.Facts, bool) {
	f, _, known := run.FactsOf(r.b.desk, i)
	return f, known
}
func (r *benchRunner) Plan(d triage.Draft, verify bool) (model.Plan, error) {
	return model.Plan{ID: "7f3c", Items: d.Items, Lookups: d.Lookups, MayDouble: d.MayDouble, LeftOut: d.LeftOut, Verify: verify, Settings: r.b.profile.Settings}, nil
}

func (b *bench) scene(f func(sc *Scene)) {
	b.desk.Look(func(s *triage.Session) {
		f(&Scene{
			S: s, Now: b.now, Width: b.width, Height: b.height, Theme: b.theme, Name: "orders-import.json", Profile: b.profile,
			Face: b.face, Run: b.snap, RunOn: b.runOn,
		})
	})
}

func (b *bench) top() Screen { return b.stack[len(b.stack)-1] }

func (b *bench) open(s Screen) *bench {
	b.perform([]Effect{Push{s}})
	return b
}

func (b *bench) refresh() {
	if len(b.stack) == 0 {
		return
	}
	var out []Effect
	b.scene(func(sc *Scene) { out = b.top().Refresh(sc) })
	b.perform(out)
}

func (b *bench) perform(effects []Effect) {
	for _, e := range effects {
		b.effect(e)
	}
}

func (b *bench) effect(e Effect) {
	switch e := e.(type) {
	case Push:
		b.stack = append(b.stack, e.Screen)
		b.refresh()
	case Pop:
		b.stack = b.stack[:len(b.stack)-1]
		b.refresh()
	case Replace:
		b.stack[len(b.stack)-1] = e.Screen
		b.refresh()
	case Work:
		top := b.top()
		answer := e.Do(b.t.Context(), Engine{Desk: b.desk, Runner: b.runner, NewKey: func() string { return fmt.Sprint("key-", len(b.events), b.log.seq) }})
		var out []Effect
		b.scene(func(sc *Scene) { out = top.Apply(sc, e.Name, answer) })
		b.perform(out)
	case Commit:
		b.said = e.Said
		if err := b.desk.Commit(b.t.Context(), e.Events...); err != nil {
			b.said = err.Error()
			return
		}
		b.events = append(b.events, e.Events...)
		b.refresh()
	case Start:
		if err := e.Do(b.t.Context(), b.runner); err != nil {
			b.said = err.Error()
		}
	case Steer:
		b.said = e.Said
		if err := e.Do(b.t.Context(), b.runner); err != nil {
			b.said = err.Error()
		}
	case Say:
		b.said = e.Text
	case Ask:
		b.dialog = &e
	}
}

// press gives keys by their names; a word in quotes is typed letter by letter.
func (b *bench) press(names ...string) *bench {
	b.t.Helper()
	for _, name := range names {
		if text, ok := strings.CutPrefix(name, `"`); ok {
			for _, r := range strings.TrimSuffix(text, `"`) {
				b.key(tea.KeyPressMsg{Code: r, Text: string(r)})
			}
			continue
		}
		b.key(keyNamed(name))
	}
	return b
}

func keyNamed(name string) tea.KeyPressMsg {
	k := tea.KeyPressMsg{}
	for _, mod := range []struct {
		prefix string
		mod    tea.KeyMod
	}{{"ctrl+", tea.ModCtrl}, {"shift+", tea.ModShift}, {"alt+", tea.ModAlt}} {
		if rest, ok := strings.CutPrefix(name, mod.prefix); ok {
			name, k.Mod = rest, k.Mod|mod.mod
		}
	}
	special := map[string]rune{
		"tab": tea.KeyTab, "enter": tea.KeyEnter, "esc": tea.KeyEscape, "up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft,
		"right": tea.KeyRight, "backspace": tea.KeyBackspace, "home": tea.KeyHome, "end": tea.KeyEnd, "space": tea.KeySpace, "f2": tea.KeyF2,
	}
	if r, ok := special[name]; ok {
		k.Code = r
		return k
	}
	k.Code = []rune(name)[0]
	if k.Mod == 0 {
		k.Text = name
	}
	return k
}

// key takes one key along the road of the root.
func (b *bench) key(k tea.KeyPressMsg) {
	b.t.Helper()
	b.said = ""
	if d := b.dialog; d != nil {
		b.answer(d, k)
		return
	}
	top := b.top()
	table, scopes := Table(), append(top.Scopes(), Global, keys.Always)
	binding, ok := table.Lookup(scopes, k.String())
	var out []Effect
	switch {
	case !ok:
		if ty, is := top.(Typist); is && table.Typing(scopes) {
			b.scene(func(sc *Scene) { out = ty.Type(sc, k) })
		}
	case binding.Reason(b.state()) != "":
		b.said = "off: " + binding.Reason(b.state())
	case binding.Action == keys.Leave || binding.Action == keys.Back:
		out = []Effect{Pop{}}
	default:
		b.scene(func(sc *Scene) { out = top.Do(sc, keys.Press{Action: binding.Action, Key: k.String()}) })
	}
	b.perform(out)
}

func (b *bench) state() keys.State {
	st := keys.State{Running: b.runOn, Depth: len(b.stack)}
	b.scene(func(sc *Scene) { b.top().Facts(sc, &st) })
	return st
}

// answer gives a key to the open dialog.
func (b *bench) answer(d *Ask, k tea.KeyPressMsg) {
	p := keys.Press{Action: d.Dialog.About}
	switch {
	case d.Dialog.Field != nil && k.String() == "enter":
		p.Yes, p.Text = true, d.Dialog.Field.Value()
	case d.Dialog.Field != nil && k.String() != "esc":
		d.Dialog.Field.Type(k)
		return
	case k.String() == "y":
		p.Yes = true
	}
	b.dialog = nil
	if !p.Yes {
		b.said = d.Dialog.No
		return
	}
	var out []Effect
	b.scene(func(sc *Scene) { out = b.top().Do(sc, p) })
	b.perform(out)
}

// screen is what the top screen shows, without styles.
func (b *bench) screen() string {
	pic := b.picture()
	return strings.Join(append(pic.Lines, pic.Left+"  |  "+pic.Right), "\n")
}

func (b *bench) picture() Picture {
	var pic Picture
	b.scene(func(sc *Scene) { pic = b.top().View(sc) })
	for k, l := range pic.Lines {
		if w := widget.Width(l); w > b.width {
			b.t.Errorf("%dx%d: line %d has %d cells: %q", b.width, b.height, k, w, ansi.Strip(l))
		}
		pic.Lines[k] = ansi.Strip(l)
	}
	if len(pic.Lines) > b.height {
		b.t.Errorf("%dx%d: %d lines", b.width, b.height, len(pic.Lines))
	}
	pic.Left, pic.Right = ansi.Strip(pic.Left), ansi.Strip(pic.Right)
	return pic
}

func (b *bench) shows(want ...string) {
	b.t.Helper()
	got := b.screen()
	for _, w := range want {
		if !strings.Contains(got, w) {
			b.t.Errorf("%q is not on the screen:\n%s", w, got)
		}
	}
}

// fails is a failure for tests.
func fails(status int, code, field, message string) *model.Failure {
	return &model.Failure{
		Status: status, Code: model.Foreign(code), Field: model.Foreign(field), Message: model.Foreign(message), RetryAfter: -1,
	}
}

// pressed is the press of a key of two strokes.
func pressed(string) keys.Press { return keys.Press{Action: keys.CopyItem} }
