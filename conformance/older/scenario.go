package older

import (
	"math/rand/v2"
	"strconv"

	"sigs.k8s.io/yaml"

	"github.com/elasticctl/elasticctl/conformance/random"
)

type object = map[string]any

// Scenario is the random scenario of a seed as Kubernetes 1.minor accepts it:
// that version's gates, on or off by chance, and no minimum of 0 where the gate
// for it is off. Fields that the version does not know are left: its API drops
// them.
func Scenario(seed uint64, syncs, minor int) ([]byte, error) {
	var file object
	if err := yaml.Unmarshal(random.Scenario(seed, syncs), &file); err != nil {
		return nil, err
	}
	r := rand.New(rand.NewPCG(seed, uint64(minor)))
	spec := file["spec"].(object)
	controller := spec["controller"].(object)
	controller["kubernetesVersion"] = "1." + strconv.Itoa(minor)
	gates := object{"HPAScaleToZero": r.IntN(2) == 0}
	if minor >= 33 {
		gates["HPAConfigurableTolerance"] = r.IntN(2) == 0
	}
	controller["featureGates"] = gates
	if gates["HPAScaleToZero"] == false {
		raiseMinimum(spec)
	}
	return yaml.Marshal(file)
}

// raiseMinimum makes every minReplicas of a simulation 1 at least.
func raiseMinimum(spec object) {
	for _, o := range spec["autoscaler"].(object)["objects"].([]any) {
		atLeastOne(o.(object)["spec"].(object))
	}
	faults, _ := spec["faults"].([]any)
	for _, f := range faults {
		if edit, ok := f.(object)["editAutoscaler"].(object); ok {
			atLeastOne(edit)
		}
	}
}

func atLeastOne(hpa object) {
	for _, bound := range []string{"minReplicas", "maxReplicas"} {
		if n, ok := hpa[bound].(float64); ok && n < 1 {
			hpa[bound] = 1
		}
	}
}
