package scenario

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/elasticctl/elasticctl/internal/manifest"
	"github.com/elasticctl/elasticctl/internal/yamlpos"
	"github.com/elasticctl/elasticctl/pkg/gen"
	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// Edits are the edits of the files of a replay that make its autoscaler, and the
// requests of its pods, those of a wanted world. What no file says, or one that
// cannot say it, is an error.
func (r *Replay) Edits(wanted *sim.World) ([]yamlpos.Edit, error) {
	object, err := r.Object(wanted)
	if err != nil {
		return nil, err
	}
	w := &writer{replay: r, doc: r.Tuning.HPA.Doc, today: &r.World.Autoscaler, spec: &wanted.Autoscaler, object: object}
	if w.doc.File == "stdin" {
		return nil, fmt.Errorf("the autoscaler was read from stdin, which cannot be edited; use -o patch")
	}
	switch {
	case w.doc.Header().Kind == gen.Kind:
		w.service = true
		w.min, w.max, w.metrics, w.behavior = "spec.scaling.min", "spec.scaling.max", "spec.scaling.metrics", "spec.scaling.behavior"
	case r.Tuning.HPA.APIVersion == "autoscaling/v1":
		w.min, w.max = "spec.minReplicas", "spec.maxReplicas"
		return w.old()
	default:
		w.min, w.max, w.metrics, w.behavior = "spec.minReplicas", "spec.maxReplicas", "spec.metrics", "spec.behavior"
	}
	w.bounds()
	if err := w.goals(); err != nil {
		return nil, err
	}
	w.rules("scaleUp", &w.spec.Up, w.before(true), w.tolerance(w.today.ToleranceUp, w.spec.ToleranceUp))
	w.rules("scaleDown", &w.spec.Down, w.before(false), w.tolerance(w.today.ToleranceDown, w.spec.ToleranceDown))
	if err := w.requests(wanted); err != nil {
		return nil, err
	}
	return w.edits, nil
}

// writer collects edits.
type writer struct {
	replay                      *Replay
	doc                         *yamlpos.Document
	service                     bool
	today, spec                 *hpa.Spec
	object                      *autoscalingv2.HorizontalPodAutoscaler
	min, max, metrics, behavior string
	edits                       []yamlpos.Edit
}

func (w *writer) set(path, value string) {
	w.edits = append(w.edits, yamlpos.Edit{Place: w.doc.Place(path), Value: value})
}

func (w *writer) bounds() {
	if w.spec.Min != w.today.Min {
		w.set(w.min, strconv.Itoa(int(w.spec.Min)))
	}
	if w.spec.Max != w.today.Max {
		w.set(w.max, strconv.Itoa(int(w.spec.Max)))
	}
}

// old edits an object of autoscaling/v1, which says little.
func (w *writer) old() ([]yamlpos.Edit, error) {
	w.bounds()
	const target = "spec.targetCPUUtilizationPercentage"
	plain := len(w.spec.Metrics) == 1 && len(w.today.Metrics) == 1 && w.spec.HasBehavior == w.today.HasBehavior && w.spec.Metrics[0].CPU
	if !plain || w.today.HasBehavior || w.doc.Has("metadata.annotations[autoscaling.alpha.kubernetes.io/metrics]") {
		return nil, w.doc.Problem("apiVersion", "autoscaling/v1 has no field for the recommended setting", "write the object as autoscaling/v2, or use -o patch")
	}
	if goal := w.spec.Metrics[0].Goal; goal != w.today.Metrics[0].Goal {
		w.set(target, strconv.FormatInt(goal, 10))
	}
	return w.edits, nil
}

