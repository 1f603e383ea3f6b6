package lint

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// containerPorts are the ports of a workload's pods that an endpoint scrapes,
// through a service or, for a PodMonitor, by themselves.
func (e *endpoint) containerPorts(w *workload, s *service) []int32 {
	declared := w.ports()
	var numbers []int32
	switch {
	case e.port != "" && e.names == nil: // no regular expression
	case e.port != "" && s != nil:
		for i := range s.spec.Spec.Ports {
			if port := &s.spec.Spec.Ports[i]; e.names.MatchString(port.Name) {
				numbers = append(numbers, behind(port, declared)...)
			}
		}
	case e.port != "":
		for _, port := range declared {
			if e.names.MatchString(port.Name) {
				numbers = append(numbers, port.ContainerPort)
			}
		}
	case e.targetPort != nil:
		numbers = numbered(*e.targetPort, declared, true)
	case s != nil:
		for i := range s.spec.Spec.Ports {
			numbers = append(numbers, behind(&s.spec.Spec.Ports[i], declared)...)
		}
	default:
		for _, port := range declared {
			numbers = append(numbers, port.ContainerPort)
		}
	}
	return numbers
}

// behind are the container ports that a Service's port leads to.
func behind(port *corev1.ServicePort, declared []corev1.ContainerPort) []int32 {
	target := port.TargetPort
	if target.Type == intstr.Int && target.IntVal == 0 {
		return []int32{port.Port}
	}
	return numbered(target, declared, false)
}

// numbered are the container ports that a name or a number means. A number need
// not be declared, unless asked for.
func numbered(target intstr.IntOrString, declared []corev1.ContainerPort, declaredOnly bool) []int32 {
	var numbers []int32
	for _, port := range declared {
		if target.Type == intstr.Int && port.ContainerPort == target.IntVal || target.Type == intstr.String && port.Name == target.StrVal {
			numbers = append(numbers, port.ContainerPort)
		}
	}
	if len(numbers) == 0 && target.Type == intstr.Int && !declaredOnly {
		numbers = append(numbers, target.IntVal)
	}
	return numbers
}

// ports are the ports that the containers of a workload declare, those of init
// containers that keep running included.
func (w *workload) ports() []corev1.ContainerPort {
	var list []corev1.ContainerPort
	spec := &w.template.Spec
	for i := range spec.Containers {
		list = append(list, spec.Containers[i].Ports...)
	}
	for i := range spec.InitContainers {
		if one := &spec.InitContainers[i]; one.RestartPolicy != nil && *one.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			list = append(list, one.Ports...)
		}
	}
	return list
}

// injected says whether something adds containers to the pods that are not in
// the template, with ports of their own.
func (w *workload) injected() bool {
	for _, set := range []map[string]string{w.template.Annotations, w.template.Labels} {
		for _, key := range []string{"sidecar.istio.io/inject", "linkerd.io/inject", "dapr.io/enabled", "consul.hashicorp.com/connect-inject"} {
			if v := set[key]; v != "" && v != "false" && v != "disabled" {
				return true
			}
		}
	}
	return false
}
