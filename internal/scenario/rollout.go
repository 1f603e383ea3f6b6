package scenario

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/elasticctl/elasticctl/internal/yamlpos"
	"github.com/elasticctl/elasticctl/pkg/sim"
)

// Rollout is true, or says how pods are replaced: numbers of pods or percent of
// those asked for. What it does not say is as in the workload's strategy.
type Rollout struct {
	MaxSurge, MaxUnavailable *intstr.IntOrString
}

// rolloutFields are the fields of a Rollout that is an object.
type rolloutFields struct {
	MaxSurge       *intstr.IntOrString `json:"maxSurge,omitempty"`
	MaxUnavailable *intstr.IntOrString `json:"maxUnavailable,omitempty"`
}

// UnmarshalJSON accepts true or an object.
func (r *Rollout) UnmarshalJSON(data []byte) error {
	if string(data) == "true" {
		*r = Rollout{}
		return nil
	}
	var names map[string]json.RawMessage
	var f rolloutFields
	if json.Unmarshal(data, &names) == nil && json.Unmarshal(data, &f) == nil {
		delete(names, "maxSurge")
		delete(names, "maxUnavailable")
		if len(names) == 0 {
			*r = Rollout(f)
			return nil
		}
	}
	return errors.New("must be true, or {maxSurge: 25%, maxUnavailable: 25%} with numbers of pods or percent")
}

// MarshalJSON is the inverse of UnmarshalJSON.
func (r Rollout) MarshalJSON() ([]byte, error) {
	if (r == Rollout{}) {
		return []byte("true"), nil
	}
	return json.Marshal(rolloutFields(r))
}

// rollout checks what a rollout says.
func (c *checker) rollout(path string, out *fault) {
	r := out.rollout
	surge, surgeOK := shareOfPods(r.MaxSurge)
	unavailable, unavailableOK := shareOfPods(r.MaxUnavailable)
	const hint = "write a number of pods, or percent such as 25%"
	switch {
	case !surgeOK:
		c.add(path+".maxSurge", fmt.Sprintf("%q is no share of the pods", clip(r.MaxSurge.String())), hint)
	case !unavailableOK || unavailable.Percent && unavailable.N > 100:
		c.add(path+".maxUnavailable", fmt.Sprintf("%q is no share of the pods", clip(r.MaxUnavailable.String())), hint)
	case r.MaxSurge != nil && r.MaxUnavailable != nil && surge.N == 0 && unavailable.N == 0:
		c.add(path, "no pod can be replaced without one more or one fewer", "raise maxSurge or maxUnavailable")
	}
}

// shareOfPods reads a number of pods or percent of them; nil is none.
func shareOfPods(v *intstr.IntOrString) (share sim.Share, ok bool) {
	if v == nil {
		return sim.Share{}, true
	}
	if v.Type == intstr.Int {
		return sim.Share{N: v.IntVal}, v.IntVal >= 0 && v.IntVal <= maxPods
	}
	number, percent := strings.CutSuffix(v.StrVal, "%")
	n, err := strconv.ParseUint(number, 10, 32)
	return sim.Share{N: int32(min(n, maxPods)), Percent: true}, percent && err == nil && n <= 1000
}

// strategy is how the workload replaces its pods: a Deployment by its rolling
// update, any other one after another. A Deployment that recreates its pods takes
// all away first.
func (b *builder) strategy() sim.Rolling {
	w := b.target.workload
	switch {
	case b.target.hpa.V2.Spec.ScaleTargetRef.Kind != "Deployment":
		return sim.Rolling{MaxUnavailable: sim.Share{N: 1}}
	case w == nil || w.Strategy == nil:
		return sim.Rolling{}
	case w.Strategy.Recreate:
		return sim.Rolling{MaxUnavailable: sim.Share{N: 100, Percent: true}}
	}
	return b.rolling(w.Strategy.MaxSurge, w.Strategy.MaxUnavailable, sim.Rolling{})
}

// maxMinReady bounds minReadySeconds: ten years.
const maxMinReady = 10 * 365 * 24 * 3600

// minReady is for how long a pod has to be Ready until it counts as available in a
// rollout: as the file says, else the Deployment.
func (b *builder) minReady() error {
	w := b.target.workload
	if w == nil || b.target.hpa.V2.Spec.ScaleTargetRef.Kind != "Deployment" || b.check.doc != nil && b.check.doc.Has("spec.pods.minReady") {
		return nil
	}
	if s := w.MinReadySeconds; s < 0 || s > maxMinReady {
		return yamlpos.Problems{w.Doc.Problem("spec.minReadySeconds", fmt.Sprintf("no pod can have to be Ready for %d seconds", s), "write 0 or more, such as 10")}
	}
	b.out.World.Pods.MinReady = time.Duration(w.MinReadySeconds) * time.Second
	return nil
}

// rolling puts what is said in the place of rules.
func (b *builder) rolling(maxSurge, maxUnavailable *intstr.IntOrString, rules sim.Rolling) sim.Rolling {
	const quarter = 25
	if (rules == sim.Rolling{}) {
		rules = sim.Rolling{MaxSurge: sim.Share{N: quarter, Percent: true}, MaxUnavailable: sim.Share{N: quarter, Percent: true}}
	}
	if s, ok := shareOfPods(maxSurge); ok && maxSurge != nil {
		rules.MaxSurge = s
	}
	if s, ok := shareOfPods(maxUnavailable); ok && maxUnavailable != nil {
		rules.MaxUnavailable = s
	}
	return rules
}

// rollsOut resolves a rollout by the workload's strategy.
func (b *builder) rollsOut(f *fault) error {
	kind := b.target.hpa.V2.Spec.ScaleTargetRef.Kind
	if kind != "Deployment" {
		text := "a " + kind + " does not roll out as a Deployment does, which alone is replayed"
		if f.path == "" {
			return fmt.Errorf("--fault: rollout: %s", text)
		}
		return b.fail(f.path+".rollout", text, "write evictPods, several times")
	}
	f.Rolling = b.out.World.Pods.Rolling
	if f.rollout.MaxSurge != nil || f.rollout.MaxUnavailable != nil {
		f.Rolling = b.rolling(f.rollout.MaxSurge, f.rollout.MaxUnavailable, f.Rolling)
	}
	return nil
}
