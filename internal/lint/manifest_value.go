package lint

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"

	"github.com/elasticctl/elasticctl/pkg/gen"
)

// manifestValues are about values of the right type that the API server refuses.
var manifestValues = []Rule{
	{
		ID: "manifest-value", Severity: Error, Tier: Default,
		What: "a value of the right type that the API server, or what reads the object, refuses",
		Why:  "The object is not created; a monitor or trigger with it is not read. What is in the cluster stays as it was.",
		How: "Durations of prometheus-operator's objects are of the form 1h30m; minAvailable, maxUnavailable and maxSurge are a number or a whole percentage, not negative, and not above 100 % where that cannot be; " +
			"names of objects, containers and ports have the letters that they may have; updateMode of a VerticalPodAutoscaler, and type and metadata of a KEDA trigger, have the case of letters that they must have. " +
			"Names with other signs than letters, digits, dots, dashes and underscores, names in capitals, and Helm's RELEASE-NAME are taken for placeholders and passed over.",
		Sources: []string{
			"https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/apis/policy/validation/validation.go",
			"https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/apis/core/validation/validation.go",
			"https://github.com/prometheus-operator/prometheus-operator/blob/main/Documentation/api-reference/api.md",
		},
		check: manifestValue,
	},
}

func manifestValue(c *checker) {
	for _, o := range c.objects {
		c.objectName(o)
		switch t := o.Typed.(type) {
		case *monitoringv1.PrometheusRule:
			c.ruleDurations(o, t)
		case *appsv1.Deployment:
			if r := t.Spec.Strategy.RollingUpdate; r != nil {
				c.share(o, "spec.strategy.rollingUpdate.maxSurge", r.MaxSurge, false)
				c.share(o, "spec.strategy.rollingUpdate.maxUnavailable", r.MaxUnavailable, true)
			}
		case *corev1.Service:
			for i := range t.Spec.Ports {
				c.name(o, fmt.Sprintf("spec.ports[%d].name", i), t.Spec.Ports[i].Name, "a port", validation.IsDNS1123Label)
			}
		case *verticalPodAutoscaler:
			c.cased(o, "spec.updatePolicy.updateMode", t.Spec.UpdatePolicy.UpdateMode, "Off", "Initial", "Recreate", "InPlaceOrRecreate", "Auto")
		}
	}
	for _, m := range c.monitors {
		for i := range m.endpoints {
			e := &m.endpoints[i]
			c.duration(m.object, e.path+".interval", e.interval)
			c.duration(m.object, e.path+".scrapeTimeout", e.timeout)
		}
	}
	for _, b := range c.budgets {
		c.share(b.object, "spec.minAvailable", b.spec.Spec.MinAvailable, true)
		c.share(b.object, "spec.maxUnavailable", b.spec.Spec.MaxUnavailable, true)
	}
	for _, w := range c.workloads {
		c.containerNames(w)
	}
	c.triggerCase()
}

// promDurations is the form that the schemas of prometheus-operator ask for.
var promDurations = regexp.MustCompile(`^(0|(([0-9]+)y)?(([0-9]+)w)?(([0-9]+)d)?(([0-9]+)h)?(([0-9]+)m)?(([0-9]+)s)?(([0-9]+)ms)?)$`)

func (c *checker) duration(o *object, path, value string) {
	if promDurations.MatchString(value) {
		return
	}
	fix := "write it as 30s, 5m or 1h30m"
	if near := strings.ReplaceAll(value, " ", ""); promDurations.MatchString(near) {
		fix = "write " + near
	} else if promDurations.MatchString(value + "s") {
		fix = "write " + value + "s, if seconds are meant"
	}
	c.report(o, path, fmt.Sprintf("%q is no duration", value), fix)
}

func (c *checker) ruleDurations(o *object, t *monitoringv1.PrometheusRule) {
	text := func(d *monitoringv1.Duration) string {
		if d == nil {
			return ""
		}
		return string(*d)
	}
	for i := range t.Spec.Groups {
		g := &t.Spec.Groups[i]
		at := fmt.Sprintf("spec.groups[%d]", i)
		c.duration(o, at+".interval", text(g.Interval))
		for k := range g.Rules {
			r := fmt.Sprintf("%s.rules[%d]", at, k)
			c.duration(o, r+".for", text(g.Rules[k].For))
			if keep := g.Rules[k].KeepFiringFor; keep != nil {
				c.duration(o, r+".keep_firing_for", string(*keep))
			}
		}
	}
}

