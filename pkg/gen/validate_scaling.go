package gen

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

const scalingPath = "spec.scaling"

func (p *problems) scaling(s *ElasticService) {
	scaling := &s.Spec.Scaling
	for i := range scaling.Metrics {
		p.metric(fmt.Sprintf("%s.metrics[%d]", scalingPath, i), &scaling.Metrics[i], s)
	}
	p.metricNamesDiffer(scaling)
	p.bounds(scaling)
	p.via(s)
	p.highLoad(scaling)
	p.behavior(scalingPath+".behavior", scaling.Behavior)
	p.tolerance(scaling.Tolerance)
}

func (p *problems) bounds(s *Scaling) {
	lowest, highest := *s.Min, *s.Max
	if lowest < 0 {
		p.add(scalingPath+".min", "write 0 or more", "min is %d", lowest)
	}
	if highest < 1 {
		p.add(scalingPath+".max", "write 1 or more", "max is %d", highest)
	} else if highest < lowest {
		p.add(scalingPath+".max", fmt.Sprintf("set max to %d or more, or lower min", lowest), "max (%d) is below min (%d)", highest, lowest)
	}
	if lowest == 0 && !s.leavesZero() {
		p.add(scalingPath+".min", "add a metric that exists without pods (an External or Object metric, or a query with metricsVia: keda), or set min to 1",
			"with min 0 nothing is left that could ask for the first pod")
	}
}

// leavesZero says whether some metric can be read while no pod runs. The API
// server asks for an Object or External metric; KEDA for a trigger that is not
// a resource. A rate of the service's own counter is neither.
func (s *Scaling) leavesZero() bool {
	for _, m := range s.Metrics {
		if m.Query != nil || m.Type == autoscalingv2.ObjectMetricSourceType || m.Type == autoscalingv2.ExternalMetricSourceType {
			return true
		}
	}
	return false
}

func (p *problems) metric(path string, m *Metric, s *ElasticService) {
	forms := m.forms()
	switch {
	case len(forms) == 0:
		p.add(path, "write cpu, memory, rps, query, or a type of autoscaling/v2", "the metric is empty")
	case len(forms) > 1:
		p.add(path, "put each into an entry of its own, with a dash before it", "one metric is written in %d forms: %s", len(forms), strings.Join(forms, ", "))
	case m.CPU != nil:
		p.resourceTarget(path+".cpu", corev1.ResourceCPU, *m.CPU, s)
	case m.Memory != nil:
		p.resourceTarget(path+".memory", corev1.ResourceMemory, *m.Memory, s)
	case m.RPS != nil:
		p.rate(path+".rps", m.RPS, s.Spec.Monitoring.Interval)
	case m.Query != nil:
		p.query(path+".query", m.Query)
	default:
		p.metricSpec(path, m.upstream())
	}
}

// resourceTarget checks a short form: a percentage of the request or an amount
// with a unit. A bare number is refused, because 60 would be sixty cores.
func (p *problems) resourceTarget(path string, name corev1.ResourceName, target Scalar, s *ElasticService) {
	example := map[corev1.ResourceName]string{corev1.ResourceCPU: "300m", corev1.ResourceMemory: "200Mi"}[name]
	hint := fmt.Sprintf(`write a share of the request ("60%%") or an amount per pod (%s)`, example)
	percent, err := target.percent()
	switch {
	case err == nil && (percent < 1 || percent > math.MaxInt32 || percent != math.Trunc(percent)):
		p.add(path, "write a whole percentage from 1%", "%s is not a target utilisation", target)
	case err == nil:
		p.reachable(path, name, percent, s)
	case !errors.Is(err, errNoPercent):
		p.add(path, hint, "%q is not a target", string(target))
	case target == "" || strings.Trim(string(target), "0123456789.-+") == "":
		p.add(path, fmt.Sprintf(`write "%s" or an amount such as %s`, target.asPercent(), example), "the target %q has no unit", string(target))
	default:
		p.amount(path, target, hint)
	}
}

// asPercent is what somebody meant who left the percent sign out: 60, or 0.6.
func (s Scalar) asPercent() string {
	v, err := strconv.ParseFloat(string(s), 64)
	switch {
	case err != nil || v <= 0 || v > 1000:
		return "60%"
	case v < 1:
		v *= 100
	}
	return strconv.FormatFloat(math.Round(v), 'f', -1, 64) + "%"
}

