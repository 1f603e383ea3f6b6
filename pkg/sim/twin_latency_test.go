package sim_test

import (
	"fmt"
	"math/big"
	"reflect"
	"time"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// carries is one pod's part of what all carry when the busiest is full.
func (t *twin) carries(d *sim.Demand) int64 {
	busiest := t.w.Pods.Imbalance
	if d.Role == sim.RoleResponse {
		return 0 // what a pod admits is no load of its own
	}
	if busiest < 1000 || d.Capacity == 0 || d.Role == sim.RolePerPod || d.Role == sim.RoleExogenous {
		return d.Capacity
	}
	part := new(big.Rat).Mul(rat(d.Capacity), big.NewRat(1000, busiest))
	return max(1, floorOf(part))
}

// twinLatency follows the demand whose latency is asked for, millisecond by
// millisecond. Random worlds are small enough for 64 bits.
type twinLatency struct {
	score *sim.LatencyScore
	// waits is what waits at the millisecond.
	waits int64
	// admitted are unit × milliseconds.
	admitted   []int64
	turnedAway int64
}

func (t *twin) tallyLatency() sim.LatencyScore {
	l := t.w.Latency
	if l == nil {
		return sim.LatencyScore{}
	}
	d := &t.w.Demand[l.Demand]
	s := sim.LatencyScore{Of: l, Wait: d.Wait}
	levels := 1002 + min(64, int(d.Wait/time.Millisecond))
	s.Admitted, s.Millis = make([]sim.Amount, levels), make([]int64, levels)
	k := twinLatency{score: &s, admitted: make([]int64, levels)}
	for _, p := range t.spans {
		if asked := p.asked[l.Demand]; asked != nil {
			k.live(*asked, t.carries(d)*p.serving, p.millis())
		}
	}
	for i, a := range k.admitted {
		s.Admitted[i] = amountOf(rat(a))
	}
	s.TurnedAway = amountOf(rat(k.turnedAway))
	s.Arrived, s.Shed = t.score.Flows[l.Demand].Arrived, t.score.Flows[l.Demand].Shed
	return s
}

// live lets some milliseconds pass.
func (k *twinLatency) live(a, c, millis int64) {
	room := c * k.score.Wait.Milliseconds()
	k.waits = min(k.waits, room)
	for millis > 0 {
		before := k.waits
		after := max(0, before+a-c)
		shed := max(0, after-room)
		k.waits = min(after, room)
		n := int64(1)
		if k.waits == before {
			n = millis // and so on
		}
		millis -= n
		if a > 0 {
			k.sort(a, c, before, shed, n)
		}
	}
}

// sort puts n milliseconds, each of which is like the others, where they belong.
func (k *twinLatency) sort(a, c, before, shed, n int64) {
	s := k.score
	wait, spare := s.Wait.Milliseconds(), int64(1_000_000)
	if s.Of.SLO != nil {
		spare -= s.Of.SLO.Objective
	}
	k.turnedAway += shed * n
	if c == 0 {
		if s.Of.SLO != nil {
			s.Shedding += n
		}
		return
	}
	level := int(a * 1000 / c)
	if before > 0 || a > c {
		level = 1001
		for part := min(wait, 64); part > 0; part-- {
			if max(before, k.waits) >= c*(wait*part/min(wait, 64)) {
				level += int(part)
				break
			}
		}
	}
	k.admitted[level] += (a - shed) * n
	if a > c && k.waits == c*wait && (a-c)*1_000_000 > a*spare {
		s.Shedding += n
		return
	}
	s.Millis[level] += n
}

// levelsApart says where two scores of latency differ.
func levelsApart(got, twin *sim.LatencyScore) string {
	if len(got.Admitted) != len(twin.Admitted) || len(got.Millis) != len(twin.Millis) {
		return fmt.Sprintf("%d levels, the twin has %d", len(got.Admitted), len(twin.Admitted))
	}
	for i := range got.Admitted {
		if got.Admitted[i] != twin.Admitted[i] || got.Millis[i] != twin.Millis[i] {
			return fmt.Sprintf("level %d: %v in %d ms, the twin has %v in %d ms", i, got.Admitted[i], got.Millis[i], twin.Admitted[i], twin.Millis[i])
		}
	}
	one, two := *got, *twin
	one.Admitted, one.Millis, two.Admitted, two.Millis = nil, nil, nil, nil
	if !reflect.DeepEqual(one, two) {
		return fmt.Sprintf("%+v, the twin has %+v", one, two)
	}
	return ""
}
