package hpa

import (
	"errors"
	"fmt"
	"math"
)

// allMetrics is the proposal of all metrics together.
func (w *twin) allMetrics(o *Observation) (proposal int32, name string, statuses []twinStatus, blocked bool, err error) {
	switch {
	case o.SelectorError == SelectorMissing:
		w.event("Warning", "SelectorRequired", "selector is required")
		w.condition("ScalingActive", "False", "InvalidSelector", "the HPA target's scale is missing a selector")
		return 0, "", nil, true, errors.New("selector is required")
	case o.SelectorError == SelectorInvalid:
		text := "couldn't convert selector into a corresponding internal selector object: " + o.SelectorText
		w.event("Warning", "InvalidSelector", "%s", text)
		w.condition("ScalingActive", "False", "InvalidSelector", "%s", text)
		return 0, "", nil, true, errors.New(text)
	case o.SelectorError == SelectorAmbiguous && w.minor >= 26:
		w.event("Warning", "AmbiguousSelector", "%s", o.SelectorText)
		w.condition("ScalingActive", "False", "AmbiguousSelector", "%s", o.SelectorText)
		return 0, "", nil, true, errors.New(o.SelectorText)
	}
	bad, first, firstShort, firstReason := 0, error(nil), "", ""
	for i := range w.spec.Metrics {
		n, status, short, err := w.oneMetric(i)
		statuses = append(statuses, status)
		if err != nil {
			reason := map[Source]string{
				SourceResource: "FailedGetResourceMetric", SourceContainerResource: "FailedGetContainerResourceMetric",
				SourcePods: "FailedGetPodsMetric", SourceObject: "FailedGetObjectMetric",
				SourceExternal: "FailedGetExternalMetric", SourceUnknown: "InvalidMetricSourceType",
			}[w.spec.Metrics[i].Source]
			if !errors.Is(err, errTwinGate) {
				w.event("Warning", reason, "%s", short)
			}
			if bad == 0 {
				first, firstShort, firstReason = err, short, reason
			}
			bad++
			continue
		}
		if proposal == 0 || n > proposal {
			proposal, name = n, w.spec.Metrics[i].Proposal
		}
	}
	if bad > 0 {
		err = fmt.Errorf("invalid metrics (%d invalid out of %d), first error is: %w", bad, len(w.spec.Metrics), first)
	}
	if bad == len(w.spec.Metrics) || bad > 0 && proposal < w.cur {
		if !errors.Is(first, errTwinGate) {
			w.condition("ScalingActive", "False", firstReason, "the HPA was unable to compute the replica count: %s", firstShort)
		}
		return 0, "", statuses, true, err
	}
	w.condition("ScalingActive", "True", "ValidMetricFound", "the HPA was able to successfully calculate a replica count from %s", name)
	return proposal, name, statuses, false, err
}

// oneMetric is the proposal of one metric. Short is the text of its event, err
// that of the reconcile.
func (w *twin) oneMetric(i int) (n int32, status twinStatus, short string, err error) {
	m, r := &w.spec.Metrics[i], &w.readings[i]
	fail := func(text, wrap string) (int32, twinStatus, string, error) {
		return 0, twinStatus{}, text, errors.New(wrap + text)
	}
	switch m.Source {
	case SourceUnknown:
		return fail(fmt.Sprintf("unknown metric source type %q", m.Name), "")
	case SourceResource, SourceContainerResource:
		if m.Source == SourceContainerResource && w.containerOff && w.minor >= 27 && w.minor < 30 {
			return 0, twinStatus{}, "", errTwinGate
		}
		wrap := fmt.Sprintf("failed to get %s resource metric value: ", m.Resource)
		if m.Source == SourceContainerResource {
			wrap = fmt.Sprintf("failed to get %s container metric value: ", m.Container)
		}
		if w.minor < 25 {
			wrap = ""
		}
		if m.Target != TargetUtilization && m.Target != TargetAverageValue {
			return fail("invalid resource metric source: neither an average utilization target nor an average value (usage) target was set", wrap)
		}
		n, status, err = w.podMetric(i)
		if err != nil {
			what := "usage"
			if m.Target == TargetUtilization || w.minor < 26 {
				what = "utilization"
			}
			return fail(fmt.Sprintf("failed to get %s %s: %s", m.Resource, what, err), wrap)
		}
	case SourcePods:
		wrap := "failed to get pods metric value: "
		if m.BadSelector != "" {
			return fail(m.BadSelector, wrap)
		}
		if n, status, err = w.podMetric(i); err != nil {
			return fail(err.Error(), wrap)
		}
	case SourceObject:
		wrap := "failed to get object metric value: "
		if m.BadSelector != "" {
			return fail(m.BadSelector, wrap)
		}
		if m.Target != TargetValue && m.Target != TargetAverageValue {
			return fail("invalid object metric source: neither a value target nor an average value target was set", wrap)
		}
		if n, status, err = w.wholeMetric(m, r); err != nil {
			if m.Target == TargetAverageValue {
				wrap += fmt.Sprintf("failed to get %s object metric: ", m.Name)
			}
			return fail(err.Error(), wrap)
		}
	case SourceExternal:
		wrap := fmt.Sprintf("failed to get %s external metric value: ", m.Name)
		if w.minor < 25 {
			wrap = ""
		}
		if m.Target != TargetValue && m.Target != TargetAverageValue {
			return fail("invalid external metric source: neither a value target nor an average value target was set", wrap)
		}
		if m.BadSelector != "" {
			err = errors.New(m.BadSelector)
		} else {
			n, status, err = w.wholeMetric(m, r)
		}
		if err != nil {
			if m.Target == TargetAverageValue {
				wrap += fmt.Sprintf("failed to get %s external metric: ", m.Name)
			} else {
				wrap += fmt.Sprintf("failed to get external metric %s: ", m.Name)
			}
			return fail(err.Error(), wrap)
		}
	}
	status.source, status.name = m.Source.String(), m.Name
	return n, status, "", nil
}

