package scenario

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/elasticctl/elasticctl/internal/fit"
	"github.com/elasticctl/elasticctl/internal/query"
	"github.com/elasticctl/elasticctl/internal/series"
	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// responseWords is how a response is written.
const responseWords = "write inFlight, mean or a quantile such as p99"

// parseResponse reads a response as it is written: inFlight, mean, p99, p99.9.
func parseResponse(text string) (r sim.Response, ok bool) {
	switch text {
	case "inFlight":
		return sim.Response{Kind: sim.ResponseInFlight}, true
	case "mean":
		return sim.Response{Kind: sim.ResponseMean, Unit: time.Second}, true
	}
	digits, ok := strings.CutPrefix(text, "p")
	v, err := strconv.ParseFloat(digits, 64)
	if !ok || err != nil || !strings.ContainsRune("0123456789", rune(text[len(text)-1])) {
		return r, false
	}
	return quantileOf(v / 100)
}

// quantileOf is the response of a rank between 0 and 1.
func quantileOf(rank float64) (r sim.Response, ok bool) {
	millionths := int64(math.Round(rank * sim.Million))
	if !(rank > 0 && rank < 1) || millionths <= 0 || millionths >= sim.Million {
		return r, false
	}
	return sim.Response{Kind: sim.ResponseQuantile, Quantile: millionths, Unit: time.Second}, true
}

// named finds a response in a metric's name; ok is false where the name does not say
// all that has to be known.
func named(name string) (r sim.Response, ok bool) {
	lower := strings.ToLower(name)
	switch kind := fit.Response(model.Metric{model.MetricNameLabel: model.LabelValue(name)}); {
	case kind == fit.KindInFlight:
		return sim.Response{Kind: sim.ResponseInFlight}, true
	case kind != fit.KindLatency:
		return r, false
	}
	if m := quantileName.FindStringSubmatch(lower); m != nil {
		v, _ := strconv.ParseFloat("0."+m[1], 64) // p999 is 0.999
		r, ok = quantileOf(v)
	} else if averageName.MatchString(lower) {
		r, ok = sim.Response{Kind: sim.ResponseMean}, true
	} else if strings.Contains(lower, "median") {
		r, ok = quantileOf(0.5)
	}
	r.Unit = timeUnit(lower)
	return r, ok
}

var (
	quantileName = regexp.MustCompile(`(?:^|[^a-z])p([0-9]{2,4})(?:[^0-9]|$)`)
	averageName  = regexp.MustCompile(`(?:^|[^a-z])(?:avg|average|mean)(?:[^a-z]|$)`)
	millisName   = regexp.MustCompile(`(?:^|_)(?:ms|msec|millis|milliseconds)(?:_|$)`)
	microsName   = regexp.MustCompile(`(?:^|_)(?:us|usec|micros|microseconds)(?:_|$)`)
)

// timeUnit is the time that 1 is of a metric, by its name.
func timeUnit(name string) time.Duration {
	switch {
	case millisName.MatchString(name):
		return time.Millisecond
	case microsName.MatchString(name):
		return time.Microsecond
	}
	return time.Second
}

// response reads what a response tells.
func (c *checker) response(path string, in *Demand, out *demand) {
	out.Role, out.Scale = sim.RoleResponse, 1
	if text, hint := respondsOf(out); text != "" {
		c.add(path+".role", text, hint)
		return
	}
	r, ok := parseResponse(in.Response)
	switch byName, told := named(out.Name); {
	case in.Response != "" && !ok:
		c.add(path+".response", fmt.Sprintf("unknown response %q", clip(in.Response)), responseWords)
	case ok:
		out.Response = inUnitOf(r, out.Name)
	case told:
		out.Response = byName
	default:
		c.add(path+".role", "it is not said what "+clip(out.Name)+" tells of the requests", "add response: "+strings.TrimPrefix(responseWords, "write "))
	}
	for _, f := range []string{"values", "recording", "select", "query", "step", "kind", "window", "downsampled", "idle", "wait", "initial"} {
		if c.doc.Has(path + "." + f) {
			c.add(path+"."+f, "a response is computed from the load that latency is about; it has none of its own", "remove it")
		}
	}
	if in.Capacity != nil && out.Response.Kind != sim.ResponseInFlight {
		c.add(path+".capacity", "only requests in flight are admitted up to a capacity", "remove it")
	}
}

