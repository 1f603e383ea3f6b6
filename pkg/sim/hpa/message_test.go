package hpa

import "testing"

// The texts are upstream's; those that upstream's own tests recorded are
// checked with them.

func TestMessagesOfConditions(t *testing.T) {
	hits := objectMetric(TargetValue)
	for _, row := range []struct {
		c    Condition
		want string
	}{
		{Condition{Reason: ReasonFailedGetScale, problem: problem{text: "busy"}}, "the HPA controller was unable to get the target's current scale: busy"},
		{Condition{Reason: ReasonSucceededGetScale}, "the HPA controller was able to get the target's current scale"},
		{Condition{Reason: ReasonScalingDisabled}, "scaling is disabled since the replica count of the target is zero"},
		{Condition{Reason: ReasonInvalidSelector, problem: problem{cause: causeSelectorMissing}}, "the HPA target's scale is missing a selector"},
		{
			Condition{Reason: ReasonInvalidSelector, problem: problem{cause: causeSelectorInvalid, text: "found '='"}},
			"couldn't convert selector into a corresponding internal selector object: found '='",
		},
		{Condition{Reason: ReasonAmbiguousSelector, problem: problem{cause: causeSelectorAmbiguous, text: "pods by selector …"}}, "pods by selector …"},
		{
			Condition{Reason: ReasonFailedGetObjectMetric, problem: problem{cause: causeBadSelector, metric: &hits, text: "bad"}},
			"the HPA was unable to compute the replica count: bad",
		},
		{
			Condition{Reason: ReasonValidMetricFound, problem: problem{metric: &hits}},
			"the HPA was able to successfully calculate a replica count from Service metric hits",
		},
		{Condition{Reason: ReasonValidMetricFound}, "the HPA was able to successfully calculate a replica count from "},
		{Condition{Reason: ReasonReadyForNewScale}, "recommended size matches current size"},
		{Condition{Reason: ReasonScaleUpStabilized}, "recent recommendations were lower than current one, applying the lowest recent recommendation"},
		{Condition{Reason: ReasonScaleDownStabilized}, "recent recommendations were higher than current one, applying the highest recent recommendation"},
		{Condition{Reason: ReasonDesiredWithinRange}, "the desired count is within the acceptable range"},
		{Condition{Reason: ReasonTooFewReplicas}, "the desired replica count is less than the minimum replica count"},
		{Condition{Reason: ReasonTooManyReplicas}, "the desired replica count is more than the maximum replica count"},
		{Condition{Reason: ReasonScaleUpLimit}, "the desired replica count is increasing faster than the maximum scale rate"},
		{Condition{Reason: ReasonScaleDownLimit}, "the desired replica count is decreasing faster than the maximum scale rate"},
		{Condition{Reason: ReasonFailedUpdateScale, problem: problem{text: "conflict"}}, "the HPA controller was unable to update the target scale: conflict"},
		{Condition{Reason: ReasonSucceededRescale, replicas: 12}, "the HPA controller was able to update the target scale to 12"},
		{Condition{Reason: ReasonScaledToZero}, "the HPA controller scaled the workload to zero"},
		{Condition{Reason: ReasonNotScaledToZero}, "the HPA controller did not scale the workload to zero"},
		{Condition{}, ""},
	} {
		check(t, row.c.Reason.String(), row.c.Message(), row.want)
	}
}