func (w *twin) close(ratio float64) bool {
	if w.minor < 33 {
		return math.Abs(1.0-ratio) <= w.spec.Controller.Tolerance
	}
	return 1.0-w.spec.ToleranceDown <= ratio && ratio <= 1.0+w.spec.ToleranceUp
}

// podMetric is a metric that each pod has: Resource, ContainerResource, Pods.
func (w *twin) podMetric(i int) (int32, twinStatus, error) {
	m, r := &w.spec.Metrics[i], &w.readings[i]
	get, api := "unable to get metrics for resource "+m.Resource, "resource"
	if m.Source == SourcePods {
		get, api = "unable to get metric "+m.Name, "custom"
	}
	switch {
	case r.err != "":
		return 0, twinStatus{}, fmt.Errorf("%s: unable to fetch metrics from %s metrics API: %s", get, api, r.err)
	case r.empty:
		return 0, twinStatus{}, fmt.Errorf("%s: no metrics returned from %s metrics API", get, api)
	case m.Source == SourceContainerResource && r.noContainer != "" && w.minor < 33:
		return 0, twinStatus{}, fmt.Errorf("%s: failed to get container metrics: container %s not present in metrics for pod %s",
			get, m.Container, r.noContainer)
	case len(w.pods) == 0:
		return 0, twinStatus{}, errors.New("no pods returned by selector while calculating replica count")
	}
	left, unready, missing, ready := w.sortPods(m, r)
	utilization := m.Source != SourcePods && m.Target == TargetUtilization
	requests, noRequest := w.requests(i, utilization)
	if noRequest != nil && w.minor < 26 {
		return 0, twinStatus{}, noRequest
	}
	if len(left) == 0 {
		if w.minor < 27 {
			return 0, twinStatus{}, errors.New("did not receive metrics for any ready pods")
		}
		return 0, twinStatus{}, errors.New("did not receive metrics for targeted pods (pods might be unready)")
	}
	if noRequest != nil {
		return 0, twinStatus{}, noRequest
	}
	return w.twice(m, sorted{left, unready, missing, ready}, utilization, requests)
}

// sorted are the pods of one metric by class; left are the metrics that count.
type sorted struct {
	left             map[string]int64
	unready, missing []string
	ready            int
}

func (w *twin) sortPods(m *Metric, r *twinReading) (left map[string]int64, unready, missing []string, ready int) {
	left = map[string]int64{}
	for name, sample := range r.samples {
		left[name] = sample.value
	}
	for _, p := range w.pods {
		switch sample, found := r.samples[p.name]; {
		case p.deleted || p.phase == "Failed":
			delete(left, p.name)
		case p.phase == "Pending":
			unready = append(unready, p.name)
			delete(left, p.name)
		case !found:
			missing = append(missing, p.name)
		case m.Source != SourcePods && m.Resource == "cpu" && w.fresh(p, sample):
			unready = append(unready, p.name)
			delete(left, p.name)
		default:
			ready++
		}
	}
	return left, unready, missing, ready
}

func (w *twin) requests(i int, wanted bool) (requests map[string]int64, err error) {
	requests = map[string]int64{}
	for _, p := range w.pods {
		if p.noRequest[i] != "" && err == nil && wanted {
			err = errors.New(p.noRequest[i])
		}
		requests[p.name] = p.requests[i]
	}
	return requests, err
}

