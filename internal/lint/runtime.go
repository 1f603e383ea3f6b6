package lint

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// runtimeRules are about what the program in the container does with memory and
// processors.
var runtimeRules = []Rule{
	{
		ID: "hpa-memory-metric", Severity: Warning, Tier: Recommended,
		What: "memory is the metric of a workload whose memory does not follow its load",
		Why: "A garbage-collected runtime keeps the memory that it once needed. The first peak adds pods, their memory stays up, " +
			"and the workload never shrinks again; with another metric beside it, the larger proposal still wins.",
		How: "A Resource or ContainerResource metric on memory, and either it is the only metric, or a container's environment speaks of a runtime that keeps its heap " +
			"(JAVA_TOOL_OPTIONS, JDK_JAVA_OPTIONS, JAVA_OPTS, CATALINA_OPTS, NODE_OPTIONS, DOTNET_GCHeapHardLimit, GOGC=off). Beside another metric memory is otherwise taken for a guard.",
		Sources: []string{
			"https://www.williamcoulter.me/blog/memory_auto_scaling_is_lying_to_you",
			"https://github.com/kortix-ai/suna/issues/3497",
		},
		check: hpaMemoryMetric,
	},
	{
		ID: "hpa-go-gomemlimit", Severity: Info, Tier: Recommended,
		What: "a Go service scales on memory without GOMEMLIMIT",
		Why:  "Without a limit the heap grows to twice what lives in it before it is collected, whatever the container's limit is: the metric measures the collector's pace rather than the load.",
		How:  "A metric on memory, and a container that is known to run Go (an image golang, or GOGC, GODEBUG, GOMAXPROCS, GOTRACEBACK in its environment) without GOMEMLIMIT. An environment from elsewhere (envFrom) may have it.",
		Sources: []string{
			"https://github.com/golang/go/issues/75164",
			"https://go.dev/doc/gc-guide",
		},
		check: hpaGoMemLimit,
	},
	{
		ID: "wl-gomaxprocs", Severity: Info, Tier: All,
		What: "a Go program before 1.25 has a cpu limit and no GOMAXPROCS",
		Why:  "It starts a thread for each of the node's processors and not of the limit's, uses up its quota early in each period and stands still for the rest of it. From Go 1.25 the runtime reads the limit.",
		How:  "A container with a cpu limit whose image is golang with a tag below 1.25, without GOMAXPROCS in its environment. Other images do not say what they were built with.",
		Sources: []string{
			"https://go.dev/blog/container-aware-gomaxprocs",
		},
		check: wlGoMaxProcs,
	},
}

// env returns the value of a variable in a container's environment; ok says
// whether it is set at all.
func env(c *corev1.Container, name string) (value string, ok bool) {
	for i := range c.Env {
		if c.Env[i].Name == name {
			return c.Env[i].Value, true
		}
	}
	return "", false
}

// anyEnv is the first of some variables that is set.
func anyEnv(c *corev1.Container, names ...string) string {
	i := slices.IndexFunc(names, func(name string) bool {
		_, ok := env(c, name)
		return ok
	})
	if i < 0 {
		return ""
	}
	return names[i]
}

// keepsHeap is what in a container's environment speaks of a runtime that does not
// give memory back; "" for nothing.
func keepsHeap(c *corev1.Container) string {
	if value, _ := env(c, "GOGC"); value == "off" {
		return "GOGC=off"
	}
	return anyEnv(c, "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "JAVA_OPTS", "CATALINA_OPTS", "NODE_OPTIONS", "DOTNET_GCHeapHardLimit")
}

// memoryMetrics calls a function for each metric on memory, with the containers
// that it measures; with none where they are not known.
func (c *checker) memoryMetrics(look func(s *scaler, metric int, containers []container)) {
	for _, s := range c.hpas {
		for i := range s.hpa.Spec.Metrics {
			name, only := resourceOf(&s.hpa.Spec.Metrics[i])
			if name == nil || *name != corev1.ResourceMemory {
				continue
			}
			var containers []container
			if s.workload != nil {
				containers = slices.DeleteFunc(allRunning(s.workload), func(one container) bool { return only != "" && one.Name != only })
			}
			look(s, i, containers)
		}
	}
}

func hpaMemoryMetric(c *checker) {
	c.memoryMetrics(func(s *scaler, metric int, containers []container) {
		m := &s.hpa.Spec.Metrics[metric]
		for _, one := range containers {
			if sign := keepsHeap(one.Container); sign != "" {
				c.at(s, sourcePath(m, metric)+".name", fmt.Sprintf("memory of container %s does not fall again (%s): pods that a peak added stay", one.Name, sign),
					"scale on cpu or on requests, and bound the heap instead").see(s.workload.object, s.workload.in(one.path+".env"), "the environment")
				return
			}
		}
		if len(s.hpa.Spec.Metrics) == 1 {
			c.at(s, sourcePath(m, metric)+".name", "memory is the only metric, and with most runtimes it does not fall again when the load does", "scale on cpu or on requests; keep memory beside them as a guard, if at all")
		}
	})
}

func hpaGoMemLimit(c *checker) {
	c.memoryMetrics(func(s *scaler, metric int, containers []container) {
		for _, one := range containers {
			_, limited := env(one.Container, "GOMEMLIMIT")
			sign := anyEnv(one.Container, "GOGC", "GODEBUG", "GOMAXPROCS", "GOTRACEBACK")
			if _, ok := goVersion(one.Image); ok {
				sign = "image " + one.Image
			}
			if sign == "" || limited {
				continue
			}
			c.report(s.workload.object, s.workload.in(one.path+".env"), fmt.Sprintf("container %s runs Go (%s) without GOMEMLIMIT, and %s scales on its memory", one.Name, sign, s.Name),
				"set GOMEMLIMIT to about 90 % of the memory limit").see(s.object, s.metricPath(metric), "the metric")
		}
	})
}

func wlGoMaxProcs(c *checker) {
	for _, w := range c.workloads {
		for _, one := range allRunning(w) {
			minor, ok := goVersion(one.Image)
			limit, limited := one.Resources.Limits[corev1.ResourceCPU]
			if _, set := env(one.Container, "GOMAXPROCS"); !ok || minor >= 25 || !limited || set {
				continue
			}
			c.report(w.object, w.in(one.path+".image"), fmt.Sprintf("Go 1.%d takes the node's processors for its own, and the cpu limit is %s", minor, limit.String()),
				fmt.Sprintf("build with Go 1.25 or newer, or set GOMAXPROCS to %d", max((limit.MilliValue()+999)/1000, 1))).
				see(w.object, w.in(one.path+".resources.limits.cpu"), "the limit")
		}
	}
}

var goTag = regexp.MustCompile(`^1\.(\d{1,3})(\D|$)`)

// goVersion is the minor version of Go of an image golang.
func goVersion(image string) (minor int, ok bool) {
	image, _, _ = strings.Cut(image, "@")
	repository, tag, _ := strings.Cut(image[strings.LastIndexByte(image, '/')+1:], ":")
	found := goTag.FindStringSubmatch(tag)
	if repository != "golang" || found == nil {
		return 0, false
	}
	minor, err := strconv.Atoi(found[1])
	return minor, err == nil
}