func TestErrorsOfMetrics(t *testing.T) {
	cpu, usage := cpuMetric(), cpuMetric()
	usage.Target = TargetAverageValue
	app := Metric{Source: SourceContainerResource, Name: "app/cpu", Resource: "cpu", Container: "app"}
	rps, hits, average := podsMetric(), objectMetric(TargetValue), objectMetric(TargetAverageValue)
	queue, each := externalMetric(TargetValue), externalMetric(TargetAverageValue)
	none, noneObject, noneExternal := cpuMetric(), objectMetric(TargetNone), externalMetric(TargetNone)
	none.Target = TargetNone
	unknown := Metric{Source: SourceUnknown, Name: "Odd"}
	const unknownText = `unknown metric source type "Odd"`
	for _, row := range []struct {
		p              problem
		event, wrapped string
	}{
		{
			problem{cause: causeAPI, metric: &cpu, text: "busy"},
			"failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: busy",
			"failed to get cpu resource metric value: ",
		},
		{
			problem{cause: causeEmpty, metric: &usage},
			"failed to get cpu usage: unable to get metrics for resource cpu: no metrics returned from resource metrics API",
			"failed to get cpu resource metric value: ",
		},
		{problem{cause: causeNoPods, metric: &cpu}, "failed to get cpu utilization: no pods returned by selector while calculating replica count", "failed to get cpu resource metric value: "},
		{problem{cause: causeNoSamples, metric: &cpu}, "failed to get cpu utilization: did not receive metrics for targeted pods (pods might be unready)", "failed to get cpu resource metric value: "},
		{problem{cause: causeZeroRequests, metric: &app}, "failed to get cpu utilization: no metrics returned matched known pods", "failed to get app container metric value: "},
		{problem{cause: causeNoRequest, metric: &app, text: "missing request for cpu"}, "failed to get cpu utilization: missing request for cpu", "failed to get app container metric value: "},
		{
			problem{cause: causeNoContainer, metric: &app, text: "shop/web-1"},
			"failed to get cpu utilization: unable to get metrics for resource cpu: failed to get container metrics: container app not present in metrics for pod shop/web-1",
			"failed to get app container metric value: ",
		},
		{
			problem{cause: causeNoTarget, metric: &none},
			"invalid resource metric source: neither an average utilization target nor an average value (usage) target was set",
			"failed to get cpu resource metric value: ",
		},
		{problem{cause: causeAPI, metric: &rps, text: "busy"}, "unable to get metric rps: unable to fetch metrics from custom metrics API: busy", "failed to get pods metric value: "},
		{problem{cause: causeEmpty, metric: &rps}, "unable to get metric rps: no metrics returned from custom metrics API", "failed to get pods metric value: "},
		{problem{cause: causeNoSamples, metric: &rps}, "did not receive metrics for targeted pods (pods might be unready)", "failed to get pods metric value: "},
		{problem{cause: causeNoPods, metric: &rps}, "no pods returned by selector while calculating replica count", "failed to get pods metric value: "},
		{problem{cause: causeBadSelector, metric: &rps, text: "bad"}, "bad", "failed to get pods metric value: "},
		{
			problem{cause: causeAPI, metric: &hits, text: "busy"},
			"unable to get metric hits on Service shop/web: unable to fetch metrics from custom metrics API: busy", "failed to get object metric value: ",
		},
		{
			problem{cause: causeNotOne, metric: &average, values: 2},
			"unable to get metric hits on Service shop/web: unable to fetch metrics from custom metrics API: the custom metrics API server returned 2 results when we asked for exactly one",
			"failed to get object metric value: failed to get hits object metric: ",
		},
		{problem{cause: causeNoPods, metric: &hits}, "unable to calculate ready pods: no pods returned by selector while calculating replica count", "failed to get object metric value: "},
		{problem{cause: causeBadSelector, metric: &average, text: "bad"}, "bad", "failed to get object metric value: "},
		{
			problem{cause: causeNoTarget, metric: &noneObject},
			"invalid object metric source: neither a value target nor an average value target was set", "failed to get object metric value: ",
		},
		{
			problem{cause: causeAPI, metric: &queue, text: "busy"},
			"unable to get external metric shop/queue/nil: unable to fetch metrics from external metrics API: busy",
			"failed to get queue external metric value: failed to get external metric queue: ",
		},
		{
			problem{cause: causeEmpty, metric: &each},
			"unable to get external metric shop/queue/nil: no metrics returned from external metrics API",
			"failed to get queue external metric value: failed to get queue external metric: ",
		},
		{problem{cause: causeNoPods, metric: &queue}, "unable to calculate ready pods: no pods returned by selector while calculating replica count", "failed to get queue external metric value: failed to get external metric queue: "},
		{problem{cause: causeBadSelector, metric: &each, text: "bad"}, "bad", "failed to get queue external metric value: failed to get queue external metric: "},
		{
			problem{cause: causeNoTarget, metric: &noneExternal},
			"invalid external metric source: neither a value target nor an average value target was set",
			"failed to get queue external metric value: ",
		},
		{problem{cause: causeGateOff, metric: &app}, "ContainerResource metric type is not supported: disabled by the feature gate", ""},
		{problem{cause: causeUnknownSource, metric: &unknown}, unknownText, ""},
		{problem{metric: &cpu}, "", "failed to get cpu resource metric value: "},
		// Older words.
		{
			problem{cause: causeAPI, words: wordsNoSource | wordsUtilization, metric: &usage, text: "busy"},
			"failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: busy", "",
		},
		{problem{cause: causeNoSamples, words: wordsReadyPods, metric: &rps}, "did not receive metrics for any ready pods", "failed to get pods metric value: "},
		{
			problem{cause: causeAPI, words: wordsShifted, metric: &hits, text: "busy"},
			"unable to get metric hits: Service on shop web/unable to fetch metrics from custom metrics API: busy", "failed to get object metric value: ",
		},
	} {
		check(t, "event", row.p.message(), row.event)
		check(t, "error", row.p.wrapped(), row.wrapped+row.event)
	}
}

