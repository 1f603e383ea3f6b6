package scenario

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

func TestAFaultInOneLineIsThatOfAFile(t *testing.T) {
	for text, want := range map[string]sim.Fault{
		"at=10m,for=5m,metricsUnavailable=resource+external": {Kind: sim.FaultMetricsUnavailable, At: 10 * time.Minute, For: 5 * time.Minute, APIs: sim.APIResource | sim.APIExternal},
		"setReplicas=7,at=1h30m":                             {Kind: sim.FaultSetReplicas, At: 90 * time.Minute, Replicas: 7},
		"at=0s,evictPods=0+2":                                {Kind: sim.FaultEvictPods, Ranks: []int{0, 2}},
		"at=1m,trafficFactor=1.2":                            {Kind: sim.FaultTraffic, At: time.Minute, Factor: 1200},
		"at=1m,rollout=true":                                 {Kind: sim.FaultRollout, At: time.Minute},
		"at=1m,nodeShortage=true,for=10m":                    {Kind: sim.FaultNodeShortage, At: time.Minute, For: 10 * time.Minute},
	} {
		got, err := ParseFault(text)
		if diff := cmp.Diff(want, got.fault.Fault); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", text, err, diff)
		}
	}
}

func TestAMistakeInAFaultInOneLineNamesItsColumn(t *testing.T) {
	for text, want := range map[string]string{
		"":                                  `column 1: "" is no key=value; ` + FaultHint,
		"at=10m,":                           `column 8: "" is no key=value; ` + FaultHint,
		"at=10m,surge":                      `column 8: "surge" is no key=value; ` + FaultHint,
		"at=10m,surge=":                     `column 8: "surge=" is no key=value; ` + FaultHint,
		"at=10m,metricUnavailable=resource": `column 8: unknown field "metricUnavailable"; did you mean "metricsUnavailable"?`,
		"at=10m,surge=two":                  `column 14: surge: expected an integer, found the text "two"`,
		"at=10m,metricsUnavailable=a+cpu":   `column 27: unknown metrics API "a"; write resource (cpu and memory), custom (Pods and Object metrics) or external`,
		"at=10m,metricsReadZero=custom+cpu": `column 31: unknown metrics API "cpu"; write resource (cpu and memory), custom (Pods and Object metrics) or external`,
		"at=soon,surge=2":                   `column 4: "soon" is not a length of time; write a number and a unit, such as 15s, 5m, 1h30m or 7d`,
		"surge=2":                           `column 1: it is not said when it happens; add at: 10m, a time from the start`,
		"at=10m":                            `column 1: nothing is said to happen; add one of metricsUnavailable, podsWithoutMetrics, scaleReadFails, scaleWriteFails, setReplicas, surge, evictPods, podsNotReady, trafficFactor, metricsReadZero, readyFactor, nodeShortage, rollout, editAutoscaler`,
		"at=1m,for=1m,setReplicas=1":        `column 11: what happens at an instant does not last; remove it`,
		"at=1m,surge=1,setReplicas=1":       `column 1: several things are said to happen: setReplicas, surge; make each a fault of its own`,
		"at=1m,at=2m,surge=1":               `column 7: at is given twice; remove one`,
		"at=1m,evictPods=0+x":               `column 19: evictPods[1]: expected an integer, found the text "x"`,
		"at=1m,evictPods=0++1":              `column 17: "0++1" is no value; it has letters, digits, points and minus signs`,
		"at=1m,surge=[1]":                   `column 13: "[1]" is no value; it has letters, digits, points and minus signs`,
		"at=1m,sürge=1":                     `column 7: "sürge" is no name of a field; ` + FaultHint,
		"at=1m,editAutoscaler=x":            `column 7: an edit of the autoscaler does not fit a line; write it in a simulation file's spec.faults`,
		"at=1m,rollout=1":                   `column 15: rollout: must be true, or {maxSurge: 25%, maxUnavailable: 25%} with numbers of pods or percent`,
		"at=1m,nodeShortage=false":          `column 20: a fault that is switched off does nothing; write true, or remove the fault`,
		"at=1m,trafficFactor=1.23456":       `column 21: 1.23456 has more than three decimals; write 1.235`,
	} {
		_, err := ParseFault(text)
		if err == nil || err.Error() != want {
			t.Errorf("%s\n got  %v\n want %s", text, err, want)
		}
	}
}

// FuzzParseFault reads any text: no panic, and what is accepted can be replayed.
func FuzzParseFault(f *testing.F) {
	for _, s := range []string{"at=10m,for=5m,metricsUnavailable=resource", "at=1m,evictPods=0+2", "at=0s,trafficFactor=1.2", "at=1m,editAutoscaler=x", "at=1m,surge=-1", "a=..,=,+"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		h, err := ParseFault(text)
		if err != nil {
			return
		}
		w := sim.World{Faults: []sim.Fault{h.fault.Fault}}
		if f := &w.Faults[0]; f.At < 0 || f.For < 0 || f.Replicas < 0 || f.Factor < 0 || f.Factor > sim.MaxFactor {
			t.Fatalf("%q: %+v", text, f)
		}
	})
}