// inUnitOf gives a latency the unit that a metric's name speaks of.
func inUnitOf(r sim.Response, name string) sim.Response {
	if r.Kind != sim.ResponseInFlight {
		r.Unit = timeUnit(strings.ToLower(name))
	}
	return r
}

// respondsOf says why a metric can be no response.
func respondsOf(d *demand) (text, hint string) {
	if d.Source == hpa.SourceResource {
		return "a resource is used, it is no response", "write load or perPod"
	}
	return "", ""
}

// responses finds the recorded demands that follow from how busy the pods are, and
// can be computed. What they follow from is then replayed as well.
func (b *builder) responses() error {
	recording := ""
	if len(b.request.Recordings) > 0 {
		recording = requested
	}
	responds := false
	for i := range b.set.demand {
		d := &b.set.demand[i]
		if d.recording != "" && d.Role != sim.RoleResponse && !b.openLoop() && !b.roleSaid(d) && d.Source != hpa.SourceResource {
			rec, err := b.readOf(d)
			if err != nil {
				return err
			}
			if found, ok := b.respondsLike(d, rec); ok {
				recording = d.recording
				b.admits(d, rec, found)
				d.Role, d.Response, d.Scale, d.recording, d.query, d.selector = sim.RoleResponse, found, 1, "", "", ""
			}
		}
		responds = responds || d.Role == sim.RoleResponse
	}
	if !responds || recording == "" || slices.ContainsFunc(b.set.demand, isCPU) {
		return nil
	}
	return b.loadBehind(recording)
}

func isCPU(d demand) bool { return d.Source == hpa.SourceResource && d.Name == "cpu" }

// readOf is the recording of a demand.
func (b *builder) readOf(d *demand) (*series.Recording, error) {
	if d.recording == requested {
		return b.request.read(b.request.Recordings)
	}
	return b.request.read([]string{b.relative(d.recording)})
}

// respondsLike finds what a recorded demand tells of requests, by its expression,
// or by the name and labels of its series.
func (b *builder) respondsLike(d *demand, rec *series.Recording) (r sim.Response, ok bool) {
	if b.has(d, "idle") || b.has(d, "notReady") || b.has(d, "wait") || b.has(d, "initial") {
		return r, false // that is load to its owner
	}
	if d.query != "" {
		return b.answers(d, rec)
	}
	name, text := d.Name, fmt.Sprintf("{__name__=%q}", d.Name)
	if d.selector != "" {
		text = d.selector
	}
	s, err := series.ParseSelector(text)
	if err != nil {
		return r, false
	}
	if d.selector != "" {
		name = s.Name()
	}
	if r, told := summary(rec.Select(s)); told {
		return inUnitOf(r, name), true
	}
	return named(name)
}

// summary is the one quantile that all series are, if they are.
func summary(set []series.Series) (r sim.Response, ok bool) {
	var labels []model.Metric
	for i := range set {
		labels = append(labels, set[i].Labels)
	}
	return labelled(labels)
}

func labelled(set []model.Metric) (r sim.Response, ok bool) {
	for i, m := range set {
		if m["quantile"] == "" || m["quantile"] != set[0]["quantile"] {
			return r, false
		}
		if i == 0 {
			v, err := strconv.ParseFloat(string(m["quantile"]), 64)
			if r, ok = quantileOf(v); err != nil || !ok {
				return r, false
			}
		}
	}
	return r, ok
}

// answers reads an expression as what it tells of requests. It is one only of the
// workload's own pods, where series name pods at all.
func (b *builder) answers(d *demand, rec *series.Recording) (r sim.Response, ok bool) {
	a, ok := query.Open(rec.Series, fit.Lookback(rec.Series)).Answer(d.query)
	if !ok {
		return r, false
	}
	mine := fit.PodsOf(rec, fit.Options{Namespace: b.request.Namespace, Workload: b.workload()})
	if own, others := mine.Count(a.Labels); own == 0 && others > 0 {
		return r, false
	}
	if r, ok = answerOf(&a); !ok || !b.overPods(d, &a, r.Kind) {
		return r, false
	}
	if r.Kind != sim.ResponseInFlight {
		r.Unit = time.Duration(math.Round(float64(timeUnit(strings.ToLower(a.Metric))) / a.Factor))
		if a.Window > 0 {
			b.note("%s: the window of %s is not replayed; what a sync reads of %s is that of the instant", d.query, lengthText(a.Window), d.Name)
		}
		return r, r.Unit > 0 && r.Unit <= time.Hour
	}
	return r, a.Factor == 1
}

