package gen

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Existing are the objects of one service that runs already. Only the
// Deployment or the autoscaler need be there.
type Existing struct {
	Deployment   *appsv1.Deployment
	Autoscaler   *autoscalingv2.HorizontalPodAutoscaler
	ScaledObject *ScaledObject
	Monitor      *monitoringv1.ServiceMonitor
	Budget       *policyv1.PodDisruptionBudget
}

// Infer makes a spec from objects that exist, and notes what a spec cannot say
// or what was assumed. Where the objects are silent the spec is, so that the
// defaults apply; objects that elasticctl generated itself are taken literally.
func Infer(e Existing) (*ElasticService, []string) {
	in := inference{service: &ElasticService{APIVersion: APIVersion, Kind: Kind}}
	if e.Deployment != nil {
		in.deployment(e.Deployment)
	}
	if e.Autoscaler != nil {
		in.autoscaler(e.Autoscaler)
	}
	if e.ScaledObject != nil {
		in.scaledObject(e.ScaledObject)
	}
	if e.Monitor != nil {
		in.monitor(e.Monitor)
	}
	if e.Budget != nil {
		in.budget(e.Budget)
	}
	return in.service, in.notes
}

// inference is a spec in the making.
type inference struct {
	service *ElasticService
	notes   []string
	// own says that elasticctl generated the Deployment.
	own bool
}

func (in *inference) note(format string, args ...any) {
	in.notes = append(in.notes, fmt.Sprintf(format, args...))
}

func (in *inference) deployment(d *appsv1.Deployment) {
	s := in.service
	in.own = d.Labels[labelManagedBy] == managedBy
	s.Metadata = Metadata{Name: d.Name, Namespace: d.Namespace, Labels: otherLabels(d.Labels)}
	pod := d.Spec.Template.Spec
	if len(pod.Containers) == 0 {
		in.note("Deployment %s has no container", d.Name)
		return
	}
	if want := s.selector(); d.Spec.Selector != nil && !maps.Equal(d.Spec.Selector.MatchLabels, want) {
		in.note("the selector becomes %s=%s, and a Deployment's selector cannot be changed: delete the old one with --cascade=orphan, or give the service a new name", labelName, d.Name)
	}
	c := mainContainer(d)
	in.leftOut(pod, c)
	s.Spec.Image, s.Spec.Args = c.Image, c.Args
	s.Spec.Resources = Resources{Requests: c.Resources.Requests, Limits: c.Resources.Limits}
	in.ports(c)
	in.shutdown(pod, c)
	in.environment(c)
	in.probe(&s.Spec.Probes.Startup, "startup", c.StartupProbe, c)
	in.probe(&s.Spec.Probes.Readiness, "readiness", c.ReadinessProbe, c)
	in.probe(&s.Spec.Probes.Liveness, "liveness", c.LivenessProbe, c)
	in.spread(pod)
}

// otherLabels are those that elasticctl does not set itself.
func otherLabels(labels map[string]string) map[string]string {
	other := maps.Clone(labels)
	maps.DeleteFunc(other, func(key, _ string) bool { return slices.Contains(reservedLabels(), key) })
	if len(other) == 0 {
		return nil
	}
	return other
}

// mainContainer is the one named after the workload, or app, or the first.
func mainContainer(d *appsv1.Deployment) *corev1.Container {
	containers := d.Spec.Template.Spec.Containers
	for _, name := range []string{d.Name, containerName} {
		for i := range containers {
			if containers[i].Name == name {
				return &containers[i]
			}
		}
	}
	return &containers[0]
}

// leftOut notes what a spec cannot say.
func (in *inference) leftOut(pod corev1.PodSpec, c *corev1.Container) {
	for i := range pod.Containers {
		if name := pod.Containers[i].Name; name != c.Name {
			in.note("container %s is left out: a spec has one", name)
		}
	}
	for _, f := range []struct {
		name string
		set  bool
	}{
		{"initContainers", len(pod.InitContainers) > 0},
		{"volumes", len(pod.Volumes) > 0},
		{"serviceAccountName", pod.ServiceAccountName != ""},
		{"securityContext", pod.SecurityContext != nil || c.SecurityContext != nil},
		{"nodeSelector, affinity or tolerations", len(pod.NodeSelector) > 0 || pod.Affinity != nil || len(pod.Tolerations) > 0},
		{"command", len(c.Command) > 0},
		{"envFrom", len(c.EnvFrom) > 0},
	} {
		if f.set {
			in.note("%s is left out: patch what is generated", f.name)
		}
	}
}

// ports finds the ports by name, then by order.
func (in *inference) ports(c *corev1.Container) {
	ports := &in.service.Spec.Ports
	for i := range c.Ports {
		p := &c.Ports[i]
		switch {
		case ports.Metrics == nil && isMetricsPort(p.Name):
			ports.Metrics = &p.ContainerPort
		case ports.HTTP == nil:
			ports.HTTP = &p.ContainerPort
		default:
			in.note("port %d is left out: a spec has one for requests and one for metrics", p.ContainerPort)
		}
	}
	if ports.Metrics == nil && len(c.Ports) > 0 {
		in.note("no port is named metrics: 8081 is assumed; the service must serve its metrics there")
	}
}

func isMetricsPort(name string) bool {
	return strings.Contains(name, "metric") || strings.Contains(name, "prom") || strings.Contains(name, "monitoring")
}

