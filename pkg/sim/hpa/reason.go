package hpa

// Reason is the reason of a condition or an event.
type Reason uint8

// The reasons, in the order in which a reconcile can come to them.
const (
	ReasonNone Reason = iota
	ReasonFailedGetScale
	ReasonSucceededGetScale
	ReasonScalingDisabled
	ReasonSelectorRequired
	ReasonInvalidSelector
	ReasonAmbiguousSelector
	ReasonFailedGetResourceMetric
	ReasonFailedGetContainerResourceMetric
	ReasonFailedGetPodsMetric
	ReasonFailedGetObjectMetric
	ReasonFailedGetExternalMetric
	ReasonInvalidMetricSourceType
	ReasonFailedComputeMetricsReplicas
	ReasonValidMetricFound
	ReasonReadyForNewScale
	ReasonScaleUpStabilized
	ReasonScaleDownStabilized
	ReasonDesiredWithinRange
	ReasonTooFewReplicas
	ReasonTooManyReplicas
	ReasonScaleUpLimit
	ReasonScaleDownLimit
	ReasonFailedRescale
	ReasonFailedUpdateScale
	ReasonSuccessfulRescale
	ReasonSucceededRescale
	ReasonScaledToZero
	ReasonNotScaledToZero
)

// String returns upstream's word, "ReadyForNewScale"; empty for ReasonNone.
func (r Reason) String() string {
	words := [...]string{
		ReasonFailedGetScale:                   "FailedGetScale",
		ReasonSucceededGetScale:                "SucceededGetScale",
		ReasonScalingDisabled:                  "ScalingDisabled",
		ReasonSelectorRequired:                 "SelectorRequired",
		ReasonInvalidSelector:                  "InvalidSelector",
		ReasonAmbiguousSelector:                "AmbiguousSelector",
		ReasonFailedGetResourceMetric:          "FailedGetResourceMetric",
		ReasonFailedGetContainerResourceMetric: "FailedGetContainerResourceMetric",
		ReasonFailedGetPodsMetric:              "FailedGetPodsMetric",
		ReasonFailedGetObjectMetric:            "FailedGetObjectMetric",
		ReasonFailedGetExternalMetric:          "FailedGetExternalMetric",
		ReasonInvalidMetricSourceType:          "InvalidMetricSourceType",
		ReasonFailedComputeMetricsReplicas:     "FailedComputeMetricsReplicas",
		ReasonValidMetricFound:                 "ValidMetricFound",
		ReasonReadyForNewScale:                 "ReadyForNewScale",
		ReasonScaleUpStabilized:                "ScaleUpStabilized",
		ReasonScaleDownStabilized:              "ScaleDownStabilized",
		ReasonDesiredWithinRange:               "DesiredWithinRange",
		ReasonTooFewReplicas:                   "TooFewReplicas",
		ReasonTooManyReplicas:                  "TooManyReplicas",
		ReasonScaleUpLimit:                     "ScaleUpLimit",
		ReasonScaleDownLimit:                   "ScaleDownLimit",
		ReasonFailedRescale:                    "FailedRescale",
		ReasonFailedUpdateScale:                "FailedUpdateScale",
		ReasonSuccessfulRescale:                "SuccessfulRescale",
		ReasonSucceededRescale:                 "SucceededRescale",
		ReasonScaledToZero:                     "ScaledToZero",
		ReasonNotScaledToZero:                  "NotScaledToZero",
	}
	if int(r) < len(words) {
		return words[r]
	}
	return ""
}

// explanation is the message of a condition that says the same whatever the
// numbers; empty for the reasons whose message has something to fill in.
func (r Reason) explanation() string {
	switch r {
	case ReasonSucceededGetScale:
		return "the HPA controller was able to get the target's current scale"
	case ReasonScalingDisabled:
		return "scaling is disabled since the replica count of the target is zero"
	case ReasonReadyForNewScale:
		return "recommended size matches current size"
	case ReasonScaleUpStabilized:
		return "recent recommendations were lower than current one, applying the lowest recent recommendation"
	case ReasonScaleDownStabilized:
		return "recent recommendations were higher than current one, applying the highest recent recommendation"
	case ReasonDesiredWithinRange:
		return "the desired count is within the acceptable range"
	case ReasonTooFewReplicas:
		return "the desired replica count is less than the minimum replica count"
	case ReasonTooManyReplicas:
		return "the desired replica count is more than the maximum replica count"
	case ReasonScaleUpLimit:
		return "the desired replica count is increasing faster than the maximum scale rate"
	case ReasonScaleDownLimit:
		return "the desired replica count is decreasing faster than the maximum scale rate"
	case ReasonScaledToZero:
		return "the HPA controller scaled the workload to zero"
	case ReasonNotScaledToZero:
		return "the HPA controller did not scale the workload to zero"
	default:
		return ""
	}
}

// Text is the reason of a rescale as events have it, "All metrics below
// target"; metric is the Proposal of the metric that won. Empty for RescaleNone.
func (r RescaleReason) Text(metric string) string {
	switch r {
	case RescaleAboveMax:
		return "Current number of replicas above Spec.MaxReplicas"
	case RescaleBelowMin:
		return "Current number of replicas below Spec.MinReplicas"
	case RescaleAboveTarget:
		return metric + " above target"
	case RescaleBelowTarget:
		return "All metrics below target"
	default:
		return ""
	}
}

// String returns the API's word, "AbleToScale".
func (t ConditionType) String() string {
	switch t {
	case AbleToScale:
		return "AbleToScale"
	case ScalingActive:
		return "ScalingActive"
	case ScalingLimited:
		return "ScalingLimited"
	case ScaledToZero:
		return "ScaledToZero"
	default:
		return ""
	}
}

// String returns the API's word, "ContainerResource".
func (s Source) String() string {
	switch s {
	case SourceResource:
		return "Resource"
	case SourceContainerResource:
		return "ContainerResource"
	case SourcePods:
		return "Pods"
	case SourceObject:
		return "Object"
	case SourceExternal:
		return "External"
	default:
		return ""
	}
}

// api is the name of the metrics API that serves this type.
func (s Source) api() string {
	switch s {
	case SourcePods, SourceObject:
		return "custom metrics API"
	case SourceExternal:
		return "external metrics API"
	default:
		return "resource metrics API"
	}
}

// failed is the reason of a metric of this type that could not be computed.
func (s Source) failed() Reason {
	switch s {
	case SourceResource:
		return ReasonFailedGetResourceMetric
	case SourceContainerResource:
		return ReasonFailedGetContainerResourceMetric
	case SourcePods:
		return ReasonFailedGetPodsMetric
	case SourceObject:
		return ReasonFailedGetObjectMetric
	case SourceExternal:
		return ReasonFailedGetExternalMetric
	default:
		return ReasonInvalidMetricSourceType
	}
}
