package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/elasticctl/elasticctl/internal/fit"
)

// Model is what was learned of one demand.
type Model struct {
	// Demand is its name.
	Demand string
	*fit.Model
}

// Models writes for a person what was learned of the demands of replays.
func Models(w io.Writer, replays []*Replay, o Options) error {
	var b strings.Builder
	for i, r := range replays {
		if i > 0 {
			b.WriteByte('\n')
		}
		if len(r.Models) == 0 {
			wrapText(&b, "", r.Name+": no load model: it is learned from recorded cpu that tells pods apart", o.Width)
		}
		for j := range r.Models {
			if j > 0 {
				b.WriteByte('\n')
			}
			writeModel(&b, r, &r.Models[j], o)
		}
		writeResponses(&b, r, o)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeModel(b *strings.Builder, r *Replay, m *Model, o Options) {
	formula := "a pod uses idle + its share of the load"
	if m.Driver != "" {
		formula = "a pod uses idle + cost × " + m.Driver + " per second"
	}
	wrapText(b, "", r.Name+": load model of "+m.Demand+": "+formula, o.Width)
	b.WriteByte('\n')
	facts := []fact{idleFact(m)}
	if m.Cost.Value > 0 {
		facts = append(facts, requestFact(m), modelCapacityFact(m))
	}
	facts = append(facts, startUpFact(m), learnedFact(m))
	if m.Method == fit.Regression {
		facts = append(facts, fact{name: "misses by", value: percent(m.Error), detail: "median over these windows, of what a pod used"})
		facts = append(facts, heldOutFact(m))
	}
	facts = append(facts, understatedFact(m))
	for i := range m.Segments {
		f := segmentFact(m, &m.Segments[i])
		f.name = "segment " + strconv.Itoa(i+1)
		facts = append(facts, f)
	}
	writeFacts(b, facts, o.Width, painter(o.Colour))
	if more := modelLatencyFacts(m); len(more) > 0 {
		b.WriteByte('\n')
		writeFacts(b, more, o.Width, painter(o.Colour))
	}
	writeLevels(b, m.Latency)
}

// thousandths writes thousandths to three digits: "5.86m".
func thousandths(v float64) string { return strconv.FormatFloat(1000*v, 'g', 3, 64) + "m" }

// digits writes three digits.
func digits(v float64) string { return strconv.FormatFloat(v, 'g', 3, 64) }

func idleFact(m *Model) fact {
	f := fact{name: "idle", value: thousandths(m.Idle.Value)}
	within := thousandths(m.Idle.Low) + " to " + thousandths(m.Idle.High)
	switch m.Method {
	case fit.Regression:
		f.detail = within + " with 95% confidence, in cores: what a pod uses without load"
	case fit.Jumps:
		f.detail = within + " with 95% confidence, in cores, by how the total jumps where the number of pods changes"
	case fit.Given:
		f.detail = "as given, in cores"
	case fit.Range:
		f.value, f.bad = "0 to "+thousandths(m.Idle.High), true
		why := "no counter of requests is recorded, and what the total jumps by where the number of pods changes is not sure enough"
		if m.Driver != "" {
			why = "what a pod is asked for hardly varies"
		}
		f.detail = "cores, not told apart from load: " + why + "; the most is the least that a pod used"
	}
	return f
}

func requestFact(m *Model) fact {
	f := fact{name: "cost", value: thousandths(m.Cost.Value)}
	if m.Cost.Low < m.Cost.High {
		f.detail = thousandths(m.Cost.Low) + " to " + thousandths(m.Cost.High) + ", "
	}
	f.detail += "in core-seconds for each of " + m.Driver
	return f
}

func modelCapacityFact(m *Model) fact {
	if m.Capacity.Value == 0 {
		return fact{name: "capacity", value: "unknown", detail: "no cpu limit is known"}
	}
	f := fact{name: "capacity", value: digits(m.Capacity.Value)}
	if m.Capacity.Low < m.Capacity.High {
		f.detail = digits(m.Capacity.Low) + " to " + digits(m.Capacity.High) + ", "
	}
	if m.Bend.Throughput > 0 {
		f.detail += "of " + m.Driver + " per second and pod, sustained before latency bends: no cpu limit is known"
		return f
	}
	f.detail += "of " + m.Driver + " per second and pod: (limit − idle) ÷ cost, at a limit of " + thousandths(m.Limit)
	if m.CountsShed {
		f.detail += "; the metric counts what is shed as well"
	}
	return f
}

func startUpFact(m *Model) fact {
	f := fact{name: "start-up", value: "unknown", detail: "no pod was born within the recording"}
	if m.Births > 0 {
		f.value = digits(m.StartUp)
		f.detail = "core-seconds, mean of " + plural(int64(m.Births), "birth") + "; not load: each simulated pod uses it anew before it is Ready"
	}
	return f
}

func learnedFact(m *Model) fact {
	f := fact{name: "learned from", value: plural(int64(m.Windows), "window")}
	f.detail = "of " + span(m.Window) + " and one pod, of " + strconv.Itoa(m.Total)
	var out []string
	for _, left := range []struct {
		n    int
		text string
	}{{m.Starting, "starting"}, {m.Rolling, "in a rollout"}, {m.Saturated, "saturated"}, {m.NoValue, "not fully recorded"}} {
		if left.n > 0 {
			out = append(out, strconv.Itoa(left.n)+" "+left.text)
		}
	}
	if out != nil {
		f.detail += "; left out: " + strings.Join(out, ", ")
	}
	return f
}

func heldOutFact(m *Model) fact {
	h := m.HeldOut
	if h.Pods == 0 {
		return fact{name: "held out", value: "unknown", detail: "the number of pods does not change in the second half, or too little is known of the first"}
	}
	return fact{
		name: "held out", value: percent(h.Error), bad: h.Error > 0.1,
		detail: fmt.Sprintf("median error of what the first half alone predicts for %d pods after %s of their number in the second", h.Pods, plural(int64(h.Changes), "change")),
	}
}

func understatedFact(m *Model) fact {
	f := fact{name: "saturated", value: span(m.Understated), bad: m.Understated > 0, detail: "no sign that pods had no room left"}
	if m.Understated == 0 {
		return f
	}
	var signs []string
	for _, s := range m.Signs {
		signs = append(signs, s.Text+" "+span(s.Time))
	}
	f.detail = strings.Join(signs, ", ")
	if m.Rebuilt {
		f.detail += "; what was asked for then stands in, at what it costs"
	} else {
		f.detail += "; at least the recorded load arrived then"
	}
	return f
}

func segmentFact(m *Model, s *fit.Segment) fact {
	at := func(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02 15:04:05") }
	f := fact{value: "unknown", detail: "from " + at(s.From)}
	if s.Template != "" {
		f.detail += ", template " + s.Template
	}
	f.detail += ", " + plural(int64(s.Windows), "window")
	if s.OK {
		f.value = thousandths(s.Idle.Value) + " + " + thousandths(s.Cost.Value)
		f.detail += fmt.Sprintf("; idle %s to %s, cost %s to %s", thousandths(s.Idle.Low), thousandths(s.Idle.High), thousandths(s.Cost.Low), thousandths(s.Cost.High))
	}
	switch {
	case !s.OK:
		f.detail += ": too few"
	case m.Changed:
		f.detail += "; segments differ, so each counts for its own time"
	}
	return f
}
