// Package report renders results: text and tables for people, JSON and CSV for
// programs. It computes nothing; it writes to an io.Writer and to nothing else.
package report

import (
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// Replay is one replay that has run, with everything a report shows of it.
type Replay struct {
	// Name tells it from the others of one command.
	Name string
	// OpenLoop says that the load does not answer to the pods; every output says
	// so too.
	OpenLoop bool
	// Start is the wall-clock time of t=0; zero when unknown.
	Start time.Time
	// Notes say where the demand came from and what was assumed.
	Notes []string
	World *sim.World
	Score sim.Score
	// Lag is how long it took from demand to capacity.
	Lag   sim.Lag
	Trace *sim.Trace
	// Coarse is the interval, or window, of a recording coarser than a sync; else 0.
	Coarse time.Duration
	// Models are what was learned of the demands.
	Models []Model
	// Other is the replay at the other end of what is not known of them; nil where
	// all is known.
	Other *Replay
	// Understated is for how long more may have arrived than was recorded.
	Understated time.Duration
	// Uncalibrated says why it is not known how long requests take; empty where it is,
	// or nobody asked. LatencyByHand says that some of it is known by hand.
	Uncalibrated  string
	LatencyByHand bool
	// Recorded is the replica count as recorded; nil when it was not.
	Recorded   []sim.Point
	Difference sim.Difference
	// Backtest holds the autoscaler in force against it; nil where that cannot
	// be done.
	Backtest *Backtest
	// Verdicts are how it fared against its budgets.
	Verdicts []sim.Verdict
}

// Label is a replay's name, with what has to stand beside it everywhere.
func Label(name string, openLoop bool) string {
	if openLoop {
		return name + " (open loop)"
	}
	return name
}

func (r *Replay) label() string { return Label(r.Name, r.OpenLoop) }

// Options are what all text reports heed.
type Options struct {
	// Width is how many columns there are.
	Width int
	// Colour allows terminal colours.
	Colour bool
}
