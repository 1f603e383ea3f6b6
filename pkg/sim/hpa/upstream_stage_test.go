package hpa

import (
	"strings"
	"testing"
	"time"
)

func runLegacyLimits(t *testing.T, c *upstreamCase) {
	s := &Spec{Min: c.In.MinReplicas, Max: c.In.MaxReplicas, Controller: upstreamController(&c.In)}
	got, reason := s.limit(NewState(1, 1), c.In.CurrentReplicas, c.In.DesiredReplicas)
	check(t, "replicas", got, c.Expect.Replicas)
	check(t, "reason", reason.String(), c.Expect.Reason)
}

func runLegacyStabilization(t *testing.T, c *upstreamCase) {
	s := &Spec{}
	s.Controller.DownscaleStabilization = seconds(c.In.Window)
	st := stateOf(&c.In)
	got, _ := s.stabilize(st, upstreamNow, c.In.DesiredReplicas)
	check(t, "replicas", got, c.Expect.Replicas)
	check(t, "history", len(st.recommendations), c.Expect.HistoryLength)
}

func runBehaviorRate(t *testing.T, c *upstreamCase) {
	s := &Spec{
		Min: c.In.MinReplicas, Max: c.In.MaxReplicas, Controller: DefaultController(), HasBehavior: true,
		Up: rulesOf(c.In.ScaleUp, defaultUp()), Down: rulesOf(c.In.ScaleDown, defaultDown()),
	}
	got, reason := s.limitByRules(stateOf(&c.In), upstreamNow, c.In.CurrentReplicas, c.In.DesiredReplicas)
	check(t, "replicas", got, c.Expect.Replicas)
	check(t, "reason", reason.String(), c.Expect.Reason)
}

func runStoreScaleEvent(t *testing.T, c *upstreamCase) {
	for _, direction := range []string{"up", "down"} {
		rules := rulesOf(c.In.Rules, Rules{})
		s := &Spec{HasBehavior: c.In.BehaviorSet, Up: rules, Down: rules}
		st := NewState(1, 8)
		list, from, to := &st.ups, int32(0), c.In.ReplicaChange
		if direction == "down" {
			list, from, to = &st.downs, to, from
		}
		for _, e := range c.In.Events {
			*list = append(*list, scaleEvent{e.Change, e.Outdated, ago(e.Ago)})
		}
		check(t, direction+" change before", changed(*list, upstreamNow-time.Minute), c.Expect.ChangeInLast60s)
		s.remember(st, upstreamNow, from, to)
		check(t, direction+" events", len(*list), len(c.Expect.Events))
		for i, e := range *list {
			check(t, direction+" change", e.change, c.Expect.Events[i].Change)
			check(t, direction+" outdated", e.outdated, c.Expect.Events[i].Outdated)
		}
	}
}

func runBehaviorStabilization(t *testing.T, c *upstreamCase) {
	s := &Spec{HasBehavior: true}
	s.Up.Stabilization, s.Down.Stabilization = seconds(c.In.ScaleUpWindow), seconds(c.In.ScaleDownWindow)
	st := stateOf(&c.In)
	got, _ := s.stabilizeByRules(st, upstreamNow, c.In.CurrentReplicas, c.In.DesiredReplicas)
	check(t, "replicas", got, c.Expect.Replicas)
	history := []int32{}
	for _, r := range st.recommendations {
		history = append(history, r.replicas)
	}
	if c.Expect.History != nil {
		checkJSON(t, "history", history, c.Expect.History)
	}
}

// stage is a Spec of one metric for a recorded call of the replica calculator.
func stage(in *upstreamInput, m Metric) *Spec {
	c := upstreamController(in)
	return &Spec{
		Metrics: []Metric{m}, Controller: c, Min: 1, Max: 1 << 30,
		ToleranceUp: in.Tolerances.ScaleUp, ToleranceDown: in.Tolerances.ScaleDown,
	}
}

func runResourceReplicas(t *testing.T, c *upstreamCase) {
	in := &c.In
	m := Metric{
		Source: SourceResource, Target: TargetUtilization, Goal: int64(in.TargetUtilization),
		Name: in.Resource, Resource: in.Resource, Container: in.Container, CPU: in.Resource == "cpu",
	}
	if in.Container != "" {
		m.Source = SourceContainerResource
	}
	values := map[string]upstreamSample{}
	for pod, containers := range in.PodMetrics {
		v, ok := upstreamSample{Ago: in.MetricsAgo, Window: in.MetricsWindow}, len(containers) > 0
		for name, usage := range containers {
			if in.Container != "" && name != in.Container {
				continue
			}
			used, found := usage[in.Resource]
			v.Milli, ok = v.Milli+used, ok && found
		}
		if _, there := containers[in.Container]; in.Container != "" && !there {
			ok = false
		}
		if ok {
			values[pod] = v
		}
	}
	r := Reading{Empty: len(in.PodMetrics) == 0}
	o := &Observation{Now: upstreamNow, SpecReplicas: in.CurrentReplicas, Groups: groupsOf(in.Pods)}
	o.Groups, r.Samples = samplesOf(o.Groups, in.Pods, values, in.Resource, in.Container)
	o.Readings = []Reading{r}
	var status MetricStatus
	got, p := stage(in, m).ask(o, &status, &Working{})
	if c.Expect.Error != "" {
		text := strings.TrimPrefix(p.message(), "failed to get cpu utilization: ")
		if !strings.HasPrefix(text, c.Expect.Error) {
			t.Errorf("error %q, want %q", text, c.Expect.Error)
		}
		return
	}
	check(t, "error", p.message(), "")
	check(t, "replicas", got, c.Expect.Replicas)
	check(t, "utilization", status.Utilization, c.Expect.Utilization)
	check(t, "average", status.Average, c.Expect.RawAverageMilli)
}