func (in *inference) shutdown(pod corev1.PodSpec, c *corev1.Container) {
	s := &in.service.Spec.Shutdown
	preStop, known := preStopSeconds(c.Lifecycle)
	switch {
	case known:
		s.PreStop = durationOf(preStop)
	case in.own:
		s.PreStop = durationOf(0)
	case c.Lifecycle != nil && c.Lifecycle.PreStop != nil:
		in.note("the preStop hook is left out: a sleep takes its place")
	}
	grace := pod.TerminationGracePeriodSeconds
	switch {
	case grace == nil:
	case in.own:
		s.Grace = durationOf(*grace)
	default:
		// What remains of the grace is the service's own timeout.
		if rest := *grace - preStop - 5; rest > 0 && known {
			s.Timeout = durationOf(rest)
		}
	}
}

// preStopSeconds reads a sleep in any of its usual forms.
func preStopSeconds(l *corev1.Lifecycle) (seconds int64, ok bool) {
	if l == nil || l.PreStop == nil {
		return 0, false
	}
	if l.PreStop.Sleep != nil {
		return l.PreStop.Sleep.Seconds, true
	}
	if l.PreStop.Exec == nil {
		return 0, false
	}
	var n int64
	words := strings.Fields(strings.Join(l.PreStop.Exec.Command, " "))
	for i, w := range words {
		if (w == "sleep" || strings.HasSuffix(w, "/sleep")) && i == len(words)-2 {
			_, err := fmt.Sscanf(words[i+1], "%d", &n)
			return n, err == nil && n >= 0 && n <= 3600
		}
	}
	return 0, false
}

// environment keeps the variables, without those that will be derived again.
func (in *inference) environment(c *corev1.Container) {
	p := &in.service.Spec
	for _, e := range c.Env {
		limit, limited := p.Resources.Limits[corev1.ResourceMemory]
		switch {
		case e.Name == envMemoryLimit && limited && e.Value == goMemoryLimit(limit.Value()):
		case in.readTimeout(e):
		default:
			p.Env = append(p.Env, e)
		}
	}
}

// readTimeout takes the service's timeout from the variable that carries it.
func (in *inference) readTimeout(e corev1.EnvVar) bool {
	s := &in.service.Spec.Shutdown
	named := strings.Contains(e.Name, "SHUTDOWN") && (in.own || strings.Contains(e.Name, "TIMEOUT"))
	var d Duration
	if !named || s.Env != "" || d.UnmarshalJSON([]byte(strconv.Quote(e.Value))) != nil || d.String() != e.Value {
		return false
	}
	s.Env, s.Timeout = e.Name, &d
	if s.Env == defaultShutdownEnv {
		s.Env = ""
	}
	return true
}

func (in *inference) probe(p *Probe, name string, k *corev1.Probe, c *corev1.Container) {
	switch {
	case k == nil:
		p.Disabled = name != "readiness" && (in.own || name == "liveness")
		if name == "readiness" {
			in.note("there is no readiness probe: GET /readyz is assumed")
		}
		return
	case k.HTTPGet == nil:
		in.note("the %s probe is not over HTTP: the default takes its place", name)
		return
	}
	p.Path = k.HTTPGet.Path
	p.Port = portName(k.HTTPGet.Port, in.service.Spec.Ports, c)
	p.Period = secondsOrNil(k.PeriodSeconds)
	p.Timeout = secondsOrNil(k.TimeoutSeconds)
	if k.FailureThreshold > 0 {
		p.Failures = &k.FailureThreshold
	}
	if k.InitialDelaySeconds > 0 {
		in.note("the %s probe's initial delay is left out: the startup probe does that work", name)
	}
}

func secondsOrNil(n int32) *Duration {
	if n <= 0 {
		return nil
	}
	return durationOf(int64(n))
}

// portName says which of the two ports a probe asks.
func portName(port intstr.IntOrString, ports Ports, c *corev1.Container) string {
	number := port.IntVal
	for _, p := range c.Ports {
		if port.Type == intstr.String && p.Name == port.StrVal {
			number = p.ContainerPort
		}
	}
	if ports.Metrics != nil && number == *ports.Metrics {
		return portMetrics
	}
	return portHTTP
}

func (in *inference) spread(pod corev1.PodSpec) {
	var keys []string
	if in.own {
		keys = []string{}
	}
	for _, c := range pod.TopologySpreadConstraints {
		keys = append(keys, c.TopologyKey)
	}
	in.service.Spec.Availability.Spread = keys
}

func (in *inference) monitor(m *monitoringv1.ServiceMonitor) {
	if len(m.Spec.Endpoints) == 0 {
		return
	}
	e := m.Spec.Endpoints[0]
	mon := &in.service.Spec.Monitoring
	mon.Path = e.Path
	var interval Duration
	if err := interval.UnmarshalJSON([]byte(strconv.Quote(string(e.Interval)))); err == nil {
		mon.Interval = &interval
	}
	labels := otherLabels(m.Labels)
	maps.DeleteFunc(labels, func(key, value string) bool { return in.service.Metadata.Labels[key] == value })
	if len(labels) > 0 {
		mon.Labels = labels
	}
}

func (in *inference) budget(b *policyv1.PodDisruptionBudget) {
	v := b.Spec.MaxUnavailable
	if v == nil {
		in.note("the PodDisruptionBudget's minAvailable is left out: maxUnavailable 10%% takes its place, which never blocks")
		return
	}
	if percent, err := Scalar(v.StrVal).percent(); v.IntVal > 0 || err == nil && percent > 0 {
		in.service.Spec.Availability.MaxUnavailable = v
		return
	}
	in.note("the PodDisruptionBudget blocks every eviction: maxUnavailable 10%% takes its place")
}
