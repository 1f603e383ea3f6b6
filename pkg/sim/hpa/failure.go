package hpa

import "strconv"

// Failure is an error that a reconcile returns, rendered on demand. Its zero
// value is no error.
type Failure struct {
	kind failureKind
	// failed of the metrics out of count have a problem; this is the first.
	failed, count int32
	problem       problem
	// reference is Spec.Reference.
	reference string
}

// failureKind is what failed.
type failureKind uint8

const (
	failureNone failureKind = iota
	// failureRead and failureWrite: the scale.
	failureRead
	failureWrite
	// failureMetrics: the metrics forbid acting.
	failureMetrics
	// failurePartial: some metric failed, yet the others were acted on.
	failurePartial
)

// Failed says whether there is an error.
func (f *Failure) Failed() bool { return f.kind != failureNone }

// Blocked says whether the error kept the controller from acting; a metric that
// failed while others were acted on does not.
func (f *Failure) Blocked() bool { return f.kind != failureNone && f.kind != failurePartial }

// Error is the whole text of the reconcile's error; empty for none.
func (f *Failure) Error() string {
	// horizontal.go: reconcileAutoscaler
	switch f.kind {
	case failureRead:
		return "failed to query scale subresource for " + f.reference + ": " + f.problem.text
	case failureWrite:
		return "failed to rescale " + f.reference + ": " + f.problem.text
	case failureMetrics:
		return "failed to compute desired number of replicas based on listed metrics for " +
			f.reference + ": " + f.metrics()
	case failurePartial:
		return f.metrics()
	default:
		return ""
	}
}

// Cause is what is at the bottom of the error, in the API server's words or
// upstream's; empty for none.
func (f *Failure) Cause() string {
	if f.kind == failureRead || f.kind == failureWrite {
		return f.problem.text
	}
	return f.problem.message()
}

// metrics is the error of computing the metrics.
func (f *Failure) metrics() string {
	// horizontal.go: computeReplicasForMetrics
	if f.problem.metric == nil {
		return f.problem.message()
	}
	return "invalid metrics (" + strconv.Itoa(int(f.failed)) + " invalid out of " +
		strconv.Itoa(int(f.count)) + "), first error is: " + f.problem.wrapped()
}
