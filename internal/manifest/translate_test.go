package manifest

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
	"github.com/google/go-cmp/cmp"
)

const everyMetric = `
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: shop}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  maxReplicas: 9
  metrics:
  - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}
  - {type: Resource, resource: {name: memory, target: {type: AverageValue, averageValue: 1Gi}}}
  - {type: ContainerResource, containerResource: {name: cpu, container: app, target: {type: Utilization, averageUtilization: 70}}}
  - {type: ContainerResource, containerResource: {name: cpu, container: app, target: {type: Utilization, averageValue: 250m}}}
  - {type: Pods, pods: {metric: {name: rps}, target: {type: AverageValue, averageValue: 0.0001}}}
  - type: Object
    object:
      metric: {name: hits, selector: {matchLabels: {b: "2", a: "1"}}}
      describedObject: {apiVersion: networking.k8s.io/v1, kind: Ingress, name: main}
      target: {type: Value, value: 2k, averageValue: 5}
  - type: Object
    object: {metric: {name: hits}, describedObject: {kind: Service, name: web}, target: {type: AverageValue, averageValue: 7500u}}
  - type: Object
    object: {metric: {name: hits}, describedObject: {kind: Service, name: web}, target: {type: Value, averageValue: 1}}
  - {type: External, external: {metric: {name: queue, selector: {matchExpressions: [{key: q, operator: In, values: [u, v]}]}}, target: {type: Value, value: 30}}}
  - {type: External, external: {metric: {name: queue, selector: {matchExpressions: [{key: q, operator: Sometimes}]}}, target: {type: Value, averageValue: 1.5}}}
`

