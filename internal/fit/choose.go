package fit

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/elasticctl/elasticctl/internal/series"
)

// candidate is a place to look for a metric.
type candidate struct {
	selector string
	kind     Kind
	// average says that it is a mean over the pods, of one series.
	average bool
}

// containers leaves out cAdvisor's rows of whole pods (container="") and of pod
// sandboxes (POD), which repeat what the containers' rows say.
const containers = `{container!="",container!="POD"}`

// wholePods are cAdvisor's rows of whole pods, for recordings without the rows
// of containers.
const wholePods = `{container="",pod!=""}`

// candidates are the usual names of a metric, best first.
func candidates(w Want, rec *series.Recording) []candidate {
	switch {
	case w.Resource && w.Name == "cpu":
		return []candidate{
			{`container_cpu_usage_seconds_total` + containers, Counter, false},
			{`node_namespace_pod_container:container_cpu_usage_seconds_total:sum_irate` + containers, Gauge, false},
			{`node_namespace_pod_container:container_cpu_usage_seconds_total:sum_rate5m` + containers, Gauge, false},
			{`container_cpu_usage_seconds_total` + wholePods, Counter, false},
			{`process_cpu_seconds_total`, Counter, false},
			hpaAverage(w),
		}
	case w.Resource && w.Name == "memory":
		return []candidate{
			{`container_memory_working_set_bytes` + containers, Gauge, false},
			{`node_namespace_pod_container:container_memory_working_set_bytes` + containers, Gauge, false},
			{`container_memory_working_set_bytes` + wholePods, Gauge, false},
			{`process_resident_memory_bytes`, Gauge, false},
			hpaAverage(w),
		}
	case w.Resource:
		return nil
	}
	base := strings.TrimSuffix(w.Name, "_per_second")
	out := []candidate{{fmt.Sprintf("{__name__=%q}", w.Name), kindOf(w.Name, rec), false}}
	for _, name := range []string{base + "_total", w.Name + "_total"} {
		c := candidate{fmt.Sprintf("{__name__=%q}", name), Counter, false}
		if !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	if !w.Shared {
		out = append(out, hpaAverage(w))
	}
	return out
}

// Records says whether a recording has series for a metric, by their usual names.
func Records(rec *series.Recording, w Want) bool {
	return slices.ContainsFunc(candidates(w, rec), func(c candidate) bool {
		s, err := series.ParseSelector(c.selector)
		return err == nil && len(rec.Select(s)) > 0
	})
}

// hpaAverage is what an HPA saw, as kube-state-metrics tells it.
func hpaAverage(w Want) candidate {
	return candidate{fmt.Sprintf("kube_horizontalpodautoscaler_status_target_metric{metric_name=%q,metric_target_type=\"average\"}", w.Name), Gauge, true}
}

// kindOf tells a counter by its name, as far as names do: queue_count may be a
// gauge, but not beside queue_sum.
func kindOf(name string, rec *series.Recording) Kind {
	for _, suffix := range []string{"_total", "_bucket", "_seconds_count", "_seconds_sum", "_bytes_count", "_bytes_sum"} {
		if strings.HasSuffix(name, suffix) {
			return Counter
		}
	}
	for _, pair := range [][2]string{{"_count", "_sum"}, {"_sum", "_count"}} {
		base, found := strings.CutSuffix(name, pair[0])
		if found && slices.Contains(rec.Names(), base+pair[1]) {
			return Counter
		}
	}
	return Gauge
}

// choose finds the series of one metric of a workload in a namespace.
func choose(rec *series.Recording, w Want, o *owners) (Demand, error) {
	d := Demand{Demand: w.Demand, Known: w.Declared.Downsampled}
	switch {
	case w.Expr != "":
		d.From, d.Kind, d.used, d.Series, d.Average = w.Expr, Expression, w.Total, len(w.Total), w.Average
		d.Window = cmp.Or(w.Declared.Window, w.Window)
		if _, last := series.Bounds(w.Total); last == 0 {
			return d, &Error{Metric: w.Name, Text: fmt.Sprintf("the expression %q has no value in the recording", w.Expr), Hint: has(rec)}
		}
		if err := d.answers(w); err != nil {
			return d, err
		}
		return d, d.notRaw(rec)
	case w.Select != nil:
		d.From, d.Kind = w.Select.String(), kindOf(w.Select.Name(), rec)
		d.used = rec.Select(*w.Select)
		if len(d.used) == 0 {
			return d, &Error{Metric: w.Name, Text: "the recording has no series " + d.From, Hint: has(rec)}
		}
		return d, d.narrow(w, o)
	}
	var tried []string
	for _, c := range candidates(w, rec) {
		sel, err := series.ParseSelector(c.selector)
		if err != nil {
			return d, err
		}
		d.From, d.Kind = strings.NewReplacer(`{__name__="`, "", `"}`, "").Replace(c.selector), c.kind
		d.Average = c.average
		if strings.HasSuffix(c.selector, containers) || strings.HasSuffix(c.selector, wholePods) {
			d.From = c.selector
		}
		d.used = rec.Select(sel)
		if c.average {
			if d.used = dedupe(d.used); len(d.used) != 1 {
				break // which of several is this workload's is not said
			}
		}
		if len(d.used) > 0 {
			return d, d.narrow(w, o)
		}
		tried = append(tried, d.From)
	}
	text := "the recording has no series for it"
	if len(tried) > 0 {
		text += ", looked for " + strings.Join(tried, ", ")
	}
	return d, &Error{Metric: w.Name, Text: text, Hint: has(rec) + fmt.Sprintf("; name another with --demand %s='EXPR'", w.Name)}
}

// notRaw refuses an expression that leaves a counter as it is. The engine drops
// the metric's name as soon as it computes something.
func (d *Demand) notRaw(rec *series.Recording) error {
	for _, s := range d.used {
		if name := string(s.Labels[model.MetricNameLabel]); name != "" && kindOf(name, rec) == Counter {
			return &Error{Metric: d.Name, Text: fmt.Sprintf("the expression %q is a counter, which only grows", d.From), Hint: fmt.Sprintf("take its rate: rate(%s[1m])", d.From)}
		}
	}
	return nil
}

// narrow keeps the series of the namespace, of the workload's pods and of the
// container asked for, drops duplicates, and refuses what belongs to several
// workloads.
func (d *Demand) narrow(w Want, o *owners) error {
	if err := d.answers(w); err != nil {
		return err
	}
	d.declare(w.Declared)
	d.used = containerRows(d.used)
	if err := d.ofNamespace(w, o.namespace); err != nil {
		return err
	}
	if !w.Shared {
		d.used, d.Owner = o.keep(d.used)
	}
	if err := d.ofContainer(w); err != nil {
		return err
	}
	before := len(d.used)
	d.used = dedupe(d.used)
	d.Series, d.Duplicates = len(d.used), before-len(d.used)
	for _, label := range []model.LabelName{"namespace", "job"} {
		if v := values(d.used, label); len(v) > 1 {
			hint := fmt.Sprintf("choose with --demand %s='EXPR', using a matcher such as %s=%q", d.Name, label, v[0])
			if label == "namespace" {
				hint = "choose with -n " + v[0] + ", or" + strings.TrimPrefix(hint, "choose")
			}
			return &Error{Metric: d.Name, Text: fmt.Sprintf("%s has series of several workloads: %s %s", d.From, label, some(v)), Hint: hint}
		}
	}
	d.refreshed(w.Declared.Downsampled)
	d.smoothed()
	d.Window = cmp.Or(w.Declared.Window, d.Window)
	return nil
}

// declare takes over how the user says that values are read.
func (d *Demand) declare(said Declared) {
	switch {
	case said.Counter:
		d.Kind = Counter
	case said.Gauge:
		d.Kind = Gauge
	}
}

// smoothed finds in the name of a recording rule what it is a mean over, as names
// of level:metric:operations tell: …:sum_rate5m.
func (d *Demand) smoothed() {
	for i := range d.used {
		name := string(d.used[i].Labels[model.MetricNameLabel])
		at := strings.LastIndexByte(name, ':')
		if found := ruleWindow.FindString(name[at+1:]); at >= 0 && found != "" {
			if w, err := model.ParseDuration(strings.TrimLeft(found, "_aert")); err == nil {
				d.Window = time.Duration(w)
			}
		}
	}
}

var ruleWindow = regexp.MustCompile(`rate_?[0-9]+[smhd]$`)

// refreshed undoes the stairs of counters and says so. Where the user says how
// far apart the store's values are, that is the width of each stair. A gauge's
// stairs are right as they stand; they say how often it is known.
func (d *Demand) refreshed(downsampled time.Duration) {
	var slowest time.Duration
	n := 0
	for i := range d.used {
		s, tread := d.used[i], time.Duration(0)
		switch {
		case d.Kind == Counter && downsampled > 0:
			s, tread = unstepAt(s, downsampled.Milliseconds()), downsampled
		case d.Kind == Counter:
			s, tread = unstep(s)
		default:
			ms, _ := stairs(&s)
			tread = time.Duration(ms) * time.Millisecond
		}
		if tread == 0 {
			continue
		}
		d.used[i] = s
		slowest = max(slowest, tread)
		n++
	}
	if n == 0 || downsampled > 0 {
		return
	}
	switch {
	case d.Kind == Counter && slowest > series.Lookback:
		d.Notes = append(d.Notes, fmt.Sprintf("%d of %d series of %s gain something only every %v: where the store has kept no more of them, say --downsampled %v", n, len(d.used), d.From, slowest, slowest))
	case d.Kind == Counter:
		d.Notes = append(d.Notes, fmt.Sprintf("%d of %d series of %s are updated only every %v: what they gain is spread over that time", n, len(d.used), d.From, slowest))
	case 2*n > len(d.used):
		d.Known = slowest
	}
}

// ofNamespace keeps the series of a namespace. Pods report no others; what is
// shared may come from one other namespace.
func (d *Demand) ofNamespace(w Want, namespace string) error {
	names := values(d.used, "namespace")
	if namespace == "" || len(names) == 0 {
		return nil
	}
	if slices.Contains(names, namespace) {
		before := len(d.used)
		d.used = inNamespace(d.used, namespace)
		if n := before - len(d.used); n > 0 {
			d.Notes = append(d.Notes, fmt.Sprintf("%d of %d series of %s are not of namespace %s and are left out", n, before, d.From, namespace))
		}
		return nil
	}
	if len(names) == 1 && w.Shared {
		return nil
	}
	return &Error{
		Metric: d.Name,
		Text:   fmt.Sprintf("%s has no series of namespace %s; it has %s", d.From, namespace, some(names)),
		Hint:   fmt.Sprintf("choose another with -n, or series with --demand %s='EXPR'", d.Name),
	}
}

// inNamespace keeps the series of a namespace; all of them where it is "" or
// where none names any.
func inNamespace(set []series.Series, namespace string) []series.Series {
	if namespace == "" || len(values(set, "namespace")) == 0 {
		return set
	}
	return slices.DeleteFunc(slices.Clone(set), func(s series.Series) bool { return string(s.Labels["namespace"]) != namespace })
}

// InNamespace says whether a series may be of a workload in a namespace: it
// names that one or none. Every series is of namespace "".
func InNamespace(s *series.Series, namespace string) bool {
	own := string(s.Labels["namespace"])
	return namespace == "" || own == "" || own == namespace
}

// ofContainer keeps the rows of the container asked for, if rows are told apart
// by container at all.
func (d *Demand) ofContainer(w Want) error {
	names := values(d.used, "container")
	if !w.Resource || d.Container == "" || len(names) == 0 {
		return nil
	}
	if slices.Contains(names, d.Container) {
		d.used = slices.DeleteFunc(d.used, func(s series.Series) bool { return string(s.Labels["container"]) != d.Container })
		return nil
	}
	if len(names) == 1 {
		d.Notes = append(d.Notes, fmt.Sprintf("the recorded container is called %s, not %s", names[0], d.Container))
		return nil
	}
	return &Error{
		Metric: d.Name,
		Text:   fmt.Sprintf("%s has no container %s; it has %s", d.From, d.Container, strings.Join(names, ", ")),
		Hint:   fmt.Sprintf("choose with --demand %s='EXPR'", d.Name),
	}
}

// values returns the distinct values of a label, sorted, without the absent.
func values(set []series.Series, label model.LabelName) []string {
	var out []string
	for i := range set {
		if v := string(set[i].Labels[label]); v != "" {
			out = append(out, v)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// has names what the recording holds.
func has(rec *series.Recording) string { return "it has " + some(rec.Names()) }

// some lists names, but not too many of them.
func some(names []string) string {
	const most = 12
	more := ""
	if len(names) > most {
		more = fmt.Sprintf(" and %d more", len(names)-most)
		names = names[:most]
	}
	return strings.Join(names, ", ") + more
}
