package lint

import (
	"fmt"
	"regexp"
	"strings"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/elasticctl/elasticctl/internal/manifest"
)

// hpaQuantity are about quantities that are valid, and hardly meant.
var hpaQuantity = []Rule{
	{
		ID: "hpa-quantity-suspicious", Severity: Warning, Tier: Recommended,
		What: "a target's quantity is valid and hardly what was meant: 100m is 0.1",
		Why: "The suffix m is a thousandth and M a million. A target that is a thousand times too low asks for the maximum at once, " +
			"one that is too high never adds a pod; a value of 9.2P or more overflows.",
		How: "averageValue and value of each metric: cpu above 1000 cores a pod, memory below 1 MiB a pod, anything too large for the controller's thousandths or finer than one, " +
			"and a suffix m below 1 on a custom metric, unless its name speaks of a share or a time (ratio, utilization, usage, percent, load, seconds, latency, duration, …).",
		Sources: []string{
			"https://github.com/kubernetes-sigs/prometheus-adapter/issues/27",
			"https://github.com/kedacore/keda/issues/1611",
			"https://github.com/kubernetes/kubernetes/blob/v1.37.2/staging/src/k8s.io/apimachinery/pkg/api/resource/quantity.go",
		},
		check: hpaQuantitySuspicious,
	},
}

func hpaQuantitySuspicious(c *checker) {
	for _, s := range c.hpas {
		for i := range s.written.V2.Spec.Metrics {
			m := &s.written.V2.Spec.Metrics[i]
			t := manifest.TargetOf(m)
			if t == nil {
				continue
			}
			path := sourcePath(m, i) + ".target."
			c.quantity(s, m, t.Value, path+"value")
			c.quantity(s, m, t.AverageValue, path+"averageValue")
		}
	}
}

// quantity reports a quantity that is hardly meant.
func (c *checker) quantity(s *scaler, m *autoscalingv2.MetricSpec, q *resource.Quantity, path string) {
	if q == nil || q.Sign() <= 0 {
		return
	}
	name, _ := resourceOf(m)
	written := q.String()
	if text, ok := s.Doc.Text(path); ok {
		written = text
	}
	switch plain := q.AsApproximateFloat64(); {
	case plain > 9.2e15:
		c.at(s, path, fmt.Sprintf("%s is too large: the controller counts in thousandths and overflows at 9.2P", written), "write the value in a larger unit")
	case q.Cmp(*resource.NewMilliQuantity(q.MilliValue(), resource.DecimalSI)) != 0:
		c.at(s, path, fmt.Sprintf("%s is finer than a thousandth: the controller takes it for %dm", written, q.MilliValue()), "scale the metric up, and the target with it")
	case name != nil && *name == corev1.ResourceCPU && plain > 1000:
		c.at(s, path, fmt.Sprintf("%s is %.0f cores for each pod", written, plain), fmt.Sprintf("did you mean %sm?", trimSuffix(written)))
	case name != nil && *name == corev1.ResourceMemory && plain < 1<<20:
		c.at(s, path, fmt.Sprintf("%s is %g bytes for each pod", written, plain), fmt.Sprintf("did you mean %sMi?", trimSuffix(written)))
	case name == nil && plain < 1 && milliSuffix.MatchString(written) && !shareName.MatchString(metricName(m)):
		c.at(s, path, fmt.Sprintf("%s is %g: the suffix m is a thousandth", written, plain), fmt.Sprintf("write %s, if that is what was meant", trimSuffix(written)))
	}
}

var (
	milliSuffix = regexp.MustCompile(`^\d+m$`)
	// shareName is of metrics whose targets are below 1 by nature.
	shareName = regexp.MustCompile(`(?i)ratio|utili[sz]ation|usage|percent|fraction|share|saturation|busy|load|second|latency|duration|delay|lag|wait|age|time|cpu|core`)
)

// trimSuffix is a quantity's number.
func trimSuffix(text string) string {
	return strings.TrimRight(text, "numkKMGTPEi")
}

// metricName is the name of a custom metric.
func metricName(m *autoscalingv2.MetricSpec) string {
	switch {
	case m.Pods != nil:
		return m.Pods.Metric.Name
	case m.Object != nil:
		return m.Object.Metric.Name
	case m.External != nil:
		return m.External.Metric.Name
	}
	return ""
}
