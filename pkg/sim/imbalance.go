package sim

// Balanced is the imbalance of pods that all get the same, in thousandths.
const Balanced = Thousand

// MaxImbalance bounds an imbalance, in thousandths.
const MaxImbalance = 1_000_000

// Carries is what counts as one serving pod's part of what the pods carry
// together of a demand, in the unit of its Values; 0 means unlimited. It is the
// demand's Capacity, but where pods get unequal shares of a load: then they carry
// together what they do when the busiest is full, which is Capacity ÷ Imbalance
// each, rounded down, at least 1.
func (w *World) Carries(d *Demand) int64 {
	if w.Pods.Imbalance <= Balanced || d.Capacity == 0 || d.Role == RolePerPod || d.Role >= RoleExogenous {
		return d.Capacity
	}
	n, _ := work(d.Capacity, Balanced).over(w.Pods.Imbalance)
	return max(1, n)
}

// balanced is the world with pods that all get the same, each of which carries
// what counts as its part.
func (w *World) balanced() *World {
	if w.Pods.Imbalance <= Balanced {
		return w
	}
	even := *w
	even.Demand = append([]Demand(nil), w.Demand...)
	for i := range even.Demand {
		even.Demand[i].Capacity = w.Carries(&w.Demand[i])
	}
	even.Pods.Imbalance = Balanced
	return &even
}
