// Package hpa is the step of the Kubernetes HPA controller: what one reconcile
// decides, bug for bug, in int32, int64 and float64 expressions that are
// upstream's (pkg/controller/podautoscaler of Kubernetes 1.37.2). A Spec is the
// autoscaler, an Observation what one sync reads, a State what the controller
// remembers, and
//
//	decision := spec.Step(state, &observation)
//
// is all there is to call. The package reads no clock, logs nothing and imports
// nothing but a few pure packages of the standard library. Metric values,
// targets and requests are integers in thousandths of their unit; times are
// durations since any one instant the caller likes.
//
// A sync goes through these stages; each has a file of its own, and each line
// that must be exactly upstream's names the function it follows.
//
//  1. Read the scale (step.go). If that fails, only condition AbleToScale
//     changes. Else the history of recommendations is begun with the current
//     count, if it has not been.
//
//  2. Branch (branch.go). A workload at zero that may not leave it is paused. One
//     above max or below min jumps there, and no metric is looked at. Otherwise:
//
//  3. Propose (propose.go). Every metric is asked in the order of the spec, and
//     the largest answer wins. A metric that fails forbids going down, not up;
//     if all fail, or the pods' selector does, nothing happens.
//
//     a. For a metric that pods have (perpod.go), the pods are sorted into
//     ignored, unready, missing and ready (group.go).
//
//     b. The ready ones' metrics are compared with the target (ratio.go), which
//     cuts to whole percents or milli-units, and then with the tolerance.
//
//     c. Ratio × ready pods is the answer, unless some pods are missing, or
//     unready on the way up: then they are filled in so that they hold the
//     change back, and the ratio is taken again.
//
//     d. For a metric of the whole workload (total.go), the answer is ratio ×
//     pods that serve, or total ÷ target.
//
//  4. Stabilize (stabilize.go). The proposal is held against those of the recent
//     past, and recorded.
//
//  5. Limit (limit.go). The change is bounded by the policies, then by min and
//     max. Without behavior 4 and 5 are another, older algorithm, not behavior
//     with default rules.
//
//  6. Write the scale if the count changed (step.go), and remember the change
//     for the policies to count (remember.go).
//
//  7. Report: status, conditions, events, and the reconcile's error. Their
//     messages are upstream's, rendered when asked for (decision.go, failure.go,
//     problem.go, reason.go).
//
// What differs between versions of Kubernetes is data in a Profile (profile.go)
// and a branch named after it where it matters.
//
// # Where the result may surprise
//
// These are upstream's ways, kept on purpose:
//
//   - Without behavior, a recommendation exactly one window old counts; with it,
//     it does not. Nor does a scale event exactly one period old.
//   - Utilization is cut to a whole percent before it is compared: a target of
//     80 with tolerance 0.1 acts from 89 %, not from 88.1 %.
//   - A pod's cpu sample counts only one window after the pod became ready, for
//     the first minutes of its life; memory and Pods metrics count at once.
//   - A percentage of the current count is taken in binary floats: 10 % more than
//     100 pods is 111.
//   - A scale-up spends the budget of scale-down policies, and gives some back to
//     them, and the other way round.
//   - An AverageValue target of an Object or External metric goes by the scale's
//     status.replicas and by no pod; a Value target by the pods that are Running
//     and Ready, terminating ones included.
//   - A jump back into the bounds heeds no policy and no window.
//   - A failed scale write leaves its recommendation in the history.
package hpa
