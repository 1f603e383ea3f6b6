package gen

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"
)

// Problem is something wrong with a spec.
type Problem struct {
	// Path is the field's path: "spec.scaling.metrics[0].rps.target".
	Path string
	// Text says what is wrong.
	Text string
	// Hint says how to mend it; may be empty.
	Hint string
}

// String is the problem in one line: "path: text; hint".
func (p Problem) String() string {
	if p.Hint == "" {
		return p.Path + ": " + p.Text
	}
	return p.Path + ": " + p.Text + "; " + p.Hint
}

// problems collects what is wrong.
type problems []Problem

func (p *problems) add(path, hint, format string, args ...any) {
	*p = append(*p, Problem{Path: path, Text: fmt.Sprintf(format, args...), Hint: hint})
}

// maxNameLength leaves room for what others put in front: KEDA names its HPA
// keda-hpa-NAME, which must still be a label of 63 characters.
const maxNameLength = 54

// maxDuration bounds every duration of a spec.
const maxDuration = Duration(24 * time.Hour)

// Validate returns all that is wrong with a defaulted spec, in the order of its
// fields; nothing when it is fit for Objects.
func (s *ElasticService) Validate() []Problem {
	var p problems
	if s.APIVersion != APIVersion {
		p.add("apiVersion", "write "+APIVersion, "apiVersion is %q", s.APIVersion)
	}
	if s.Kind != Kind {
		p.add("kind", "write "+Kind, "kind is %q", s.Kind)
	}
	p.metadata(&s.Metadata)
	p.image(s.Spec.Image)
	p.env(s.Spec.Env)
	p.ports(&s.Spec.Ports)
	p.resources(&s.Spec.Resources)
	p.probes(&s.Spec.Probes)
	p.shutdown(&s.Spec.Shutdown)
	p.concurrency(s.Spec.Concurrency)
	p.dependencies(s.Spec.Dependencies, s.Spec.Scaling.Max)
	p.scaling(s)
	p.monitoring(&s.Spec.Monitoring)
	p.slo(s)
	p.availability(&s.Spec.Availability)
	return p
}

func (p *problems) metadata(m *Metadata) {
	const path = "metadata.name"
	switch {
	case m.Name == "":
		p.add(path, "every object is named after it", "a service needs a name")
	case len(validation.IsDNS1035Label(m.Name)) > 0:
		p.add(path, "use lower-case letters, digits and dashes, a letter first", "%q is not a name for a Service", m.Name)
	case len(m.Name) > maxNameLength:
		p.add(path, fmt.Sprintf("use at most %d", maxNameLength), "the name has %d characters", len(m.Name))
	}
	if m.Namespace != "" && len(validation.IsDNS1123Label(m.Namespace)) > 0 {
		p.add("metadata.namespace", "use lower-case letters, digits and dashes", "%q is not a namespace", m.Namespace)
	}
	p.labels("metadata.labels", m.Labels)
}

func (p *problems) labels(path string, labels map[string]string) {
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		switch {
		case slices.Contains(reservedLabels(), key):
			p.add(path, "remove it", "elasticctl sets the label %s itself", key)
		case len(validation.IsQualifiedName(key)) > 0:
			p.add(path, `write it as "name" or "domain/name"`, "%q is not a label's name", key)
		case len(validation.IsValidLabelValue(labels[key])) > 0:
			p.add(path, "use at most 63 letters, digits, dashes, dots and underscores", "%q is not a value for the label %s", labels[key], key)
		}
	}
}

func (p *problems) image(image string) {
	switch {
	case image == "":
		p.add("spec.image", "name the image to run", "a service needs an image")
	case strings.TrimSpace(image) != image || strings.ContainsAny(image, " \t\n"):
		p.add("spec.image", "remove the white space", "%q is not an image", image)
	}
}

func (p *problems) env(env []corev1.EnvVar) {
	seen := map[string]bool{}
	for i, e := range env {
		path := fmt.Sprintf("spec.env[%d].name", i)
		if len(validation.IsEnvVarName(e.Name)) > 0 {
			p.add(path, "use letters, digits, dashes, dots and underscores, no digit first", "%q is not a variable's name", e.Name)
		}
		if seen[e.Name] {
			p.add(path, "remove one", "%s is set twice", e.Name)
		}
		seen[e.Name] = true
	}
}

func (p *problems) envName(path, name string) {
	if len(validation.IsEnvVarName(name)) > 0 {
		p.add(path, "use letters, digits and underscores, no digit first", "%q is not a variable's name", name)
	}
}

