package run_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"retriage/client"
	"retriage/client/sandbox"
	"retriage/model"
	"retriage/model/dialect"
	"retriage/triage"
	"retriage/triage/journal"
	"retriage/triage/run"
)

// rig is the whole engine, with its real client and journal, before a sandbox.
type rig struct {
	t       testing.TB
	server  *sandbox.Server
	profile model.Profile
	client  *client.Client
	batch   *model.Batch
	store   *journal.Store

	log     *journal.Log
	session *triage.Session
	desk    *run.Desk
	runner  *run.Runner
}

// newRig opens what the sandbox has answered to a request, and signs in.
func newRig(t testing.TB, o sandbox.Options, request, response []byte) *rig {
	t.Helper()
	r := &rig{t: t}
	var err error
	if r.server, err = sandbox.New(o); err != nil {
		t.Fatal(err)
	}
	if response == nil {
		response = r.post(request)
	}
	r.batch = openBatch(t, request, response)
	d, err := dialect.ByName("generic-207")
	if err != nil {
		t.Fatal(err)
	}
	set := model.Defaults()
	set.Rate, set.ReadRate = 1000, 1000
	r.profile = d.Complete(model.Profile{
		BaseURL: "https://api.example.com", BatchPath: "/batch", ItemPath: "/items", ItemURL: "/items/{id}",
		KeyScope: model.ItemKey, KeyField: "idempotency_key", Settings: set,
	})
	r.client, err = client.New(client.Config{
		Profile: r.profile, Dialect: d, Transport: r.server.Transport(),
		Credential: client.Credential{Kind: client.Bearer, Source: client.Literal{Secret: model.NewSecret(sandbox.DefaultToken)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if r.store, err = journal.OpenStore(filepath.Join(t.TempDir(), "runs")); err != nil {
		t.Fatal(err)
	}
	if r.log, err = r.store.Create("0badcafe"); err != nil {
		t.Fatal(err)
	}
	r.sit(nil)
	if err := r.desk.Commit(context.Background(), model.Event{Type: model.EvOpen, Open: &model.OpenEvent{Version: journal.FormatVersion, Dialect: "generic-207"}}); err != nil {
		t.Fatal(err)
	}
	return r
}

// post sends the batch once, as whoever was here before us did.
func (r *rig) post(body []byte) []byte {
	r.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "https://api.example.com/batch", bytes.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+sandbox.DefaultToken)
	req.Header.Set("Content-Type", "application/json")
	resp, err := r.server.Transport().RoundTrip(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var out bytes.Buffer
	if _, err := out.ReadFrom(resp.Body); err != nil {
		r.t.Fatal(err)
	}
	return out.Bytes()
}

func openBatch(t testing.TB, request, response []byte) *model.Batch {
	t.Helper()
	in := dialect.Input{
		Responses: []dialect.File{{Name: "response", R: bytes.NewReader(response), Size: int64(len(response))}},
		Requests:  []dialect.File{{Name: "request", R: bytes.NewReader(request), Size: int64(len(request))}},
		Dialect:   "generic-207",
	}
	rd, err := dialect.Open(in)
	if err == nil {
		err = rd.Read(context.Background())
	}
	if err != nil {
		t.Fatal(err)
	}
	return rd.Batch()
}

// sit begins a sitting over what the journal holds.
func (r *rig) sit(events []model.Event) {
	r.t.Helper()
	c, err := triage.NewClassifier(nil, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	r.session = triage.NewSession(r.batch, c)
	for _, ev := range events {
		if err := r.session.Apply(ev); err != nil {
			r.t.Fatal(err)
		}
	}
	r.desk = run.NewDesk(r.session, r.log)
	r.runner = run.New(run.Config{
		Desk: r.desk, Sender: r.client, Prober: r.client, Profile: r.profile, Classifier: c,
		Now: time.Now, Float: rand.Float64, NewKey: uuid.NewString, NewID: uuid.NewString,
	})
}

// reopen is what the next process does.
func (r *rig) reopen() {
	r.t.Helper()
	if err := r.log.Close(); err != nil {
		r.t.Fatal(err)
	}
	var (
		events []model.Event
		err    error
	)
	if r.log, events, err = r.store.Open("0badcafe"); err != nil {
		r.t.Fatal(err)
	}
	r.sit(events)
}

func (r *rig) close() {
	r.t.Helper()
	if err := errors.Join(r.log.Close(), r.server.Close()); err != nil {
		r.t.Error(err)
	}
}

func (r *rig) plan() model.Plan {
	r.t.Helper()
	d := r.session.Draft(triage.PlanOptions{Unknown: true, Reads: true}, func(int) bool { return true })
	p, err := r.runner.Plan(d, true)
	if err != nil {
		r.t.Fatal(err)
	}
	return p
}

// users is a request of n sound items, and a response in which all of them have
// been turned away by a rate limit.
func users(t testing.TB, n int) (request, response []byte) {
	t.Helper()
	var req, resp []json.RawMessage
	for i := range n {
		id := fmt.Sprintf("item-%04d", i)
		req = append(req, fmt.Appendf(nil, `{"id":%q,"email":"user%d@example.com","name":"User %d"}`, id, i, i))
		resp = append(resp, fmt.Appendf(nil, `{"id":%q,"status":429,"error":{"code":"RATE_LIMITED","message":"Too many requests"}}`, id))
	}
	request, err := json.Marshal(map[string]any{"items": req})
	if err == nil {
		response, err = json.Marshal(map[string]any{"responses": resp})
	}
	if err != nil {
		t.Fatal(err)
	}
	return request, response
}

func TestDemoBatchThroughTheRealClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		demo := sandbox.NewDemo(1)
		r := newRig(t, demo.Options, demo.Request, nil)
		defer r.close()
		before := r.session.Counts()
		if before.Done() != 290 {
			t.Fatalf("%d of %d came through at first", before.Done(), before.Total)
		}
		p := r.plan()
		if err := r.runner.Run(context.Background(), p); err != nil {
			t.Fatal(err)
		}
		c := r.session.Counts()
		if c.Sum() != 400 || c.Done() != 290+len(p.Items) {
			t.Errorf("%d of %d done, %d were in the plan", c.Done(), c.Sum(), len(p.Items))
		}
		// A sixth of the items is stored with what the server makes of it.
		if c.Of(model.Confirmed) < 290 {
			t.Errorf("%d confirmed", c.Of(model.Confirmed))
		}
		if doubled := r.server.Effects().Doubled(); len(doubled) > 0 {
			t.Errorf("applied twice: %v", doubled)
		}
		for _, i := range p.Items {
			if st := r.session.State(i); !st.Done() {
				t.Errorf("item %d is %s: %v", i, st.Words(), r.session.History(i))
			}
		}
	})
}

// TestStormAndHangUps runs against a server that ignores keys and is in trouble,
// while the program is hung up on again and again.
func TestStormAndHangUps(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { storming(t, seed) })
		})
	}
}

