package lint_test

import "testing"

func TestRequestsAndLimits(t *testing.T) {
	with := func(resources string) string {
		return run("Deployment", "", "      containers: [{name: app, image: \"x:1\", resources: {"+resources+"}}]")
	}
	initial := run("Deployment", "", "      initContainers: [{name: wait, image: \"x:1\", resources: {requests: {memory: 2Gi}, limits: {memory: 1Gi}}}]\n"+onePod)
	const over, unknown = "wl-request-over-limit", "wl-resource-name-unknown"
	try(t, []lintCase{
		{name: "as much as the limit", rule: over, manifests: []string{with("requests: {cpu: 1}, limits: {cpu: 1000m}")}},
		{name: "without a limit", rule: over, manifests: []string{with("requests: {cpu: 500}")}},
		{name: "a bit more", rule: over, manifests: []string{with("requests: {cpu: 1001m}, limits: {cpu: 1}")}, want: []string{"error: requests cpu 1001m, more than its limit of 1"}},
		{name: "of an init container", rule: over, manifests: []string{initial}, want: []string{"error: container wait requests memory 2Gi"}},
		{name: "of a vendor's", rule: over, manifests: []string{with("requests: {nvidia.com/gpu: 2}, limits: {nvidia.com/gpu: 1}")}, want: []string{"error: requests nvidia.com/gpu 2"}},
		{name: "is told once", rule: "hpa-target-unreachable", manifests: []string{scale(), with("requests: {cpu: 500}, limits: {cpu: 1}")}},
		{name: "Kubernetes' own", rule: unknown, manifests: []string{with("requests: {cpu: 1, memory: 1Gi, ephemeral-storage: 1Gi}, limits: {hugepages-2Mi: 4Mi}")}},
		{name: "a vendor's", rule: unknown, manifests: []string{with("limits: {nvidia.com/gpu: 1}")}},
		{name: "in both", rule: unknown, manifests: []string{with("requests: {cpus: 1}, limits: {cpus: 1}")}, want: []string{`error: requests of "cpus"`, `error: limits of "cpus"`}},
	})
}

func TestMemoryLimitsOfGo(t *testing.T) {
	with := func(value string) string {
		return run("Deployment", "", "      containers: [{name: app, image: \"x:1\", resources: {limits: {memory: 1Gi}}, env: [{name: GOMEMLIMIT, "+value+"}]}]")
	}
	const rule = "wl-gomemlimit-over-limit"
	found := []string{"warning: GOMEMLIMIT of container app"}
	try(t, []lintCase{
		{name: "as much as the limit", rule: rule, manifests: []string{with("value: 1024MiB")}, want: found},
		{name: "in bytes", rule: rule, manifests: []string{with(`value: "1073741824"`)}, want: found},
		{name: "far more", rule: rule, manifests: []string{with("value: 999999999999TiB")}},
		{name: "below it", rule: rule, manifests: []string{with("value: 920MiB")}},
		{name: "none", rule: rule, manifests: []string{with(`value: "off"`)}},
		{name: "what Go does not read", rule: rule, manifests: []string{with("value: 2Gi")}},
		{name: "from elsewhere", rule: rule, manifests: []string{with("valueFrom: {resourceFieldRef: {resource: limits.memory}}")}},
	})
}
