package lint

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/elasticctl/elasticctl/pkg/gen"
)

// kedaRefs are about what a ScaledObject refers to.
var kedaRefs = []Rule{
	{
		ID: "keda-duplicate-target", Severity: Error, Tier: Default,
		What: "two ScaledObjects scale one workload",
		Why:  "KEDA's webhook refuses the second one. Without the webhook there are two HorizontalPodAutoscalers over the same pods, and neither acts.",
		How:  "ScaledObjects are grouped by namespace and target, whose default kind is an apps/v1 Deployment.",
		Sources: []string{
			"https://github.com/kedacore/keda/issues/3755",
			"https://github.com/kedacore/keda/blob/main/apis/keda/v1alpha1/scaledobject_webhook.go",
		},
		check: kedaDuplicateTarget,
	},
	{
		ID: "keda-hpa-adopt", Severity: Error, Tier: Default,
		What: "the HorizontalPodAutoscaler that KEDA would make exists already",
		Why:  "KEDA does not take over an object that is not its own. Its webhook refuses the ScaledObject, or the two owners write it in turns.",
		How: "The name in advanced.horizontalPodAutoscalerConfig.name, or keda-hpa- and the ScaledObject's, is that of a HorizontalPodAutoscaler among the inputs, " +
			"and the annotation scaledobject.keda.sh/transfer-hpa-ownership is not \"true\"; or another ScaledObject of the namespace makes one of that name.",
		Sources: []string{
			"https://github.com/kedacore/keda/issues/6597",
			"https://github.com/kedacore/keda/blob/main/apis/keda/v1alpha1/scaledobject_webhook.go",
		},
		check: kedaHPAAdopt,
	},
	{
		ID: "keda-name-too-long", Severity: Error, Tier: Default,
		What: "the name of the HorizontalPodAutoscaler that KEDA would make is longer than 63 characters",
		Why:  "KEDA's webhook refuses the ScaledObject: the name must fit a label.",
		How:  "keda-hpa- and the ScaledObject's name, or advanced.horizontalPodAutoscalerConfig.name, has more than 63 characters, or the ScaledObject's own name has.",
		Sources: []string{
			"https://github.com/kedacore/keda/blob/main/apis/keda/v1alpha1/scaledobject_webhook.go",
			"https://github.com/kedacore/keda-docs/blob/main/content/docs/2.21/operate/admission-webhooks.md",
		},
		check: kedaNameTooLong,
	},
	{
		ID: "keda-auth-ref-missing", Severity: Error, Tier: Default,
		What: "a trigger's authenticationRef does not exist",
		Why:  "KEDA cannot make the scaler: the ScaledObject is not ready, and nothing is scaled.",
		How: "authenticationRef is looked up among the TriggerAuthentications of the namespace or, by its kind, the ClusterTriggerAuthentications. Where there are none at all they are kept " +
			"elsewhere, and nothing is said; else this is information. It is an error with --complete or --context.",
		Sources: []string{
			"https://github.com/kedacore/keda-docs/blob/main/content/docs/2.21/reference/scaledobject-spec.md",
		},
		check: kedaAuthRefMissing,
	},
	{
		ID: "keda-missing-request", Severity: Error, Tier: Default,
		What: "a container lacks the request that a cpu or memory trigger needs",
		Why:  "KEDA's webhook refuses the ScaledObject, also for an average value, and a utilization without a request fails for the whole pod.",
		How: "Every container of the target, a Deployment or StatefulSet among the inputs, or the one in containerName, has a request or a limit above 0 for the trigger's resource, unless the pod as " +
			"a whole or a LimitRange of the namespace has. This is as KEDA's webhook checks it.",
		Sources: []string{
			"https://github.com/kedacore/keda/blob/main/apis/keda/v1alpha1/scaledobject_webhook.go",
		},
		check: kedaMissingRequest,
	},
	{
		ID: "keda-paused-left", Severity: Warning, Tier: Recommended,
		What: "a ScaledObject is paused by an annotation in its manifest",
		Why:  "It is meant for an incident and switches autoscaling off. In a manifest it comes back with every apply.",
		How:  "An annotation autoscaling.keda.sh/paused, paused-scale-in or paused-scale-out is there and not \"false\", or paused-replicas is there.",
		Sources: []string{
			"https://github.com/kedacore/keda-docs/blob/main/content/docs/2.21/reference/scaledobject-spec.md",
		},
		check: kedaPausedLeft,
	},
	{
		ID: "keda-v1-api", Severity: Error, Tier: Default,
		What: "an object of KEDA is of the API of version 1",
		Why:  "The group keda.k8s.io went with KEDA 2. Where its definition is left over the object is created, and nobody acts on it.",
		How:  "The apiVersion is of the group keda.k8s.io.",
		Sources: []string{
			"https://github.com/kedacore/keda-docs/blob/main/content/docs/2.21/migration.md",
		},
		check: kedaV1API,
	},
}