func (p *problems) ports(ports *Ports) {
	p.between("spec.ports.http", int64(*ports.HTTP), 1, 65535)
	p.between("spec.ports.metrics", int64(*ports.Metrics), 1, 65535)
	if *ports.HTTP == *ports.Metrics {
		p.add("spec.ports.metrics", "serve metrics on a port of their own, 8081 say", "requests and metrics share port %d", *ports.HTTP)
	}
	if *ports.Metrics == servicePort {
		p.add("spec.ports.metrics", "choose another", "the Service offers requests as port %d", servicePort)
	}
}

func (p *problems) between(path string, v, low, high int64) {
	if v < low || v > high {
		p.add(path, fmt.Sprintf("choose one from %d to %d", low, high), "%d is out of range", v)
	}
}

func (p *problems) resources(r *Resources) {
	for _, part := range []struct {
		path string
		list corev1.ResourceList
	}{{"spec.resources.requests", r.Requests}, {"spec.resources.limits", r.Limits}} {
		for _, name := range sortedResources(part.list) {
			if q := part.list[name]; q.Sign() <= 0 {
				p.add(part.path+"."+string(name), "write a positive amount", "%s is %s", name, q.String())
			}
			if bad := validation.IsQualifiedName(string(name)); len(bad) > 0 {
				p.add(part.path, "cpu and memory are the usual ones", "%q is not a resource", name)
			}
		}
	}
	for _, name := range sortedResources(r.Limits) {
		request, limit := r.Requests[name], r.Limits[name]
		if request.Cmp(limit) > 0 {
			p.add("spec.resources.limits."+string(name), "raise the limit or lower the request", "the limit %s is below the request %s", limit.String(), request.String())
		}
	}
}

func sortedResources(list corev1.ResourceList) []corev1.ResourceName {
	return slices.Sorted(maps.Keys(list))
}

func (p *problems) probes(probes *Probes) {
	for _, part := range []struct {
		path  string
		probe *Probe
	}{
		{"spec.probes.startup", &probes.Startup},
		{"spec.probes.readiness", &probes.Readiness},
		{"spec.probes.liveness", &probes.Liveness},
	} {
		if part.probe.Disabled {
			continue
		}
		if !strings.HasPrefix(part.probe.Path, "/") {
			p.add(part.path+".path", "begin it with a slash", "%q is not a path", part.probe.Path)
		}
		if part.probe.Port != portHTTP && part.probe.Port != portMetrics {
			p.add(part.path+".port", "write http or metrics", "%q is not a port of the service", part.probe.Port)
		}
		p.atLeastASecond(part.path+".period", *part.probe.Period)
		p.atLeastASecond(part.path+".timeout", *part.probe.Timeout)
		p.between(part.path+".failures", int64(*part.probe.Failures), 1, 1000000)
	}
	if probes.Readiness.Disabled {
		p.add("spec.probes.readiness.disabled", "without it a pod takes requests before it can serve them", "the readiness probe cannot be left out")
	}
}

// atLeastASecond is for what Kubernetes counts in whole seconds, from 1.
func (p *problems) atLeastASecond(path string, d Duration) {
	if d < Duration(time.Second) {
		p.add(path, "write 1s or more", "%s is too short", d)
		return
	}
	p.wholeSeconds(path, d)
}

func (p *problems) wholeSeconds(path string, d Duration) {
	switch {
	case d > maxDuration:
		p.add(path, "write 24h or less", "%s is too long", d)
	case !d.whole():
		p.add(path, "Kubernetes counts it in whole seconds", "%s is not a whole number of seconds", d)
	}
}

func (p *problems) shutdown(s *Shutdown) {
	p.wholeSeconds("spec.shutdown.preStop", *s.PreStop)
	p.envName("spec.shutdown.env", s.Env)
	if *s.Timeout > maxDuration {
		p.add("spec.shutdown.timeout", "write 24h or less", "%s is too long", *s.Timeout)
	}
	if *s.PreStop > maxDuration || *s.Timeout > maxDuration {
		return
	}
	p.atLeastASecond("spec.shutdown.grace", *s.Grace)
	if *s.Grace <= *s.PreStop+*s.Timeout {
		p.add("spec.shutdown.grace", fmt.Sprintf("write %s or more, or leave it out", roundUp(*s.PreStop+*s.Timeout)+Duration(5*time.Second)),
			"the pod is killed after %s, before preStop (%s) and timeout (%s) are over: requests would be lost", *s.Grace, *s.PreStop, *s.Timeout)
	}
}

func (p *problems) concurrency(c *Concurrency) {
	if c == nil {
		return
	}
	p.between("spec.concurrency.limit", int64(c.Limit), 1, math.MaxInt32)
	p.envName("spec.concurrency.env", c.Env)
}

