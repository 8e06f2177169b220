//go:build unix

package journal

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"retriage/model"
)

// childEnv names the store in which the test binary appends until it is killed.
const childEnv = "RETRIAGE_JOURNAL_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		fmt.Fprintln(os.Stderr, appendForever(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// appendForever tells on its standard output which events are durable.
func appendForever(dir string) error {
	s, err := OpenStore(dir)
	if err != nil {
		return err
	}
	l, err := s.Create(testID)
	if errors.Is(err, ErrExists) {
		l, _, err = s.Open(testID)
	}
	if err != nil {
		return err
	}
	failed := make(chan error)
	for w := range 3 {
		go func() {
			for i := 0; ; i++ {
				// Records of very different lengths, some over a page.
				text := fmt.Sprintf("%d.%d.%d %0*d", os.Getpid(), w, i, i*997%5000, 0)
				got, err := l.Append(context.Background(), note(text))
				if err == nil {
					_, err = fmt.Printf("%d %s\n", got[0].Seq, text)
				}
				if err != nil {
					failed <- err
				}
			}
		}()
	}
	return <-failed
}

func TestAKilledProcessLosesNothingItAcknowledged(t *testing.T) {
	s := testStore(t)
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	acked := map[int64]string{}
	rounds := 20
	if testing.Short() {
		rounds = 4
	}
	for round := range rounds {
		killChild(t, s.dir, random.IntN(25), acked)
		l, events, err := s.Open(testID)
		if errors.Is(err, ErrNoRun) && len(acked) == 0 {
			continue // killed while the run was made
		}
		if err != nil {
			t.Fatalf("seed %d, round %d: %v", seed, round, err)
		}
		for seq, text := range acked {
			if seq > int64(len(events)) || events[seq-1].Note.Text != text {
				t.Fatalf("seed %d, round %d: event %d was acknowledged and is gone", seed, round, seq)
			}
		}
		mustClose(t, l)
	}
	if len(acked) == 0 {
		t.Error("nothing was ever acknowledged")
	}
}

// killChild runs a child until it has acknowledged n events, kills it, and
// collects what it had acknowledged by then.
func killChild(t *testing.T, dir string, n int, acked map[int64]string) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childEnv+"="+dir)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	kill := sync.OnceValue(child.Process.Kill)
	lines := bufio.NewReader(out)
	for i := 0; ; i++ {
		if i == n {
			if err := kill(); err != nil {
				t.Error(err)
			}
		}
		line, err := lines.ReadString('\n')
		if err != nil {
			break // the end of what it had said
		}
		var seq int64
		var who, zeros string
		if _, err := fmt.Sscan(line, &seq, &who, &zeros); err != nil {
			t.Errorf("child said %q: %v", line, err)
			continue
		}
		acked[seq] = who + " " + zeros
	}
	if err := child.Wait(); err == nil {
		t.Error("the child ended by itself")
	}
}

// TestARealFullDisk fills a small file system, where one is given to the test.
func TestARealFullDisk(t *testing.T) {
	dir := os.Getenv("RETRIAGE_SMALL_DISK")
	if dir == "" {
		t.Skip("RETRIAGE_SMALL_DISK names no folder on a file system of 2 MiB")
	}
	s, err := OpenStore(filepath.Join(dir, "runs"))
	if err != nil {
		t.Fatal(err)
	}
	l := mustCreate(t, s, testID)
	var want []model.Event
	for l.Err() == nil {
		got, err := l.Append(t.Context(), note(fmt.Sprintf("%05000d", len(want))))
		if err == nil {
			want = append(want, got...)
		}
	}
	if err := l.Ballast(); err != nil {
		t.Fatal(err)
	}
	want = append(want, mustAppend(t, l, note("the outcome"))...)
	mustClose(t, l)
	l, events := mustOpen(t, s, testID)
	same(t, "replay", events, want)
	mustClose(t, l)
	if _, err := os.Stat(filepath.Join(l.Dir(), tornBase)); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if err := s.Discard(testID); err != nil {
		t.Error(err)
	}
}