func kedaDuplicateTarget(c *checker) {
	first := map[ref]*scaler{}
	for _, s := range c.scalers {
		if s.hpa != nil || s.target.Name == "" {
			continue
		}
		before := first[s.targetRef()]
		if before == nil {
			first[s.targetRef()] = s
			continue
		}
		if before.is(s.object) {
			continue // given twice
		}
		c.report(s.object, s.targetPath+".name", fmt.Sprintf("ScaledObject %s scales %s %s already", before.Name, s.target.Kind, s.target.Name),
			"give one ScaledObject all the triggers").see(before.object, before.targetPath, "the other ScaledObject")
	}
}

const transferOwnership = "scaledobject.keda.sh/transfer-hpa-ownership"

func kedaHPAAdopt(c *checker) {
	c.eachScaledObject(func(k *keda) {
		name, chosen := k.so.hpaName()
		at := "metadata.name"
		if chosen {
			at = "spec.advanced.horizontalPodAutoscalerConfig.name"
		}
		who := ref{"autoscaling", "HorizontalPodAutoscaler", k.Namespace, name}
		if others := c.byName[who]; len(others) > 0 && k.so.Annotations[transferOwnership] != "true" {
			c.report(k.object, at, fmt.Sprintf("HorizontalPodAutoscaler %s exists already, and KEDA would make it", name),
				fmt.Sprintf("annotate the ScaledObject with %s: \"true\", and remove the other's manifest", transferOwnership)).
				see(others[0], "metadata.name", "the autoscaler")
		}
		if same := c.hpaNames[who]; same[0] != k && same[0].Name != k.Name {
			c.report(k.object, at, fmt.Sprintf("ScaledObject %s makes the HorizontalPodAutoscaler %s too", same[0].Name, name), "choose another name").
				see(same[0].object, "spec", "the other ScaledObject")
		}
	})
}

func kedaNameTooLong(c *checker) {
	const most = 63
	c.eachScaledObject(func(k *keda) {
		name, chosen := k.so.hpaName()
		switch {
		case len(k.Name) > most:
			c.report(k.object, "metadata.name", fmt.Sprintf("the name has %d characters, and at most %d fit", len(k.Name), most), "choose a shorter name")
		case len(name) > most && chosen:
			c.report(k.object, "spec.advanced.horizontalPodAutoscalerConfig.name", fmt.Sprintf("the name has %d characters, and at most %d fit", len(name), most), "choose a shorter name")
		case len(name) > most:
			c.report(k.object, "metadata.name", fmt.Sprintf("the autoscaler would be named %s, which has %d characters, and at most %d fit", name, len(name), most),
				"choose a shorter name, or one for the autoscaler in advanced.horizontalPodAutoscalerConfig.name")
		}
	})
}