func TestErrorsOfReconciles(t *testing.T) {
	hits := objectMetric(TargetValue)
	bad := problem{cause: causeBadSelector, metric: &hits, text: "bad"}
	for _, row := range []struct {
		f    Failure
		want string
	}{
		{Failure{}, ""},
		{Failure{kind: failureRead, reference: "Deployment/shop/web", problem: problem{text: "busy"}}, "failed to query scale subresource for Deployment/shop/web: busy"},
		{Failure{kind: failureWrite, reference: "Deployment/shop/web", problem: problem{text: "busy"}}, "failed to rescale Deployment/shop/web: busy"},
		{
			Failure{kind: failureMetrics, reference: "Deployment/shop/web", failed: 2, count: 3, problem: bad},
			"failed to compute desired number of replicas based on listed metrics for Deployment/shop/web: " +
				"invalid metrics (2 invalid out of 3), first error is: failed to get object metric value: bad",
		},
		{
			Failure{kind: failureMetrics, reference: "Deployment/shop/web", problem: problem{cause: causeSelectorMissing}},
			"failed to compute desired number of replicas based on listed metrics for Deployment/shop/web: selector is required",
		},
		{
			Failure{kind: failurePartial, failed: 1, count: 2, problem: bad},
			"invalid metrics (1 invalid out of 2), first error is: failed to get object metric value: bad",
		},
	} {
		check(t, "error", row.f.Error(), row.want)
		check(t, "failed", row.f.Failed(), row.want != "")
	}
}

func TestEventsOfAFailingSync(t *testing.T) {
	l := newLab(t).scale(5).ready(5, 300)
	l.spec.Metrics = append(l.spec.Metrics, objectMetric(TargetValue))
	l.o.Readings = append(l.o.Readings, Reading{Error: "busy"})
	l.o.ScaleWriteError = "conflict"
	d := l.step()
	check(t, "events", len(d.Events), 2)
	check(t, "first", d.Events[0].Message(), "unable to get metric hits on Service shop/web: unable to fetch metrics from custom metrics API: busy")
	check(t, "second", d.Events[1].Message(), "New size: 10; reason: cpu resource utilization (percentage of request) above target; error: conflict")
	check(t, "normal", d.Events[0].Normal || d.Events[1].Normal, false)
	check(t, "error", d.Failure.Error(), "failed to rescale Deployment/shop/web: conflict")
	l.o.ScaleWriteError, l.o.ScaleReadError = "", "gone"
	d = l.step()
	check(t, "read", d.Events[0].Message(), "gone")
	check(t, "reason", d.Events[0].Reason, ReasonFailedGetScale)
	l.o.ScaleReadError = ""
	for i, want := range []struct{ event, reason, condition string }{
		{"selector is required", "SelectorRequired", "False InvalidSelector"},
		{"couldn't convert selector into a corresponding internal selector object: text", "InvalidSelector", "False InvalidSelector"},
		{"text", "AmbiguousSelector", "False AmbiguousSelector"},
	} {
		l.o.SelectorError, l.o.SelectorText = SelectorError(i+1), "text"
		d = l.step()
		check(t, "event", d.Events[0].Message(), want.event)
		check(t, "reason", d.Events[0].Reason.String(), want.reason)
		check(t, "condition", l.condition(&d, ScalingActive), want.condition)
		check(t, "last event", d.Events[1].Message(), want.event)
		check(t, "metrics", len(d.Metrics), 0)
	}
	// Overlapping selectors were not looked for up to 1.25.
	d = l.version("1.25").step()
	check(t, "has proposal in 1.25", d.HasProposal, true)
}

func TestWordsHaveNames(t *testing.T) {
	seen := map[string]bool{}
	for r := ReasonFailedGetScale; r <= ReasonNotScaledToZero; r++ {
		if s := r.String(); s == "" || seen[s] {
			t.Errorf("reason %d is %q", r, s)
		} else {
			seen[s] = true
		}
	}
	check(t, "no reason", ReasonNone.String()+Reason(200).String(), "")
	for s, want := range map[Source]string{
		SourceResource: "Resource", SourceContainerResource: "ContainerResource", SourcePods: "Pods",
		SourceObject: "Object", SourceExternal: "External", SourceUnknown: "",
	} {
		check(t, "source", s.String(), want)
	}
	for c, want := range map[ConditionType]string{
		AbleToScale: "AbleToScale", ScalingActive: "ScalingActive", ScalingLimited: "ScalingLimited", ScaledToZero: "ScaledToZero", 9: "",
	} {
		check(t, "condition type", c.String(), want)
	}
}