func storming(t *testing.T, seed uint64) {
	request, response := users(t, 120)
	r := newRig(t, sandbox.Options{Careless: true, Latency: 50 * time.Millisecond, Faults: sandbox.Storm(seed, 25)}, request, response)
	defer r.close()
	r.profile.Settings.Chunk = 10
	r.sit(nil)
	rng := rand.New(rand.NewPCG(seed, 3))
	work := func(ctx context.Context) error { return r.runner.Run(ctx, r.plan()) }
	for sitting := 0; ; sitting++ {
		ctx, hangUp := context.WithTimeout(context.Background(), time.Duration(rng.IntN(2000)+50)*time.Millisecond)
		if sitting > 5 {
			ctx = context.Background()
		}
		err := work(ctx)
		hangUp()
		var stop *run.StoppedError
		switch {
		case errors.As(err, &stop):
			work = func(ctx context.Context) error { return r.runner.Run(ctx, r.plan()) }
		case errors.Is(err, context.DeadlineExceeded):
			work = func(ctx context.Context) error { return r.runner.Resume(ctx) }
		case err != nil:
			t.Fatal(err)
		case r.session.Counts().Open() > 0:
			work = func(ctx context.Context) error { return r.runner.Run(ctx, r.plan()) }
		default:
			done(t, r)
			return
		}
		if sitting > 30 {
			t.Fatalf("it never ends: %v, %v", err, r.session.Counts())
		}
		r.reopen()
	}
}

func done(t *testing.T, r *rig) {
	t.Helper()
	e := r.server.Effects()
	if doubled := e.Doubled(); len(doubled) > 0 {
		t.Errorf("applied twice: %v", doubled)
	}
	if len(e.Items) != 120 {
		t.Errorf("%d of 120 applied", len(e.Items))
	}
	if c := r.session.Counts(); c.Done() != 120 {
		t.Errorf("counts %v", c)
	}
}