func kedaAuthRefMissing(c *checker) {
	c.eachTrigger(func(k *keda, t *gen.ScaledObjectTrigger, path string) {
		auth := t.AuthenticationRef
		if auth == nil || auth.Name == "" {
			return
		}
		wanted := ref{"keda.sh", "TriggerAuthentication", k.Namespace, auth.Name}
		found := c.byName[wanted]
		if auth.Kind == "ClusterTriggerAuthentication" {
			wanted.kind, wanted.namespace = auth.Kind, ""
			found = c.unnamed[wanted]
		}
		if len(found) == 0 && (c.options.Complete || c.auths[wanted.kind]) {
			c.unresolved(c.report(k.object, path+".authenticationRef.name", fmt.Sprintf("the %s %s is not among the inputs", wanted.kind, auth.Name),
				"pass its manifest too, or what exists in the cluster with --context"))
		}
	})
}

func kedaMissingRequest(c *checker) {
	for _, s := range c.scalers {
		so, ok := s.Typed.(*scaledObject)
		if !ok || s.workload == nil || s.workload.Kind != "Deployment" && s.workload.Kind != "StatefulSet" {
			continue
		}
		for i := range so.Spec.Triggers {
			if t := &so.Spec.Triggers[i]; isResource(t) {
				c.kedaRequests(s, t, fmt.Sprintf("spec.triggers[%d]", i))
			}
		}
	}
}

// kedaRequests reports the containers that lack the request of a trigger.
func (c *checker) kedaRequests(s *scaler, t *gen.ScaledObjectTrigger, path string) {
	resource, only := corev1.ResourceName(t.Type), t.Metadata["containerName"]
	spec := &s.workload.template.Spec
	if only == "" && spec.Resources != nil && positive(spec.Resources, resource) || c.ranged(s.Namespace, resource) {
		return
	}
	for i := range spec.Containers {
		one := &spec.Containers[i]
		if only != "" && one.Name != only || positive(&one.Resources, resource) {
			continue
		}
		c.report(s.workload.object, s.workload.in(fmt.Sprintf("containers[%d].resources", i)),
			fmt.Sprintf("container %s requests no %s, and ScaledObject %s has a trigger of that type", one.Name, resource, s.Name),
			fmt.Sprintf("add requests: {%s: …} to its resources", resource)).see(s.object, path, "the trigger")
	}
}

// positive says whether there is a request or a limit above 0.
func positive(r *corev1.ResourceRequirements, name corev1.ResourceName) bool {
	request, limit := r.Requests[name], r.Limits[name]
	return request.Sign() > 0 || limit.Sign() > 0
}

// ranged says whether a LimitRange of the namespace gives containers a resource.
func (x *kedaIndex) ranged(namespace string, name corev1.ResourceName) bool {
	for _, r := range x.ranges[namespace] {
		for i := range r.Spec.Limits {
			item := &r.Spec.Limits[i]
			given := corev1.ResourceRequirements{Requests: item.DefaultRequest, Limits: item.Default}
			if item.Type == corev1.LimitTypeContainer && positive(&given, name) {
				return true
			}
		}
	}
	return false
}

func kedaPausedLeft(c *checker) {
	c.eachScaledObject(func(k *keda) {
		for _, name := range []string{"paused", "paused-replicas", "paused-scale-in", "paused-scale-out"} {
			key := "autoscaling.keda.sh/" + name
			value, ok := k.so.Annotations[key]
			if !ok || value == "false" {
				continue
			}
			c.report(k.object, "metadata.annotations["+key+"]", fmt.Sprintf("the annotation %s: %q pauses the autoscaler", key, value),
				"remove it; in an incident, kubectl annotate is enough")
		}
	})
}

func kedaV1API(c *checker) {
	for _, o := range c.objects {
		if o.Group() == "keda.k8s.io" {
			c.report(o, "apiVersion", o.APIVersion+" went with KEDA 2", "write apiVersion: keda.sh/v1alpha1, and what the migration guide says of its fields")
		}
	}
}
