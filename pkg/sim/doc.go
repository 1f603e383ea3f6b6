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
// Demand. The step in force is floor(now/step), the last one held. What pods
// report of a Resource or Pods metric is their share of what is served, by
// integer division over the serving pods (live, running and Ready) in the series'
// own unit; the remainder goes one each to the oldest. Serving pods report their
// share and Demand.Idle, terminating pods that run Demand.Idle alone, running
// ones that are not Ready Demand.NotReady, others nothing; nor does a pod younger
// than Pods.MetricsDelay. A value that each pod has for itself (RolePerPod) all
// that report have, whatever their standing. A null step of a resource is a
// container that does not report; of any other metric it is an error of its API.
// A container without a series for cpu or memory uses 0, but only where some
// series reports about its pod: an implied zero is no sample of its own.
//
// Queues. Where pods serve a demand (Demand.Queues), a step's value arrives, the
// serving pods can do C = Demand.Capacity × their number, and q waits, all of it
// a fluid. They do C while q > 0 or more than C arrives, else what arrives. q
// grows by the difference, up to C × Demand.Wait, a backlog without bound; the
// rest is shed. At each instant, when its step is in force and its pods have made
// their transitions, and again after the write of its sync, what no longer fits
// is shed. In a null step nothing is known: nothing arrives, is done or shed, and
// q stands still. An instant counts rounded down to the millisecond, so that
// every amount is a whole number of unit × milliseconds. A backlog's metric is
// q in whole units, rounded down.
//
// Responses (RoleResponse). What follows from how busy the pods are, latency and
// requests in flight, is computed at each instant from the queue of World.Latency by
// its Model: see [Response].
//
// Scrapes (PipelineResource, PipelinePrometheus). At 0, the resolution, twice the resolution and so on,
// after the transitions of the instant and before its sync, metrics-server takes a
// point of every running container; before t=0 so it did with the first step's
// values and no queue. A sync reads the last scrape that is at least Pipeline.Age
// old. cpu is the rate between that point and the one before, or the container's
// start where it is at least 10 s old and younger than the resolution; without
// either the pod is not listed. What a pod used is counted in millionths of the
// unit × milliseconds: of each millisecond what is served ÷ serving pods, rounded
// down, beside idle. A rate is upstream's float64 division, cut to nano-units and
// rounded up to milli-units; memory is cut to whole bytes. A scrape in a null step
// of any Resource demand finds nothing.
//
// Prometheus (PipelinePrometheus). At 0, the interval, twice the interval and so on,
// at the same place in an instant, every running pod is scraped, and what an
// ingress counts. A load is a counter, anything else a gauge. A counter grows, from
// one scrape to the next, by whole quanta (a power of two, 2⁻¹⁶ of a base unit and
// less fine for whole units), rounded down; it begins at 0 with its container, or at
// 2⁵² quanta if that runs since before the first scrape: the one a window and an
// interval before 0, or metrics-server's if that is earlier. Counters grow in a null step, where idle
// pods go on, but no sample is found. A sync asks for rate() over the window, in
// milliseconds, of all scrapes at least Pipeline.Age old, and cuts the answers to
// milli-units. Aggregates over pods also see pods that are gone, rates for a window,
// gauges until the next scrape. A sum is that of all pods, rounded once.
//
// Faults of traffic, of slow starts and of surges have one value at a time: the
// last one that began is in force until its own end, and what it replaced does
// not come back. A pod whose creation falls into a slow start, or a shortage of
// nodes, keeps what it met then: the former multiplies its time to Ready, the
// latter keeps it Pending until the last shortage under way ends, which then
// counts as its creation for everything but its rank.
//
// Pods of one standing are one group, so that a sync costs O(groups). Groups
// that no rule of the controller can tell apart any more (Ready, and past every
// initialisation period) are merged.
//
// Skipping. [World.Run] without a visitor makes only the syncs that may change the
// replica count: while all pods serve, and nothing happens but demand, the others are
// known to leave it as it is. The score is the same to the last bit. Where the world
// forbids that, syncs are made one by one for as long as it does: while pods start,
// a fault is under way, work waits or a step is null; and throughout where a metric
// reads several demands, an aggregate, a backlog or a response, where Prometheus scrapes, where the
// autoscaler is edited, and where steps are no whole number of syncs and scrapes. Many
// runs on one demand share what is known of it ([World.Prepare]).
package sim
