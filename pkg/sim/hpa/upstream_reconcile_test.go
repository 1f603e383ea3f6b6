package hpa

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"
)

// upstreamSpec is the part of an autoscaling/v2 spec that the recorded cases use.
type upstreamSpec struct {
	ScaleTargetRef struct{ Kind, Name string }
	MinReplicas    *int32
	MaxReplicas    int32
	Metrics        []upstreamMetric
	Behavior       *struct{ ScaleUp, ScaleDown *upstreamRules }
}

type upstreamMetric struct {
	Type                        string
	Resource, ContainerResource *struct {
		Name, Container string
		Target          upstreamTarget
	}
	Pods, Object, External *struct {
		Metric struct {
			Name     string
			Selector *struct{}
		}
		DescribedObject struct{ Kind, Name string }
		Target          upstreamTarget
	}
}

type upstreamTarget struct {
	Type                string
	AverageUtilization  *int64
	AverageValue, Value string
}

// milli reads the decimal quantities of the recorded cases.
func milli(t *testing.T, q string) int64 {
	t.Helper()
	for _, unit := range []struct {
		suffix string
		scale  float64
	}{{"m", 1}, {"k", 1e6}, {"M", 1e9}, {"Ki", 1024e3}, {"Mi", 1024 * 1024e3}, {"", 1e3}} {
		number, ok := strings.CutSuffix(q, unit.suffix)
		if !ok {
			continue
		}
		if n, err := strconv.ParseInt(number, 10, 64); err == nil && unit.scale == 1 {
			return n
		}
		if f, err := strconv.ParseFloat(number, 64); err == nil {
			return int64(f * unit.scale)
		}
	}
	t.Fatalf("quantity %q", q)
	return 0
}

const emptySelector = "&LabelSelector{MatchLabels:map[string]string{},MatchExpressions:[]LabelSelectorRequirement{},}"

func (u *upstreamMetric) resolve(t *testing.T) Metric {
	m := Metric{Namespace: "test-namespace", Selector: "nil"}
	var target upstreamTarget
	if u.Object != nil && u.Object.Metric.Selector != nil {
		m.Selector = emptySelector
	}
	switch u.Type {
	case "Resource", "ContainerResource":
		r, what := u.Resource, " resource"
		if u.Type == "ContainerResource" {
			r, what = u.ContainerResource, " container resource"
			m.Source = SourceContainerResource
		}
		m.Name, m.Resource, m.Container, m.CPU, target = r.Name, r.Name, r.Container, r.Name == "cpu", r.Target
		m.Proposal = r.Name + what + " utilization (percentage of request)"
		if target.AverageUtilization == nil {
			m.Proposal = r.Name + " resource"
		}
		if r.Container != "" {
			m.Name = r.Container + "/" + r.Name
		}
	case "Pods":
		m.Source, m.Name, target = SourcePods, u.Pods.Metric.Name, u.Pods.Target
		m.Proposal = "pods metric " + m.Name
	case "Object":
		m.Source, m.Name, target = SourceObject, u.Object.Metric.Name, u.Object.Target
		m.Object = u.Object.DescribedObject.Kind + " test-namespace/" + u.Object.DescribedObject.Name
		m.Proposal = u.Object.DescribedObject.Kind + " metric " + m.Name
	case "External":
		m.Source, m.Name, target = SourceExternal, u.External.Metric.Name, u.External.Target
		if u.External.Metric.Selector != nil {
			m.Selector = emptySelector
		}
		m.Proposal = "external metric " + m.Name + "(" + m.Selector + ")"
	default:
		m.Source, m.Name = SourceUnknown, u.Type
	}
	switch {
	case target.AverageUtilization != nil:
		m.Target, m.Goal = TargetUtilization, *target.AverageUtilization
	case target.AverageValue != "":
		m.Target, m.Goal = TargetAverageValue, milli(t, target.AverageValue)
		if m.Source == SourceObject {
			m.Proposal = "external metric " + m.Name + "(" + m.Selector + ")"
		}
	case target.Value != "":
		m.Target, m.Goal = TargetValue, milli(t, target.Value)
	default:
		m.Target = TargetNone
	}
	return m
}