// goals edits targets, and removes metrics that are not wanted.
func (w *writer) goals() error {
	list := kept(w.today, w.spec)
	for i, at := range list {
		goal := w.spec.Metrics[i].Goal
		if goal == w.today.Metrics[at].Goal {
			continue
		}
		path, value, err := w.goal(i, at)
		if err != nil {
			return err
		}
		w.set(path, value)
	}
	for at := len(w.today.Metrics) - 1; at >= 0; at-- {
		if contains(list, at) {
			continue
		}
		if at >= w.doc.Len(w.metrics) {
			return w.doc.Problem(w.metrics, w.today.Metrics[at].Name+" is not wanted, but not written here either", "use -o patch")
		}
		w.set(w.metrics+"["+strconv.Itoa(at)+"]", "")
	}
	return nil
}

func contains(list []int, v int) bool {
	for _, one := range list {
		if one == v {
			return true
		}
	}
	return false
}

// goal is where the target of wanted metric i, today's at, stands, and its text.
func (w *writer) goal(i, at int) (path, value string, err error) {
	m := &w.object.Spec.Metrics[i]
	t := manifest.TargetOf(m)
	field := targetField(t)
	switch field {
	case "averageUtilization":
		value = strconv.Itoa(int(*t.AverageUtilization))
	case "value":
		value = quoted(t.Value)
	default:
		value = quoted(t.AverageValue)
	}
	n := w.doc.Len(w.metrics)
	entry := w.metrics + "[" + strconv.Itoa(at) + "]"
	switch {
	case n < 0 && len(w.today.Metrics) == 1 && field == "averageUtilization" && w.service:
		return w.metrics, "[{cpu: " + value + "%}]", nil
	case n < 0 && len(w.today.Metrics) == 1 && field == "averageUtilization":
		return w.metrics, "[{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: " + value + "}}}]", nil
	case at >= n:
		return "", "", w.doc.Problem(w.metrics, "the target of "+w.today.Metrics[at].Name+" is not written here", "use -o patch")
	}
	if w.service {
		for _, short := range []string{"cpu", "memory", "rps", "query"} {
			if !w.doc.Has(entry + "." + short) {
				continue
			}
			if short == "rps" || short == "query" {
				return entry + "." + short + ".target", strings.Trim(value, `"`), nil
			}
			if field == "averageUtilization" {
				value += "%"
			}
			return entry + "." + short, strings.Trim(value, `"`), nil
		}
	}
	source := map[autoscalingv2.MetricSourceType]string{
		autoscalingv2.ResourceMetricSourceType: "resource", autoscalingv2.ContainerResourceMetricSourceType: "containerResource",
		autoscalingv2.PodsMetricSourceType: "pods", autoscalingv2.ObjectMetricSourceType: "object", autoscalingv2.ExternalMetricSourceType: "external",
	}[m.Type]
	return entry + "." + source + ".target." + field, value, nil
}

// quoted writes a quantity: a plain number would be one to a reader of YAML.
func quoted(q *resource.Quantity) string {
	text := q.String()
	if strings.Trim(text, "0123456789") == "" {
		return `"` + text + `"`
	}
	return text
}

// before are today's rules of a direction, defaults where there is no behavior.
func (w *writer) before(up bool) hpa.Rules {
	if !w.today.HasBehavior {
		v2 := w.replay.Tuning.HPA.V2.DeepCopy()
		v2.Spec.Behavior = &autoscalingv2.HorizontalPodAutoscalerBehavior{}
		manifest.Default(v2)
		full := manifest.Translate(v2, w.today.Controller)
		if up {
			return full.Up
		}
		return full.Down
	}
	if up {
		return w.today.Up
	}
	return w.today.Down
}

// tolerance is the text of a tolerance that changes.
func (w *writer) tolerance(was, is float64) string {
	if was == is {
		return ""
	}
	q := resource.NewMilliQuantity(milliTolerance(is), resource.DecimalSI)
	return quoted(q)
}

