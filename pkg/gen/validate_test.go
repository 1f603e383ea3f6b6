package gen

import (
	"strings"
	"testing"
)

const plain = `apiVersion: elasticctl.dev/v1alpha1
kind: ElasticService
metadata: {name: web, namespace: shop}
spec:
  image: web:1
`

// TestValidateNamesTheField refuses one thing at a time. What several at once
// look like with their positions is in testdata/scripts/generate_bad.txtar.
func TestValidateNamesTheField(t *testing.T) {
	tests := []struct{ name, spec, path, hint string }{
		{"a name too long for what is derived", strings.Replace(plain, "web,", strings.Repeat("a", 55)+",", 1), "metadata.name", "use at most 54"},
		{"a namespace in capitals", strings.Replace(plain, "shop", "Shop", 1), "metadata.namespace", "lower-case"},
		{"white space in an image", strings.Replace(plain, "web:1", "web 1", 1), "spec.image", "white space"},
		{"a variable twice", plain + "  env: [{name: A}, {name: A}]\n", "spec.env[1].name", "remove one"},
		{"the Service's own port", plain + "  ports: {metrics: 80}\n", "spec.ports.metrics", "choose another"},
		{"no memory at all", plain + "  resources: {requests: {memory: 0}, limits: {memory: 1Gi}}\n", "spec.resources.requests.memory", "positive"},
		{"half a second", plain + "  shutdown: {preStop: 1500ms}\n", "spec.shutdown.preStop", "whole seconds"},
		{"a grace that is just used up", plain + "  shutdown: {preStop: 10s, timeout: 30s, grace: 40s}\n", "spec.shutdown.grace", "write 45s or more"},
		{"a shutdown of ages", plain + "  shutdown: {timeout: 2562047h}\n", "spec.shutdown.timeout", "24h"},
		{"a pool that cannot fit", plain + "  dependencies: [{name: db, maxConnections: 5, poolSize: 1}]\n", "spec.dependencies[0].poolSize", "pooler"},
		{"a dependency twice", plain + "  dependencies: [{name: db, maxConnections: 500, poolSize: 1}, {name: db, maxConnections: 500, poolSize: 1}]\n", "spec.dependencies[1].name", "a name of its own"},
		{"a CPU target above the limit", plain + "  resources: {requests: {cpu: 1}, limits: {cpu: 1}}\n  scaling: {metrics: [{cpu: 95%}]}\n", "spec.scaling.metrics[0].cpu", "set a target below 91%"},
		{"a rate under its counter's name", plain + "  scaling: {metrics: [{rps: {target: 1, name: http_requests_total}}]}\n", "spec.scaling.metrics[0].rps.name", "differently"},
		{"one name for two rates", plain + "  scaling: {metrics: [{rps: {target: 1}}, {rps: {target: 2}}]}\n", "spec.scaling.metrics[1].rps.name", "another name"},
		{"a query for the adapter", plain + "  scaling: {metrics: [{query: {name: q, promql: up, target: 1}}]}\n", "spec.scaling.metrics[0].query", "metricsVia: keda"},
		{"KEDA's settings without KEDA", plain + "  scaling: {keda: {serverAddress: 'http://p'}}\n", "spec.scaling.keda", "metricsVia: keda"},
		{"cooldown that never applies", plain + "  scaling: {metricsVia: keda, keda: {cooldownPeriod: 60s}}\n", "spec.scaling.keda.cooldownPeriod", "remove it"},
		{"an address without a host", plain + "  scaling: {metricsVia: keda, keda: {serverAddress: prometheus}, metrics: [{rps: {target: 1}}]}\n", "spec.scaling.keda.serverAddress", "http://"},
		{"a resource that KEDA has no trigger for", plain + "  scaling: {metricsVia: keda, metrics: [{type: Resource, resource: {name: ephemeral-storage, target: {type: AverageValue, averageValue: 1Gi}}}]}\n", "spec.scaling.metrics[0].resource.name", "cpu or memory"},
		{"high load at no latency", plain + "  scaling: {highLoad: {latency: 0s}}\n", "spec.scaling.highLoad.latency", "250ms"},
		{"an unknown metricsVia", plain + "  scaling: {metricsVia: prometheus}\n", "spec.scaling.metricsVia", "adapter, keda or none"},
		{"a promise of nothing", plain + "  slo: {}\n", "spec.slo", "availability, latency"},
		{"half a percent of a pod", plain + "  availability: {maxUnavailable: 0.5%}\n", "spec.availability.maxUnavailable", "whole percentage"},
		{"a budget of 0%", plain + "  availability: {maxUnavailable: 0%}\n", "spec.availability.maxUnavailable", "1% to 100%"},
		{"a number in digits without end", plain + "  scaling: {metrics: [{rps: {target: 1e9999999}}]}\n", "spec.scaling.metrics[0].rps.target", "plain number"},
		{"a target beyond counting", plain + "  scaling: {metrics: [{rps: {target: 10P}}]}\n", "spec.scaling.metrics[0].rps.target", "smaller"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			problems := decode(t, tt.spec).Validate()
			if len(problems) != 1 {
				t.Fatalf("problems: %v; want one", problems)
			}
			if p := problems[0]; p.Path != tt.path || !strings.Contains(p.Hint, tt.hint) {
				t.Errorf("got %s; want one at %s with the hint %q", p, tt.path, tt.hint)
			}
		})
	}
}

