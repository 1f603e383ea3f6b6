package gen

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
)

// A burn is how fast an error budget is spent, watched over two windows: the
// long one says that it matters, the short one that it is still going on.
type burn struct {
	severity    string
	factor      float64
	long, short string
	hold        time.Duration
}

// burns are the usual two: 2 % of a 30-day budget within an hour wakes
// somebody, 5 % within six hours opens a ticket.
func burns() []burn {
	return []burn{
		{severity: "critical", factor: 14.4, long: "1h", short: "5m", hold: 2 * time.Minute},
		{severity: "warning", factor: 6, long: "6h", short: "30m", hold: 15 * time.Minute},
	}
}

// prometheusRule holds the service's alerts: on its objectives, and on the
// high-load signal. Nil where there is nothing to alert on.
func (s *ElasticService) prometheusRule() *monitoringv1.PrometheusRule {
	var rules []monitoringv1.Rule
	if slo := s.Spec.SLO; slo != nil {
		rules = append(rules, s.objectiveRules(slo)...)
		rules = append(rules, s.concurrencyRules()...)
		rules = append(rules, s.limitRule())
	}
	if h := s.Spec.Scaling.HighLoad; h != nil {
		expr := "avg(max(" + h.Gauge + s.matchers() + ") by (pod)) > 0.5"
		rules = append(rules, s.alert("HighLoad", "warning", expr, time.Minute,
			"More than half of the pods find themselves slower than "+h.Latency.String()+"."))
	}
	if len(rules) == 0 {
		return nil
	}
	return &monitoringv1.PrometheusRule{
		TypeMeta:   typeMeta("monitoring.coreos.com/v1", "PrometheusRule"),
		ObjectMeta: s.monitorMeta(),
		Spec:       monitoringv1.PrometheusRuleSpec{Groups: []monitoringv1.RuleGroup{{Name: s.Metadata.Name, Rules: rules}}},
	}
}

// objectiveRules leave out a burn that a ratio cannot reach: a budget of a tenth
// is not spent 14.4 times as fast as planned.
func (s *ElasticService) objectiveRules(slo *SLO) []monitoringv1.Rule {
	var rules []monitoringv1.Rule
	for _, b := range burns() {
		if a := slo.Availability; a != nil && b.factor*budget(*a) < 1 {
			rules = append(rules, s.alert("ErrorBudgetBurn", b.severity, b.expr(s.errorRatio, budget(*a)), b.hold,
				"Too many requests end in a 5xx status for the objective of "+string(*a)+"."))
		}
		if l := slo.Latency; l != nil && b.factor*budget(l.Ratio) < 1 {
			slow := func(window string) string { return s.slowRatio(l.Within, window) }
			rules = append(rules, s.alert("LatencyBudgetBurn", b.severity, b.expr(slow, budget(l.Ratio)), b.hold,
				"Too many requests are answered later than "+l.Within.String()+" for the objective of "+string(l.Ratio)+"."))
		}
	}
	return rules
}

// budget is the share of requests that may fail.
func budget(objective Scalar) float64 {
	percent, _ := objective.percent()
	return 1 - percent/100
}

// expr is true while the ratio exceeds factor times the budget over both
// windows.
func (b burn) expr(ratio func(window string) string, budget float64) string {
	limit := strconv.FormatFloat(b.factor*budget, 'g', 6, 64)
	return ratio(b.long) + " > " + limit + "\nand\n" + ratio(b.short) + " > " + limit
}

// errorRatio is the share of answers with a 5xx status. It is as good as the
// status label, which must be the status that was sent.
func (s *ElasticService) errorRatio(window string) string {
	m := s.Spec.Monitoring
	return "sum(rate(" + m.Requests + s.matchers(m.Status+`=~"5.."`) + "[" + window + "]))" +
		" / sum(rate(" + m.Requests + s.matchers() + "[" + window + "]))"
}

