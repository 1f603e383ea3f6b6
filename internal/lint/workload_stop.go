package lint

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

const (
	// defaultGrace is terminationGracePeriodSeconds where it is not written, and
	// longGrace the longest that the cluster autoscaler waits for by default.
	defaultGrace = 30 * time.Second
	longGrace    = 10 * time.Minute
)

// workloadStop are about how a pod ends.
var workloadStop = []Rule{
	{
		ID: "wl-grace-prestop", Severity: Error, Tier: Default,
		What: "the grace period ends before the pod's own shutdown does",
		Why: "The grace period counts from the moment a pod is to go, and its preStop hook is part of it. When it is over the process is killed with whatever it was serving, " +
			"at every scale-in and every rollout.",
		How: "terminationGracePeriodSeconds (30 by default) is at most the preStop hook's sleep (sleep.seconds, or sleep N in exec.command), or less than that and the program's own shutdown timeout together, " +
			"where the environment has one: a variable with SHUTDOWN in its name and a duration such as 45s, or seconds under a name in _SECONDS.",
		Sources: []string{
			"https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination",
			"https://pyhilmi.online/blog/zero-downtime-kubernetes-deploys-the-details-nobody-tells-you",
			"https://jorijn.com/en/knowledge-base/kubernetes/troubleshooting/kubernetes-graceful-shutdown-sigterm-pod-termination/",
		},
		check: wlGracePreStop,
	},
	{
		ID: "wl-prestop-missing", Severity: Warning, Tier: Recommended,
		What: "autoscaled pods behind a Service stop without a preStop hook",
		Why:  "A pod gets SIGTERM while proxies and balancers still send it requests; the endpoint's removal takes seconds to arrive everywhere. A program that closes its port at once answers them with errors, at every scale-in.",
		How:  "An autoscaler among the inputs scales the workload, a Service selects its pods, and no container has lifecycle.preStop. A program that goes on serving for some seconds after SIGTERM does not need one, which no manifest shows.",
		Sources: []string{
			"https://github.com/datreeio/datree/blob/main/pkg/defaultPolicies/defaultPolicies.yaml",
			"https://minhle.xyz/blog/kubernetes-graceful-shutdown-sigterm-502-deploys",
		},
		check: wlPreStopMissing,
	},
	{
		ID: "wl-grace-too-long", Severity: Warning, Tier: Recommended,
		What: "the grace period is longer than a node's drain waits",
		Why:  "The cluster autoscaler waits 10 minutes for the pods of a node that it removes, a spot node has 2 minutes or less. Who relies on more is killed, and a scale-in frees nothing until then.",
		How:  "terminationGracePeriodSeconds of a workload that an autoscaler scales is above 600.",
		Sources: []string{
			"https://github.com/kyverno/policies/tree/main/other",
			"https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md",
		},
		check: wlGraceTooLong,
	},
}

// grace is how long a pod has to end.
func grace(spec *corev1.PodSpec) time.Duration {
	if s := spec.TerminationGracePeriodSeconds; s != nil {
		return time.Duration(min(*s, 1<<31)) * time.Second
	}
	return defaultGrace
}

var sleeping = regexp.MustCompile(`(?:^|[\s;&/])sleep\s+(\d{1,6})(?:s)?(?:$|[\s;&])`)

// preStop is how long a container's preStop hook sleeps, and where that stands.
func preStop(one *container) (time.Duration, string) {
	if one.Lifecycle == nil || one.Lifecycle.PreStop == nil {
		return 0, ""
	}
	switch hook := one.Lifecycle.PreStop; {
	case hook.Sleep != nil:
		return time.Duration(min(hook.Sleep.Seconds, 1<<31)) * time.Second, one.path + ".lifecycle.preStop.sleep.seconds"
	case hook.Exec != nil:
		if found := sleeping.FindStringSubmatch(strings.Join(hook.Exec.Command, " ")); found != nil {
			seconds, _ := strconv.Atoi(found[1])
			return time.Duration(seconds) * time.Second, one.path + ".lifecycle.preStop.exec.command"
		}
	}
	return 0, ""
}

// shutdown is how long a container's program takes to stop by its environment, and
// the variable that says so.
func shutdown(c *corev1.Container) (time.Duration, string) {
	for i := range c.Env {
		name, value := strings.ToUpper(c.Env[i].Name), c.Env[i].Value
		if !strings.Contains(name, "SHUTDOWN") || strings.Contains(name, "DELAY") {
			continue
		}
		if strings.HasSuffix(name, "_SECONDS") {
			value += "s"
		}
		if d, err := time.ParseDuration(value); err == nil && d > 0 {
			return d, c.Env[i].Name
		}
	}
	return 0, ""
}

func wlGracePreStop(c *checker) {
	for _, w := range c.workloads {
		has := grace(&w.template.Spec)
		for _, one := range allRunning(w) {
			waits, path := preStop(&one)
			stops, name := shutdown(one.Container)
			if waits+stops <= has && (waits == 0 || waits < has) {
				continue
			}
			message := fmt.Sprintf("the pod is killed after %s, and container %s sleeps %s before it is told to stop", duration(has), one.Name, duration(waits))
			switch {
			case stops > 0 && waits == 0:
				message = fmt.Sprintf("the pod is killed after %s, and container %s may take %s to stop (%s)", duration(has), one.Name, duration(stops), name)
			case stops > 0:
				message = fmt.Sprintf("the pod is killed after %s, and container %s takes up to %s: %s of preStop and %s of %s", duration(has), one.Name, duration(waits+stops), duration(waits), duration(stops), name)
			}
			at := w.in("terminationGracePeriodSeconds")
			if w.template.Spec.TerminationGracePeriodSeconds == nil {
				at = w.in(path)
			}
			f := c.report(w.object, at, message, fmt.Sprintf("write terminationGracePeriodSeconds: %d or more", int64((waits+max(stops, 10*time.Second)+5*time.Second)/time.Second)))
			if path != "" {
				f.see(w.object, w.in(path), "the preStop hook")
			}
			break
		}
	}
}

func wlPreStopMissing(c *checker) {
	for _, w := range c.workloads {
		s := w.scaler()
		if s == nil || len(w.services) == 0 || len(w.template.Spec.Containers) == 0 {
			continue
		}
		hooked := false
		for _, one := range allRunning(w) {
			hooked = hooked || one.Lifecycle != nil && one.Lifecycle.PreStop != nil
		}
		if !hooked {
			c.report(w.object, w.in("containers[0].lifecycle.preStop"), fmt.Sprintf("%s takes pods of %s %s away while Service %s still sends them requests", s.Name, w.Kind, w.Name, w.services[0].Name),
				"add lifecycle: {preStop: {sleep: {seconds: 10}}} and as much to terminationGracePeriodSeconds").see(w.services[0].object, "spec.selector", "the Service")
		}
	}
}

func wlGraceTooLong(c *checker) {
	for _, w := range c.workloads {
		if has := grace(&w.template.Spec); w.scaler() != nil && has > longGrace {
			c.report(w.object, w.in("terminationGracePeriodSeconds"), fmt.Sprintf("a pod may take %s to go, and a node that is drained is gone after %s", duration(has), duration(longGrace)),
				"stop sooner and hand over what is left, or run such work as jobs")
		}
	}
}
