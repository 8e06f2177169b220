package tui

import (
	"context"
	"sync/atomic"

	"retriage/model"
	"retriage/triage"
	"retriage/triage/run"
)

// idle is a Runner that never has anything to do.
type idle struct{}

func (idle) Run(context.Context, model.Plan) error           { return nil }
func (idle) Resume(context.Context) error                    { return nil }
func (idle) Verify(context.Context, run.VerifyOptions) error { return nil }
func (idle) Refresh(context.Context) error                   { return nil }
func (idle) Plan(d triage.Draft, v bool) (model.Plan, error) {
	return model.Plan{Items: d.Items, Verify: v}, nil
}
func (idle) Facts(int) (triage.Facts, bool) { return triage.Facts{}, true }
func (idle) Pause()                         {}
func (idle) Continue()                      {}
func (idle) Cancel()                        {}
func (idle) Abort()                         {}
func (idle) SetRate(float64)                {}
func (idle) ProbeNow()                      {}
func (idle) Snapshot() run.Snapshot         { return run.Snapshot{Phase: run.Idle} }

// counting is a Runner that counts what it was told to begin.
type counting struct {
	idle
	runs, reads atomic.Int64
}

func (c *counting) Run(context.Context, model.Plan) error           { c.runs.Add(1); return nil }
func (c *counting) Resume(context.Context) error                    { c.runs.Add(1); return nil }
func (c *counting) Verify(context.Context, run.VerifyOptions) error { c.reads.Add(1); return nil }