// slowRatio is the share of answers that took longer than a bucket's bound.
func (s *ElasticService) slowRatio(within Duration, window string) string {
	m := s.Spec.Monitoring
	return "1 - sum(rate(" + m.Durations + "_bucket" + s.matchers(bucket(within)) + "[" + window + "]))" +
		" / sum(rate(" + m.Durations + "_count" + s.matchers() + "[" + window + "]))"
}

// bucket matches a bucket's bound in seconds. A whole number is "1" or "1.0",
// depending on Prometheus's version.
func bucket(within Duration) string {
	le := strconv.FormatFloat(time.Duration(within).Seconds(), 'g', -1, 64)
	if strings.Contains(le, ".") {
		return `le="` + le + `"`
	}
	return `le=~"` + le + `(\\.0)?"`
}

// concurrencyRules warn while pods work at their limit: what comes on top waits
// or is shed, which no CPU metric shows.
func (s *ElasticService) concurrencyRules() []monitoringv1.Rule {
	c := s.Spec.Concurrency
	if c == nil {
		return nil
	}
	limit := strconv.FormatFloat(0.9*float64(c.Limit), 'g', 6, 64)
	expr := "avg(sum(" + s.Spec.Monitoring.InFlight + s.matchers() + ") by (pod)) > " + limit
	return []monitoringv1.Rule{s.alert("AtConcurrencyLimit", "warning", expr, 5*time.Minute,
		fmt.Sprintf("The pods work on nearly as many requests as they may (%d each); what comes on top waits or is shed.", c.Limit))}
}

// limitRule warns while the autoscaler would go above its maximum. The HPA's
// own condition says so; to be at the maximum is no fault in itself.
func (s *ElasticService) limitRule() monitoringv1.Rule {
	hpa := s.Metadata.Name
	if s.Spec.Scaling.MetricsVia == ViaKEDA {
		hpa = "keda-hpa-" + hpa
	}
	labels := `{namespace="` + s.Metadata.Namespace + `",horizontalpodautoscaler="` + hpa + `"`
	expr := "kube_horizontalpodautoscaler_status_condition" + labels + `,condition="ScalingLimited",status="true"} == 1` +
		"\nand on (namespace, horizontalpodautoscaler)\n" +
		"kube_horizontalpodautoscaler_status_desired_replicas" + labels + "} >= kube_horizontalpodautoscaler_spec_max_replicas" + labels + "}"
	return s.alert("AtMaxReplicas", "warning", expr, 15*time.Minute, "The service needs more pods than its maximum allows.")
}

// alert carries the service's name in a label.
func (s *ElasticService) alert(name, severity, expr string, hold time.Duration, summary string) monitoringv1.Rule {
	pending := monitoringv1.Duration(Duration(hold).promQL())
	return monitoringv1.Rule{
		Alert:       name,
		Expr:        fromString(expr),
		For:         &pending,
		Labels:      map[string]string{"severity": severity, "service": s.Metadata.Name},
		Annotations: map[string]string{"summary": summary},
	}
}

func (p *problems) slo(s *ElasticService) {
	if s.Spec.SLO == nil && s.Spec.Scaling.HighLoad == nil {
		return
	}
	p.needsNamespace(s, "alerts")
	slo := s.Spec.SLO
	if slo == nil {
		return
	}
	if slo.Availability == nil && slo.Latency == nil {
		p.add("spec.slo", "write availability, latency or both", "the service promises nothing")
	}
	if a := slo.Availability; a != nil {
		p.objective("spec.slo.availability", *a)
	}
	if l := slo.Latency; l != nil {
		p.objective("spec.slo.latency.ratio", l.Ratio)
		if l.Within < Duration(time.Millisecond) || l.Within > maxDuration {
			p.add("spec.slo.latency.within", `write a bound of the histogram, such as "250ms"`, "%s is not a latency to promise", l.Within)
		}
	}
}

func (p *problems) objective(path string, o Scalar) {
	percent, err := o.percent()
	if err != nil || percent <= 0 || percent >= 100 {
		p.add(path, `write a percentage below 100%, such as "99.9%"`, "%q is not an objective", string(o))
	}
}