// TestPoolsAtTheirLimit moves a pool over the edge, one connection at a time.
func TestPoolsAtTheirLimit(t *testing.T) {
	with := func(pool string) *ElasticService {
		return decode(t, plain+"  scaling: {max: 8}\n  dependencies: [{name: db, maxConnections: 100, reserved: 4, poolSize: "+pool+"}]\n")
	}
	for _, tt := range []struct {
		pool            string
		problems, warns int
	}{
		{"9", 0, 0},  // 8 pods and 2 of a rollout: 90 of 96
		{"10", 0, 1}, // 80, with a rollout 100
		{"12", 0, 1}, // 96: just fits
		{"13", 1, 1},
	} {
		s := with(tt.pool)
		if p := s.Validate(); len(p) != tt.problems {
			t.Errorf("pool of %s: %v", tt.pool, p)
		}
		if p := s.Advise(); len(p) != tt.warns {
			t.Errorf("pool of %s: advice %v", tt.pool, p)
		}
	}
}

// TestAdviceIsNotRefusal lists what is unwise.
func TestAdviceIsNotRefusal(t *testing.T) {
	s := parse(t, []byte(plain+"  scaling: {min: 1, max: 3, metrics: [{memory: 70%}, {rps: {target: 5}}]}\n"))
	var paths []string
	for _, p := range s.Advise() {
		paths = append(paths, p.Path)
	}
	want := "spec.scaling.min spec.scaling.metrics[0].memory spec.scaling.metrics[1].rps"
	if got := strings.Join(paths, " "); got != want {
		t.Errorf("advice at %s, want %s", got, want)
	}
}

// TestScaleToZeroNamesTheClusterItNeeds warns for an HPA, not for KEDA.
func TestScaleToZeroNamesTheClusterItNeeds(t *testing.T) {
	for dir, want := range map[string]int{"zero": 0, "zero-hpa": 1} {
		advice := load(t, "../../testdata/gen/"+dir+"/service.yaml").Advise()
		if len(advice) != want {
			t.Errorf("%s: %v", dir, advice)
		}
	}
}

func TestGoMemoryLimitLeavesATenth(t *testing.T) {
	for limit, want := range map[int64]string{
		256 << 20: "230MiB",
		1 << 30:   "921MiB",
		10 << 20:  "9437184B",
		1:         "1B",
	} {
		if got := goMemoryLimit(limit); got != want {
			t.Errorf("goMemoryLimit(%d) = %s, want %s", limit, got, want)
		}
	}
	s := parse(t, []byte(plain+"  env: [{name: GOMEMLIMIT, value: 100MiB}]\n"))
	if env := s.env(); env[0].Value != "100MiB" || env[1].Name == "GOMEMLIMIT" {
		t.Errorf("the user's own variable is not kept: %v", env)
	}
}

func TestDefaultTwiceIsDefaultOnce(t *testing.T) {
	each(t, func(t *testing.T, s *ElasticService, _ written) {
		before, err := s.Files(JSON)
		if err != nil {
			t.Fatal(err)
		}
		s.Default()
		after, err := s.Files(JSON)
		if err != nil {
			t.Fatal(err)
		}
		for i := range before {
			if string(before[i].Data) != string(after[i].Data) {
				t.Errorf("%s changed", before[i].Name)
			}
		}
	})
}

// TestToleranceReachesBothDirections keeps a direction's own tolerance.
func TestToleranceReachesBothDirections(t *testing.T) {
	for text, want := range map[string]string{"5%": "50m", "0.05": "50m", "0.5%": "5m", "0": "0"} {
		s := parse(t, []byte(plain+"  scaling: {tolerance: "+text+", behavior: {scaleDown: {tolerance: 300m}}}\n"))
		b := s.autoscaler().Spec.Behavior
		if got := b.ScaleUp.Tolerance.String(); got != want {
			t.Errorf("%s: scaleUp %s, want %s", text, got, want)
		}
		if got := b.ScaleDown.Tolerance.String(); got != "300m" {
			t.Errorf("%s: scaleDown %s", text, got)
		}
		if s.Spec.Scaling.Behavior.ScaleUp != nil {
			t.Error("the spec was changed")
		}
	}
	if b := parse(t, []byte(plain)).autoscaler().Spec.Behavior; b != nil {
		t.Errorf("behavior %v where none was asked for", b)
	}
}
