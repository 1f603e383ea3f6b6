package lint

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"
)

// adapterServe join what autoscalers ask for with the rules that serve it.
var adapterServe = []Rule{
	{
		ID: "pa-metric-unmatched", Severity: Error, Tier: Default,
		What: "an autoscaler's metric is served by no rule of prometheus-adapter",
		Why:  "The autoscaler gets no metric: FailedGetPodsMetric, and ScalingActive is false.",
		How: "The name that a metric of type Pods, Object or External asks for is held against the names that the adapter's rules may give, worked out from seriesQuery, filters " +
			"and name. This needs a configuration of the adapter among the inputs, for External metrics one with externalRules, in a ConfigMap, which is all that an adapter has. A part of one, as " +
			"generate --adapter-rules writes, counts with --complete or --context. A Helm chart's values whose default rules are on may serve any name.",
		Sources: []string{
			"https://github.com/kubernetes-sigs/prometheus-adapter/issues/495",
			"https://github.com/kubernetes-sigs/prometheus-adapter/blob/master/docs/config.md",
		},
		check: paMetricUnmatched,
	},
	{
		ID: "pa-kind-mismatch", Severity: Error, Tier: Default,
		What: "a metric is served as an external one and asked for as one of objects, or the other way round",
		Why:  "Two APIs, custom.metrics.k8s.io and external.metrics.k8s.io, and two lists of rules: what is in one is not found in the other.",
		How:  "A metric of type Pods or Object has a name that only a rule in externalRules gives, or one of type External a name that only one in rules does.",
		Sources: []string{
			"https://github.com/kubernetes-sigs/prometheus-adapter/issues/157",
			"https://github.com/kubernetes-sigs/prometheus-adapter/blob/master/docs/externalmetrics.md",
		},
		check: paKindMismatch,
	},
	{
		ID: "pa-label-missing", Severity: Error, Tier: Default,
		What: "the rule that serves a metric of pods knows no label for pods or namespaces",
		Why:  "The adapter cannot say which series are of which pod: the metric is not served for pods, and the autoscaler gets none.",
		How: "The rules that serve the metric of an autoscaler among the inputs map no label to pods (or the kind of object that the metric is of), or none to namespaces, " +
			"neither in overrides nor by a template.",
		Sources: []string{
			"https://github.com/kubernetes-sigs/prometheus-adapter/issues/112",
			"https://github.com/kubernetes-sigs/prometheus-adapter/issues/585",
		},
		check: paLabelMissing,
	},
	{
		ID: "pa-external-namespaced", Severity: Error, Tier: Default,
		What: "an external metric is asked for in the autoscaler's namespace, where its series are not",
		Why:  "The adapter adds the autoscaler's namespace to the query. If the query has another one already, nothing matches both; if no label stands for namespaces, there is no query.",
		How: "The rule that serves an External metric does not say namespaced: false. Its queries, or the metric's own selector, ask for a fixed namespace that is not the " +
			"autoscaler's, or the rule maps no label to namespaces.",
		Sources: []string{
			"https://github.com/kubernetes-sigs/prometheus-adapter/issues/530",
			"https://github.com/kubernetes-sigs/prometheus-adapter/blob/master/docs/externalmetrics.md",
		},
		check: paExternalNamespaced,
	},
	{
		ID: "pa-rate-window", Severity: Error, Tier: Default,
		What: "prometheus-adapter takes a rate over less than two scrapes",
		Why:  "A rate needs two samples. Over a shorter window there often is one: the metric is missing, and comes and goes.",
		How: "The window of rate, irate or increase in the rule that serves an autoscaler's metric of pods is held against twice the interval at which monitors among the inputs scrape " +
			"these pods, the shortest if there are several. Pods with a monitor whose interval is not known are passed over.",
		Sources: []string{
			"https://github.com/kubernetes-sigs/prometheus-adapter/blob/master/README.md",
			"https://github.com/prometheus-operator/kube-prometheus/issues/1231",
		},
		check: paRateWindow,
	},
	{
		ID: "pa-relist-interval", Severity: Warning, Tier: Default,
		What: "prometheus-adapter lists series more often than they are scraped",
		Why:  "It asks for the series of the time since it last listed. Those that were not scraped within it are gone until the next time: the metric flickers.",
		How: "--metrics-relist-interval among the arguments of a container, or --metrics-max-age if that is longer, is held against the interval of the monitors that scrape pods " +
			"whose metrics an autoscaler asks for.",
		Sources: []string{
			"https://github.com/kubernetes-sigs/prometheus-adapter/issues/325",
			"https://github.com/kubernetes-sigs/prometheus-adapter/blob/master/README.md",
		},
		check: paRelistInterval,
	},
}

