package fit

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/prometheus/common/model"

	"github.com/elasticctl/elasticctl/internal/series"
)

// Workload names whose pods a demand is summed over; empty: whichever are
// recorded.
type Workload struct{ Kind, Name, Namespace string }

func (w Workload) String() string { return strings.TrimSpace(w.Kind + " " + w.Name) }

// owners tells the pods of one workload from those of others.
type owners struct {
	workload Workload
	// namespace is the only one whose series count, "" for any.
	namespace string
	// of is the name of the workload that controls a pod, as kube-state-metrics
	// says; template is the ReplicaSet or other object that owns it directly.
	of, template map[podKey]string
	named        *regexp.Regexp
}

// podKey names a pod. Where series do not say the namespace it is empty.
type podKey struct{ namespace, pod string }

// keyOf names the pod that a series is about. Where a server renamed the labels
// of an exporter that speaks of other pods, as kube-state-metrics does, these are
// the ones that count.
func keyOf(labels model.Metric) podKey {
	if pod := labels["exported_pod"]; pod != "" {
		return podKey{string(cmp.Or(labels["exported_namespace"], labels["namespace"])), string(pod)}
	}
	return podKey{string(labels["namespace"]), string(labels["pod"])}
}

// ownersOf reads kube_pod_owner and kube_replicaset_owner.
func ownersOf(rec *series.Recording, opt Options) owners {
	o := owners{
		workload: opt.Workload, namespace: opt.Namespace, named: namedAfter(opt.Workload),
		of: map[podKey]string{}, template: map[podKey]string{},
	}
	sets := map[podKey]string{} // ReplicaSet → Deployment
	for i := range rec.Series {
		l := rec.Series[i].Labels
		if l[model.MetricNameLabel] == "kube_replicaset_owner" && l["owner_kind"] == "Deployment" {
			sets[podKey{string(l["namespace"]), string(l["replicaset"])}] = string(l["owner_name"])
		}
	}
	for i := range rec.Series {
		l := rec.Series[i].Labels
		owner := string(l["owner_name"])
		if l[model.MetricNameLabel] != "kube_pod_owner" || owner == "" || owner == "<none>" {
			continue
		}
		key := keyOf(l)
		o.template[key] = owner
		if l["owner_kind"] == "ReplicaSet" {
			if up, ok := sets[podKey{key.namespace, owner}]; ok {
				owner = up
			} else if cut := strings.LastIndexByte(owner, '-'); cut > 0 {
				owner = owner[:cut] // NAME-HASH, as Deployments name their ReplicaSets
			}
		}
		o.of[key] = owner
	}
	return o
}

// namedAfter matches the names that the pods of a workload get: NAME-HASH-RANDOM
// from a Deployment, NAME-ORDINAL from a StatefulSet, NAME-RANDOM from others.
func namedAfter(w Workload) *regexp.Regexp {
	tail := `-[a-z0-9]{1,10}-[a-z0-9]{5}`
	switch w.Kind {
	case "StatefulSet":
		tail = `-[0-9]+`
	case "ReplicaSet", "ReplicationController":
		tail = `-[a-z0-9]{5}`
	}
	return regexp.MustCompile("^" + regexp.QuoteMeta(w.Name) + tail + "$")
}

// workloadLabels are labels whose value is a workload's name, best first.
func workloadLabels() []model.LabelName {
	return []model.LabelName{
		"deployment", "statefulset", "workload", "created_by_name", "app_kubernetes_io_name", "label_app_kubernetes_io_name", "app",
	}
}