func (u *upstreamSpec) resolve(t *testing.T, c Controller) *Spec {
	s := &Spec{
		Reference: u.ScaleTargetRef.Kind + "/test-namespace/" + u.ScaleTargetRef.Name,
		Min:       1, Max: u.MaxReplicas,
		ToleranceUp: c.Tolerance, ToleranceDown: c.Tolerance, Controller: c,
	}
	if u.MinReplicas != nil {
		s.Min = *u.MinReplicas
	}
	for i := range u.Metrics {
		s.Metrics = append(s.Metrics, u.Metrics[i].resolve(t))
	}
	if u.Behavior == nil {
		return s
	}
	s.HasBehavior = true
	fallback := defaultDown()
	fallback.Stabilization = c.DownscaleStabilization.Truncate(time.Second)
	s.Up, s.Down = rulesOf(u.Behavior.ScaleUp, defaultUp()), rulesOf(u.Behavior.ScaleDown, fallback)
	if up := u.Behavior.ScaleUp; up != nil && up.Tolerance != "" && c.Profile.ConfigurableTolerance {
		s.ToleranceUp = Approximate(milli(t, up.Tolerance), -3)
	}
	if down := u.Behavior.ScaleDown; down != nil && down.Tolerance != "" && c.Profile.ConfigurableTolerance {
		s.ToleranceDown = Approximate(milli(t, down.Tolerance), -3)
	}
	return s
}

// selected are the pods that the selector "key=value" matches.
func selected(pods []upstreamPod, selector string) (out []upstreamPod) {
	key, value, _ := strings.Cut(selector, "=")
	for _, p := range pods {
		if p.Labels[key] == value {
			out = append(out, p)
		}
	}
	return out
}

// reading is what one recorded call of the metrics client returned.
func (call *upstreamCall) reading(o *Observation, pods []upstreamPod, m *Metric) Reading {
	r := Reading{Values: call.Values}
	switch {
	case apiText(call.Err) != "":
		r.Error = apiText(call.Err)
	case call.Err != "":
		r.Empty = true
	}
	container := ""
	if m.Source == SourceContainerResource {
		container = m.Container
	}
	o.Groups, r.Samples = samplesOf(o.Groups, pods, call.Pods, m.Resource, container)
	return r
}

func runReconcile(t *testing.T, c *upstreamCase) {
	in := &c.In
	spec := in.Spec.resolve(t, upstreamController(in))
	st := stateOf(in)
	if !in.RecommendationsAreNil && len(in.Recommendations) == 0 {
		// An empty history that counts as begun: one entry out of every window,
		// which the sync overwrites.
		st.recommendations = append(st.recommendations, recommendation{0, 0})
	}
	for _, want := range in.InitialConditions {
		st.set(Condition{Type: conditionNamed(want[0]), Status: want[1] == "True", Reason: reasonNamed(t, want[2])})
	}
	o := observe(in, spec, c.Expect.Error)
	st.desired = c.Expect.DesiredReplicas
	if in.SpecReplicas != nil {
		o.SpecReplicas, st.desired = *in.SpecReplicas, *in.SpecReplicas
	}
	d := spec.Step(st, o)

	want := &c.Expect
	check(t, "error", d.Failure.Error(), want.Error)
	check(t, "status.desiredReplicas", d.StatusDesired, want.DesiredReplicas)
	var got [][3]string
	for i := range d.Conditions {
		got = append(got, conditionTriple(&d.Conditions[i]))
	}
	checkJSON(t, "conditions", got, want.Conditions)
	check(t, "scaled", d.Scaled, want.ScaledTo != nil)
	if want.ScaledTo != nil {
		check(t, "scaled to", d.Desired, *want.ScaledTo)
		check(t, "event", d.Events[len(d.Events)-1].Message(),
			"New size: "+strconv.Itoa(int(*want.ScaledTo))+"; reason: "+want.RescaleReason)
	}
	check(t, "has proposal", d.HasProposal, want.Proposal != nil)
	if want.Proposal != nil {
		check(t, "proposed", d.Proposed, *want.Proposal)
		check(t, "by", spec.Metrics[d.By].Proposal, want.Metric)
	}
	checkMetrics(t, d.Metrics, want.CurrentMetrics)
}

