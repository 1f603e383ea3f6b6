package lint

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// workloadProbes are about when a pod counts as started, ready and alive.
var workloadProbes = []Rule{
	{
		ID: "wl-readiness-missing", Severity: Error, Tier: Recommended,
		What: "pods behind a Service have no readiness probe",
		Why: "A container without one is Ready as soon as its process runs. Each pod that the autoscaler adds gets requests that it cannot answer yet, " +
			"and the controller takes the cpu of its start for load.",
		How: "A Service among the inputs selects the pods, and no container that keeps running has a readinessProbe. Jobs and single Pods are passed over.",
		Sources: []string{
			"https://github.com/zegl/kube-score/blob/master/README_CHECKS.md",
			"https://github.com/stackrox/kube-linter/blob/main/docs/generated/checks.md",
			"https://github.com/FairwindsOps/polaris/tree/master/pkg/config/checks",
		},
		check: wlReadinessMissing,
	},
	{
		ID: "wl-probes-identical", Severity: Warning, Tier: Recommended,
		What: "the liveness probe asks what the readiness probe asks, and is no more patient",
		Why:  "A pod that is too busy to answer should get no more requests. Here it is restarted at the same moment, and its load goes to the others, which are restarted next.",
		How:  "Both probes have the same handler, and the liveness probe fails within the time in which the readiness probe does (periodSeconds × failureThreshold, with their defaults).",
		Sources: []string{
			"https://github.com/zegl/kube-score/blob/master/README_CHECKS.md",
			"https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-probes",
		},
		check: wlProbesIdentical,
	},
	{
		ID: "wl-probe-port-unknown", Severity: Error, Tier: Default,
		What: "a probe names a port that its container does not declare",
		Why:  "The kubelet looks the name up among the container's own ports. It finds none, and the probe fails for ever: the pod is never Ready, or is restarted again and again.",
		Fix:  nameFix,
		How:  "httpGet.port and tcpSocket.port of the startup, readiness and liveness probes, where they are names. A number need not be declared.",
		Sources: []string{
			"https://github.com/stackrox/kube-linter/blob/main/docs/generated/checks.md",
			"https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/",
		},
		check: wlProbePortUnknown,
	},
	{
		ID: "wl-startup-vs-cpu-init", Severity: Warning, Tier: Recommended,
		What: "pods that scale on cpu may take longer to start than the controller allows for",
		Why: "For 5 minutes of a pod's life the controller leaves out what it used before it was Ready. A pod that becomes Ready later is counted with the cpu of its start, " +
			"and the controller adds pods for it, which start as slowly.",
		How: "The workload scales on cpu, and a container's startupProbe allows more than 300 seconds (initialDelaySeconds + periodSeconds × failureThreshold); without one, its readinessProbe waits that long. " +
			"The cluster may have set --horizontal-pod-autoscaler-cpu-initialization-period otherwise.",
		Sources: []string{
			"https://github.com/kubernetes/kubernetes/issues/28692",
			"https://github.com/kubernetes/kubernetes/issues/72775",
			"https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/controller/podautoscaler/replica_calculator.go",
		},
		check: wlStartupVsCPUInit,
	},
}

// runs says whether a workload keeps its pods running: no job, no single pod.
func (w *workload) runs() bool { return w.selector != nil && len(w.owners) == 0 }

func wlReadinessMissing(c *checker) {
	for _, w := range c.workloads {
		if len(w.services) == 0 || !w.runs() || len(w.template.Spec.Containers) == 0 {
			continue
		}
		probed := false
		for _, one := range allRunning(w) {
			probed = probed || one.ReadinessProbe != nil
		}
		if !probed {
			s := w.services[0]
			c.report(w.object, w.in("containers[0].readinessProbe"), fmt.Sprintf("no container of %s %s has a readinessProbe, and Service %s sends requests as soon as the process runs", w.Kind, w.Name, s.Name),
				"add a readinessProbe that succeeds once the pod can serve").see(s.object, "spec.selector", "the Service")
		}
	}
}

// patience is how long a probe fails before it has an effect.
func patience(p *corev1.Probe) time.Duration {
	return time.Duration(orDefault(p.PeriodSeconds, 10)) * time.Duration(orDefault(p.FailureThreshold, 3)) * time.Second
}

