package lint

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/elasticctl/elasticctl/pkg/gen"
)

// kedaIndex is the objects of KEDA.
type kedaIndex struct {
	kedas []*keda
	// queries are the Prometheus queries of their triggers.
	queries []*kedaQuery
	// hpaNames are the ScaledObjects by the HPAs that they make, ranges the
	// LimitRanges by namespace.
	hpaNames map[ref][]*keda
	ranges   map[string][]*corev1.LimitRange
	// auths are the kinds of TriggerAuthentications that there are.
	auths map[string]bool
}

// scaledObject is KEDA's keda.sh/v1alpha1 ScaledObject, with its status.
type scaledObject struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              gen.ScaledObjectSpec `json:"spec"`
	Status            map[string]any       `json:"status"`
}

// scaledJob is KEDA's ScaledJob, as far as its triggers go.
type scaledJob struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		JobTargetRef               *batchv1.JobSpec          `json:"jobTargetRef"`
		PollingInterval            *int32                    `json:"pollingInterval"`
		SuccessfulJobsHistoryLimit *int32                    `json:"successfulJobsHistoryLimit"`
		FailedJobsHistoryLimit     *int32                    `json:"failedJobsHistoryLimit"`
		RolloutStrategy            string                    `json:"rolloutStrategy"`
		Rollout                    map[string]any            `json:"rollout"`
		EnvSourceContainerName     string                    `json:"envSourceContainerName"`
		MinReplicaCount            *int32                    `json:"minReplicaCount"`
		MaxReplicaCount            *int32                    `json:"maxReplicaCount"`
		ScalingStrategy            map[string]any            `json:"scalingStrategy"`
		Triggers                   []gen.ScaledObjectTrigger `json:"triggers"`
	} `json:"spec"`
	Status map[string]any `json:"status"`
}

// triggerAuthentication is KEDA's TriggerAuthentication or
// ClusterTriggerAuthentication; nothing in it matters here.
type triggerAuthentication struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              map[string]any `json:"spec"`
	Status            map[string]any `json:"status"`
}

// keda is a ScaledObject or a ScaledJob.
type keda struct {
	*object
	// so is nil for a ScaledJob.
	so       *scaledObject
	triggers []gen.ScaledObjectTrigger
}

// kedaQuery is the query of a trigger.
type kedaQuery struct {
	*keda
	trigger *gen.ScaledObjectTrigger
	// path is where the trigger stands.
	path string
	// expr is nil where the query does not parse or is none of Prometheus's.
	expr parser.Expr
	err  error
}

func (x *kedaIndex) add(o *object) {
	switch t := o.Typed.(type) {
	case *scaledObject:
		x.addKEDA(&keda{object: o, so: t, triggers: t.Spec.Triggers})
	case *scaledJob:
		x.addKEDA(&keda{object: o, triggers: t.Spec.Triggers})
	case *triggerAuthentication:
		if x.auths == nil {
			x.auths = map[string]bool{}
		}
		x.auths[o.Kind] = true
	case *corev1.LimitRange:
		if x.ranges == nil {
			x.ranges = map[string][]*corev1.LimitRange{}
		}
		x.ranges[o.Namespace] = append(x.ranges[o.Namespace], t)
	}
}

func (x *kedaIndex) addKEDA(k *keda) {
	x.kedas = append(x.kedas, k)
	if k.so != nil {
		if x.hpaNames == nil {
			x.hpaNames = map[ref][]*keda{}
		}
		name, _ := k.so.hpaName()
		at := ref{"autoscaling", "HorizontalPodAutoscaler", k.Namespace, name}
		x.hpaNames[at] = append(x.hpaNames[at], k)
	}
	for i := range k.triggers {
		t := &k.triggers[i]
		if t.Type != "prometheus" || t.Metadata["query"] == "" {
			continue
		}
		q := &kedaQuery{keda: k, trigger: t, path: "spec.triggers[" + strconv.Itoa(i) + "]"}
		if !otherLanguage(t.Metadata["serverAddress"]) && !isTemplate([]byte(t.Metadata["query"])) {
			q.expr, q.err = promQL(t.Metadata["query"])
			if q.err != nil {
				q.expr = nil
			}
		}
		x.queries = append(x.queries, q)
	}
}

