package gen

import (
	"fmt"
)

// Advise returns what is unwise in a valid spec, though it can be meant.
func (s *ElasticService) Advise() []Problem {
	var p problems
	scaling := &s.Spec.Scaling
	for i := range s.Spec.Dependencies {
		p.surge(fmt.Sprintf("spec.dependencies[%d]", i), &s.Spec.Dependencies[i], *scaling.Max)
	}
	switch *scaling.Min {
	case *scaling.Max:
		p.add(scalingPath+".max", "raise max", "min and max are both %d: the service never scales", *scaling.Max)
	case 0:
		if scaling.MetricsVia != ViaKEDA {
			p.add(scalingPath+".min", "metricsVia: keda scales to zero on any cluster", "an HPA scales to zero only since Kubernetes 1.37, before that behind the gate HPAScaleToZero")
		}
	case 1:
		p.add(scalingPath+".min", "set it to 2 or more, unless an outage is acceptable", "with one pod, every restart and every drained node is an outage")
	}
	for i, m := range scaling.Metrics {
		path := fmt.Sprintf("%s.metrics[%d]", scalingPath, i)
		switch {
		case m.Memory != nil:
			p.add(path+".memory", "prefer cpu or rps; GOMEMLIMIT bounds the heap", "a garbage-collected service rarely gives memory back, so that it grows and does not shrink")
		case m.RPS != nil && scaling.MetricsVia == ViaAdapter:
			p.add(path+".rps", "see --adapter-rules", "the metric %s must be served by prometheus-adapter", m.RPS.MetricName())
		}
	}
	return p
}

// surge warns where a rollout, which adds pods before it removes others, opens
// more connections than fit.
func (p *problems) surge(path string, d *Dependency, maxReplicas int32) {
	free := int64(d.MaxConnections) - int64(d.Reserved)
	pods := int64(maxReplicas) + int64(surge(maxReplicas))
	if want := int64(d.PoolSize) * pods; want > free {
		p.add(path+".poolSize", fmt.Sprintf("set it to %d or less to be safe", free/pods),
			"a rollout at max runs up to %d pods, which want %d connections of %s; %d are free", pods, want, d.Name, free)
	}
}
