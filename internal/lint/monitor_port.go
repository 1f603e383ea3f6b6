package lint

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/elasticctl/elasticctl/internal/yamlpos"
)

// nameFix is what is done about the name of a port that is nearly that of one.
const nameFix = "the port that the name can only have meant is written: it differs in case or in a letter, and no other does nearly."

// monitorPort are about the ports that Services lead to and monitors scrape.
var monitorPort = []Rule{
	{
		ID: "svc-targetport-unknown", Severity: Error, Tier: Default,
		What: "a Service's targetPort is a name that its pods do not declare",
		Why:  "The Service has no endpoint on that port: whoever calls it is refused.",
		Fix:  nameFix,
		How: "A named targetPort is looked up among the ports of the containers, and of the init containers that keep running, in the pod templates " +
			"that the Service selects. Numbers need not be declared. Pods that a mesh adds containers to are passed over.",
		Sources: []string{
			"https://github.com/stackrox/kube-linter/blob/main/docs/generated/checks.md",
			"https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports",
		},
		check: svcTargetPortUnknown,
	},
	{
		ID: "svc-port-unnamed", Severity: Error, Tier: Default,
		What: "a ServiceMonitor scrapes a port by its name, and the Service's port has none",
		Why:  "The operator keeps the endpoints whose port has that name. There are none, and so no target.",
		How:  "An endpoint's port is the name of no port of any Service that the monitor selects, and one of these Services has a port without a name.",
		Sources: []string{
			"https://prometheus-operator.dev/docs/platform/troubleshooting/",
			"https://github.com/prometheus-operator/prometheus-operator/blob/main/pkg/prometheus/promcfg.go",
		},
		check: svcPortUnnamed,
	},
	{
		ID: "sm-port-unknown", Severity: Error, Tier: Default,
		What: "a monitor scrapes a port that what it selects does not have",
		Why:  "The operator keeps the endpoints whose port has that name. There are none, and so no target.",
		Fix:  nameFix,
		How: "The port of a ServiceMonitor's endpoint is looked up among the names of the ports of all Services that it selects, that of a PodMonitor's among " +
			"the names of container ports. It is a regular expression, as the operator takes it. One that matches somewhere is enough.",
		Sources: []string{
			"https://github.com/openshift/configuration-anomaly-detection/issues/460",
			"https://github.com/prometheus-operator/prometheus-operator/blob/main/pkg/prometheus/promcfg.go",
		},
		check: smPortUnknown,
	},
	{
		ID: "sm-port-number", Severity: Error, Tier: Default,
		What: "a monitor's port is a number, where the name of a port is asked for",
		Why:  "The names of ports are compared with it, and no name is a number: there is no target.",
		How:  "The port of an endpoint has digits only, which no name of a port may have.",
		Sources: []string{
			"https://github.com/prometheus-operator/prometheus-operator/blob/main/pkg/prometheus/promcfg.go",
		},
		check: smPortNumber,
	},
	{
		ID: "sm-targetport-undeclared", Severity: Error, Tier: Default,
		What: "a monitor scrapes a container port that no container declares",
		Why:  "The operator keeps the targets whose container declares that port. There are none.",
		Fix:  nameFix,
		How: "The targetPort of an endpoint without a port, or a PodMonitor's portNumber, is looked up by name or number among the ports of the pod templates " +
			"behind the monitor. One that declares it is enough. Pods that a mesh adds containers to are passed over.",
		Sources: []string{
			"https://github.com/prometheus-operator/prometheus-operator/blob/main/pkg/prometheus/promcfg.go",
		},
		check: smTargetPortUndeclared,
	},
	{
		ID: "sm-no-port", Severity: Warning, Tier: Recommended,
		What: "a monitor's endpoint names no port",
		Why:  "Every port of what it selects is scraped. Those that serve no metrics are targets that are always down, and those that serve the same ones count twice.",
		How:  "An endpoint has neither port nor targetPort (nor, of a PodMonitor, portNumber).",
		Sources: []string{
			"https://github.com/prometheus-operator/prometheus-operator/blob/main/pkg/prometheus/promcfg.go",
		},
		check: smNoPort,
	},
}

func svcTargetPortUnknown(c *checker) {
	for _, s := range c.services {
		if len(s.pods) == 0 || slices.ContainsFunc(s.pods, (*workload).injected) {
			continue
		}
		for i := range s.spec.Spec.Ports {
			target := s.spec.Spec.Ports[i].TargetPort
			if target.Type != intstr.String || target.StrVal == "" || anyDeclares(s.pods, target) {
				continue
			}
			w := s.pods[0]
			names := declaredNames(w.ports())
			c.report(s.object, fmt.Sprintf("spec.ports[%d].targetPort", i), fmt.Sprintf("no container of %s %s has a port named %q", w.Kind, w.Name, target.StrVal),
				meant(target.StrVal, names, "declare it among the container's ports, or write its number")).surely(target.StrVal, names).see(w.object, w.in("containers"), "the containers")
		}
	}
}

// anyDeclares says whether any of the pods declares a port, by name or number.
func anyDeclares(pods []*workload, target intstr.IntOrString) bool {
	return slices.ContainsFunc(pods, func(w *workload) bool { return len(numbered(target, w.ports(), true)) > 0 })
}

// declaredNames are the names of container ports.
func declaredNames(ports []corev1.ContainerPort) []string {
	var names []string
	for i := range ports {
		if ports[i].Name != "" {
			names = append(names, ports[i].Name)
		}
	}
	return names
}