func paMetricUnmatched(c *checker) {
	for _, a := range c.asked {
		if len(a.rules)+len(a.perhaps)+len(a.wrong) > 0 {
			continue
		}
		one, whole := c.answering(a)
		if one == nil || !whole && !c.options.Complete {
			continue
		}
		var names []string
		for _, r := range one.all() {
			for name := range r.names() {
				if r.external == a.external {
					names = append(names, name)
				}
			}
		}
		slices.Sort(names)
		fix := meant(a.name, slices.Compact(names), "add a rule for it to the adapter's configuration")
		list := one.rules.path
		if a.external {
			list = one.adapterSpec.external.path
		}
		f := c.at(a.scaler, a.path, fmt.Sprintf("no rule of prometheus-adapter serves %s", a.name), fix)
		f.see(one.object, list, "its rules")
	}
}

// answering is an adapter that would have to serve a metric, and whether nothing
// else could; nil for none.
func (x *metricsIndex) answering(a *asked) (one *adapter, whole bool) {
	for _, other := range x.adapters {
		if other.open && !a.external {
			return nil, false
		}
		if a.external && len(other.externals) == 0 || !a.external && len(other.custom) == 0 {
			continue
		}
		if one == nil {
			one = other
		}
		whole = whole || other.whole
	}
	return one, whole
}

func paKindMismatch(c *checker) {
	for _, a := range c.asked {
		if len(a.rules)+len(a.perhaps) > 0 || len(a.wrong) == 0 {
			continue
		}
		message, fix := "prometheus-adapter serves %s as an external metric, not as one of objects", "write type: External, or move the rule to rules"
		if a.external {
			message, fix = "prometheus-adapter serves %s as a metric of objects, not as an external one", "write type: Pods, or move the rule to externalRules"
		}
		r := a.wrong[0]
		at, _, _ := strings.Cut(a.path, "].")
		c.at(a.scaler, at+"].type", fmt.Sprintf(message, a.name), fix).see(r.object, r.in("seriesQuery"), "the rule")
	}
}

func paLabelMissing(c *checker) {
	type key struct {
		r        *adapterRule
		resource string
	}
	seen := map[key]bool{}
	for _, a := range c.asked {
		if a.external || len(a.perhaps) > 0 || len(a.rules) == 0 || a.resource == "namespace" || a.resource == "" {
			continue
		}
		for _, resource := range []string{a.resource, "namespace"} {
			r := a.rules[0]
			if resource == "namespace" && seen[key{r, a.resource}] {
				break // it needs more than that
			}
			if slices.ContainsFunc(a.rules, func(r *adapterRule) bool { return r.label(resource) != "" || r.Resources.Template != "" }) ||
				resource == "namespace" && a.resource == "node" || seen[key{r, resource}] {
				continue
			}
			seen[key{r, resource}] = true
			at := r.in("resources.overrides")
			f := c.report(r.object, at, fmt.Sprintf("%s knows no label for %ss, and %s scales on %s of %ss", r.title(), resource, a.scaler.Name, a.name, a.resource),
				fmt.Sprintf("say which label it is in resources.overrides, as %s: {resource: %s}", resource, resource))
			f.see(a.scaler.object, a.scaler.written.Written(a.path), "the metric")
		}
	}
}

func paExternalNamespaced(c *checker) {
	type key struct {
		r         *adapterRule
		namespace string
	}
	seen := map[key]bool{}
	for _, a := range c.asked {
		if !a.external || len(a.rules) != 1 || len(a.perhaps) > 0 {
			continue
		}
		r := a.rules[0]
		if r.Resources.Namespaced != nil && !*r.Resources.Namespaced || seen[key{r, a.scaler.Namespace}] {
			continue
		}
		message := fmt.Sprintf("%s knows no label for namespaces, and the adapter asks for that of the autoscaler", r.title())
		if label := r.label("namespace"); label != "" {
			other := r.namespaceOf(a, label)
			if other == "" || other == a.scaler.Namespace || !r.asksFor() {
				continue
			}
			message = fmt.Sprintf("the series are in namespace %s, and the adapter asks for those in %s, the autoscaler's", other, a.scaler.Namespace)
		}
		seen[key{r, a.scaler.Namespace}] = true
		f := c.report(r.object, r.in("resources.namespaced"), message, "write namespaced: false in resources")
		f.see(a.scaler.object, a.scaler.written.Written(a.path), "the metric")
	}
}