func (p *problems) dependencies(list []Dependency, maxReplicas *int32) {
	seen := map[string]bool{}
	for i := range list {
		d := &list[i]
		path := fmt.Sprintf("spec.dependencies[%d]", i)
		if len(validation.IsDNS1123Label(d.Name)) > 0 {
			p.add(path+".name", "use lower-case letters, digits and dashes", "%q is not a name", d.Name)
		}
		if seen[d.Name] {
			p.add(path+".name", "give each dependency a name of its own", "there are two dependencies named %s", d.Name)
		}
		seen[d.Name] = true
		p.envName(path+".env", d.env())
		p.between(path+".maxConnections", int64(d.MaxConnections), 1, math.MaxInt32)
		p.between(path+".reserved", int64(d.Reserved), 0, math.MaxInt32)
		p.between(path+".poolSize", int64(d.PoolSize), 1, math.MaxInt32)
		p.pool(path, d, *maxReplicas)
	}
}

// pool checks that all pods together fit into what the dependency accepts.
func (p *problems) pool(path string, d *Dependency, maxReplicas int32) {
	free := int64(d.MaxConnections) - int64(d.Reserved)
	want := int64(d.PoolSize) * int64(maxReplicas)
	if maxReplicas < 1 || d.PoolSize < 1 || d.MaxConnections < 1 || want <= free {
		return
	}
	hint := fmt.Sprintf("set poolSize to %d or max to %d", free/int64(maxReplicas), free/int64(d.PoolSize))
	if free < int64(maxReplicas) {
		hint = "put a pooler in front of it, or lower spec.scaling.max"
	}
	p.add(path+".poolSize", hint, "%d pods with %d connections each want %d of %s, which accepts %d (%d reserved)",
		maxReplicas, d.PoolSize, want, d.Name, d.MaxConnections, d.Reserved)
}

func (p *problems) monitoring(m *Monitoring) {
	if !strings.HasPrefix(m.Path, "/") {
		p.add("spec.monitoring.path", "begin it with a slash", "%q is not a path", m.Path)
	}
	if *m.Interval < Duration(time.Second) || *m.Interval > maxDuration {
		p.add("spec.monitoring.interval", "15s is usual", "%s is no useful scrape interval", *m.Interval)
	}
	p.labels("spec.monitoring.labels", m.Labels)
	p.metricName("spec.monitoring.requests", m.Requests)
	p.metricName("spec.monitoring.durations", m.Durations)
	p.metricName("spec.monitoring.inFlight", m.InFlight)
	if !labelNames().MatchString(m.Status) {
		p.add("spec.monitoring.status", "use letters, digits and underscores", "%q is not a label's name", m.Status)
	}
}

// metricName demands a name that needs no quotes in PromQL and fits into the
// path of the metrics API.
func (p *problems) metricName(path, name string) {
	if !metricNames().MatchString(name) {
		p.add(path, "use letters, digits, underscores and colons, no digit first", "%q is not a metric's name", name)
	}
}

func metricNames() *regexp.Regexp { return regexp.MustCompile(`^[a-zA-Z_:][a-zA-Z0-9_:]*$`) }

func labelNames() *regexp.Regexp { return regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`) }

func (p *problems) availability(a *Availability) {
	p.maxUnavailable(a.MaxUnavailable)
	seen := map[string]bool{}
	for i, key := range a.Spread {
		path := fmt.Sprintf("spec.availability.spread[%d]", i)
		if len(validation.IsQualifiedName(key)) > 0 {
			p.add(path, "kubernetes.io/hostname and topology.kubernetes.io/zone are the usual ones", "%q is not a node label", key)
		}
		if seen[key] {
			p.add(path, "remove one", "%s is named twice", key)
		}
		seen[key] = true
	}
}

func (p *problems) maxUnavailable(v *intstr.IntOrString) {
	const path = "spec.availability.maxUnavailable"
	if v.Type == intstr.Int {
		if v.IntVal < 1 {
			p.add(path, "write 1 or more", "%d pods may go: no node could ever be drained", v.IntVal)
		}
		return
	}
	percent, err := Scalar(v.StrVal).percent()
	switch {
	case err != nil || len(validation.IsValidPercent(v.StrVal)) > 0:
		p.add(path, `write a number or a whole percentage such as "10%"`, "%q is neither a number nor a percentage", v.StrVal)
	case percent < 1 || percent > 100:
		p.add(path, "write 1% to 100%", "%s of the pods may go", v.StrVal)
	}
}
