package sim_test

import (
	"maps"
	"slices"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
	"github.com/elasticctl/elasticctl/pkg/sim/hpa"
)

// twinPoint is what a scrape finds of one pod: when its containers started, when
// it was taken, and for each series a counter or a gauge.
type twinPoint struct {
	start, at time.Duration
	cpu       map[*sim.Demand]int64 // nano-core seconds
	memory    map[*sim.Demand]int64 // bytes
}

// twinBatches is metrics-server's storage after one scrape.
type twinBatches struct {
	at         time.Duration
	last, prev map[int]twinPoint // by pod
}

func (t *twin) scrapes() bool { return t.w.Pipeline.Kind != sim.PipelineIdeal }

func (t *twin) series(resource string) []*sim.Demand {
	var all []*sim.Demand
	for i := range t.w.Demand {
		if d := &t.w.Demand[i]; d.Source == hpa.SourceResource && d.Name == resource {
			all = append(all, d)
		}
	}
	return all
}

// before lives through the time before t=0.
func (t *twin) before() {
	r := t.w.Pipeline.Resolution
	from := -3 * r
	if t.asks() {
		from = min(from, t.firstAsked())
	}
	at := map[time.Duration]bool{from: true}
	for i := time.Duration(1); -i*r >= from; i++ {
		at[-i*r] = true
	}
	if t.asks() {
		for i := time.Duration(1); -i*t.w.Pipeline.Interval >= from; i++ {
			at[-i*t.w.Pipeline.Interval] = true
		}
	}
	for _, p := range t.pods {
		for _, change := range []time.Duration{t.runsAt(p), t.readyAt(p)} {
			if change > from && change < 0 {
				at[change] = true
			}
		}
	}
	instants := slices.Sorted(maps.Keys(at))
	for i, now := range instants {
		t.agePods(now)
		if now == from {
			t.countLong()
		}
		t.scrapeAll(now)
		next := time.Duration(0)
		if i+1 < len(instants) {
			next = instants[i+1]
		}
		t.useUp(now, next)
	}
}

// scrapeAll is what scrapes at an instant, if anything does.
func (t *twin) scrapeAll(now time.Duration) {
	if t.scrapes() && now%t.w.Pipeline.Resolution == 0 {
		t.scrape(now)
	}
	if t.asks() && now%t.w.Pipeline.Interval == 0 {
		t.sample(now)
	}
}

func milliFloor(at time.Duration) int64 {
	n := int64(at / time.Millisecond)
	if at%time.Millisecond < 0 {
		n--
	}
	return n
}

// useUp lets all pods use cpu from one instant to the next, a millisecond at a
// time.
func (t *twin) useUp(from, to time.Duration) {
	if !t.scrapes() {
		return
	}
	begin, end := milliFloor(from), milliFloor(to)
	for _, d := range append(t.series("cpu"), t.counters()...) {
		each := t.doneByEach(d, max(from, 0), begin, end)
		v, known := t.value(d, max(from, 0))
		for _, p := range t.pods {
			if !p.running || p.failed {
				continue
			}
			if p.used == nil {
				p.used = map[*sim.Demand]int64{}
			}
			switch {
			case d.Role == sim.RolePerPod && known:
				p.used[d] += v * 1_000_000 * (end - begin)
			case d.Role == sim.RolePerPod:
			case p.deleted:
				p.used[d] += d.Idle * 1_000_000 * (end - begin)
			case !p.ready && d.NotReadyNone:
			case !p.ready:
				p.used[d] += d.NotReady * 1_000_000 * (end - begin)
			default:
				p.used[d] += d.Idle*1_000_000*(end-begin) + each
			}
		}
	}
	t.arrive(max(from, 0), end-begin)
}

