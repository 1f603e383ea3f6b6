package hpa_test

import (
	"fmt"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// Four pods run at 90 % of what they request, against a target of 60 %.
func ExampleSpec_Step() {
	controller := hpa.DefaultController()
	spec := &hpa.Spec{
		Reference: "Deployment/shop/checkout", Min: 2, Max: 10,
		Metrics: []hpa.Metric{{
			Source: hpa.SourceResource, Target: hpa.TargetUtilization, Goal: 60, CPU: true, Name: "cpu", Resource: "cpu",
			Proposal: "cpu resource utilization (percentage of request)",
		}},
		ToleranceUp: controller.Tolerance, ToleranceDown: controller.Tolerance, Controller: controller,
	}
	state := hpa.NewState(len(spec.Metrics), 32)
	now := time.Hour
	decision := spec.Step(state, &hpa.Observation{
		Now: now, SpecReplicas: 4, StatusReplicas: 4,
		Groups: []hpa.Group{{Pods: 4, Started: true}},
		Readings: []hpa.Reading{{Samples: []hpa.Sample{
			{Pods: 4, Sum: 4 * 450, Request: 500, Timestamp: now, Window: time.Minute},
		}}},
	})
	fmt.Println("proposed", decision.Proposed, "desired", decision.Desired)
	for i := range decision.Conditions {
		c := &decision.Conditions[i]
		fmt.Println(c.Type, c.Status, c.Reason)
	}
	for i := range decision.Events {
		fmt.Println(decision.Events[i].Message())
	}
	// Output:
	// proposed 6 desired 6
	// AbleToScale true SucceededRescale
	// ScalingActive true ValidMetricFound
	// ScalingLimited false DesiredWithinRange
	// ScaledToZero false NotScaledToZero
	// New size: 6; reason: cpu resource utilization (percentage of request) above target
}
