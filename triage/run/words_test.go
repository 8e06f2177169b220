package run_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"retriage/model"
	"retriage/triage/run"
)

func TestTheLogTellsOurWaitsFromTheServers(t *testing.T) {
	for _, row := range []struct {
		name      string
		reply     *model.Reply
		want, not string
	}{
		{"nobody there", rejected(model.Unreachable, 0, -1), ", then tries again", "as the server asked"},
		{"429 with a time", rejected(model.Throttled, 429, 2*time.Second), "as the server asked", "then tries again"},
		{"429 without one", rejected(model.Throttled, 429, -1), ", then tries again", "as the server asked"},
		{"refused sign-in", rejected(model.SignIn, 401, -1), "not applied: the request was refused whole", "again"},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, unavailable(1))
				w.server.script = func(n int, _ model.Request) fate {
					if n == 1 {
						return fate{apply: none, reply: row.reply}
					}
					return fate{}
				}
				var stop *run.StoppedError
				if err := w.run(); err != nil && !errors.As(err, &stop) {
					t.Fatal(err)
				}
				lines := ""
				for _, l := range w.runner.Snapshot().Lines {
					if l.Item >= 0 {
						lines += l.Text + "\n"
					}
				}
				if !strings.Contains(lines, row.want) || strings.Contains(lines, row.not) {
					t.Errorf("the log says %q", lines)
				}
			})
		})
	}
}

func TestRequestsAreCountedOnceForScreenAndReport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, unavailable(12))
		w.server.script = func(n int, _ model.Request) fate {
			switch n {
			case 1, 2:
				return fate{apply: none, reply: rejected(model.Unreachable, 0, -1)}
			case 3:
				return fate{apply: none, reply: rejected(model.Throttled, 429, time.Second)}
			case 4:
				w.runner.Cancel()
			}
			return fate{}
		}
		if err := w.run(); !errors.Is(err, run.ErrCancelled) {
			t.Fatal(err)
		}
		check := func(requests, sent, items int) {
			t.Helper()
			got := w.session.Totals()
			if n := w.runner.Snapshot().Requests; n != requests || got.Requests != requests || got.Sent != sent || got.Items != items {
				t.Errorf("%d requests on the screen, totals %+v; want %d, %d and %d", n, got, requests, sent, items)
			}
		}
		check(2, 2, 1)
		if err := w.runner.Resume(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.want(model.OK, 12)
		check(4, 13, 12)
	})
}
