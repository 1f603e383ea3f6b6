package report

import (
	"strconv"
	"strings"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// stage is one stage of the lag, by its names in text and in JSON.
type stage struct {
	name string
	of   sim.Stage
}

func stages(l *sim.Lag) []stage {
	return []stage{{"next sync", l.Sync}, {"metrics", l.Metrics}, {"decision", l.Decision}, {"start-up", l.Start}}
}

// lagFact says how long it took from demand to ready capacity, and where.
func lagFact(r *Replay) fact {
	l, f := &r.Lag, fact{name: "lag"}
	if !l.Known {
		return f
	}
	mean, ok := l.Total.Mean()
	switch {
	case l.Needs == 0:
		f.value, f.detail = "none", "demand never asked for more than the replicas there were"
		return f
	case ok:
		f.value = tenth(mean)
		f.detail = "from demand to ready pods, " + meanOf(&l.Total) + ": "
	default:
		f.value, f.detail = "not met", "what demand asked for never became ready: "
	}
	var parts []string
	for _, s := range stages(l) {
		if mean, ok := s.of.Mean(); ok {
			parts = append(parts, s.name+" "+tenth(mean)+atWorst(mean, s.of.Worst))
		}
	}
	for _, n := range []struct {
		count int64
		what  string
	}{
		{l.Passed, " passed before it was answered"},
		{l.Withdrawn, " withdrawn before its pods were ready"},
		{l.Open, " open at the end"},
	} {
		if n.count > 0 {
			parts = append(parts, strconv.FormatInt(n.count, 10)+n.what)
		}
	}
	f.detail += strings.Join(parts, ", ")
	return f
}

// meanOf says of how many a mean is, and what the worst was.
func meanOf(s *sim.Stage) string {
	if s.Count == 1 {
		return "once"
	}
	mean, _ := s.Mean()
	return "mean of " + strconv.FormatInt(s.Count, 10) + atWorst(mean, s.Worst)
}

// atWorst is the worst, unless it is no worse than the mean.
func atWorst(mean, worst time.Duration) string {
	if tenth(mean) == tenth(worst) {
		return ""
	}
	return " (" + tenth(worst) + " at worst)"
}

// tenth is a length of time in tenths of a second.
func tenth(d time.Duration) string { return span(d.Round(100 * time.Millisecond)) }

// lagJSON is the lag as -o json writes it. Times are in seconds.
type lagJSON struct {
	Needs     int64     `json:"needs"`
	Met       int64     `json:"met"`
	Passed    int64     `json:"passed"`
	Withdrawn int64     `json:"withdrawn"`
	Open      int64     `json:"open"`
	Sync      stageJSON `json:"sync"`
	Metrics   stageJSON `json:"metrics"`
	Decision  stageJSON `json:"decision"`
	Start     stageJSON `json:"start"`
	Total     stageJSON `json:"total"`
}

type stageJSON struct {
	Count        int64    `json:"count"`
	MeanSeconds  *float64 `json:"meanSeconds"` // null: none came to its end
	WorstSeconds float64  `json:"worstSeconds"`
}

// lag is nil where no metric can tell of it.
func lag(l *sim.Lag) *lagJSON {
	if !l.Known {
		return nil
	}
	return &lagJSON{
		Needs: l.Needs, Met: l.Met, Passed: l.Passed, Withdrawn: l.Withdrawn, Open: l.Open,
		Sync: lagStage(&l.Sync), Metrics: lagStage(&l.Metrics), Decision: lagStage(&l.Decision), Start: lagStage(&l.Start),
		Total: lagStage(&l.Total),
	}
}

func lagStage(s *sim.Stage) stageJSON {
	out := stageJSON{Count: s.Count, WorstSeconds: s.Worst.Seconds()}
	if mean, ok := s.Mean(); ok {
		seconds := mean.Seconds()
		out.MeanSeconds = &seconds
	}
	return out
}
