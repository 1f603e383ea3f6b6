package oracle

import (
	"math"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// queue is the work of one series that waits, in unit × milliseconds. It is
// followed one millisecond at a time.
type queue struct {
	d       *Demand
	waiting int64
}

// newQueues are those of the series that pods serve.
func (w *world) newQueues() {
	w.queues = map[*Demand]*queue{}
	for i := range w.spec.Demand {
		d := &w.spec.Demand[i]
		own := d.Metric.Type == "Resource" || d.Metric.Type == "Pods"
		if d.Role == "backlog" || own && (d.Role == "" || d.Role == "load") {
			w.queues[d] = &queue{d: d, waiting: d.Initial * 1000}
		}
	}
}

// flow lets work arrive, be done, wait and be shed until an instant, up to which
// no pod and no fault changes anything. Work knows whole milliseconds: what
// happens within one holds for the whole of it.
func (w *world) flow(to time.Duration) {
	const tick = time.Millisecond
	to = to.Truncate(tick)
	for _, q := range w.queues {
		can, limited := w.capable(q.d)
		if q.d.Role != "backlog" && q.d.Wait.Duration == 0 || !limited {
			continue // nothing ever waits
		}
		for at := w.flowed; at < to; {
			arriving, known := w.valueAt(q.d, at)
			for until := min(to, w.steady(q.d, at)); at < until; at += tick {
				if !known {
					continue
				}
				w.shed(q, can)
				q.waiting = max(0, q.waiting+arriving-can)
				w.shed(q, can)
			}
		}
	}
	w.flowed = max(w.flowed, to)
}

// steady is until when at least a series keeps the value it has at an instant,
// while no fault begins.
func (w *world) steady(d *Demand, at time.Duration) time.Duration {
	step := orDefault(d.Step, 15*time.Second)
	until := (at/step + 1) * step
	for _, f := range w.begun() {
		if f.TrafficFactor == nil || f.For == nil {
			continue
		}
		if end := f.At.Duration + f.For.Duration; end > at {
			until = min(until, end)
		}
	}
	return until
}

// shed forgets what of a queue does not fit.
func (w *world) shed(q *queue, can int64) {
	if q.d.Role != "backlog" {
		ms := q.d.Wait.Milliseconds()
		if ms > 0 && can > math.MaxInt64/ms {
			panic("oracle: more work may wait than 64 bits hold")
		}
		q.waiting = min(q.waiting, can*ms)
	}
}

// doing is what pods do of a series right now, of which a value arrives.
func (w *world) doing(d *Demand, arriving int64) int64 {
	q := w.queues[d]
	can, limited := w.capable(d)
	if q == nil || !limited {
		return arriving
	}
	w.shed(q, can)
	if q.waiting > 0 {
		return can
	}
	return min(arriving, can)
}

// capable is what all serving pods together can do of a series.
func (w *world) capable(d *Demand) (can int64, limited bool) {
	each := w.capacityOf(d)
	for _, p := range w.pods {
		if p.serving() {
			can += each
		}
	}
	return can, each > 0
}

// capacityOf is what one pod can do of a series: as written, or what the cpu
// limit of its container leaves; 0 if that is unlimited.
func (w *world) capacityOf(d *Demand) int64 {
	container := w.containerOf(d)
	for _, capacity := range []int64{d.Capacity, w.spec.Pods.Capacity[container+"/"+d.Metric.Name], w.spec.Pods.Capacity[d.Metric.Name]} {
		if capacity > 0 {
			return capacity
		}
	}
	if d.Metric.Type != "Resource" || d.Metric.Name != "cpu" {
		return 0
	}
	for _, c := range w.spec.Pods.Containers {
		if limit, ok := c.Resources.Limits[corev1.ResourceCPU]; ok && c.Name == container {
			if d.Unit == "base" {
				return limit.MilliValue()/1000 - d.Idle
			}
			return limit.MilliValue() - d.Idle
		}
	}
	return 0
}

// backlog is how much waits of a series now, in whole units.
func (w *world) backlog(d *Demand) int64 { return w.queues[d].waiting / 1000 }