// answerOf is the response that an expression tells.
func answerOf(a *query.Answer) (r sim.Response, ok bool) {
	kind := fit.Response(model.Metric{model.MetricNameLabel: model.LabelValue(a.Metric)})
	switch a.Kind {
	case query.AnswerQuantile:
		return quantileOf(a.Rank)
	case query.AnswerMean:
		return sim.Response{Kind: sim.ResponseMean}, kind == fit.KindLatency
	case query.AnswerGauge:
	}
	if r, ok = labelled(a.Labels); ok {
		return r, true
	}
	return named(a.Metric)
}

// overPods settles what a metric makes of the pods' answers.
func (b *builder) overPods(d *demand, a *query.Answer, kind sim.ResponseKind) bool {
	if d.Aggregate != sim.AggregateNone {
		return a.Op == "" || a.Op == d.Aggregate.String()
	}
	if d.Source == hpa.SourcePods {
		// The total is divided by the pods again, the mean is that of each.
		return a.Op == "" || a.Op == "avg" || a.Op == "sum" && kind == sim.ResponseInFlight
	}
	op := a.Op
	if op == "" && a.PerPod && kind == sim.ResponseInFlight {
		op = "sum" // as the controller adds values up
	}
	if op == "" {
		return !a.PerPod
	}
	d.Aggregate, _ = aggregateOf(op)
	d.Quantile = 0
	if d.Aggregate == sim.AggregateQuantile {
		d.Quantile = int64(math.Round(a.OpRank * sim.Million))
	}
	return a.OpRank >= 0 && a.OpRank <= 1
}

// admits takes over how many requests a pod admits at most, where the recording has
// a gauge of that, the same for all at all times.
func (b *builder) admits(d *demand, rec *series.Recording, r sim.Response) {
	name := d.Name
	switch {
	case r.Kind != sim.ResponseInFlight || d.Capacity > 0:
		return
	case d.query != "":
		a, _ := query.Open(nil, 0).Answer(d.query)
		name = a.Metric
	case d.selector != "":
		if s, err := series.ParseSelector(d.selector); err == nil {
			name = s.Name()
		}
	}
	s, err := series.ParseSelector(fmt.Sprintf("{__name__=%q}", name+"_limit"))
	if err != nil {
		return
	}
	limit := 0.0
	for _, one := range rec.Select(s) {
		for _, v := range one.Values {
			switch {
			case math.IsNaN(v):
			case limit == 0 && v > 0 && v < maxMilli/1000:
				limit = v
			case v != limit:
				return
			}
		}
	}
	if limit > 0 {
		d.Capacity = int64(math.Round(limit * 1000))
		b.note("a pod has at most %s requests in flight, by %s_limit; while it sheds, it has so many", number(limit), name)
	}
}

// loadBehind replays the cpu of pods as well, of which latency is learned, though no
// metric asks for it.
func (b *builder) loadBehind(recording string) error {
	d := demand{Demand: sim.Demand{Source: hpa.SourceResource, Name: "cpu"}, recording: recording}
	rec, err := b.readOf(&d)
	if err != nil || len(b.set.containers) == 0 || !fit.Records(rec, fit.Want{Demand: d.Demand, Resource: true}) {
		return err
	}
	for _, name := range b.recordedContainers(rec) {
		d.Container = name
		b.set.demand = append(b.set.demand, d)
	}
	b.note("cpu is replayed as well, though no metric of the HPA asks for it: how busy the pods are follows from it")
	return nil
}

// recordedContainers are the containers whose use of cpu the recording tells; the
// first one where it does not tell containers apart.
func (b *builder) recordedContainers(rec *series.Recording) []string {
	used, _ := b.containersIn(rec)
	if len(used) == 0 {
		used = []string{b.set.containers[0].Name}
	}
	return used
}
