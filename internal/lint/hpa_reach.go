package lint

import (
	"fmt"
	"math"

	corev1 "k8s.io/api/core/v1"
)

// hpaReach are about where a target lies: what can be reached, and what is passed
// over.
var hpaReach = []Rule{
	{
		ID: "hpa-target-unreachable", Severity: Error, Tier: Default,
		What: "no pod can ever use enough for the metric to add pods",
		Why: "A container is throttled at its cpu limit and killed above its memory limit. Where limit ÷ request does not pass the target and its tolerance, " +
			"the metric never asks for a pod, however great the load.",
		How: "Where every container that counts has a limit for the metric's resource: the controller's own step of the version is asked what it proposes when pods use all of it. " +
			"A limit of the pod as a whole counts too, and the tolerance of behavior.scaleUp, else the controller's default of 0.1.",
		Sources: []string{
			"https://github.com/kubernetes/kubernetes/pull/18294",
			"https://github.com/google/knative-gcp/issues/1520",
			"https://github.com/pegasystems/pega-helm-charts/issues/180",
		},
		check: hpaTargetUnreachable,
	},
	{
		ID: "hpa-target-100", Severity: Warning, Tier: Recommended,
		What: "a utilization target so high that pods are added only above 100 %",
		Why:  "The tolerance comes on top of the target: at 95 % the controller waits for 105 % of the request, that is until every pod takes more than it asked for, if the node has it.",
		How: "averageUtilization is at most 100, and the least percentage at which the controller of the version adds pods is above 100. A target above 100 is taken for a wish: such pods are meant to burst. " +
			"One that cannot be reached has hpa-target-unreachable.",
		Sources: []string{
			"https://github.com/kubernetes/kubernetes/issues/108026",
			"https://github.com/kubernetes/kubernetes/issues/72811",
		},
		check: hpaTarget100,
	},
	{
		ID: "hpa-tolerance-dead-zone", Severity: Info, Tier: All,
		What: "the tolerance passes over a load worth several pods",
		Why:  "The tolerance is a share of the target, so that what it passes over grows with the workload: 10 % of 100 pods are the work of 10 pods that nobody adds, or takes away.",
		How: "For the metrics that each pod has: the highest use at which the controller adds nothing, at maxReplicas, as pods of work at the target. Reported from 5 pods on, where the version " +
			"honours a tolerance of the object's own (from 1.35).",
		Sources: []string{
			"https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#tolerance",
			"https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/controller/podautoscaler/replica_calculator.go",
		},
		check: hpaToleranceDeadZone,
	},
}

// sound says whether the API server accepts an autoscaler, so that the controller
// can be asked about it.
func (s *scaler) sound() bool { return s.written != nil && len(s.violations) == 0 }

func hpaTargetUnreachable(c *checker) {
	for _, s := range c.hpas {
		if !s.sound() || s.workload == nil {
			continue
		}
		for i := range s.hpa.Spec.Metrics {
			if c.unreachable(s, i) {
				c.reportUnreachable(s, i)
			}
		}
	}
}

// unreachable says whether pods that use all they can do not make a metric add
// pods.
func (c *checker) unreachable(s *scaler, i int) bool {
	resource, container := resourceOf(&s.hpa.Spec.Metrics[i])
	if resource == nil || s.workload == nil || !s.sound() {
		return false
	}
	_, percent, ok := c.goal(s, i)
	limit, request, bounded := c.ceiling(s.workload, container, *resource)
	// A request above its limit is refused, and has a rule of its own.
	if !ok || !bounded || percent && (request == 0 || request > limit) || limit > math.MaxInt64/100 {
		return false
	}
	return !c.adds(s, i, limit, max(request, 1))
}

func (c *checker) reportUnreachable(s *scaler, i int) {
	m := &s.hpa.Spec.Metrics[i]
	resource, container := resourceOf(m)
	goal, percent, _ := c.goal(s, i)
	limit, request, _ := c.ceiling(s.workload, container, *resource)
	field, message := "averageValue", fmt.Sprintf("pods can use %s of %s at most, their limit, and pods are added from %s on (target %s)",
		milli(limit, *resource), *resource, milli(c.acts(s, i), *resource), milli(goal, *resource))
	fix := fmt.Sprintf("lower the target to at most %s, or raise the limit", milli(limit*8/10/1000*1000, *resource))
	if percent {
		reach := limit * 100 / request
		field, message = "averageUtilization", fmt.Sprintf("%s can reach %d %% of the request (limit %s, request %s), and pods are added from %d %% on (target %d %%)",
			*resource, reach, milli(limit, *resource), milli(request, *resource), c.acts(s, i), goal)
		fix = fmt.Sprintf("lower the target to %d or less, raise the limit, or lower the request", max(reach*8/10, 1))
	}
	f := c.at(s, sourcePath(m, i)+".target."+field, message, fix)
	for _, one := range c.running(s.workload) {
		if container == "" || one.Name == container {
			f.see(s.workload.object, s.workload.in(one.path+".resources.limits["+string(*resource)+"]"), "the limit of "+one.Name)
			break
		}
	}
}

func hpaTarget100(c *checker) {
	for _, s := range c.hpas {
		if !s.sound() {
			continue
		}
		for i := range s.hpa.Spec.Metrics {
			goal, percent, ok := c.goal(s, i)
			if !ok || !percent || goal < 80 || goal > 100 || c.unreachable(s, i) {
				continue
			}
			if acts := c.acts(s, i); acts > 100 {
				m := &s.hpa.Spec.Metrics[i]
				c.at(s, sourcePath(m, i)+".target.averageUtilization", fmt.Sprintf("pods are added from %d %% of the request on, with a target of %d %%", acts, goal),
					"write 80 or less, so that pods have room while new ones start")
			}
		}
	}
}

func hpaToleranceDeadZone(c *checker) {
	for _, s := range c.hpas {
		if !s.sound() || !c.options.Profile.ConfigurableTolerance {
			continue
		}
		for i := range s.hpa.Spec.Metrics {
			goal, percent, ok := c.goal(s, i)
			acts := c.acts(s, i)
			if !ok || acts == 0 {
				continue
			}
			passed := acts - 1
			// In whole numbers: the controller's float may be one pod above it.
			worth := int64(math.Ceil(float64(passed-goal) * float64(s.max) / float64(goal)))
			if worth < 5 {
				continue
			}
			resource := corev1.ResourceName("")
			if name, _ := resourceOf(&s.hpa.Spec.Metrics[i]); name != nil {
				resource = *name
			}
			use, target := milli(passed, resource), milli(goal, resource)
			if percent {
				use, target = fmt.Sprintf("%d %%", passed), fmt.Sprintf("%d %%", goal)
			}
			path := s.maxPath
			if b := s.written.V2.Spec.Behavior; b != nil && b.ScaleUp != nil && b.ScaleUp.Tolerance != nil {
				path = "spec.behavior.scaleUp.tolerance"
			}
			c.at(s, path, fmt.Sprintf("at %d pods, %s against a target of %s adds nothing, though it is the work of %d pods more", s.max, use, target, worth),
				`set behavior.scaleUp.tolerance to what the workload can bear, such as "0.02"`).see(s.object, s.metricPath(i), "the metric")
			break
		}
	}
}
