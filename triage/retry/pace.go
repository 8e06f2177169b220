package retry

import "time"

// Pace keeps requests apart: at most a number of them per second, burst 1. A
// change of the rate counts from the last request on.
type Pace struct {
	rate   float64   // requests per second, 0 or less = no limit
	server float64   // what the server's headers allow, 0 = not said
	last   time.Time // of the newest request
}

// NewPace makes a pace of perSecond requests; 0 or less means no limit.
func NewPace(perSecond float64) Pace { return Pace{rate: perSecond} }

// SetRate changes our own limit.
func (p *Pace) SetRate(perSecond float64) { p.rate = perSecond }

// Limit takes in what a reply says that the server allows, in requests per
// second; 0 says nothing. It never raises the pace above our own limit.
func (p *Pace) Limit(perSecond float64) {
	if perSecond > 0 {
		p.server = perSecond
	}
}

// Rate is the limit that holds now, 0 = none.
func (p *Pace) Rate() float64 {
	if p.server > 0 && (p.rate <= 0 || p.server < p.rate) {
		return p.server
	}
	return max(p.rate, 0)
}

// slowest bounds the gap between two requests: a rate of next to nothing must
// not overflow into no gap at all.
const slowest = time.Hour

// Gap is the time between two requests that holds now.
func (p *Pace) Gap() time.Duration {
	rate := p.Rate()
	if rate <= 0 {
		return 0
	}
	return time.Duration(min(float64(time.Second)/rate, float64(slowest)))
}

// At is the earliest time for the next request; it may be past.
func (p *Pace) At() time.Time {
	if p.last.IsZero() {
		return p.last
	}
	return p.last.Add(p.Gap())
}

// Sent takes note of a request.
func (p *Pace) Sent(now time.Time) { p.last = now }