// orDefault is a number, or the API's default where it is not written.
func orDefault(n, otherwise int32) int32 {
	if n == 0 {
		return otherwise
	}
	return n
}

func wlProbesIdentical(c *checker) {
	for _, w := range c.workloads {
		for _, one := range allRunning(w) {
			ready, live := one.ReadinessProbe, one.LivenessProbe
			if ready == nil || live == nil || !reflect.DeepEqual(ready.ProbeHandler, live.ProbeHandler) || patience(live) > patience(ready) {
				continue
			}
			c.report(w.object, w.in(one.path+".livenessProbe"), fmt.Sprintf("container %s is restarted after %s of what makes it not ready after %s", one.Name, duration(patience(live)), duration(patience(ready))),
				"ask the liveness probe less, such as whether the process answers at all, or give it a higher failureThreshold").see(w.object, w.in(one.path+".readinessProbe"), "the readiness probe")
		}
	}
}

// probe is a probe of a container.
type probe struct {
	*corev1.Probe
	name string
}

func probes(c *corev1.Container) []probe {
	var list []probe
	for _, p := range []probe{{c.StartupProbe, "startupProbe"}, {c.ReadinessProbe, "readinessProbe"}, {c.LivenessProbe, "livenessProbe"}} {
		if p.Probe != nil {
			list = append(list, p)
		}
	}
	return list
}

// port is a probe's port and where it stands; nil where it has none that may be a
// name.
func (p *probe) port() (*intstr.IntOrString, string) {
	switch {
	case p.HTTPGet != nil:
		return &p.HTTPGet.Port, p.name + ".httpGet.port"
	case p.TCPSocket != nil:
		return &p.TCPSocket.Port, p.name + ".tcpSocket.port"
	}
	return nil, ""
}

func wlProbePortUnknown(c *checker) {
	for _, w := range c.workloads {
		for _, one := range allRunning(w) {
			for _, p := range probes(one.Container) {
				port, path := p.port()
				if port == nil || port.Type != intstr.String || declares(one.Container, port.StrVal) {
					continue
				}
				fix := "declare it: ports: [{name: " + port.StrVal + ", containerPort: …}]"
				if names := portNames(one.Container); len(names) > 0 {
					fix = "write a port of the container: " + strings.Join(names, ", ")
				}
				c.report(w.object, w.in(one.path+"."+path), fmt.Sprintf("container %s declares no port named %q", one.Name, port.StrVal), fix).surely(port.StrVal, portNames(one.Container))
			}
		}
	}
}

func portNames(c *corev1.Container) []string {
	var names []string
	for i := range c.Ports {
		if c.Ports[i].Name != "" {
			names = append(names, c.Ports[i].Name)
		}
	}
	return names
}

func declares(c *corev1.Container, name string) bool {
	for i := range c.Ports {
		if c.Ports[i].Name == name {
			return true
		}
	}
	return false
}

// startup is how long a container's probes let it take to start, and where they
// stand.
func startup(one *container) (time.Duration, string) {
	if p := one.StartupProbe; p != nil {
		return time.Duration(p.InitialDelaySeconds)*time.Second + patience(p), one.path + ".startupProbe"
	}
	if p := one.ReadinessProbe; p != nil {
		return time.Duration(p.InitialDelaySeconds) * time.Second, one.path + ".readinessProbe"
	}
	return 0, ""
}

func wlStartupVsCPUInit(c *checker) {
	allowed := c.controller().CPUInitializationPeriod
	for _, w := range c.workloads {
		s := w.scaler()
		if s == nil || !s.measuresCPU() {
			continue
		}
		for _, one := range allRunning(w) {
			if takes, path := startup(&one); takes > allowed {
				c.report(w.object, w.in(path), fmt.Sprintf("container %s may take %s to start, and the controller leaves out the cpu of the first %s", one.Name, duration(takes), duration(allowed)),
					"start faster, or scale on a metric that starting does not raise").see(s.object, s.targetPath, "the autoscaler")
			}
		}
	}
}

// measuresCPU says whether an autoscaler scales on cpu.
func (s *scaler) measuresCPU() bool {
	if s.hpa == nil {
		return false
	}
	for i := range s.hpa.Spec.Metrics {
		if name, _ := resourceOf(&s.hpa.Spec.Metrics[i]); name != nil && *name == corev1.ResourceCPU {
			return true
		}
	}
	return false
}
