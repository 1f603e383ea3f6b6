package hpa

import "strconv"

// cause is why a metric, or the selector before all metrics, gives no proposal.
type cause uint8

const (
	causeNone cause = iota
	// The scale's selector: no metric is read.
	causeSelectorMissing
	causeSelectorInvalid
	causeSelectorAmbiguous
	// What the metrics API said.
	causeAPI
	causeEmpty
	causeNotOne
	causeNoContainer
	// What the pods made of it.
	causeNoPods
	causeNoSamples
	causeNoRequest
	causeZeroRequests
	// The spec itself.
	causeBadSelector
	causeNoTarget
	causeGateOff
	causeUnknownSource
)

// problem is why there is no proposal, with what its message needs. The zero
// value is none. The message is rendered when somebody asks for it: a Step
// that fails costs no more than one that does not.
type problem struct {
	cause cause
	words wording
	// values is how many values an Object metric got instead of one.
	values int32
	// metric is whose problem it is; nil for the selector's.
	metric *Metric
	// text is what somebody else said: the API, the selector's parser.
	text string
}

// wording is a set of differences between the texts of older versions and
// today's.
type wording uint8

const (
	// wordsNoSource: errors of Resource, ContainerResource and External
	// metrics do not name the source (up to 1.24).
	wordsNoSource wording = 1 << iota
	// wordsUtilization: an average value is called a utilization (up to 1.25).
	wordsUtilization
	// wordsReadyPods: "any ready pods", not "targeted pods" (up to 1.26).
	wordsReadyPods
	// wordsShifted: the arguments of an Object metric's error stand one place
	// off (up to 1.36).
	wordsShifted
)

// proposal is the name of the metric's proposal.
func (p *problem) proposal() string {
	if p.metric == nil {
		return ""
	}
	return p.metric.Proposal
}

// reason is the reason of the event that tells of the problem; that of
// condition ScalingActive is the same but for a missing selector.
func (p *problem) reason() Reason {
	switch p.cause {
	case causeSelectorMissing:
		return ReasonSelectorRequired
	case causeSelectorInvalid:
		return ReasonInvalidSelector
	case causeSelectorAmbiguous:
		return ReasonAmbiguousSelector
	default:
		return p.metric.Source.failed()
	}
}

// message is what the event of a failed metric says, and condition
// ScalingActive after its own beginning.
func (p *problem) message() string {
	switch p.cause {
	case causeNone:
		return ""
	case causeSelectorMissing:
		return "selector is required"
	case causeSelectorInvalid:
		return "couldn't convert selector into a corresponding internal selector object: " + p.text
	case causeSelectorAmbiguous, causeBadSelector:
		return p.text
	case causeGateOff:
		return "ContainerResource metric type is not supported: disabled by the feature gate"
	case causeUnknownSource:
		return "unknown metric source type " + strconv.Quote(p.metric.Name)
	case causeNoTarget:
		return p.noTarget()
	case causeAPI, causeEmpty, causeNotOne, causeNoContainer:
		return p.target() + p.get() + p.answer()
	default:
		return p.target() + p.pods()
	}
}

// condition is what condition ScalingActive says.
func (p *problem) condition() string {
	switch {
	case p.cause == causeSelectorMissing:
		return "the HPA target's scale is missing a selector"
	case p.metric == nil:
		return p.message()
	default:
		return "the HPA was unable to compute the replica count: " + p.message()
	}
}

// noTarget is the text for a target of which no usable field is set.
func (p *problem) noTarget() string {
	// horizontal.go: computeStatusForObjectMetric and its siblings
	switch p.metric.Source {
	case SourceObject:
		return "invalid object metric source: neither a value target nor an average value target was set"
	case SourceExternal:
		return "invalid external metric source: neither a value target nor an average value target was set"
	default:
		return "invalid resource metric source: neither an average utilization target nor an average value (usage) target was set"
	}
}

// target is the wrapping by the kind of a resource metric's target.
func (p *problem) target() string {
	// horizontal.go: computeStatusForResourceMetricGeneric
	m := p.metric
	if m.Source != SourceResource && m.Source != SourceContainerResource {
		return ""
	}
	if m.Target == TargetUtilization || p.words&wordsUtilization != 0 {
		return "failed to get " + m.Resource + " utilization: "
	}
	return "failed to get " + m.Resource + " usage: "
}