// reachable refuses a target that use cannot exceed: with a limit at, say, the
// request, use never passes 100 %, and nothing happens below target plus
// tolerance.
func (p *problems) reachable(path string, name corev1.ResourceName, percent float64, s *ElasticService) {
	limit, ok := s.Spec.Resources.Limits[name]
	request := s.Spec.Resources.Requests[name]
	if !ok || request.Sign() <= 0 {
		return
	}
	most := 100 * limit.AsApproximateFloat64() / request.AsApproximateFloat64()
	line := percent * (1 + s.Spec.Scaling.upTolerance())
	if most <= line {
		p.add(path, fmt.Sprintf("set a target below %d%%, or raise the limit", int(math.Ceil(most/(1+s.Spec.Scaling.upTolerance())))),
			"the service never grows: the %s limit lets a pod use at most %.4g%% of its request, and it grows above %.4g%%", name, most, line)
	}
}

// upTolerance is the tolerance above the target: the spec's, else the
// controller's default.
func (s *Scaling) upTolerance() float64 {
	if b := s.Behavior; b != nil && b.ScaleUp != nil && b.ScaleUp.Tolerance != nil {
		return b.ScaleUp.Tolerance.AsApproximateFloat64()
	}
	if s.Tolerance != nil {
		if q, err := s.Tolerance.ratio(); err == nil && q.Cmp(resource.MustParse("1")) < 0 {
			return q.AsApproximateFloat64()
		}
	}
	return 0.1
}

// amount checks a positive quantity.
func (p *problems) amount(path string, s Scalar, hint string) {
	q, err := s.quantity()
	switch {
	case err != nil:
		p.add(path, hint, "%q is not a quantity", string(s))
	case q.Sign() <= 0:
		p.add(path, "write a positive number", "%s is not a target", string(s))
	case q.Cmp(resource.MustParse("1P")) > 0:
		p.add(path, "write a smaller number", "%s is beyond what the controller can count", string(s))
	}
}

func (p *problems) rate(path string, r *Rate, interval *Duration) {
	p.perSecond(path+".target", r.Target)
	p.metricName(path+".counter", r.Counter)
	if r.Name != "" {
		p.metricName(path+".name", r.Name)
	}
	if r.MetricName() == r.Counter {
		p.add(path+".name", "leave it out, or name the rate differently", "the rate has the name of its counter, which only grows")
	}
	switch {
	case *r.Window > maxDuration:
		p.add(path+".window", "1m or 2m is usual", "%s is too long", *r.Window)
	case *r.Window < 2**interval:
		p.add(path+".window", fmt.Sprintf("write %s, four scrapes, or leave it out", 4**interval),
			"a rate over %s holds less than two scrapes (one every %s), so it is mostly empty", *r.Window, *interval)
	}
}

// perSecond checks the target of a rate. People write its unit, as in 100r/s.
func (p *problems) perSecond(path string, target Scalar) {
	hint := "write a plain number; it means per second and per pod"
	if number := strings.TrimRight(string(target), "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ/% "); number != "" && number != string(target) {
		if _, err := Scalar(number).quantity(); err == nil {
			hint = "write " + number + "; it means per second and per pod"
		}
	}
	p.amount(path, target, hint)
}

func (p *problems) query(path string, q *Query) {
	p.metricName(path+".name", q.Name)
	if strings.TrimSpace(q.PromQL) == "" {
		p.add(path+".promql", "write a query that gives one number, such as sum(queue_length)", "the query is empty")
	}
	p.amount(path+".target", q.Target, "write how much of it one pod should have: 30")
}

// metricNamesDiffer refuses two metrics under one name, which would be one
// metric with two targets.
func (p *problems) metricNamesDiffer(s *Scaling) {
	seen := map[string]string{}
	for i, m := range s.Metrics {
		var name, path string
		switch {
		case m.RPS != nil:
			name, path = m.RPS.MetricName(), "rps.name"
		case m.Query != nil:
			name, path = m.Query.Name, "query.name"
		default:
			continue
		}
		path = fmt.Sprintf("%s.metrics[%d].%s", scalingPath, i, path)
		if other := seen[name]; other != "" {
			p.add(path, "give one of them another name", "the name %s is taken by %s", name, other)
		}
		seen[name] = path
	}
	if h := s.HighLoad; h != nil && seen[h.Gauge] != "" {
		p.add(scalingPath+".highLoad.gauge", "give one of them another name", "the name %s is taken by %s", h.Gauge, seen[h.Gauge])
	}
}

