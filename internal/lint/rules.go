package lint

import "slices"

// rules are all rules, family by family.
var rules = slices.Concat(
	manifestRules,
	manifestValues,
	suppressionRules,
	specRules,
	hpaValidation,
	hpaBounds,
	hpaTarget,
	hpaKind,
	hpaConflict,
	hpaMigration,
	hpaMetrics,
	hpaQuantity,
	hpaRequests,
	hpaSidecar,
	hpaReach,
	hpaBehavior,
	runtimeRules,
	workloadProbes,
	workloadStop,
	workloadRollout,
	workloadPlace,
	workloadPool,
	workloadResources,
	pdbRules,
	kustomizeRules,
	serviceRules,
	monitorSelect,
	monitorPort,
	monitorScrape,
	monitorServer,
	monitorMetric,
	adapterConfig,
	adapterServe,
	counterRules,
	apiServices,
	kedaReplicas,
	kedaRefs,
	kedaTriggers,
	kedaQueries,
	alertRules,
	dataMetric,
	dataScale,
	dataPods,
	dataScrape,
	dataStatus,
)

// manifestRules are broken by what cannot be read; reading finds it.
var manifestRules = []Rule{
	{
		ID: "manifest-syntax", Severity: Error, Tier: Default,
		What: "the file is not YAML",
		Why:  "Nothing that reads it gets any further, and nothing of the file is applied.",
		How:  "The file is parsed as YAML 1.1 as Kubernetes understands it, or as JSON. A file with the expressions of a Helm template is skipped and said to be; so is nothing else.",
		Sources: []string{
			"https://yaml.org/spec/1.1/",
		},
	},
	{
		ID: "manifest-kind", Severity: Error, Tier: Default,
		What: "no such object: the apiVersion or kind is missing, misspelt or not served any more",
		Why:  "The API server refuses the object.",
		Fix:  "a misspelt kind of the groups that autoscaling lives on is written as the API has it, and apps/v1 in place of apps/v1beta2, whose workloads are the same.",
		How:  "Every document must be an object with apiVersion and kind. Both are compared with what Kubernetes serves, for the groups that autoscaling lives on; other groups are passed over.",
		Sources: []string{
			"https://kubernetes.io/docs/reference/using-api/deprecation-guide/",
			"https://github.com/doitintl/kube-no-trouble/issues/459",
		},
	},
	{
		ID: "manifest-field", Severity: Error, Tier: Default,
		What: "a field that does not exist, stands twice, or has a value of the wrong type",
		Why:  "The API server refuses a wrong type, and drops an unknown field with a warning at most: what was meant does not happen.",
		Fix:  "a misspelt field is renamed, where it can have meant one other only, which is not there and can have the value; texts that look like numbers or booleans are quoted among labels, annotations, arguments and variables; quotes around a number or boolean go.",
		How:  "Objects of built-in kinds, of prometheus-operator and of KEDA, and the configuration of prometheus-adapter, are decoded into their typed API, in which every field must exist, once, with a value of its type. Kinds of others are passed over (-v names them).",
		Sources: []string{
			"https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation",
			"https://kubernetes.io/blog/2023/04/24/openapi-v3-field-validation-ga/",
		},
	},
	{
		ID: "hpa-api-removed", Severity: Error, Tier: Default,
		What: "a HorizontalPodAutoscaler of an API version that is not served any more",
		Why:  "The API server does not know the object: kubectl apply fails, and a Helm release with it can neither be upgraded nor rolled back.",
		Fix:  "autoscaling/v2beta2 becomes autoscaling/v2, which has the same fields. The fields of v2beta1 are others.",
		How:  "apiVersion is autoscaling/v2beta1 (gone in 1.25), autoscaling/v2beta2 (gone in 1.26) or extensions/v1beta1. autoscaling/v2 is there since 1.23, so this holds for older clusters too.",
		Sources: []string{
			"https://kubernetes.io/docs/reference/using-api/deprecation-guide/",
			"https://github.com/doitintl/kube-no-trouble/issues/459",
			"https://github.com/SumoLogic/sumologic-kubernetes-collection/issues/2625",
		},
	},
	{
		ID: "pdb-api-removed", Severity: Error, Tier: Default,
		What: "a PodDisruptionBudget of an API version that is not served any more",
		Why:  "The API server does not know the object, and the pods are not protected.",
		Fix:  "policy/v1 is written, unless the selector is empty: that means something else there.",
		How:  "apiVersion is policy/v1beta1 (gone in 1.25). policy/v1 is there since 1.21; an empty selector selects every pod there, and selected none before.",
		Sources: []string{
			"https://kubernetes.io/docs/reference/using-api/deprecation-guide/",
			"https://github.com/zegl/kube-score/blob/master/README_CHECKS.md",
		},
	},
	{
		ID: "hpa-quantity-invalid", Severity: Error, Tier: Default,
		What: "a metric's target is not a quantity, such as 100r/s or 50%",
		Why:  "The API server refuses the object. Schema checks pass it, because a quantity is a text to them.",
		Fix:  "a unit of rate per second, of cores or of bytes is left out, a binary prefix is written as it must be, as 512Mi for 512MiB. 500MB stays: it may have meant 500M or 500Mi.",
		How:  "Every value and averageValue of a HorizontalPodAutoscaler is read as the API server reads a quantity.",
		Sources: []string{
			"https://github.com/instrumenta/kubeval/issues/185",
			"https://github.com/kubernetes/kubernetes/blob/v1.37.2/staging/src/k8s.io/apimachinery/pkg/api/resource/quantity.go",
		},
	},
}

// Rules returns all rules, in the order of their families.
func Rules() []Rule { return slices.Clone(rules) }

// ruleByID finds a rule that is known to exist.
func ruleByID(id string) *Rule {
	for i := range rules {
		if rules[i].ID == id {
			return &rules[i]
		}
	}
	return nil
}