// get is the wrapping by the call that asked the metrics API.
func (p *problem) get() string {
	// replica_calculator.go: Get…Replicas
	m := p.metric
	switch m.Source {
	case SourcePods:
		return "unable to get metric " + m.Name + ": "
	case SourceObject:
		if p.words&wordsShifted != 0 {
			return "unable to get metric " + m.Name + ": " + shifted(m.Object) + "/"
		}
		return "unable to get metric " + m.Name + " on " + m.Object + ": "
	case SourceExternal:
		return "unable to get external metric " + m.Namespace + "/" + m.Name + "/" + m.Selector + ": "
	default:
		return "unable to get metrics for resource " + m.Resource + ": "
	}
}

// shifted turns "Kind namespace/name" into what a format string with its verbs
// in the wrong places made of it: "Kind on namespace name".
func shifted(object string) string {
	kind, rest := cut(object, ' ')
	namespace, name := cut(rest, '/')
	return kind + " on " + namespace + " " + name
}

// cut is s before and after the first separator.
func cut(s string, separator byte) (before, after string) {
	for i := range len(s) {
		if s[i] == separator {
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

// answer is what the metrics client makes of the API's answer.
func (p *problem) answer() string {
	// metrics/client.go
	api := p.metric.Source.api()
	switch p.cause {
	case causeEmpty:
		return "no metrics returned from " + api
	case causeNotOne:
		return "unable to fetch metrics from " + api + ": the custom metrics API server returned " +
			strconv.Itoa(int(p.values)) + " results when we asked for exactly one"
	case causeNoContainer:
		return "failed to get container metrics: container " + p.metric.Container +
			" not present in metrics for pod " + p.text
	default:
		return "unable to fetch metrics from " + api + ": " + p.text
	}
}

// pods is what the replica calculator finds wrong with the pods.
func (p *problem) pods() string {
	// replica_calculator.go: GetResourceReplicas, calcPlainMetricReplicas,
	// getUsageRatioReplicaCount
	switch p.cause {
	case causeNoPods:
		if p.metric.Source == SourceObject || p.metric.Source == SourceExternal {
			return "unable to calculate ready pods: no pods returned by selector while calculating replica count"
		}
		return "no pods returned by selector while calculating replica count"
	case causeNoSamples:
		if p.words&wordsReadyPods != 0 {
			return "did not receive metrics for any ready pods"
		}
		return "did not receive metrics for targeted pods (pods might be unready)"
	case causeZeroRequests:
		return "no metrics returned matched known pods"
	default:
		return p.text
	}
}

// wrapped is the problem as the reconcile's error has it.
func (p *problem) wrapped() string {
	text := p.message()
	switch {
	case p.metric == nil, p.cause == causeGateOff, p.cause == causeUnknownSource:
		return text
	}
	return p.source() + p.kind() + text
}

// kind is the wrapping by the kind of target of an Object or External metric.
func (p *problem) kind() string {
	// horizontal.go: computeStatusForObjectMetric, computeStatusForExternalMetric
	m := p.metric
	switch {
	case p.cause == causeNoTarget:
		return ""
	case m.Source == SourceObject && m.Target == TargetAverageValue && p.cause != causeBadSelector:
		return "failed to get " + m.Name + " object metric: "
	case m.Source == SourceExternal && m.Target == TargetAverageValue:
		return "failed to get " + m.Name + " external metric: "
	case m.Source == SourceExternal:
		return "failed to get external metric " + m.Name + ": "
	default:
		return ""
	}
}

// source is the outermost wrapping, by the metric's type.
func (p *problem) source() string {
	// horizontal.go: computeReplicasForMetric
	m := p.metric
	switch {
	case m.Source == SourceObject:
		return "failed to get object metric value: "
	case m.Source == SourcePods:
		return "failed to get pods metric value: "
	case p.words&wordsNoSource != 0:
		return ""
	case m.Source == SourceResource:
		return "failed to get " + m.Resource + " resource metric value: "
	case m.Source == SourceContainerResource:
		return "failed to get " + m.Container + " container metric value: "
	default:
		return "failed to get " + m.Name + " external metric value: "
	}
}