// otherLanguage says whether a server speaks more than PromQL.
func otherLanguage(address string) bool {
	return slices.ContainsFunc([]string{"victoria", "vmselect", "vmsingle", "/select/"}, func(mark string) bool {
		return strings.Contains(strings.ToLower(address), mark)
	})
}

// hpaName is the name of the HorizontalPodAutoscaler that KEDA makes; chosen says
// that the ScaledObject says so.
func (so *scaledObject) hpaName() (name string, chosen bool) {
	if a := so.Spec.Advanced; a != nil && a.HorizontalPodAutoscalerConfig != nil && a.HorizontalPodAutoscalerConfig.Name != "" {
		return a.HorizontalPodAutoscalerConfig.Name, true
	}
	return "keda-hpa-" + so.Name, false
}

// The defaults of a ScaledObject.
const (
	kedaMaxReplicas = 100
	kedaCooldown    = 300
)

func (so *scaledObject) min() int32 {
	if so.Spec.MinReplicaCount == nil {
		return 0
	}
	return *so.Spec.MinReplicaCount
}

func (so *scaledObject) max() int32 {
	if so.Spec.MaxReplicaCount == nil {
		return kedaMaxReplicas
	}
	return *so.Spec.MaxReplicaCount
}

// scaler is a ScaledObject as what scales its target.
func (so *scaledObject) scaler(o *object) *scaler {
	t := so.Spec.ScaleTargetRef
	return &scaler{
		object: o, targetPath: "spec.scaleTargetRef",
		min: so.min(), minPath: "spec.minReplicaCount", minSet: so.Spec.MinReplicaCount != nil,
		max: so.max(), maxPath: "spec.maxReplicaCount",
		target: autoscalingv2.CrossVersionObjectReference{
			APIVersion: cmp.Or(t.APIVersion, "apps/v1"), Kind: cmp.Or(t.Kind, "Deployment"), Name: t.Name,
		},
	}
}

// modifiers are a ScaledObject's, nil where it has none.
func (so *scaledObject) modifiers() *gen.ScaledObjectModifiers {
	if so.Spec.Advanced == nil || so.Spec.Advanced.ScalingModifiers == nil || *so.Spec.Advanced.ScalingModifiers == (gen.ScaledObjectModifiers{}) {
		return nil
	}
	return so.Spec.Advanced.ScalingModifiers
}

// isResource says whether a trigger is cpu or memory, which the HPA measures
// itself.
func isResource(t *gen.ScaledObjectTrigger) bool { return t.Type == "cpu" || t.Type == "memory" }

// onlyResources says whether all triggers are.
func onlyResources(list []gen.ScaledObjectTrigger) bool {
	return len(list) > 0 && !slices.ContainsFunc(list, func(t gen.ScaledObjectTrigger) bool { return !isResource(&t) })
}

// isExternal says whether a trigger asks somebody outside of the cluster's own
// objects, who may not answer.
func isExternal(t *gen.ScaledObjectTrigger) bool {
	return !slices.Contains([]string{"cpu", "memory", "cron", "kubernetes-workload", "kubernetes-resource"}, t.Type)
}

// eachScaledObject calls a function for each ScaledObject.
func (c *checker) eachScaledObject(do func(k *keda)) {
	for _, k := range c.kedas {
		if k.so != nil {
			do(k)
		}
	}
}

// eachTrigger calls a function for each trigger, with where it stands.
func (c *checker) eachTrigger(do func(k *keda, t *gen.ScaledObjectTrigger, path string)) {
	for _, k := range c.kedas {
		for i := range k.triggers {
			do(k, &k.triggers[i], "spec.triggers["+strconv.Itoa(i)+"]")
		}
	}
}