func TestTranslateNamesMetricsAsTheControllerDoes(t *testing.T) {
	spec := Translate(object(t, everyMetric), hpa.DefaultController())
	const ns = "shop"
	hits := `&LabelSelector{MatchLabels:map[string]string{a: 1,b: 2,},MatchExpressions:[]LabelSelectorRequirement{},}`
	in := `&LabelSelector{MatchLabels:map[string]string{},MatchExpressions:[]LabelSelectorRequirement{LabelSelectorRequirement{Key:q,Operator:In,Values:[u v],},},}`
	bad := `&LabelSelector{MatchLabels:map[string]string{},MatchExpressions:[]LabelSelectorRequirement{LabelSelectorRequirement{Key:q,Operator:Sometimes,Values:[],},},}`
	want := []hpa.Metric{
		{
			Source: hpa.SourceResource, Target: hpa.TargetUtilization, Goal: 60, CPU: true, Name: "cpu", Resource: "cpu", Namespace: ns,
			Proposal: "cpu resource utilization (percentage of request)",
		},
		{
			Source: hpa.SourceResource, Target: hpa.TargetAverageValue, Goal: 1 << 30 * 1000, Name: "memory", Resource: "memory", Namespace: ns,
			Proposal: "memory resource",
		},
		{
			Source: hpa.SourceContainerResource, Target: hpa.TargetUtilization, Goal: 70, CPU: true, Name: "app/cpu", Resource: "cpu", Container: "app",
			Namespace: ns, Proposal: "cpu container resource utilization (percentage of request)",
		},
		{
			Source: hpa.SourceContainerResource, Target: hpa.TargetAverageValue, Goal: 250, CPU: true, Name: "app/cpu", Resource: "cpu", Container: "app",
			Namespace: ns, Proposal: "cpu resource",
		},
		{Source: hpa.SourcePods, Target: hpa.TargetAverageValue, Goal: 1, Name: "rps", Namespace: ns, Selector: "nil", Proposal: "pods metric rps"},
		{
			Source: hpa.SourceObject, Target: hpa.TargetValue, Goal: 2_000_000, Name: "hits", Namespace: ns, Object: "Ingress shop/main", Selector: hits,
			Proposal: "Ingress metric hits",
		},
		{
			Source: hpa.SourceObject, Target: hpa.TargetAverageValue, Goal: 8, Name: "hits", Namespace: ns, Object: "Service shop/web", Selector: "nil",
			Proposal: "external metric hits(nil)",
		},
		{Source: hpa.SourceObject, Target: hpa.TargetNone, Name: "hits", Namespace: ns, Object: "Service shop/web", Selector: "nil"},
		{
			Source: hpa.SourceExternal, Target: hpa.TargetValue, Goal: 30_000, Name: "queue", Namespace: ns, Selector: in,
			Proposal: "external metric queue(" + in + ")",
		},
		{
			Source: hpa.SourceExternal, Target: hpa.TargetAverageValue, Goal: 1500, Name: "queue", Namespace: ns, Selector: bad,
			Proposal: "external metric queue(" + bad + ")", BadSelector: `"Sometimes" is not a valid label selector operator`,
		},
	}
	if diff := cmp.Diff(want, spec.Metrics); diff != "" {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
	if spec.Reference != "Deployment/shop/web" || spec.Min != 1 || spec.Max != 9 {
		t.Errorf("%s %d..%d", spec.Reference, spec.Min, spec.Max)
	}
}

const withBehavior = `
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 2
  maxReplicas: 9
  behavior:
    scaleUp: {selectPolicy: Min, tolerance: 0.3, stabilizationWindowSeconds: 60, policies: [{type: Percent, value: 10, periodSeconds: 30}]}
    scaleDown: {selectPolicy: Disabled}
`

func TestTranslateTakesRulesAndFlags(t *testing.T) {
	c := hpa.DefaultController()
	c.DownscaleStabilization = 90*time.Second + 900*time.Millisecond
	spec := Translate(object(t, withBehavior), c)
	up := hpa.Rules{Stabilization: time.Minute, Select: hpa.SelectMin, Policies: []hpa.Policy{{Type: hpa.PolicyPercent, Value: 10, Period: 30 * time.Second}}}
	down := hpa.Rules{
		Stabilization: 90 * time.Second, Select: hpa.SelectDisabled,
		Policies: []hpa.Policy{{Type: hpa.PolicyPercent, Value: 100, Period: 15 * time.Second}},
	}
	if diff := cmp.Diff(up, spec.Up); diff != "" {
		t.Errorf("up (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(down, spec.Down); diff != "" {
		t.Errorf("down (-want +got):\n%s", diff)
	}
	if !spec.HasBehavior || spec.ToleranceUp != 0.3 || spec.ToleranceDown != 0.1 {
		t.Errorf("behavior %v, tolerances %v %v", spec.HasBehavior, spec.ToleranceUp, spec.ToleranceDown)
	}
}

func TestTranslateWithoutBehaviorIsAnotherAlgorithm(t *testing.T) {
	if spec := Translate(object(t, valid), hpa.DefaultController()); spec.HasBehavior || spec.Up.Policies != nil {
		t.Errorf("%+v", spec)
	}
	empty := strings.Replace(valid, "  metrics:\n", "  behavior: {}\n  metrics:\n", 1)
	if spec := Translate(object(t, empty), hpa.DefaultController()); !spec.HasBehavior || len(spec.Up.Policies) != 2 || len(spec.Down.Policies) != 1 {
		t.Errorf("%+v", spec)
	}
}

func TestTranslateHonoursToleranceOnlyWhereTheVersionDoes(t *testing.T) {
	for version, want := range map[string]float64{"1.32": 0.1, "1.34": 0.1, "1.35": 0.3, "1.37": 0.3} {
		c := hpa.DefaultController()
		p, err := hpa.ProfileFor(version, nil)
		if err != nil {
			t.Fatal(err)
		}
		c.Profile = p
		if spec := Translate(object(t, withBehavior), c); spec.ToleranceUp != want {
			t.Errorf("%s: %v, want %v", version, spec.ToleranceUp, want)
		}
	}
}

func TestToleranceIsMantissaTimesPowerOfTenOfTheCanonicalForm(t *testing.T) {
	odd := 0
	for n := int64(1); n < 1000; n++ {
		for _, text := range []string{fmt.Sprintf("%dm", n), fmt.Sprintf("0.%03d", n)} {
			h := object(t, strings.Replace(withBehavior, "tolerance: 0.3", "tolerance: "+text, 1))
			got := Translate(h, hpa.DefaultController()).ToleranceUp
			if want := hpa.Approximate(n, -3); math.Float64bits(got) != math.Float64bits(want) {
				t.Fatalf("%s: %v, want %v", text, got, want)
			}
			if got != float64(n)/1000 {
				odd++
			}
		}
	}
	if odd == 0 {
		t.Error("no value where the two ways differ: the test proves nothing")
	}
}

const webV1 = `apiVersion: autoscaling/v1
kind: HorizontalPodAutoscaler
metadata:
  name: web
  annotations:
    keep: me
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  maxReplicas: 4
  targetCPUUtilizationPercentage: 55
`

func TestV1IsConvertedAsTheAPIServerDoes(t *testing.T) {
	goal := func(data string) []string {
		var list []string
		spec, err := autoscaler(t, data).Resolve(hpa.DefaultController())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range spec.Metrics {
			list = append(list, fmt.Sprintf("%s %d", m.Proposal, m.Goal))
		}
		return list
	}
	const cpu = "cpu resource utilization (percentage of request) "
	if diff := cmp.Diff([]string{cpu + "55"}, goal(webV1)); diff != "" {
		t.Error(diff)
	}
	bare := strings.Replace(webV1, "  targetCPUUtilizationPercentage: 55\n", "", 1)
	if diff := cmp.Diff([]string{cpu + "80"}, goal(bare)); diff != "" {
		t.Error(diff)
	}
	more := strings.Replace(webV1, "keep: me", `autoscaling.alpha.kubernetes.io/metrics: '[
      {"type":"Resource","resource":{"name":"memory","targetAverageValue":"1Mi"}},
      {"type":"ContainerResource","containerResource":{"name":"cpu","container":"app","targetAverageUtilization":40}},
      {"type":"Pods","pods":{"metricName":"rps","targetAverageValue":"7"}},
      {"type":"Object","object":{"target":{"kind":"Service","name":"s"},"metricName":"hits","targetValue":"0","averageValue":"3"}},
      {"type":"Object","object":{"target":{"kind":"Service","name":"s"},"metricName":"hits","targetValue":"2"}},
      {"type":"External","external":{"metricName":"queue","targetValue":"9"}}]'
    autoscaling.alpha.kubernetes.io/behavior: '{"ScaleUp":{"StabilizationWindowSeconds":7,"SelectPolicy":"Min","Policies":[{"Type":"Pods","Value":3,"PeriodSeconds":20}]}}'`, 1)
	want := []string{
		"memory resource 1048576000", "cpu container resource utilization (percentage of request) 40", "pods metric rps 7000",
		"external metric hits(nil) 3000", "Service metric hits 2000", "external metric queue(nil) 9000", cpu + "55",
	}
	if diff := cmp.Diff(want, goal(more)); diff != "" {
		t.Error(diff)
	}
	h := autoscaler(t, more)
	if up := h.V2.Spec.Behavior.ScaleUp; *up.StabilizationWindowSeconds != 7 || up.Policies[0].PeriodSeconds != 20 {
		t.Errorf("behavior %+v", up)
	}
	if len(h.V2.Annotations) != 0 {
		t.Errorf("annotations %v", h.V2.Annotations)
	}
}

func TestV1ProblemsStandWhereTheFileHasThem(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{
			"Percentage: 55", "Percentage: 0",
			"hpa.yaml:10:35: spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0; write a percentage of the request, such as 60",
		},
		{
			"keep: me", "autoscaling.alpha.kubernetes.io/metrics: '['",
			"hpa.yaml:6:46: annotation autoscaling.alpha.kubernetes.io/metrics cannot be read: unexpected end of JSON input; " +
				"remove the annotation, or write the object as autoscaling/v2",
		},
		{
			"keep: me", "autoscaling.alpha.kubernetes.io/metrics: '[{\"type\":\"Pods\"}]'",
			"hpa.yaml:6:46: spec.metrics[0].pods: Required value: must populate information for the given metric source",
		},
		{
			"keep: me", "autoscaling.alpha.kubernetes.io/behavior: '{\"ScaleUp\":{\"Policies\":[]}}'",
			"hpa.yaml:6:47: spec.behavior.scaleUp.policies: Required value: must specify at least one Policy; " +
				"leave policies out for the defaults, or write selectPolicy: Disabled to forbid this direction",
		},
	} {
		if err := verdict(t, strings.Replace(webV1, c.old, c.new, 1)); err == nil || err.Error() != c.want {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
}

func TestResolveRefusesWhatAnOlderVersionDrops(t *testing.T) {
	c := hpa.DefaultController()
	p, err := hpa.ProfileFor("1.26", nil)
	if err != nil {
		t.Fatal(err)
	}
	c.Profile = p
	want := "hpa.yaml:9:11: the API server of Kubernetes 1.26 drops ContainerResource metrics; they need 1.27, or the feature gate HPAContainerMetrics"
	if _, err := autoscaler(t, containerResource).Resolve(c); err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	zero := strings.Replace(everyMetric, "maxReplicas: 9", "maxReplicas: 9\n  minReplicas: 0", 1)
	c.Profile, err = hpa.ProfileFor("1.36", nil)
	if err != nil {
		t.Fatal(err)
	}
	want = "hpa.yaml:8:16: spec.minReplicas: Invalid value: 0: must be greater than or equal to 1; " +
		"write 1; 0 needs the feature gate HPAScaleToZero, on by default from 1.37"
	if _, err := autoscaler(t, zero).Resolve(c); err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestResolveLeavesTheObjectAsWritten(t *testing.T) {
	h := autoscaler(t, withBehavior)
	if _, err := h.Resolve(hpa.DefaultController()); err != nil {
		t.Fatal(err)
	}
	if h.V2.Spec.Metrics != nil || h.V2.Spec.Behavior.ScaleUp.Tolerance.String() != "300m" || h.V2.Spec.Behavior.ScaleDown.Policies != nil {
		t.Errorf("%+v", h.V2.Spec)
	}
}
