package lint

import (
	"fmt"
	"strings"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// metricsIndex is what serves metrics, and who asks for them.
type metricsIndex struct {
	adapters    []*adapter
	apiServices []typed[*apiService]
	// asked are the metrics of autoscalers that prometheus-adapter may serve.
	asked []*asked
}

// adapter is one configuration of prometheus-adapter.
type adapter struct {
	*object
	*adapterSpec
	custom, externals []*adapterRule
}

// apiService is an APIService of apiregistration.k8s.io/v1.
type apiService struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		Service *struct {
			Namespace string `json:"namespace"`
			Name      string `json:"name"`
			Port      *int32 `json:"port"`
		} `json:"service"`
		Group                 string `json:"group"`
		Version               string `json:"version"`
		InsecureSkipTLSVerify bool   `json:"insecureSkipTLSVerify"`
		CABundle              []byte `json:"caBundle"`
		GroupPriorityMinimum  int32  `json:"groupPriorityMinimum"`
		VersionPriority       int32  `json:"versionPriority"`
	} `json:"spec"`
	Status map[string]any `json:"status"`
}

// asked is a metric that an autoscaler asks for.
type asked struct {
	scaler *scaler
	// path is where its name stands, name the metric's.
	path, name string
	// external says which API serves it; resource is the kind of object that it is
	// of, in lower case.
	external bool
	resource string
	selector *metav1.LabelSelector
	// rules are those that certainly serve the name, perhaps others those that may;
	// wrong are those that serve it through the other API.
	rules, perhaps, wrong []*adapterRule
}

// counterRules are about metrics that nothing among the inputs computes.
var counterRules = []Rule{
	{
		ID: "hpa-counter-raw", Severity: Warning, Tier: Default,
		What: "an autoscaler's metric is a counter, which only grows",
		Why: "Where no adapter serves it, nothing is scaled. Where one serves it as it is, each pod's value is all that it has counted since it started: " +
			"the target is passed some time, the autoscaler goes to maxReplicas and stays there, however little there is to do.",
		How: "The name of a Pods or Object metric ends in _total, as counters do, and there is no configuration of prometheus-adapter among the inputs. " +
			"Where there is one, its rules say more: see pa-metric-unmatched and pa-counter-no-rate.",
		Sources: []string{
			"https://prometheus.io/docs/practices/naming/",
			"https://github.com/kubernetes/kubernetes/issues/57365",
			"https://github.com/pytorch/serve/issues/3286",
		},
		check: hpaCounterRaw,
	},
}

func hpaCounterRaw(c *checker) {
	if len(c.adapters) > 0 {
		return
	}
	for _, a := range c.asked {
		base, counter := strings.CutSuffix(a.name, "_total")
		if !counter || base == "" || a.external || a.scaler.written == nil {
			continue
		}
		c.report(a.scaler.object, a.path, fmt.Sprintf("%s is a counter by its name: it only grows, however little load there is", a.name),
			fmt.Sprintf("scale on its rate, such as %s_per_second, and have prometheus-adapter serve that: sum(rate(%s{<<.LabelMatchers>>}[2m])) by (<<.GroupBy>>)", base, a.name))
	}
}

func (x *metricsIndex) add(o *object) {
	switch t := o.Typed.(type) {
	case *adapterSpec:
		a := &adapter{object: o, adapterSpec: t}
		for i := range t.rules.rules {
			a.custom = append(a.custom, newAdapterRule(o, t, &t.rules, i))
		}
		for i := range t.external.rules {
			a.externals = append(a.externals, newAdapterRule(o, t, &t.external, i))
		}
		x.adapters = append(x.adapters, a)
	case *apiService:
		x.apiServices = append(x.apiServices, typed[*apiService]{o, t})
	}
}

// all are all rules of an adapter.
func (a *adapter) all() []*adapterRule {
	return append(append([]*adapterRule(nil), a.custom...), a.externals...)
}

// joinMetrics finds out which rules serve what autoscalers ask for.
func (x *index) joinMetrics() {
	type key struct {
		name     string
		external bool
	}
	known := map[key]*asked{}
	for _, s := range x.scalers {
		if s.hpa == nil {
			continue
		}
		for i := range s.hpa.Spec.Metrics {
			a := askedFor(s, i)
			if a == nil {
				continue
			}
			first := known[key{a.name, a.external}]
			if first == nil {
				x.serve(a)
				known[key{a.name, a.external}], first = a, a
			}
			a.rules, a.perhaps, a.wrong = first.rules, first.perhaps, first.wrong
			x.asked = append(x.asked, a)
		}
	}
}

// askedFor is what an autoscaler's metric asks for; nil where that is none of the
// adapter's business.
func askedFor(s *scaler, i int) *asked {
	m := &s.hpa.Spec.Metrics[i]
	a := &asked{scaler: s}
	var id *autoscalingv2.MetricIdentifier
	field := ""
	switch {
	case m.Pods != nil:
		id, field, a.resource = &m.Pods.Metric, "pods", "pod"
	case m.Object != nil:
		id, field, a.resource = &m.Object.Metric, "object", strings.ToLower(m.Object.DescribedObject.Kind)
	case m.External != nil:
		id, field, a.external = &m.External.Metric, "external", true
	default:
		return nil
	}
	a.name, a.selector = id.Name, id.Selector
	a.path = fmt.Sprintf("spec.metrics[%d].%s.metric.name", i, field)
	return a
}

// serve finds the rules that serve a metric.
func (x *metricsIndex) serve(a *asked) {
	for _, one := range x.adapters {
		own, other := one.custom, one.externals
		if a.external {
			own, other = other, own
		}
		for _, r := range own {
			if may, certain := r.gives(a.name); certain {
				a.rules = append(a.rules, r)
			} else if may {
				a.perhaps = append(a.perhaps, r)
			}
		}
		for _, r := range other {
			if _, certain := r.gives(a.name); certain {
				a.wrong = append(a.wrong, r)
			}
		}
	}
}