// twice takes the ratio, fills in, and takes it again.
func (w *twin) twice(m *Metric, pods sorted, utilization bool, requests map[string]int64) (int32, twinStatus, error) {
	left, unready, missing, ready := pods.left, pods.unready, pods.missing, pods.ready
	ratio, status, err := w.ratio(m, utilization, left, requests)
	if err != nil {
		return 0, twinStatus{}, err
	}
	up := len(unready) > 0 && ratio > 1
	if !up && len(missing) == 0 {
		if w.close(ratio) {
			return w.cur, status, nil
		}
		return twinInt32(math.Ceil(ratio * float64(ready))), status, nil
	}
	for _, name := range missing {
		switch {
		case ratio < 1 && utilization && w.minor >= 26:
			left[name] = requests[name] * int64(max(100, m.Goal)) / 100
		case ratio < 1 && utilization:
			left[name] = requests[name]
		case ratio < 1:
			left[name] = m.Goal
		case ratio > 1, ratio == 1 && !utilization && w.minor < 28:
			left[name] = 0
		}
	}
	if up {
		for _, name := range unready {
			left[name] = 0
		}
	}
	again, _, err := w.ratio(m, utilization, left, requests)
	if err != nil {
		return 0, twinStatus{}, err
	}
	n := twinInt32(math.Ceil(again * float64(len(left))))
	if w.close(again) || ratio < 1 && again > 1 || ratio > 1 && again < 1 ||
		again < 1 && n > w.cur || again > 1 && n < w.cur {
		return w.cur, status, nil
	}
	return n, status, nil
}

// fresh says whether a pod's cpu sample does not count.
func (w *twin) fresh(p twinPod, sample twinSample) bool {
	c := &w.spec.Controller
	if p.ready == "" || !p.started {
		return true
	}
	if w.now-p.start < c.CPUInitializationPeriod {
		return p.ready == "False" || sample.timestamp-p.transition < sample.window
	}
	return p.ready == "False" && p.transition-p.start < c.InitialReadinessDelay
}

func (w *twin) ratio(m *Metric, utilization bool, left, requests map[string]int64) (float64, twinStatus, error) {
	var sum, requested, n int64
	for name, value := range left {
		request, known := requests[name]
		if utilization && !known {
			continue
		}
		sum, requested, n = sum+value, requested+request, n+1
	}
	if !utilization {
		return float64(sum/n) / float64(m.Goal), twinStatus{hasAverage: true, average: sum / n}, nil
	}
	if requested == 0 {
		return 0, twinStatus{}, errors.New("no metrics returned matched known pods")
	}
	percent := int32(sum * 100 / requested)
	return float64(percent) / float64(m.Goal),
		twinStatus{hasAverage: true, average: sum / n, hasUtilization: true, utilization: int64(percent)}, nil
}

// wholeMetric is a metric of the workload as a whole: Object and External.
func (w *twin) wholeMetric(m *Metric, r *twinReading) (int32, twinStatus, error) {
	get, api := fmt.Sprintf("unable to get external metric %s/%s/%s", m.Namespace, m.Name, m.Selector), "external"
	if m.Source == SourceObject {
		get, api = fmt.Sprintf("unable to get metric %s on %s", m.Name, m.Object), "custom"
	}
	switch {
	case r.err != "" && m.Source == SourceObject && w.minor < 37:
		// As recorded in the wild: the error stands where the name should.
		return 0, twinStatus{}, fmt.Errorf("unable to get metric %s: Service on shop web/unable to fetch metrics from custom metrics API: %s", m.Name, r.err)
	case r.err != "":
		return 0, twinStatus{}, fmt.Errorf("%s: unable to fetch metrics from %s metrics API: %s", get, api, r.err)
	case m.Source == SourceExternal && (r.empty || len(r.values) == 0):
		return 0, twinStatus{}, fmt.Errorf("%s: no metrics returned from external metrics API", get)
	}
	usage := int64(0)
	capped := m.Source == SourceExternal && (m.Target == TargetValue && w.minor >= 35 || m.Target == TargetAverageValue && w.minor >= 34)
	for _, v := range r.values {
		if capped && m.Target == TargetValue && v > 0 && usage > math.MaxInt64-v {
			usage = math.MaxInt64
			break
		}
		usage += v
		if capped && m.Target == TargetAverageValue && usage < 0 {
			usage = math.MaxInt64
			break
		}
	}
	if m.Target == TargetValue {
		n, err := w.byPods(float64(usage) / float64(m.Goal))
		return n, twinStatus{hasValue: true, value: usage}, err
	}
	n := w.stat
	if !w.close(float64(usage) / (float64(m.Goal) * float64(w.stat))) {
		f := math.Ceil(float64(usage) / float64(m.Goal))
		n = twinInt32(f)
		if capped && f > math.MaxInt32 {
			n = math.MaxInt32
		}
	}
	average := twinInt64(math.Ceil(float64(usage) / float64(w.stat)))
	if capped && float64(usage) >= math.MaxInt64 {
		average = math.MaxInt64
	}
	return n, twinStatus{hasAverage: true, average: average}, nil
}

func (w *twin) byPods(ratio float64) (int32, error) {
	if w.cur == 0 {
		return twinInt32(math.Ceil(ratio)), nil
	}
	if w.close(ratio) {
		return w.cur, nil
	}
	if len(w.pods) == 0 {
		return 0, errors.New("unable to calculate ready pods: no pods returned by selector while calculating replica count")
	}
	serving := 0
	for _, p := range w.pods {
		if p.phase == "Running" && p.ready == "True" {
			serving++
		}
	}
	f := ratio * float64(serving)
	if w.minor >= 35 && f > math.MaxInt32 {
		return math.MaxInt32, nil
	}
	return twinInt32(math.Ceil(f)), nil
}