// meant proposes what a name may have meant, or else something else.
func meant(name string, names []string, otherwise string) string {
	if near := yamlpos.Nearest(name, names); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	if len(names) > 0 && len(names) <= 5 {
		return otherwise + "; there are " + strings.Join(names, ", ")
	}
	return otherwise
}

// isNumber says whether a port's name is a number.
func isNumber(name string) bool {
	_, err := strconv.ParseUint(name, 10, 32)
	return err == nil
}

// unmatched are the endpoints of a monitor whose port is the name of none that
// it selects; names are those that there are.
func (m *monitor) unmatched(report func(e *endpoint, names []string)) {
	names := m.portNames()
	if names == nil {
		return
	}
	for i := range m.endpoints {
		e := &m.endpoints[i]
		if e.port != "" && e.names != nil && !isNumber(e.port) && !slices.ContainsFunc(names, e.names.MatchString) {
			report(e, names)
		}
	}
}

// portNames are the names of the ports that a monitor may scrape; nil where it
// selects nothing that is known, or something that has ports that are not.
func (m *monitor) portNames() []string {
	if m.unknown {
		return nil
	}
	var names []string
	for _, s := range m.services {
		if len(s.spec.Spec.Ports) == 0 {
			return nil
		}
		for i := range s.spec.Spec.Ports {
			names = append(names, s.spec.Spec.Ports[i].Name)
		}
	}
	for _, w := range m.pods {
		if w.injected() {
			return nil
		}
		names = append(append(names, ""), declaredNames(w.ports())...)
	}
	return names
}

// unnamed finds a port without a name among the Services that a monitor selects.
func (m *monitor) unnamed() (s *service, path string) {
	for _, s := range m.services {
		for i := range s.spec.Spec.Ports {
			if s.spec.Spec.Ports[i].Name == "" {
				return s, fmt.Sprintf("spec.ports[%d]", i)
			}
		}
	}
	return nil, ""
}

func svcPortUnnamed(c *checker) {
	for _, m := range c.monitors {
		m.unmatched(func(e *endpoint, _ []string) {
			s, path := m.unnamed()
			if s == nil {
				return
			}
			message := fmt.Sprintf("the port has no name, and %s %s scrapes the one named %q", m.Kind, m.Name, e.port)
			fix := fmt.Sprintf("add name: %s to the port", e.port)
			if !s.context {
				c.report(s.object, path, message, fix).see(m.object, e.path+".port", "the monitor")
				return
			}
			c.report(m.object, e.path+".port", fmt.Sprintf("the port of Service %s has no name, so none is named %q", s.Name, e.port), fix+" of the Service").see(s.object, path, "the port")
		})
	}
}

func smPortUnknown(c *checker) {
	for _, m := range c.monitors {
		m.unmatched(func(e *endpoint, names []string) {
			if s, _ := m.unnamed(); s != nil {
				return // that port is to get its name
			}
			names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == "" })
			slices.Sort(names)
			names = slices.Compact(names)
			at := e.path + ".port"
			if m.ofPods {
				w := m.pods[0]
				c.report(m.object, at, fmt.Sprintf("no container of %s %s has a port named %q", w.Kind, w.Name, e.port),
					meant(e.port, names, "write the name of a container's port")).surely(e.port, names).see(w.object, w.in("containers"), "the containers")
				return
			}
			s := m.services[0]
			c.report(m.object, at, fmt.Sprintf("Service %s has no port named %q", s.Name, e.port),
				meant(e.port, names, "write the name of a port of the Service")).surely(e.port, names).see(s.object, "spec.ports", "the Service's ports")
		})
	}
}

func smPortNumber(c *checker) {
	for _, m := range c.monitors {
		for i := range m.endpoints {
			e := &m.endpoints[i]
			if !isNumber(e.port) {
				continue
			}
			fix := "write the name of the Service's port, or targetPort: " + e.port + " for that of the container"
			if m.ofPods {
				fix = "write the name of the container's port, or portNumber: " + e.port
			}
			c.report(m.object, e.path+".port", fmt.Sprintf("port: %q is compared with names of ports, and no name is a number", e.port), fix)
		}
	}
}

func smTargetPortUndeclared(c *checker) {
	for _, m := range c.monitors {
		if m.unknown {
			continue
		}
		pods := m.behind()
		if len(pods) == 0 || slices.ContainsFunc(pods, (*workload).injected) {
			continue
		}
		for i := range m.endpoints {
			e := &m.endpoints[i]
			if e.port != "" || e.targetPort == nil || e.targetPort.String() == "0" || anyDeclares(pods, *e.targetPort) {
				continue
			}
			w := pods[0]
			var declared []string
			for _, port := range w.ports() {
				declared = append(declared, strconv.Itoa(int(port.ContainerPort)))
				if port.Name != "" {
					declared = append(declared, port.Name)
				}
			}
			c.report(m.object, e.path+"."+e.targetAt, fmt.Sprintf("no container of %s %s declares port %s", w.Kind, w.Name, e.targetPort.String()),
				meant(e.targetPort.String(), declared, "declare it among the container's ports")).surely(e.targetPort.StrVal, declaredNames(w.ports())).see(w.object, w.in("containers"), "the containers")
		}
	}
}

// behind are the pods that a monitor scrapes.
func (m *monitor) behind() []*workload {
	pods := slices.Clone(m.pods)
	for _, s := range m.services {
		pods = append(pods, s.pods...)
	}
	return pods
}

func smNoPort(c *checker) {
	for _, m := range c.monitors {
		for i := range m.endpoints {
			if e := &m.endpoints[i]; e.port == "" && e.targetPort == nil {
				c.report(m.object, e.path, "the endpoint names no port, so every port is scraped", "add port, with the name of the one that serves the metrics")
			}
		}
	}
}
