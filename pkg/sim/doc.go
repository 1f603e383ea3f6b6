// Package sim replays demand through an autoscaler: the pods, the metric
// pipeline and the loop around the controller's step.
//
// A [World] is data; [World.Run] replays it. The rules, in the order in which
// one instant applies them (run.loop is that order in code):
//
//  1. Faults that begin, in the order of World.Faults, then those that end: an
//     interval is [at, at+for). Intervals of one kind that overlap unite; of
//     surges the last one that began is in force. After each fault the workload
//     follows at once: pods are created, or chosen as victims.
//  2. Pod transitions: a terminating pod vanishes, a Pending pod runs, a running
//     pod becomes Ready, also one that a fault no longer keeps from it. A pod
//     that a fault of this instant created takes part.
//  3. The sync whose decision instant this is, if any. It reads and writes
//     everything at that instant. Pods that it creates start their own
//     transitions at once when their delays are zero; nobody sees the
//     difference before the next instant.
//
// Syncs. The first starts at t=0 (Kubernetes 1.37 and later) or one sync period
// later (before), decides SyncLatency after its start, and the next starts one
// sync period after that decision. From 1.37 an edit of the autoscaler starts a
// sync of its own, which leaves the cadence alone; where it would decide at the
// same instant as another sync the two are one, as they are in the controller's
// queue. Syncs start in [0, Duration).
//
// Pods. They carry creation times exactly; what the controller reads of them
// (start, Ready transition, sample times) is rounded down to whole seconds, also
// before 0. Live pods are those neither terminating nor Failed; their ranks
// follow the order of creation. Ranks are resolved when the fault happens, those
// of podsWithoutMetrics at every sync. podsNotReady touches the pods that are
// Ready at that moment, so a pod already held is not held longer by a second
// fault. Victims of a scale-down are Pending pods, then running ones that are
// not Ready, then Ready ones; within each the newest first.
//
// Demand. The step in force is floor(now/step), the last one held. A total is
// divided over the serving pods (live, running and Ready) by integer division in
// the series' own unit; the remainder goes one each to the oldest. Serving pods
// report their share and Demand.Idle, terminating pods that run Demand.Idle
// alone, running ones that are not Ready Demand.NotReady, others nothing; nor
// does a pod younger than Pods.MetricsDelay. A null step of a resource is a container that does not
// report; of any other metric it is an error of its API. A container without a
// series for cpu or memory uses 0, but only where some series reports about its
// pod: an implied zero is no sample of its own.
//
// Pods of one standing are one group, so that a sync costs O(groups). Groups
// that no rule of the controller can tell apart any more (Ready, and past every
// initialisation period) are merged.
package sim
