package lint

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/elasticctl/elasticctl/internal/yamlpos"
)

// workloadResources are about the requests and limits of containers.
var workloadResources = []Rule{
	{
		ID: "wl-request-over-limit", Severity: Error, Tier: Default,
		What: "a container requests more of a resource than its limit allows",
		Why:  "The API server refuses the workload: must be less than or equal to the limit. Often a unit is missing: cpu: 500 is 500 processors, cpu: 500m is half of one.",
		How:  "For every container and init container of a pod template: each of its requests is held against the limit of the same resource, where there is one.",
		Sources: []string{
			"https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/apis/core/validation/validation.go",
			"https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/",
		},
		check: wlRequestOverLimit,
	},
	{
		ID: "wl-resource-name-unknown", Severity: Error, Tier: Default,
		What: "a container's requests or limits name a resource that does not exist",
		Why:  "The API server refuses the workload: must be a standard resource for containers. Where it is a misspelling, the autoscaler misses the request of the right name too.",
		How: "The names in requests and limits of every container and init container: cpu, memory, ephemeral-storage and hugepages-SIZE are Kubernetes' own; " +
			"all others have a domain before a slash, as nvidia.com/gpu has, and are not looked at.",
		Sources: []string{
			"https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/apis/core/validation/validation.go",
		},
		check: wlResourceNameUnknown,
	},
	{
		ID: "wl-gomemlimit-over-limit", Severity: Warning, Tier: Recommended,
		What: "GOMEMLIMIT is not below the container's memory limit",
		Why: "The collector works harder only as the heap nears GOMEMLIMIT. The kernel kills the container before that, at the memory limit, " +
			"which also counts what is not the heap: the binary, thread stacks, cgo.",
		How: "GOMEMLIMIT in a container's environment, a number of bytes with a unit such as 900MiB, is held against limits.memory. A value from elsewhere (valueFrom, envFrom) is not known.",
		Sources: []string{
			"https://go.dev/doc/gc-guide#Memory_limit",
			"https://github.com/golang/go/blob/go1.26.0/src/runtime/mgcpacer.go",
		},
		check: wlGoMemLimitOverLimit,
	},
}

// everyContainer calls a function for each container and init container of each
// workload, with where it stands.
func (c *checker) everyContainer(look func(w *workload, one *corev1.Container, path string)) {
	for _, w := range c.workloads {
		spec := &w.template.Spec
		for i := range spec.Containers {
			look(w, &spec.Containers[i], w.in(fmt.Sprintf("containers[%d]", i)))
		}
		for i := range spec.InitContainers {
			look(w, &spec.InitContainers[i], w.in(fmt.Sprintf("initContainers[%d]", i)))
		}
	}
}

// resourceNames are the resources of a list, in order of their names.
func resourceNames(list corev1.ResourceList) []corev1.ResourceName {
	names := make([]corev1.ResourceName, 0, len(list))
	for name := range list {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func wlRequestOverLimit(c *checker) {
	c.everyContainer(func(w *workload, one *corev1.Container, path string) {
		for _, name := range resourceNames(one.Resources.Requests) {
			request := one.Resources.Requests[name]
			limit, ok := one.Resources.Limits[name]
			if !ok || request.Cmp(limit) <= 0 {
				continue
			}
			fix := fmt.Sprintf("request at most %s, or raise the limit", limit.String())
			if less := inMilli(request, name); less.Sign() > 0 && less.Cmp(limit) <= 0 {
				fix = fmt.Sprintf("write %q if thousandths are meant", less.String())
			}
			c.report(w.object, path+".resources.requests["+string(name)+"]", fmt.Sprintf("container %s requests %s %s, more than its limit of %s", one.Name, name, request.String(), limit.String()), fix).
				see(w.object, path+".resources.limits["+string(name)+"]", "the limit")
		}
	})
}

// inMilli is a number of processors with the unit m; 0 where it has one, or is
// another resource.
func inMilli(q resource.Quantity, name corev1.ResourceName) resource.Quantity {
	if name != corev1.ResourceCPU || q.MilliValue()%1000 != 0 {
		return resource.Quantity{}
	}
	return *resource.NewMilliQuantity(q.Value(), resource.DecimalSI)
}

func wlResourceNameUnknown(c *checker) {
	c.everyContainer(func(w *workload, one *corev1.Container, path string) {
		for _, field := range []string{"requests", "limits"} {
			list := one.Resources.Requests
			if field == "limits" {
				list = one.Resources.Limits
			}
			for _, name := range resourceNames(list) {
				if isContainerResource(name) {
					continue
				}
				fix := "write cpu, memory or ephemeral-storage; a resource of a vendor has its domain before a slash"
				if near := nearResource(string(name)); near != "" {
					fix = fmt.Sprintf("did you mean %q?", near)
				}
				c.report(w.object, path+".resources."+field+"["+string(name)+"]", fmt.Sprintf("container %s has %s of %q, which is no resource", one.Name, field, name), fix)
			}
		}
	})
}

// nearResource is the resource that a name may be meant for: one it is a part or a
// misspelling of; "" for none.
func nearResource(name string) string {
	known := []string{"cpu", "memory", "ephemeral-storage"}
	name = strings.ToLower(name)
	if i := slices.IndexFunc(known, func(one string) bool { return strings.HasPrefix(one, name) }); i >= 0 && len(name) > 2 {
		return known[i]
	}
	return yamlpos.Nearest(name, known)
}

// isContainerResource says whether the API server takes a name for a resource of a
// container.
func isContainerResource(name corev1.ResourceName) bool {
	switch name {
	case corev1.ResourceCPU, corev1.ResourceMemory, corev1.ResourceEphemeralStorage:
		return true
	}
	return strings.Contains(string(name), "/") || strings.HasPrefix(string(name), corev1.ResourceHugePagesPrefix)
}

func wlGoMemLimitOverLimit(c *checker) {
	c.everyContainer(func(w *workload, one *corev1.Container, path string) {
		limit, limited := one.Resources.Limits[corev1.ResourceMemory]
		for i := range one.Env {
			bytes, ok := goBytes(one.Env[i].Value)
			if one.Env[i].Name != "GOMEMLIMIT" || !ok || !limited || bytes < limit.Value() {
				continue
			}
			c.report(w.object, fmt.Sprintf("%s.env[%d].value", path, i), fmt.Sprintf("GOMEMLIMIT of container %s is %s, and its memory limit %s", one.Name, one.Env[i].Value, limit.String()),
				fmt.Sprintf("write %dMiB, 90 %% of the limit, or less", limit.Value()*9/10>>20)).see(w.object, path+".resources.limits.memory", "the limit")
		}
	})
}

// goBytes reads a value of GOMEMLIMIT as Go's runtime does: digits, and one of B,
// KiB, MiB, GiB and TiB or nothing.
func goBytes(text string) (bytes int64, ok bool) {
	shift := 0
	if number, found := strings.CutSuffix(text, "B"); found {
		text = number
		for i, unit := range []string{"Ki", "Mi", "Gi", "Ti"} {
			if number, found := strings.CutSuffix(text, unit); found {
				text, shift = number, 10*(i+1)
			}
		}
	}
	if text == "" || len(text) > 18 || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	for _, digit := range text {
		bytes = bytes*10 + int64(digit-'0')
	}
	return bytes << shift, bytes <= 1<<62>>shift
}