func runLevel(source Source, target Target) func(*testing.T, *upstreamCase) {
	return func(t *testing.T, c *upstreamCase) {
		in := &c.In
		m := Metric{Source: source, Target: target, Goal: in.TargetMilli, Name: "qps"}
		o := &Observation{
			Now: upstreamNow, SpecReplicas: in.CurrentReplicas, StatusReplicas: in.CurrentReplicas,
			Groups: groupsOf(in.Pods), Readings: []Reading{{Values: in.LevelsMilli}},
		}
		if source == SourcePods {
			samples := make([]Sample, len(in.Pods))
			for i, v := range in.LevelsMilli {
				samples[i] = Sample{Pods: 1, Sum: v, Timestamp: ago(in.MetricsAgo), Window: seconds(in.MetricsWindow)}
			}
			o.Readings[0].Samples = samples
		}
		var status MetricStatus
		got, p := stage(in, m).ask(o, &status, &Working{})
		check(t, "error", p.message(), c.Expect.Error)
		check(t, "replicas", got, c.Expect.Replicas)
		check(t, "usage", status.Average+status.Value, c.Expect.UsageMilli)
	}
}

func runGroupPods(t *testing.T, c *upstreamCase) {
	m := Metric{Source: SourceResource, Target: TargetAverageValue, Goal: 1, CPU: c.In.Resource == "cpu"}
	o := &Observation{Now: upstreamNow, Groups: groupsOf(c.In.Pods)}
	var samples []Sample
	o.Groups, samples = samplesOf(o.Groups, c.In.Pods, c.In.Metrics, c.In.Resource, "")
	s := stage(&c.In, m)
	q := question{spec: s, metric: &s.Metrics[0], reading: &Reading{Samples: samples}, observation: o}
	got := q.tally()
	check(t, "ready", got.ready, c.Expect.ReadyPodCount)
	check(t, "unready", got.unready, int64(len(c.Expect.Unready)))
	check(t, "missing", got.missing, int64(len(c.Expect.Missing)))
	check(t, "ignored", got.pods-got.ready-got.unready-got.missing, int64(len(c.Expect.Ignored)))
}

func runScaleUpLimit(t *testing.T, c *upstreamCase) {
	s := &Spec{Up: rulesOf(c.In.Rules, Rules{}), Controller: DefaultController()}
	check(t, "limit", s.upLimit(stateOf(&c.In), upstreamNow, c.In.CurrentReplicas), c.Expect.Limit)
}

func runScaleDownLimit(t *testing.T, c *upstreamCase) {
	s := &Spec{Down: rulesOf(c.In.Rules, Rules{}), Controller: DefaultController()}
	check(t, "limit", s.downLimit(stateOf(&c.In), upstreamNow, c.In.CurrentReplicas), c.Expect.Limit)
}

func runUtilizationRatio(t *testing.T, c *upstreamCase) {
	m := &Metric{Goal: int64(c.In.TargetUtilization)}
	var sum, requests, pods int64
	for name, v := range c.In.MetricsMilli {
		if r, ok := c.In.RequestsMilli[name]; ok {
			sum, requests, pods = sum+v, requests+r, pods+1
		}
	}
	u, why := m.utilization(sum, requests, pods)
	check(t, "failed", why != causeNone, c.Expect.Error != "")
	check(t, "ratio", u.ratio, c.Expect.Ratio)
	check(t, "utilization", u.utilization, c.Expect.Utilization)
	check(t, "average", u.average, c.Expect.RawAverageMilli)
}

func runUsageRatio(t *testing.T, c *upstreamCase) {
	m := &Metric{Goal: c.In.TargetMilli}
	var sum int64
	for _, v := range c.In.MetricsMilli {
		sum += v
	}
	u := m.average(sum, int64(len(c.In.MetricsMilli)))
	check(t, "ratio", u.ratio, c.Expect.Ratio)
	check(t, "usage", u.average, c.Expect.UsageMilli)
}
