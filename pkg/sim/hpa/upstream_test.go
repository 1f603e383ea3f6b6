package hpa

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// testdata/upstream.jsonl holds numbers and settings recorded while upstream's
// own tests ran: its first line says where they come from, every other line is
// one case.

type upstreamCase struct {
	ID, Name, Kind string
	In             upstreamInput
	Expect         upstreamExpectation
}

type upstreamInput struct {
	CPUInitializationPeriod, InitialReadinessDelay, DownscaleStabilization float64
	Gates                                                                  map[string]bool
	InitialConditions                                                      [][3]string
	Recommendations                                                        []upstreamChange
	RecommendationsAreNil                                                  bool
	ScaleUpEvents, ScaleDownEvents, Events                                 []upstreamChange
	ScaleUpLimitFactor, Tolerance                                          float64
	Selector                                                               *string
	SpecReplicas                                                           *int32
	StatusReplicas                                                         int32
	Spec                                                                   upstreamSpec
	MetricCalls                                                            []upstreamCall

	// What single stages are given.
	CurrentReplicas, DesiredReplicas, MinReplicas, MaxReplicas int32
	Window, ScaleUpWindow, ScaleDownWindow                     float64
	ScaleUp, ScaleDown, Rules                                  *upstreamRules
	BehaviorSet                                                bool
	ReplicaChange                                              int32
	Tolerances                                                 struct{ ScaleUp, ScaleDown float64 }
	Resource, Container                                        string
	TargetUtilization                                          int32
	TargetMilli                                                int64
	LevelsMilli                                                []int64
	PodMetrics                                                 map[string]map[string]map[string]int64
	MetricsAgo, MetricsWindow                                  float64
	Metrics                                                    map[string]upstreamSample
	MetricsMilli                                               map[string]int64
	RequestsMilli                                              map[string]int64
	Pods                                                       []upstreamPod
}

type upstreamExpectation struct {
	DesiredReplicas              int32
	Conditions                   [][3]string
	CurrentMetrics               []map[string]json.RawMessage
	ScaledTo                     *int32
	RescaleReason, Metric, Error string
	Proposal                     *int32
	Replicas, Limit              int32
	Reason                       string
	HistoryLength                int
	History                      []int32
	ChangeInLast60s              int32
	Events                       []upstreamChange
	Utilization                  int32
	RawAverageMilli, UsageMilli  int64
	ReadyPodCount                int64
	Unready, Missing, Ignored    []string
	Ratio                        float64
}

type upstreamChange struct {
	Replicas, Change int32
	Ago              float64
	Outdated         bool
}

type upstreamRules struct {
	StabilizationWindowSeconds *int32
	SelectPolicy               string
	Policies                   []struct {
		Type                 string
		Value, PeriodSeconds int32
	}
	Tolerance string
}

type upstreamPod struct {
	Name, Phase        string
	Deleted            bool
	Ready              string
	ReadyTransitionAgo float64
	StartAgo           *float64
	Labels             map[string]string
	RequestsMilli      map[string]map[string]int64
}

type upstreamSample struct {
	Milli       int64
	Ago, Window float64
}

type upstreamCall struct {
	Kind, Name, Err string
	Values          []int64
	Pods            map[string]upstreamSample
}

// now is the decision instant of every recorded case; its times are given as
// seconds ago.
const upstreamNow = 100 * 365 * 24 * time.Hour

