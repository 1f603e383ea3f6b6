package lint

import (
	"regexp"

	"github.com/elasticctl/elasticctl/internal/yamlpos"
	"github.com/elasticctl/elasticctl/pkg/gen"
)

// moveMetricType has --fix write metadata.type as metricType, unless that says
// something else.
func (f *found) moveMetricType(t *gen.ScaledObjectTrigger, path string) {
	kind := t.Metadata["type"]
	switch {
	case kind != "Utilization" && kind != "AverageValue":
	case t.MetricType == "":
		f.remove().mend(yamlpos.Edit{Place: yamlpos.Place{Path: path + ".metricType"}, Value: kind, Style: yamlpos.Text})
	case string(t.MetricType) == kind:
		f.remove()
	}
}

// bareNumber is a number without the unit that it has: of a rate per second or, of
// a share, of per cent; "" where it has none of these.
func bareNumber(s string, share bool) string {
	units := regexp.MustCompile(`^\s*([0-9]+(?:\.[0-9]+)?)\s*(?:r/s|req/s|/s|rps|qps|tps)?\s*$`)
	if share {
		units = regexp.MustCompile(`^\s*([0-9]+)\s*%?\s*$`)
	}
	if m := units.FindStringSubmatch(s); m != nil {
		return m[1]
	}
	return ""
}