// keep returns the series of the workload's pods, and a sentence about whose
// they are. Series that name no pod belong to whom their labels say.
func (o *owners) keep(set []series.Series) (kept []series.Series, text string) {
	if o.workload.Name == "" {
		return set, ""
	}
	before := len(set)
	if set = o.inNamespace(set); len(set) < before {
		defer func() { text = strings.TrimPrefix(text+"; only namespace "+o.workload.Namespace+" counts", "; ") }()
	}
	all := podsOf(set)
	how, mine := o.rule(set)
	if how == "" {
		if len(all) == 0 {
			return set, ""
		}
		return set, fmt.Sprintf("%s recorded: none is known to be %s's, so all count", podText(len(all)), o.workload)
	}
	for i := range set {
		if mine(set[i].Labels) {
			kept = append(kept, set[i])
		}
	}
	own := podsOf(kept)
	if len(own) == 0 {
		return kept, ""
	}
	text = fmt.Sprintf("%s of %s, %s", podText(len(own)), o.workload, how)
	if others := len(all) - len(own); others > 0 {
		text += fmt.Sprintf("; %s of others left out", podText(others))
	}
	return kept, text
}

// rule finds the first way to tell that any series is the workload's. Each way
// decides about every pod; pods that kube-state-metrics missed go by their names.
func (o *owners) rule(set []series.Series) (how string, mine func(model.Metric) bool) {
	byOwner := func(l model.Metric) bool {
		owner, known := o.of[keyOf(l)]
		return owner == o.workload.Name || !known && o.named.MatchString(string(l["pod"]))
	}
	owned := func(s series.Series) bool { return o.of[keyOf(s.Labels)] == o.workload.Name }
	if slices.ContainsFunc(set, owned) {
		return "by kube_pod_owner", byOwner
	}
	for _, label := range workloadLabels() {
		byLabel := func(l model.Metric) bool { return string(l[label]) == o.workload.Name }
		if slices.ContainsFunc(set, func(s series.Series) bool { return byLabel(s.Labels) }) {
			return "by the label " + string(label), byLabel
		}
	}
	byName := func(l model.Metric) bool { return o.named.MatchString(string(l["pod"])) }
	if slices.ContainsFunc(set, func(s series.Series) bool { return byName(s.Labels) }) {
		return "by their names", byName
	}
	return "", nil
}

// inNamespace keeps the workload's namespace where the series are of several
// and it is among them.
func (o *owners) inNamespace(set []series.Series) []series.Series {
	names := values(set, "namespace")
	if len(names) < 2 || !slices.Contains(names, o.workload.Namespace) {
		return set
	}
	var out []series.Series
	for _, s := range set {
		if string(s.Labels["namespace"]) == o.workload.Namespace {
			out = append(out, s)
		}
	}
	return out
}

// levels keeps, of several workloads' counts, that of this one.
func (o *owners) levels(set []series.Series) []series.Series {
	if len(set) < 2 || o.workload.Name == "" {
		return set
	}
	set = o.inNamespace(set)
	for _, label := range []model.LabelName{"deployment", "statefulset", "scaletargetref_name"} {
		var out []series.Series
		for _, s := range set {
			if string(s.Labels[label]) == o.workload.Name {
				out = append(out, s)
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return set
}

// podsOf are the distinct pods that series name.
func podsOf(set []series.Series) map[podKey]bool {
	pods := map[podKey]bool{}
	for i := range set {
		if key := keyOf(set[i].Labels); key.pod != "" {
			pods[key] = true
		}
	}
	return pods
}

func podText(n int) string {
	if n == 1 {
		return "one pod"
	}
	return fmt.Sprintf("%d pods", n)
}

// Pods tells the pods of one workload from those of others.
type Pods struct{ of owners }

// PodsOf reads from a recording whose pods are whose.
func PodsOf(rec *series.Recording, opt Options) *Pods { return &Pods{ownersOf(rec, opt)} }

// Count counts the distinct pods that labels name: the workload's own and others.
// Where they name no pod, several instances count as the workload's pods.
func (p *Pods) Count(all []model.Metric) (own, others int) {
	set := make([]series.Series, len(all))
	for i := range all {
		set[i].Labels = all[i]
	}
	total := len(podsOf(set))
	if total == 0 {
		if n := len(values(set, "instance")); n > 1 {
			return n, 0
		}
		return 0, 0
	}
	how, mine := p.of.rule(set)
	if how == "" {
		return 0, total
	}
	set = slices.DeleteFunc(p.of.inNamespace(set), func(s series.Series) bool { return !mine(s.Labels) })
	own = len(podsOf(set))
	return own, total - own
}
