package run_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"retriage/client"
	"retriage/client/sandbox"
	"retriage/model"
	"retriage/model/dialect"
)

// The load of the throughput gate: calls of 50 items that take the server 20 ms,
// over 8 connections.
const (
	benchCalls = 400
	benchChunk = 50
	benchConns = 8
)

// BenchmarkRetryThroughput runs a plan with the journal on and a plain net/http
// loop over the same items against the same kind of server, one after the other,
// and reports the ratio of their speeds: 1 would be a journal that costs nothing.
// Of each it takes the best round, since whatever else the machine does only slows
// them down. Run it with -benchtime 5x.
func BenchmarkRetryThroughput(b *testing.B) {
	for _, latency := range []time.Duration{20 * time.Millisecond, 0} {
		b.Run(fmt.Sprintf("latency=%v", latency), func(b *testing.B) {
			plain, ours := time.Hour, time.Hour
			for b.Loop() {
				plain = min(plain, plainLoop(b, latency))
				ours = min(ours, ourRun(b, latency))
			}
			b.ReportMetric(float64(plain)/float64(ours), "ratio")
			b.ReportMetric(benchCalls*benchChunk/ours.Seconds(), "items/s")
		})
	}
}

func listen(b *testing.B, latency time.Duration) (server *sandbox.Server, base string) {
	b.Helper()
	server, err := sandbox.New(sandbox.Options{Latency: latency})
	if err != nil {
		b.Fatal(err)
	}
	base, stop, err := server.Listen("")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = stop(); _ = server.Close() })
	return server, base
}

func plainLoop(b *testing.B, latency time.Duration) time.Duration {
	b.Helper()
	_, base := listen(b, latency)
	request, _ := users(b, benchCalls*benchChunk)
	var all struct{ Items []json.RawMessage }
	if err := json.Unmarshal(request, &all); err != nil {
		b.Fatal(err)
	}
	jobs := make(chan []byte, benchCalls)
	for part := range slices.Chunk(all.Items, benchChunk) {
		body, err := json.Marshal(map[string]any{"items": part})
		if err != nil {
			b.Fatal(err)
		}
		jobs <- body
	}
	close(jobs)
	hc := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: benchConns, MaxConnsPerHost: benchConns}}
	defer hc.CloseIdleConnections()
	begun := time.Now()
	var wg sync.WaitGroup
	for range benchConns {
		wg.Go(func() {
			for body := range jobs {
				post(b, hc, base, body)
			}
		})
	}
	wg.Wait()
	return time.Since(begun)
}

func post(b *testing.B, hc *http.Client, base string, body []byte) {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, base+"/batch", bytes.NewReader(body))
	if err != nil {
		b.Error(err)
		return
	}
	req.Header.Set("Authorization", "Bearer "+sandbox.DefaultToken)
	req.Header.Set("Content-Type", "application/json")
	resp, err := hc.Do(req)
	if err != nil {
		b.Error(err)
		return
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	var reply struct {
		Responses []struct {
			ID     string `json:"id"`
			Status int    `json:"status"`
		}
	}
	if err != nil || json.Unmarshal(text, &reply) != nil || len(reply.Responses) != benchChunk {
		b.Errorf("status %d, %d bytes: %v", resp.StatusCode, len(text), err)
	}
}

func ourRun(b *testing.B, latency time.Duration) time.Duration {
	b.Helper()
	server, base := listen(b, latency)
	request, response := users(b, benchCalls*benchChunk)
	r := newRig(b, sandbox.Options{}, request, response)
	defer r.close()
	set := model.Defaults()
	set.Rate, set.Concurrency, set.Chunk, set.Steps = 0, benchConns, benchChunk, nil
	d, err := dialect.ByName("generic-207")
	if err != nil {
		b.Fatal(err)
	}
	r.profile.BaseURL, r.profile.Settings, r.profile.KeyScope = base, set, model.NoKey
	r.client, err = client.New(client.Config{
		Profile: r.profile, Dialect: d,
		Credential: client.Credential{Kind: client.Bearer, Source: client.Literal{Secret: model.NewSecret(sandbox.DefaultToken)}},
	})
	if err != nil {
		b.Fatal(err)
	}
	r.sit(nil)
	p := r.plan()
	p.Verify = false
	begun := time.Now()
	if err := r.runner.Run(context.Background(), p); err != nil {
		b.Fatal(err)
	}
	took := time.Since(begun)
	if n := len(server.Effects().Items); n != benchCalls*benchChunk {
		b.Fatalf("%d applied", n)
	}
	return took
}