// via checks that whoever serves the metrics can.
func (p *problems) via(s *ElasticService) {
	scaling := &s.Spec.Scaling
	switch scaling.MetricsVia {
	case ViaKEDA:
		p.keda(s)
		return
	case ViaAdapter, ViaNone:
	default:
		p.add(scalingPath+".metricsVia", "write adapter, keda or none", "%q is not a way to serve metrics", string(scaling.MetricsVia))
	}
	if scaling.KEDA != nil {
		p.add(scalingPath+".keda", "set metricsVia: keda, or remove it", "it has no effect with metricsVia: %s", scaling.MetricsVia)
	}
	for i, m := range scaling.Metrics {
		if m.Query != nil && scaling.MetricsVia == ViaAdapter {
			p.add(fmt.Sprintf("%s.metrics[%d].query", scalingPath, i), "set metricsVia: keda; or none, if somebody serves it as the external metric "+m.Query.Name,
				"no adapter rule can be made from a query")
		}
	}
}

func (p *problems) keda(s *ElasticService) {
	scaling := &s.Spec.Scaling
	for i := range scaling.Metrics {
		p.kedaMetric(fmt.Sprintf("%s.metrics[%d]", scalingPath, i), &scaling.Metrics[i])
	}
	if scaling.asksPrometheus() {
		p.kedaPrometheus(s)
	}
	if k := scaling.KEDA; k != nil {
		for _, d := range []struct {
			name  string
			value *Duration
		}{{"pollingInterval", k.PollingInterval}, {"cooldownPeriod", k.CooldownPeriod}} {
			if d.value == nil {
				continue
			}
			p.atLeastASecond(scalingPath+".keda."+d.name, *d.value)
			if *scaling.Min > 0 {
				p.add(scalingPath+".keda."+d.name, "remove it: the HPA's own cadence and behavior apply", "it has no effect with min %d", *scaling.Min)
			}
		}
	}
}

// kedaMetric refuses what a ScaledObject cannot say.
func (p *problems) kedaMetric(path string, m *Metric) {
	switch {
	case m.Type == "":
	case m.Type == autoscalingv2.ResourceMetricSourceType && m.Resource != nil:
		p.kedaResource(path+".resource.name", m.Resource.Name)
	case m.Type == autoscalingv2.ContainerResourceMetricSourceType && m.ContainerResource != nil:
		p.kedaResource(path+".containerResource.name", m.ContainerResource.Name)
	default:
		p.add(path+".type", "write it as a query, or set metricsVia to adapter or none", "KEDA has no trigger for a metric of type %s", m.Type)
	}
}

func (p *problems) kedaResource(path string, name corev1.ResourceName) {
	if name != corev1.ResourceCPU && name != corev1.ResourceMemory {
		p.add(path, "write cpu or memory", "KEDA has no trigger for the resource %q", name)
	}
}

func (p *problems) kedaPrometheus(s *ElasticService) {
	address := ""
	if k := s.Spec.Scaling.KEDA; k != nil {
		address = k.ServerAddress
	}
	u, err := url.Parse(address)
	if address == "" {
		p.add(scalingPath+".keda.serverAddress", "write the URL of your Prometheus, such as http://prometheus-operated.monitoring.svc:9090", "KEDA must know where Prometheus is")
	} else if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		p.add(scalingPath+".keda.serverAddress", "write http:// or https:// and a host", "%q is not a URL", address)
	}
	p.needsNamespace(s, "KEDA's queries")
}

// needsNamespace is for queries, which would otherwise add up namesakes in
// other namespaces.
func (p *problems) needsNamespace(s *ElasticService, what string) {
	told := slices.ContainsFunc(*p, func(one Problem) bool { return one.Path == "metadata.namespace" })
	if s.Metadata.Namespace == "" && !told {
		p.add("metadata.namespace", "write the namespace, or give it with -n", "%s select the service by its namespace", what)
	}
}

func (p *problems) highLoad(s *Scaling) {
	h := s.HighLoad
	if h == nil {
		return
	}
	p.metricName(scalingPath+".highLoad.gauge", h.Gauge)
	p.envName(scalingPath+".highLoad.env", h.Env)
	if h.Latency <= 0 || h.Latency > maxDuration {
		p.add(scalingPath+".highLoad.latency", `write the latency that means trouble, such as "250ms"`, "%s is not a threshold", h.Latency)
	}
}

func (p *problems) tolerance(t *Scalar) {
	if t == nil {
		return
	}
	q, err := t.ratio()
	if err != nil || q.Sign() < 0 || q.Cmp(resource.MustParse("1")) >= 0 {
		p.add(scalingPath+".tolerance", `write a share such as "5%" or 0.05`, "%q is not a tolerance from 0 to below 1", string(*t))
	}
}