// share checks a number of pods or a percentage of them; whole says that it cannot
// be more than all.
func (c *checker) share(o *object, path string, v *intstr.IntOrString, whole bool) {
	switch {
	case v == nil:
	case v.Type == intstr.Int:
		if v.IntVal < 0 {
			c.report(o, path, fmt.Sprintf("%d is negative", v.IntVal), "write 0 or more")
		}
	case len(validation.IsValidPercent(v.StrVal)) > 0:
		fix := `write a number of pods, such as 1, or a percentage, such as "50%"`
		if len(validation.IsValidPercent(v.StrVal+"%")) == 0 {
			fix = fmt.Sprintf("write %s without quotes, or %q for a percentage", v.StrVal, v.StrVal+"%")
		}
		c.report(o, path, fmt.Sprintf("%q is neither a number nor a percentage", v.StrVal), fix)
	case whole && len(strings.TrimLeft(v.StrVal, "0")) > len("99%") && strings.TrimLeft(v.StrVal, "0") != "100%":
		c.report(o, path, v.StrVal+" is more than all", "write 100% or less")
	}
}

// plausible are names that are meant as they stand; others hold placeholders.
var plausible = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

// name checks a name that is written.
func (c *checker) name(o *object, path, name, what string, flaws func(string) []string) {
	capitals := strings.ToUpper(name) == name && strings.ToLower(name) != name // REPLACE_ME
	if !plausible.MatchString(name) || capitals || strings.Contains(name, "RELEASE-NAME") || len(flaws(name)) == 0 {
		return
	}
	fix := "write lower-case letters, digits and dashes, with a letter or digit first and last"
	near := strings.Trim(strings.NewReplacer("_", "-", ".", "-").Replace(strings.ToLower(name)), "-")
	if len(flaws(near)) == 0 {
		fix = "write " + near
	} else if what == "a container's port" && len(name) > 15 {
		fix = "write 15 letters or fewer"
	}
	c.report(o, path, fmt.Sprintf("%s cannot be called %s", what, name), fix)
}

// objectName checks the name of an object of the kinds that are joined.
func (c *checker) objectName(o *object) {
	_, scales := o.Typed.(*scaledObject)
	_, watches := o.Typed.(*monitoringv1.ServiceMonitor)
	if c.targets[o] != nil || scales || watches || o.Kind == "HorizontalPodAutoscaler" || o.Kind == "PodDisruptionBudget" {
		c.name(o, "metadata.name", o.Name, "a "+o.Kind, validation.IsDNS1123Subdomain)
	}
}

func (c *checker) containerNames(w *workload) {
	lists := map[string][]corev1.Container{"containers": w.template.Spec.Containers, "initContainers": w.template.Spec.InitContainers}
	for _, field := range slices.Sorted(maps.Keys(lists)) {
		for i := range lists[field] {
			at := w.in(fmt.Sprintf("%s[%d]", field, i))
			c.name(w.object, at+".name", lists[field][i].Name, "a container", validation.IsDNS1123Label)
			for k := range lists[field][i].Ports {
				c.name(w.object, fmt.Sprintf("%s.ports[%d].name", at, k), lists[field][i].Ports[k].Name, "a container's port", validation.IsValidPortName)
			}
		}
	}
}

// cased checks that a value has the letters of one of those there are in their case.
func (c *checker) cased(o *object, path, value string, all ...string) {
	if slices.Contains(all, value) {
		return
	}
	for _, one := range all {
		if strings.EqualFold(one, value) {
			c.report(o, path, fmt.Sprintf("%q is written %s", value, one), "write "+yamlText(one))
		}
	}
}

// yamlText is a text as YAML has it: Off alone would be a boolean.
func yamlText(s string) string {
	if s == "Off" {
		return `"Off"`
	}
	return s
}

// triggerCase checks the case of letters in triggers: KEDA's types are in lower
// case, and what it does not find in metadata is missing.
func (c *checker) triggerCase() {
	c.eachTrigger(func(k *keda, t *gen.ScaledObjectTrigger, path string) {
		if lower := strings.ToLower(t.Type); plausible.MatchString(t.Type) && lower != t.Type {
			c.report(k.object, path+".type", fmt.Sprintf("there is no trigger of type %s", t.Type), "write "+lower)
		}
		if t.Type != "prometheus" {
			return
		}
		for _, key := range slices.Sorted(maps.Keys(t.Metadata)) {
			c.cased(k.object, path+".metadata."+key, key, "serverAddress", "query", "threshold", "activationThreshold", "ignoreNullValues")
		}
	})
}
