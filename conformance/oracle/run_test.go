package oracle

import "testing"

// steady is the smallest world worth replaying: load rises past what the
// bounds allow, then falls.
const steady = `
apiVersion: elasticctl.dev/v1alpha1
kind: Simulation
metadata: {name: steady}
spec:
  duration: 20m
  autoscaler:
    objects:
    - apiVersion: autoscaling/v2
      kind: HorizontalPodAutoscaler
      metadata: {name: web}
      spec:
        scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
        minReplicas: 2
        maxReplicas: 10
        metrics:
        - type: Resource
          resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}
  pods:
    initial: 3
    containers: [{name: app, requests: {cpu: 500m}}]
  demand:
  - metric: {type: Resource, name: cpu, container: app}
    step: 1m
    values: [900, 2000, 3000, 3000, 3000, 3000, 500]
`

func TestTheControllerRunsOnVirtualTime(t *testing.T) {
	s, err := Parse([]byte(steady))
	if err != nil {
		t.Fatal(err)
	}
	ticks := Run(t, s)
	if len(ticks) != 80 {
		t.Fatalf("%d syncs in 20 minutes, want one every 15 s from t=0: 80", len(ticks))
	}
	var path []int32
	for i, tick := range ticks {
		if tick.T != float64(15*i) {
			t.Errorf("sync %d at %v s, want %d", i, tick.T, 15*i)
		}
		if tick.ScaledTo != nil {
			path = append(path, *tick.ScaledTo)
		}
	}
	// Upwards at most double, downwards after the five-minute window.
	if len(path) < 3 || path[0] != 6 || path[len(path)-1] != 2 {
		t.Errorf("scaled to %v, want 6 first and 2 in the end", path)
	}
}