// namespaceOf is the namespace that a rule's queries, or the metric's selector,
// ask for; "" for none.
func (r *adapterRule) namespaceOf(a *asked, label string) string {
	if a.selector != nil && a.selector.MatchLabels[label] != "" {
		return a.selector.MatchLabels[label]
	}
	return equal(r.matchers, label)
}

// paced are the scrapes of the pods that a metric is of, the interval of the
// fastest and of the slowest; ok is false where not all are known.
func (a *asked) paced() (fastest, slowest *scrape, ok bool) {
	if a.external || a.resource != "pod" || a.scaler.workload == nil {
		return nil, nil, false
	}
	list := a.scaler.workload.scrapes
	for i := range list {
		s := &list[i]
		each := s.each()
		if each == 0 {
			return nil, nil, false
		}
		if fastest == nil || each < fastest.each() {
			fastest = s
		}
		if slowest == nil || each > slowest.each() {
			slowest = s
		}
	}
	return fastest, slowest, fastest != nil
}

// seeInterval adds where a scrape's interval stands.
func (f *found) seeInterval(s *scrape) {
	if s.endpoint.interval == "" {
		f.see(s.monitor.servers[0].object, "spec.scrapeInterval", "the interval")
		return
	}
	f.see(s.monitor.object, s.endpoint.path+".interval", "the interval")
}

// promText is a duration as Prometheus writes it.
func promText(d time.Duration) string { return model.Duration(d).String() }

func paRateWindow(c *checker) {
	seen := map[*adapterRule]bool{}
	for _, a := range c.asked {
		fastest, _, ok := a.paced()
		if !ok {
			continue
		}
		for _, r := range a.rules {
			window := shortestRate(r.query)
			if window == 0 || window >= 2*fastest.each() || seen[r] {
				continue
			}
			seen[r] = true
			f := c.report(r.object, r.in("metricsQuery"), fmt.Sprintf("a rate over %s has fewer than two samples at times: the pods of %s are scraped every %s",
				promText(window), a.scaler.target.Name, promText(fastest.each())), "write a window of "+promText(4*fastest.each())+" or more, or a shorter interval")
			f.seeInterval(fastest)
			f.see(a.scaler.object, a.scaler.written.Written(a.path), "the metric")
		}
	}
}

// relisting is where an adapter's arguments say how often it lists series.
type relisting struct {
	*workload
	path  string
	every time.Duration
}

func paRelistInterval(c *checker) {
	var slowest *scrape
	for _, a := range c.asked {
		if _, slow, ok := a.paced(); ok && (slowest == nil || slow.each() > slowest.each()) {
			slowest = slow
		}
	}
	if slowest == nil {
		return
	}
	for _, r := range c.relistings() {
		if r.every < slowest.each() {
			f := c.report(r.object, r.path, fmt.Sprintf("the adapter lists the series of the last %s, and they are scraped every %s", promText(r.every), promText(slowest.each())),
				"write --metrics-relist-interval="+promText(2*slowest.each())+", or --metrics-max-age with as much")
			f.seeInterval(slowest)
		}
	}
}

// relistings finds the arguments of adapters.
func (x *index) relistings() []relisting {
	var list []relisting
	for _, w := range x.workloads {
		for i := range w.template.Spec.Containers {
			one := &w.template.Spec.Containers[i]
			at := fmt.Sprintf("containers[%d].", i)
			list = append(list, relistingIn(w, at+"command", one.Command, one.Args)...)
			list = append(list, relistingIn(w, at+"args", one.Args, one.Command)...)
		}
	}
	return list
}

// relistingIn finds the argument in a list; others are those in the other one.
func relistingIn(w *workload, path string, args, others []string) []relisting {
	const interval, age = "--metrics-relist-interval=", "--metrics-max-age="
	at := slices.IndexFunc(args, func(arg string) bool { return strings.HasPrefix(arg, interval) })
	if at < 0 {
		return nil
	}
	every, err := time.ParseDuration(args[at][len(interval):])
	if err != nil {
		return nil
	}
	for _, arg := range slices.Concat(args, others) {
		if longer, err := time.ParseDuration(strings.TrimPrefix(arg, age)); err == nil && strings.HasPrefix(arg, age) {
			every = max(every, longer)
		}
	}
	return []relisting{{w, w.in(fmt.Sprintf("%s[%d]", path, at)), every}}
}

// shortestRate is the shortest window of a rate in an expression; 0 for none.
func shortestRate(e parser.Expr) time.Duration {
	var shortest time.Duration
	if e == nil {
		return 0
	}
	for _, s := range selections(e) {
		if slices.Contains(increments(), s.function) && s.window > 0 && (shortest == 0 || s.window < shortest) {
			shortest = s.window
		}
	}
	return shortest
}