func ago(seconds float64) time.Duration {
	return upstreamNow - time.Duration(seconds*float64(time.Second))
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

func readUpstream(t *testing.T) []upstreamCase {
	t.Helper()
	f, err := os.Open("testdata/upstream.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	var cases []upstreamCase
	for n := 0; lines.Scan(); n++ {
		if n == 0 {
			continue
		}
		var c upstreamCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatalf("line %d: %v", n+1, err)
		}
		cases = append(cases, c)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return cases
}

func TestUpstreamCases(t *testing.T) {
	runners := []struct {
		kind  string
		cases int
		run   func(*testing.T, *upstreamCase)
		// why says why the kind cannot be expressed here.
		why string
	}{
		{kind: "reconcile", cases: 107, run: runReconcile},
		{kind: "legacyLimits", cases: 5, run: runLegacyLimits},
		{kind: "legacyStabilization", cases: 5, run: runLegacyStabilization},
		{kind: "behaviorRate", cases: 40, run: runBehaviorRate},
		{kind: "storeScaleEvent", cases: 8, run: runStoreScaleEvent},
		{kind: "behaviorStabilization", cases: 11, run: runBehaviorStabilization},
		{kind: "resourceReplicas", cases: 47, run: runResourceReplicas},
		{kind: "externalPerPodReplicas", cases: 6, run: runLevel(SourceExternal, TargetAverageValue)},
		{kind: "podMetricReplicas", cases: 8, run: runLevel(SourcePods, TargetAverageValue)},
		{kind: "objectReplicas", cases: 6, run: runLevel(SourceObject, TargetValue)},
		{kind: "objectPerPodReplicas", cases: 4, run: runLevel(SourceObject, TargetAverageValue)},
		{kind: "externalReplicas", cases: 5, run: runLevel(SourceExternal, TargetValue)},
		{kind: "groupPods", cases: 14, run: runGroupPods},
		{kind: "podRequests", cases: 10, why: "requests reach the step summed per pod; whoever reads the manifests sums them"},
		{kind: "scaleUpLimit", cases: 1, run: runScaleUpLimit},
		{kind: "scaleDownLimit", cases: 1, run: runScaleDownLimit},
		{kind: "utilizationRatio", cases: 4, run: runUtilizationRatio},
		{kind: "usageRatio", cases: 1, run: runUsageRatio},
	}
	cases := readUpstream(t)
	ran := 0
	for _, r := range runners {
		n := 0
		for i := range cases {
			if c := &cases[i]; c.Kind == r.kind {
				n++
				t.Run(c.ID, func(t *testing.T) {
					if r.run == nil {
						t.Skip(r.why)
					}
					r.run(t, c)
				})
			}
		}
		if n != r.cases {
			t.Errorf("%d cases of kind %s, want %d", n, r.kind, r.cases)
		}
		ran += n
	}
	if ran != len(cases) {
		t.Errorf("%d cases belong to a kind, of %d", ran, len(cases))
	}
}

// upstreamController is the controller of a recorded case.
func upstreamController(in *upstreamInput) Controller {
	c := DefaultController()
	c.CPUInitializationPeriod = seconds(in.CPUInitializationPeriod)
	c.InitialReadinessDelay = seconds(in.InitialReadinessDelay)
	c.DownscaleStabilization = seconds(in.DownscaleStabilization)
	c.Tolerance = in.Tolerance
	c.Profile.ScaleToZero = in.Gates["HPAScaleToZero"]
	c.Profile.ConfigurableTolerance = in.Gates["HPAConfigurableTolerance"]
	if in.ScaleUpLimitFactor != 0 {
		c.Profile.scaleUpFactor = in.ScaleUpLimitFactor
	}
	return c
}

// groupsOf makes every pod a group of its own.
func groupsOf(pods []upstreamPod) []Group {
	phases := map[string]Phase{"Pending": PhasePending, "Failed": PhaseFailed, "Succeeded": PhaseSucceeded}
	readiness := map[string]Readiness{"True": ReadyTrue, "False": ReadyFalse, "Unknown": ReadyUnknown, "": ReadyAbsent}
	var groups []Group
	for _, p := range pods {
		g := Group{
			Pods: 1, Phase: phases[p.Phase], Terminating: p.Deleted,
			Ready: readiness[p.Ready], Transition: ago(p.ReadyTransitionAgo),
		}
		if p.StartAgo != nil {
			g.Started, g.Start = true, ago(*p.StartAgo)
		}
		groups = append(groups, g)
	}
	return groups
}

// requestOf sums a pod's requests as upstream does.
func requestOf(p *upstreamPod, resource, container string) (request int64, problem string) {
	names := make([]string, 0, len(p.RequestsMilli))
	for name := range p.RequestsMilli {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if container != "" && name != container {
			continue
		}
		r, ok := p.RequestsMilli[name][resource]
		if !ok {
			return 0, fmt.Sprintf("missing request for %s in container %s of Pod %s", resource, name, p.Name)
		}
		request += r
	}
	return request, ""
}

// samplesOf puts a metric's values beside the pods; values of pods that are
// not there become groups of their own.
func samplesOf(groups []Group, pods []upstreamPod, values map[string]upstreamSample, resource, container string) ([]Group, []Sample) {
	samples := make([]Sample, len(groups))
	left := map[string]bool{}
	for name := range values {
		left[name] = true
	}
	for i := range pods {
		samples[i].Request, samples[i].NoRequest = requestOf(&pods[i], resource, container)
		if v, ok := values[pods[i].Name]; ok {
			samples[i].Pods, samples[i].Sum = 1, v.Milli
			samples[i].Timestamp, samples[i].Window = ago(v.Ago), seconds(v.Window)
			delete(left, pods[i].Name)
		}
	}
	for name := range left {
		groups = append(groups, Group{Pods: 1, Unlisted: true})
		samples = append(samples, Sample{Pods: 1, Sum: values[name].Milli})
	}
	return groups, samples
}

func rulesOf(r *upstreamRules, fallback Rules) Rules {
	if r == nil {
		return fallback
	}
	rules := Rules{Select: map[string]SelectPolicy{"Min": SelectMin, "Disabled": SelectDisabled}[r.SelectPolicy]}
	rules.Stabilization = fallback.Stabilization
	if r.StabilizationWindowSeconds != nil {
		rules.Stabilization = time.Duration(*r.StabilizationWindowSeconds) * time.Second
	}
	for _, p := range r.Policies {
		policy := Policy{Value: p.Value, Period: time.Duration(p.PeriodSeconds) * time.Second}
		if p.Type == "Percent" {
			policy.Type = PolicyPercent
		}
		rules.Policies = append(rules.Policies, policy)
	}
	return rules
}

func defaultUp() Rules {
	return Rules{Policies: []Policy{
		{Type: PolicyPods, Value: 4, Period: 15 * time.Second},
		{Type: PolicyPercent, Value: 100, Period: 15 * time.Second},
	}}
}

func defaultDown() Rules {
	return Rules{
		Stabilization: 5 * time.Minute,
		Policies:      []Policy{{Type: PolicyPercent, Value: 100, Period: 15 * time.Second}},
	}
}

// stateOf is the controller's memory of a recorded case.
func stateOf(in *upstreamInput) *State {
	st := NewState(4, 16)
	for _, r := range in.Recommendations {
		st.recommendations = append(st.recommendations, recommendation{r.Replicas, ago(r.Ago)})
	}
	for _, e := range in.ScaleUpEvents {
		st.ups = append(st.ups, scaleEvent{e.Change, e.Outdated, ago(e.Ago)})
	}
	for _, e := range in.ScaleDownEvents {
		st.downs = append(st.downs, scaleEvent{e.Change, e.Outdated, ago(e.Ago)})
	}
	return st
}

func check[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}

// apiText turns the texts that upstream's metrics client wraps back into what
// the API said.
func apiText(err string) string {
	for _, api := range []string{"resource", "custom", "external"} {
		if text, ok := strings.CutPrefix(err, "unable to fetch metrics from "+api+" metrics API: "); ok {
			return text
		}
	}
	return ""
}
