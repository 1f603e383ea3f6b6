package report

import (
	"math"
	"time"

	"github.com/elasticctl/elasticctl/internal/fit"
	"github.com/elasticctl/elasticctl/pkg/sim"
)

// latencyJSON is how long requests are predicted to take, as -o json writes it.
// docs/latency.md lists the fields.
type latencyJSON struct {
	Demand       string     `json:"demand,omitempty"`
	ByHand       bool       `json:"byHand,omitempty"`
	Uncalibrated string     `json:"notCalibrated,omitempty"`
	P50          *rangeJSON `json:"p50Seconds,omitempty"`
	P95          *rangeJSON `json:"p95Seconds,omitempty"`
	P99          *rangeJSON `json:"p99Seconds,omitempty"`
	Untold       float64    `json:"notCalibratedShare"`
	UntoldTime   float64    `json:"notCalibratedSeconds"`
	Responses    []string   `json:"responses,omitempty"`
	SLO          *sloJSON   `json:"slo,omitempty"`
}

// rangeJSON is what lies between two values; high is absent where it may be any.
type rangeJSON struct {
	Low  float64  `json:"low"`
	High *float64 `json:"high,omitempty"`
}

type sloJSON struct {
	LatencySeconds float64   `json:"latencySeconds"`
	Objective      float64   `json:"objective"`
	Misses         rangeJSON `json:"misses"`
	MissSeconds    rangeJSON `json:"missSeconds"`
}

// latencyOf puts what is predicted of latency into the shape of -o json; nil where
// nobody asked.
func latencyOf(r *Replay) *latencyJSON {
	l := &r.Score.Latency
	if l.Of == nil {
		if r.Uncalibrated == "" {
			return nil
		}
		return &latencyJSON{Uncalibrated: r.Uncalibrated, Untold: 1}
	}
	j := &latencyJSON{Demand: demandName(&r.World.Demand[l.Of.Demand]), ByHand: r.LatencyByHand, Uncalibrated: r.Uncalibrated, Untold: l.Untold(), UntoldTime: l.UntoldTime().Seconds()}
	for _, d := range responses(r.World) {
		j.Responses = append(j.Responses, d.Name)
	}
	j.P50, j.P95, j.P99 = quantileJSON(l, 0.5), quantileJSON(l, 0.95), quantileJSON(l, 0.99)
	if least, most, ok := l.Misses(); ok {
		low, high, _ := l.MissTime()
		seconds := high.Seconds()
		j.SLO = &sloJSON{
			LatencySeconds: l.Of.SLO.Latency.Seconds(), Objective: float64(l.Of.SLO.Objective) / sim.Million,
			Misses: rangeJSON{least, &most}, MissSeconds: rangeJSON{low.Seconds(), &seconds},
		}
	}
	return j
}

// quantileJSON is a predicted quantile, nil where there is none.
func quantileJSON(l *sim.LatencyScore, share float64) *rangeJSON {
	least, most, ok := l.Quantile(share)
	if !ok {
		return nil
	}
	out := &rangeJSON{Low: least.Seconds()}
	if most != sim.Unbounded {
		high := most.Seconds()
		out.High = &high
	}
	return out
}

// latencyModelJSON is a model of latency as -o json writes it.
type latencyModelJSON struct {
	NotCalibrated string         `json:"notCalibrated,omitempty"`
	From          string         `json:"from,omitempty"`
	Servers       float64        `json:"servers,omitempty"`
	Variability   float64        `json:"variability,omitempty"`
	Rate          float64        `json:"rate,omitempty"`
	DrainSeconds  float64        `json:"drainSeconds,omitempty"`
	Holds         *rangeJSON     `json:"holds,omitempty"`
	Requests      float64        `json:"requests,omitempty"`
	Windows       int            `json:"windows,omitempty"`
	Service       []bucketJSON   `json:"service,omitempty"`
	Levels        []busynessJSON `json:"levels,omitempty"`
	Fit           *misfitJSON    `json:"fit,omitempty"`
	HeldOut       *misfitJSON    `json:"heldOut,omitempty"`
}

// bucketJSON counts requests that took at most so long; without le, those beyond.
type bucketJSON struct {
	LE    float64 `json:"le,omitempty"`
	Count int64   `json:"count"`
}

type busynessJSON struct {
	From      float64     `json:"from"`
	To        float64     `json:"to"`
	Windows   int         `json:"windows"`
	Requests  float64     `json:"requests"`
	Recorded  [3]*float64 `json:"recorded"`
	Predicted [3]*float64 `json:"predicted"`
}

type misfitJSON struct {
	Quantiles int     `json:"quantiles"`
	Error     float64 `json:"error"`
	Worst     float64 `json:"worst"`
}

func latencyModelOf(l *fit.Latency) *latencyModelJSON {
	if l == nil {
		return nil
	}
	m := &l.Model
	j := &latencyModelJSON{
		NotCalibrated: l.Why, From: l.From, Servers: m.Servers, Variability: l.Variability, Rate: l.Rate,
		DrainSeconds: m.Drain.Seconds(), Requests: math.Round(l.Requests), Windows: l.Windows,
	}
	if m.To > 0 {
		to := float64(m.To) / 1000
		j.Holds = &rangeJSON{float64(m.From) / 1000, &to}
	}
	for _, b := range m.Service {
		j.Service = append(j.Service, bucketJSON{b.Upper.Seconds(), b.Count})
	}
	if m.Over > 0 {
		j.Service = append(j.Service, bucketJSON{Count: m.Over})
	}
	for i := range l.Levels {
		v := &l.Levels[i]
		j.Levels = append(j.Levels, busynessJSON{
			float64(v.From) / 1000, float64(v.To) / 1000, v.Windows, math.Round(v.Requests), threeKnown(v.Recorded), threeKnown(v.Predicted),
		})
	}
	j.Fit, j.HeldOut = misfitOf(&l.Fit), misfitOf(&l.HeldOut)
	return j
}

func misfitOf(m *fit.Misfit) *misfitJSON {
	if m.Quantiles == 0 {
		return nil
	}
	return &misfitJSON{m.Quantiles, m.Error, m.Worst}
}

// threeKnown is null where a value is not known.
func threeKnown(v [3]float64) (out [3]*float64) {
	for i, x := range v {
		if !math.IsNaN(x) {
			x = time.Duration(x * float64(time.Second)).Round(time.Microsecond).Seconds()
			out[i] = &x
		}
	}
	return out
}

// bendJSON is where latency bends, imbalanceJSON how unequal pods were.
type bendJSON struct {
	Throughput   float64 `json:"throughput"`
	MedianBefore float64 `json:"medianSeconds"`
	MedianAfter  float64 `json:"medianBeyondSeconds"`
}

type imbalanceJSON struct {
	Ratio     float64 `json:"ratio"`
	Stretches int     `json:"stretches"`
	Seconds   float64 `json:"seconds"`
}

func bendOf(b *fit.Bend) *bendJSON {
	if b.Throughput == 0 {
		return nil
	}
	return &bendJSON{b.Throughput, b.Median, b.Then}
}

func imbalanceOf(m *fit.Imbalance) *imbalanceJSON {
	if m.Stretches == 0 {
		return nil
	}
	return &imbalanceJSON{m.Ratio, m.Stretches, m.Time.Seconds()}
}
