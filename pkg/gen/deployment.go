package gen

import (
	"strconv"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// deployment runs the service. It sets no replicas: they belong to the
// autoscaler, and a manifest that sets them resets the fleet at every apply.
// A rollout starts new pods before it stops old ones, so that the capacity in
// force never falls below what the autoscaler asked for.
func (s *ElasticService) deployment() *appsv1.Deployment {
	none, quarter := fromInt(0), fromString("25%")
	return &appsv1.Deployment{
		TypeMeta:   typeMeta("apps/v1", "Deployment"),
		ObjectMeta: s.objectMeta(),
		Spec: appsv1.DeploymentSpec{
			Selector: &metav1.LabelSelector{MatchLabels: s.selector()},
			Strategy: appsv1.DeploymentStrategy{
				Type:          appsv1.RollingUpdateDeploymentStrategyType,
				RollingUpdate: &appsv1.RollingUpdateDeployment{MaxUnavailable: &none, MaxSurge: &quarter},
			},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: s.labels()},
				Spec:       s.podSpec(),
			},
		},
	}
}

func (s *ElasticService) podSpec() corev1.PodSpec {
	grace := s.Spec.Shutdown.Grace.seconds()
	return corev1.PodSpec{
		Containers:                    []corev1.Container{s.container()},
		TerminationGracePeriodSeconds: &grace,
		TopologySpreadConstraints:     s.spread(),
	}
}

func (s *ElasticService) container() corev1.Container {
	p := &s.Spec
	return corev1.Container{
		Name:  containerName,
		Image: p.Image,
		Args:  p.Args,
		Env:   s.env(),
		Ports: []corev1.ContainerPort{
			{Name: portHTTP, ContainerPort: *p.Ports.HTTP, Protocol: corev1.ProtocolTCP},
			{Name: portMetrics, ContainerPort: *p.Ports.Metrics, Protocol: corev1.ProtocolTCP},
		},
		Resources:      corev1.ResourceRequirements{Requests: p.Resources.Requests, Limits: p.Resources.Limits},
		StartupProbe:   p.Probes.Startup.probe(),
		ReadinessProbe: p.Probes.Readiness.probe(),
		LivenessProbe:  p.Probes.Liveness.probe(),
		Lifecycle:      p.Shutdown.lifecycle(),
	}
}

// lifecycle keeps a pod serving for a while after its deletion: endpoints,
// proxies and load balancers hear of it later than the kubelet, and what they
// still send must be answered. The kubelet's own sleep is used (in every
// cluster since 1.30), because an exec of "sleep" needs a shell or a binary
// that a distroless image has not got, and then fails without delaying anything.
func (s *Shutdown) lifecycle() *corev1.Lifecycle {
	seconds := s.PreStop.seconds()
	if seconds == 0 {
		return nil
	}
	return &corev1.Lifecycle{PreStop: &corev1.LifecycleHandler{Sleep: &corev1.SleepAction{Seconds: seconds}}}
}

func (p *Probe) probe() *corev1.Probe {
	if p.Disabled {
		return nil
	}
	return &corev1.Probe{
		ProbeHandler: corev1.ProbeHandler{
			HTTPGet: &corev1.HTTPGetAction{Path: p.Path, Port: fromString(p.Port), Scheme: corev1.URISchemeHTTP},
		},
		PeriodSeconds:    int32(p.Period.seconds()),
		TimeoutSeconds:   int32(p.Timeout.seconds()),
		FailureThreshold: *p.Failures,
		SuccessThreshold: 1,
	}
}

// spread asks for even numbers of pods over nodes and zones without insisting:
// a pod that waits for the perfect node serves nobody. The hash keeps a rollout
// from counting the pods it is about to remove.
func (s *ElasticService) spread() []corev1.TopologySpreadConstraint {
	var list []corev1.TopologySpreadConstraint
	for _, key := range s.Spec.Availability.Spread {
		list = append(list, corev1.TopologySpreadConstraint{
			MaxSkew:           1,
			TopologyKey:       key,
			WhenUnsatisfiable: corev1.ScheduleAnyway,
			LabelSelector:     &metav1.LabelSelector{MatchLabels: s.selector()},
			MatchLabelKeys:    []string{appsv1.DefaultDeploymentUniqueLabelKey},
		})
	}
	return list
}

// env is what the service is told: its own variables first, then those derived
// from the spec, unless it has set them itself. GOMAXPROCS is not among them:
// since Go 1.25 the runtime takes it from the CPU limit, and follows it.
func (s *ElasticService) env() []corev1.EnvVar {
	env := append([]corev1.EnvVar(nil), s.Spec.Env...)
	for _, e := range s.derivedEnv() {
		if !hasEnv(env, e.Name) {
			env = append(env, e)
		}
	}
	return env
}

func (s *ElasticService) derivedEnv() []corev1.EnvVar {
	p := &s.Spec
	var env []corev1.EnvVar
	if limit, ok := p.Resources.Limits[corev1.ResourceMemory]; ok {
		env = append(env, corev1.EnvVar{Name: envMemoryLimit, Value: goMemoryLimit(limit.Value())})
	}
	env = append(env, corev1.EnvVar{Name: p.Shutdown.Env, Value: p.Shutdown.Timeout.String()})
	if p.Concurrency != nil {
		env = append(env, corev1.EnvVar{Name: p.Concurrency.Env, Value: strconv.Itoa(int(p.Concurrency.Limit))})
	}
	for _, d := range p.Dependencies {
		env = append(env, corev1.EnvVar{Name: d.env(), Value: strconv.Itoa(int(d.PoolSize))})
	}
	if h := p.Scaling.HighLoad; h != nil {
		env = append(env, corev1.EnvVar{Name: h.Env, Value: h.Latency.String()})
	}
	return env
}

func hasEnv(env []corev1.EnvVar, name string) bool {
	for _, e := range env {
		if e.Name == name {
			return true
		}
	}
	return false
}

// goMemoryLimit is nine tenths of a memory limit in bytes: the rest is for what
// the Go runtime does not count (the binary, C memory, the kernel's buffers).
func goMemoryLimit(limit int64) string {
	const mi = 1 << 20
	tenths := limit - limit/10
	if tenths < 16*mi {
		return strconv.FormatInt(tenths, 10) + "B"
	}
	return strconv.FormatInt(tenths/mi, 10) + "MiB"
}

// surge is how many pods a rollout may add to n.
func surge(n int32) int32 { return int32((int64(n)*25 + 99) / 100) }

func fromString(s string) intstr.IntOrString { return intstr.FromString(s) }

func fromInt(i int32) intstr.IntOrString { return intstr.FromInt32(i) }

// durationOf is the inverse of seconds.
func durationOf(seconds int64) *Duration {
	d := Duration(time.Duration(seconds) * time.Second)
	return &d
}