// doneByEach is what each serving pod does of the load in some milliseconds.
func (t *twin) doneByEach(d *sim.Demand, step time.Duration, begin, end int64) int64 {
	v, known := t.value(d, step)
	var serving int64
	for _, p := range t.pods {
		if p.serving() {
			serving++
		}
	}
	if !known || serving == 0 || d.Role != sim.RoleLoad {
		return 0
	}
	if d.Capacity == 0 {
		return v * 1_000_000 / serving * (end - begin)
	}
	var waiting, each int64
	for _, k := range t.work {
		if k.d == d {
			waiting = floorOf(k.queued)
		}
	}
	can := t.carries(d) * serving
	room := can * d.Wait.Milliseconds()
	for range end - begin {
		did := min(can, waiting+v)
		each += did * 1_000_000 / serving
		waiting = min(room, waiting+v-did)
	}
	return each
}

// scrape is metrics-server's Store.
func (t *twin) scrape(now time.Duration) {
	s := twinBatches{at: now, last: map[int]twinPoint{}, prev: map[int]twinPoint{}}
	before := twinBatches{}
	if n := len(t.stored); n > 0 {
		before = t.stored[n-1]
	}
	t.stored = append(t.stored, s)
	for _, name := range []string{"cpu", "memory"} {
		for _, d := range t.series(name) {
			if _, known := t.value(d, max(now, 0)); !known {
				return // nothing was found
			}
		}
	}
	for _, p := range t.pods {
		if !p.running || p.failed {
			continue
		}
		point := twinPoint{start: t.runsAt(p), at: now, cpu: map[*sim.Demand]int64{}, memory: map[*sim.Demand]int64{}}
		for _, d := range t.series("cpu") {
			// In units of the series × 10⁻⁶ × milliseconds.
			point.cpu[d] = p.used[d] * d.Scale
		}
		for _, d := range t.series("memory") {
			point.memory[d] = t.holds(p, d, now)
		}
		s.last[p.id] = point
		last, found := before.last[p.id]
		switch age := now - point.start; {
		case point.start < now && age < t.w.Pipeline.Resolution && age >= 10*time.Second:
			s.prev[p.id] = twinPoint{start: point.start, at: point.start}
		case found && point.start < last.at:
			s.prev[p.id] = last
		}
	}
}

// holds is a pod's memory in whole bytes.
func (t *twin) holds(p *twinPod, d *sim.Demand, now time.Duration) int64 {
	v, _ := t.value(d, max(now, 0))
	switch {
	case d.Role == sim.RolePerPod:
		return v * d.Scale / 1000
	case p.deleted:
		return d.Idle * d.Scale / 1000
	case !p.ready:
		return d.NotReady * d.Scale / 1000
	}
	var serving int64
	for _, q := range t.pods {
		if q.serving() {
			serving++
		}
	}
	for _, k := range t.work {
		if k.d == d {
			v = floorOf(t.doing(k, max(now, 0)))
		}
	}
	return (v + d.Idle*serving) * d.Scale / (1000 * serving)
}

// scraped is metrics-server's GetMetrics for one pod at a sync: its containers,
// when they were sampled and over what window.
func (t *twin) scraped(p *twinPod, now time.Duration) (item map[string]map[string]int64, at, window time.Duration) {
	var s *twinBatches
	for i := range t.stored {
		if t.stored[i].at+t.w.Pipeline.Age <= now {
			s = &t.stored[i]
		}
	}
	last, found := s.last[p.id]
	prev, also := s.prev[p.id]
	if !found || !also || !p.running || p.failed || now-p.born < p.silent || t.blinded()[p] {
		return nil, 0, 0
	}
	window = last.at - prev.at
	item = map[string]map[string]int64{}
	for _, c := range t.w.Pods.Containers {
		item[c.Name] = map[string]int64{"cpu": 0, "memory": 0}
	}
	for _, d := range t.series("cpu") {
		used := (last.cpu[d] - prev.cpu[d]) / 1000
		nano := int64(float64(used) / window.Seconds())
		item[d.Container]["cpu"] = (nano + 999_999) / 1_000_000
	}
	for _, d := range t.series("memory") {
		item[d.Container]["memory"] = last.memory[d] * 1000
	}
	return item, last.at, window
}