// rules edits the rules of a direction. An HPA that had no behavior gets both
// windows written out.
func (w *writer) rules(direction string, r *hpa.Rules, was hpa.Rules, tolerance string) {
	if !w.spec.HasBehavior {
		return
	}
	at := w.behavior + "." + direction
	if r.Stabilization != was.Stabilization || !w.today.HasBehavior {
		w.set(at+".stabilizationWindowSeconds", strconv.Itoa(int(r.Stabilization/time.Second)))
	}
	if r.Select != was.Select {
		w.set(at+".selectPolicy", string(selectWord(r.Select)))
	}
	if tolerance != "" {
		w.set(at+".tolerance", tolerance)
	}
	w.policies(at+".policies", r.Policies, was.Policies)
}

// policies edits the policies of a direction.
func (w *writer) policies(at string, list, was []hpa.Policy) {
	if w.doc.Len(at) != len(was) {
		if !equalPolicies(list, was) {
			var texts []string
			for _, p := range list {
				texts = append(texts, policyText(p))
			}
			w.set(at, "["+strings.Join(texts, ", ")+"]")
		}
		return
	}
	left := append([]hpa.Policy{}, list...)
	var gone []int
	for i, old := range was {
		next := -1
		for j := range left {
			if next < 0 && left[j].Type == old.Type {
				next = j
			}
		}
		if next < 0 {
			gone = append(gone, i)
			continue
		}
		entry := at + "[" + strconv.Itoa(i) + "]"
		if p := left[next]; p.Value != old.Value {
			w.set(entry+".value", strconv.Itoa(int(p.Value)))
		}
		if p := left[next]; p.Period != old.Period {
			w.set(entry+".periodSeconds", strconv.Itoa(int(p.Period/time.Second)))
		}
		left = append(left[:next], left[next+1:]...)
	}
	for _, p := range left {
		w.edits = append(w.edits, yamlpos.Edit{Place: w.doc.Place(at), Value: policyText(p), Append: true})
	}
	for i := len(gone) - 1; i >= 0; i-- {
		w.set(at+"["+strconv.Itoa(gone[i])+"]", "")
	}
}

func equalPolicies(a, b []hpa.Policy) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func policyText(p hpa.Policy) string {
	return fmt.Sprintf("{type: %s, value: %d, periodSeconds: %d}", policyWord(p.Type), p.Value, int(p.Period/time.Second))
}

// requests edits the cpu requests of containers.
func (w *writer) requests(wanted *sim.World) error {
	for i := range wanted.Pods.Containers {
		c := &wanted.Pods.Containers[i]
		was, is := cpuRequest(&w.replay.World.Pods.Containers[i]), cpuRequest(c)
		if was == is {
			continue
		}
		place, err := w.requestPlace(c.Name)
		if err != nil {
			return err
		}
		w.edits = append(w.edits, yamlpos.Edit{Place: place, Value: quoted(resource.NewMilliQuantity(is, resource.DecimalSI))})
	}
	return nil
}

func cpuRequest(c *sim.Container) int64 {
	for _, q := range c.Requests {
		if q.Resource == "cpu" {
			return q.Milli
		}
	}
	return 0
}

// requestPlace is where the cpu request of a container stands.
func (w *writer) requestPlace(name string) (yamlpos.Place, error) {
	t := &w.replay.Tuning
	if w.service && t.Written == nil {
		return w.doc.Place("spec.resources.requests.cpu"), nil
	}
	doc, list := t.Written, "spec.pods.containers"
	requests := ".requests.cpu"
	if doc == nil {
		if t.Workload == nil {
			return yamlpos.Place{}, fmt.Errorf("the workload of %s was not read, so its requests cannot be written", w.replay.Name)
		}
		doc, list, requests = t.Workload.Doc, "spec.template.spec.containers", ".resources.requests.cpu"
	}
	for i := range doc.Len(list) {
		at := list + "[" + strconv.Itoa(i) + "]"
		if text, _ := doc.Text(at + ".name"); text == name {
			return doc.Place(at + requests), nil
		}
	}
	return yamlpos.Place{}, doc.Problem(list, "container "+name+" is not written here", "write its request by hand")
}