// observe is what a recorded reconcile read.
func observe(in *upstreamInput, spec *Spec, failure string) *Observation {
	o := &Observation{Now: upstreamNow, StatusReplicas: in.StatusReplicas}
	if text, ok := strings.CutPrefix(failure, "failed to query scale subresource for "+spec.Reference+": "); ok {
		o.ScaleReadError = text
	}
	if text, ok := strings.CutPrefix(failure, "failed to rescale "+spec.Reference+": "); ok {
		o.ScaleWriteError = text
	}
	_, text, _ := strings.Cut(failure, spec.Reference+": ")
	switch {
	case in.Selector == nil:
	case *in.Selector == "":
		o.SelectorError = SelectorMissing
	case strings.HasPrefix(text, "couldn't convert selector"):
		o.SelectorError = SelectorInvalid
		o.SelectorText = strings.TrimPrefix(text, "couldn't convert selector into a corresponding internal selector object: ")
	case strings.HasPrefix(text, "pods by selector"):
		o.SelectorError, o.SelectorText = SelectorAmbiguous, text
	default:
		pods := selected(in.Pods, *in.Selector)
		o.Groups = groupsOf(pods)
		calls := in.MetricCalls
		for i := range spec.Metrics {
			var r Reading
			if len(calls) > 0 {
				r = calls[0].reading(o, pods, &spec.Metrics[i])
				calls = calls[1:]
			}
			o.Readings = append(o.Readings, r)
		}
	}
	return o
}

func conditionTriple(c *Condition) [3]string {
	status := "False"
	if c.Status {
		status = "True"
	}
	return [3]string{c.Type.String(), status, c.Reason.String()}
}

func conditionNamed(name string) ConditionType {
	for t := AbleToScale; t < ScaledToZero; t++ {
		if t.String() == name {
			return t
		}
	}
	return ScaledToZero
}

func reasonNamed(t *testing.T, name string) Reason {
	for r := ReasonFailedGetScale; r <= ReasonNotScaledToZero; r++ {
		if r.String() == name {
			return r
		}
	}
	t.Fatalf("reason %q", name)
	return ReasonNone
}

func checkJSON(t *testing.T, what string, got, want any) {
	t.Helper()
	a, _ := json.Marshal(got)
	b, _ := json.Marshal(want)
	if string(a) != string(b) {
		t.Errorf("%s = %s, want %s", what, a, b)
	}
}

// checkMetrics compares status.currentMetrics.
func checkMetrics(t *testing.T, got []MetricStatus, want []map[string]json.RawMessage) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d current metrics, want %d", len(got), len(want))
		return
	}
	for i := range want {
		var source string
		_ = json.Unmarshal(want[i]["type"], &source)
		check(t, "metric valid", got[i].Valid, source != "")
		if source == "" {
			continue
		}
		check(t, "metric type", got[i].Source.String(), source)
		var body struct {
			Current struct {
				AverageUtilization  *int32
				AverageValue, Value string
			}
		}
		if err := json.Unmarshal(want[i][strings.ToLower(source[:1])+source[1:]], &body); err != nil {
			t.Fatal(err)
		}
		check(t, "has average", got[i].HasAverage, body.Current.AverageValue != "")
		check(t, "has value", got[i].HasValue, body.Current.Value != "")
		check(t, "has utilization", got[i].HasUtilization, body.Current.AverageUtilization != nil)
		if got[i].HasAverage {
			check(t, "average", got[i].Average, milli(t, body.Current.AverageValue))
		}
		if got[i].HasValue {
			check(t, "value", got[i].Value, milli(t, body.Current.Value))
		}
		if got[i].HasUtilization {
			check(t, "utilization", got[i].Utilization, *body.Current.AverageUtilization)
		}
	}
}
