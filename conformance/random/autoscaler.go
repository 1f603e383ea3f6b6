package random

import "strconv"

// autoscaler makes up the HPA, and the demand for the metrics it looks at.
func (s *scenario) autoscaler() object {
	spec := object{"scaleTargetRef": object{"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}}
	s.lowest, s.highest = s.between(1, 5), s.max
	spec["metrics"] = s.metrics()
	s.bounds(spec)
	if b := s.behavior(); b != nil {
		spec["behavior"] = b
	}
	metadata := object{"name": "web"}
	if namespace := pick(s, "", "default", "shop"); namespace != "" {
		metadata["namespace"] = namespace
	}
	return object{
		"apiVersion": "autoscaling/v2",
		"kind":       "HorizontalPodAutoscaler",
		"metadata":   metadata,
		"spec":       spec,
	}
}

// bounds makes up min and max around where the load moves; min 0 needs an
// Object or External metric.
func (s *scenario) bounds(spec object) {
	lowest := s.between(1, 5)
	if s.chance(20) || s.zero {
		lowest = 0
	}
	if lowest == 0 && (s.noZero || !scalesToZero(spec)) {
		lowest = 1
	}
	highest := s.max
	if s.chance(30) {
		highest = s.between((s.max+1)/2, s.max)
	}
	spec["minReplicas"], spec["maxReplicas"] = lowest, max(lowest, highest)
}

func scalesToZero(spec object) bool {
	metrics, _ := spec["metrics"].([]any)
	for _, m := range metrics {
		if t := m.(object)["type"]; t == "Object" || t == "External" {
			return true
		}
	}
	return false
}

func (s *scenario) metrics() []any {
	if s.zero {
		return []any{s.metric(pick(s, 6, 7, 8))}
	}
	if s.dark {
		return []any{s.metric(pick(s, 0, 1, 2, 3))}
	}
	var out []any
	for range pick(s, 1, 1, 2, 2, 3) {
		out = append(out, s.metric(s.IntN(9)))
	}
	return out
}

func (s *scenario) metric(kind int) object {
	switch kind {
	case 0, 1:
		name := pick(s, "cpu", "cpu", "memory")
		return object{"type": "Resource", "resource": object{"name": name, "target": s.resourceTarget(name, "")}}
	case 2, 3:
		name, container := pick(s, "cpu", "memory"), pick(s, s.containers...)
		return object{"type": "ContainerResource", "containerResource": object{
			"name": name, "container": container, "target": s.resourceTarget(name, container),
		}}
	case 4, 5:
		name := pick(s, "requests_per_second", "sessions")
		goal := s.between(1, 500)
		s.series("Pods", name, "", goal*1000)
		return object{"type": "Pods", "pods": object{
			"metric": s.named(name), "target": object{"type": "AverageValue", "averageValue": s.quantity(goal)},
		}}
	case 6, 7:
		goal := s.between(5, 5000)
		return object{"type": "Object", "object": object{
			"describedObject": object{"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "name": "front"},
			"metric":          s.named("hits"),
			"target":          s.totalTarget("Object", "hits", goal),
		}}
	default:
		goal := s.between(5, 5000)
		name := pick(s, "queue_length", "lag")
		return object{"type": "External", "external": object{
			"metric": s.named(name), "target": s.totalTarget("External", name, goal),
		}}
	}
}

// named is a metric's name, now and then with a selector, which the controller
// prints in its messages.
func (s *scenario) named(name string) object {
	m := object{"name": name}
	if s.chance(15) {
		m["selector"] = object{"matchLabels": object{"queue": "mail", "tier": "front"}}
	}
	return m
}

// resourceTarget makes up a target for a resource of the pod, or of one of its
// containers, and the demand that goes with it: so much that a pod on target
// carries what it should.
func (s *scenario) resourceTarget(name, container string) object {
	containers := s.containers
	if container != "" {
		containers = []string{container}
	}
	percent := pick(s, 50, 60, 70, 80, 95, 120, 10)
	if s.dark {
		percent = pick(s, 50, 30, 10)
	}
	total := 0
	for i, c := range containers {
		goal := s.requests[c+"/"+name] * percent / 100
		total += goal
		if name == "memory" {
			goal *= 1000
		}
		if i == 0 || s.chance(85) {
			s.series("Resource", name, c, goal)
		}
	}
	if s.chance(60) || s.dark {
		return object{"type": "Utilization", "averageUtilization": percent}
	}
	unit := "m"
	if name == "memory" {
		unit = ""
	}
	return object{"type": "AverageValue", "averageValue": strconv.Itoa(max(1, total)) + unit}
}

// totalTarget makes up a target for a metric of the whole workload. Now and then
// its type and its field do not match, as the API allows.
func (s *scenario) totalTarget(source, name string, goal int) object {
	kind := pick(s, "Value", "AverageValue")
	for n, i := pick(s, 1, 1, 2), 0; i < n; i++ {
		if kind == "Value" { // the total is compared as it is, whatever the pods
			s.ratio(source, name, goal*1000/n)
		} else {
			s.series(source, name, "", goal*1000/n)
		}
		if source == "Object" {
			break
		}
	}
	field := map[string]string{"Value": "value", "AverageValue": "averageValue"}[kind]
	if source == "Object" && s.chance(2) {
		kind = map[string]string{"Value": "AverageValue", "AverageValue": "Value"}[kind]
	}
	return object{"type": kind, field: s.quantity(goal)}
}

// quantity writes a number in one of the ways that quantities allow.
func (s *scenario) quantity(n int) string {
	switch s.IntN(6) {
	case 0:
		return strconv.Itoa(n*1000) + "m"
	case 1:
		return strconv.Itoa(n) + "." + strconv.Itoa(s.between(1, 9))
	case 2:
		return strconv.Itoa(n) + "000000u"
	case 3:
		return strconv.Itoa(n) + "e0"
	case 4:
		return strconv.Itoa(n) + "0E-1"
	default:
		return strconv.Itoa(n)
	}
}

// behavior makes up spec.behavior; nil means that there is none.
func (s *scenario) behavior() object {
	if s.chance(30) {
		return nil
	}
	b := object{}
	if s.chance(80) {
		b["scaleUp"] = s.rules(pick(s, 0, 0, 0, 0, 15, 15, 30, 45))
	}
	if s.chance(90) {
		b["scaleDown"] = s.rules(pick(s, 0, 0, 0, 0, 15, 15, 30, 60, 61, 120))
	}
	return b
}

func (s *scenario) rules(window int) object {
	r := object{}
	if s.chance(80) {
		r["stabilizationWindowSeconds"] = window
	}
	if s.chance(50) {
		r["selectPolicy"] = pick(s, "Max", "Min", "Max", "Min", "Max", "Min", "Max", "Min", "Disabled")
	}
	if s.chance(30) {
		r["tolerance"] = pick(s, "0", "0.05", "59m", "0.1", "61m", "0.122", "118m", "0.243", "0.02", "15e-2", "1")
	}
	if s.chance(60) {
		var policies []any
		for range s.between(1, 3) {
			policies = append(policies, s.policy())
		}
		r["policies"] = policies
	}
	return r
}

func (s *scenario) policy() object {
	period := pick(s, 15, 15, 15, 7, 5, 30, 30, 45, 60, 90, 120, 300)
	if s.chance(50) {
		return object{"type": "Percent", "value": pick(s, 10, 20, 30, 33, 50, 50, 90, 100, 200), "periodSeconds": period}
	}
	return object{"type": "Pods", "value": s.between(1, 1+s.max/4), "periodSeconds": period}
}
