package gen

import (
	"bytes"
	"strings"

	"sigs.k8s.io/yaml"
)

// Starter writes a spec as a file to start from: what the spec sets, with a
// word on each part, and what it does not set as lines to uncomment. It is not
// defaulted first, so that the file says only what is particular.
func (s *ElasticService) Starter() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(starterHead)
	if err := writeMetadata(&b, s.Metadata); err != nil {
		return nil, err
	}
	b.WriteString("spec:\n")
	if err := writeYAML(&b, "  ", map[string]any{"image": s.Spec.Image}); err != nil {
		return nil, err
	}
	for _, part := range s.parts() {
		b.WriteString("\n")
		for line := range strings.Lines(part.prose) {
			b.WriteString("  # " + line)
		}
		if !part.set {
			for line := range strings.Lines(part.example) {
				b.WriteString("  #" + line)
			}
			continue
		}
		if err := writeYAML(&b, "  ", map[string]any{part.key: part.value}); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

const starterHead = `# A service, as elasticctl sees it: elasticctl generate -f FILE makes manifests of
# it. Lines that begin with # and no space show what else can be said; take the
# # away to say it. What is left out has a default that keeps a service elastic.
apiVersion: ` + APIVersion + `
kind: ` + Kind + `
`

// writeMetadata shows where a namespace goes.
func writeMetadata(b *bytes.Buffer, m Metadata) error {
	if err := writeYAML(b, "", map[string]any{"metadata": m}); err != nil {
		return err
	}
	if m.Namespace == "" {
		b.WriteString("  #namespace: default\n")
	}
	return nil
}

// part is a section of the spec.
type part struct {
	key   string
	prose string
	value any
	set   bool
	// example is what a user would uncomment.
	example string
}

func (s *ElasticService) parts() []part {
	p := &s.Spec
	return append(s.workloadParts(), []part{
		{
			key: "scaling", value: p.Scaling, set: true,
			prose: "How many pods, and why. Of several metrics the one that wants most pods wins. A\n" +
				"rate per pod is written rps: {target: 100, counter: http_requests_total}.\n",
		},
		{
			key: "monitoring", value: p.Monitoring, set: !isZero(p.Monitoring),
			prose:   "How Prometheus sees the service.\n",
			example: "monitoring:\n  path: /metrics\n  interval: 15s\n  labels: {release: prometheus}\n",
		},
		{
			key: "slo", value: p.SLO, set: p.SLO != nil,
			prose:   "What the service promises; it becomes alerts, which need metadata.namespace.\n",
			example: "slo:\n  availability: 99.9%\n  latency: {within: 250ms, ratio: 99%}\n",
		},
		{
			key: "availability", value: p.Availability, set: !isZero(p.Availability),
			prose:   "How many pods may be evicted at once, and over what they are spread.\n",
			example: "availability:\n  maxUnavailable: 10%\n  spread: [kubernetes.io/hostname, topology.kubernetes.io/zone]\n",
		},
	}...)
}

func (s *ElasticService) workloadParts() []part {
	p := &s.Spec
	return []part{
		{
			key: "args", value: p.Args, set: len(p.Args) > 0,
			prose:   "The arguments of the image's entry point.\n",
			example: "args: [serve]\n",
		},
		{
			key: "env", value: p.Env, set: len(p.Env) > 0,
			prose:   "Environment variables, as in a pod.\n",
			example: "env:\n- {name: LOG_LEVEL, value: info}\n",
		},
		{
			key: "ports", value: p.Ports, set: !isZero(p.Ports),
			prose:   "Requests come in on one port, metrics go out on another.\n",
			example: "ports: {http: 8080, metrics: 8081}\n",
		},
		{
			key: "resources", value: p.Resources, set: !isZero(p.Resources),
			prose:   "Utilisation is measured against the requests. The memory limit gives GOMEMLIMIT.\n",
			example: "resources:\n  requests: {cpu: 500m, memory: 256Mi}\n  limits: {memory: 256Mi}\n",
		},
		{
			key: "probes", value: p.Probes, set: !isZero(p.Probes),
			prose:   "Where the service says how it is.\n",
			example: "probes:\n  startup: {path: /livez}\n  readiness: {path: /readyz}\n  liveness: {path: /livez}\n",
		},
		{
			key: "shutdown", value: p.Shutdown, set: !isZero(p.Shutdown),
			prose: "preStop: how long a pod goes on serving after it was told to go; timeout: how\n" +
				"long the service then takes to finish what it has begun.\n",
			example: "shutdown: {preStop: 10s, timeout: 30s}\n",
		},
		{
			key: "concurrency", value: p.Concurrency, set: p.Concurrency != nil,
			prose:   "How many requests a pod works on at once.\n",
			example: "concurrency: {limit: 64}\n",
		},
		{
			key: "dependencies", value: p.Dependencies, set: len(p.Dependencies) > 0,
			prose:   "What all pods share. The pools of all pods must fit into what it accepts.\n",
			example: "dependencies:\n- {name: db, maxConnections: 200, reserved: 20, poolSize: 10}\n",
		},
	}
}

// isZero says whether a struct has nothing to write.
func isZero(v any) bool {
	text, err := yaml.Marshal(v)
	return err == nil && strings.TrimSpace(string(text)) == "{}"
}

func writeYAML(b *bytes.Buffer, indent string, v any) error {
	text, err := yaml.Marshal(v)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(text)) {
		b.WriteString(indent + line)
	}
	return nil
}
